"""Bytes into bodies and back."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakedocker.cassettes.bodies import (
    StreamReader,
    answer_data,
    body_of,
    data_of,
    is_archive,
    kind_of,
    response_data,
    stream_data,
)
from fakedocker.cassettes.model import Body, Bytes, Empty, File, Frame, Json, Response, Stream, Text
from fakedocker.wire import gojson
from fakedocker.wire.multiplexed import encode

JSON = "application/json"


@pytest.mark.parametrize(
    ("data", "content_type", "body"),
    [
        (b"", JSON, Empty()),
        (b'{"Id":"a"}\n', JSON, Json({"Id": "a"})),
        (b'{"Id": "a"}', "application/json; charset=utf-8", Json({"Id": "a"})),
        (b"[]", "", Json([])),
        (b"null\n", JSON, Json(None)),
        (b"null", "", Text("null")),
        (b'{"a":1}{"b":2}', JSON, Text('{"a":1}{"b":2}')),
        (b'{"a":', JSON, Text('{"a":')),
        (b'{"a":1e999}', JSON, Text('{"a":1e999}')),
        (b'{"a":"\\ud800"}', JSON, Text('{"a":"\\ud800"}')),
        (b"[" * 100 + b"]" * 100, JSON, Text("[" * 100 + "]" * 100)),
        (b"[" * 100_000, JSON, Text("[" * 100_000)),
        (b'{"a":1}', "text/plain", Text('{"a":1}')),
        (b"OK", "text/plain; charset=utf-8", Text("OK")),
        (b"\x1b[1mbold\x1b[0m\r\n", "", Text("\x1b[1mbold\x1b[0m\r\n")),
        ("größer".encode(), "", Text("größer")),
        ("größer".encode("latin-1"), "", Bytes("größer".encode("latin-1"))),
        (b"text in an archive\0", "application/x-tar", Bytes(b"text in an archive\0")),
    ],
)
def test_a_body_is_the_most_readable_thing_that_says_the_same(data: bytes, content_type: str, body: object) -> None:
    assert body_of(data, content_type) == body


@given(st.binary(max_size=60), st.sampled_from([JSON, "", "text/plain"]))
def test_bytes_come_back_as_they_were_unless_they_are_json(data: bytes, content_type: str) -> None:
    body = body_of(data, content_type)
    assert not isinstance(body, File | Stream)
    if isinstance(body, Json):
        assert json.loads(data_of(body)) == json.loads(data)
    else:
        assert data_of(body) == data


def test_json_is_written_as_the_daemon_writes_it() -> None:
    assert data_of(Json({"Cmd": ["a<b"]})) == b'{"Cmd":["a\\u003cb"]}\n'
    assert data_of(Json({"a": 1}), ends="") == b'{"a":1}'


@pytest.mark.parametrize("newline", [b"\r\n", b"\n"])
def test_lines_of_json_come_back_with_their_ends(newline: bytes) -> None:
    messages = [{"status": "Pulling"}, {"progress": "[==>   ]"}, {"aux": {"ID": "x"}}]
    data = b"".join(gojson.encode(message) + newline for message in messages)
    reader = StreamReader("lines")
    for at in range(0, len(data), 7):
        reader.feed(at / 7, data[at : at + 7])
    stream = reader.finish(99)
    assert [frame.content for frame in stream.frames] == [Json(message) for message in messages]
    assert stream.newline.encode() == newline
    assert stream_data(stream) == data


def test_a_line_is_whole_when_its_end_has_come() -> None:
    reader = StreamReader("lines")
    reader.feed(0.1, b'{"status":"a"}\r\n{"sta')
    reader.feed(0.4, b'tus":"b"}\r\n')
    assert reader.frames == [Frame(0.1, Json({"status": "a"})), Frame(0.4, Json({"status": "b"}))]


def test_what_is_no_json_between_lines_is_kept_as_it_came() -> None:
    reader = StreamReader("lines")
    data = b'{"a":1}\r\nnot json\n{"b":2}\nrest'
    reader.feed(0, data)
    stream = reader.finish(1)
    assert stream_data(stream) == data
    assert Frame(0, Text("not json\n")) in stream.frames


@given(st.sampled_from(["lines", "multiplexed", "raw", "hijack"]), st.lists(st.binary(max_size=30)))
def test_a_stream_of_anything_comes_back_as_it_was(kind: str, pieces: list[bytes]) -> None:
    reader = StreamReader(kind)  # type: ignore[arg-type]
    for time, piece in enumerate(pieces):
        reader.feed(time, piece)
    stream = reader.finish(len(pieces))
    if not any(isinstance(frame.content, Json) for frame in stream.frames):
        assert stream_data(stream) == b"".join(pieces)


def test_frames_keep_their_channels() -> None:
    reader = StreamReader("multiplexed")
    data = encode("stdout", b"out\n") + encode("stderr", b"err\n")
    reader.feed(0.5, data)
    stream = reader.finish(1)
    assert stream.frames == (Frame(0.5, Text("out\n"), channel="stdout"), Frame(0.5, Text("err\n"), channel="stderr"))
    assert stream_data(stream) == data


def test_what_was_called_multiplexed_and_is_not_is_raw() -> None:
    reader = StreamReader("multiplexed")
    reader.feed(0, b"from a terminal\r\n")
    assert reader.finish(1) == Stream("raw", (Frame(0, Text("from a terminal\r\n")),))


def test_a_connection_that_was_taken_over_has_two_directions_and_ends_of_each() -> None:
    reader = StreamReader("hijack")
    reader.feed(0.1, b"date\n", "in")
    reader.feed(0.2, encode("stdout", b"today\n"))
    reader.end(0.2, "in")
    reader.end(0.3)
    stream = reader.finish(0.3)
    assert stream.frames == (
        Frame(0.1, Text("date\n"), "in", "stdin"),
        Frame(0.2, Text("today\n"), channel="stdout"),
        Frame(0.2, Empty(), "in", "stdin", ends=True),
        Frame(0.3, Empty(), ends=True),
    )
    assert stream_data(stream, "in") == b"date\n"


def test_an_end_belongs_to_the_last_that_came_at_that_time() -> None:
    reader = StreamReader("hijack")
    reader.feed(0.1, b"x", "in")
    reader.end(0.1, "in")
    assert reader.frames == [Frame(0.1, Text("x"), "in", "stdin", ends=True)]


@pytest.mark.parametrize(
    ("content_type", "status", "kind"),
    [
        ("application/json", 200, "lines"),
        ("application/vnd.docker.raw-stream", 200, "multiplexed"),
        ("application/vnd.docker.multiplexed-stream", 200, "multiplexed"),
        ("application/vnd.docker.raw-stream", 101, "hijack"),
        ("application/x-tar", 200, "raw"),
        ("", 200, "raw"),
    ],
)
def test_the_kind_of_a_stream_is_told_by_its_type(content_type: str, status: int, kind: str) -> None:
    assert kind_of(content_type, status) == kind


def test_an_answer_has_bytes_unless_they_are_in_a_file() -> None:
    assert response_data(Response(200, body=Text("OK"))) == b"OK"
    assert response_data(Response(200, body=File("sha256:" + "0" * 64, 1))) is None


@pytest.mark.parametrize(
    ("body", "content_type", "archive"),
    [
        (Bytes(b"tree/".ljust(257, b"\0") + b"ustar\0" + b"00"), "text/plain", True),  # as the command sends it
        (Bytes(b"\x1f\x8b\x08"), "", True),
        (File("sha256:" + "0" * 64, 1), "application/x-tar", True),
        (File("sha256:" + "0" * 64, 1), "application/json", False),
        (Bytes(b"\0\1\2"), "", False),
        (Text("x"), "application/x-tar", False),
    ],
)
def test_an_archive_is_known_by_its_first_bytes_or_its_type(body: Body, content_type: str, archive: bool) -> None:
    assert is_archive(body, (("content-type", content_type),)) is archive


@pytest.mark.parametrize("written", [b'{"Cmd":">&2"}\n', b'{"Cmd":">&2"}', b'{"Cmd":"\\u003e\\u00262"}\n'])
def test_an_answer_in_json_is_written_in_the_way_that_has_the_recorded_length(written: bytes) -> None:
    body = body_of(written, "application/json")
    assert isinstance(body, Json)
    assert answer_data(body, (("Content-Length", str(len(written))),)) == written


def test_an_answer_in_json_whose_length_is_not_known_is_written_as_moby_does() -> None:
    assert answer_data(Json({"Cmd": ">&2"}), ()) == b'{"Cmd":">&2"}\n'
    assert answer_data(Text("x"), (("Content-Length", "9"),)) == b"x"
