"""Whatever a client sends: a clear error of the daemon's kind, nothing lost, the server alive."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fakedocker import FakeDocker
from fakedocker.direct import DirectEngine

PATIENT = settings(
    max_examples=2500,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
#: What the daemon of 2013 answers with; 301 for a path that is not clean.
STATUSES = {200, 201, 204, 301, 400, 404, 409, 500}

ROUTES = [
    ("GET", "/containers/json"),
    ("GET", "/containers/{}/json"),
    ("GET", "/containers/{}/changes"),
    ("GET", "/containers/{}/export"),
    ("POST", "/containers/create"),
    ("POST", "/containers/{}/start"),
    ("POST", "/containers/{}/stop"),
    ("POST", "/containers/{}/restart"),
    ("POST", "/containers/{}/kill"),
    ("POST", "/containers/{}/wait"),
    ("POST", "/containers/{}/resize"),
    ("POST", "/containers/{}/attach"),
    ("DELETE", "/containers/{}"),
    ("GET", "/images/json"),
    ("GET", "/images/viz"),
    ("GET", "/images/search"),
    ("GET", "/images/{}/json"),
    ("GET", "/images/{}/history"),
    ("POST", "/images/create"),
    ("POST", "/images/{}/insert"),
    ("POST", "/images/{}/push"),
    ("POST", "/images/{}/tag"),
    ("POST", "/images/getCache"),
    ("DELETE", "/images/{}"),
    ("GET", "/auth"),
    ("POST", "/auth"),
    ("POST", "/commit"),
    ("POST", "/build"),
    ("GET", "/info"),
    ("GET", "/version"),
    ("OPTIONS", "/{}"),
    ("PUT", "/containers/{}"),
]
#: Routes on which the daemon itself leaves something behind when it fails: a container of a step, an untagged image.
LEAVE_SOMETHING = ("/images/create", "/commit", "/build", "/insert")

text = st.text(max_size=30) | st.sampled_from(
    ["", "base", "base:latest", "a/b/c", "..", ".", "a b", "\0", "é", "b750", "x" * 300, "-1", "%", "nosuch", "*"]
)
numbers = st.integers() | st.sampled_from([-1, 0, 2**31, 2**63, 2**64, 10**400]) | st.floats(allow_nan=False)
values = (
    text | numbers | st.booleans() | st.none() | st.lists(text, max_size=3) | st.dictionaries(text, text, max_size=2)
)
members = st.sampled_from(
    [
        "Hostname",
        "User",
        "Memory",
        "MemorySwap",
        "CpuShares",
        "AttachStdin",
        "PortSpecs",
        "Tty",
        "OpenStdin",
        "StdinOnce",
        "Env",
        "Cmd",
        "Dns",
        "Image",
        "Volumes",
        "VolumesFrom",
        "Id",
        "username",
        "password",
        "email",
        "cmd",
        "IMAGE",
        "Nope",
    ]
)
bodies = (
    st.dictionaries(members, values, max_size=6).map(lambda value: json.dumps(value).encode())
    | st.just(b'{"Image": "base", "Cmd": ["true"]}')
    | st.recursive(values, lambda inner: st.lists(inner, max_size=3)).map(lambda value: json.dumps(value).encode())
    | st.binary(max_size=200)
    | st.sampled_from([b"", b"{", b"nul", b"[" * 5000, b'{"Cmd": ["\\ud800"]}', b"\xff\xfe", b"a=%zz", b"--x\r\n\r\n"])
)
parameters = st.sampled_from(
    [
        "all",
        "limit",
        "since",
        "before",
        "t",
        "h",
        "w",
        "v",
        "logs",
        "stream",
        "stdin",
        "stdout",
        "stderr",
        "fromSrc",
        "fromImage",
        "repo",
        "tag",
        "force",
        "url",
        "path",
        "container",
        "m",
        "comment",
        "run",
        "term",
        "filter",
        "registry",
        "author",
    ]
)
queries = st.dictionaries(parameters, text | numbers.map(str), max_size=4).map(
    lambda query: "&".join(f"{name}={quote(str(value), errors='replace')}" for name, value in query.items())
)
types = st.sampled_from(
    [
        "",
        "application/json",
        "application/x-www-form-urlencoded",
        "application/x-tar",
        "multipart/form-data",
        "multipart/form-data; boundary=x",
        "bad;;type",
    ]
)


@pytest.fixture
def daemon() -> Iterator[FakeDocker]:
    with FakeDocker() as fake:
        yield fake


def state(engine: DirectEngine) -> Any:
    """Return what a refused request may not change."""
    containers = [(one.id, one.config, one.image) for one in engine.containers()]
    return containers, [image.id for image in engine.images()], engine.tags()


@PATIENT
@given(
    route=st.sampled_from(ROUTES),
    name=text,
    query=queries,
    body=bodies,
    kind=types,
    prefix=st.sampled_from(["", "/v1.0", "/v1.1"]),
)
def test_no_request_gets_more_than_a_clear_error(
    daemon: FakeDocker, route: tuple[str, str], name: str, query: str, body: bytes, kind: str, prefix: str
) -> None:
    method, path = route
    target = prefix + path.format(quote(name, safe="", errors="replace")) + (f"?{query}" if query else "")
    before = state(daemon.engine)
    status, answer = exchange(daemon, method, target, body if method in ("POST", "PUT") else b"", kind)
    assert status in STATUSES
    if status >= 400:
        assert b"Traceback" not in answer
        assert answer.strip() or status == 404, "an error says what is wrong"
        if not any(place in path for place in LEAVE_SOMETHING):
            assert state(daemon.engine) == before
    daemon.check()


def exchange(daemon: FakeDocker, method: str, target: str, body: bytes, kind: str) -> tuple[int, bytes]:
    """Send one request on a connection of its own and return the status and all that follows."""
    head = f"{method} {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {len(body)}\r\n"
    if kind:
        head += f"Content-Type: {kind}\r\n"
    answer = send(daemon, head.encode() + b"\r\n" + body)
    return int(answer.split()[1]), answer.partition(b"\r\n\r\n")[2]


def send(daemon: FakeDocker, data: bytes) -> bytes:
    """Send bytes, close our side, and return everything that comes until the server closes."""
    host, _, port = daemon.url.removeprefix("tcp://").rpartition(":")
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        answer = b""
        try:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # the server may have said enough and closed
        try:
            while chunk := connection.recv(65536):
                answer += chunk
        except ConnectionResetError:
            pass
    return answer


GOOD = b"POST /v1.1/containers/create HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
CHUNKED = GOOD + b"22\r\n" + b'{"Image": "base", "Cmd": ["true"]}' + b"\r\n0\r\n\r\n"


@settings(PATIENT, max_examples=1000)
@given(
    cut=st.integers(0, len(CHUNKED)),
    place=st.integers(0, len(CHUNKED)),
    junk=st.binary(max_size=20)
    | st.sampled_from([b"\r\n", b"\0", b"ffffffffffffffff\r\n", b"-1\r\n", b"0x10\r\n", b";"]),
)
def test_requests_that_are_broken_anywhere_do_no_harm(daemon: FakeDocker, cut: int, place: int, junk: bytes) -> None:
    data = (CHUNKED[:place] + junk + CHUNKED[place:])[: cut + len(junk)]
    answer = send(daemon, data)
    assert not answer or answer.startswith(b"HTTP/1.")
    assert b"Traceback" not in answer
    daemon.check()


def test_broken_chunks_are_told_apart_from_a_good_body(daemon: FakeDocker) -> None:
    assert send(daemon, CHUNKED).startswith(b"HTTP/1.1 201 ")
    before = state(daemon.engine)
    for broken in (GOOD + b"xyz\r\n", GOOD + b"22\r\n{", GOOD + b"2\r\n{}junk\r\n0\r\n\r\n"):
        answer = send(daemon, broken)
        assert answer.startswith(b"HTTP/1.1 400 "), answer
    assert state(daemon.engine) == before


def test_a_query_of_ten_megabytes_is_refused_and_the_daemon_goes_on(daemon: FakeDocker) -> None:
    answer = send(daemon, b"GET /containers/json?since=" + b"x" * (10 << 20) + b" HTTP/1.1\r\nHost: x\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 431 ")
    assert exchange(daemon, "GET", "/version", b"", "")[0] == 200


def test_a_body_that_never_ends_being_json_is_refused(daemon: FakeDocker) -> None:
    status, answer = exchange(daemon, "POST", "/containers/create", b'{"Image": "' + b"x" * (11 << 20) + b'"}', "")
    assert status == 400
    assert answer == b"http: request body too large\n"


@pytest.mark.parametrize(
    "body",
    [b"x" * 1024, b"\0" * 511, b"\x1f\x8b" + b"x" * 100, b"BZh9" + b"x" * 100],
    ids=["text", "short", "gz", "bz2"],
)
def test_archives_that_are_none_make_no_image(daemon: FakeDocker, body: bytes) -> None:
    before = state(daemon.engine)
    status, answer = exchange(daemon, "POST", "/images/create?fromSrc=-&repo=bad", body, "application/x-tar")
    assert (status, answer[:16]) == (500, b"exit status 1: t")
    assert state(daemon.engine) == before
