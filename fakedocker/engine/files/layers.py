"""Layers: what an image is made of and a container writes to.

A layer holds what one step added, changed or removed. Seen from above, a stack of layers is one tree of
files. The rules of the room:

* paths are absolute and normalized ("/etc/passwd"; the root is "/"), names are text in UTF-8 with surrogate
  escapes;
* a directory that has something in a layer is itself in this layer (the root may be missing: then the one
  below counts);
* a layer of an image is frozen and shared by everything made of it; only the top layer of a container
  changes;
* a whiteout hides what lower layers have at its path, an opaque directory all they have in it;
* an inode in a frozen layer is never changed: it is copied up into the top layer first, its content stays
  shared.

There are no symbolic links to follow and no errno here (but for a full space): that is `files`.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from fakedocker.engine.files.content import Content, Draft

__all__ = ["Entry", "Inode", "Kind", "Layer", "Space", "Stack", "by_bytes", "child_path", "split_path"]

#: What a container may write: bytes of contents (holes count), and files of all kinds.
MOST_WRITTEN, MOST_INODES = 1 << 30, 100_000


class Disk:
    """The disk of a daemon: `full`, it takes nothing more, whoever writes."""

    __slots__ = ("full",)

    def __init__(self) -> None:
        self.full = False


class Space:
    """The room on a disk that is there for what is written; inodes take it and give it back when they are gone."""

    __slots__ = ("disk", "inodes", "most_inodes", "most_written", "written")

    def __init__(
        self, most_written: int = MOST_WRITTEN, most_inodes: int = MOST_INODES, disk: Disk | None = None
    ) -> None:
        self.disk = disk
        self.most_written = most_written
        self.most_inodes = most_inodes
        self.written = 0
        self.inodes = 0

    def take(self, size: int, inodes: int = 0) -> None:
        """Take room, or give it back if less than 0. Raises OSError (ENOSPC)."""
        full = size > 0 and self.written + size > self.most_written
        full = full or (self.disk is not None and self.disk.full and (size > 0 or inodes > 0))
        if full or (inodes > 0 and self.inodes + inodes > self.most_inodes):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self.written += size
        self.inodes += inodes


class Kind(StrEnum):
    """What an inode is."""

    FILE = "file"
    DIRECTORY = "directory"
    SYMLINK = "symlink"
    CHARACTER = "character"
    BLOCK = "block"
    FIFO = "fifo"


class Inode:
    """A file, directory, link or device, without its name; hard links are several names of one inode.

    `mode` has the permission bits only (0o7777), `mtime` is in seconds since 1970, `target` is for symbolic
    links, `device` (major, minor) for devices, `links` counts the names in the layer.
    """

    __slots__ = ("_charged", "_data", "_space", "device", "gid", "kind", "links", "mode", "mtime", "target", "uid")

    def __init__(
        self,
        kind: Kind,
        mode: int = 0o644,
        uid: int = 0,
        gid: int = 0,
        mtime: float = 0.0,
        content: Content = Content.empty,
        target: str = "",
        device: tuple[int, int] | None = None,
    ) -> None:
        self.kind = kind
        self.mode = mode & 0o7777
        self.uid = uid
        self.gid = gid
        self.mtime = mtime
        self.target = target
        self.device = device
        self.links = 0
        self._data: Content | Draft = content
        self._space: Space | None = None
        self._charged = 0

    def charge(self, space: Space | None, size: int) -> None:
        """Have the content count as `size` bytes of a space (None: nobody counts). Raises OSError (ENOSPC)."""
        if space is None:
            return
        space.take(size - self._charged, int(self._space is None))
        self._space, self._charged = space, size

    def __del__(self) -> None:
        # Only now: a file that is open takes room even when its last name is gone.
        space = getattr(self, "_space", None)
        if space is not None:
            space.take(-self._charged, -1)

    @property
    def is_file(self) -> bool:
        return self.kind is Kind.FILE

    @property
    def is_directory(self) -> bool:
        return self.kind is Kind.DIRECTORY

    @property
    def is_symlink(self) -> bool:
        return self.kind is Kind.SYMLINK

    @property
    def content(self) -> Content:
        """What the file contains now; later writes do not change it."""
        return self._data if isinstance(self._data, Content) else self._data.content

    @content.setter
    def content(self, content: Content) -> None:
        self._data = content

    @property
    def size(self) -> int:
        """Bytes, as `stat` has them: 4096 for a directory, the length of its target for a symbolic link."""
        if self.kind is Kind.DIRECTORY:
            return 4096
        if self.kind is Kind.SYMLINK:
            return len(_encoded(self.target))
        return self._data.size

    def read(self, offset: int = 0, size: int = -1) -> bytes:
        """At most `size` bytes (-1: all) of the content from `offset`."""
        return self._data.read(offset, size)

    def draft(self) -> Draft:
        """The content, open for changes."""
        if isinstance(self._data, Content):
            self._data = Draft(self._data)
        return self._data

    def copy(self) -> Inode:
        """An inode of its own with the same metadata and (shared) content."""
        return Inode(self.kind, self.mode, self.uid, self.gid, self.mtime, self.content, self.target, self.device)

    def __repr__(self) -> str:
        return f"<Inode {self.kind} {self.mode:o} {self.uid}:{self.gid}>"


_NOTHING: Mapping[str, Inode | None] = MappingProxyType({})


class Layer:
    """What one step added (inodes), removed (whiteouts) and replaced as a whole (opaque directories).

    `archive`: the plain tar that it was unpacked from, if it was, so that it leaves as it came. `diff_id`: the digest
    of its tar once somebody has asked (see `fakedocker.engine.images.rootfs`).
    """

    __slots__ = ("_directories", "_frozen", "_opaque", "_size", "archive", "diff_id", "root")

    def __init__(self) -> None:
        self.root: Inode | None = None
        self.archive: Content | None = None
        self.diff_id = ""
        self._directories: dict[str, dict[str, Inode | None]] = {}
        self._opaque: set[str] = set()
        self._frozen = False
        self._size = 0

    # What is in it

    def find(self, path: str) -> Inode | None:
        """The inode this layer has at `path`, if any."""
        if path == "/":
            return self.root
        directory, name = split_path(path)
        return self.entries(directory).get(name)

    def hides(self, path: str) -> bool:
        """Whether there is a whiteout at `path`."""
        directory, name = split_path(path)
        return self.entries(directory).get(name, self) is None

    def is_opaque(self, path: str) -> bool:
        """Whether the directory at `path` hides what lower layers have in it."""
        return path in self._opaque

    def entries(self, directory: str) -> Mapping[str, Inode | None]:
        """What the layer has in `directory`, unsorted; None is a whiteout."""
        return self._directories.get(directory, _NOTHING)

    def walk(self, path: str = "/") -> Iterator[tuple[str, Inode | None]]:
        """All below `path`, a directory before its content, names in byte order; None is a whiteout."""
        pending = self._below(path)
        while pending:
            entry = pending.pop()
            yield entry
            if entry[1] is not None and entry[1].is_directory:
                pending += self._below(entry[0])

    def _below(self, directory: str) -> list[tuple[str, Inode | None]]:
        entries = self.entries(directory)
        return [(child_path(directory, name), entries[name]) for name in sorted(entries, key=by_bytes)][::-1]

    @property
    def size(self) -> int:
        """Bytes of the contents of all files; a file with several names counts once."""
        if self._frozen:
            return self._size
        files = {id(inode): inode for _, inode in self.walk() if inode is not None and inode.is_file}
        return sum(inode.size for inode in files.values())

    # Changing it

    def put(self, path: str, inode: Inode) -> None:
        """Let `path` be `inode` instead of what this layer had there; only a directory keeps its content."""
        self._must_not_be_frozen()
        before = self.find(path)
        if before is inode:
            return
        if before is not None:
            if before.is_directory and inode.is_directory:
                before.links -= 1
            else:
                self.remove(path)
        inode.links += 1
        if path == "/":
            self.root = inode
        else:
            directory, name = split_path(path)
            self._own(directory)[name] = inode

    def whiteout(self, path: str) -> None:
        """Remove what this layer has at `path` and hide what lower ones have."""
        self.remove(path)
        directory, name = split_path(path)
        self._own(directory)[name] = None

    def make_opaque(self, path: str) -> None:
        """Let the directory at `path` hide what lower layers have in it."""
        self._must_not_be_frozen()
        self._opaque.add(path)

    def remove(self, path: str) -> None:
        """Forget all that this layer has at `path` and below, a whiteout too."""
        self._must_not_be_frozen()
        directory, name = split_path(path)
        own = self._directories.get(directory, {})
        inode = own.pop(name, None)
        if inode is None:
            return
        inode.links -= 1
        if not inode.is_directory:
            return
        pending = [path]
        while pending:
            directory = pending.pop()
            self._opaque.discard(directory)
            for name, inode in self._directories.pop(directory, {}).items():
                if inode is None:
                    continue
                inode.links -= 1
                if inode.is_directory:
                    pending.append(child_path(directory, name))

    def copy(self) -> Layer:
        """A layer with the same entries, not frozen, whose inodes are its own."""
        copies: dict[int, Inode] = {}

        def copied(inode: Inode | None) -> Inode | None:
            if inode is None:
                return None
            if id(inode) not in copies:
                copies[id(inode)] = inode.copy()
            copy = copies[id(inode)]
            copy.links += 1
            return copy

        layer = Layer()
        layer.root = copied(self.root)
        layer._directories = {
            directory: {name: copied(inode) for name, inode in entries.items()}
            for directory, entries in self._directories.items()
        }
        layer._opaque = set(self._opaque)
        return layer

    def freeze(self, size: int | None = None) -> Layer:
        """Refuse any change from now on; returns the layer itself. `size`: what it is said to have, if it lies."""
        self._size = self.size if size is None else size
        self._frozen = True
        return self

    @property
    def frozen(self) -> bool:
        return self._frozen

    def _own(self, directory: str) -> dict[str, Inode | None]:
        own = self._directories.get(directory)
        if own is None:
            if directory != "/":
                inode = self.find(directory)
                if inode is None or not inode.is_directory:
                    raise ValueError(f"the layer has no directory {directory}")
            own = self._directories[directory] = {}
        return own

    def _must_not_be_frozen(self) -> None:
        if self._frozen:
            raise ValueError("a frozen layer does not change")


@dataclass(slots=True)
class Entry:
    """What stands at a path of a stack of layers.

    `layers` are those that have a part in a directory, top first.
    It shows the stack as it was when it was looked up: look again after a change.
    """

    path: str
    inode: Inode
    layers: tuple[Layer, ...] = ()

    def child(self, name: str) -> Entry | None:
        """What is called `name` in this directory."""
        inode: Inode | None = None
        layers: list[Layer] = []
        path = child_path(self.path, name)
        for layer in self.layers:
            entries = layer.entries(self.path)
            if name not in entries:
                continue
            here = entries[name]
            if here is None:
                break
            if inode is None:
                inode = here
                if not here.is_directory:
                    break
            elif not here.is_directory:
                break
            layers.append(layer)
            if layer.is_opaque(path):
                break
        return None if inode is None else Entry(path, inode, tuple(layers))

    def names(self) -> list[str]:
        """What is in this directory, in byte order."""
        if len(self.layers) == 1:
            entries = self.layers[0].entries(self.path)
            return sorted((name for name, inode in entries.items() if inode is not None), key=by_bytes)
        visible: dict[str, bool] = {}
        for layer in self.layers:
            for name, inode in layer.entries(self.path).items():
                visible.setdefault(name, inode is not None)
        return sorted((name for name, shown in visible.items() if shown), key=by_bytes)

    def is_empty(self) -> bool:
        return not self.names()


class Stack:
    """Frozen layers, lowest first, with one on top that takes all changes.

    `version` is another one after every change, and after some that were none.
    """

    version = 0

    def __init__(self, layers: Sequence[Layer], top: Layer, mtime: float = 0.0, space: Space | None = None) -> None:
        self.layers = tuple(layers)
        self.space = space
        self.top = top
        self._lower = tuple(reversed(self.layers))
        self._lower_root = next((layer.root for layer in self._lower if layer.root is not None), None)
        if self._lower_root is None and top.root is None:
            top.put("/", Inode(Kind.DIRECTORY, 0o755, mtime=mtime))

    def root(self) -> Entry:
        """The root directory of the whole."""
        root = self.top.root or self._lower_root
        assert root is not None  # see __init__
        return Entry("/", root, (self.top, *self._lower))

    def below(self) -> Entry:
        """The root directory as it would be without the top layer."""
        return Entry("/", self._lower_root or Inode(Kind.DIRECTORY, 0o755), self._lower)

    def at(self, path: str) -> Entry | None:
        """What stands at `path`."""
        entry: Entry | None = self.root()
        for name in path.split("/"):
            if name and entry is not None:
                entry = entry.child(name)
        return entry

    def own(self, path: str) -> Inode:
        """The inode at `path` in the top layer, copied up with its directories if it was only below."""
        self.version += 1
        inode = self.top.find(path)
        if inode is not None:
            return inode
        entry = self.root()
        if self.top.root is None:
            self.top.put("/", entry.inode.copy())
        for name in path.split("/"):
            if not name:
                continue
            child = entry.child(name)
            if child is None:
                raise KeyError(path)
            if child.inode is not self.top.find(child.path):
                self.top.put(child.path, child.inode.copy())
            entry = child
        inode = self.top.find(path)
        assert inode is not None  # it was put there just now
        return inode

    def put(self, path: str, inode: Inode) -> None:
        """Let `inode` stand at `path`, where there is nothing."""
        self.own(split_path(path)[0])
        hidden = self.top.hides(path)
        self.top.put(path, inode)
        if hidden and inode.is_directory:
            self.top.make_opaque(path)

    def erase(self, path: str) -> None:
        """Remove what stands at `path` with all below it."""
        directory = split_path(path)[0]
        self.own(directory)
        self.top.remove(path)
        if self.at(path) is not None:
            self.top.whiteout(path)

    def move(self, old: str, new: str) -> None:
        """Let all that stands at `old` stand at `new` instead, where there is nothing."""
        entry = self.at(old)
        if entry is None:
            raise KeyError(old)
        copies: dict[int, Inode] = {}
        pending = [entry]
        moved: list[tuple[str, Inode]] = []
        while pending:
            entry = pending.pop()
            inode = entry.inode
            if inode is not self.top.find(entry.path):
                inode = copies.setdefault(id(inode), inode.copy())
            moved.append((new + entry.path[len(old) :], inode))
            if inode.is_directory:
                pending += [child for name in entry.names() if (child := entry.child(name)) is not None]
        for path, inode in moved:
            self.put(path, inode)
        self.erase(old)


def child_path(directory: str, name: str) -> str:
    """The path of `name` in `directory`."""
    return f"/{name}" if directory == "/" else f"{directory}/{name}"


def split_path(path: str) -> tuple[str, str]:
    """The directory a path is in, and its last name."""
    directory, _, name = path.rpartition("/")
    return directory or "/", name


def by_bytes(name: str) -> bytes:
    """The order in which Docker and the C library list names."""
    return _encoded(name)


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
