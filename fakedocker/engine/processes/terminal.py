"""The terminal of a container: the line discipline of a tty.

In canonical mode what is typed is echoed, edited (backspace, ctrl-U, ctrl-W) and given to the program a line at a
time; ctrl-C, ctrl-\\ and ctrl-D mean what they mean; `\\n` leaves as `\\r\\n`. Each of that can be switched off; a
shell that edits its lines itself does, as long as it reads one.
Facts: termios(3), defaults of Linux `stty sane`, Linux drivers/tty/n_tty.c (what becomes of what is typed ahead).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from fakedocker.engine.processes.descriptors import Descriptor
from fakedocker.engine.processes.effects import Signal

INTERRUPT, END, BACKSPACE, KILL_LINE, KILL_WORD, QUIT, DELETE = 0x03, 0x04, 0x08, 0x15, 0x17, 0x1C, 0x7F
#: The line being edited holds at most this many bytes (MAX_CANON of Linux is 4096 with the newline).
LONGEST_LINE = 4095
ROOM = 65536
#: What the terminal of a container was called in the days of LXC.
CONSOLE: Final = "/dev/console"


@dataclass(frozen=True, slots=True)
class Modes:
    """What the terminal does by itself (the flags of termios in brackets)."""

    #: Input is edited here and comes by the line (ICANON).
    canonical: bool = True
    #: What is typed is shown (ECHO).
    echo: bool = True
    #: ctrl-C and ctrl-\\ send signals (ISIG).
    signals: bool = True
    #: A typed return is a newline, and a shown newline a return, too (ICRNL, ONLCR).
    newlines: bool = True


COOKED: Final = Modes()
#: For a program that edits lines itself: every key comes as it is, and nothing is shown (busybox libbb/lineedit.c).
KEY_BY_KEY: Final = Modes(canonical=False, echo=False, signals=False)


class Terminal(Descriptor):
    """Both directions of a tty: programs read and write it, a client types into it and sees its output."""

    is_terminal = True

    def __init__(self, show: Callable[[bytes], None], signal: Callable[[Signal], None], name: str = CONSOLE) -> None:
        super().__init__()
        #: The path by which programs know it.
        self.name = name
        self._show = show
        self._signal = signal
        self._line = bytearray()
        self._typed: deque[bytes] = deque()
        self._waiting = 0
        self._modes = COOKED
        self.rows, self.columns = 0, 0
        self.hung_up = False
        #: The process group that keys such as ctrl-C are meant for.
        self.foreground = 1

    # -- modes ------------------------------------------------------------------

    @property
    def modes(self) -> Modes:
        return self._modes

    @modes.setter
    def modes(self, modes: Modes) -> None:
        """Change what the terminal does; nothing that was typed is lost."""
        before, self._modes = self._modes, modes
        if before.canonical == modes.canonical:
            return
        if not modes.canonical and self._line:  # nobody will end that line any more
            self._give(bytes(self._line))
            self._line.clear()
        if self._typed:  # ends that were typed ahead mean nothing any more; the rest is one piece
            rest = b"".join(self._typed)
            self._typed = deque([rest] if rest else [])

    @property
    def raw(self) -> bool:
        """Whether bytes pass as they are; to be set as by `stty raw` and `stty -raw`."""
        return not self._modes.canonical

    @raw.setter
    def raw(self, raw: bool) -> None:
        self.modes = replace(self._modes, canonical=not raw, signals=not raw, newlines=not raw)

    @property
    def echo(self) -> bool:
        """Whether what is typed is shown."""
        return self._modes.echo

    @echo.setter
    def echo(self, echo: bool) -> None:
        self.modes = replace(self._modes, echo=echo)

    def resize(self, rows: int, columns: int) -> None:
        """Change the window's size and tell the foreground processes if it is another one."""
        if (rows, columns) != (self.rows, self.columns):
            self.rows, self.columns = rows, columns
            self._signal(Signal.WINCH)

    # -- the program's side -----------------------------------------------------

    @property
    def room(self) -> int:
        """How many typed bytes are taken before a program has to read."""
        return max(0, ROOM - self._waiting - len(self._typed) - len(self._line))

    @property
    def is_waited_for(self) -> bool:
        """Whether a read would have to wait."""
        return not self._typed and not self.hung_up

    def read(self, size: int) -> bytes | None:
        if not self._typed:
            return b"" if self.hung_up else None
        full = not self.room
        line = self._typed.popleft()
        if len(line) > size:
            self._typed.appendleft(line[size:])
            line = line[:size]
        self._waiting -= len(line)
        if full:
            self.ready.notify()  # whoever types waits for this
        return line

    def write(self, data: bytes) -> int:
        self._show(data.replace(b"\n", b"\r\n") if self._modes.newlines else data)
        return len(data)

    # -- the client's side ------------------------------------------------------

    def type(self, data: bytes) -> None:
        """Take what a client typed."""
        if not (self._modes.canonical or self._modes.signals):
            self._give(data.replace(b"\r", b"\n") if self._modes.newlines else data)
            return
        echo = bytearray()
        for byte in data:
            self._type_byte(byte, echo)
        if self._modes.echo and echo:
            self._show(bytes(echo))
        self.ready.notify()

    def _type_byte(self, byte: int, echo: bytearray) -> None:
        if byte == 0x0D and self._modes.newlines:
            byte = 0x0A
        if self._modes.signals and byte in (INTERRUPT, QUIT):
            echo += b"^C" if byte == INTERRUPT else b"^\\"
            self._line.clear()
            self._typed.clear()  # typed ahead for what is interrupted now (termios(3), NOFLSH)
            self._waiting = 0
            self._signal(Signal.INT if byte == INTERRUPT else Signal.QUIT)
        elif not self._modes.canonical:
            echo += _echo(byte)
            self._give(bytes([byte]))
        elif byte == END:
            self._give(bytes(self._line))
            self._line.clear()
        elif byte in (BACKSPACE, DELETE):
            self._erase(len(self._line) - 1, echo)
        elif byte == KILL_LINE:
            self._erase(0, echo)
        elif byte == KILL_WORD:
            self._erase(_start_of_word(self._line), echo)
        elif byte == 0x0A:
            self._line += b"\n"
            echo += b"\r\n"
            self._give(bytes(self._line))
            self._line.clear()
        elif len(self._line) < LONGEST_LINE:
            self._line.append(byte)
            echo += _echo(byte)

    def _erase(self, kept: int, echo: bytearray) -> None:
        """Take the line back to its first `kept` bytes, also from the screen."""
        while len(self._line) > max(kept, 0):
            echo += b"\b \b" * len(_echo(self._line.pop()))

    def _give(self, data: bytes) -> None:
        """Let the program read `data` at once; b"" is an end that a later read goes beyond."""
        self._typed.append(data)
        self._waiting += len(data)
        self.ready.notify()

    def hang_up(self) -> None:
        """Nobody will type any more: reads end."""
        self.hung_up = True
        self.ready.notify()


def _echo(byte: int) -> bytes:
    """Return what is shown of a typed byte."""
    if byte == 0x0A:
        return b"\r\n"
    return bytes([byte]) if (byte >= 0x20 and byte != DELETE) or byte == 0x09 else bytes([0x5E, byte ^ 0x40])


def _start_of_word(line: bytearray) -> int:
    """Return where the last word of a line begins: letters, digits and underscores, and whatever stands behind it."""
    start = len(line)
    while start and not _in_word(line[start - 1]):
        start -= 1
    while start and _in_word(line[start - 1]):
        start -= 1
    return start


def _in_word(byte: int) -> bool:
    return byte >= 0x80 or chr(byte).isalnum() or byte == 0x5F
