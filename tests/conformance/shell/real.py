"""A real daemon, asked over its socket: one container per line, one conversation per session.

Its image is ours: the tree of a fixture's `busybox: true`, with a real busybox in the place of the imagined one.
"""

from __future__ import annotations

import hashlib
import http.client
import io
import json
import posixpath
import select
import shutil
import socket
import stat
import subprocess
import tarfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from conformance.shell.recordings import (
    DIRECTORY,
    ENVIRONMENT,
    HOSTNAME,
    PATIENCE,
    Answer,
    Line,
    Session,
    Step,
    description,
)

from fakedocker.engine.files.archives import pack
from fakedocker.engine.files.files import Files
from fakedocker.engine.files.layers import Layer
from fakedocker.fixtures.busybox import MADE, root_file_system

IMAGE = "fakedocker-conformance"
#: The busybox whose answers ours are.
VERSION = b"v1.35.0"
INSTALL = "apt-get install busybox-static (of Debian 12)"
#: A terminal that shows nothing for so long (seconds) has shown everything.
SILENCE = 0.4
KINDS = ("modified", "added", "deleted")


class NoBusybox(Exception):
    """The machine has no busybox to put into a real image."""


class _Connection(http.client.HTTPConnection):
    def __init__(self, path: str) -> None:
        super().__init__("docker", timeout=PATIENCE * 2)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


class RealDaemon:
    """A dockerd behind a unix socket. `address`: unix:///path, as in $DOCKER_HOST. Raises NoBusybox."""

    def __init__(self, address: str) -> None:
        self._path = address.removeprefix("unix://")
        archive = _image()
        tag = hashlib.sha256(archive).hexdigest()[:12]  # made once, for all who ask at the same time and later
        self._image = f"{IMAGE}:{tag}"
        if not any(self._image in (image["RepoTags"] or ()) for image in json.loads(self._ask("GET", "/images/json"))):
            self._ask("POST", f"/images/create?fromSrc=-&repo={IMAGE}&tag={tag}", archive)

    def run(self, line: Line) -> Answer:
        """Run a line in a container of its own."""
        with self._container(Cmd=["sh", "-c", line.line]) as container:
            self._ask("POST", f"{container}/start")
            code = self._wait(container)
            out, err = _channels(self._ask("GET", f"{container}/logs?stdout=1&stderr=1"))
            changes = json.loads(self._ask("GET", f"{container}/changes")) or []
            archive = self._ask("GET", f"{container}/export") if changes else b""
        return Answer(out, err, code, _described(changes, archive))

    def order_of_changes(self, line: Line) -> list[str]:
        """Run a line; return the paths it changed in the order the daemon lists them."""
        with self._container(Cmd=["sh", "-c", line.line]) as container:
            self._ask("POST", f"{container}/start")
            self._wait(container)
            return [change["Path"] for change in json.loads(self._ask("GET", f"{container}/changes")) or []]

    def converse(self, session: Session) -> Session:
        """Type what a session types; return it with what the terminal shows."""
        with self._container(
            Cmd=["sh"], Tty=True, OpenStdin=True, StdinOnce=True, AttachStdin=True, AttachStdout=True
        ) as container:
            terminal, shown = self._attach(f"{container}/attach?stream=1&stdin=1&stdout=1&stderr=1")
            with terminal:
                self._ask("POST", f"{container}/start")
                steps = []
                for step in session.steps:
                    if step.types:
                        terminal.sendall(step.types.encode())
                    shown += _until_silent(terminal)
                    steps.append(Step(step.types, shown.decode("utf-8", "backslashreplace")))
                    shown = b""
            state = json.loads(self._ask("GET", f"{container}/json"))["State"]
        return Session(session.name, tuple(steps), None if state["Running"] else state["ExitCode"], session.differs)

    def _wait(self, container: str) -> int:
        """Wait for a container's end; one that takes too long is killed. Return its exit code."""
        end = threading.Timer(PATIENCE, self._ask, ["POST", f"{container}/kill"])
        end.start()
        try:
            code: int = json.loads(self._ask("POST", f"{container}/wait"))["StatusCode"]
        finally:
            end.cancel()
        return code

    @contextmanager
    def _container(self, **config: Any) -> Iterator[str]:
        body = {
            "Image": self._image,
            "Hostname": HOSTNAME,
            "Env": list(ENVIRONMENT),
            "WorkingDir": DIRECTORY,
            "HostConfig": {"NetworkMode": "none"},
            **config,
        }
        created = json.loads(self._ask("POST", "/containers/create", json.dumps(body).encode()))
        try:
            yield f"/containers/{created['Id']}"
        finally:
            self._ask("DELETE", f"/containers/{created['Id']}?force=1&v=1")

    def _ask(self, method: str, path: str, body: bytes | None = None) -> bytes:
        connection = _Connection(self._path)
        try:
            connection.request(method, path, body, {"Content-Type": "application/json"})
            response = connection.getresponse()
            data = response.read()
        finally:
            connection.close()
        if response.status >= 400:
            raise OSError(f"{method} {path}: {response.status} {data.decode(errors='replace')}")
        return data

    def _attach(self, path: str) -> tuple[socket.socket, bytes]:
        """Return the connection to a container's terminal, and what came through it already."""
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(self._path)
        fields = "Host: docker\r\nConnection: Upgrade\r\nUpgrade: tcp\r\nContent-Length: 0\r\n"
        connection.sendall(f"POST {path} HTTP/1.1\r\n{fields}\r\n".encode())
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += connection.recv(1024) or b"\r\n\r\n"
        head, _, rest = answer.partition(b"\r\n\r\n")
        if b" 101 " not in head.splitlines()[0]:
            connection.close()
            raise OSError(f"POST {path}: {head.decode(errors='replace')}")
        return connection, rest


