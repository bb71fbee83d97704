"""Asking the daemon what is new: what becomes of it when that cannot be done. Whole sessions: test_replay_modes."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from small_daemon import SmallDaemon

from fakedocker.cassettes.model import Header, Request
from fakedocker.cassettes.redaction import Redactor
from fakedocker.cassettes.store import CassetteInUse, Writer, load
from fakedocker.proxy.episodes import Episodes, UnrecordableError
from fakedocker.proxy.tape import Tape
from fakedocker.proxy.upstream import parse_upstream

GET = Request("GET", "/v1.41/containers/json")


@pytest.fixture
def daemon() -> Iterator[SmallDaemon]:
    with SmallDaemon() as daemon:
        yield daemon


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[Writer]:
    with Writer(tmp_path / "session.yaml", Header()) as writer:
        yield writer


@pytest.fixture
def open_tape(writer: Writer) -> Callable[[], Tape]:
    return lambda: Tape(writer, Redactor(), on_kept=lambda *_: None, on_failure=lambda _: None)


def ask(episodes: Episodes, request: Request = GET) -> tuple[str, bytes, io.BytesIO]:
    """Ask, and return the status, the body of the answer, and what held that of the request."""
    said: list[str] = []
    body = io.BytesIO(b"")
    environ: dict[str, Any] = {"REQUEST_METHOD": request.method, "PATH_INFO": request.path}
    parts = episodes.ask(
        request,
        body,
        0,
        environ,
        lambda status, headers: said.append(status),
        lambda status: None,
    )
    return said[0], b"".join(parts), body


def test_nothing_is_opened_before_there_is_something_new(daemon: SmallDaemon) -> None:
    episodes = Episodes(parse_upstream(daemon.url), lambda: pytest.fail("it was opened"), lambda one: one)
    episodes.hear(GET)
    episodes.finish()
    assert episodes.tape is None
    assert daemon.asked == []


def test_what_was_asked_is_on_the_tape_when_it_is_finished(
    daemon: SmallDaemon, writer: Writer, open_tape: Callable[[], Tape]
) -> None:
    episodes = Episodes(parse_upstream(daemon.url), open_tape, lambda one: one)
    status, body, given = ask(episodes)
    assert (status, body) == ("200 X", b"[]\n")
    episodes.finish()
    assert given.closed
    assert [one.request.path for one in load(writer.path).cassette.exchanges] == [GET.path]


def test_a_daemon_that_is_not_there_is_told(open_tape: Callable[[], Tape]) -> None:
    episodes = Episodes(parse_upstream("unix:///no/such.sock"), open_tape, lambda one: one)
    with pytest.raises(UnrecordableError, match=r"cannot reach unix:///no/such\.sock"):
        ask(episodes)
    assert episodes.tape is None


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (CassetteInUse("it is being written"), "it is being written"),
        (PermissionError(13, "Permission denied"), "the cassette cannot be written: Permission denied"),
    ],
)
def test_a_cassette_that_cannot_be_written_is_told_and_the_daemon_is_not_asked(
    daemon: SmallDaemon, error: Exception, said: str
) -> None:
    def fail() -> Tape:
        raise error

    with pytest.raises(UnrecordableError, match=said):
        ask(Episodes(parse_upstream(daemon.url), fail, lambda one: one))
    assert daemon.asked == []


def test_a_daemon_that_hangs_up_is_told(daemon: SmallDaemon, open_tape: Callable[[], Tape]) -> None:
    daemon.answers["GET /containers/json"] = lambda client: "close"
    episodes = Episodes(parse_upstream(daemon.url), open_tape, lambda one: one)
    with pytest.raises(UnrecordableError, match="without an answer"):
        ask(episodes)
    episodes.finish()


def test_a_request_that_cannot_be_sent_is_told(daemon: SmallDaemon, open_tape: Callable[[], Tape]) -> None:
    episodes = Episodes(parse_upstream(daemon.url), open_tape, lambda one: one)
    with pytest.raises(UnrecordableError, match="header"):
        ask(episodes, Request("GET", "/x", (), (("X", "a\r\nY: b"),)))
    assert daemon.asked == []
