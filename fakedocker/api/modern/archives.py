"""The routes of files that are copied into containers and out of them."""

from __future__ import annotations

import base64
import posixpath
from typing import Any

from flask import Response

from fakedocker.api import answers
from fakedocker.api.arguments import Parameters, spooled_body
from fakedocker.api.modern import bodies
from fakedocker.api.modern.ageing import modernised
from fakedocker.api.modern.errors import not_routed
from fakedocker.api.modern.routes import modern
from fakedocker.api.modern.views.containers import DRIVER
from fakedocker.api.modern.views.times import timestamp
from fakedocker.api.service import service
from fakedocker.engine import errors
from fakedocker.engine.containers.containers import Container
from fakedocker.engine.files import archives
from fakedocker.engine.files.archives import Member
from fakedocker.engine.files.files import Files
from fakedocker.engine.files.layers import Inode, Kind
from fakedocker.wire import gojson

TAR = "application/x-tar"
STAT = "X-Docker-Container-Path-Stat"
COPY = gojson.Struct("CopyConfig", {"resource": gojson.Member("Resource", "string")})
#: How Go writes kinds of files in a mode (io/fs).
GO_MODES = {Kind.DIRECTORY: 1 << 31, Kind.SYMLINK: 1 << 27}
GO_SETUID, GO_SETGID, GO_STICKY = 1 << 23, 1 << 22, 1 << 20


@modern.route("/containers/<name:name>/archive", methods=["HEAD"], endpoint="archive_head")
def archive_head(name: str) -> Response:
    path = _path()
    with service().runtime.engine() as engine:
        container = engine.containers.find(name)
        with engine.mounted(container) as files:
            stat = _stat(files, *_found(files, container, name, path), path)
    response = answers.empty(200)
    response.headers[STAT] = _encoded(stat)
    return response


@modern.get("/containers/<name:name>/archive")
def archive(name: str) -> Response:
    path = _path()
    with service().runtime.engine() as engine:
        container = engine.containers.find(name)
        with engine.mounted(container) as files:
            real, inode = _found(files, container, name, path)
            stat = _stat(files, real, inode, path)
            snapshot = files.snapshot(mounts=True)
        engine.tell(container, "archive-path", path=path)
    response = answers.stream(archives.pack(snapshot, real, _base(path), mounts=True), TAR)
    response.headers[STAT] = _encoded(stat)
    return response


@modern.post("/containers/<name:name>/copy")
def copy(name: str) -> Response:
    """Copy out as before 1.24."""
    told = modernised("copy", {"is known": False, "silent": False})
    if not told["is known"]:
        return answers.empty(404) if told["silent"] else not_routed()
    resource: str = bodies.read(COPY).get("resource", "")
    if not resource:
        raise errors.no_path_given_to_copy()
    with service().runtime.engine() as engine:
        container = engine.containers.find(name)
        with engine.mounted(container) as files:
            real, _ = _found(files, container, name, resource)
            snapshot = files.snapshot(mounts=True)
    return answers.stream(archives.pack(snapshot, real, _base(resource), mounts=True), TAR)


@modern.put("/containers/<name:name>/archive")
def extract(name: str) -> Response:
    path = _path()
    keep_kinds = Parameters().truth("noOverwriteDirNonDir")
    with service().runtime.engine() as engine:
        engine.containers.find(name)
    try:
        members = archives.members(spooled_body())
    except archives.ArchiveError as error:
        raise errors.broken_archive(str(error)) from None
    with service().runtime.engine() as engine:
        container = engine.containers.find(name)
        with engine.mounted(container) as files:
            real, inode = _found(files, container, name, path, follow=True)
            if not inode.is_directory:
                raise errors.not_a_directory_to_extract()
            if container.host_config.read_only_rootfs and not _is_mounted(files, real):
                raise errors.read_only_root()
            if keep_kinds:
                _refuse_other_kinds(files, real, members)
            if engine.disk.full and members:
                raise errors.cannot_extract(f"write {members[0].path}", "no space left on device")
            try:
                archives.extract_members(files, real, members)
            except OSError as error:
                raise errors.cannot_extract(str(error.filename), error.strerror or "") from None
        engine.tell(container, "extract-to-dir", path=path)
    return answers.empty(200)


def _refuse_other_kinds(files: Files, directory: str, members: list[Member]) -> None:
    """Raise Failure if an archive would put a directory in the place of something else, or the other way round."""
    for member in members:
        path = posixpath.join(directory, member.path[1:])
        if files.exists(path, follow=False) and member.path != "/":
            there = files.is_directory(path)
            if there != member.inode.is_directory:
                raise errors.kinds_differ(path, path, directory=there)


def _path() -> str:
    path = Parameters().text("path")
    if not path:
        raise errors.no_path_given()
    return path


def _is_mounted(files: Files, path: str) -> bool:
    return any(path == mount or path.startswith(f"{mount}/") for mount in files.mounts)


def _base(path: str) -> str:
    """Return the name of the first member of an archive of a path: its last part, `.` and `/` included."""
    last = path.rstrip("/").rpartition("/")[2]
    return last or "/"


def _found(files: Files, container: Container, name: str, path: str, *, follow: bool = False) -> tuple[str, Inode]:
    """Return what is at a path of a container: its real path and its inode. Raises NotFound, Failure.

    A link at the end is itself, unless `follow`, or the path says with a slash behind it that it is a directory.
    """
    absolute = posixpath.normpath(posixpath.join("/", path))
    slash = "/" if path.endswith(("/", "/.")) and not follow else ""
    try:
        if follow or slash:
            real = files.resolve(absolute)
        else:
            real = posixpath.join(files.resolve(posixpath.dirname(absolute)), posixpath.basename(absolute))
        inode = files.stat(real, follow=False)
        if slash and not inode.is_directory:
            raise NotADirectoryError
    except NotADirectoryError:
        root = f"{service().profile.root}/{DRIVER}/{container.id}/merged"
        raise errors.below_a_file(f"{absolute}{slash}", root) from None
    except OSError:
        raise errors.no_path_in_container(path, name) from None
    return real, inode


def _stat(files: Files, real: str, inode: Inode, path: str) -> dict[str, Any]:
    """Return what a client gets to know of a file before its archive (moby api/types, ContainerPathStat)."""
    mode = GO_MODES.get(inode.kind, 0) | inode.mode & 0o777
    for bit, go in ((0o4000, GO_SETUID), (0o2000, GO_SETGID), (0o1000, GO_STICKY)):
        mode |= go if inode.mode & bit else 0
    target = ""
    if inode.kind is Kind.SYMLINK:
        try:
            target = files.resolve(real)
        except OSError:
            target = posixpath.normpath(posixpath.join(posixpath.dirname(real), inode.target))
    sizes = {Kind.FILE: inode.content.size, Kind.DIRECTORY: 4096, Kind.SYMLINK: len(inode.target)}
    return {
        "name": _base(path),
        "size": sizes.get(inode.kind, 0),
        "mode": mode,
        "mtime": timestamp(inode.mtime),
        "linkTarget": target,
    }


def _encoded(stat: dict[str, Any]) -> str:
    return base64.b64encode(gojson.encode(stat)).decode()
