"""Copying into an image: what COPY and ADD of a Dockerfile take, and where it lands.

The rules are those of the classic builder (moby builder/dockerfile/copy.go, pkg/archive/copy.go): sources never leave
their tree, whatever links and ".." say; what is copied belongs to root or to `--chown`, and so do new directories
above it; a directory is copied by its content. Sources are known by a sum of what they are, times left out, which is
what makes a step be found in the cache.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from posixpath import basename, dirname, join, normpath
from typing import Final

from fakedocker.engine import errors
from fakedocker.engine.files import archives
from fakedocker.engine.files.content import Content
from fakedocker.engine.files.files import SYMLINKS_MAX, Files
from fakedocker.engine.files.globs import BadPattern, compile_glob
from fakedocker.engine.files.layers import Inode, Kind, Layer

#: What a file is called that was fetched from a URL which does not name it.
UNNAMED = "__unnamed__"


@dataclass(frozen=True, slots=True)
class Source:
    """Something to copy: `path` in `files`. `sum`: what it is known by. `archive`: it is unpacked if it is one."""

    files: Files
    path: str
    sum: str
    archive: bool = False


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose the copied files will be."""

    uid: int = 0
    gid: int = 0


# -- sources --------------------------------------------------------------------------------------------------


def find(files: Files, path: str, *, archive: bool = False, context: bool = True) -> list[Source]:
    """Return what a source of COPY or ADD names in a tree: one thing, or all that a pattern matches.

    `context`: the tree was sent by a client. Raises NotFound, InvalidParameter.
    """
    name = path.removeprefix("/").removeprefix("./")
    if _has_wildcards(name):
        return [_source(files, found, archive, context) for found in _matching(files, name)]
    return [_source(files, name, archive, context)]


def _source(files: Files, name: str, archive: bool, context: bool) -> Source:
    if normpath(name).split("/")[0] == "..":
        raise errors.outside_of_context(name)
    try:
        resolved = files.resolve(name or "/")
    except NotADirectoryError:
        raise errors.outside_of_context(name) from None
    except OSError:
        raise errors.not_in_context(name, context) from None
    return Source(files, name, _sum(files, resolved), archive)


def fetched(content: Content, url: str) -> Source:
    """Return a file that was fetched from a URL."""
    path = url.partition("://")[2].partition("?")[0].partition("#")[0].partition("/")[2]
    name = basename(path) or UNNAMED
    files = Files([], Layer(), lambda: 0.0)
    files.write(f"/{name}", content, mode=0o600)
    return Source(files, name, _sum(files, f"/{name}"))


def sum_of(sources: Iterable[Source]) -> str:
    """Return what several sources together are known by."""
    sums = [source.sum for source in sources]
    return sums[0] if len(sums) == 1 else f"multi:{_digest(','.join(sums).encode())}"


def _has_wildcards(name: str) -> bool:
    return re.search(r"[*?\[]", re.sub(r"\\.", "", name)) is not None


def _matching(files: Files, pattern: str) -> Iterator[str]:
    try:
        glob = compile_glob(pattern)
    except BadPattern:
        return  # as the builder does: what cannot match, matches nothing
    for path, _ in files.walk():
        if path != "/" and glob.matches(path[1:]):
            yield path[1:]


def _sum(files: Files, path: str) -> str:
    """Return the sum of what is at a path without links: of modes, owners, names and contents, not of times."""
    if not files.stat(path).is_directory:
        return f"file:{_digest_of_file(files, path)}"
    below = [_digest_of_file(files, target) for target in _targets(files, path) if target != "/"]
    return f"dir:{_digest(','.join(sorted(below)).encode())}"


def _targets(files: Files, path: str) -> Iterator[str]:
    """Yield a path and those below it; of links, where they lead, if that is somewhere."""
    for found, inode in files.walk(path):
        if inode.kind is not Kind.SYMLINK:
            yield found
            continue
        with contextlib.suppress(OSError):
            yield files.resolve(found)


#: Kind -> how a header of a tar says it, beside the permissions and by a letter.
_IN_A_TAR: Final = {
    Kind.FILE: (0o100000, "0"),
    Kind.DIRECTORY: (0o040000, "5"),
    Kind.SYMLINK: (0o120000, "2"),
    Kind.CHARACTER: (0o020000, "3"),
    Kind.BLOCK: (0o060000, "4"),
    Kind.FIFO: (0o010000, "6"),
}


