"""Cassettes on disk: the one place of this room that opens files.

A cassette is a stream of YAML documents: the header, then one document per exchange, each ended by a line `---` and
written at once when the exchange has ended. The rules:

* what a killed writer leaves is a whole cassette and perhaps the beginning of one more exchange, which is not read;
* one writer at a time, by a lock on the file itself that dies with its owner;
* bodies above `LONGEST_BODY` stand beside it, in `<cassette>.files/sha256-<hex>`; a name that is anything else is
  refused, and so is a link. What a person can read is only written there: whoever reads a cassette gets it as JSON or
  text, so that ids and secrets in it are found;
* a cassette that is recorded anew stands beside the old one, as `<cassette>.new`, until it is complete;
* what is read was written by anybody: no tags, no aliases, no more than the limits, and errors that name the place.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import tempfile
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, Literal

from fakedocker.cassettes.bodies import begins_readable, body_of, data_of, is_archive
from fakedocker.cassettes.documents import (
    LONGEST_DOCUMENT,
    MARK,
    SIDE_FILE,
    compose,
    exchange_text,
    header_text,
    read_exchange,
    read_header,
)
from fakedocker.cassettes.model import Body, Cassette, Empty, Exchange, Fields, File, Header, Json, Stream, Text
from fakedocker.wire.safeyaml import DocumentError

#: Bytes of a body that still stand in the cassette.
LONGEST_BODY = 64 << 10
#: Bytes of a body beside a cassette that is read as JSON or text: a recorder cuts these at 8 MiB.
LONGEST_READABLE = 16 << 20
_PART = "part-"
_LOOK = 512  # bytes after which it is clear what a body is made of


class CassetteError(ValueError):
    """A cassette cannot be read or written; `str()` says which, and where."""


class CassetteInUse(CassetteError):
    """Another writer has this cassette."""


class CassetteExists(CassetteError):
    """There is a cassette already."""


class NotCassette(CassetteError):
    """The file is not a cassette, or one that cannot be read: file, document (the header is 1) and line."""

    def __init__(self, path: Path, document: int, line: int, message: str) -> None:
        super().__init__(f"{path}:{line}: document {document}: {message}")
        self.path, self.document, self.line, self.message = path, document, line, message


# -- reading -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Loaded:
    """A cassette that was read. `cut`: the file ended in the middle of an exchange, which was left out."""

    cassette: Cassette
    files: SideFiles
    cut: bool = False


def load(path: str | os.PathLike[str]) -> Loaded:
    """Read a cassette. Raises CassetteError, and OSError when the file cannot be opened."""
    path = Path(path)
    with path.open("rb") as file:
        content = _read(path, file)
    if content.header is None:
        raise NotCassette(path, 1, 1, "a cassette begins with a header: `format: 1`")
    files = SideFiles(path)
    exchanges = tuple(_brought_back(exchange, files) for exchange in content.exchanges)
    return Loaded(Cassette(content.header, exchanges), files, content.cut)


def _brought_back(exchange: Exchange, files: SideFiles) -> Exchange:
    """Return an exchange with what a person can read in its bodies, whatever their size. Raises CassetteError."""
    request, response = exchange.request, exchange.response
    if isinstance(request.body, File):
        exchange = replace(exchange, request=replace(request, body=files.readable(request.body)))
    if response is not None and isinstance(response.body, File):
        exchange = replace(exchange, response=replace(response, body=files.readable(response.body)))
    return exchange


@dataclass(slots=True)
class _Content:
    """What is in a file; `end`: how many of its bytes are whole documents, `is_marked`: the last one has its mark."""

    header: Header | None
    exchanges: list[Exchange]
    end: int = 0
    is_marked: bool = True
    cut: bool = False


@dataclass(frozen=True, slots=True)
class _Document:
    """The text of one document; where it begins and ends in the file, and whether its end was marked."""

    line: int
    text: bytes
    end: int
    is_ended: bool

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing but comments in it."""
        return all(line.strip()[:1] in (b"", b"#") for line in self.text.split(b"\n"))


def _read(path: Path, file: BinaryIO) -> _Content:
    content = _Content(None, [])
    identities: set[int] = set()
    number = 0
    for document in _documents(path, file):
        if document.is_empty:
            content.end = document.end
            continue
        number += 1
        try:
            node = compose(document.text)
            if number == 1:
                content.header = read_header(node)
            else:
                exchange = read_exchange(node)
                if exchange.id in identities:
                    raise DocumentError(node.line, f"there was an exchange {exchange.id} already")
                identities.add(exchange.id)
                content.exchanges.append(exchange)
        except DocumentError as error:
            if not document.is_ended and number > 1:
                content.cut = True
                break
            raise NotCassette(path, number, document.line + error.line - 1, error.message) from None
        content.end, content.is_marked = document.end, document.is_ended
    return content


