"""Faults that end a connection too early, seen over TCP and a unix socket."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from wire_client import WireClient

from fakedocker import FakeDocker

PING = "/v1.41/_ping"
FRAME = b"\x01\0\0\0\0\0\0\x06hello\n"
LOGS = "/v1.41/containers/web/logs?stdout=1"


def test_a_reset_is_a_reset(daemon: FakeDocker, client: WireClient) -> None:
    daemon.faults.add("reset", on="SystemPing")
    client.ask("GET", PING)
    with pytest.raises(ConnectionResetError):
        client.sock.recv(1)


def test_a_close_is_an_end(daemon: FakeDocker, client: WireClient) -> None:
    daemon.faults.add("close", on="ImageLoad")
    client.ask("POST", "/v1.41/images/load", b"never read" * 1000)
    assert client.rest() == b""


@pytest.mark.parametrize("kind", ["reset", "close"])
def test_a_unix_socket_just_ends(tmp_path: Path, kind: str) -> None:
    host = f"unix://{tmp_path}/d.sock"
    with FakeDocker(hosts=[host], faults=[{"kind": kind}]), WireClient(host) as client:
        client.ask("GET", PING)
        assert client.rest() == b""


def test_nothing_happens_to_what_was_asked_for(daemon: FakeDocker, client: WireClient, web: str) -> None:
    daemon.faults.add("close", on="ContainerKill")
    client.ask("POST", "/v1.41/containers/web/kill")
    assert client.rest() == b""
    assert daemon.engine.container("web").running


def test_a_cut_ends_a_body_that_was_promised_to_be_longer(daemon: FakeDocker, client: WireClient) -> None:
    daemon.faults.add("cut", bytes=20, on="SystemVersion")
    client.ask("GET", "/v1.41/version")
    assert int(client.head().fields["content-length"]) > 20
    assert len(client.rest()) == 20


def test_a_cut_behind_the_end_cuts_nothing(daemon: FakeDocker, client: WireClient) -> None:
    daemon.faults.add("cut", bytes=1 << 40, on="SystemPing")
    assert client.get(PING).text == "OK"
    assert client.get(PING).text == "OK"


def test_a_cut_can_be_a_reset(daemon: FakeDocker, client: WireClient) -> None:
    daemon.faults.add("cut", reset=True, on="SystemPing")
    client.ask("GET", PING)
    assert client.head().status == 200
    with pytest.raises(ConnectionResetError):
        client.sock.recv(1)


@pytest.mark.parametrize("follow", ["", "&follow=1"])
@pytest.mark.parametrize(("whole", "expected"), [(0, FRAME[:11]), (14, FRAME + FRAME[:11]), (3, FRAME[:11])])
def test_a_cut_in_a_frame_leaves_half_of_it(
    daemon: FakeDocker, client: WireClient, follow: str, whole: int, expected: bytes
) -> None:
    daemon.engine.run("base", "sh", "-c", "echo hello; sleep 1; echo hello; sleep 600", name="web")
    daemon.advance(5)
    daemon.faults.add("cut", frame=True, bytes=whole, on="ContainerLogs")
    client.ask("GET", LOGS + follow)
    assert client.head().fields["transfer-encoding"] == "chunked"
    assert unchunked(client.rest()) == expected


def test_a_cut_in_what_is_no_frame_leaves_a_little_of_it(daemon: FakeDocker, client: WireClient) -> None:
    daemon.faults.add("cut", frame=True, on="SystemVersion")
    client.ask("GET", "/v1.41/version")
    client.head()
    assert len(client.rest()) == 8


def test_a_connection_that_was_taken_over_is_cut(daemon: FakeDocker, client: WireClient, web: str) -> None:
    daemon.faults.add("cut", frame=True, on="ContainerAttach")
    client.ask("POST", "/v1.41/containers/web/attach?stream=1&logs=1&stdout=1", headers={"Upgrade": "tcp"})
    client.until(b"\r\n\r\n")
    assert client.rest() == FRAME[:11]


def test_a_chunk_without_a_size_comes_behind_the_bytes(daemon: FakeDocker, client: WireClient) -> None:
    daemon.faults.add("malformed-chunk", bytes=1, on="SystemPing")
    client.ask("GET", PING)
    assert client.head().fields["transfer-encoding"] == "chunked"
    assert client.rest() == b"1\r\nO\r\nno size\r\n"


def test_a_followed_answer_has_malformed_chunks_too(daemon: FakeDocker, client: WireClient, web: str) -> None:
    daemon.faults.add("malformed-chunk", on="ContainerLogs")
    client.ask("GET", LOGS + "&follow=1")
    client.head()
    assert client.rest() == b"no size\r\n"


def test_what_follows_a_broken_connection_is_none_of_its_business(
    daemon: FakeDocker, connect: Callable[[], WireClient]
) -> None:
    daemon.faults.add("reset", on="SystemPing", first=1)
    connect().ask("GET", PING)
    other = connect()
    while daemon.faults[1].hits == 0:
        pass
    assert other.get(PING).text == "OK"


def unchunked(data: bytes) -> bytes:
    """Return what is in the chunks, however few of them came."""
    whole = b""
    while data:
        size, _, data = data.partition(b"\r\n")
        whole, data = whole + data[: int(size, 16)], data[int(size, 16) + 2 :]
    return whole
