"""What a file descriptor of a simulated process can be: a pipe, a file, the null device, a container's output.

Descriptors are shared between processes and counted: a pipe's reader sees the end when the last writer has
let go. Reading and writing never block here; "not now" is an answer, and a `Watch` tells when to ask again.
"""

from __future__ import annotations

import errno
import os
from collections import deque
from collections.abc import Callable
from typing import Protocol

from fakedocker.engine.watch import Watch

PIPE_SIZE = 65536


class OpenFile(Protocol):
    """An open file of the container's tree (see `fakedocker.engine.files.files`)."""

    def read(self, size: int = -1) -> bytes: ...
    def write(self, data: bytes) -> int: ...


class Descriptor:
    """The behaviour all descriptors share; by itself it can neither be read nor written."""

    is_terminal = False

    def __init__(self) -> None:
        self.holders = 0
        #: Notified when reading or writing may succeed where it did not before.
        self.ready = Watch()

    def hold(self) -> Descriptor:
        """Count one more holder."""
        self.holders += 1
        return self

    def release(self) -> None:
        """Count one holder less; the last one closes."""
        self.holders -= 1
        if self.holders == 0:
            self.close()

    def close(self) -> None:
        """Let go of whatever stands behind the descriptor."""

    def read(self, size: int) -> bytes | None:
        """Return at most `size` bytes, b"" at the end, None when there is nothing yet."""
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))

    def write(self, data: bytes) -> int:
        """Take as many bytes as there is room for and return how many. Raises BrokenPipeError."""
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))


class Null(Descriptor):
    """/dev/null: always at its end, takes everything."""

    def read(self, size: int) -> bytes | None:
        return b""

    def write(self, data: bytes) -> int:
        return len(data)


class FileDescriptor(Descriptor):
    """An open file of the container."""

    def __init__(self, file: OpenFile) -> None:
        super().__init__()
        self.file = file

    def read(self, size: int) -> bytes | None:
        return self.file.read(size)

    def write(self, data: bytes) -> int:
        return self.file.write(data)


class Sink(Descriptor):
    """Where everything written goes to a function: a container's output."""

    def __init__(self, take: Callable[[bytes], None]) -> None:
        super().__init__()
        self._take = take

    def write(self, data: bytes) -> int:
        self._take(bytes(data))
        return len(data)


class Pipe:
    """A pipe of 64 KiB with its two ends."""

    def __init__(self, size: int = PIPE_SIZE) -> None:
        self.size = size
        self._chunks: deque[bytes] = deque()
        self._filled = 0
        #: How much of the first chunk was taken already.
        self._taken = 0
        self.reader = ReadEnd(self)
        self.writer = WriteEnd(self)
        self.reader_gone = False
        self.writer_gone = False

    @property
    def room(self) -> int:
        """How many bytes can be written at once; when nobody reads any more, writing fails at once."""
        return self.size if self.reader_gone else self.size - self._filled

    def take(self, size: int) -> bytes | None:
        """Remove and return at most `size` bytes; b"" when no writer is left, None when it is only empty."""
        if not self._chunks:
            return b"" if self.writer_gone else None
        first = self._chunks[0]
        chunk = first[self._taken : self._taken + size]
        self._taken += len(chunk)
        self._filled -= len(chunk)
        if self._taken == len(first):
            self._chunks.popleft()
            self._taken = 0
        self.writer.ready.notify()
        return chunk

    def put(self, data: bytes) -> int:
        """Add what fits and return its length. Raises BrokenPipeError when nobody can read it."""
        if self.reader_gone:
            raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))
        data = data[: self.room]
        if data:
            self._chunks.append(bytes(data))
            self._filled += len(data)
            self.reader.ready.notify()
        return len(data)


class ReadEnd(Descriptor):
    """The end of a pipe from which one reads."""

    def __init__(self, pipe: Pipe) -> None:
        super().__init__()
        self._pipe = pipe

    def read(self, size: int) -> bytes | None:
        return self._pipe.take(size)

    def close(self) -> None:
        self._pipe.reader_gone = True
        self._pipe.writer.ready.notify()


class WriteEnd(Descriptor):
    """The end of a pipe into which one writes."""

    def __init__(self, pipe: Pipe) -> None:
        super().__init__()
        self._pipe = pipe

    @property
    def room(self) -> int:
        """How many bytes can be written at once."""
        return self._pipe.room

    def write(self, data: bytes) -> int:
        return self._pipe.put(data)

    def close(self) -> None:
        self._pipe.writer_gone = True
        self._pipe.reader.ready.notify()
