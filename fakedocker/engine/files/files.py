"""Files: the file system as a container sees it.

`Files` gives the verbs of the system call table to a stack of layers. The rules of the room:

* what a verb refuses, it refuses as Linux does: with the builtin `OSError` of the same errno, before anything
  changed;
* paths start at the root of the container whatever they say: "..", symbolic links and their targets never
  leave it;
* every change goes to the top layer, or to the volume that is mounted there;
* a change moves the mtime that Linux would move; what time it is, is asked from `now`.

Permission bits are kept and shown but not enforced: everybody is root here.
"""

from __future__ import annotations

import errno
import io
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import IntEnum
from typing import NamedTuple, NoReturn

from fakedocker.engine.files.content import Content
from fakedocker.engine.files.layers import Entry, Inode, Kind, Layer, Space, Stack, by_bytes, child_path, split_path

__all__ = ["Change", "ChangeKind", "Files", "OpenFile", "single_file"]

NAME_MAX = 255
PATH_MAX = 4096
SYMLINKS_MAX = 40
FILE_MAX = 8 << 30
"""Bytes a single file may grow to (EFBIG beyond): a container must not fill the host."""
MOST_KNOWN = 64
"""Paths into the image that are remembered with what stands there, until the tree changes."""


_DOTS = {"/": errno.EBUSY, ".": errno.EINVAL, "..": errno.ENOTEMPTY}
"""Why rmdir(2) does not remove these."""


class ChangeKind(IntEnum):
    """The numbers in the answer of `GET /containers/{id}/changes`."""

    MODIFIED = 0
    ADDED = 1
    DELETED = 2


class Change(NamedTuple):
    """One path that differs from the image."""

    path: str
    kind: ChangeKind


class _Mount(NamedTuple):
    stack: Stack
    read_only: bool


class _Place(NamedTuple):
    """Something that exists: where the container sees it, where it is kept."""

    path: str
    entry: Entry
    mount: _Mount

    @property
    def inode(self) -> Inode:
        return self.entry.inode


class _Target(NamedTuple):
    """Where a path leads: `name` in `directory`, and what is there.

    `name` is "" for a path that ends in "/", "." or ".."; then `place` and `directory` are the same and
    `last` says which. `slash`: the path demands a directory by a slash at its end. `own`: nothing that is
    mounted has a part in it.
    """

    directory: _Place
    name: str
    place: _Place | None
    slash: bool
    last: str
    own: bool = False

    @property
    def path(self) -> str:
        return child_path(self.directory.path, self.name) if self.name else self.directory.path

    @property
    def kept_at(self) -> str:
        """The path in the stack of the directory."""
        return child_path(self.directory.entry.path, self.name)