def _until_silent(terminal: socket.socket) -> bytes:
    """Return what a terminal shows until it falls silent; the first sign of life may take longer."""
    shown = b""
    silence = SILENCE * 4
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and select.select([terminal], [], [], silence)[0]:
        piece = terminal.recv(65536)
        if not piece:
            break
        shown += piece
        silence = SILENCE
    return shown


def _image() -> bytes:
    """Return the tar of our image with a real busybox in it."""
    path = shutil.which("busybox")
    if path is None:
        raise NoBusybox(f"there is no busybox: {INSTALL}")
    if VERSION not in subprocess.run([path], capture_output=True, check=False).stdout:
        raise NoBusybox(f"busybox is not {VERSION.decode()}: {INSTALL}")
    files = Files([root_file_system()], Layer(), lambda: MADE)
    with open(path, "rb") as binary:
        files.write("/bin/busybox", binary.read(), mode=0o755)
    return b"".join(pack(files))


def _channels(log: bytes) -> tuple[str, str]:
    """Return stdout and stderr of a multiplexed stream."""
    channels = {1: b"", 2: b""}
    while log:
        size = int.from_bytes(log[4:8], "big")
        channels[log[0]] += log[8 : 8 + size]
        log = log[8 + size :]
    return channels[1].decode(), channels[2].decode()


def _described(changes: list[dict[str, Any]], archive: bytes) -> dict[str, str]:
    """Return each changed path with what became of it, as `description` has it."""
    described = {}
    with tarfile.open(fileobj=io.BytesIO(archive or _empty_tar())) as tar:
        members = {posixpath.join("/", member.name): member for member in tar}
        names = {path: sorted(_names(path, members)) for path in members}
        for change in changes:
            kind, path = KINDS[change["Kind"]], change["Path"]
            described[path] = f"{kind} {_member(tar, members[path], names[path])}" if path in members else kind
    return dict(sorted(described.items()))


def _names(path: str, members: dict[str, tarfile.TarInfo]) -> list[str]:
    """Return all names of the file at a path."""
    first = posixpath.join("/", members[path].linkname) if members[path].islnk() else path
    return [first, *(name for name, one in members.items() if one.islnk() and f"/{one.linkname}" == first)]


def _member(tar: tarfile.TarInfo | Any, member: tarfile.TarInfo, names: list[str]) -> str:
    if member.islnk():
        member = tar.getmember(member.linkname)
    kinds = {
        tarfile.REGTYPE: stat.S_IFREG,
        tarfile.DIRTYPE: stat.S_IFDIR,
        tarfile.SYMTYPE: stat.S_IFLNK,
        tarfile.CHRTYPE: stat.S_IFCHR,
        tarfile.BLKTYPE: stat.S_IFBLK,
        tarfile.FIFOTYPE: stat.S_IFIFO,
    }
    content: bytes | str = ""
    if member.isreg():
        content = tar.extractfile(member).read()
    elif member.issym():
        content = f"-> {member.linkname}"
    elif member.ischr() or member.isblk():
        content = f"{member.devmajor}, {member.devminor}"
    return description(kinds[member.type] | member.mode, member.uid, member.gid, content, names)


def _empty_tar() -> bytes:
    return bytes(1024)
