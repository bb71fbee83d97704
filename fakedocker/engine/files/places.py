"""The layer between an image and a container: places for what the daemon and the kernel mount in every container.

Rules of this file: it lies below what the container changes, so that no place is a change, whatever the image has there
(moby daemon/initlayer/setup_unix.go). A daemon of 2013 has no such layer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from fakedocker.engine.files.files import Files
from fakedocker.engine.files.layers import Inode, Kind, Layer, split_path

DIRECTORIES: Final = ("/dev/pts", "/dev/shm", "/proc", "/sys")
FILES: Final = ("/.dockerenv", "/dev/console", "/etc/hostname", "/etc/hosts", "/etc/resolv.conf")
LINKS: Final = {"/etc/mtab": "/proc/mounts"}


def places(image: Sequence[Layer], now: Callable[[], float]) -> Layer:
    """Return the layer to be laid on an image's layers (lowest first): empty files and directories, and a link.

    A file or link of the image that is in the way makes room, even one on the way (a link at /etc, say).
    """
    files = Files(image, Layer(), now)
    for path in (*DIRECTORIES, *FILES, *LINKS):
        _make_way(files, path)
        files.mkdir(split_path(path)[0], parents=True)
        if path in LINKS:
            files.symlink(LINKS[path], path)
        elif path in DIRECTORIES:
            files.mkdir(path, parents=True)
        elif not files.exists(path):
            files.mknod(path, Kind.FILE, 0o755)
    return files.commit()


def _make_way(files: Files, path: str) -> None:
    """Remove what is no directory at a path or on the way to it."""
    for end in (index for index, character in enumerate(path + "/") if character == "/" and index):
        inode = _inode(files, path[:end])
        if inode is not None and not inode.is_directory:
            files.unlink(path[:end])


def _inode(files: Files, path: str) -> Inode | None:
    try:
        return files.stat(path, follow=False)
    except OSError:
        return None
