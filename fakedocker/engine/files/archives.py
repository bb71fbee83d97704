"""Archives: tars that become layers, and layers that become tars.

The rules of the room:

* an archive is somebody's input: it is read whole and checked before the first file of it appears anywhere;
* names are confined: absolute ones start at the directory they are unpacked in, one that climbs out is an
  error;
* what it may unpack to is bounded (`Limits`), whatever it claims;
* contents are slices of the archive, not copies, and a tar is written in pieces while it is read.

Headers are parsed and written block by block with `tarfile.TarInfo`; `tarfile` itself would trust the sizes
that stand in them. Formats: ustar, GNU and pax (long names, large numbers, sparse files), plain or compressed
by gzip, bzip2 or xz.
"""

from __future__ import annotations

import bz2
import lzma
import math
import posixpath
import tarfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from fakedocker.engine.errors import Failure
from fakedocker.engine.files.content import CHUNK, Content, Draft, Spool
from fakedocker.engine.files.files import NAME_MAX, PATH_MAX, Files
from fakedocker.engine.files.layers import Inode, Kind, Layer, child_path

__all__ = [
    "ArchiveError",
    "Limits",
    "Member",
    "decompress",
    "extract_into",
    "extract_members",
    "is_archive",
    "members",
    "pack",
    "pack_layer",
    "pack_members",
    "packed_layer_size",
    "packed_size",
    "unpack",
]

BLOCK = 512
ZEROS = bytes(BLOCK)
END = 2 * ZEROS
WHITEOUT = ".wh."
OPAQUE = ".wh..wh..opq"
SPARSE_PIECES = 1_000_000
LAST_MOMENT = 253402300799.0
"""The end of the year 9999; times outside of 1970..9999 become 1970 (as in moby archive/time.go)."""


class ArchiveError(Failure):
    """Something that should be an archive is not one, is cut off, or contains what it must not."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What an archive may cost: bytes unpacked, members, bytes of one extended header."""

    size: int = 8 << 30
    members: int = 1_000_000
    header: int = 1 << 20


DEFAULT_LIMITS = Limits()


# Reading


def unpack(content: Content, *, limits: Limits = DEFAULT_LIMITS, whiteouts: bool = False, mtime: float = 0.0) -> Layer:
    """The frozen layer an archive describes; nothing at all is an empty layer.

    With `whiteouts` the names that begin with ".wh." remove what lower layers have (aufs, OCI layers).
    `mtime` is for directories that are not in the archive but have something in them that is. Raises
    `ArchiveError`.
    """
    members = _read(content, limits)
    layer = Layer()
    files = Files([], layer, lambda: mtime)
    try:
        _apply(members, files, "/", whiteouts)
    except OSError as error:
        raise ArchiveError(f"{_shown(str(error.filename))}: {error.strerror}") from error
    return layer.freeze()


def extract_into(files: Files, directory: str, content: Content, *, limits: Limits = DEFAULT_LIMITS) -> None:
    """Unpack an archive over what is in `directory`, which is created if missing.

    All or nothing: raises `ArchiveError`, or the `OSError` of what the tree refuses, with no file changed.
    """
    extract_members(files, directory, members(content, limits=limits))


def members(content: Content, *, limits: Limits = DEFAULT_LIMITS) -> list[Member]:
    """All that is in an archive, in its order. Raises `ArchiveError`."""
    return _read(content, limits)


def extract_members(files: Files, directory: str, chosen: list[Member]) -> None:
    """Put some members of an archive over what is in `directory`; all or nothing, as `extract_into`."""
    _extract(chosen, files.snapshot(mounts=True), directory)
    _extract(chosen, files, directory)


def is_archive(content: Content) -> bool:
    """Whether this begins like a tar, plain or compressed (as ADD wants to know)."""
    start = content.read(0, BLOCK)
    if any(start.startswith(magic) for magic, _ in _COMPRESSIONS):
        return True
    try:
        _header(start)
    except ArchiveError:
        return False
    return True


def decompress(content: Content, limits: Limits = DEFAULT_LIMITS) -> Content:
    """The content itself, or what is in it if it is compressed by gzip, bzip2 or xz."""
    for magic, decompressor in _COMPRESSIONS:
        if content.read(0, len(magic)) == magic:
            return _decompress(content, magic, decompressor, limits)
    return content


