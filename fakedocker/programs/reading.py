"""Input in lines, as fast as it comes: what was read is worked on before more is asked for."""

from __future__ import annotations

import errno
import os

from fakedocker.engine.processes.effects import Program
from fakedocker.engine.processes.processes import Process

#: A longer line is taken in parts.
LONGEST_LINE = 4 << 20
#: The most that a program which must see everything first (sort, tac) takes.
MOST = 64 << 20


class Reader:
    """Reads lines from a descriptor."""

    def __init__(self, process: Process, fd: int) -> None:
        self._process = process
        self._fd = fd
        self._rest = b""
        self._at_end = False

    def lines(self) -> Program[list[bytes] | None]:
        """Return the next lines with their newlines (the last may have none), None at the end."""
        while not self._at_end:
            chunk = yield from self._process.read(self._fd)
            if not chunk:
                self._at_end = True
                break
            text = self._rest + chunk
            end = text.rfind(b"\n") + 1
            if not end and len(text) > LONGEST_LINE:
                end = len(text)
            self._rest = text[end:]
            if end:
                return _split(text[:end])
        rest, self._rest = self._rest, b""
        return [rest] if rest else None

    def everything(self) -> Program[bytes]:
        """Return all input. Raises OSError (ENOMEM) when that is too much."""
        chunks: list[bytes] = []
        size = 0
        while chunk := (yield from self._process.read(self._fd)):
            size += len(chunk)
            if size > MOST:
                raise OSError(errno.ENOMEM, os.strerror(errno.ENOMEM))
            self._process.allocate(len(chunk))
            chunks.append(chunk)
        return b"".join(chunks)


def _split(text: bytes) -> list[bytes]:
    """Divide at newlines only."""
    lines = [line + b"\n" for line in text.split(b"\n")]
    last = lines.pop()[:-1]
    return [*lines, last] if last else lines


def split_lines(text: bytes) -> list[bytes]:
    """Return the lines of a text without their newlines."""
    lines = text.split(b"\n")
    if lines[-1] == b"":
        lines.pop()
    return lines
