"""A recorder between a client and a toy daemon: what is on the cassette afterwards, whoever died on the way."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from toy_daemon import ToyDaemon, both_ends, connect

from fakedocker.cassettes.bodies import stream_data
from fakedocker.cassettes.model import Exchange, File, Stream, Text
from fakedocker.proxy.recorder import ask_who_is_there
from fakedocker.proxy.upstream import UnreachableError, parse_upstream

Record = Callable[[str], Any]

GET = b"GET /_ping HTTP/1.1\r\nHost: docker\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK"
ATTACH = b"POST /containers/x/attach HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"
UPGRADED = b"HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"
HELLO = b"\1\0\0\0\0\0\0\6hello\n"


def stream(exchange: Exchange) -> Stream:
    assert exchange.response is not None
    assert isinstance(exchange.response.body, Stream)
    return exchange.response.body


def test_what_passed_is_on_the_cassette(toy: ToyDaemon, record: Record) -> None:
    recording = record(toy.url)
    for _ in range(2):
        with both_ends(recording.url, toy) as (client, daemon):
            client.says(GET)
            daemon.hears(GET)
            daemon.says(OK)
            client.hears(OK)
    exchanges = recording.exchanges()
    assert [(exchange.id, exchange.connection, exchange.request.path) for exchange in exchanges] == [
        (1, 1, "/_ping"),
        (2, 2, "/_ping"),
    ]
    assert all(exchange.response and exchange.response.body == Text("OK") for exchange in exchanges)


def test_a_daemon_that_dies_within_a_frame(toy: ToyDaemon, record: Record) -> None:
    recording = record(toy.url)
    with both_ends(recording.url, toy) as (client, daemon):
        client.says(ATTACH)
        daemon.hears(ATTACH)
        daemon.says(UPGRADED + HELLO + HELLO[:11])
        client.hears(UPGRADED + HELLO + HELLO[:11])
        daemon.leaves()
        client.hears_no_more()
    [exchange] = recording.exchanges()
    assert stream_data(stream(exchange)) == HELLO + HELLO[:11]
    assert exchange.end == "eof"


def test_a_client_that_dies_within_a_frame(toy: ToyDaemon, record: Record) -> None:
    recording = record(toy.url)
    with both_ends(recording.url, toy) as (client, daemon):
        client.says(ATTACH)
        daemon.hears(ATTACH)
        daemon.says(UPGRADED + HELLO[:11])
        client.hears(UPGRADED + HELLO[:11])
        client.says(b"half a wo")
        daemon.hears(b"half a wo")
        client.leaves()
        daemon.hears_the_end()
        daemon.cannot_say_more()
    [exchange] = recording.exchanges()
    assert stream_data(stream(exchange)).startswith(HELLO[:11])
    assert stream_data(stream(exchange), "in") == b"half a wo"
    assert exchange.end == "client-left"


def test_a_daemon_that_is_gone_ends_the_client_and_the_recorder_goes_on(toy: ToyDaemon, record: Record) -> None:
    recording = record(toy.url)
    toy.sock.close()
    Path(toy.url.removeprefix("unix://")).unlink(missing_ok=True)
    for _ in range(2):
        with connect(recording.url) as client:
            client.hears_no_more()
    recording.close()
    assert len(recording.troubles) == 2
    assert all(trouble.startswith(f"cannot reach {toy.url}: ") for trouble in recording.troubles)


def test_to_end_it_cuts_what_is_open_and_says_so(toy: ToyDaemon, record: Record) -> None:
    recording = record(toy.url)
    with both_ends(recording.url, toy) as (client, daemon):
        client.says(ATTACH)
        daemon.hears(ATTACH)
        daemon.says(UPGRADED + HELLO)
        client.hears(UPGRADED + HELLO)
        [exchange] = recording.exchanges()
        client.hears_no_more()
        daemon.hears_no_more()
    assert stream_data(stream(exchange)) == HELLO
    assert (exchange.end, exchange.note) == ("reset", "the recorder was ended in the middle")


def test_large_archives_stand_beside_the_cassette(toy: ToyDaemon, record: Record) -> None:
    recording = record(toy.url)
    tar = bytes(range(256)) * 20_000
    head = b"POST /images/load HTTP/1.1\r\nContent-Type: application/x-tar\r\nContent-Length: %d\r\n\r\n" % len(tar)
    with both_ends(recording.url, toy) as (client, daemon):
        speaker = threading.Thread(target=client.says, args=(head + tar,))
        speaker.start()
        daemon.hears(head + tar)
        speaker.join()
        daemon.says(OK)
        client.hears(OK)
    [exchange] = recording.exchanges()
    body = exchange.request.body
    assert isinstance(body, File)
    assert (body.size, body.media_type) == (len(tar), "application/x-tar")
    [path] = Path(f"{recording.cassette}.files").iterdir()
    assert path.read_bytes() == tar


def test_a_disk_that_is_full_does_not_stop_the_traffic(
    toy: ToyDaemon, record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording = record(toy.url)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(recording.tape._writer, "append", full)
    with both_ends(recording.url, toy) as (client, daemon):
        for _ in range(3):
            client.says(GET)
            daemon.hears(GET)
            daemon.says(OK)
            client.hears(OK)
    assert recording.exchanges() == []
    assert recording.troubles == ["No space left on device"]


# -- who is there ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "facts"),
    [
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 58\r\n\r\n"
            b'{"Version":"20.10","ApiVersion":"1.41","Os":"linux","x":1}\n',
            {"version": "20.10", "api_version": "1.41", "os": "linux"},
        ),
        (b"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno", {}),
        (b'HTTP/1.1 200 OK\r\n\r\n{"Version":"0.4"}', {"version": "0.4"}),
        (b"HTTP/1.1 200 OK\r\n\r\n[]", {}),
    ],
)
def test_the_daemon_says_who_it_is(toy: ToyDaemon, answer: bytes, facts: dict[str, str]) -> None:
    def speak() -> None:
        with toy.accepts() as daemon:
            daemon.hears(b"GET /version HTTP/1.1\r\nHost: docker\r\nConnection: close\r\n\r\n")
            daemon.says(answer)

    speaker = threading.Thread(target=speak)
    speaker.start()
    assert ask_who_is_there(parse_upstream(toy.url)) == facts
    speaker.join()


@pytest.mark.parametrize("answer", [b"", b"SSH-2.0-OpenSSH\r\n\r\n"])
def test_somebody_who_is_no_daemon_is_not_reached(toy: ToyDaemon, answer: bytes) -> None:
    def speak() -> None:
        with toy.accepts() as daemon:
            daemon.hears(b"GET ")
            daemon.says(answer)

    speaker = threading.Thread(target=speak)
    speaker.start()
    with pytest.raises(UnreachableError, match=f"cannot reach {toy.url}"):
        ask_who_is_there(parse_upstream(toy.url))
    speaker.join()
