"""The WSGI side: environ, start_response, the iterable, and what happens when they misbehave."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any
from wsgiref.validate import validator

import pytest

from fakedocker.server import Server

Serve = Callable[..., Any]
StartResponse = Callable[..., Callable[[bytes], object]]


def answering(*parts: bytes, status: str = "200 OK", headers: tuple[tuple[str, str], ...] = ()) -> Any:
    """An application whose answer is a generator of these parts."""

    def app(environ: dict[str, Any], start_response: StartResponse) -> Iterator[bytes]:
        start_response(status, list(headers))
        yield from parts

    return app


def recording(seen: dict[str, Any]) -> Any:
    def app(environ: dict[str, Any], start_response: StartResponse) -> list[bytes]:
        seen.update(environ)
        start_response("200 OK", [])
        return [b"ok"]

    return app


def test_the_environ_has_what_wsgi_promises(serve: Serve) -> None:
    seen: dict[str, Any] = {}
    serving = serve(recording(seen))
    serving.connect().request("POST", "/a%20b?c=%20", "Content-Type: t/x", "Content-Length: 1", "X-A: 1", body=b"z")
    assert seen["REQUEST_METHOD"] == "POST"
    assert seen["SCRIPT_NAME"] == ""
    assert seen["PATH_INFO"] == "/a b"
    assert seen["QUERY_STRING"] == "c=%20"
    assert seen["REQUEST_URI"] == "/a%20b?c=%20"
    assert seen["CONTENT_TYPE"] == "t/x"
    assert seen["CONTENT_LENGTH"] == "1"
    assert seen["HTTP_X_A"] == "1"
    assert seen["SERVER_PROTOCOL"] == "HTTP/1.1"
    assert (seen["SERVER_NAME"], seen["SERVER_PORT"]) == ("127.0.0.1", str(serving.address.port))
    assert seen["REMOTE_ADDR"] == "127.0.0.1"
    assert seen["wsgi.url_scheme"] == "http"
    assert seen["wsgi.input_terminated"] is True
    assert seen["wsgi.multithread"] is True


@pytest.mark.parametrize("kind", ["unix"])
def test_the_client_of_a_unix_socket_has_no_address(serve: Serve) -> None:
    seen: dict[str, Any] = {}
    serve(recording(seen)).connect().get("/")
    assert seen["REMOTE_ADDR"] == "@"
    assert seen["SERVER_NAME"]
    assert seen["SERVER_PORT"]


def test_the_reference_validator_has_no_complaint(serve: Serve) -> None:
    def app(environ: dict[str, Any], start_response: StartResponse) -> list[bytes]:
        environ["wsgi.input"].read(10)
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"fine"]

    serving = serve(validator(app))
    client = serving.connect()
    assert client.get("/a").body == b"fine"
    assert client.request("POST", "/b", "Content-Length: 2", body=b"ab").body == b"fine"
    assert serving.errors.empty()


def test_two_servers_share_an_application_and_differ_in_their_environ(serve: Serve) -> None:
    def app(environ: dict[str, Any], start_response: StartResponse) -> list[bytes]:
        start_response("200 OK", [])
        return [environ["test.state"]]

    one, two = serve(app, environ={"test.state": b"one"}), serve(app, environ={"test.state": b"two"})
    assert (one.connect().get("/").body, two.connect().get("/").body) == (b"one", b"two")


def test_a_list_gets_a_length(serve: Serve) -> None:
    def app(environ: dict[str, Any], start_response: StartResponse) -> list[bytes]:
        start_response("200 OK", [])
        return [b"a", b"bc"]

    response = serve(app).connect().get("/")
    assert response.fields["content-length"] == "3"
    assert response.body == b"abc"


def test_every_answer_has_a_date_and_no_server_name(serve: Serve) -> None:
    fields = serve(answering(b"x")).connect().get("/").fields
    assert fields["date"].endswith(" GMT")
    assert "server" not in fields


def test_an_iterable_is_sent_item_by_item_and_at_once(serve: Serve) -> None:
    go_on = threading.Event()

    def app(environ: dict[str, Any], start_response: StartResponse) -> Iterator[bytes]:
        start_response("200 OK", [])
        yield b"first"
        yield b""
        assert go_on.wait(5)
        yield b"second"

    client = serve(app).connect()
    client.send(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    assert client.head().fields["transfer-encoding"] == "chunked"
    assert client.chunk() == b"first"
    go_on.set()
    assert client.chunk() == b"second"
    assert client.chunk() == b""
    client.send(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    assert client.response().chunks == [b"first", b"second"]


def test_an_iterable_that_yields_nothing_is_an_empty_body(serve: Serve) -> None:
    client = serve(answering()).connect()
    assert client.get("/").fields["content-length"] == "0"
    assert client.get("/").body == b""


def test_http_1_0_gets_no_chunks(serve: Serve) -> None:
    client = serve(answering(b"a", b"b")).connect()
    client.send(b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
    response = client.response()
    assert "transfer-encoding" not in response.fields
    assert response.body == b"ab"


@pytest.mark.parametrize("status", ["204 No Content", "304 Not Modified"])
def test_an_answer_without_a_body_keeps_the_connection(serve: Serve, status: str) -> None:
    client = serve(answering(b"ignored", status=status)).connect()
    for _ in range(2):
        response = client.get("/")
        assert response.status == status
        assert "content-length" not in response.fields
        assert "transfer-encoding" not in response.fields


def test_head_gets_the_head_of_get(serve: Serve) -> None:
    client = serve(answering(b"abc", headers=(("Content-Length", "3"),))).connect()
    assert client.request("HEAD", "/").fields["content-length"] == "3"
    assert client.get("/").body == b"abc"


def test_write_of_the_old_days_works(serve: Serve) -> None:
    def app(environ: dict[str, Any], start_response: StartResponse) -> list[bytes]:
        write = start_response("200 OK", [])
        write(b"written ")
        return [b"returned"]

    assert serve(app).connect().get("/").body == b"written returned"


def test_a_body_shorter_than_promised_ends_the_connection(serve: Serve) -> None:
    client = serve(answering(b"ab", headers=(("Content-Length", "3"),))).connect()
    client.send(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    client.head()
    assert client.rest() == b"ab"


def failing(environ: dict[str, Any], start_response: StartResponse) -> list[bytes]:
    if environ["PATH_INFO"] == "/fail":
        raise KeyError("oops")
    start_response("200 OK", [])
    return [b"ok"]


def test_an_exception_is_a_bare_500_and_the_server_goes_on(serve: Serve) -> None:
    serving = serve(failing)
    client = serving.connect()
    response = client.get("/fail?query")
    assert response.status == "500 Internal Server Error"
    assert response.fields["content-type"] == "text/plain"
    assert response.body == b"Internal Server Error\n"
    error, label = serving.error()
    assert (type(error), label) == (KeyError, "GET /fail")
    assert client.get("/").body == b"ok"


def test_an_exception_is_logged_when_nobody_asks_for_it(caplog: pytest.LogCaptureFixture, serve: Serve) -> None:
    serving = serve(failing)
    other = Server(failing, [serving.address.__class__("tcp", host="127.0.0.1")])
    other.start()
    try:
        serving.server, mine = other, serving.server
        assert serving.connect().get("/fail").status.startswith("500")
    finally:
        other.close()
        serving.server = mine
    assert [(record.name, record.getMessage()) for record in caplog.records] == [
        ("fakedocker.server", "GET /fail failed")
    ]


def test_an_error_handler_that_fails_does_not_take_the_server_along(serve: Serve) -> None:
    serving = serve(failing)
    serving.server._on_error = lambda error, label: 1 / 0
    client = serving.connect()
    assert client.get("/fail").status.startswith("500")
    assert client.get("/").body == b"ok"


@pytest.mark.parametrize("error", [SystemExit(3), KeyboardInterrupt(), GeneratorExit()])
def test_not_even_an_exit_ends_the_server(serve: Serve, error: BaseException) -> None:
    def app(environ: dict[str, Any], start_response: StartResponse) -> list[bytes]:
        raise error

    serving = serve(app)
    assert serving.connect().get("/").status.startswith("500")
    assert serving.error()[0] is error


def test_an_exception_behind_the_head_cuts_the_answer_off(serve: Serve) -> None:
    def app(environ: dict[str, Any], start_response: StartResponse) -> Iterator[bytes]:
        start_response("200 OK", [])
        yield b"begun"
        raise KeyError("oops")

    serving = serve(app)
    client = serving.connect()
    client.send(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    client.head()
    assert client.rest() == b"5\r\nbegun\r\n"
    assert serving.error()[1] == "GET /"


@pytest.mark.parametrize(
    "bad",
    [
        lambda environ, start_response: [b"no head"],
        lambda environ, start_response: [],
        lambda environ, start_response: None,
        lambda environ, start_response: start_response("nonsense", []) and [],
        lambda environ, start_response: start_response("200 OK", [("A", "b\r\nInjected: c")]) and [b"x"],
        lambda environ, start_response: start_response("200 OK", [("A", "\u20ac")]) and [b"x"],
        lambda environ, start_response: start_response("200 OK", [("Content-Length", "x")]) and [b"x"],
        lambda environ, start_response: start_response("200 OK", []) and ["text"],
        lambda environ, start_response: (start_response("200 OK", []), start_response("200 OK", [])) and [b""],
    ],
)
def test_an_application_that_breaks_the_rules_is_a_500(serve: Serve, bad: Any) -> None:
    serving = serve(bad)
    client = serving.connect()
    response = client.get("/")
    assert response.status == "500 Internal Server Error"
    assert "injected" not in response.fields
    serving.error()


def test_start_response_may_be_called_again_with_an_error(serve: Serve) -> None:
    import sys

    def app(environ: dict[str, Any], start_response: StartResponse) -> list[bytes]:
        start_response("200 OK", [])
        try:
            raise KeyError("oops")
        except KeyError:
            start_response("503 Sorry", [], sys.exc_info())
        return [b"sorry"]

    response = serve(app).connect().get("/")
    assert (response.status, response.body) == ("503 Sorry", b"sorry")


class Parts:
    """An iterable with a close, as WSGI has it."""

    def __init__(self, *parts: bytes) -> None:
        self.parts = iter(parts)
        self.closed = threading.Event()

    def __iter__(self) -> Iterator[bytes]:
        return self.parts

    def close(self) -> None:
        self.closed.set()


def test_the_iterable_is_closed_at_the_end(serve: Serve) -> None:
    parts = Parts(b"x")

    def app(environ: dict[str, Any], start_response: StartResponse) -> Parts:
        start_response("200 OK", [])
        return parts

    assert serve(app).connect().get("/").body == b"x"
    assert parts.closed.wait(5)


def test_on_close_is_called_when_the_client_leaves(serve: Serve) -> None:
    left, closed = threading.Event(), threading.Event()
    calls: list[int] = []

    def app(environ: dict[str, Any], start_response: StartResponse) -> Iterator[bytes]:
        def leave() -> None:
            calls.append(1)
            left.set()

        environ["fakedocker.on_close"](leave)
        start_response("200 OK", [])
        try:
            yield b"begun"
            assert left.wait(5)
            while True:
                yield b"x" * 65536
        finally:
            closed.set()

    serving = serve(app)
    client = serving.connect()
    client.send(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    client.head()
    client.close()
    assert left.wait(5)
    assert closed.wait(5)
    assert calls == [1]
    assert serving.errors.empty()


def test_on_close_is_not_called_when_the_answer_has_ended(serve: Serve) -> None:
    calls: list[str] = []

    def app(environ: dict[str, Any], start_response: StartResponse) -> list[bytes]:
        if environ["PATH_INFO"] == "/watched":
            environ["fakedocker.on_close"](lambda: calls.append("left"))
        start_response("200 OK", [])
        return [b"ok"]

    serving = serve(app)
    client = serving.connect()
    client.get("/watched")
    client.get("/")
    client.close()
    assert serving.connect().get("/").body == b"ok"
    assert calls == []


def test_on_close_is_called_when_the_server_closes(serve: Serve) -> None:
    begun, left = threading.Event(), threading.Event()

    def app(environ: dict[str, Any], start_response: StartResponse) -> list[bytes]:
        environ["fakedocker.on_close"](left.set)
        begun.set()
        assert left.wait(5)
        start_response("200 OK", [])
        return []

    serving = serve(app)
    serving.connect().send(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    assert begun.wait(5)
    serving.server.close()
    assert left.is_set()
