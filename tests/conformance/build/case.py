"""The cases: Dockerfiles with their contexts, read from `cases/*.yaml`, and the recordings beside them.

A case is one build, or several of which the earlier ones prepare the last (`before`). Everything a build can be told
is data here; who carries it out (a real daemon, the engine) is not.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import re
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from posixpath import normpath
from typing import Any

import yaml

HERE = Path(__file__).parent
CASES, RECORDINGS = HERE / "cases", HERE / "recordings"
#: Safe, and in C where there is one: there is much to read.
FASTEST = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
#: What is between a build's lines and its image: 12 digits of an id.
SHORT_ID = re.compile(r"\b[0-9a-f]{12}\b")
#: By what a copied file is known in a history; it depends on modes and names of the context.
#: Where a real daemon keeps a container's files on its disk, and what it makes up on the spot.
OWN_PATH = re.compile(r"/\S*/(?:(?:vfs/dir|overlay2)/[0-9a-f]{64}(?:/merged)?|docker-builder\d+)(?=/)")
PIVOT = re.compile(r"\.pivot_root\d+")
SOURCE_HASH = re.compile(r"(file|dir|multi):[0-9a-f]{64}\b")
KINDS = {
    tarfile.REGTYPE: "file",
    tarfile.DIRTYPE: "directory",
    tarfile.SYMTYPE: "symlink",
    tarfile.CHRTYPE: "character",
    tarfile.BLKTYPE: "block",
    tarfile.FIFOTYPE: "fifo",
}


@dataclass(frozen=True, slots=True)
class Build:
    """One build: its Dockerfile, its context, its options in the words of the API (`POST /build`).

    `client`: the context is sent by a client that obeys `.dockerignore`, not by the API alone.
    """

    dockerfile: str
    context: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    client: bool = False
    without_dockerfile: bool = False

    def archive(self) -> bytes:
        """Return the context as the tar that a client sends, the Dockerfile in it."""
        files = {**self.context}
        name = self.options.get("dockerfile", "Dockerfile")
        if not name.startswith("..") and not self.without_dockerfile:
            files.setdefault(name, self.dockerfile)
        return pack(files)


@dataclass(frozen=True, slots=True)
class Case:
    """A named build, what has to be built before it, and what may differ from the real daemon (`loose`: part -> why).

    Parts are stream, config, container_config, history, tree, error.
    """

    name: str
    builds: tuple[Build, ...]
    loose: Mapping[str, str]


def cases() -> Iterator[Case]:
    """Read all cases, sorted by name."""
    for path in sorted(CASES.glob("*.yaml")):
        for name, told in yaml.safe_load(path.read_text()).items():
            builds = [Build(**one) for one in told.pop("before", [])]
            loose = told.pop("loose", {})
            yield Case(f"{path.stem}-{name}", (*builds, Build(**told)), loose)


def recording(case: Case) -> Any:
    """Return what the real daemon answered to a case; None if nobody asked it yet."""
    group, _, name = case.name.partition("-")
    return _recordings(group).get(name)


@cache
def _recordings(group: str) -> Mapping[str, Any]:
    path = RECORDINGS / f"{group}.yaml"
    return FASTEST(path.read_text()).get_single_data() if path.exists() else {}


def pack(files: Mapping[str, Any]) -> bytes:
    """Make a tar of files.

    Each is a text, or a mapping with text, mode, uid, gid, mtime, or directory (true), link, hard, tar (its files).
    """
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, told in files.items():
            told = {"text": told} if isinstance(told, str) else told
            header = tarfile.TarInfo(name)
            header.mode = told.get("mode", 0o755 if told.get("directory") else 0o644)
            header.uid, header.gid = told.get("uid", 0), told.get("gid", 0)
            header.mtime = told.get("mtime", 1000000000)
            data = pack(told["tar"]) if "tar" in told else told.get("text", "").encode()
            data = gzip.compress(data, mtime=0) if told.get("gzip") else data
            if told.get("directory"):
                header.type = tarfile.DIRTYPE
            elif "link" in told:
                header.type, header.linkname = tarfile.SYMTYPE, told["link"]
            elif "hard" in told:
                header.type, header.linkname = tarfile.LNKTYPE, told["hard"]
            else:
                header.size = len(data)
                archive.addfile(header, io.BytesIO(data))
                continue
            archive.addfile(header)
    return out.getvalue()


def normalised(lines: str) -> list[str]:
    """Return the lines of a build's output, ids numbered in the order they appear."""
    numbers: dict[str, str] = {}

    def number(match: re.Match[str]) -> str:
        return numbers.setdefault(match.group(), f"<{len(numbers) + 1}>")

    return SHORT_ID.sub(number, lines).replace("\r\n", "\n").split("\n")


def plain(error: str) -> str:
    """Return an error with paths as a container sees them."""
    return PIVOT.sub(".pivot_root0", OWN_PATH.sub("", error))


def without_hashes(text: str) -> str:
    """Return a history's line with the sums of what was copied taken out."""
    return SOURCE_HASH.sub(r"\1:<sum>", text)


def tree(archive: tarfile.TarFile) -> dict[str, list[Any]]:
    """Return path -> [kind, mode, owner, what is in it] of an exported file system."""
    found: dict[str, list[Any]] = {}
    for member in archive:
        path = normpath(f"/{member.name}")
        header, content = member, ""
        if member.islnk():
            header = archive.getmember(member.linkname)
        if header.isreg():
            data = archive.extractfile(header)
            assert data is not None
            text = data.read()
            content = f"{len(text)} {hashlib.sha256(text).hexdigest()[:16]}"
        elif header.issym():
            content = header.linkname
        found[path] = [KINDS[header.type], f"{header.mode & 0o7777:o}", f"{header.uid}:{header.gid}", content]
    return found


def changed(before: Mapping[str, list[Any]], after: Mapping[str, list[Any]]) -> dict[str, Any]:
    """Return what differs: path -> what is there now, None where nothing is any more."""
    now = {path: entry for path, entry in after.items() if before.get(path) != entry}
    gone = {path: None for path in before if path not in after}
    return dict(sorted({**now, **gone}.items()))
