"""Programs about what disks hold: dd, du, tree, install, mkfifo, mknod, sync."""

from __future__ import annotations

import os
import posixpath
import re
from dataclasses import dataclass, field
from typing import Final

from fakedocker.engine.files.files import Files
from fakedocker.engine.files.files import OpenFile as EngineFile
from fakedocker.engine.files.layers import Inode, Kind
from fakedocker.engine.processes.descriptors import FileDescriptor
from fakedocker.engine.processes.effects import Pause, Program
from fakedocker.programs.command import Command, Misuse, Section, number
from fakedocker.programs.files import changed_mode
from fakedocker.programs.identity import groups, users

section = Section()

# -- dd --------------------------------------------------------------------------------------

SIZES: Final = {"kB": 1000, "MB": 10**6, "GB": 10**9} | {
    "c": 1,
    "w": 2,
    "b": 512,
    "k": 1024,
    "K": 1024,
    "M": 1 << 20,
    "G": 1 << 30,
}
WORDS: Final = frozenset({"if", "of", "bs", "ibs", "obs", "count", "skip", "seek", "conv", "iflag", "oflag", "status"})
CONVERSIONS: Final = frozenset({"notrunc", "sync", "noerror", "fsync", "swab"})
INPUT_FLAGS: Final = frozenset({"skip_bytes", "count_bytes", "fullblock", "direct"})
OUTPUT_FLAGS: Final = frozenset({"seek_bytes", "append", "direct"})
#: The largest block (bytes).
LARGEST_BLOCK: Final = 64 << 20


@dataclass(slots=True)
class _Counts:
    """Blocks that were whole, and those that were not."""

    whole: int = 0
    partial: int = 0

    def add(self, size: int, block: int) -> None:
        if size == block:
            self.whole += 1
        else:
            self.partial += 1

    def __str__(self) -> str:
        return f"{self.whole}+{self.partial}"


@dataclass(slots=True)
class _Words:
    """What dd was told."""

    values: dict[str, str] = field(default_factory=dict)
    flags: set[str] = field(default_factory=set)

    def size(self, name: str, default: int) -> int:
        return number(self.values[name], suffixes=SIZES) if name in self.values else default


DD_USAGE: Final = "[if=FILE] [of=FILE] [ibs=N obs=N/bs=N] [count=N] [skip=N] [seek=N]"


@section.program("dd", usage=DD_USAGE)
def dd(command: Command) -> Program[int]:
    """Copy blocks of bytes."""
    words = _words(command.words)
    process = command.process
    block = words.size("bs", 0)
    reading, writing = block or words.size("ibs", 512), block or words.size("obs", 512)
    if not 0 < max(reading, writing) <= LARGEST_BLOCK or not min(reading, writing):
        raise Misuse("invalid number '0'" if not min(reading, writing) else "out of memory", usage=False)
    count = words.size("count", -1)
    limit = count if "count_bytes" in words.flags else count * reading  # below zero: no limit
    seek = words.size("seek", 0) * (1 if "seek_bytes" in words.flags else writing)
    skip = words.size("skip", 0) * (1 if "skip_bytes" in words.flags else reading)
    source, target = 0, 1
    if "if" in words.values:
        opened = yield from command.open(words.values["if"])
        if opened is None:
            return 1
        source = opened
    if "of" in words.values:
        name = words.values["of"]
        try:
            descriptor = process.open(
                name,
                write=True,
                create=True,
                append="append" in words.flags,
                truncate=not seek and "notrunc" not in words.flags,
            )
        except OSError as error:
            return (yield from command.complain(f"can't open '{name}': {os.strerror(error.errno or 0)}"))
        target = command.attach(descriptor)
        if seek and isinstance(descriptor, FileDescriptor) and isinstance(descriptor.file, EngineFile):
            if "notrunc" not in words.flags:
                descriptor.file.truncate(seek)
            descriptor.file.seek(seek)
    copy = _Copy(command, words.flags, source, target, reading, writing)
    yield from copy.skip(skip)
    yield from copy.run(limit)
    if words.values.get("status") != "none":
        yield from process.write(2, f"{copy.read} records in\n{copy.written} records out\n")
    return 0


