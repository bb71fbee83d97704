"""Questions: what is written down of a request, and above all what is not."""

from __future__ import annotations

import io
from typing import Any

import pytest

from fakedocker.journal.questions import LONGEST_BODY, Copy, Question
from fakedocker.journal.secrets import Secrets

JSON, FORM = "application/json", "application/x-www-form-urlencoded"


def asked(
    method: str = "POST", path: str = "/v1.51/containers/create", query: str = "", body: bytes = b"", kind: str = JSON
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what is known when a request has come, and what else when an application has read its body."""
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "CONTENT_LENGTH": str(len(body)),
        "CONTENT_TYPE": kind,
        "wsgi.input": io.BytesIO(body),
        "REMOTE_ADDR": "127.0.0.1",
        "REMOTE_PORT": "4711",
    }
    question = Question(environ, Secrets())
    begun = question.begin()
    while environ["wsgi.input"].read(1000):
        pass
    return begun, question.answered()


def test_a_request_is_told_in_the_words_of_the_api() -> None:
    begun, _ = asked("POST", "/v1.41/containers/w%C3%A9b/start", "t=1&t=2&x=")
    assert begun == {
        "operation": "ContainerStart",
        "object": "wéb",
        "method": "POST",
        "path": "/v1.41/containers/w%C3%A9b/start",
        "version": "1.41",
        "query": {"t": ["1", "2"], "x": [""]},
        "body_type": JSON,
        "body_size": 0,
        "connection": "127.0.0.1:4711",
    }


@pytest.mark.parametrize(
    ("body", "kind", "kept"),
    [
        (b'{"Image": "base"}', JSON, {"Image": "base"}),
        (b'{"Image": "base"}', FORM, {"Image": "base"}),
        (b'{"Image": "base"}', "", {"Image": "base"}),
        (b"[1, 2]", "application/json; charset=utf-8", [1, 2]),
        (b"a=1&b=2&a=3", FORM, {"a": "1", "b": "2"}),
        (b"hello", "text/plain", "hello"),
    ],
)
def test_a_body_is_kept_as_what_it_says(body: bytes, kind: str, kept: object) -> None:
    _, told = asked(body=body, kind=kind)
    assert told["body"] == kept
    assert told["body_size"] == len(body)


@pytest.mark.parametrize(
    ("body", "kind", "path"),
    [
        (b'{"a": "' + b"x" * LONGEST_BODY + b'"}', JSON, "/containers/create"),
        (b'{"password": "two words", ', JSON, "/auth"),
        (b'{"password": "two words", ', FORM, "/auth"),
        (b'{"password": "two words", ', "", "/auth"),
        (b"\x1f\x8b\x08 a tar", "application/x-tar", "/build"),
        (b'{"a": 1}', JSON, "/images/load"),
        (b"whatever", "application/octet-stream", "/containers/create"),
        (b"[" * 5000, JSON, "/containers/create"),
    ],
)
def test_what_is_too_large_or_cannot_be_read_is_told_by_its_size(body: bytes, kind: str, path: str) -> None:
    begun, told = asked("POST", path, body=body, kind=kind)
    assert "body" not in told
    assert told["body_size"] == len(body)
    assert begun["body_type"] == kind


@pytest.mark.parametrize(
    ("path", "query", "body", "kind"),
    [
        ("/auth", "", b'{"username": "u", "password": "hunter2hunter2"}', JSON),
        ("/auth", "", b"username=u&password=hunter2hunter2", FORM),
        ("/build", "buildargs=%7B%22API_TOKEN%22%3A%22hunter2hunter2%22%7D", b"", ""),
        ("/build", "remote=https%3A%2F%2Fme%3Ahunter2hunter2%40host%2Fcontext.git", b"", ""),
        ("/images/create", "fromSrc=https%3A%2F%2Fme%3Ahunter2hunter2%40host%2Fx.tar", b"", ""),
        ("/containers/create", "", b'{"Env": ["DB_PASSWORD=hunter2hunter2"]}', JSON),
        ("/containers/create", "", b'{"Env": ["DB_PASSWORD=hunter2hunter2"], "Cmd": ["x", "hunter2hunter2"]}', JSON),
        ("/secrets/create", "", b'{"Name": "s", "Data": "hunter2hunter2"}', JSON),
        ("/containers/hunter2hunter2/start", "", b'{"password": "hunter2hunter2"}', JSON),
        ("/swarm/unlock", "", b'{"UnlockKey": "hunter2hunter2"}', JSON),
    ],
)
def test_no_secret_is_written_down(path: str, query: str, body: bytes, kind: str) -> None:
    begun, told = asked("POST", path, query, body, kind)
    assert "hunter2" not in str(told)
    if path != "/containers/hunter2hunter2/start":  # that it is one is known once the body has been read
        assert "hunter2" not in str(begun)
    assert "{secret:" in str(begun) + str(told)


def test_a_body_that_was_not_read_to_its_end_is_not_kept() -> None:
    copy = Copy(io.BytesIO(b'{"a": "secret'), 100, 50)
    assert copy.read(8) == b'{"a": "s'
    assert copy.whole() == b""


def test_a_copy_keeps_what_is_read_in_any_way_and_forgets_what_is_too_much() -> None:
    copy = Copy(io.BytesIO(b"0123456789"), 10, None)
    target = bytearray(4)
    assert copy.readinto(target) == 4
    assert bytes(target) + copy.read() == b"0123456789"
    assert copy.whole() == b"0123456789"
    small = Copy(io.BytesIO(b"0123456789"), 9, None)
    assert small.readall() == b"0123456789"
    assert (small.whole(), small.size) == (b"", 10)


def test_a_path_without_end_is_cut() -> None:
    begun, _ = asked("GET", "/v1.51/containers/" + "x" * 100_000 + "/json", "y" * 100_000)
    assert len(begun["path"]) == 4096
    assert begun["query"] == {}
    assert begun["operation"] == ""