def _documents(path: Path, file: BinaryIO) -> Iterator[_Document]:
    """Split a file at its lines `---`, which no scalar that is written here can contain."""
    lines: list[bytes] = []
    line, start, size, end = 0, 1, 0, 0
    while text := file.readline(LONGEST_DOCUMENT):
        line += 1
        end += len(text)
        if text.rstrip() == b"---" and text.endswith(b"\n"):
            yield _Document(start, b"".join(lines), end, True)
            lines, size, start = [], 0, line + 1
            continue
        lines.append(text)
        size += len(text)
        if size >= LONGEST_DOCUMENT:
            raise NotCassette(path, 0, start, f"an exchange of more than {LONGEST_DOCUMENT >> 20} MB")
    if lines and lines[-1] in (b"-", b"--", b"---"):  # half a mark
        end -= len(lines.pop())
    if lines:
        yield _Document(start, b"".join(lines), end, False)


# -- writing -----------------------------------------------------------------------------


class Writer:
    """Writes a cassette, exchange by exchange; for one thread at a time.

    `existing` says what is done with a cassette that is there: `refuse`, `replace` it, or `append` to it. `header` is
    written when the cassette is new. Raises CassetteExists, CassetteInUse, NotCassette, OSError.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        header: Header,
        *,
        existing: Literal["refuse", "replace", "append"] = "refuse",
        longest_body: int = LONGEST_BODY,
    ) -> None:
        self.path = Path(path)
        self.files = SideFiles(self.path)
        self._longest_body = longest_body
        self._next_id = self._next_connection = 1
        self._elapsed = 0.0
        #: How much of the file is whole documents.
        self._end = 0
        self._file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            self._lock()
            self._begin(existing)
            if not self._end:
                self._write(header_text(header))
        except BaseException:
            self.close()
            raise

    @property
    def next_id(self) -> int:
        """A number that no exchange of the cassette has."""
        return self._next_id

    @property
    def next_connection(self) -> int:
        """A number that no connection of the cassette has."""
        return self._next_connection

    @property
    def elapsed(self) -> float:
        """The second at which the last exchange of the cassette had ended: what is appended begins behind it."""
        return self._elapsed

    def append(self, exchange: Exchange) -> None:
        """Write an exchange; a body above the limit goes into a file beside the cassette.

        When the disk is full, OSError is raised and the cassette is what it was before.
        """
        request, response = exchange.request, exchange.response
        request = replace(request, body=self._apart(request.body, request.headers))
        if response is not None:
            response = replace(response, body=self._apart(response.body, response.headers))
        self._write(exchange_text(replace(exchange, request=request, response=response)))
        self._count(exchange)

    def side_file(self, media_type: str = "") -> SideFile:
        """Return a file to write a large body into while it comes."""
        return self.files.new(media_type)

    def close(self) -> None:
        """Give the cassette up."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def __enter__(self) -> Writer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _lock(self) -> None:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CassetteInUse(f"{self.path} is being written by another process") from None

    def _begin(self, existing: str) -> None:
        """Go to where the next document stands."""
        if os.fstat(self._file).st_size and existing == "refuse":
            raise CassetteExists(f"{self.path} is there already")
        if existing == "replace":
            os.ftruncate(self._file, 0)
        self.files.clear(parts_only=existing != "replace")
        with os.fdopen(os.dup(self._file), "rb") as file:
            content = _read(self.path, file)
        for exchange in content.exchanges:
            self._count(exchange)
        if content.header is None:
            content.end = 0
        # What is not whole is cut off, and the end of what is whole marked.
        os.ftruncate(self._file, content.end)
        self._end = content.end
        if not content.is_marked:
            self._write(f"\n{MARK}")

    def _count(self, exchange: Exchange) -> None:
        self._next_id = max(self._next_id, exchange.id + 1)
        self._next_connection = max(self._next_connection, exchange.connection + 1)
        self._elapsed = max(self._elapsed, exchange.start + exchange.duration)

    def _write(self, text: str) -> None:
        data, end = memoryview(text.encode()), self._end
        try:
            while data:
                written = os.pwrite(self._file, data, end)
                data, end = data[written:], end + written
        except OSError:
            with contextlib.suppress(OSError):
                os.ftruncate(self._file, self._end)
            raise
        self._end = end

    def _apart(self, body: Body, headers: Fields) -> Body:
        if isinstance(body, File | Stream | Empty):
            return body
        data = data_of(body)
        if len(data) <= self._longest_body:
            return body
        with self.side_file(next((text for name, text in headers if name.lower() == "content-type"), "")) as file:
            file.write(data)
            return file.close()


# -- a cassette that is recorded anew ----------------------------------------------------


def beside(cassette: Path) -> Path:
    """Return where a recording stands until it is complete and takes the place of a cassette."""
    return cassette.with_name(f"{cassette.name}.new")


