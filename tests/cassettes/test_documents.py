"""The documents of a cassette, as docs/cassettes.md has them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from exchanges import PAGE, exchanges
from hypothesis import given, settings

from fakedocker.cassettes.documents import compose, exchange_text, header_text, read_exchange, read_header
from fakedocker.cassettes.model import Exchange, File, Header, Request
from fakedocker.cassettes.redaction import Redactor
from fakedocker.cassettes.store import load
from fakedocker.wire.safeyaml import DocumentError

MINIMAL = """\
id: 1
connection: 1
start: 0
duration: 0
request:
  method: GET
  path: /_ping
response: null
end: reset
"""


@pytest.fixture
def example() -> str:
    [found] = re.findall(r"^```yml\n(.*?)^```$", PAGE.read_text(), re.DOTALL | re.MULTILINE)
    return str(found)


def test_the_example_of_the_docs_is_a_cassette(example: str, tmp_path: Path) -> None:
    path = tmp_path / "example.yaml"
    path.write_text(example)
    folder = tmp_path / "example.yaml.files"
    folder.mkdir()
    for name, size in re.findall(r"name: (sha256-\w+)\n +size: (\d+)", example):
        (folder / name).write_bytes(b"x" * int(size))
    loaded = load(path)
    assert not loaded.cut
    assert [one.request.method for one in loaded.cassette.exchanges] == [
        *("GET", "POST", "POST", "POST", "POST", "PUT", "GET")
    ]
    assert any(isinstance(one.request.body, File) for one in loaded.cassette.exchanges)
    written = header_text(loaded.cassette.header) + "".join(map(exchange_text, loaded.cassette.exchanges))
    assert written == example
    for one in loaded.cassette.exchanges:
        assert Redactor().exchange(one) == one


@given(exchanges)
@settings(max_examples=50, deadline=None)
def test_an_exchange_comes_back_as_it_was(exchange: Exchange) -> None:
    text = exchange_text(exchange)
    assert text.endswith("\n---\n")
    assert "\n---\n" not in text[:-1]
    assert read_exchange(compose(text.removesuffix("---\n").encode())) == exchange


def test_a_header_comes_back_as_it_was() -> None:
    for header in (Header(), Header("fakedocker 0.1.0", "2026-11-25T00:00:00Z", {"version": "28.2.2"})):
        assert read_header(compose(header_text(header).removesuffix("---\n").encode())) == header


def test_the_least_that_is_an_exchange() -> None:
    assert read_exchange(compose(MINIMAL.encode())) == Exchange(1, 1, 0, 0, Request("GET", "/_ping"), None, "reset")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("id: 1\n", "", "an exchange has no id"),
        ("id: 1", "id: 1.5", "id has to be an integer"),
        ("id: 1", "id: true", "id has to be a number"),
        ("start: 0", "start: -1", "start has to be a number, 0 or more"),
        ("start: 0", "start: [0]", "start has to be a number, 0 or more"),
        ("start: 0", "start: 1e300", "start has to be a number, 0 or more"),
        ("method: GET", "method: [GET]", "method has to be text"),
        ("end: reset", "end: reset\nnotes: x", "an exchange has no member notes"),
        ("end: reset", "", "an exchange has no end"),
        ("response: null", "response: 200", "a response has to be a mapping"),
        ("path: /_ping", "path: /_ping\n  headers: [a]", "headers has to be a list of `- name: value`"),
        ("path: /_ping", "path: /_ping\n  headers: [{a: b, c: d}]", "headers has to be a list of `- name: value`"),
        ("path: /_ping", "path: /_ping\n  body: {text: a, json: 1}", "a body has to have one of json, text"),
        ("path: /_ping", "path: /_ping\n  body: {text: [a]}", "text has to be text"),
        ("path: /_ping", "path: /_ping\n  body: {base64: '&'}", "this is not base64"),
        (
            "path: /_ping",
            "path: /_ping\n  body: {stream: {kind: odd, frames: []}}",
            "kind is one of lines, multiplexed",
        ),
        ("path: /_ping", "path: /_ping\n  body: {stream: {kind: raw}}", "a stream has no frames"),
        ("path: /_ping", "path: /_ping\n  body: {stream: {kind: raw, frames: 1}}", "frames have to be a list"),
        ("path: /_ping", "path: /_ping\n  body: {stream: {kind: raw, newline: x, frames: []}}", "a newline is"),
        (
            "path: /_ping",
            "path: /_ping\n  body: {stream: {kind: raw, frames: [{t: 0, dir: up}]}}",
            "dir is one of in, out",
        ),
        (
            "path: /_ping",
            "path: /_ping\n  body: {stream: {kind: raw, frames: [{t: 0, channel: a}]}}",
            "channel is one of",
        ),
        (
            "path: /_ping",
            "path: /_ping\n  body: {stream: {kind: raw, frames: [{t: 0, text: a, json: 1}]}}",
            "a frame has one",
        ),
    ],
)
def test_what_an_exchange_cannot_say_is_refused(old: str, new: str, message: str) -> None:
    assert old in MINIMAL
    with pytest.raises(DocumentError, match=re.escape(message)):
        read_exchange(compose(MINIMAL.replace(old, new).encode()))


def test_fields_may_stand_as_pairs() -> None:
    text = MINIMAL.replace("path: /_ping", "path: /_ping\n  query:\n    - [a, b]\n    - a: 1")
    assert read_exchange(compose(text.encode())).request.query == (("a", "b"), ("a", "1"))
