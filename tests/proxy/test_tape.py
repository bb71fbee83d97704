"""Where exchanges go, and what happens when the disk is full."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from fakedocker.cassettes.model import Exchange, Frame, Header, Request, Response, Stream, Text
from fakedocker.cassettes.redaction import Redactor
from fakedocker.cassettes.store import Writer, load
from fakedocker.proxy.tape import Tape

EXCHANGE = Exchange(1, 1, 0, 0, Request("GET", "/_ping"), Response(200, body=Text("OK")))
STREAM = Exchange(2, 1, 0, 0, Request("GET", "/logs"), Response(200, body=Stream("raw", [Frame(0, Text("hi"))])))


class Made:
    """A tape, and what it told."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.writer = Writer(path, Header())
        self.kept: list[tuple[int, int]] = []
        self.failures: list[str] = []
        self.tape = Tape(
            self.writer,
            Redactor(),
            on_kept=lambda exchange, size: self.kept.append((exchange.id, size)),
            on_failure=self.failures.append,
        )


@pytest.fixture
def made(tmp_path: Path) -> Made:
    return Made(tmp_path / "c.yaml")


def test_what_is_kept_is_on_disk_and_counted(made: Made) -> None:
    made.tape.keep(EXCHANGE, 2)
    made.tape.keep(STREAM, 5)
    assert [exchange.id for exchange in load(made.path).cassette.exchanges] == [1, 2]
    assert made.kept == [(1, 2), (2, 5)]
    assert (made.tape.totals.exchanges, made.tape.totals.streams, made.tape.totals.bytes) == (2, 1, 7)


def test_a_secret_is_taken_out_before_it_is_written(made: Made) -> None:
    request = Request("GET", "/", headers=[("X-Registry-Auth", "c2VjcmV0LXZhbHVl")])
    made.tape.keep(Exchange(1, 1, 0, 0, request, Response(200, body=Text("it was c2VjcmV0LXZhbHVl"))), 0)
    assert "c2VjcmV0LXZhbHVl" not in made.path.read_text()
    assert sum(made.tape.redacted.values()) >= 1


def test_a_secret_is_known_from_the_moment_it_was_heard_and_counted_once(made: Made) -> None:
    build = Request("POST", "/build", headers=[("X-Registry-Auth", "c2VjcmV0LXZhbHVl")])
    made.tape.hear(build)
    assert sum(made.tape.redacted.values()) == 0
    made.tape.keep(Exchange(1, 1, 0, 0, Request("GET", "/c2VjcmV0LXZhbHVl"), None), 0)
    made.tape.keep(Exchange(2, 1, 0, 0, build, None), 0)
    assert "c2VjcmV0LXZhbHVl" not in made.path.read_text()
    assert sum(made.tape.redacted.values()) == 2


def test_a_large_body_stands_beside_without_the_secrets_that_are_known(made: Made) -> None:
    made.tape.keep(Exchange(1, 1, 0, 0, Request("GET", "/", headers=[("X-Registry-Auth", "c2VjcmV0")]), None), 0)
    file = made.tape.side_file("application/x-tar")
    file.write(b"\0" * 100 + b"c2Vj")
    file.write(b"cmV0" + b"\0" * 100)
    body = file.close()
    [path] = Path(f"{made.path}.files").iterdir()
    assert path.stat().st_size == 208
    assert b"c2VjcmV0" not in path.read_bytes()
    assert body is not None


def test_a_full_disk_ends_the_recording_once_and_leaves_what_there_was(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    made.tape.keep(EXCHANGE, 2)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(made.writer, "append", full)
    made.tape.keep(STREAM, 2)
    made.tape.keep(STREAM, 2)
    assert made.failures == ["No space left on device"]
    assert [exchange.id for exchange in load(made.path).cassette.exchanges] == [1]
    file = made.tape.side_file("")
    file.write(b"x")
    file.close()
    assert not Path(f"{made.path}.files").exists()


def test_a_file_beside_the_cassette_that_cannot_be_written_is_told_too(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(made.writer, "side_file", full)
    file = made.tape.side_file("")
    file.write(b"x")
    file.close()
    assert made.failures == ["No space left on device"]
