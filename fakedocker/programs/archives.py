"""Programs that pack and unpack: tar, gzip, bzip2, xz and their kin."""

from __future__ import annotations

import bz2
import fnmatch
import lzma
import os
import posixpath
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final, Protocol

from fakedocker.engine.files import archives
from fakedocker.engine.files.archives import ArchiveError, Decompressor, GzipDecompressor, Limits, Member
from fakedocker.engine.files.content import Content, Spool
from fakedocker.engine.files.layers import Inode, Kind
from fakedocker.engine.processes.effects import Pause, Program
from fakedocker.programs.clocks import formatted
from fakedocker.programs.command import Command, Misuse, Options, Section, number
from fakedocker.programs.identity import group_name, user_name
from fakedocker.programs.listing import mode_text

section = Section()

#: What an archive may cost a container: less than one that a client brings.
LIMITS: Final = Limits(size=1 << 30, members=100_000)
#: Bytes that are unpacked at a time.
CHUNK: Final = 1 << 16

# -- tar ------------------------------------------------------------------------------------

LONG: Final = {
    "exclude": "E",
    "strip-components": "S",
    "no-recursion": "n",
    "numeric-owner": "N",
    "overwrite": "q",
    "no-same-permissions": "q",
    "gzip": "z",
    "gunzip": "z",
    "bzip2": "j",
    "xz": "J",
    "create": "c",
    "extract": "x",
    "list": "t",
    "verbose": "v",
    "file": "f",
    "directory": "C",
    "to-stdout": "O",
    "keep-old": "k",
    "dereference": "h",
    "touch": "m",
}


@section.program("tar", usage="c|x|t [-ZzJjahmvokO] [-f TARFILE] [-C DIR] [FILE]...")
def tar(command: Command) -> Program[int]:
    """Create, extract or list archives."""
    words = command.words
    if words and not words[0].startswith("-"):
        words[0] = "-" + words[0]
    options = command.options("cxtf:C:zjJavOmokphE:S:nNqX:T:", long=LONG, words=words)
    for letter, name in (("E", options.get("X")), ("W", options.get("T"))):
        if name:
            lines = command.process.files.read(command.process.path(name)).read(0, 1 << 20).decode("utf-8", "replace")
            options.repeated.setdefault(letter, []).extend(lines.split("\n")[: -1 if lines.endswith("\n") else None])
    options.words += options.repeated.get("W", [])
    if len(options.flags & {"c", "x", "t"}) != 1:
        raise Misuse("")
    archive = _Tar(command, options)
    if "C" in options:
        folder = options.get("C")
        if not command.process.files.is_directory(command.process.path(folder)):
            there = command.process.files.exists(command.process.path(folder))
            reason = "Not a directory" if there else "No such file or directory"
            return (yield from command.complain(f"can't change directory to '{folder}': {reason}"))
    return (yield from (archive.create() if "c" in options else archive.read()))