class _Copy:
    """The copying of dd, and its counts."""

    def __init__(self, command: Command, flags: set[str], source: int, target: int, reading: int, writing: int) -> None:
        self._process = command.process
        self._flags = flags
        self._source, self._target = source, target
        self._reading, self._writing = reading, writing
        self.read, self.written = _Counts(), _Counts()

    def skip(self, size: int) -> Program[None]:
        while size > 0 and (data := (yield from self._process.read(self._source, min(size, 1 << 16)))):
            size -= len(data)
            yield Pause()

    def run(self, limit: int) -> Program[None]:
        waiting = bytearray()
        while limit != 0:
            wanted = self._reading if limit < 0 else min(self._reading, limit)
            data = yield from self._block(wanted)
            if not data:
                break
            if limit > 0:
                limit = max(limit - (len(data) if "count_bytes" in self._flags else self._reading), 0)
            self.read.add(len(data), self._reading)
            if "sync" in self._flags:
                data = data.ljust(self._reading, b"\0")
            if "swab" in self._flags:
                data = _swapped(data)
            if self._reading == self._writing:
                yield from self._write(data)
            else:
                waiting += data
                while len(waiting) >= self._writing:
                    yield from self._write(bytes(waiting[: self._writing]))
                    del waiting[: self._writing]
            yield Pause()
        if waiting:
            yield from self._write(bytes(waiting))

    def _block(self, size: int) -> Program[bytes]:
        """Read a block; what a pipe or device gives at a time may be less."""
        data = yield from self._process.read(self._source, size)
        descriptor = self._process.fds.get(self._source)
        is_whole = "fullblock" in self._flags or (descriptor is not None and not descriptor.is_terminal)
        while is_whole and 0 < len(data) < size:
            more = yield from self._process.read(self._source, size - len(data))
            if not more:
                break
            data += more
        return data

    def _write(self, data: bytes) -> Program[None]:
        yield from self._process.write(self._target, data)
        self.written.add(len(data), self._writing)


def _words(words: list[str]) -> _Words:
    found = _Words()
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or name not in WORDS:
            raise Misuse("")
        allowed = {"conv": CONVERSIONS, "iflag": INPUT_FLAGS, "oflag": OUTPUT_FLAGS}.get(name)
        if allowed is not None:
            for flag in value.split(","):
                if flag not in allowed:
                    raise Misuse(f"invalid argument '{flag}' to '{name}'", usage=False)
                found.flags.add(flag)
        elif name == "status" and value not in ("none", "noxfer", "progress"):
            raise Misuse(f"invalid argument '{value}' to 'status'", usage=False)
        found.values[name] = value
    return found


def _swapped(data: bytes) -> bytes:
    swapped = bytearray(data)
    even = len(data) // 2 * 2
    swapped[0:even:2], swapped[1:even:2] = data[1:even:2], data[0:even:2]
    return bytes(swapped)


# -- du and tree --------------------------------------------------------------------------------


def blocks(inode: Inode) -> int:
    """Return how many KiB a file takes on a disk whose blocks have four."""
    if inode.is_directory:
        return 4
    return (inode.content.size + 4095) // 4096 * 4 if inode.is_file else 0


@section.program("du", usage="[-aHLdclsxhmkb] [FILE]...")
def du(command: Command) -> Program[int]:
    """Print how much room files take."""
    options = command.options("aHLkd:clsxhmb", long={"max-depth": "d", "summarize": "s", "human-readable": "h"})
    deepest = 0 if "s" in options else number(options.get("d")) if "d" in options else 1 << 30
    status, total = 0, 0
    seen: set[int] = set()

    def shown(size: int, name: str) -> str:
        return f"{_amount(size, options.flags)}\t{name}\n"

    for name in options.words or ["."]:
        path = command.process.path(name)
        try:
            tree = list(command.process.files.walk(path, follow="H" in options or "L" in options))
        except OSError as error:
            status = yield from command.complain(f"{name}: {os.strerror(error.errno or 0)}")
            continue
        base = len(tree[0][0].rstrip("/"))
        sizes: dict[str, int] = {}
        folders: dict[str, None] = {}
        lines: dict[str, str] = {}
        for index, (place, inode) in enumerate(reversed(tree)):
            own = 0 if id(inode) in seen else _size(inode, options.flags)
            if not inode.is_directory and inode.links > 1 and "l" not in options:
                seen.add(id(inode))
            size = sizes.pop(place, 0) + own
            if index < len(tree) - 1:
                above = posixpath.dirname(place)
                sizes[above] = sizes.get(above, 0) + size
            below = place[base:] if index < len(tree) - 1 else ""
            depth = below.count("/")
            if depth <= deepest and (inode.is_directory or "a" in options or index == len(tree) - 1):
                folders[place] = None
                lines[place] = shown(size, name.rstrip("/") + below if below else name)
            if index == len(tree) - 1:
                total += size
            if index % 500 == 499:
                yield Pause()
        yield from command.print("".join(lines[place] for place in _children_first(tree, folders)))
    if "c" in options:
        yield from command.print(shown(total, "total"))
    return status


