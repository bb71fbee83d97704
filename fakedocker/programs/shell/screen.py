"""The line an interactive shell edits, as it stands on the terminal.

The shell does not know the screen; it knows where it left the cursor and moves it from there. What is written is byte
for byte what busybox 1.35 writes (asked of a real one on a pty), so that a recorded session reads the same.
"""

from __future__ import annotations

import re
from typing import Final

#: The width of a terminal that does not tell it (docker's is 0 by 0 until a client resizes it), or nothing that can be.
DEFAULT_WIDTH: Final = 80
NARROWEST: Final = 2
CLEAR_TO_END, CLEAR = b"\x1b[J", b"\x1b[H\x1b[J"
#: Asks the terminal where its cursor is.
WHERE_IS_THE_CURSOR: Final = b"\x1b[6n"
BELL = b"\a"
#: Up to so many columns the cursor goes back by backspaces.
FEW = 4
#: What takes no room in a prompt: what stands between `\\[` and `\\]` (here 1 and 2), and escape sequences.
UNSEEN = re.compile(rb"\x01[^\x02]*\x02|\x1b\[[0-9;]*[A-Za-z]")


class Screen:
    """A prompt and a line behind it; `shown` is what is still to be written to the terminal."""

    def __init__(self, prompt: bytes, width: int) -> None:
        self.width = width if width >= NARROWEST else DEFAULT_WIDTH
        self.shown = bytearray()
        self.line = bytearray()
        #: Where in the line the cursor is.
        self.cursor = 0
        last = prompt[prompt.rfind(b"\n") + 1 :]
        self._room = len(UNSEEN.sub(b"", last))
        self._prompt = last.translate(None, b"\1\2")
        self._column = self._row = 0
        self.shown += prompt[: len(prompt) - len(last)].translate(None, b"\1\2")
        self._show_prompt()

    def take(self) -> bytes:
        """Return what is to be written now."""
        shown = bytes(self.shown)
        self.shown.clear()
        return shown

    def _show_prompt(self) -> None:
        self.shown += self._prompt
        self.cursor = 0
        self._row, self._column = divmod(self._room, self.width)

    # -- the cursor ---------------------------------------------------------------

    def forward(self) -> None:
        """Go over the next character by writing it once more."""
        if self.cursor == len(self.line):
            return
        self.shown.append(self.line[self.cursor])
        self.cursor += 1
        self._column += 1
        if self._column >= self.width:  # not every terminal goes to the next line by itself
            self._column = 0
            self._row += 1
            self.shown += b"\r\n"

    def to_end(self) -> None:
        """Go to the end of the line."""
        while self.cursor < len(self.line):
            self.forward()

    def back(self, count: int = 1) -> None:
        """Go back."""
        count = min(count, self.cursor)
        if not count:
            return
        self.cursor -= count
        if self._column >= count:
            self._column -= count
            self.shown += b"\b" * count if count <= FEW else b"\x1b[%dD" % count
            return
        count -= self._column
        rows = -(-count // self.width)
        self._row -= rows
        self._column = rows * self.width - count
        self.shown += b"\r\x1b[%dA" % rows
        if self._column:
            self.shown += b"\x1b[%dC" % self._column

    # -- the line -----------------------------------------------------------------

    def insert(self, text: bytes) -> None:
        """Put text where the cursor is."""
        place = self.cursor + len(text)
        self.line[self.cursor : self.cursor] = text
        self.to_end()
        self.back(self.cursor - place)

    def delete(self) -> None:
        """Take away the character at the cursor."""
        if self.cursor == len(self.line):
            return
        place = self.cursor
        del self.line[place]
        self.to_end()
        self.shown += CLEAR_TO_END
        self.back(self.cursor - place)

    def cut(self) -> None:
        """Take away what is behind the cursor."""
        del self.line[self.cursor :]
        self.shown += CLEAR_TO_END

    def replace(self, line: bytes, cursor: int) -> None:
        """Show another line with the cursor at a place in it."""
        self.line[:] = line
        self.redraw(cursor)

    def redraw(self, cursor: int) -> None:
        """Write prompt and line anew over what is there."""
        if self._row:
            self.shown += b"\x1b[%dA" % self._row
        self.redraw_here(cursor)

    def redraw_here(self, cursor: int) -> None:
        """Write prompt and line anew in the row of the cursor."""
        self.shown += b"\r"
        self._show_prompt()
        self.to_end()
        self.shown += CLEAR_TO_END
        self.back(self.cursor - cursor)

    def clear(self) -> None:
        """Leave nothing but this line on the screen."""
        self.shown += CLEAR
        self.redraw_here(self.cursor)

    def leave(self) -> None:
        """Go to the line below."""
        self.to_end()
        if self._column or self.cursor == 0:
            self.shown += b"\n"
        self._column = self._row = 0