class Decompressor(Protocol):
    """What takes compressed bytes and gives what was in them, as those of bz2 and lzma do."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


class GzipDecompressor:
    """zlib's object, with the manners of those for bzip2 and xz."""

    def __init__(self) -> None:
        self._stream = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)

    @property
    def eof(self) -> bool:
        return self._stream.eof

    @property
    def needs_input(self) -> bool:
        return not self._stream.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        return self._stream.unused_data

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        return self._stream.decompress(self._stream.unconsumed_tail + data, max(max_length, 0))


def _xz_decompressor() -> lzma.LZMADecompressor:
    # "xz -9" needs 65 MiB; a header may ask for 4 GiB.
    return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=256 << 20)


_COMPRESSIONS: tuple[tuple[bytes, Callable[[], Decompressor]], ...] = (
    (b"\x1f\x8b\x08", GzipDecompressor),
    (b"BZh", bz2.BZ2Decompressor),
    (b"\xfd7zXZ\x00", _xz_decompressor),
)


def _decompress(content: Content, magic: bytes, decompressor: Callable[[], Decompressor], limits: Limits) -> Content:
    spool = Spool()
    stream = decompressor()
    offset = 0
    while True:
        hungry = stream.needs_input
        data = content.read(offset, CHUNK) if hungry else b""
        offset += len(data)
        try:
            unpacked = stream.decompress(data, CHUNK)
        except (zlib.error, lzma.LZMAError, OSError, EOFError, ValueError) as error:
            raise ArchiveError(f"invalid compressed data: {error}") from error
        spool.write(unpacked)
        if spool.size > limits.size:
            raise ArchiveError(f"the archive unpacks to more than {limits.size} bytes")
        if stream.eof:
            # Streams may follow each other; anything else behind one is padding.
            offset -= len(stream.unused_data)
            if content.read(offset, len(magic)) != magic:
                return spool.finish()
            stream = decompressor()
        elif hungry and not data and not unpacked:
            raise ArchiveError("unexpected EOF")


@dataclass(slots=True)
class Member:
    """One entry of an archive: an inode to be placed at `path`, or another name for what is at `link`.

    `name` is what the archive calls it.
    """

    path: str
    inode: Inode
    link: str | None = None
    name: str = ""


@dataclass(slots=True)
class _Sparse:
    """Where the pieces of a sparse file belong: (offset, size), and the size of the whole."""

    pieces: list[tuple[int, int]]
    size: int


_KINDS = {
    tarfile.DIRTYPE: Kind.DIRECTORY,
    b"D": Kind.DIRECTORY,  # of GNU tar's incremental archives
    tarfile.SYMTYPE: Kind.SYMLINK,
    tarfile.CHRTYPE: Kind.CHARACTER,
    tarfile.BLKTYPE: Kind.BLOCK,
    tarfile.FIFOTYPE: Kind.FIFO,
    tarfile.REGTYPE: Kind.FILE,
    tarfile.AREGTYPE: Kind.FILE,
    tarfile.CONTTYPE: Kind.FILE,
    tarfile.GNUTYPE_SPARSE: Kind.FILE,
    tarfile.LNKTYPE: Kind.FILE,
}
_WITHOUT_DATA = frozenset(
    {
        tarfile.DIRTYPE,
        tarfile.SYMTYPE,
        tarfile.LNKTYPE,
        tarfile.CHRTYPE,
        tarfile.BLKTYPE,
        tarfile.FIFOTYPE,
    }
)
_EXTENDED = frozenset(
    {
        tarfile.XHDTYPE,
        tarfile.SOLARIS_XHDTYPE,
        tarfile.XGLTYPE,
        tarfile.GNUTYPE_LONGNAME,
        tarfile.GNUTYPE_LONGLINK,
    }
)
_VOLUME_LABEL = b"V"


def _read(content: Content, limits: Limits) -> list[Member]:
    """All members of an archive, checked."""
    return list(_Reader(decompress(content, limits), limits).members())


