"""The terminal of a container: the line discipline of a tty in cooked mode.

What is typed is echoed, edited (backspace, ctrl-U, ctrl-W) and given to the program a line at a time; ctrl-C,
ctrl-\\ and ctrl-D mean what they mean; `\\n` leaves as `\\r\\n`. In raw mode bytes pass as they are.
Facts: termios(3), defaults of Linux `stty sane`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from fakedocker.engine.descriptors import Descriptor
from fakedocker.engine.effects import Signal

INTERRUPT, END, BACKSPACE, KILL_LINE, KILL_WORD, QUIT, DELETE = 0x03, 0x04, 0x08, 0x15, 0x17, 0x1C, 0x7F
#: The line being edited holds at most this many bytes (MAX_CANON of Linux is 4096 with the newline).
LONGEST_LINE = 4095
ROOM = 65536


class Terminal(Descriptor):
    """Both directions of a tty: programs read and write it, a client types into it and sees its output."""

    is_terminal = True

    def __init__(self, show: Callable[[bytes], None], signal: Callable[[Signal], None]) -> None:
        super().__init__()
        self._show = show
        self._signal = signal
        self._line = bytearray()
        self._typed: deque[bytes] = deque()
        self._waiting = 0
        self.rows, self.columns = 0, 0
        self.raw = False
        self.echo = True
        self.hung_up = False
        #: The process group that keys such as ctrl-C are meant for.
        self.foreground = 1

    def resize(self, rows: int, columns: int) -> None:
        """Change the window's size and tell the foreground processes."""
        self.rows, self.columns = rows, columns
        self._signal(Signal.WINCH)

    @property
    def room(self) -> int:
        """How many typed bytes are taken before a program has to read."""
        return max(0, ROOM - self._waiting - len(self._typed) - len(self._line))

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
        self._show(data if self.raw else data.replace(b"\n", b"\r\n"))
        return len(data)

    def type(self, data: bytes) -> None:
        """Take what a client typed."""
        if self.raw:
            self._give(data)
            return
        echo = bytearray()
        for byte in data:
            self._type_byte(byte, echo)
        if self.echo and echo:
            self._show(bytes(echo))
        self.ready.notify()

    def _type_byte(self, byte: int, echo: bytearray) -> None:
        if byte in (INTERRUPT, QUIT):
            echo += b"^C" if byte == INTERRUPT else b"^\\"
            self._line.clear()
            self._typed.clear()  # typed ahead for what is interrupted now (termios(3), NOFLSH)
            self._waiting = 0
            self._signal(Signal.INT if byte == INTERRUPT else Signal.QUIT)
        elif byte == END:
            self._give(bytes(self._line))
            self._line.clear()
        elif byte in (BACKSPACE, DELETE):
            if self._line:
                self._line.pop()
                echo += b"\b \b"
        elif byte == KILL_LINE:
            echo += b"\b \b" * len(self._line)
            self._line.clear()
        elif byte == KILL_WORD:
            kept = len(self._line.rstrip(b" \t").rpartition(b" ")[0])
            kept += bool(kept)  # the blank before the word stays
            echo += b"\b \b" * (len(self._line) - kept)
            del self._line[kept:]
        elif byte in b"\r\n":
            self._line += b"\n"
            echo += b"\r\n"
            self._give(bytes(self._line))
            self._line.clear()
        elif len(self._line) < LONGEST_LINE:
            self._line.append(byte)
            echo += bytes([byte]) if byte >= 0x20 or byte == 0x09 else bytes([0x5E, byte + 0x40])

    def _give(self, data: bytes) -> None:
        """Let the program read `data` at once; b"" is an end that a later read goes beyond."""
        self._typed.append(data)
        self._waiting += len(data)
        self.ready.notify()

    def hang_up(self) -> None:
        """Nobody will type any more: reads end."""
        self.hung_up = True
        self.ready.notify()