def take_place(recording: Path, cassette: Path) -> None:
    """Let a complete recording take the place of a cassette, or become it. Raises OSError.

    Whenever this is broken off, a whole cassette is in the place: the old one or the new one.
    """
    ours, theirs = SideFiles(recording), SideFiles(cassette)
    names = ours.names()
    if names:
        theirs.folder.mkdir(mode=0o700, exist_ok=True)
    for name in names:
        with contextlib.suppress(FileExistsError):  # it is named by what is in it
            os.link(ours.folder / name, theirs.folder / name)
    with recording.open("rb") as file:
        os.fsync(file.fileno())
    os.replace(recording, cassette)
    ours.clear()
    theirs.clear(but=names)


# -- side files --------------------------------------------------------------------------


class SideFiles:
    """The files beside a cassette, `<cassette>.files/`."""

    def __init__(self, cassette: Path) -> None:
        self.folder = cassette.with_name(f"{cassette.name}.files")

    def new(self, media_type: str = "") -> SideFile:
        """Return a file to write into."""
        return SideFile(self.folder, media_type)

    def open(self, file: File) -> BinaryIO:
        """Open a body for reading. Raises CassetteError."""
        path = self._path(file)
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            raise CassetteError(f"{path}: {error.strerror or error}") from None
        opened = os.fdopen(descriptor, "rb")
        if os.fstat(descriptor).st_size != file.size:
            opened.close()
            raise CassetteError(f"{path} has not the {file.size} bytes that the cassette says")
        return opened

    def read(self, file: File) -> bytes:
        """Return a body; that it is the one of the name is checked. Raises CassetteError."""
        with self.open(file) as opened:
            data = opened.read(file.size + 1)
        if f"sha256:{hashlib.sha256(data).hexdigest()}" != file.digest:
            raise CassetteError(f"{self._path(file)} is not what its name says")
        return data

    def readable(self, file: File) -> Body:
        """Return a body as JSON or text if it is that, or else as the file that it is. Raises CassetteError."""
        with self.open(file) as opened:
            first = opened.read(_LOOK)
        is_tar = is_archive(file, (("content-type", file.media_type),))
        if is_tar or file.size > LONGEST_READABLE or not begins_readable(first):
            return file
        body = body_of(self.read(file), file.media_type)
        return body if isinstance(body, Json | Text) else file

    def names(self) -> frozenset[str]:
        """Return how the bodies are called that are there."""
        with contextlib.suppress(FileNotFoundError, NotADirectoryError), os.scandir(self.folder) as entries:
            return frozenset(entry.name for entry in entries if SIDE_FILE.fullmatch(entry.name))
        return frozenset()

    def clear(self, *, parts_only: bool = False, but: Collection[str] = ()) -> None:
        """Remove what a killed writer left, and all bodies but some if the cassette was written anew."""
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            for entry in list(os.scandir(self.folder)):
                is_body = SIDE_FILE.fullmatch(entry.name) and entry.name not in but
                if entry.name.startswith(_PART) or (is_body and not parts_only):
                    os.unlink(entry.path)
            if not parts_only:
                with contextlib.suppress(OSError):  # something of somebody else is in it
                    self.folder.rmdir()

    def _path(self, file: File) -> Path:
        found = SIDE_FILE.fullmatch(file.digest.replace(":", "-", 1))
        if found is None:
            raise CassetteError(f"{file.digest} is no digest")
        return self.folder / found[0]


class SideFile:
    """A body beside the cassette that is being written: it has its name only when it is whole."""

    def __init__(self, folder: Path, media_type: str = "") -> None:
        folder.mkdir(mode=0o700, exist_ok=True)
        self._folder = folder
        self._media_type = media_type
        self._digest = hashlib.sha256()
        self._size = 0
        descriptor, name = tempfile.mkstemp(prefix=_PART, dir=folder)
        self._part: Path | None = Path(name)
        self._file = os.fdopen(descriptor, "wb")

    @property
    def size(self) -> int:
        return self._size

    def write(self, data: bytes) -> None:
        """Write what came. Raises OSError."""
        self._file.write(data)
        self._digest.update(data)
        self._size += len(data)

    def close(self) -> File:
        """Give the file its name and return it as a body. Raises OSError."""
        if self._part is None:
            raise ValueError("this file was closed")
        self._file.close()
        digest = self._digest.hexdigest()
        os.replace(self._part, self._folder / f"sha256-{digest}")
        self._part = None
        return File(f"sha256:{digest}", self._size, self._media_type)

    def discard(self) -> None:
        """Forget what was written, unless the file has its name."""
        if self._part is not None:
            with contextlib.suppress(OSError):
                self._file.close()
            self._part.unlink(missing_ok=True)
            self._part = None

    def __enter__(self) -> SideFile:
        return self

    def __exit__(self, *_: object) -> None:
        self.discard()