class _Reader:
    def __init__(self, tar: Content, limits: Limits) -> None:
        self._tar = tar
        self._limits = limits
        self._offset = 0
        self._sparse_size = 0
        self._everywhere: dict[str, str] = {}
        """What a global pax header says about all members that follow."""

    def members(self) -> Iterator[Member]:
        extended: dict[str, str] = {}
        count = 0
        while (block := self._tar.read(self._offset, BLOCK)) and block != ZEROS:
            count += 1
            if count > self._limits.members:
                raise ArchiveError(f"the archive has more than {self._limits.members} members")
            header = _header(block)
            self._offset += BLOCK
            if header.type in _EXTENDED:
                self._extend(extended, header)
            elif header.type == _VOLUME_LABEL:
                self._skip(header.size)
            else:
                yield self._member(header, block, {**self._everywhere, **extended})
                extended = {}

    def _extend(self, extended: dict[str, str], header: tarfile.TarInfo) -> None:
        """Take in what an extended header says about the next member, under the keys of pax."""
        if header.size > self._limits.header:
            raise ArchiveError("archive/tar: header field too long")
        data = self._take(header.size).read()
        if header.type == tarfile.GNUTYPE_LONGNAME:
            extended["path"] = _text(data.partition(b"\0")[0])
        elif header.type == tarfile.GNUTYPE_LONGLINK:
            extended["linkpath"] = _text(data.partition(b"\0")[0])
        elif header.type == tarfile.XGLTYPE:
            self._everywhere.update(_pax_records(data))
        else:
            extended.update(_pax_records(data))

    def _member(self, header: tarfile.TarInfo, block: bytes, extended: dict[str, str]) -> Member:
        name = extended.get("GNU.sparse.name") or extended.get("path") or header.name
        kind = _KINDS.get(header.type)
        if kind is None:
            raise ArchiveError(f"unhandled tar header type {header.type[0]}")
        # The oldest format has no type for directories but a slash, which may stand in an extended header.
        if header.type == tarfile.AREGTYPE and name.endswith("/"):
            kind = Kind.DIRECTORY
        target = extended.get("linkpath") or header.linkname
        inode = Inode(
            kind,
            header.mode,
            _number(extended.get("uid"), header.uid, 0xFFFFFFFE),
            _number(extended.get("gid"), header.gid, 0xFFFFFFFE),
            _moment(extended.get("mtime"), header.mtime),
        )
        if header.type not in _WITHOUT_DATA:
            sparse = self._old_sparse(block) if header.type == tarfile.GNUTYPE_SPARSE else None
            data = self._take(_number(extended.get("size"), header.size, self._limits.size))
            if sparse is None:
                sparse, data = _pax_sparse(extended, data)
            if kind is Kind.FILE:
                inode.content = data if sparse is None else self._fill(sparse, data)
        if header.type == tarfile.LNKTYPE:
            return Member(_confined(name), inode, _confined(target), name)
        if kind is Kind.SYMLINK:
            if not target or "\0" in target or _length(target) >= PATH_MAX:
                raise ArchiveError(f"{_shown(name)}: invalid symbolic link")
            inode.mode = 0o777
            inode.target = target
        elif kind in (Kind.CHARACTER, Kind.BLOCK):
            inode.device = (
                _number(None, header.devmajor, 0xFFFFFFFF),
                _number(None, header.devminor, 0xFFFFFFFF),
            )
        return Member(_confined(name), inode, name=name)

    def _take(self, size: int) -> Content:
        """The next `size` bytes of the archive."""
        if size < 0:
            raise _invalid()
        data = self._tar.slice(self._offset, size)
        if data.size < size:
            raise ArchiveError("unexpected EOF")
        self._skip(size)
        return data

    def _skip(self, size: int) -> None:
        if size < 0:
            raise _invalid()
        self._offset += _padded(size)

    def _old_sparse(self, block: bytes) -> _Sparse:
        """The map of a sparse file in GNU's own format: four pieces in the header, more in blocks behind."""
        numbers = _old_sparse_numbers(block, 386, 4)
        more = block[482]
        while more:
            if len(numbers) > 2 * SPARSE_PIECES:
                raise _invalid()
            extension = self._take(BLOCK).read()
            numbers += _old_sparse_numbers(extension, 0, 21)
            more = extension[504]
        return _sparse(numbers, _header_number(block[483:495]))

    def _fill(self, sparse: _Sparse, data: Content) -> Content:
        """The whole of a sparse file; its holes cost nothing where the file system of the spool has holes."""
        self._sparse_size += sparse.size
        if self._sparse_size > self._limits.size:
            raise ArchiveError(f"the archive unpacks to more than {self._limits.size} bytes")
        if sum(size for _, size in sparse.pieces) > data.size:
            raise _invalid()
        whole = Draft()
        start = 0
        for offset, size in sparse.pieces:
            for chunk in data.slice(start, size).chunks():
                offset += whole.write(offset, chunk)
            start += size
        whole.truncate(sparse.size)
        return whole.content


