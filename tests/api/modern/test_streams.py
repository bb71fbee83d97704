"""Keys that detach, and streams that are handed over."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fakedocker.api.modern.streams import read_keys

if TYPE_CHECKING:
    from modern.conftest import Dock


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("ctrl-p,ctrl-q", b"\x10\x11"),
        ("ctrl-a", b"\x01"),
        ("ctrl-@,ctrl-[,ctrl-\\,ctrl-],ctrl-^,ctrl-_", b"\x00\x1b\x1c\x1d\x1e\x1f"),
        ("a,B,1", b"aB1"),
        ("nosuch", None),
        ("ctrl-", None),
        ("ctrl-a,", None),
        ("", None),
    ],
)
def test_keys_are_read_by_their_names(text: str, keys: bytes | None) -> None:
    assert read_keys(text) == keys


def test_keys_that_are_none_are_refused_before_anything_is_handed_over(dock: Dock) -> None:
    dock.run("cat", Tty=True, OpenStdin=True)
    reply = dock.post("/containers/box/attach?stream=1&stdin=1&detachKeys=nosuch")
    assert reply.status == 400
    assert "nosuch" in reply.text


def test_a_stream_of_a_terminal_is_bare_and_another_one_is_in_frames(dock: Dock) -> None:
    dock.run("sh", "-c", "echo out; sleep 1000", name="plain")
    dock.run("sh", "-c", "echo out; sleep 1000", name="terminal", Tty=True)
    for name, begin in (("plain", b"\x01\x00\x00\x00\x00\x00\x00\x04out\n"), ("terminal", b"out\r\n")):
        client = dock.take_over(f"/containers/{name}/attach?logs=1&stream=1&stdout=1")
        assert client.exactly(len(begin)) == begin


def test_who_does_not_ask_for_an_upgrade_gets_the_stream_all_the_same(dock: Dock) -> None:
    dock.run("sh", "-c", "echo out; sleep 5")
    client = dock.client()
    client.ask("POST", "/containers/box/attach?logs=1&stream=1&stdout=1")
    head = client.head()
    assert (head.status, head.type) == (200, "application/vnd.docker.raw-stream")
    assert client.exactly(12).endswith(b"out\n")
    dock.daemon.advance(6)
    assert client.rest() == b""


def test_keys_may_come_one_by_one_and_what_is_none_is_passed_on(dock: Dock) -> None:
    dock.run("cat", Tty=True, OpenStdin=True)
    client = dock.take_over("/containers/box/attach?stream=1&stdin=1&stdout=1")
    client.send(b"\x10")
    client.send(b"x\n")
    assert client.until(b"x\r\n") in (b"^Px\r\n", b"\x10x\r\n")
    client.send(b"\x10")
    client.send(b"\x11")
    client.rest()
    assert dock.inspect()["State"]["Running"]


def test_a_client_that_leaves_takes_nothing_with_it(dock: Dock) -> None:
    dock.run("cat", OpenStdin=True)
    client = dock.take_over("/containers/box/attach?stream=1&stdin=1&stdout=1")
    client.close()
    other = dock.take_over("/containers/box/attach?stream=1&stdin=1&stdout=1")
    other.send(b"still\n")
    assert other.exactly(14).endswith(b"still\n")
