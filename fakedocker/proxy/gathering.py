"""A body as it passes by: small ones are kept, large archives go to a file beside the cassette as they pass.

What a person can read (text, JSON, logs) is never written to such a file from here, since it has to be cleared of
secrets first: it is kept up to `READABLE_LIMIT` and cut there, with a note. Archives and other bytes are written as
they are.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from fakedocker.cassettes.bodies import StreamReader, begins_readable, body_of, json_of, kind_of
from fakedocker.cassettes.model import Body, Empty

#: Bytes above which an archive goes to a file of its own, and above which text is cut.
BINARY_LIMIT = 64 << 10
READABLE_LIMIT = 8 << 20

_LOOK = 512  # bytes after which it is clear what a body is made of


class SideFile(Protocol):
    """A file beside the cassette that is being written."""

    def write(self, data: bytes, /) -> object: ...
    def close(self) -> Body: ...


MakeSideFile = Callable[[str], SideFile]
"""Begins a file beside the cassette, for a body of this media type."""


class Gathering:
    """The body of one message; `content_type` is what its head said."""

    def __init__(self, side_file: MakeSideFile, content_type: str = "") -> None:
        self.content_type = content_type
        self._side_file = side_file
        self._pieces: list[tuple[float, bytearray]] = []
        self._file: SideFile | None = None
        self._cut = False
        self.size = 0

    def add(self, time: float, data: bytes, begins: bool) -> None:
        """Take bytes; `begins`: they do not belong to the same chunk as the last ones."""
        self.size += len(data)
        if self._file is not None:
            self._file.write(data)
            return
        if self._cut:
            return
        if begins or not self._pieces:
            self._pieces.append((time, bytearray(data)))
        else:
            self._pieces[-1][1].extend(data)
        if self.size > BINARY_LIMIT and self._is_binary():
            self._file = self._side_file(self.content_type)
            for _, piece in self._pieces:
                self._file.write(bytes(piece))
            self._pieces.clear()
        self._cut = self.size > READABLE_LIMIT and self._file is None

    @property
    def note(self) -> str:
        """What a reader of the cassette has to know of this body."""
        return f"a body of {self.size} bytes was cut at {READABLE_LIMIT}" if self._cut else ""

    def so_far(self) -> Body:
        """Return what has come, if it is something that a person can read."""
        return Empty() if self._file is not None else body_of(self._data(), self.content_type)

    def whole(self) -> Body:
        """Return the body as one thing, however it came."""
        if self._file is not None:
            file, self._file = self._file, None
            return file.close()
        return body_of(self._data(), self.content_type)

    def streamed(self, end: float, *, complete: bool) -> Body:
        """Return the body of an answer: as a stream, if it was one; `complete`: nothing was missing in the end."""
        if self._file is not None or not self._pieces:
            return self.whole()
        data = self._data()
        kind = kind_of(self.content_type)
        if kind == "raw" and _looks_multiplexed(data):
            kind = "multiplexed"  # the type of logs before API 1.42 is whatever the first bytes were taken for
        if kind == "lines" and complete and not data.endswith(b"\r\n") and (value := json_of(data)):
            return value
        if kind == "raw" and (len(self._pieces) == 1 or self._is_binary()):
            return body_of(data, self.content_type)
        reader = StreamReader(kind)
        for time, piece in self._pieces:
            reader.feed(time, bytes(piece))
        return reader.finish(end)

    def pieces(self) -> list[tuple[float, bytes]]:
        """Return what has been kept, as it came."""
        return [(time, bytes(piece)) for time, piece in self._pieces]

    def _data(self) -> bytes:
        return b"".join(bytes(piece) for _, piece in self._pieces)

    def _is_binary(self) -> bool:
        first = self._pieces[0][1][:_LOOK]
        return not _looks_multiplexed(first) and not begins_readable(bytes(first))


def _looks_multiplexed(data: bytes | bytearray) -> bool:
    return len(data) >= 8 and data[0] in (1, 2) and not any(data[1:4])