def _header(block: bytes) -> tarfile.TarInfo:
    if len(block) < BLOCK:
        raise ArchiveError("unexpected EOF")
    try:
        return tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
    except (tarfile.HeaderError, ValueError) as error:
        raise _invalid() from error


def _invalid() -> ArchiveError:
    return ArchiveError("archive/tar: invalid tar header")


_PAX_KEYS = frozenset(
    ["path", "linkpath", "size", "uid", "gid", "mtime"]
    + [f"GNU.sparse.{key}" for key in ("major", "name", "realsize", "size", "map", "offset", "numbytes")]
)
"""What is asked for in a pax header; the rest is forgotten at once."""


def _pax_records(data: bytes) -> dict[str, str]:
    """The records "length key=value\\n" of a pax header."""
    records: dict[str, str] = {}
    pieces: list[str] = []
    position = 0
    while position < len(data) and data[position] != 0:
        end = data.find(b" ", position, position + 20)
        if end < 0:
            raise _invalid()
        length = _decimal(_text(data[position:end]))
        record = data[end + 1 : position + length]
        key, equals, value = record.partition(b"=")
        if not key or not equals or not value.endswith(b"\n") or position + length > len(data):
            raise _invalid()
        position += length
        name = _text(key)
        if name not in _PAX_KEYS:
            continue
        records[name] = _text(value[:-1])
        if name in ("GNU.sparse.offset", "GNU.sparse.numbytes"):
            pieces.append(records[name])
    if pieces:
        # The first version of sparse files in pax says the same keys again and again.
        records["GNU.sparse.map"] = ",".join(pieces)
    return records


def _pax_sparse(extended: dict[str, str], data: Content) -> tuple[_Sparse | None, Content]:
    """The map of a sparse file in pax (versions 0.0, 0.1 and 1.0 of GNU's), and the data it speaks of."""
    size = extended.get("GNU.sparse.realsize", extended.get("GNU.sparse.size"))
    if size is None:
        return None, data
    if extended.get("GNU.sparse.major") != "1":
        listed = extended.get("GNU.sparse.map", "")
        return _sparse([_decimal(number) for number in listed.split(",") if number], _decimal(size)), data
    # A count and the numbers, one a line, padded to whole blocks, then the data.
    numbers: list[int] = []
    offset = 0
    rest = b""
    while not numbers or len(numbers) < 1 + 2 * numbers[0]:
        block = data.read(offset, BLOCK)
        if not block:
            raise _invalid()
        offset += len(block)
        *lines, rest = (rest + block).split(b"\n")
        if len(rest) > BLOCK:
            raise _invalid()
        numbers += [_decimal(_text(line)) for line in lines]
        if numbers and numbers[0] > SPARSE_PIECES:
            raise _invalid()
    return _sparse(numbers[1 : 1 + 2 * numbers[0]], _decimal(size)), data.slice(offset, data.size)


def _old_sparse_numbers(block: bytes, start: int, count: int) -> list[int]:
    numbers: list[int] = []
    for position in range(start, start + 24 * count, 24):
        if block[position] == 0 and block[position + 12] == 0:
            break
        numbers += [_header_number(block[place : place + 12]) for place in (position, position + 12)]
    return numbers


def _sparse(numbers: list[int], size: int) -> _Sparse:
    if len(numbers) % 2:
        raise _invalid()
    pieces = list(zip(numbers[::2], numbers[1::2], strict=True))
    end = 0
    for offset, length in pieces:
        if offset < end or length < 0:
            raise _invalid()
        end = offset + length
    if end > size:
        raise _invalid()
    return _Sparse(pieces, size)


