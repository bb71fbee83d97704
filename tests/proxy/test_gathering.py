"""What becomes of a body; most of it is seen in whole conversations (test_conversation)."""

from __future__ import annotations

import pytest

from fakedocker.cassettes.model import Body, Bytes, Empty, File, Frame, Json, Stream, Text
from fakedocker.proxy.gathering import BINARY_LIMIT, Gathering


class Side:
    """A file beside the cassette."""

    def __init__(self, media_type: str) -> None:
        self.media_type = media_type
        self.size = 0

    def write(self, data: bytes) -> None:
        self.size += len(data)

    def close(self) -> Body:
        return File("sha256:" + "0" * 64, self.size, self.media_type)


def gathered(content_type: str, *chunks: bytes) -> Gathering:
    gathering = Gathering(Side, content_type)
    for number, chunk in enumerate(chunks):
        gathering.add(float(number), chunk, begins=True)
    return gathering


@pytest.mark.parametrize(
    ("content_type", "data", "body"),
    [
        ("", b"", Empty()),
        ("application/json", b'{"a": 1}', Json({"a": 1})),
        ("", b'{"a": 1}', Json({"a": 1})),
        ("text/plain", b'{"a": 1}', Text('{"a": 1}')),
        ("application/json", b"{", Text("{")),
        ("application/x-tar", b"\0\xff", Bytes(b"\0\xff")),
    ],
)
def test_a_body_is_kept_as_the_most_readable_thing(content_type: str, data: bytes, body: Body) -> None:
    assert gathered(content_type, data).whole() == body


def test_an_archive_above_the_limit_is_a_file_with_its_type() -> None:
    piece = bytes(1000)
    gathering = gathered("application/x-tar", *[piece] * (BINARY_LIMIT // 1000 + 2))
    assert gathering.whole() == File("sha256:" + "0" * 64, gathering.size, "application/x-tar")


def test_text_that_came_in_pieces_is_a_stream() -> None:
    body = gathered("text/plain", b"a", b"b").streamed(2, complete=True)
    assert body == Stream("raw", (Frame(0, Text("a")), Frame(1, Text("b"))))


def test_text_that_came_at_once_is_text() -> None:
    assert gathered("text/plain", b"ab").streamed(2, complete=True) == Text("ab")


def test_one_value_of_a_stream_that_was_broken_off_is_still_a_stream() -> None:
    body = gathered("application/json", b'{"a":1}\n').streamed(2, complete=False)
    assert isinstance(body, Stream)
    assert body.frames[0].content == Json({"a": 1})


def test_one_line_of_progress_is_a_stream() -> None:
    assert isinstance(gathered("application/json", b'{"a":1}\r\n').streamed(2, complete=True), Stream)


def test_large_json_is_never_taken_for_an_archive_where_a_character_is_cut() -> None:
    data = b'{"a":"' + b"x" * 505 + "ä".encode() + b"x" * BINARY_LIMIT + b'"}'
    assert data[511:513] == "ä".encode()
    assert isinstance(gathered("application/json", data).whole(), Json)
