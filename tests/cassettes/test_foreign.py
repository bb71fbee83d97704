"""Files of others are read without trust."""

from __future__ import annotations

import contextlib
import gzip
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakedocker.cassettes import foreign
from fakedocker.cassettes.foreign import ForeignError, moment_of, read, request_of, response_of, target
from fakedocker.cassettes.model import Frame, Json, Stream, Text


def test_numbers_and_truths_stay_as_they_are_written() -> None:
    assert read(b"a: 1.10\nb: true\nc: null\nd: 'null'\n") == {"a": "1.10", "b": "true", "c": None, "d": "null"}
    assert read(b'{"a": 1.10, "b": true, "c": null}') == {"a": "1.10", "b": "true", "c": None}


@pytest.mark.parametrize("tag", ["!binary", "!!binary", "!<tag:yaml.org,2002:binary>"])
def test_bytes_are_bytes_however_they_are_written(tag: str) -> None:
    assert read(f"a: {tag} |-\n  /w==\n\nb: {tag} '/w=='\nc: [{tag} /w==, x]\n".encode()) == {
        "a": b"\xff",
        "b": b"\xff",
        "c": [b"\xff", "x"],
    }


def test_bytes_do_not_move_the_lines_of_errors() -> None:
    with pytest.raises(ForeignError, match="line 6: nothing is called &b above"):
        read("ä: !binary |-\n  /w==\n  /w==\n\n\nb: *b\n".encode())


def test_a_text_that_is_there_twice_may_be_an_alias() -> None:
    assert read(b"a: &id001 !!binary |\n  /w==\nb: *id001\n") == {"a": b"\xff", "b": b"\xff"}


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"a: !binary x\n", "line 1: this is not base64"),
        (b"a: !!python/object/apply:os.system [x]\n", "YAML tags are not allowed in a recording: !!python"),
        (b"a: !!python/unicode 'x'\n", "YAML tags are not allowed"),
        (b"a: !ruby/object:Gem::Requirement x\n", "YAML tags are not allowed"),
        (b"a: !binary [x]\n", "YAML tags are not allowed"),
        (b"? !binary eA==\n: x\n", "a key must be a word"),
        (b"a: 1\na: 2\n", "line 2: a is there twice"),
        (b"a: [\n", "this is not YAML"),
        (b"\xff", "line 1: this is not text in UTF-8"),
        (b"[" * 100_000, "nested too deep|this is not JSON"),
        (b'{"a": NaN}', "NaN is no number"),
        (b'{"a": ', "line 1: this is not JSON"),
        (b"---\na\n---\nb\n", "a recording is one YAML document"),
        (b"- " * 1000, "nested more than"),
    ],
)
def test_what_is_not_read_is_refused_with_its_reason(data: bytes, why: str) -> None:
    with pytest.raises(ForeignError, match=why):
        read(data)


def test_a_bomb_does_not_go_off() -> None:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x, x]"]
    for one, two in zip("abcdefghi", "bcdefghij", strict=True):
        lines.append(f"{two}: &{two} [{', '.join([f'*{one}'] * 10)}]")
    with pytest.raises(ForeignError, match="more than 5000000 values"):
        read("\n".join(lines).encode())


@given(st.text(st.sampled_from("!binary&*-: \n|>'\"{}[]=aA9ä\t#?%"), max_size=60))
@settings(max_examples=300, deadline=None)
def test_whatever_it_is_it_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(ForeignError):
        read(text.encode())


def test_a_url_is_a_path_and_a_query() -> None:
    assert target("http+docker://localhost/v1.41/a%2Fb?x=1&x=%20&y=#f") == (
        "/v1.41/a%2Fb",
        (("x", "1"), ("x", " "), ("y", "")),
    )
    assert target("http://docker") == ("/", ())
    assert target("/_ping") == ("/_ping", ())


ZIPPED = (("Content-Encoding", "gzip"), ("content-length", "99"), ("Content-Type", "application/json"))


@pytest.mark.parametrize(
    ("coding", "data"),
    [
        ("gzip", gzip.compress(b'{"a":1}')),
        ("deflate", zlib.compress(b'{"a":1}')),
        ("deflate", zlib.compress(b'{"a":1}')[2:-4]),
        ("gzip", b'{"a":1}'),  # whoever recorded it undid it and left the header
        ("br", b'{"a":1}'),
        ("identity", b'{"a":1}'),
        ("gzip, deflate", zlib.compress(gzip.compress(b'{"a":1}'))),
    ],
    ids=["gzip", "deflate", "raw deflate", "undone gzip", "undone br", "identity", "two"],
)
def test_compressed_bodies_are_decompressed_and_the_headers_say_so(coding: str, data: bytes) -> None:
    headers = (("Content-Encoding", coding), ("content-length", "99"), ("Content-Type", "application/json"))
    response = response_of(200, "OK", headers, data, "x")
    assert response.body == Json({"a": 1})
    assert response.headers == (("content-length", "7"), ("Content-Type", "application/json"))


def test_what_cannot_be_decompressed_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ForeignError, match="compressed as br, which cannot be undone"):
        request_of("GET", "/", (("Content-Encoding", "br"),), b"\xff\x00", "x")
    with pytest.raises(ForeignError, match="not compressed as its headers say"):
        response_of(200, "", ZIPPED, b"\x1f\x8bnothing", "x")
    with pytest.raises(ForeignError, match="was cut"):
        response_of(200, "", ZIPPED, gzip.compress(b"0" * 1000)[:20], "x")
    monkeypatch.setattr(foreign, "LONGEST_BODY", 1000)
    with pytest.raises(ForeignError, match="when it is decompressed"):
        response_of(200, "", ZIPPED, gzip.compress(b"0" * 100_000), "x")


def test_streams_are_taken_apart() -> None:
    lines = response_of(200, "", (("Content-Type", "application/json"),), b'{"a":1}\r\n{"a":2}\r\n', "x", 3).body
    assert lines == Stream("lines", (Frame(3, Json({"a": 1})), Frame(3, Json({"a": 2}))))
    raw = (("Content-Type", "application/vnd.docker.raw-stream"),)
    logs = response_of(200, "", raw, b"\x01\0\0\0\0\0\0\x02hi", "x").body
    assert logs == Stream("multiplexed", (Frame(0, Text("hi"), "out", "stdout"),))
    assert response_of(200, "", raw, b"a terminal's", "x").body == Text("a terminal's")


@pytest.mark.parametrize("text", ["yesterday", "", "99999-01-01", "0001-01-01T00:00:00+23:00"])
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(ForeignError, match="no moment"):
        moment_of(text, "x")