def _confined(name: str) -> str:
    """The path below the directory an archive is unpacked in."""
    parts: list[str] = []
    for part in name.split("/"):
        if part in ("", "."):
            continue
        if part == "..":
            if not parts:
                raise ArchiveError(f"{_shown(name)}: invalid tar header: outside of the archive's directory")
            parts.pop()
            continue
        if "\0" in part:
            raise ArchiveError(f"{_shown(name)}: invalid tar header")
        if _length(part) > NAME_MAX:
            raise ArchiveError(f"{_shown(name)}: file name too long")
        parts.append(part)
    path = "/" + "/".join(parts)
    if _length(path) >= PATH_MAX:
        raise ArchiveError(f"{_shown(name)}: file name too long")
    return path


def _shown(name: str) -> str:
    """A name for an error message: it may be long and contain anything."""
    name = name.encode("utf-8", "backslashreplace").decode()
    return name if len(name) <= 80 else f"{name[:77]}..."


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _length(text: str) -> int:
    return len(text.encode("utf-8", "surrogateescape"))


def _decimal(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 20):
        raise _invalid()
    return int(text)


def _number(text: str | None, number: int, largest: int) -> int:
    if text is not None:
        number = _decimal(text)
    if not 0 <= number <= largest:
        raise _invalid()
    return number


def _moment(text: str | None, number: float) -> float:
    try:
        moment = float(number if text is None else text)
    except (ValueError, OverflowError) as error:
        raise _invalid() from error
    return moment if math.isfinite(moment) and 0 <= moment <= LAST_MOMENT else 0.0


def _header_number(field: bytes) -> int:
    """A number as it stands in a header: octal digits, or binary if the first bit is set (GNU)."""
    if field[0] == 0x80:
        return int.from_bytes(field[1:], "big")
    digits = field.partition(b"\0")[0].strip()
    if digits.translate(None, b"01234567"):
        raise _invalid()
    return int(digits or b"0", 8)