class Files:
    """The tree of `layers` (lowest first) under `top`, which takes all changes.

    `now` tells the time in seconds since 1970. `space`: the room for what is written; none: as much as one likes.
    """

    def __init__(
        self,
        layers: Sequence[Layer],
        top: Layer,
        now: Callable[[], float],
        *,
        read_only: bool = False,
        space: Space | None = None,
    ) -> None:
        self._now = now
        self._stack = Stack(layers, top, now() if top.root is None else 0.0, space)
        self.read_only = read_only
        #: Path -> what is mounted there, whether it is read only, and which part of it is seen.
        self._mounts: dict[str, tuple[Files, bool, str]] = {}
        #: The kind and the options that /proc/mounts shows where it is mounted, if it is on no disk.
        self.shown_as: tuple[str, str] | None = None
        self._remounted = 0
        self._known: dict[str, _Place] = {}
        self._known_version = self.version

    @property
    def version(self) -> tuple[int, int]:
        """Another one after every change of the tree itself; what is mounted in it does not count."""
        return self._stack.version, self._remounted

    @classmethod
    def of(cls, stack: Stack, now: Callable[[], float], *, read_only: bool) -> Files:
        """The tree that a stack is."""
        files = cls([], Layer(), now, read_only=read_only)
        files._stack = stack
        return files

    @property
    def top(self) -> Layer:
        return self._stack.top

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The layers below the top one, lowest first."""
        return self._stack.layers

    # Looking

    def stat(self, path: str, *, follow: bool = True) -> Inode:
        """The inode at `path`, for reading only."""
        return self._find(path, follow).inode

    def exists(self, path: str, *, follow: bool = True) -> bool:
        try:
            self._find(path, follow)
        except OSError:
            return False
        return True

    def is_directory(self, path: str) -> bool:
        try:
            return self._find(path).inode.is_directory
        except OSError:
            return False

    def is_own(self, path: str) -> bool:
        """Whether what is at a path, or that nothing is, depends on this tree alone and on nothing mounted in it."""
        try:
            return self._seek(path, follow=True).own
        except OSError:
            return path != "/" and self.is_own(split_path(path)[0])

    def resolve(self, path: str) -> str:
        """The path without symbolic links, "." and ".." (as realpath); all of it must exist."""
        return self._find(path).path

    def listdir(self, path: str) -> list[str]:
        """The names in a directory, in byte order."""
        place = self._find(path)
        if not place.inode.is_directory:
            _fail(errno.ENOTDIR, path)
        return place.entry.names()

    def readlink(self, path: str) -> str:
        inode = self._find(path, follow=False).inode
        if not inode.is_symlink:
            _fail(errno.EINVAL, path)
        return inode.target

    def read(self, path: str) -> Content:
        """What a file contains now; later writes do not change it."""
        inode = self._find(path).inode
        if inode.is_directory:
            _fail(errno.EISDIR, path)
        return inode.content

    def walk(self, path: str = "/", *, mounts: bool = True, follow: bool = False) -> Iterator[tuple[str, Inode]]:
        """All at and below `path`, a directory before its content, names in byte order.

        Symbolic links are not followed (`follow`: the one at `path` is). Without `mounts` a mount point shows
        as the empty directory it is below the volume. What is removed during the walk is passed over.
        """
        pending = [self._find(path, follow)]
        if not mounts and pending[0].path in self._mounts:
            pending = [self._under_mount(pending[0].path)]
        while pending:
            place = pending.pop()
            yield place.path, place.inode
            if place.inode.is_directory and (mounts or place.path not in self._mounts):
                for name in reversed(place.entry.names()):
                    child = self._step(place, name) if mounts else self._step_below(place, name)
                    if child is not None:
                        pending.append(child)

    # Files

    def open(
        self,
        path: str,
        *,
        read: bool = False,
        write: bool = False,
        create: bool = False,
        truncate: bool = False,
        append: bool = False,
        exclusive: bool = False,
        mode: int = 0o644,
        uid: int = 0,
        gid: int = 0,
    ) -> OpenFile:
        """An open file description, as open(2) gives one; `append` implies `write`."""
        write = write or append
        target = self._seek(path, follow=not (create and exclusive), create=create)
        place = target.place
        if create:
            if place is not None and exclusive:
                _fail(errno.EEXIST, path)
            if place is not None and place.inode.is_directory:
                _fail(errno.EISDIR, path)
        if place is None:
            if not create:
                _fail(errno.ENOENT, path)
            inode = self._add(target, path, Inode(Kind.FILE, mode, uid, gid))
            space = target.directory.mount.stack.space
            return OpenFile(inode, self._now, readable=read, writable=write, appending=append, space=space)
        if target.slash and not place.inode.is_directory:
            _fail(errno.ENOTDIR, path)
        inode = place.inode
        if inode.is_directory and (write or truncate):
            _fail(errno.EISDIR, path)
        if inode.is_file and (write or truncate):
            inode = self._own(place, path)
            if truncate:
                inode.charge(place.mount.stack.space, 0)
                inode.content = Content.empty
                inode.mtime = self._now()
        space = place.mount.stack.space
        return OpenFile(inode, self._now, readable=read, writable=write, appending=append, space=space)

    def write(self, path: str, data: Content | bytes, *, mode: int = 0o644, uid: int = 0, gid: int = 0) -> None:
        """Let a file contain `data`; one that exists keeps its owner and mode, else it is created."""
        content = data if isinstance(data, Content) else Content.of(data)
        if content.size > FILE_MAX:
            _fail(errno.EFBIG, path)
        file = self.open(path, write=True, create=True, mode=mode, uid=uid, gid=gid)
        if file.inode.is_file:
            file.inode.charge(file.space, content.size)
            file.inode.content = content
            file.inode.mtime = self._now()
        else:
            file.write(content.read())

    def append(self, path: str, data: bytes, *, mode: int = 0o644, uid: int = 0, gid: int = 0) -> None:
        """Add `data` at the end of a file, which is created when missing."""
        self.open(path, append=True, create=True, mode=mode, uid=uid, gid=gid).write(data)

    def truncate(self, path: str, size: int) -> None:
        """Cut a file to `size` bytes, or fill it up with zeros to it."""
        if size < 0:
            _fail(errno.EINVAL, path)
        place = self._find(path)
        if place.inode.is_directory:
            _fail(errno.EISDIR, path)
        if not place.inode.is_file:
            _fail(errno.EINVAL, path)
        space = place.mount.stack.space
        OpenFile(self._own(place, path), self._now, writable=True, space=space).truncate(size)

    # Names

    def mkdir(self, path: str, mode: int = 0o755, *, parents: bool = False, uid: int = 0, gid: int = 0) -> None:
        """Create a directory; with `parents` (as mkdir -p) also those above, and one that exists is fine."""
        if not parents:
            self._create(path, Inode(Kind.DIRECTORY, mode, uid, gid))
            return
        _check(path, path)
        here = self._root()
        above = ""
        names = [name for name in path.split("/") if name]
        for index, name in enumerate(names):
            last = index == len(names) - 1
            above += f"/{name}"
            place = None if name in (".", "..") else self._step(here, name)
            if place is None and name not in (".", ".."):
                _check_name(name, path)
                self._must_be_writable(here, path)
                place = self._new_directory(here, name, Inode(Kind.DIRECTORY, mode if last else 0o755, uid, gid))
            elif place is None or not place.inode.is_directory:
                if not self.is_directory(above):
                    _fail(errno.EEXIST if last else errno.ENOTDIR, path)
                place = self._find(above)
            here = place

    def symlink(self, target: str, path: str, *, uid: int = 0, gid: int = 0) -> None:
        """Create a symbolic link at `path` that points to `target`, whatever is there."""
        _check(target, path)
        self._create(path, Inode(Kind.SYMLINK, 0o777, uid, gid, target=target))

    def mknod(
        self,
        path: str,
        kind: Kind,
        mode: int = 0o644,
        *,
        device: tuple[int, int] | None = None,
        uid: int = 0,
        gid: int = 0,
    ) -> None:
        """Create a file, a fifo or a device."""
        if kind is Kind.DIRECTORY:
            _fail(errno.EPERM, path)
        if kind is Kind.SYMLINK or (device is None) == (kind in (Kind.CHARACTER, Kind.BLOCK)):
            _fail(errno.EINVAL, path)
        self._create(path, Inode(kind, mode, uid, gid, device=device))

    def link(self, path: str, new: str) -> None:
        """Give what is at `path` the second name `new`; a symbolic link is not followed."""
        place = self._find(path, follow=False)
        target = self._vacant(new)
        if place.mount.stack is not target.directory.mount.stack:
            _fail(errno.EXDEV, path, new)
        self._must_be_writable(target.directory, new)
        if place.inode.is_directory:
            _fail(errno.EPERM, path, new)
        self._put(target, self._own(place, path))

    def unlink(self, path: str) -> None:
        """Remove a name that is not a directory."""
        target = self._seek(path, follow=False)
        if not target.name:
            _fail(errno.EISDIR, path)
        self._must_be_writable(target.directory, path)
        if target.place is None:
            _fail(errno.ENOENT, path)
        if target.place.inode.is_directory:
            _fail(errno.EISDIR, path)
        if target.slash:
            _fail(errno.ENOTDIR, path)
        if target.path in self._mounts:
            _fail(errno.EBUSY, path)
        self._erase(target)

    def rmdir(self, path: str) -> None:
        """Remove an empty directory."""
        target = self._seek(path, follow=False)
        if not target.name:
            _fail(_DOTS[target.last], path)
        self._must_be_writable(target.directory, path)
        if target.place is None:
            _fail(errno.ENOENT, path)
        if not target.place.inode.is_directory:
            _fail(errno.ENOTDIR, path)
        if self._holds_mount(target.path):
            _fail(errno.EBUSY, path)
        if not target.place.entry.is_empty():
            _fail(errno.ENOTEMPTY, path)
        self._erase(target)

    def remove_tree(self, path: str) -> None:
        """Remove whatever is at `path` with all below it; a symbolic link is not followed."""
        target = self._seek(path, follow=False)
        if not target.name:
            _fail(_DOTS[target.last], path)
        if target.place is None:
            _fail(errno.ENOENT, path)
        if target.slash and not target.place.inode.is_directory:
            _fail(errno.ENOTDIR, path)
        self._must_be_writable(target.directory, path)
        if self._holds_mount(target.path):
            _fail(errno.EBUSY, path)
        self._erase(target)

    def rename(self, path: str, new: str) -> None:
        """Move a file or directory, over a file or an empty directory that is there already."""
        source = self._seek(path, follow=False)
        target = self._seek(new, follow=False)
        if source.directory.mount.stack is not target.directory.mount.stack:
            _fail(errno.EXDEV, path, new)
        if not source.name or not target.name:
            _fail(errno.EBUSY, path, new)
        self._must_be_writable(source.directory, path)
        moved = source.place
        replaced = target.place
        if moved is None:
            _fail(errno.ENOENT, path, new)
        if not moved.inode.is_directory and (source.slash or target.slash):
            _fail(errno.ENOTDIR, path, new)
        if _is_below(target.path, source.path):
            _fail(errno.EINVAL, path, new)
        if _is_below(source.path, target.path):
            _fail(errno.ENOTEMPTY, path, new)
        if replaced is not None:
            if replaced.inode is moved.inode:
                # Also two hard links of one file: rename(2) leaves both.
                return
            if moved.inode.is_directory and not replaced.inode.is_directory:
                _fail(errno.ENOTDIR, path, new)
            if replaced.inode.is_directory and not moved.inode.is_directory:
                _fail(errno.EISDIR, path, new)
        if self._holds_mount(source.path) or self._holds_mount(target.path):
            _fail(errno.EBUSY, path, new)
        stack = source.directory.mount.stack
        if replaced is not None:
            if replaced.inode.is_directory and not replaced.entry.is_empty():
                _fail(errno.ENOTEMPTY, path, new)
            stack.erase(target.kept_at)
        stack.move(source.kept_at, target.kept_at)
        self._touch(source.directory)
        self._touch(target.directory)

    def place(self, path: str, inode: Inode) -> None:
        """Let `inode` itself stand at `path`, as an archive is unpacked; the caller gives it away.

        Directories above it are created, what is there is replaced, except that a directory takes the
        metadata of another.
        """
        target = self._seek_or_create_directory(path)
        place = target.place
        if inode.is_directory and place is not None and place.inode.is_directory:
            own = self._own(place, path)
            own.mode, own.uid, own.gid, own.mtime = inode.mode, inode.uid, inode.gid, inode.mtime
            return
        if not target.name:
            _fail(errno.EISDIR, path)
        self._must_be_writable(target.directory, path)
        if place is not None:
            if self._holds_mount(target.path):
                _fail(errno.EBUSY, path)
            if place.inode is inode:
                return
            target.directory.mount.stack.erase(target.kept_at)
        self._put(target, inode)

    # Metadata

    def chmod(self, path: str, mode: int, *, follow: bool = True) -> None:
        self._own(self._find(path, follow), path).mode = mode & 0o7777

    def chown(self, path: str, uid: int = -1, gid: int = -1, *, follow: bool = True) -> None:
        """Change the owner; -1 leaves it."""
        inode = self._own(self._find(path, follow), path)
        if uid != -1:
            inode.uid = uid
        if gid != -1:
            inode.gid = gid
        if inode.is_file:  # chown(2) takes from a program what it could do in another's name
            inode.mode &= ~0o4000 if not inode.mode & 0o010 else ~0o6000

    def utime(self, path: str, mtime: float | None = None, *, follow: bool = True) -> None:
        """Set the time of the last change, to now if none is given."""
        self._own(self._find(path, follow), path).mtime = self._now() if mtime is None else mtime

    # Volumes

    def remount(self, *, read_only: bool) -> None:
        """Forbid to change the tree, or allow it again; what is mounted in it has a rule of its own."""
        if read_only != self.read_only:
            self.read_only = read_only
            self._remounted += 1

    def mount(self, path: str, files: Files, *, read_only: bool = False, part: str = "/") -> None:
        """Let everything at and below `path` be that of `files`; the directory is created if missing.

        A tree may also be a single file (see `single_file`): that is mounted over a file, which must exist. `part`: the
        path in `files` of what is to be seen; it must exist.
        """
        part = files.resolve(part)
        directory = files.stat(part).is_directory
        if directory:
            self.mkdir(path, parents=True)
        place = self._find(path)
        if place.inode.is_directory is not directory:
            _fail(errno.ENOTDIR if directory else errno.EISDIR, path)
        if place.path == "/":
            _fail(errno.EBUSY, path)
        self._mounts[place.path] = (files, read_only, part)
        self._remounted += 1

    def unmount(self, path: str) -> None:
        """Undo a mount."""
        place = self._find(path)
        if place.path not in self._mounts:
            _fail(errno.EINVAL, path)
        if any(_is_below(mount, place.path) for mount in self._mounts):
            _fail(errno.EBUSY, path)
        del self._mounts[place.path]
        self._remounted += 1

    @property
    def mounts(self) -> Mapping[str, Files]:
        """The volumes by where they are mounted."""
        return {path: files for path, (files, _, _) in self._mounts.items()}

    # The layer on top

    def changes(self, *, parents: bool = False) -> list[Change]:
        """How the tree differs from the layers below the top, a directory before its content, in byte order.

        A directory is modified when its mode or mtime is another (moby archive/changes.go of 2013); with
        `parents`, as later daemons have it, also when its owner is or when something below it changed.
        """
        found: list[tuple[str, ChangeKind | None]] = []
        # What is in a directory that took an older one's place hides all that was in that, at any depth.
        pending: list[tuple[str, Inode | None, Entry | None, bool]]
        pending = [("/", self.top.root, self._stack.below(), False)]
        while pending:
            path, inode, below, replaced = pending.pop()
            if path != "/":
                found.append((path, _compared(inode, below.inode if below is not None else None, parents)))
            if inode is None or not inode.is_directory:
                continue
            own = self.top.entries(path)
            names = set(own)
            replaced = replaced or self.top.is_opaque(path)
            if below is not None and replaced:
                names.update(below.names())
            for name in sorted(names, key=by_bytes, reverse=True):
                lower = below.child(name) if below is not None else None
                if own.get(name) is not None or lower is not None:
                    pending.append((child_path(path, name), own.get(name), lower, replaced))
        changes: list[Change] = []
        following = ""
        for path, kind in reversed(found):
            if kind is None and parents and _is_below(following, path):
                kind = ChangeKind.MODIFIED
            if kind is not None:
                changes.append(Change(path, kind))
                following = path
        return changes[::-1]

    def commit(self) -> Layer:
        """The top layer as it is now, frozen; further changes do not touch it."""
        return self.top.copy().freeze()

    def snapshot(self, *, mounts: bool = False) -> Files:
        """The tree as it is now, to be read while this one changes; without its volumes unless `mounts`."""
        copy = Files([*self.layers, self.commit()], Layer(), self._now, read_only=self.read_only)
        if mounts:
            for path, (files, read_only, part) in self._mounts.items():
                copy._mounts[path] = files.snapshot(), read_only, part
        return copy

    # Finding the way

    def _root(self) -> _Place:
        return _Place("/", self._stack.root(), _Mount(self._stack, self.read_only))

    def _step(self, directory: _Place, name: str) -> _Place | None:
        """What is called `name` in `directory`, on top of any mount."""
        path = child_path(directory.path, name)
        if path in self._mounts:
            files, read_only, part = self._mounts[path]
            # A part that was removed meanwhile is gone from the tree, but whoever looks from the outside sees its top.
            entry = files._stack.at(part) or files._stack.root()
            return _Place(path, entry, _Mount(files._stack, read_only or files.read_only))
        return self._step_below(directory, name)

    def _step_below(self, directory: _Place, name: str) -> _Place | None:
        entry = directory.entry.child(name)
        return None if entry is None else _Place(child_path(directory.path, name), entry, directory.mount)

    def _under_mount(self, path: str) -> _Place:
        target = self._seek(split_path(path)[0], follow=True).place
        assert target is not None  # a directory above a mount cannot be removed
        place = self._step_below(target, split_path(path)[1])
        assert place is not None
        return place

    def _seek(self, path: str, *, follow: bool, create: bool = False) -> _Target:
        """Where `path` leads; all directories on the way must exist.

        `follow`: a symbolic link at the end, too. `create`: to a file that is to be created, no directory.
        """
        _check(path, path)
        trail = [self._root()]
        pending = [name for name in reversed(path.split("/")) if name]
        slash = bool(pending) and path.endswith("/")
        last = "/"
        links = 0
        own = True
        while pending:
            name = pending.pop()
            here = trail[-1]
            if not here.inode.is_directory:
                _fail(errno.ENOTDIR, path)
            last = name
            if name == ".":
                continue
            if name == "..":
                if len(trail) > 1:
                    trail.pop()
                continue
            if create and slash and not pending:
                _fail(errno.EISDIR, path)
            _check_name(name, path)
            place = self._step(here, name)
            if place is None:
                if pending:
                    _fail(errno.ENOENT, path)
                return _Target(here, name, None, slash, name, own)
            own = own and place.mount.stack is self._stack
            if place.inode.is_symlink and (pending or follow):
                links += 1
                if links > SYMLINKS_MAX:
                    _fail(errno.ELOOP, path)
                target = place.inode.target
                if target.startswith("/"):
                    del trail[1:]
                    last = "/"
                names = [name for name in reversed(target.split("/")) if name]
                if not pending and names:
                    slash = slash or target.endswith("/")
                pending += names
                continue
            if not pending:
                return _Target(here, name, place, slash, name, own)
            trail.append(place)
        here = trail[-1]
        return _Target(here, "", here, slash, last, own)

    def _find(self, path: str, follow: bool = True) -> _Place:
        """What exists at `path`."""
        if not follow:
            return self._search(path, follow=path.endswith("/"))
        if self._known_version != self.version or len(self._known) > MOST_KNOWN:
            self._known.clear()
            self._known_version = self.version
        place = self._known.get(path)
        if place is None:
            place = self._search(path, follow=True)
        return place

    def _search(self, path: str, *, follow: bool) -> _Place:
        target = self._seek(path, follow=follow)
        if target.place is None:
            _fail(errno.ENOENT, path)
        if target.slash and not target.place.inode.is_directory:
            _fail(errno.ENOTDIR, path)
        # What the top layer has may be removed, and its room is given back when nobody knows it any more.
        if follow and target.own and target.place.inode is not self.top.find(target.path):
            self._known[path] = target.place
        return target.place

    def _vacant(self, path: str) -> _Target:
        """Where something other than a directory can be created."""
        target = self._seek(path, follow=False)
        if target.place is not None:
            _fail(errno.EEXIST, path)
        if target.slash:
            _fail(errno.ENOENT, path)
        return target

    def _seek_or_create_directory(self, path: str) -> _Target:
        try:
            return self._seek(path, follow=False)
        except FileNotFoundError:
            self.mkdir(split_path(path.rstrip("/"))[0], parents=True)
            return self._seek(path, follow=False)

    # Changing

    def _create(self, path: str, inode: Inode) -> None:
        if inode.is_directory:
            target = self._seek(path, follow=False)
            if target.place is not None:
                _fail(errno.EEXIST, path)
        else:
            target = self._vacant(path)
        self._add(target, path, inode)

    def _add(self, target: _Target, path: str, inode: Inode) -> Inode:
        self._must_be_writable(target.directory, path)
        inode.charge(target.directory.mount.stack.space, 0)
        inode.mtime = self._now()
        self._put(target, inode)
        return inode

    def _new_directory(self, parent: _Place, name: str, inode: Inode) -> _Place:
        target = _Target(parent, name, None, False, name)
        inode.charge(parent.mount.stack.space, 0)
        inode.mtime = self._now()
        self._put(target, inode)
        stack = parent.mount.stack
        return _Place(target.path, Entry(target.kept_at, inode, (stack.top,)), parent.mount)

    def _put(self, target: _Target, inode: Inode) -> None:
        target.directory.mount.stack.put(target.kept_at, inode)
        self._touch(target.directory)

    def _erase(self, target: _Target) -> None:
        target.directory.mount.stack.erase(target.kept_at)
        self._touch(target.directory)

    def _own(self, place: _Place, path: str) -> Inode:
        """The inode at `place`, to be changed."""
        self._must_be_writable(place, path)
        return place.mount.stack.own(place.entry.path)

    def _touch(self, directory: _Place) -> None:
        directory.mount.stack.own(directory.entry.path).mtime = self._now()

    def _must_be_writable(self, place: _Place, path: str) -> None:
        if place.mount.read_only:
            _fail(errno.EROFS, path)

    def _holds_mount(self, path: str) -> bool:
        return any(mount == path or _is_below(mount, path) for mount in self._mounts)


def single_file(data: bytes, now: Callable[[], float], mode: int = 0o644) -> Files:
    """A tree that is one file, to be mounted over another one."""
    layer = Layer()
    layer.put("/", Inode(Kind.FILE, mode, mtime=now(), content=Content.of(data)))
    return Files([], layer, now)


class OpenFile:
    """A file that was opened: a position in it and what may be done; it outlives the file's name."""

    __slots__ = ("_now", "appending", "inode", "position", "readable", "space", "writable")

    def __init__(
        self,
        inode: Inode,
        now: Callable[[], float],
        *,
        readable: bool = False,
        writable: bool = False,
        appending: bool = False,
        space: Space | None = None,
    ) -> None:
        self.inode = inode
        #: The room that the file takes from when it grows.
        self.space = space
        self.position = 0
        self.readable = readable
        self.writable = writable
        self.appending = appending
        self._now = now

    @property
    def size(self) -> int:
        return self.inode.size

    def read(self, size: int = -1) -> bytes:
        """At most `size` bytes (-1: all) from the position; b"" at the end."""
        data = self.pread(self.position, size)
        self.position += len(data)
        return data

    def pread(self, offset: int, size: int = -1) -> bytes:
        """At most `size` bytes (-1: all) from `offset`."""
        if not self.readable:
            _fail(errno.EBADF)
        if self.inode.is_directory:
            _fail(errno.EISDIR)
        if offset < 0:
            _fail(errno.EINVAL)
        return self.inode.read(offset, size)

    def write(self, data: bytes) -> int:
        """Put `data` at the position (at the end when appending) and return how much was written: all."""
        if self.appending:
            self.position = self.inode.size
        written = self.pwrite(self.position, data)
        self.position += written
        return written

    def pwrite(self, offset: int, data: bytes) -> int:
        """Put `data` at `offset`; a gap before it reads as zeros. What is written to a device is lost."""
        if not self.writable:
            _fail(errno.EBADF)
        if offset < 0:
            _fail(errno.EINVAL)
        if not self.inode.is_file:
            return len(data)
        if offset + len(data) > FILE_MAX:
            _fail(errno.EFBIG)
        if data:
            self.inode.charge(self.space, max(self.inode.size, offset + len(data)))
            self.inode.draft().write(offset, data)
            self.inode.mtime = self._now()
        return len(data)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move the position, which may lie beyond the end."""
        if whence not in (io.SEEK_SET, io.SEEK_CUR, io.SEEK_END):
            _fail(errno.EINVAL)
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self.position, io.SEEK_END: self.inode.size}[whence]
        if base + offset < 0:
            _fail(errno.EINVAL)
        self.position = base + offset
        return self.position

    def truncate(self, size: int) -> None:
        """Cut to `size` bytes, or fill up with zeros to it; the position stays."""
        if not self.writable or not self.inode.is_file or size < 0:
            _fail(errno.EINVAL)
        if size > FILE_MAX:
            _fail(errno.EFBIG)
        self.inode.charge(self.space, size)
        if size == 0:
            self.inode.content = Content.empty
        else:
            self.inode.draft().truncate(size)
        self.inode.mtime = self._now()


def _compared(here: Inode | None, below: Inode | None, owner: bool) -> ChangeKind | None:
    if here is None:
        return ChangeKind.DELETED
    if below is None:
        return ChangeKind.ADDED
    if here.is_directory and below.is_directory:
        same = (here.mode, here.mtime) == (below.mode, below.mtime)
        if same and not (owner and (here.uid, here.gid) != (below.uid, below.gid)):
            return None
    return ChangeKind.MODIFIED


def _is_below(path: str, directory: str) -> bool:
    return path.startswith("/" if directory == "/" else directory + "/") and path != directory


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _check(text: str, path: str) -> None:
    """Refuse what no path can be; `path` is for the message."""
    if not text:
        _fail(errno.ENOENT, path)
    if "\0" in text:
        _fail(errno.EINVAL, path)
    try:
        length = len(_encoded(text))
    except UnicodeEncodeError:
        _fail(errno.EILSEQ, path)
    if length >= PATH_MAX:
        _fail(errno.ENAMETOOLONG, path)


def _check_name(name: str, path: str) -> None:
    # No character has more than four bytes.
    if len(name) * 4 > NAME_MAX and len(_encoded(name)) > NAME_MAX:
        _fail(errno.ENAMETOOLONG, path)


def _fail(number: int, path: str | None = None, other: str | None = None) -> NoReturn:
    """Raise the error as the C library words it."""
    if path is None:
        raise OSError(number, os.strerror(number))
    if other is None:
        raise OSError(number, os.strerror(number), path)
    raise OSError(number, os.strerror(number), path, None, other)
