"""Directories of the host that containers may read: only those that were named, and only to be read."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from pathlib import Path

from fakedocker.engine.files.content import Spool
from fakedocker.engine.files.files import Files
from fakedocker.engine.files.layers import Inode, Kind, Layer

CHUNK = 1 << 20


class HostDirectories:
    """The directories that may be read, and reading them."""

    def __init__(self, allowed: Iterable[str | Path] = ()) -> None:
        self._allowed = [Path(path).resolve() for path in allowed]

    def read(self, path: str) -> Files | None:
        """Return the tree of a directory, as it is now; None if it is not one of those that may be read.

        Symbolic links stay what they are and are never followed on the host; what is neither a file, a directory nor
        a link is left out. Raises OSError.
        """
        top = Path(path)
        if not top.is_absolute() or not any(top.resolve().is_relative_to(allowed) for allowed in self._allowed):
            return None
        layer = Layer()
        _read(top.resolve(), "/", layer)
        return Files([layer.freeze()], Layer(), lambda: 0.0, read_only=True)


def _read(directory: Path, place: str, layer: Layer) -> None:
    layer.put(place, _inode(directory, directory.stat()))
    for entry in sorted(os.scandir(directory), key=lambda entry: entry.name):
        target = f"{place.rstrip('/')}/{entry.name}"
        found = entry.stat(follow_symlinks=False)
        if stat.S_ISDIR(found.st_mode):
            _read(Path(entry.path), target, layer)
        elif stat.S_ISREG(found.st_mode) or stat.S_ISLNK(found.st_mode):
            layer.put(target, _inode(Path(entry.path), found))


def _inode(path: Path, found: os.stat_result) -> Inode:
    mode, uid, gid, mtime = stat.S_IMODE(found.st_mode), found.st_uid, found.st_gid, found.st_mtime
    if stat.S_ISLNK(found.st_mode):
        return Inode(Kind.SYMLINK, 0o777, uid, gid, mtime, target=os.readlink(path))
    if stat.S_ISDIR(found.st_mode):
        return Inode(Kind.DIRECTORY, mode, uid, gid, mtime)
    spool = Spool()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            spool.write(chunk)
    return Inode(Kind.FILE, mode, uid, gid, mtime, spool.finish())
