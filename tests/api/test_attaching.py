"""An attached client as the server sees it, whatever the dialect."""

from __future__ import annotations

import pytest

from fakedocker import FakeDocker
from fakedocker.api.attaching import AttachSession
from fakedocker.engine.containers.attachments import Attachment, Wanted

EVERYTHING = Wanted(stream=True, stdin=True, stdout=True, stderr=True, patient=True)


@pytest.fixture
def daemon() -> FakeDocker:
    return FakeDocker(seed=1, clock="manual")


def attached(daemon: FakeDocker, *command: str, **how: object) -> AttachSession:
    """Attach to a container that is started afterwards."""
    container = daemon.engine.create("base", *command, open_stdin=True, stdin_once=True)
    session = AttachSession(daemon._service.runtime, Attachment(container, EVERYTHING), **how)  # type: ignore[arg-type]
    daemon.engine.start(container)
    daemon.advance(1)
    return session


def test_what_is_read_is_as_long_as_there_is_room_for_and_nothing_is_lost(daemon: FakeDocker) -> None:
    session = attached(daemon, "echo", "0123456789")
    assert [session.read(4) for _ in range(4)] == [b"0123", b"4567", b"89\n", None]


def test_nothing_new_is_not_the_end(daemon: FakeDocker) -> None:
    session = attached(daemon, "sleep", "5")
    assert session.read(100) == b""
    daemon.advance(10)
    assert session.read(100) is None


def test_each_piece_is_shown_as_the_dialect_has_it(daemon: FakeDocker) -> None:
    session = attached(daemon, "sh", "-c", "echo a; echo b >&2", show=lambda channel, data: f"<{channel}>".encode())
    assert session.read(100) == b"<stdout><stderr>"


def test_the_last_words_come_behind_everything(daemon: FakeDocker) -> None:
    session = attached(daemon, "echo", "first", last_words=b"last")
    assert [session.read(100) for _ in range(3)] == [b"first\n", b"last", None]


def test_input_goes_to_the_program_and_its_end_ends_it(daemon: FakeDocker) -> None:
    session = attached(daemon, "cat")
    session.receive(b"typed")
    assert session.room() > 0
    session.half_close()
    daemon.advance(1)
    assert [session.read(100), session.read(100)] == [b"typed", None]


def test_a_client_is_woken_until_it_leaves(daemon: FakeDocker) -> None:
    session = attached(daemon, "sh", "-c", "while true; do sleep 1; echo tick; done")
    woken: list[None] = []
    session.watch(lambda: woken.append(None))
    daemon.advance(3)
    assert woken
    session.close()
    woken.clear()
    daemon.advance(3)
    assert not woken