def _digest_of_file(files: Files, path: str) -> str:
    """Return the sum of one file (moby pkg/tarsum, version 1): of members of its header in a tar, and its content."""
    inode = files.stat(path)
    format_bits, letter = _IN_A_TAR[inode.kind]
    major, minor = inode.device or (0, 0)
    header = {
        "name": path.removeprefix("/") + ("/" if inode.is_directory else ""),
        "mode": format_bits | inode.mode,
        "uid": inode.uid,
        "gid": inode.gid,
        "size": inode.content.size,
        "typeflag": letter,
        "linkname": inode.target,
        "uname": "",
        "gname": "",
        "devmajor": major,
        "devminor": minor,
    }
    described = "".join(f"{member}{value}" for member, value in header.items())
    digest = hashlib.sha256(described.encode("utf-8", "surrogatepass"))
    for chunk in inode.content.chunks():
        digest.update(chunk)
    return digest.hexdigest()


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


# -- the target -----------------------------------------------------------------------------------------------


def place(source: Source, files: Files, target: str, owner: Owner | None) -> None:
    """Copy a source to `target` (absolute; a slash at its end means a directory).

    `owner` None: owners stay. Raises OSError, Failure.
    """
    origin = source.files.resolve(source.path or "/")
    inode = source.files.stat(origin)
    there = follow_links(files, target)
    if inode.is_directory:
        _place_directory(source.files, origin, files, there, owner)
        return
    if source.archive and _is_archive(inode.content):
        if files.exists(there) and not files.is_directory(there):
            raise errors.unpack_over_file(there)
        archives.extract_into(files, there, inode.content)
        return
    if target.endswith("/") or files.is_directory(there):
        there = join(there, basename(source.path.rstrip("/")))
    _make_directories(files, dirname(there), owner)
    files.place(there, _owned(inode, owner))


def fill(volume: Files, files: Files, path: str) -> None:
    """Let a new volume begin with what is in a directory, owners and all."""
    _place_directory(files, files.resolve(path), volume, "/", None)


def _place_directory(origin: Files, path: str, files: Files, target: str, owner: Owner | None) -> None:
    """Copy what is in a directory into another one, which is made if it is missing."""
    if files.exists(target) and not files.is_directory(target):
        raise errors.copy_into_file(target)
    if not files.exists(target):
        _make_directories(files, target, Owner())
        if owner is not None:
            files.chown(target, owner.uid, owner.gid)
    names: dict[int, str] = {}
    for each, inode in origin.walk(path):
        if each == path:
            continue
        place_at = join(target, each[len(path.rstrip("/")) :].lstrip("/"))
        if inode.links > 1 and inode.is_file and id(inode) in names:
            _link(files, names[id(inode)], place_at)
            continue
        names[id(inode)] = place_at
        files.place(place_at, _owned(inode, owner))


def _link(files: Files, first: str, path: str) -> None:
    if files.exists(path, follow=False):
        files.remove_tree(path)
    files.link(first, path)


def _make_directories(files: Files, path: str, owner: Owner | None) -> None:
    """Create a directory and those above it that are missing, as `owner`'s."""
    owner = owner or Owner()
    missing: list[str] = []
    while not files.exists(path):
        missing.append(path)
        path = dirname(path)
    if not files.is_directory(path):
        raise errors.copy_below_file(missing[-1] if missing else path)
    for one in reversed(missing):
        files.mkdir(one, 0o755, uid=owner.uid, gid=owner.gid)


def _owned(inode: Inode, owner: Owner | None) -> Inode:
    """Return a copy that belongs to `owner`; a file that changes hands is nobody's setuid program any more."""
    copy = inode.copy()
    if owner is None:
        return copy
    copy.uid, copy.gid = owner.uid, owner.gid
    if copy.kind is Kind.FILE:
        copy.mode &= ~0o4000
        if copy.mode & 0o010:
            copy.mode &= ~0o2000
    return copy


def _is_archive(content: Content) -> bool:
    """Tell whether a file is a tar, plain or compressed; one that only begins so is none."""
    if not archives.is_archive(content):
        return False
    try:
        return archives.is_archive(archives.decompress(content))
    except archives.ArchiveError:
        return False


def follow_links(files: Files, path: str) -> str:
    """Return where a path leads when all links are followed, also if there is nothing (moby pkg/symlink).

    Raises OSError for a circle of links.
    """
    parts = [part for part in reversed(path.split("/")) if part not in ("", ".")]
    here = "/"
    links = 0
    while parts:
        part = parts.pop()
        if part == "..":
            here = dirname(here)
            continue
        step = join(here, part)
        if files.exists(step, follow=False) and files.stat(step, follow=False).is_symlink:
            links += 1
            if links > SYMLINKS_MAX:
                files.stat(path)  # raises ELOOP
            target = files.readlink(step)
            here = "/" if target.startswith("/") else here
            parts += [one for one in reversed(target.split("/")) if one not in ("", ".")]
            continue
        here = step
    return here
