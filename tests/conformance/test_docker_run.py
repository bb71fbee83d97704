"""`docker run` as the command line client of 2013 did it (moby v0.4.0 commands.go), byte for byte on raw sockets."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from wire_client import WireClient

from fakedocker import FakeDocker

USER_AGENT = "Docker-Client/0.4.0"
ATTACHED = b"HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\n"
NOT_THERE = b"No such image: busybox\n"

both = pytest.mark.parametrize("contract", ["documented", "observed"])


@pytest.fixture
def clock() -> str:
    return "manual"


def head(line: str, *fields: str) -> bytes:
    return "\r\n".join([f"HTTP/1.1 {line}", *fields, "", ""]).encode()


def with_body(line: str, content_type: str, body: bytes) -> bytes:
    return head(line, f"Content-Type: {content_type}", f"Content-Length: {len(body)}") + body


class CommandLine:
    """The client: a new connection for every request, the fields in its order."""

    def __init__(self, connect: Callable[[], WireClient], contract: str) -> None:
        self._connect = connect
        self._observed = contract == "observed"

    def send(self, method: str, path: str, body: bytes | None = None, content_type: str = "plain/text") -> WireClient:
        client = self._connect()
        fields = [f"{method} /v1.1{path} HTTP/1.1", "Host: 127.0.0.1:4243", f"User-Agent: {USER_AGENT}"]
        if body is not None:
            fields += [f"Content-Length: {len(body)}", "Content-Type: application/json"]
        elif method == "POST":
            fields += ["Content-Length: 0", f"Content-Type: {content_type}"]
        client.send("\r\n".join([*fields, "", ""]).encode() + (body or b""))
        return client

    def ask(self, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
        """Return the status, and the whole answer as it came, less its date."""
        reply = self.send(method, path, body).reply()
        sent = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in reply.chunks) + b"0\r\n\r\n"
        return reply.status, reply.without_date + (sent if reply.chunks else reply.body)

    def attach(self, identity: str, query: str) -> WireClient:
        client = self.send("POST", f"/containers/{identity}/attach?{query}")
        assert client.until(b"\r\n\r\n") == ATTACHED
        return client

    # -- the steps -----------------------------------------------------------------------

    def create(self, **config: object) -> str:
        """Create a container; pull the image if it is not there and create again."""
        body = json.dumps({"Image": "busybox", "Volumes": {}, "VolumesFrom": "", **config}).encode()
        status, answer = self.ask("POST", "/containers/create", body)
        assert (status, answer) == (404, with_body("404 Not Found", "text/plain; charset=utf-8", NOT_THERE))
        status, answer = self.ask("POST", "/images/create?fromImage=busybox")
        assert status == 200
        assert answer.startswith(head("200 OK", "Content-Type: application/json", "Transfer-Encoding: chunked"))
        assert b"error" not in answer
        status, answer = self.ask("POST", "/containers/create", body)
        identity = str(json.loads(answer.partition(b"\r\n\r\n")[2])["Id"])
        said = f'{{"Id":"{identity}"}}' if self._observed else f'{{"Id":"{identity}","Warnings":[]}}'
        kind = "text/plain; charset=utf-8" if self._observed else "application/json"
        assert (status, answer) == (201, with_body("201 Created", kind, said.encode()))
        return identity

    def start(self, identity: str) -> None:
        _, answer = self.ask("POST", f"/containers/{identity}/start")
        assert answer == (head("204 No Content") if self._observed else head("200 OK", "Content-Length: 0"))

    def resize(self, identity: str, *, tty: bool) -> None:
        """The client does not look at the answer."""
        _, answer = self.ask("POST", f"/containers/{identity}/resize?h=24&w=80")
        refusal = b"ptyMaster does not have Fd() method\n"
        if tty:
            assert answer == head("200 OK", "Content-Length: 0")
        else:
            assert answer == with_body("500 Internal Server Error", "text/plain; charset=utf-8", refusal)


@pytest.fixture
def docker(connect: Callable[[], WireClient], contract: str) -> CommandLine:
    return CommandLine(connect, contract)


@both
def test_docker_run_without_a_terminal(docker: CommandLine, daemon: FakeDocker) -> None:
    command = "echo out; echo err >&2; cat; echo bye; exit 3"
    identity = docker.create(
        AttachStdin=True,
        AttachStdout=True,
        AttachStderr=True,
        OpenStdin=True,
        StdinOnce=True,
        Cmd=["sh", "-c", command],
    )
    docker.start(identity)
    daemon.advance(1)
    docker.resize(identity, tty=False)
    err = docker.attach(identity, "logs=1&stream=1&stderr=1")
    out = docker.attach(identity, "logs=1&stderr=0&stdin=1&stdout=1&stream=1")
    assert (out.exactly(4), err.exactly(4)) == (b"out\n", b"err\n")
    out.send(b"typed\n")
    assert out.exactly(6) == b"typed\n"
    out.half_close()
    assert (out.rest(), err.rest()) == (b"bye\n", b"")
    assert daemon.engine.wait(identity) == 3


@both
def test_docker_run_on_a_terminal(docker: CommandLine, daemon: FakeDocker) -> None:
    identity = docker.create(
        AttachStdin=True, AttachStdout=True, AttachStderr=True, OpenStdin=True, StdinOnce=True, Tty=True, Cmd=["sh"]
    )
    docker.start(identity)
    docker.resize(identity, tty=True)
    screen = docker.attach(identity, "logs=1&stderr=1&stdin=1&stdout=1&stream=1")
    daemon.advance(1)
    screen.send(b"stty size\n")
    assert screen.until(b"24 80\r\n").endswith(b"stty size\r\n24 80\r\n")
    screen.send(b"exit 7\n")
    assert screen.rest().endswith(b"exit 7\r\n")
    assert daemon.engine.wait(identity) == 7


@both
def test_docker_run_to_see_a_command_through(docker: CommandLine, daemon: FakeDocker) -> None:
    identity = docker.create(AttachStdin=False, AttachStdout=True, AttachStderr=True, Cmd=["echo", "hello world"])
    docker.start(identity)
    docker.resize(identity, tty=False)
    err = docker.attach(identity, "logs=1&stream=1&stderr=1")
    out = docker.attach(identity, "logs=1&stderr=0&stdin=0&stdout=1&stream=1")
    daemon.advance(1)
    assert (out.rest(), err.rest()) == (b"hello world\n", b"")


@both
def test_docker_run_detached(docker: CommandLine, daemon: FakeDocker) -> None:
    identity = docker.create(Cmd=["sleep", "60"])
    docker.start(identity)
    assert daemon.engine.container(identity).running
    daemon.advance(61)
    assert daemon.engine.wait(identity) == 0


def test_docker_run_of_what_nobody_has_ends_with_the_pull(docker: CommandLine) -> None:
    body = b'{"Image":"nosuch","Cmd":["true"]}'
    status, _ = docker.ask("POST", "/containers/create", body)
    assert status == 404
    _, answer = docker.ask("POST", "/images/create?fromImage=nosuch")
    index = b'{"status":"Pulling repository nosuch from https://index.docker.io/v1"}'
    error = b'{"error":"HTTP code: 404"}'
    chunks = b"%x\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(index), index, len(error), error)
    assert answer == head("200 OK", "Content-Type: application/json", "Transfer-Encoding: chunked") + chunks
