"""The hosts of the world outside: they have addresses, and answer requests for their files."""

from __future__ import annotations

import pytest

from fakedocker.engine.files.content import Content
from fakedocker.engine.images.registry import Registry
from fakedocker.engine.networks.outside import LONGEST_HEAD, FileServers
from fakedocker.engine.networks.sockets import Socket, SocketAddress

CLIENT = SocketAddress("172.16.42.2", 40000)


@pytest.fixture
def servers() -> FileServers:
    files = {
        "http://a.example/x": Content.of(b"content"),
        "http://a.example:8000/x?y=1": Content.of(b"other"),
        "https://b.example": Content.of(b"root"),
        "http://a.example/gone": None,
        "ftp://c.example/x": Content.of(b"unreachable"),
        "http://d.example:port/x": Content.of(b"odd"),
    }
    return FileServers(Registry(files=dict(files)))


def connected(servers: FileServers, host: str, port: int) -> Socket | None:
    address = servers.address_of(host)
    assert address is not None
    return servers.connect(CLIENT, SocketAddress(address, port))


def answer(servers: FileServers, host: str, port: int, *parts: bytes) -> bytes:
    socket = connected(servers, host, port)
    assert socket is not None
    for part in parts:
        assert socket.write(part) == len(part)
    received = b""
    while data := socket.read(10):
        received += data
    return received


def test_a_file_is_answered_with_its_content(servers: FileServers) -> None:
    head, _, body = answer(servers, "a.example", 80, b"GET /x HTTP/1.1\r\nHost: a\r\n\r\n").partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"Content-Length: 7" in head
    assert body == b"content"


def test_each_port_has_its_own_files(servers: FileServers) -> None:
    assert answer(servers, "a.example", 8000, b"GET /x?y=1 HTTP/1.0\r\n\r\n").endswith(b"\r\n\r\nother")
    assert answer(servers, "a.example", 8000, b"GET /x HTTP/1.0\r\n\r\n").startswith(b"HTTP/1.1 404")
    assert answer(servers, "b.example", 443, b"GET / HTTP/1.0\r\n\r\n").endswith(b"\r\n\r\nroot")
    assert connected(servers, "a.example", 81) is None
    assert connected(servers, "b.example", 80) is None


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"GET /gone HTTP/1.1\r\n\r\n", b"404 Not Found"),
        (b"GET /nosuch HTTP/1.1\n\n", b"404 Not Found"),
        (b"POST /x HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc", b"405 Method Not Allowed"),
        (b"GET /x\r\n\r\n", b"400 Bad Request"),
        (b"\r\n\r\n", b"400 Bad Request"),
        (b"\xff\x00 \xfe HTTP/9\r\n\r\n", b"400 Bad Request"),
        (b"x" * (LONGEST_HEAD + 1), b"400 Bad Request"),
    ],
)
def test_what_is_not_there_or_not_understood_is_said(servers: FileServers, request_: bytes, status: bytes) -> None:
    assert answer(servers, "a.example", 80, request_).split(b"\r\n")[0] == b"HTTP/1.1 " + status


def test_head_has_no_body(servers: FileServers) -> None:
    assert answer(servers, "a.example", 80, b"HEAD /x HTTP/1.1\r\n\r\n").endswith(b"Connection: close\r\n\r\n")


def test_a_request_may_come_in_pieces(servers: FileServers) -> None:
    pieces = [bytes([byte]) for byte in b"GET /x HTTP/1.1\r\n\r\n"]
    assert answer(servers, "a.example", 80, *pieces).endswith(b"content")


def test_before_the_request_is_whole_there_is_nothing_to_read(servers: FileServers) -> None:
    socket = connected(servers, "a.example", 80)
    assert socket is not None
    socket.write(b"GET /x HTTP/1.1\r\n")
    assert socket.read(10) is None
    socket.shut_down()
    assert socket.read(10) == b""
    with pytest.raises(BrokenPipeError):
        socket.write(b"\r\n")


def test_only_hosts_of_urls_have_addresses(servers: FileServers) -> None:
    assert servers.address_of("a.example") == servers.address_of("a.example")
    assert servers.address_of("a.example") != servers.address_of("b.example")
    assert servers.address_of("e.example") is None
    assert servers.address_of("c.example") is None
    assert servers.address_of("d.example") is not None
    assert servers.knows("198.18.0.1")
    assert not servers.knows("198.18.9.9")
