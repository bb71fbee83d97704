"""The replayer as an application: what it makes of a request, and of what was recorded.

Whole sessions, over sockets, are in test_replay and test_replay_modes.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fakedocker.cassettes.model import (
    Body,
    Bytes,
    Cassette,
    Empty,
    Exchange,
    File,
    Frame,
    Header,
    Json,
    Request,
    Response,
    Stream,
    Text,
)
from fakedocker.cassettes.player import Mode
from fakedocker.cassettes.store import Loaded, SideFiles
from fakedocker.proxy.replayer import LARGEST_BODY, Replayer, ReplayError

JSON = (("Content-Type", "application/json"),)
NOTHING = Empty()


class Asked:
    """A replayer's answer to one request, and what it did with the server's hooks."""

    def __init__(self, replayer: Replayer, environ: dict[str, Any]) -> None:
        self.status = ""
        self.headers: list[tuple[str, str]] = []
        self.hijacked: list[tuple[Any, bytes]] = []
        self.followed: list[Any] = []
        environ["fakedocker.hijack"] = lambda session, head: self.hijacked.append((session, head))
        environ["fakedocker.follow"] = self.followed.append
        self.body = b"".join(replayer(environ, self._start))

    def _start(self, status: str, headers: list[tuple[str, str]], error: object = None) -> Callable[[bytes], object]:
        self.status, self.headers = status, headers
        return lambda data: None


@pytest.fixture
def reports() -> list[tuple[BaseException, str]]:
    return []


@pytest.fixture
def replay(reports: list[tuple[BaseException, str]]) -> Callable[..., Replayer]:
    """Make a replayer of recorded requests and their answers."""

    def make(*pairs: tuple[Request, Response | None], mode: Mode = Mode.NONE) -> Replayer:
        exchanges = [Exchange(n, 1, n, 0, request, response) for n, (request, response) in enumerate(pairs, 1)]
        loaded = Loaded(Cassette(Header(), exchanges), SideFiles(Path("none.yaml")))
        return Replayer(loaded, report=lambda *told: reports.append(told), mode=mode)

    return make


def ask(replayer: Replayer, method: str, target: str, body: bytes = b"", **headers: str) -> Asked:
    path, _, query = target.partition("?")
    environ = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "REQUEST_URI": target,
        "wsgi.input": io.BytesIO(body),
        **headers,
    }
    return Asked(replayer, environ)


def answer(body: Body = NOTHING, *headers: tuple[str, str], status: int = 200, reason: str = "OK") -> Response:
    return Response(status, reason, headers, body)


# -- what was recorded --------------------------------------------------------------------------------


def test_an_answer_is_as_it_was_without_what_belonged_to_its_connection(replay: Callable[..., Replayer]) -> None:
    told = answer(
        Text("hi"), ("Api-Version", "1.41"), ("Date", "long ago"), ("Content-Length", "99"), ("Connection", "close")
    )
    asked = ask(replay((Request("GET", "/x"), told)), "GET", "/x")
    assert (asked.status, asked.headers, asked.body) == ("200 OK", [("Api-Version", "1.41")], b"hi")


def test_an_answer_to_head_has_no_body(replay: Callable[..., Replayer]) -> None:
    asked = ask(replay((Request("HEAD", "/x"), answer(Text("hi")))), "HEAD", "/x")
    assert (asked.status, asked.body, asked.followed) == ("200 OK", b"", [])


def test_a_status_without_a_reason_is_one(replay: Callable[..., Replayer]) -> None:
    assert ask(replay((Request("GET", "/x"), answer(reason="", status=299))), "GET", "/x").status == "299"


def test_a_body_that_came_over_time_is_followed(replay: Callable[..., Replayer]) -> None:
    stream = Stream("raw", (Frame(0, Text("one")), Frame(0, Text("two"))))
    asked = ask(replay((Request("GET", "/logs"), answer(stream))), "GET", "/logs")
    assert asked.body == b""
    (source,) = asked.followed
    assert source.read(100) + source.read(100) == b"onetwo"
    assert source.read(100) is None


def test_a_connection_that_was_taken_over_is_again_with_its_head_as_it_was(replay: Callable[..., Replayer]) -> None:
    told = Response(
        101,
        "UPGRADED",
        (("Connection", "Upgrade"), ("Upgrade", "tcp"), ("Content-Length", "3")),
        Stream("hijack", (Frame(0, Text("$ ")),)),
    )
    asked = ask(replay((Request("POST", "/attach"), told)), "POST", "/attach")
    ((session, head),) = asked.hijacked
    assert head == b"HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"
    assert session.read(10) == b"$ "


def test_a_websocket_is_accepted_with_the_key_of_this_client(replay: Callable[..., Replayer]) -> None:
    told = Response(101, "Switching Protocols", (("Sec-WebSocket-Accept", "recorded"),), Stream("hijack", ()))
    asked = ask(replay((Request("GET", "/ws"), told)), "GET", "/ws", HTTP_SEC_WEBSOCKET_KEY="dGhlIHNhbXBsZSBub25jZQ==")
    proof = base64.b64encode(
        hashlib.sha1(b"dGhlIHNhbXBsZSBub25jZQ==258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()
    ).decode()
    assert proof == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="  # the example of RFC 6455, 1.3
    assert f"Sec-WebSocket-Accept: {proof}\r\n".encode() in asked.hijacked[0][1]


# -- which was asked ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "path", "query"),
    [
        ("/images/a%2Fb/json", "/images/a%2Fb/json", ()),
        ("/x?b=2&a=%20", "/x", (("b", "2"), ("a", " "))),
        ("/x?empty=&t=1&t=2", "/x", (("empty", ""), ("t", "1"), ("t", "2"))),
    ],
)
def test_a_path_is_taken_as_it_was_sent_and_its_query_undone(
    replay: Callable[..., Replayer], target: str, path: str, query: tuple[tuple[str, str], ...]
) -> None:
    assert ask(replay((Request("GET", path, query), answer(Text("yes")))), "GET", target).body == b"yes"


def test_requests_are_told_apart_by_what_their_bodies_mean(replay: Callable[..., Replayer]) -> None:
    def asking(name: str) -> tuple[Request, Response]:
        return Request("POST", "/volumes/create", (), JSON, Json({"Name": name})), answer(Json({"Name": name}), *JSON)

    replayer = replay(asking("one"), asking("two"))
    asked = ask(replayer, "POST", "/volumes/create", b'{ "Name" : "two" }', CONTENT_TYPE="application/json")
    assert json.loads(asked.body) == {"Name": "two"}
    assert [exchange.request.body for exchange in replayer.unused] == [Json({"Name": "one"})]


@pytest.mark.parametrize("size", [LARGEST_BODY, LARGEST_BODY + 1, 3 * LARGEST_BODY])
def test_a_large_body_is_known_by_its_digest(replay: Callable[..., Replayer], size: int) -> None:
    data = bytes(range(256)) * (size // 256) + b"\0" * (size % 256)
    digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
    body: Body = Bytes(data) if size <= LARGEST_BODY else File(digest, size, "application/octet-stream")
    headers = (("Content-Type", "application/octet-stream"),)
    replayer = replay((Request("POST", "/load", (), headers, body), answer(Text("loaded"))))
    asked = ask(replayer, "POST", "/load", data, CONTENT_TYPE="application/octet-stream")
    assert asked.body == b"loaded"


# -- what was not -------------------------------------------------------------------------------------


def test_what_is_not_in_the_cassette_is_refused_and_reported(
    replay: Callable[..., Replayer], reports: list[tuple[BaseException, str]]
) -> None:
    asked = ask(replay((Request("GET", "/v1.41/info"), answer())), "GET", "/v1.41/version")
    assert (asked.status, asked.headers) == ("501 Not Implemented", [("Content-Type", "application/json")])
    assert "/v1.41/version" in json.loads(asked.body)["message"]
    ((error, where),) = reports
    assert isinstance(error, ReplayError)
    assert where == "GET /v1.41/version"


def test_a_request_is_answered_as_often_as_it_was_recorded_with_something_that_changes(
    replay: Callable[..., Replayer],
) -> None:
    one, two = ((Request("POST", "/containers/x/start"), answer(status=status)) for status in (204, 304))
    replayer = replay(one, two)
    assert [ask(replayer, "POST", "/containers/x/start").status[:3] for _ in range(2)] == ["204", "304"]
    assert replayer.unused == []


def test_an_answer_that_never_came_does_not_come_again(replay: Callable[..., Replayer]) -> None:
    asked = ask(replay((Request("GET", "/events"), None)), "GET", "/events")
    ((_, head),) = asked.hijacked
    assert head == b""


def test_who_may_record_but_has_no_daemon_refuses(
    replay: Callable[..., Replayer], reports: list[tuple[BaseException, str]]
) -> None:
    asked = ask(replay((Request("GET", "/x"), answer()), mode=Mode.NEW_EPISODES), "GET", "/y")
    assert asked.status == "501 Not Implemented"
    assert len(reports) == 1