class _Tar:
    """One run of tar."""

    def __init__(self, command: Command, options: Options) -> None:
        self._command = command
        self._options = options
        self._process = command.process
        self._base = command.process.path(options.get("C")) if "C" in options else command.process.cwd
        self._file = options.get("f", "-")

    def _path(self, name: str) -> str:
        return name if name.startswith("/") else posixpath.join(self._base, name)

    def _is_excluded(self, name: str) -> bool:
        name = name.rstrip("/")
        return any(
            fnmatch.fnmatchcase(name, pattern) or fnmatch.fnmatchcase(name, f"*/{pattern}")
            for pattern in self._options.repeated.get("E", [])
        )

    # -- writing ------------------------------------------------------------------------

    def create(self) -> Program[int]:
        options = self._options
        if not options.words:
            return (yield from self._command.complain("empty archive"))
        chosen: list[tuple[str, Inode]] = []
        status = 0
        removed: set[str] = set()
        for word in options.words:
            try:
                found = list(self._tree(word))
            except OSError as error:
                yield from self._command.complain(f"{word}: {os.strerror(error.errno or 0)}")
                status = 1
                continue
            for name, inode in found:
                inside = name.lstrip("/")
                if inside != name and "/" not in removed:
                    removed.add("/")
                    yield from self._command.complain("removing leading '/' from member names")
                if "\0" not in inside and inside:
                    chosen.append((inside, inode))
            yield Pause()
        if "v" in options:
            names = "".join(name + "\n" for name, _ in chosen)
            yield from self._process.write(2 if self._file == "-" else 1, names)
        pieces = archives.pack_members(chosen)
        yield from self._write(pieces)
        if status:
            yield from self._command.complain("error exit delayed from previous errors")
        return status

    def _tree(self, word: str) -> Iterator[tuple[str, Inode]]:
        follow = "h" in self._options
        path = self._path(word)
        start = word.rstrip("/") or "/"
        base: str | None = None
        here = self._process.path(self._file)
        for place, inode in self._process.files.walk(path, follow=follow):
            if base is None:
                base = place.rstrip("/")
            name = start.rstrip("/") + place[len(base) :]
            if self._is_excluded(name) or place == here:
                continue
            yield (name + "/" if inode.is_directory else name), inode
            if "n" in self._options:
                return

    def _write(self, pieces: Iterator[bytes]) -> Program[None]:
        packer = _packer(self._options, self._file)
        if self._file == "-":
            fd = 1
        else:
            opened = self._process.open(self._file, write=True, create=True, truncate=True)
            fd = self._command.attach(opened)
        for piece in pieces:
            yield from self._process.write(fd, packer.compress(piece) if packer else piece)
        if packer:
            yield from self._process.write(fd, packer.flush())
        self._command.close(fd)

    # -- reading ------------------------------------------------------------------------

    def read(self) -> Program[int]:
        content = yield from self._content()
        if content is None:
            return 1
        try:
            found = archives.members(content, limits=LIMITS)
        except ArchiveError as error:
            start = archives.decompress(content, LIMITS).read(0, 512) if not _is_broken(content) else b""
            if len(start) < 512 or "EOF" in str(error):
                return (yield from self._command.complain("short read"))
            if start[257:262] != b"ustar":
                return (yield from self._command.complain("invalid tar magic"))
            return (yield from self._command.complain(str(error)))
        if not found and content.size < 512:
            return (yield from self._command.complain("short read"))
        chosen, missing = self._chosen(found)
        if "t" in self._options:
            yield from self._list(chosen)
            status = 0
        elif "O" in self._options:
            for member in chosen:
                for chunk in member.inode.content.chunks():
                    yield from self._command.print(chunk)
            status = 0
        else:
            status = yield from self._extract(chosen)
        for name in missing:
            status = yield from self._command.complain(f"{name}: not found in archive")
        return status

    def _content(self) -> Program[Content | None]:
        if self._file != "-":
            try:
                return self._process.files.read(self._process.path(self._file))
            except OSError as error:
                yield from self._command.complain(f"can't open '{self._file}': {os.strerror(error.errno or 0)}")
                return None
        spool = Spool()
        while data := (yield from self._process.read(0)):
            spool.write(data)
            if spool.size > LIMITS.size:
                raise ArchiveError("the archive is too large")
        return spool.finish()

    def _chosen(self, found: list[Member]) -> tuple[list[Member], list[str]]:
        """Return the members that are asked for, and the words that ask for nothing."""
        words = [word.rstrip("/") for word in self._options.words]
        asked: set[str] = set()
        chosen: list[Member] = []
        for member in found:
            name = member.name.rstrip("/")
            if self._is_excluded(name):
                continue
            hits = [word for word in words if name == word or name.startswith(word + "/")]
            hits += [word for word in words if word not in hits and fnmatch.fnmatchcase(name, word)]
            asked.update(hits)
            if hits or not words:
                chosen.append(member)
        return chosen, [word for word in words if word not in asked]

    def _shown(self, member: Member) -> str:
        name = member.name.rstrip("/") + "/" if member.inode.is_directory else member.name
        return name.lstrip("/")

    def _list(self, chosen: list[Member]) -> Program[None]:
        users: dict[int, str] = {}
        groups: dict[int, str] = {}
        for member in chosen:
            name = self._shown(member)
            if "v" not in self._options:
                yield from self._command.print(name + "\n")
                continue
            inode = member.inode
            user = users.setdefault(inode.uid, user_name(self._process, inode.uid) or str(inode.uid))
            group = groups.setdefault(inode.gid, group_name(self._process, inode.gid) or str(inode.gid))
            when = formatted(inode.mtime, "%Y-%m-%d %H:%M:%S")
            target = inode.target or (member.link or "").lstrip("/")
            arrow = f" -> {target}" if target else ""
            size = 0 if member.link is not None else inode.content.size
            yield from self._command.print(f"{mode_text(inode)} {user}/{group} {size:9} {when} {name}{arrow}\n")

    def _extract(self, chosen: list[Member]) -> Program[int]:
        strip = number(self._options.get("S", "0"))
        placed: list[Member] = []
        for member in chosen:
            parts = [part for part in member.path.split("/") if part][strip:]
            if strip and not parts:
                continue
            path = "/" + "/".join(parts)
            inode = member.inode.copy()
            if self._process.uid != 0 or "o" in self._options:
                inode.uid, inode.gid = self._process.uid, self._process.gid
            if "m" in self._options:
                inode.mtime = self._process.now()
            link = member.link
            if link is not None and strip:
                link = "/" + "/".join([part for part in link.split("/") if part][strip:])
            if "k" in self._options and self._is_in_the_way(path, inode):
                what = f"create symlink '{self._shown(member)}' to '{inode.target}'"
                what = what if inode.is_symlink else f"open '{self._shown(member)}'"
                return (yield from self._command.complain(f"can't {what}: File exists"))
            if "v" in self._options:
                yield from self._command.print(self._shown(member) + "\n")
            placed.append(replace(member, path=path, inode=inode, link=link))
        try:
            archives.extract_members(self._process.files, self._base, placed)
        except OSError as error:
            reason = os.strerror(error.errno or 0)
            return (yield from self._command.complain(f"can't open '{error.filename}': {reason}"))
        return 0

    def _is_in_the_way(self, path: str, inode: Inode) -> bool:
        there = self._base.rstrip("/") + path
        return not inode.is_directory and self._process.files.exists(there, follow=False)


