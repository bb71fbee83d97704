"""Contents of files: runs of bytes that are shared, never copied.

The same bytes may stand in an uploaded tar, in an image, in ten containers made of it and in an export at the
same time. They exist once: in memory when small, else in an anonymous temporary file which disappears with
the last `Content` that looks at it. The rules of the room:

* a `Content` never changes once somebody holds it;
* what can still change is a `Draft`; it hands out `Content`s that its later changes do not touch;
* files are read by position (pread), so that readers in different threads do not disturb each other;
* no other file of the host is opened, and none has a name.
"""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from typing_extensions import Buffer

__all__ = ["Content", "Draft", "Spool"]

MEMORY_LIMIT = 1 << 20
"""Bytes up to which contents that grow stay in memory."""

CHUNK = 1 << 16


class Content:
    """An immutable run of bytes: a window on memory or on an anonymous file."""

    __slots__ = ("_offset", "_source", "size")

    empty: ClassVar[Content]

    def __init__(self, source: bytes | _AnonymousFile, offset: int, size: int) -> None:
        self._source = source
        self._offset = offset
        self.size = size

    @classmethod
    def of(cls, data: bytes) -> Content:
        """The content that consists of `data`, kept in memory."""
        return cls(data, 0, len(data))

    def read(self, offset: int = 0, size: int = -1) -> bytes:
        """At most `size` bytes (-1: all) from `offset`; nothing beyond the end."""
        offset = min(max(offset, 0), self.size)
        rest = self.size - offset
        size = rest if size < 0 else min(size, rest)
        if isinstance(self._source, bytes):
            if size == len(self._source):
                return self._source
            start = self._offset + offset
            return self._source[start : start + size]
        return self._source.read(self._offset + offset, size)

    def chunks(self, size: int = CHUNK) -> Iterator[bytes]:
        """The whole content in pieces of at most `size` bytes."""
        for offset in range(0, self.size, size):
            yield self.read(offset, size)

    def slice(self, offset: int, size: int) -> Content:
        """The part of `size` bytes at `offset`, cut where this content ends, sharing its bytes."""
        offset = min(max(offset, 0), self.size)
        return Content(self._source, self._offset + offset, min(max(size, 0), self.size - offset))

    def open(self) -> io.BufferedReader:
        """A new seekable file object that reads this content."""
        return io.BufferedReader(_ContentReader(self), CHUNK)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Content):
            return NotImplemented
        if self.size != other.size:
            return False
        return all(mine == theirs for mine, theirs in zip(self.chunks(), other.chunks(), strict=True))

    def __repr__(self) -> str:
        return f"<Content of {self.size} bytes>"


Content.empty = Content(b"", 0, 0)


class Spool:
    """Bytes that arrive one after the other and become a `Content`.

    Up to `limit` bytes are kept in memory; more go to an anonymous file.
    """

    def __init__(self, limit: int = MEMORY_LIMIT) -> None:
        self._draft = Draft(limit=limit)

    @property
    def size(self) -> int:
        return self._draft.size

    def write(self, data: bytes) -> int:
        return self._draft.write(self._draft.size, data)

    def finish(self) -> Content:
        """All that was written; the spool is empty afterwards."""
        content = self._draft.content
        self._draft = Draft(limit=self._draft.limit)
        return content


class Draft:
    """Bytes that still change: the content of a file somebody writes to.

    Appending is cheap however often it happens. `content` is what stands there now; what is written
    afterwards does not show in it. An anonymous file may be shared with contents handed out before: their
    bytes are the first `_shared` ones, and before one of those would change the draft moves to a file of its
    own.
    """

    __slots__ = ("_content", "_file", "_memory", "_shared", "limit", "size")

    def __init__(self, start: Content = Content.empty, limit: int = MEMORY_LIMIT) -> None:
        self.limit = limit
        self.size = start.size
        self._memory = bytearray()
        self._file: _AnonymousFile | None = None
        self._shared = 0
        self._content: Content | None = start
        if start.size <= limit:
            self._memory += start.read()
        else:
            self._file = _AnonymousFile.filled(start)

    @property
    def content(self) -> Content:
        """What stands here now."""
        if self._content is None:
            if self._file is None:
                self._content = Content.of(bytes(self._memory))
            else:
                self._content = Content(self._file, 0, self.size)
                self._shared = max(self._shared, self.size)
        return self._content

    def read(self, offset: int = 0, size: int = -1) -> bytes:
        """At most `size` bytes (-1: all) from `offset`."""
        rest = max(self.size - offset, 0)
        size = rest if size < 0 else min(size, rest)
        if self._file is None:
            return bytes(self._memory[offset : offset + size])
        return self._file.read(offset, size)

    def write(self, offset: int, data: bytes) -> int:
        """Put `data` at `offset`, with zeros in a gap before it, and return its length."""
        if not data:
            return 0
        end = offset + len(data)
        if offset > self.size:
            self.truncate(offset)
        self._prepare(offset, end, self.size)
        if self._file is None:
            self._memory[offset:end] = data
        else:
            self._file.write(offset, data)
        self.size = max(self.size, end)
        return len(data)

    def truncate(self, size: int) -> None:
        """Cut to `size` bytes, or fill up with zeros to it."""
        if size == self.size:
            return
        kept = min(size, self.size)
        self._prepare(kept, size, kept)
        if self._file is not None:
            self._file.truncate(size)
        elif size < self.size:
            del self._memory[size:]
        else:
            self._memory += bytes(size - self.size)
        self.size = size

    def _prepare(self, start: int, end: int, kept: int) -> None:
        """Get ready for a change of the bytes from `start` to `end` that keeps the first `kept` ones."""
        if self._file is None:
            if end > self.limit:
                self._file = _AnonymousFile.filled(Content.of(bytes(self._memory)))
                self._memory = bytearray()
                self._shared = 0
        elif start < self._shared:
            self._file = _AnonymousFile.filled(Content(self._file, 0, kept))
            self._shared = 0
        self._content = None


class _AnonymousFile:
    """A temporary file without a name that is closed when nobody refers to it any more."""

    __slots__ = ("_file",)

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - it lives as long as its contents

    @classmethod
    def filled(cls, content: Content) -> _AnonymousFile:
        file = cls()
        offset = 0
        for chunk in content.chunks(1 << 20):
            file.write(offset, chunk)
            offset += len(chunk)
        return file

    def read(self, offset: int, size: int) -> bytes:
        data = os.pread(self._file.fileno(), size, offset)
        if len(data) == size:
            return data
        # The kernel gives at most 2 GiB at a time, and less when a signal arrives.
        parts = [data]
        while data:
            offset += len(data)
            size -= len(data)
            data = os.pread(self._file.fileno(), size, offset)
            parts.append(data)
        return b"".join(parts)

    def write(self, offset: int, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            written = os.pwrite(self._file.fileno(), rest, offset)
            offset += written
            rest = rest[written:]

    def truncate(self, size: int) -> None:
        os.ftruncate(self._file.fileno(), size)

    def __del__(self) -> None:
        # A file object that dies open warns; this one is meant to.
        file = getattr(self, "_file", None)
        if file is not None:
            file.close()


class _ContentReader(io.RawIOBase):
    def __init__(self, content: Content) -> None:
        super().__init__()
        self._content = content
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer, /) -> int:
        view = memoryview(buffer)
        data = self._content.read(self._position, len(view))
        view[: len(data)] = data
        self._position += len(data)
        return len(data)

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._content.size}[whence]
        if base + offset < 0:
            raise ValueError(f"negative seek position {base + offset}")
        self._position = base + offset
        return self._position

    def tell(self) -> int:
        return self._position
