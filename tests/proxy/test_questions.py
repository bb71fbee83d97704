"""A recorded request as it is sent."""

from __future__ import annotations

from pathlib import Path

import pytest

from fakedocker.cassettes.model import Bytes, Empty, Frame, Header, Json, Request, Stream, Text
from fakedocker.cassettes.store import SideFiles, Writer, load
from fakedocker.proxy.questions import Question, UnaskableError, head_of

NONE = SideFiles(Path("none.yaml"))


def sent(request: Request, files: SideFiles = NONE) -> bytes:
    question = Question.of(request, files)
    return question.head + b"".join(question.body())


def test_a_request_is_framed_anew() -> None:
    request = Request(
        "POST",
        "/v1.41/containers/create",
        (("name", "a b"),),
        (("Host", "docker"), ("Transfer-Encoding", "chunked"), ("Expect", "100-continue"), ("X-Any", "1")),
        Json({"Image": "x"}),
    )
    assert sent(request) == (
        b"POST /v1.41/containers/create?name=a+b HTTP/1.1\r\nHost: docker\r\nX-Any: 1\r\nContent-Length: 14\r\n\r\n"
        b'{"Image":"x"}\n'
    )


def test_a_body_that_came_in_pieces_is_sent_as_a_whole() -> None:
    pieces = Stream("raw", (Frame(0, Text("one")), Frame(1, Bytes(b"\0two"))))
    assert sent(Request("PUT", "/x", (), (), pieces)).endswith(b"Content-Length: 7\r\n\r\none\0two")


def test_a_body_beside_the_cassette_is_read_from_there(tmp_path: Path) -> None:
    data = bytes(200_000)
    with Writer(tmp_path / "session.yaml", Header()) as writer, writer.side_file() as file:
        file.write(data)
        body = file.close()
    files = load(tmp_path / "session.yaml").files
    assert sent(Request("PUT", "/x", (), (), body), files).endswith(b"Content-Length: 200000\r\n\r\n" + data)


def test_who_has_no_body_says_so_only_where_one_is_expected() -> None:
    assert sent(Request("GET", "/x", (), (), Empty())) == b"GET /x HTTP/1.1\r\nHost: docker\r\n\r\n"
    assert b"Content-Length: 0\r\n" in sent(Request("POST", "/x"))


@pytest.mark.parametrize(
    ("method", "target", "headers"),
    [
        ("", "/x", ()),
        ("GET", "", ()),
        ("GET", "?x", ()),
        ("GET", "/x y", ()),
        ("GET", "/x\r\nX: y", ()),
        ("GET", "/x", (("X", "a\r\nY: b"),)),
        ("GET", "/x", (("X: y", "a"),)),
        ("GET", "/x", (("", "a"),)),
        ("GET", "/x", (("X", "\u2603"),)),
    ],
)
def test_what_is_no_request_is_not_sent(method: str, target: str, headers: tuple[tuple[str, str], ...]) -> None:
    with pytest.raises(UnaskableError):
        head_of(method, target, headers, 0)