def _is_broken(content: Content) -> bool:
    try:
        archives.decompress(content, LIMITS)
    except ArchiveError:
        return True
    return False


class _Packer(Protocol):
    def compress(self, data: bytes, /) -> bytes: ...
    def flush(self) -> bytes: ...


def _packer(options: Options, name: str) -> _Packer | None:
    guess = posixpath.splitext(name)[1] if "a" in options else ""
    if "z" in options or guess in (".gz", ".tgz"):
        return zlib.compressobj(6, zlib.DEFLATED, 31)
    if "j" in options or guess in (".bz2", ".tbz"):
        return bz2.BZ2Compressor()
    if "J" in options or guess in (".xz", ".txz"):
        return lzma.LZMACompressor(preset=1)
    return None


# -- gzip and its kin -----------------------------------------------------------------------


#: By suffix: what packs, what unpacks, and how such a file begins.
KINDS: Final[dict[str, tuple[Callable[[int], _Packer], Callable[[], Decompressor], bytes]]] = {
    ".gz": (lambda level: zlib.compressobj(level, zlib.DEFLATED, 31), GzipDecompressor, b"\x1f\x8b\x08"),
    ".bz2": (bz2.BZ2Compressor, bz2.BZ2Decompressor, b"BZh"),
    ".xz": (
        lambda level: lzma.LZMACompressor(preset=min(level, 3)),
        lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=128 << 20),
        b"\xfd7zXZ\0",
    ),
}
TAR_SUFFIXES: Final = {".tgz": ".gz", ".tbz": ".bz2", ".tbz2": ".bz2", ".txz": ".xz"}


@section.program("gzip", "bzip2", "xz", usage="[-cfkdt] [FILE]...")
def gzip(command: Command) -> Program[int]:
    """Compress files (`-d`: uncompress them)."""
    options = command.options("cfkdtvqn123456789")
    level = next((int(letter) for letter in options.flags if letter.isdecimal()), 6)
    return (yield from _Job(command, options, "." + _kind(command)).run(level))


@section.program("gunzip", "bunzip2", "unxz", usage="[-cfkt] [FILE]...")
def gunzip(command: Command) -> Program[int]:
    """Uncompress files."""
    options = command.options("cfktvq")
    options.flags.add("d")
    return (yield from _Job(command, options, "." + _kind(command)).run(6))


