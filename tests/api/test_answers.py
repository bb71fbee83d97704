"""How answers are made, with the server's hooks and without."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from flask import Flask

from fakedocker.api import answers

app = Flask(__name__)


class Source:
    """Gives its parts one by one; `b""` means that nothing is there until somebody wakes the reader."""

    def __init__(self, *parts: bytes | None) -> None:
        self.parts = list(parts)
        self.closed = False

    def watch(self, wake: Callable[[], None]) -> None:
        self.wake = wake

    def read(self, size: int) -> bytes | None:
        part = self.parts.pop(0)
        if part == b"":
            threading.Timer(0.01, self.wake).start()
        return part

    def close(self) -> None:
        self.closed = True


@pytest.mark.parametrize(
    ("status", "line"),
    [(200, "200 OK"), (204, "204 No Content"), (301, "301 Moved Permanently"), (409, "409 Conflict")],
)
def test_a_status_has_its_reason(status: int, line: str) -> None:
    assert answers.line(status) == line
    assert answers.empty(status).status == line


def test_text_and_json_name_their_type() -> None:
    json, text = answers.json({"a": "<"}, 201), answers.text("ü\udcff", 404)
    assert (json.status, json.content_type, json.data) == ("201 Created", "application/json", b'{"a":"\\u003c"}')
    assert (text.status_code, text.content_type) == (404, "text/plain; charset=utf-8")
    assert text.data == "ü?".encode()


def test_nothing_has_no_type() -> None:
    assert "Content-Type" not in answers.empty(200).headers


@pytest.mark.parametrize("make", [answers.follow, lambda source, kind: answers.hijack(source, b"HEAD", kind)])
def test_without_hooks_a_source_is_read_to_its_end_and_closed(make: Callable) -> None:
    source = Source(b"one", b"", b"two", None)
    with app.test_request_context("/"):
        response = make(source, "x/y")
        assert (b"".join(response.response), response.content_type) == (b"onetwo", "x/y")
    assert source.closed


def test_with_hooks_a_source_is_handed_over() -> None:
    source, handed = Source(), []
    hooks = {
        answers.FOLLOW: lambda *given, **named: handed.append((given, named)),
        answers.HIJACK: lambda *given, **named: handed.append((given, named)),
    }
    with app.test_request_context("/", environ_overrides=hooks):
        assert answers.follow(source, "x/y", head_now=False).content_type == "x/y"
        answers.hijack(source, b"HEAD", "x/y")
    assert handed == [((source,), {"head_now": False}), ((source,), {"head": b"HEAD"})]


def test_a_client_that_leaves_closes_the_source() -> None:
    source = Source(b"one", b"two", None)
    chunks = answers.blocking(source)
    assert next(chunks) == b"one"
    chunks.close()  # type: ignore[attr-defined]
    assert source.closed
