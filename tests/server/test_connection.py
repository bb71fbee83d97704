"""One client, request after request."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from fakedocker.server import Limits

Serve = Callable[..., Any]


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
    """Echo: what was asked, and its body."""
    body = environ["wsgi.input"].read()
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']} ".encode() + body]


def lazy(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
    """Never looks at the request's body."""
    start_response("200 OK", [])
    return [environ["PATH_INFO"].encode()]


@pytest.mark.parametrize("kind", ["tcp", "unix"])
def test_a_connection_serves_many_requests(serve: Serve) -> None:
    client = serve(app).connect()
    for number in range(5):
        assert client.get(f"/{number}").body == f"GET /{number} ".encode()


def test_a_request_may_arrive_byte_by_byte(serve: Serve) -> None:
    client = serve(app).connect()
    client.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for byte in b"POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n":
        client.send(bytes([byte]))
    assert client.response().body == b"POST /a hi"
    assert client.get("/b").body == b"GET /b "


def test_a_request_may_be_split_anywhere(serve: Serve) -> None:
    data = b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi"
    client = serve(app).connect()
    client.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for split in range(1, len(data)):
        client.send(data[:split])
        time.sleep(0.0005)  # most of the time this makes two segments; none of it is needed to pass
        client.send(data[split:])
        assert client.response().body == b"POST /a hi"


def test_requests_sent_ahead_are_answered_in_order(serve: Serve) -> None:
    client = serve(app).connect()
    client.send(
        b"POST /1 HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"
        b"\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n"
        b"POST /3 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nz\r\n0\r\n\r\n"
        b"GET /4 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    )
    assert [client.response().body for _ in range(4)] == [b"POST /1 abc", b"GET /2 ", b"POST /3 z", b"GET /4 "]
    assert client.rest() == b""


def test_a_client_that_asks_for_it_is_closed(serve: Serve) -> None:
    client = serve(app).connect()
    response = client.get("/", "Connection: close")
    assert response.fields["connection"] == "close"
    assert client.rest() == b""


def test_http_1_0_closes_unless_asked_to_keep(serve: Serve) -> None:
    serving = serve(app)
    client = serving.connect()
    client.send(b"GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /b HTTP/1.0\r\n\r\n")
    first, second = client.response(), client.response()
    assert first.raw.startswith(b"HTTP/1.0 200 OK\r\n")
    assert (first.body, second.body) == (b"GET /a ", b"GET /b ")
    assert client.rest() == b""


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"nonsense\r\n\r\n", "400 Bad Request"),
        (b"GET / HTTP/1.1\n\n", "400 Bad Request"),
        (b"\x16\x03\x01\x02\x00\x01", "400 Bad Request"),
        (b"GET / HTTP/1.1\r\n\r\n", "400 Bad Request: missing required Host header"),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "505 HTTP Version Not Supported: unsupported protocol version"),
        (b"GET / HTTP/1.1\r\nHost: x\r\nExpect: x\r\n\r\n", "417 Expectation Failed"),
        (b"GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n", "501 Not Implemented: Unsupported"),
        (
            b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "400 Bad Request",
        ),
    ],
)
def test_a_refused_request_is_answered_as_go_does_and_closed(serve: Serve, data: bytes, status: str) -> None:
    serving = serve(app)
    client = serving.connect()
    client.send(data)
    response = client.response()
    assert response.status.startswith(status)
    assert response.fields == {"content-type": "text/plain; charset=utf-8", "connection": "close"}
    assert response.body.decode() == response.status
    assert serving.errors.empty()


def test_a_refused_request_behind_a_good_one_does_not_spoil_it(serve: Serve) -> None:
    client = serve(app).connect()
    client.send(b"GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost : x\r\n\r\n")
    assert client.response().body == b"GET /1 "
    assert client.response().body == b"400 Bad Request"


def test_a_huge_head_is_accepted_up_to_a_megabyte(serve: Serve) -> None:
    client = serve(app).connect()
    assert client.get("/", "X: " + "x" * (1 << 20)).status == "200 OK"


def test_a_head_without_end_is_refused_and_its_sender_can_read_that(serve: Serve) -> None:
    client = serve(app).connect()
    client.send(b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"x" * (3 << 20))
    assert client.response().status == "431 Request Header Fields Too Large"


def test_a_head_that_takes_too_long_is_given_up(serve: Serve) -> None:
    client = serve(app, limits=Limits(head_seconds=0.02)).connect()
    client.send(b"GET / HT")
    assert client.rest() == b""


def test_a_refused_client_is_forgotten(serve: Serve) -> None:
    serving = serve(app)
    client = serving.connect()
    client.send(b"GET / HT")
    deadline = time.monotonic() + 5
    while not serving.server._reactor._deadlines:
        assert time.monotonic() < deadline
    client.send(b"\n")
    assert client.response().status == "400 Bad Request"
    client.close()
    while serving.server._reactor._deadlines:
        assert time.monotonic() < deadline