@section.program("zcat", "bzcat", "xzcat", usage="[FILE]...")
def zcat(command: Command) -> Program[int]:
    """Uncompress files to the standard output."""
    options = command.options("f")
    options.flags |= {"d", "c"}
    return (yield from _Job(command, options, "." + _kind(command)).run(6))


def _kind(command: Command) -> str:
    return "bz2" if "b" in command.name else "xz" if "x" in command.name else "gz"


class _Job:
    """One run of a program that compresses or uncompresses."""

    def __init__(self, command: Command, options: Options, suffix: str) -> None:
        self._command = command
        self._options = options
        self._process = command.process
        self._suffix = suffix

    def run(self, level: int) -> Program[int]:
        status = 0
        for name in self._options.words or ["-"]:
            if name == "-":
                status = max(status, (yield from self._stream(0, 1, level)))
            else:
                status = max(status, (yield from self._file(name, level)))
        return status

    def _stream(self, source: int, target: int | None, level: int) -> Program[int]:
        if "d" in self._options or "t" in self._options:
            return (yield from self._unpack(source, target))
        packer = KINDS[self._suffix][0](level)
        assert target is not None  # there is one for everything but a test
        while data := (yield from self._process.read(source)):
            yield from self._process.write(target, packer.compress(data))
        yield from self._process.write(target, packer.flush())
        return 0

    def _unpack(self, source: int, target: int | None) -> Program[int]:
        _, opened, magic = KINDS[self._suffix]
        data = b""
        while len(data) < len(magic) and (chunk := (yield from self._process.read(source))):
            data += chunk
        if not data.startswith(magic):
            return (yield from self._command.complain("invalid magic" if data else "short read"))
        stream = opened()
        while True:
            try:
                unpacked = stream.decompress(data, CHUNK)
            except (zlib.error, lzma.LZMAError, OSError, EOFError, ValueError):
                return (yield from self._command.complain("corrupted data"))
            data = b""
            if unpacked and target is not None:
                yield from self._process.write(target, unpacked)
            if stream.eof:
                # Another stream may follow; anything else is padding.
                data = stream.unused_data or (yield from self._process.read(source))
                if not data.startswith(magic):
                    return 0
                stream = opened()
            elif stream.needs_input:
                data = yield from self._process.read(source)
                if not data:
                    return (yield from self._command.complain("unexpected end of file"))
            yield Pause()

    def _file(self, name: str, level: int) -> Program[int]:
        path = self._process.path(name)
        files = self._process.files
        try:
            inode = files.stat(path)
        except OSError as error:
            return (yield from self._command.complain(f"{name}: {os.strerror(error.errno or 0)}"))
        if "c" in self._options or "t" in self._options:
            fd = yield from self._command.open(name, bare=True)
            if fd is None:
                return 1
            status = yield from self._stream(fd, None if "t" in self._options else 1, level)
            self._command.close(fd)
            return status
        target = self._target(name)
        if target is None:
            return (yield from self._command.complain(f"{name}: unknown suffix - ignored"))
        if inode.kind is Kind.DIRECTORY:
            return (yield from self._command.complain(f"can't remove file '{name}': Is a directory"))
        if files.exists(self._process.path(target)) and "f" not in self._options:
            return (yield from self._command.complain(f"can't open '{target}': File exists"))
        source = self._command.attach(self._process.open(name, read=True))
        goal = self._command.attach(self._process.open(target, write=True, create=True, truncate=True))
        status = yield from self._stream(source, goal, level)
        self._command.close(source)
        self._command.close(goal)
        if status:
            files.unlink(self._process.path(target))
            return status
        files.chmod(self._process.path(target), inode.mode)
        files.utime(self._process.path(target), inode.mtime)
        if "k" not in self._options:
            files.unlink(path)
        return 0

    def _target(self, name: str) -> str | None:
        """Return what a file is called after the work; None for a name that tells nothing."""
        if "d" not in self._options:
            return name + self._suffix
        base, suffix = posixpath.splitext(name)
        if suffix == self._suffix:
            return base
        return base + ".tar" if TAR_SUFFIXES.get(suffix) == self._suffix else None
