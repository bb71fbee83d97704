"""What clients are asked to do while a fault is in force, one row for each: the fault, a call, a command line.

What they report is in `outcomes.json`, as docker-py 7.2 and docker 28.2 did; `record.py` writes it anew, and
`docs/faults.md` shows it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Row:
    """One fault with who meets it. `call` gets a docker-py client of which the container `web` is running."""

    name: str
    fault: dict[str, Any]
    call: Callable[[Any], object]
    command: str


def _web(client: Any) -> Any:
    return client.containers.get("web")


#: Seconds until a client of these gives up.
PATIENCE = 0.5

ROWS = (
    Row(
        "latency, longer than the client waits",
        {"kind": "latency", "seconds": 60, "on": "ContainerTop"},
        lambda client: _web(client).top(),
        "timeout {patience} docker top web",
    ),
    Row(
        "error: no-space",
        {"kind": "error", "error": "no-space", "on": "ContainerCreate"},
        lambda client: client.containers.create("busybox", "true"),
        "docker create busybox true",
    ),
    Row(
        "error: conflict",
        {"kind": "error", "error": "conflict", "on": "ContainerCreate"},
        lambda client: client.containers.create("busybox", "true", name="db"),
        "docker create --name db busybox true",
    ),
    Row(
        "error: daemon-restarting",
        {"kind": "error", "error": "daemon-restarting", "on": "ContainerStart"},
        lambda client: client.containers.create("busybox", "true", name="db").start(),
        "docker start web",
    ),
    Row(
        "error: no-such-image",
        {"kind": "error", "error": "no-such-image", "on": "ImageCreate"},
        lambda client: client.images.pull("ubuntu", tag="latest"),
        "docker pull ubuntu",
    ),
    Row(
        "error: port-allocated",
        {"kind": "error", "error": "port-allocated", "on": "ContainerStart", "name": "web"},
        lambda client: _web(client).start(),
        "docker start web",
    ),
    Row(
        "error: toomanyrequests",
        {"kind": "error", "error": "toomanyrequests", "on": "ImageCreate"},
        lambda client: client.images.pull("ubuntu", tag="latest"),
        "docker pull ubuntu",
    ),
    Row(
        "error: device-busy",
        {"kind": "error", "error": "device-busy", "on": "ContainerDelete"},
        lambda client: _web(client).remove(force=True),
        "docker rm -f web",
    ),
    Row(
        "error with status 418",
        {"kind": "error", "status": 418, "message": "no coffee", "on": "ContainerTop"},
        lambda client: _web(client).top(),
        "docker top web",
    ),
    Row(
        "reset",
        {"kind": "reset", "on": "ContainerTop"},
        lambda client: _web(client).top(),
        "docker top web",
    ),
    Row(
        "close",
        {"kind": "close", "on": "ContainerTop"},
        lambda client: _web(client).top(),
        "docker top web",
    ),
    Row(
        "cut, in JSON",
        {"kind": "cut", "bytes": 20, "on": "ContainerInspect"},
        _web,
        "docker inspect --type container web",
    ),
    Row(
        "cut, in a frame of logs",
        {"kind": "cut", "frame": True, "on": "ContainerLogs"},
        lambda client: client.api.logs("web"),
        "docker logs web",
    ),
    Row(
        "cut, in a frame of followed logs",
        {"kind": "cut", "frame": True, "on": "ContainerLogs"},
        lambda client: list(client.api.logs("web", stream=True, follow=True)),
        "docker logs -f web",
    ),
    Row(
        "cut, with a reset",
        {"kind": "cut", "bytes": 3, "reset": True, "on": "ContainerLogs"},
        lambda client: client.api.logs("web"),
        "docker logs web",
    ),
    Row(
        "cut, in what is executed",
        {"kind": "cut", "frame": True, "on": "ExecStart"},
        lambda client: _web(client).exec_run("echo hello"),
        "docker exec web echo hello",
    ),
    Row(
        "hang, before the head",
        {"kind": "hang", "on": "ContainerTop"},
        lambda client: _web(client).top(),
        "timeout {patience} docker top web",
    ),
    Row(
        "hang, behind the head",
        {"kind": "hang", "head": True, "on": "ContainerTop"},
        lambda client: _web(client).top(),
        "timeout {patience} docker top web",
    ),
    Row(
        "trickle, slower than the client waits",
        {"kind": "trickle", "rate": 0.01, "on": "ContainerTop"},
        lambda client: _web(client).top(),
        "timeout {patience} docker top web",
    ),
    Row(
        "stream-error, in a pull",
        {"kind": "stream-error", "message": "unexpected EOF", "on": "ImageCreate"},
        lambda client: client.images.pull("ubuntu", tag="latest"),
        "docker pull -q ubuntu",
    ),
    Row(
        "stream-error, in a load",
        {"kind": "stream-error", "message": "no space left on device", "on": "ImageLoad"},
        lambda client: client.images.load(b"".join(client.images.get("busybox").save(named=True))),
        "docker save busybox | docker load",
    ),
    Row(
        "stream-error, in a build",
        {"kind": "stream-error", "message": "no space left on device", "on": "ImageBuild"},
        lambda client: client.images.build(fileobj=_dockerfile()),
        "echo FROM busybox | docker build -q -",
    ),
    Row(
        "stream-error, in a push",
        {"kind": "stream-error", "message": "denied", "code": 401, "on": "ImagePush"},
        lambda client: client.images.push("busybox"),
        "docker push -q busybox",
    ),
    Row(
        "truncated-tar",
        {"kind": "truncated-tar", "on": "ContainerArchive"},
        lambda client: _unpacked(_web(client).get_archive("/etc/passwd")[0]),
        "docker cp web:/etc/passwd copied",
    ),
    Row(
        "malformed-chunk",
        {"kind": "malformed-chunk", "bytes": 10, "on": "ContainerExport"},
        lambda client: list(_web(client).export()),
        "docker export -o web.tar web",
    ),
    Row(
        "restart",
        {"kind": "restart", "on": "ContainerTop"},
        lambda client: _web(client).top(),
        "docker top web",
    ),
    Row(
        "restart, while it is down",
        {"kind": "restart", "down": 60, "on": "ContainerTop"},
        lambda client: _twice(lambda: _web(client).top(), lambda: _web(client)),
        "docker top web; docker ps",
    ),
)


def _twice(first: Callable[[], object], second: Callable[[], object]) -> object:
    try:
        first()
    except Exception:  # the first call is struck, and told of in another row
        return second()
    return None


def _dockerfile() -> Any:
    import io

    return io.BytesIO(b"FROM busybox\n")


def _unpacked(parts: Any) -> object:
    import io
    import tarfile

    with tarfile.open(fileobj=io.BytesIO(b"".join(parts))) as archive:
        return [archive.extractfile(member).read() for member in archive if member.isfile()]  # type: ignore[union-attr]