def _padded(size: int) -> int:
    return -(-size // BLOCK) * BLOCK


# Applying


def _extract(members: list[Member], files: Files, directory: str) -> None:
    files.mkdir(directory, parents=True)
    _apply(members, files, files.resolve(directory), whiteouts=False)


def _apply(members: list[Member], files: Files, directory: str, whiteouts: bool) -> None:
    times: dict[str, float] = {}
    for member in members:
        path = posixpath.join(directory, member.path[1:]) if member.path != "/" else directory
        name = posixpath.basename(path)
        if whiteouts and name.startswith(WHITEOUT):
            _hide(files, posixpath.dirname(path), name)
        elif member.link is not None:
            _link(files, posixpath.join(directory, member.link[1:]), path)
        else:
            files.place(path, member.inode.copy())
        if member.inode.is_directory:
            times[path] = member.inode.mtime
        else:
            times.pop(path, None)
    # What was put into a directory has changed its time.
    for path, mtime in times.items():
        if files.exists(path, follow=False):
            files.utime(path, mtime, follow=False)


def _link(files: Files, target: str, path: str) -> None:
    inode = files.stat(target, follow=False)
    if files.exists(path, follow=False):
        if files.stat(path, follow=False) is inode:
            return
        files.remove_tree(path)
    files.mkdir(posixpath.dirname(path), parents=True)
    files.link(target, path)


def _hide(files: Files, directory: str, name: str) -> None:
    """Do what a whiteout of aufs says: it is about lower layers, never about other members of its archive."""
    files.mkdir(directory, parents=True)
    directory = files.resolve(directory)
    if name == OPAQUE:
        files.top.make_opaque(directory)
        return
    hidden = name.removeprefix(WHITEOUT)
    if hidden.startswith(WHITEOUT):
        return  # aufs' own records
    if hidden in ("", ".", ".."):
        raise ArchiveError(f"{_shown(name)}: invalid whiteout")
    path = child_path(directory, hidden)
    inode = files.top.find(path)
    if inode is None:
        files.top.whiteout(path)
    elif inode.is_directory:
        files.top.make_opaque(path)


# Writing


def pack(files: Files, path: str = "/", prefix: str = "./", *, mounts: bool = False) -> Iterator[bytes]:
    """A tar of what is at `path`, in pieces, called `prefix` in it; volumes are left out unless `mounts`.

    With the prefix "" the directory at `path` is not in it itself, only what is below it. Another name of a file that
    was there already is a hard link. Whoever lets others change `files` meanwhile packs a `files.snapshot()`. Raises
    the `OSError` of a path that is not there at once.
    """
    files.stat(path, follow=False)
    return _pieces(_tree(files, path, prefix, mounts))


def pack_members(chosen: Iterable[tuple[str, Inode]]) -> Iterator[bytes]:
    """A tar of inodes under the names given, in pieces; another name of a file that was there is a hard link."""
    names = _Names()
    return _pieces(names.member(name, inode) for name, inode in chosen)


def packed_size(files: Files, path: str = "/", prefix: str = "./", *, mounts: bool = False) -> int:
    """How many bytes `pack` would give."""
    sizes = (len(header) + _padded(content.size) for header, content in _tree(files, path, prefix, mounts))
    return sum(sizes) + len(END)


def pack_layer(layer: Layer) -> Iterator[bytes]:
    """A tar of one layer, in pieces, its whiteouts as aufs and OCI images have them."""
    return _pieces(_layer(layer))


def packed_layer_size(layer: Layer) -> int:
    """How many bytes `pack_layer` would give."""
    return sum(len(header) + _padded(content.size) for header, content in _layer(layer)) + len(END)


def _tree(files: Files, path: str, prefix: str, mounts: bool) -> Iterator[tuple[bytes, Content]]:
    names = _Names()
    base: str | None = None
    for place, inode in files.walk(path, mounts=mounts):
        if base is None:
            base = place.rstrip("/")
        name = posixpath.join(prefix, place[len(base) + 1 :])
        if name:
            yield names.member(name, inode)


def _layer(layer: Layer) -> Iterator[tuple[bytes, Content]]:
    names = _Names()
    marker = Inode(Kind.FILE, 0o600)
    if layer.root is not None:
        yield names.member("./", layer.root)
    for path, inode in layer.walk():
        if inode is None:
            directory, name = posixpath.split(path[1:])
            yield names.member(posixpath.join(directory, WHITEOUT + name), marker)
            continue
        yield names.member(path[1:], inode)
        if layer.is_opaque(path):
            yield names.member(posixpath.join(path[1:], OPAQUE), marker)


class _Names:
    """The names of files that have several, by inode: the first in an archive has the content."""

    def __init__(self) -> None:
        self._first: dict[int, str] = {}

    def member(self, name: str, inode: Inode) -> tuple[bytes, Content]:
        """The header of a member, and what follows it."""
        if inode.is_directory:
            name = name.rstrip("/") + "/"
        else:
            name = name.rstrip("/")
            if inode.links > 1:
                first = self._first.setdefault(id(inode), name)
                if first != name:
                    return _packed_header(name, inode, tarfile.LNKTYPE, first), Content.empty
        content = inode.content
        return _packed_header(name, inode, _TYPES[inode.kind], inode.target, content.size), content


_TYPES = {
    Kind.FILE: tarfile.REGTYPE,
    Kind.DIRECTORY: tarfile.DIRTYPE,
    Kind.SYMLINK: tarfile.SYMTYPE,
    Kind.CHARACTER: tarfile.CHRTYPE,
    Kind.BLOCK: tarfile.BLKTYPE,
    Kind.FIFO: tarfile.FIFOTYPE,
}


def _packed_header(name: str, inode: Inode, kind: bytes, target: str, size: int = 0) -> bytes:
    header = tarfile.TarInfo(name)
    header.type = kind
    header.mode = inode.mode
    header.uid = inode.uid
    header.gid = inode.gid
    header.size = size
    header.mtime = int(_moment(None, inode.mtime))
    header.linkname = target
    if inode.device is not None:
        header.devmajor, header.devminor = inode.device
    return header.tobuf(tarfile.GNU_FORMAT, "utf-8", "surrogateescape")


def _pieces(members: Iterable[tuple[bytes, Content]]) -> Iterator[bytes]:
    """Members as a tar; small ones are gathered."""
    gathered = bytearray()
    for header, content in members:
        gathered += header
        for chunk in content.chunks():
            gathered += chunk
            if len(gathered) >= CHUNK:
                yield bytes(gathered)
                gathered.clear()
        gathered += bytes(_padded(content.size) - content.size)
        if len(gathered) >= CHUNK:
            yield bytes(gathered)
            gathered.clear()
    gathered += END
    yield bytes(gathered)