def test_an_idle_connection_is_not_given_up(serve: Serve) -> None:
    client = serve(app, limits=Limits(head_seconds=0.01)).connect()
    assert client.get("/1").body == b"GET /1 "
    time.sleep(0.05)
    assert client.get("/2").body == b"GET /2 "


def test_slow_heads_and_idle_connections_cost_no_threads(serve: Serve) -> None:
    serving = serve(app)
    before = threading.active_count()
    clients = [serving.connect() for _ in range(50)]
    for client in clients:
        client.send(b"GET /a HTTP/1.1\r\nHo")
    assert serving.connect().get("/").status == "200 OK"
    assert threading.active_count() <= before + 2
    for client in clients:
        client.send(b"st: x\r\n\r\n")
        assert client.response().body == b"GET /a "
    assert threading.active_count() < before + 50


def test_an_unread_body_is_skipped(serve: Serve) -> None:
    client = serve(lazy).connect()
    assert client.request("POST", "/1", "Content-Length: 100000", body=b"x" * 100_000).body == b"/1"
    chunks = b"400\r\n" + b"y" * 1024 + b"\r\n0\r\n\r\n"
    assert client.request("POST", "/2", "Transfer-Encoding: chunked", body=chunks).body == b"/2"
    assert client.get("/3").body == b"/3"


def test_a_large_unread_body_costs_the_connection_but_not_the_answer(serve: Serve) -> None:
    client = serve(lazy).connect()
    size = 8 << 20
    response = client.request("POST", "/1", f"Content-Length: {size}", body=b"x" * size)
    assert response.body == b"/1"
    assert response.fields["connection"] == "close"
    assert client.rest() == b""


def test_an_unread_body_that_never_comes_does_not_hold_a_thread_for_long(serve: Serve) -> None:
    client = serve(lazy, limits=Limits(linger_seconds=0.02)).connect()
    assert client.request("POST", "/1", "Content-Length: 10").body == b"/1"
    assert client.rest() == b""


def test_100_continue_is_sent_when_the_body_is_wanted(serve: Serve) -> None:
    client = serve(app).connect()
    client.send(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
    assert client.until(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
    client.send(b"hi")
    assert client.response().body == b"POST / hi"
    assert client.get("/next").body == b"GET /next "


def test_100_continue_is_not_sent_for_a_body_nobody_wants(serve: Serve) -> None:
    client = serve(lazy).connect()
    client.send(b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
    response = client.response()
    assert (response.status, response.body) == ("200 OK", b"/a")
    assert response.fields["connection"] == "close"
    assert client.rest() == b""


@pytest.mark.parametrize(
    ("fields", "body", "text"),
    [
        ("Transfer-Encoding: chunked", b"zz\r\n", "invalid byte in chunk length"),
        ("Transfer-Encoding: chunked", b"2\r\nabc\r\n", "malformed chunked encoding"),
        ("Content-Length: 5", b"abc", "unexpected EOF"),
        ("Transfer-Encoding: chunked", b"5\r\nabc", "unexpected EOF"),
    ],
)
def test_a_broken_body_is_the_clients_fault(serve: Serve, fields: str, body: bytes, text: str) -> None:
    serving = serve(app)
    client = serving.connect()
    client.send(f"POST / HTTP/1.1\r\nHost: x\r\n{fields}\r\n\r\n".encode() + body)
    client.sock.shutdown(socket.SHUT_WR)
    response = client.response()
    assert (response.status, response.body) == ("400 Bad Request", f"{text}\n".encode())
    assert client.rest() == b""
    assert serving.errors.empty()


def test_an_application_can_answer_a_broken_body_itself(serve: Serve) -> None:
    def careful(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        try:
            environ["wsgi.input"].read()
        except ValueError as error:
            start_response("400 Bad Request", [])
            return [b"mine: " + str(error).encode()]
        raise AssertionError

    client = serve(careful).connect()
    assert client.request("POST", "/", "Transfer-Encoding: chunked", body=b"!\r\n").body == (
        b"mine: invalid byte in chunk length"
    )
    assert client.rest() == b""


def test_a_large_answer_reaches_a_slow_reader_whole(serve: Serve) -> None:
    size = 20 << 20

    def large(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        start_response("200 OK", [])
        return [b"x" * size]

    client = serve(large).connect()
    client.send(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    time.sleep(0.02)
    assert len(client.response().body) == size


def test_a_reader_that_has_stalled_is_dropped(serve: Serve) -> None:
    ended = threading.Event()

    def endless(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterator[bytes]:
        start_response("200 OK", [])
        try:
            while True:
                yield b"x" * 65536
        finally:
            ended.set()

    serving = serve(endless, limits=Limits(stall_seconds=0.05))
    serving.connect().send(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    assert ended.wait(5)
    assert serving.errors.empty()


def test_half_a_hundred_clients_at_once_are_served_at_once(serve: Serve) -> None:
    barrier = threading.Barrier(50, timeout=5)

    def together(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        barrier.wait()
        start_response("200 OK", [])
        return [b"ok"]

    serving = serve(together)
    clients = [serving.connect() for _ in range(50)]
    for client in clients:
        client.send(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    assert [client.response().body for client in clients] == [b"ok"] * 50