def _children_first(tree: list[tuple[str, Inode]], wanted: dict[str, None]) -> list[str]:
    """Return paths in the order of a walk that comes to a directory after what is in it."""
    ordered: list[str] = []
    open_: list[str] = []
    for place, _ in tree:
        while open_ and not place.startswith(open_[-1].rstrip("/") + "/"):
            ordered.append(open_.pop())
        open_.append(place)
    ordered += reversed(open_)
    return [place for place in ordered if place in wanted]


def _size(inode: Inode, flags: set[str]) -> int:
    """Return the size of a file in bytes."""
    if "b" in flags:
        return 4096 if inode.is_directory else inode.content.size or len(inode.target)
    return blocks(inode) * 1024


def _amount(size: int, flags: set[str]) -> str:
    if "b" in flags:
        return str(size)
    if "m" in flags:
        return str((size + (1 << 20) - 1) >> 20 if size else 0)
    if "h" not in flags:
        return str((size + 1023) // 1024)
    if size < 1024:
        return str(size)
    value, unit = size / 1024, 0
    while value >= 1024 and unit < 3:
        value, unit = value / 1024, unit + 1
    return f"{value:.1f}{'KMGT'[unit]}"


@section.program("tree", usage="[-ad] [-L LEVEL] [DIRECTORY]...")
def tree(command: Command) -> Program[int]:
    """Draw what is in directories."""
    options = command.options("adL:")
    deepest = number(options.get("L")) if "L" in options else 1 << 30
    folders, others = 0, 0
    for name in options.words or ["."]:
        path = command.process.path(name)
        if not command.process.files.is_directory(path):
            yield from command.print(f"{name} [error opening dir]\n")
            continue
        yield from command.print(f"{name}\n")
        # Depth first, without recursion: a frame is a directory's entries that were not drawn yet.
        frames = [_frame(command.process.files, path, "", options.flags)]
        while frames:
            if not frames[-1]:
                frames.pop()
                continue
            child, indent, inode = frames[-1].pop(0)
            last = not frames[-1]
            arrow = f" -> {inode.target}" if inode.is_symlink else ""
            yield from command.print(f"{indent}{'└── ' if last else '├── '}{posixpath.basename(child)}{arrow}\n")
            if inode.is_directory:
                folders += 1
                if len(frames) < deepest:
                    more = indent + ("    " if last else "│   ")
                    frames.append(_frame(command.process.files, child, more, options.flags))
            else:
                others += 1
    counted = f"{folders} director{'y' if folders == 1 else 'ies'}"
    files = "" if "d" in options else f", {others} file{'' if others == 1 else 's'}"
    yield from command.print(f"\n{counted}{files}\n")
    return 0


def _frame(files: Files, folder: str, indent: str, flags: set[str]) -> list[tuple[str, str, Inode]]:
    names = [name for name in files.listdir(folder) if "a" in flags or not name.startswith(".")]
    entries = [(path, indent, files.stat(path, follow=False)) for path in (posixpath.join(folder, n) for n in names)]
    return [entry for entry in entries if "d" not in flags or entry[2].is_directory]


# -- making files -------------------------------------------------------------------------------


@section.program("mkfifo", usage="[-m MODE] NAME")
def mkfifo(command: Command) -> Program[int]:
    """Make a named pipe."""
    options = command.options("m:")
    if not options.words:
        raise Misuse("")
    mode = _mode(command, options.get("m"))
    status = 0
    for name in options.words:
        try:
            command.process.files.mknod(
                command.process.path(name), Kind.FIFO, mode, uid=command.process.uid, gid=command.process.gid
            )
        except OSError as error:
            status = yield from command.complain(f"{name}: {os.strerror(error.errno or 0)}")
    return status


@section.program("mknod", usage="[-m MODE] NAME TYPE [MAJOR MINOR]")
def mknod(command: Command) -> Program[int]:
    """Make a device or a named pipe."""
    options = command.options("m:")
    words = options.words
    kinds = {"b": Kind.BLOCK, "c": Kind.CHARACTER, "u": Kind.CHARACTER, "p": Kind.FIFO}
    if len(words) < 2 or words[1] not in kinds or len(words) != (2 if words[1] == "p" else 4):
        raise Misuse("")
    device = (number(words[2]), number(words[3])) if len(words) == 4 else None
    if device is not None and (device[0] > 4095 or device[1] > 1048575):
        raise Misuse("number is not in 0..1048575 range", usage=False)
    process = command.process
    try:
        process.files.mknod(
            process.path(words[0]),
            kinds[words[1]],
            _mode(command, options.get("m")),
            device=device,
            uid=process.uid,
            gid=process.gid,
        )
    except OSError as error:
        return (yield from command.complain(f"{words[0]}: {os.strerror(error.errno or 0)}"))
    return 0


def _mode(command: Command, text: str) -> int:
    umask = command.process.umask
    return changed_mode(text, 0o666, umask) if text else 0o666 & ~umask


@section.program("install", usage="[-cdDsp] [-o USER] [-g GRP] [-m MODE] [-t DIR] [SOURCE]... DEST")
def install(command: Command) -> Program[int]:
    """Copy files and set their mode and owner; `-d`: make directories."""
    options = command.options("cdDpsvo:g:m:t:")
    process = command.process
    mode = changed_mode(options.get("m", "755"), 0, 0)
    uid = _account(options.get("o"), {one.name: one.uid for one in users(process)}, process.uid, "user")
    gid = _account(options.get("g"), {one.name: one.uid for one in groups(process)}, process.gid, "group")
    words = options.words
    if not words or (len(words) < 2 and "d" not in options and "t" not in options):
        raise Misuse("")
    status = 0
    if "d" in options:
        for name in words:
            path = process.path(name)
            try:
                process.files.mkdir(path, mode, parents=True, uid=uid, gid=gid)
                process.files.chmod(path, mode)
                process.files.chown(path, uid, gid)
            except OSError as error:
                status = yield from command.complain(
                    f"can't create directory '{name}': {os.strerror(error.errno or 0)}"
                )
        return status
    target = options.get("t") if "t" in options else words.pop()
    into = "t" in options or process.files.is_directory(process.path(target))
    if len(words) > 1 and not into:
        return (yield from command.complain(f"target '{target}' is not a directory"))
    for name in words:
        goal = posixpath.join(target, posixpath.basename(name)) if into else target
        path = process.path(goal)
        try:
            inode = process.files.stat(process.path(name))
        except OSError as error:
            status = yield from command.complain(f"can't stat '{name}': {os.strerror(error.errno or 0)}")
            continue
        if inode.is_directory:
            status = yield from command.complain(f"omitting directory '{name}'")
            continue
        try:
            if "D" in options:
                process.files.mkdir(posixpath.dirname(path), 0o755, parents=True)
            if process.files.exists(path, follow=False):
                process.files.unlink(path)
            process.files.write(path, inode.content, mode=mode, uid=uid, gid=gid)
            process.files.chmod(path, mode)
        except OSError as error:
            status = yield from command.complain(f"can't create '{goal}': {os.strerror(error.errno or 0)}")
    return status


def _account(text: str, known: dict[str, int], default: int, kind: str) -> int:
    if not text:
        return default
    if text in known:
        return known[text]
    if re.fullmatch(r"[0-9]{1,9}", text):
        return int(text)
    raise Misuse(f"unknown {kind} {text}", usage=False)


@section.program("sync", "fsync", usage="[-df] [FILE]...")
def sync(command: Command) -> Program[int]:
    """Do nothing: what is written is written."""
    options = command.options("df")
    status = 0
    for name in options.words:
        if not command.process.files.exists(command.process.path(name)):
            status = yield from command.complain(f"can't open '{name}': No such file or directory")
    return status
