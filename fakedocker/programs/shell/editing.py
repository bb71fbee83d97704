"""The lines of an interactive shell, edited key by key.

While it reads a line the shell has the terminal for itself: nothing is echoed that it does not write. Which keys do
what, and what is then written, is busybox's (1.35, as Debian and the images of the hub build it, without its vi mode).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from fakedocker.engine.processes.effects import Disposition, Interrupted, Program, Signal
from fakedocker.engine.processes.processes import Process
from fakedocker.engine.processes.terminal import KEY_BY_KEY, Terminal
from fakedocker.programs.shell.completion import Completion
from fakedocker.programs.shell.screen import BELL, WHERE_IS_THE_CURSOR, Screen

#: The longest line, in bytes (what is typed beyond it is not taken).
LONGEST: Final = 1023
#: How many lines are remembered.
MOST_LINES: Final = 255
#: Keys that come as several bytes, the escape before them left out (xterm, vt100, linux console).
SEQUENCES: Final = {
    b"OA": "up",
    b"OB": "down",
    b"OC": "right",
    b"OD": "left",
    b"OH": "home",
    b"OF": "end",
    b"[A": "up",
    b"[B": "down",
    b"[C": "right",
    b"[D": "left",
    b"[H": "home",
    b"[F": "end",
    b"[1~": "home",
    b"[2~": "",
    b"[3~": "delete",
    b"[4~": "end",
    b"[5~": "",
    b"[6~": "",
    b"[7~": "home",
    b"[8~": "end",
    b"[1;5C": "word right",
    b"[1;5D": "word left",
    b"[1;3C": "word right",
    b"[1;3D": "word left",
    b"f": "word right",
    b"b": "word left",
    b"d": "delete word",
    b"\x7f": "rub out word",
    b"\b": "rub out word",
}
KEYS: Final = {
    0x01: "home",
    0x02: "left",
    0x03: "interrupt",
    0x04: "end of input",
    0x05: "end",
    0x06: "right",
    0x08: "rub out",
    0x09: "complete",
    0x0A: "return",
    0x0B: "cut",
    0x0C: "clear",
    0x0D: "return",
    0x0E: "down",
    0x10: "previous",
    0x15: "cut before",
    0x17: "rub out to blank",
    0x7F: "rub out",
}
ESCAPE: Final = 0x1B
#: The longest sequence, and how long its next byte may take to come, in seconds.
LONGEST_SEQUENCE, NEXT_BYTE = 15, 0.05
#: The terminal's answer to the question where its cursor is.
CURSOR_IS_AT = re.compile(rb"\[\d+;\d+R")
PUNCTUATION = frozenset(b"!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~ ")
BLANKS = frozenset(b" \t\n\v\f\r")


@dataclass(frozen=True, slots=True)
class Interrupt:
    """ctrl-C was typed: there is no line."""


class History:
    """The lines that were typed; what is changed while one looks at it stays changed."""

    def __init__(self) -> None:
        self._lines: list[bytes] = []
        self._at = 0
        #: What was typed before one looked back; it stays until another line is remembered.
        self._new = b""

    def begin(self) -> None:
        """Be behind the newest line."""
        self._at = len(self._lines)

    def add(self, line: bytes) -> None:
        """Remember a line, unless it is the last one once more."""
        if line and self._lines[-1:] != [line]:
            self._lines = [*self._lines[1 - MOST_LINES :], line]
            self._new = b""

    def move(self, step: int, current: bytes) -> bytes | None:
        """Return the line before or after the present one, None if there is none."""
        at = self._at + step
        if not 0 <= at <= len(self._lines):
            return None
        if current:
            if self._at == len(self._lines):
                self._new = current
            else:
                self._lines[self._at] = current
        self._at = at
        return self._new if at == len(self._lines) else self._lines[at]


class LineEditor:
    """Reads lines from a terminal. `complete` finds what a tabulator may complete."""

    def __init__(self, process: Process, terminal: Terminal, complete: Callable[[bytes], Completion | None]) -> None:
        self._process = process
        self._terminal = terminal
        self._complete = complete
        self._history = History()
        self._screen = Screen(b"", 0)
        self._tabs = 0
        #: Bytes of a sequence that turned out to be none.
        self._left = b""

    def read(self, prompt: bytes) -> Program[bytes | Interrupt]:
        """Let a line be typed; return it with its newline, b"" at the end of the input. Raises Interrupted (INT)."""
        process, terminal = self._process, self._terminal
        before, watched = terminal.modes, process.dispositions.get(Signal.WINCH)
        terminal.modes = KEY_BY_KEY
        process.catch(Signal.WINCH)
        self._history.begin()
        self._tabs = 0
        self._screen = screen = Screen(prompt, terminal.columns)
        if terminal.is_waited_for:
            screen.shown += WHERE_IS_THE_CURSOR
        try:
            return (yield from self._line())
        finally:
            terminal.modes = before
            if watched is None:
                process.dispositions.pop(Signal.WINCH, None)
            else:
                process.dispositions[Signal.WINCH] = watched or Disposition.DEFAULT

    def _line(self) -> Program[bytes | Interrupt]:
        screen = self._screen
        while True:
            key = yield from self._key()
            if key is None:
                return b""
            self._tabs = self._tabs + 1 if key == "complete" else 0
            match key:
                case "return":
                    screen.leave()
                    yield from self._show()
                    self._history.add(bytes(screen.line))
                    return bytes(screen.line) + b"\n"
                case "interrupt":
                    screen.shown += b"^C"
                    yield from self._show()
                    return Interrupt()
                case "end of input" if not screen.line:
                    return b""
                case _:
                    self._do(key)

    def _do(self, key: str | int) -> None:
        """Do what a key means for the line."""
        screen = self._screen
        match key:
            case int():
                if len(screen.line) < LONGEST:
                    screen.insert(bytes([key]))
            case "left":
                screen.back()
            case "right":
                screen.forward()
            case "home":
                screen.back(screen.cursor)
            case "end":
                screen.to_end()
            case "word left":
                self._word_left()
            case "word right":
                self._word_right()
            case "rub out":
                self._rub_out()
            case "delete" | "end of input":
                screen.delete()
            case "rub out to blank":
                while screen.cursor and screen.line[screen.cursor - 1] in BLANKS:
                    self._rub_out()
                while screen.cursor and screen.line[screen.cursor - 1] not in BLANKS:
                    self._rub_out()
            case "rub out word":
                place = screen.cursor
                self._word_left()
                self._delete(place - screen.cursor)
            case "delete word":
                place = screen.cursor
                self._word_right()
                count = screen.cursor - place
                screen.back(count)
                self._delete(count)
            case "cut":
                screen.cut()
            case "cut before" if screen.cursor:
                screen.replace(bytes(screen.line[screen.cursor :]), 0)
            case "clear":
                screen.clear()
            case "up" | "previous":
                self._look_back(-1, BELL * 2 if key == "up" else BELL)
            case "down":
                self._look_back(1, BELL)
            case "complete":
                self._completed()

    def _rub_out(self) -> None:
        if self._screen.cursor:
            self._screen.back()
            self._screen.delete()

    def _delete(self, count: int) -> None:
        for _ in range(count):
            self._screen.delete()

    def _word_left(self) -> None:
        screen = self._screen
        screen.back()
        while screen.cursor and screen.line[screen.cursor] in PUNCTUATION:
            screen.back()
        while screen.cursor and screen.line[screen.cursor - 1] not in PUNCTUATION:
            screen.back()

    def _word_right(self) -> None:
        screen = self._screen
        while screen.cursor < len(screen.line) and screen.line[screen.cursor] in PUNCTUATION:
            screen.forward()
        while screen.cursor < len(screen.line) and screen.line[screen.cursor] not in PUNCTUATION:
            screen.forward()

    def _look_back(self, step: int, bells: bytes) -> None:
        line = self._history.move(step, bytes(self._screen.line))
        if line is None:
            self._screen.shown += bells
        else:
            self._screen.replace(line, len(line))

    def _completed(self) -> None:
        """Complete the word before the cursor; at the second tabulator show what it may become."""
        screen = self._screen
        found = self._complete(bytes(screen.line[: screen.cursor]))
        if self._tabs > 1:
            if found is not None:
                place = screen.cursor
                screen.leave()
                screen.shown += found.table(screen.width)
                screen.redraw_here(place)
            self._tabs = 1
            return
        if found is None or not found.is_single:
            screen.shown += BELL
            if found is None or not found.begins:
                return
        else:
            self._tabs = 0
        place = screen.cursor + len(found.rest)
        if len(screen.line) + len(found.rest) <= LONGEST:
            line = screen.line
            screen.replace(bytes(line[: screen.cursor] + found.rest + line[screen.cursor :]), place)

    # -- keys ---------------------------------------------------------------------

    def _show(self) -> Program[None]:
        shown = self._screen.take()
        if shown:
            try:
                yield from self._process.write(1, shown)
            except OSError:
                pass  # the standard output is closed: nobody sees what is typed

    def _key(self) -> Program[str | int | None]:
        """Wait for a key: what it means, the byte to insert, or None when nobody will type any more."""
        while True:
            if self._left:
                byte, self._left = self._left[0], self._left[1:]
            else:
                typed = yield from self._byte()
                if not typed:
                    return None
                byte = typed[0]
            if byte == ESCAPE:
                meaning = yield from self._sequence()
                if meaning:
                    return meaning
            elif byte in KEYS:
                return KEYS[byte]
            elif byte >= 0x20:
                return byte

    def _byte(self) -> Program[bytes]:
        """Wait for a byte; what comes after it is left to whoever reads next."""
        yield from self._show()
        while True:
            try:
                return (yield from self._process.read(0, 1))
            except Interrupted as interrupted:
                if interrupted.signal == Signal.INT:
                    raise
                if interrupted.signal == Signal.WINCH:
                    self._process.pending.remove(Signal.WINCH)
                    yield from self._resized()
            # any other signal has its turn when the line is complete

    def _resized(self) -> Program[None]:
        width = self._terminal.columns
        if width and width != self._screen.width:
            self._screen.width = width
            self._screen.redraw(self._screen.cursor)
            yield from self._show()

    def _sequence(self) -> Program[str]:
        """Read what an escape begins; "" if it means nothing."""
        sequence = b""
        while len(sequence) < LONGEST_SEQUENCE:
            if self._terminal.is_waited_for:
                yield from self._show()
                yield from self._process.sleep(NEXT_BYTE)
                if self._terminal.is_waited_for:
                    break
            sequence += yield from self._byte()
            if self._terminal.hung_up or sequence in SEQUENCES or CURSOR_IS_AT.fullmatch(sequence):
                return SEQUENCES.get(sequence, "")
        if len(sequence) == 1:  # a key with alt that means nothing: the key alone does
            self._left = sequence
        return ""
