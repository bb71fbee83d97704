"""Followed sources and hijacked connections, under both pollers."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from fakedocker.server import Limits
from fakedocker.server.poller import EpollPoller, SelectorPoller

Serve = Callable[..., Any]

PATIENT = Limits(hijack_gap_seconds=0.001)


@pytest.fixture(params=[EpollPoller, SelectorPoller], autouse=True)
def poller(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fakedocker.server.reactor.make_poller", request.param)


def following(source: Any, *, status: str = "200 OK", headers: Any = (), **options: Any) -> Any:
    """An application that follows the source at /follow."""

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        if environ["PATH_INFO"] != "/follow":
            start_response("200 OK", [])
            return [b"other"]
        environ["fakedocker.follow"](source, **options)
        start_response(status, list(headers))
        return []

    return app


def hijacking(session: Any, **options: Any) -> Any:
    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        environ["fakedocker.hijack"](session, **options)
        start_response("101 UPGRADED", [("Content-Type", "application/vnd.docker.raw-stream"), ("Upgrade", "tcp")])
        return []

    return app


FOLLOW = b"GET /follow HTTP/1.1\r\nHost: x\r\n\r\n"
ATTACH = b"POST /attach HTTP/1.1\r\nHost: x\r\nUpgrade: tcp\r\nConnection: Upgrade\r\n\r\n"


# --- follow ---


@pytest.mark.parametrize("kind", ["tcp", "unix"])
def test_the_head_of_a_quiet_source_is_sent_at_once(serve: Serve, tape: Any) -> None:
    source = tape()
    client = serve(following(source)).connect()
    client.send(FOLLOW)
    assert client.head().fields["transfer-encoding"] == "chunked"
    source.put(b"one")
    assert client.chunk() == b"one"
    source.put(b"two")
    assert client.chunk() == b"two"


def test_a_source_that_ends_gives_the_connection_back(serve: Serve, tape: Any) -> None:
    source = tape(b"all", None)
    serving = serve(following(source))
    client = serving.connect()
    client.send(FOLLOW)
    assert client.response().chunks == [b"all"]
    source.wait_closed()
    assert client.get("/").body == b"other"
    assert source.closings == 1


def test_a_request_sent_ahead_waits_for_the_end_of_the_source(serve: Serve, tape: Any) -> None:
    source = tape()
    client = serve(following(source)).connect()
    client.send(FOLLOW + b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    client.head()
    source.put(b"one")
    assert client.chunk() == b"one"
    source.put(None)
    assert client.chunk() == b""
    assert client.response().body == b"other"


def test_http_1_0_ends_a_followed_answer_with_the_connection(serve: Serve, tape: Any) -> None:
    source = tape(b"one", b"two", None)
    client = serve(following(source)).connect()
    client.send(b"GET /follow HTTP/1.0\r\n\r\n")
    assert client.response().body == b"onetwo"


def test_a_followed_answer_may_promise_its_length(serve: Serve, tape: Any) -> None:
    source = tape(b"onetwo", None)
    client = serve(following(source, headers=[("Content-Length", "6")])).connect()
    client.send(FOLLOW)
    response = client.response()
    assert "transfer-encoding" not in response.fields
    assert response.body == b"onetwo"
    assert client.get("/").body == b"other"


@pytest.mark.parametrize("head_now", [True, False])
def test_a_length_of_zero_is_not_that_of_the_source(serve: Serve, tape: Any, head_now: bool) -> None:
    source = tape(b"onetwo", None)
    client = serve(following(source, headers=[("Content-Length", "0")], head_now=head_now)).connect()
    client.send(FOLLOW)
    assert client.response().body == b"onetwo"


@pytest.mark.parametrize(("method", "status"), [("HEAD", "200 OK"), ("GET", "204 No Content")])
@pytest.mark.parametrize("head_now", [True, False])
def test_an_answer_without_a_body_closes_the_source_unread(
    serve: Serve, tape: Any, method: str, status: str, head_now: bool
) -> None:
    source = tape(b"data", None)
    client = serve(following(source, status=status, head_now=head_now)).connect()
    assert client.request(method, "/follow").status == status
    source.wait_closed()
    assert source.reads == 0
    assert client.get("/").body == b"other"


def test_a_late_head_brings_the_length_of_a_source_that_ends_with_it(serve: Serve, tape: Any) -> None:
    source = tape()
    client = serve(following(source, head_now=False)).connect()
    client.send(FOLLOW)
    assert source.watched.wait(5)
    client.sock.settimeout(0.03)
    with pytest.raises(TimeoutError):
        client.sock.recv(1)
    client.sock.settimeout(5)
    source.put(b"all", None)
    response = client.response()
    assert response.fields["content-length"] == "3"
    assert response.body == b"all"
    source.wait_closed()
    assert client.get("/").body == b"other"


def test_a_late_head_comes_with_the_first_bytes_of_a_longer_source(serve: Serve, tape: Any) -> None:
    source = tape(b"one")
    client = serve(following(source, head_now=False)).connect()
    client.send(FOLLOW)
    assert client.head().fields["transfer-encoding"] == "chunked"
    assert client.chunk() == b"one"
    source.put(b"two", None)
    assert client.chunk() == b"two"
    assert client.chunk() == b""
    assert client.get("/").body == b"other"


def test_a_late_head_of_an_empty_source_has_length_zero(serve: Serve, tape: Any) -> None:
    client = serve(following(tape(None), head_now=False)).connect()
    client.send(FOLLOW)
    assert client.response().fields["content-length"] == "0"


def test_a_large_source_with_a_late_head_arrives_whole(serve: Serve, tape: Any) -> None:
    data = bytes(range(256)) * 2000
    client = serve(following(tape(data, None), head_now=False)).connect()
    client.send(FOLLOW)
    assert client.response().body == data


@pytest.mark.parametrize("kind", ["tcp", "unix"])
def test_a_follower_that_leaves_is_noticed(serve: Serve, tape: Any) -> None:
    source = tape()
    serving = serve(following(source))
    client = serving.connect()
    client.send(FOLLOW)
    client.head()
    client.close()
    source.wait_closed()
    source.put(b"too late")  # must do no harm
    assert serving.connect().get("/").body == b"other"
    assert source.closings == 1
    assert serving.errors.empty()


def test_a_follower_that_resets_is_noticed(serve: Serve, tape: Any) -> None:
    source = tape()
    client = serve(following(source)).connect()
    client.send(FOLLOW)
    client.head()
    client.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()
    source.wait_closed()


def test_a_follower_that_left_before_the_answer_is_noticed(serve: Serve, tape: Any) -> None:
    source = tape()
    client = serve(following(source)).connect()
    client.send(FOLLOW)
    client.close()
    source.wait_closed()
    assert source.closings == 1


def test_a_slow_reader_is_not_read_ahead_for(serve: Serve, tape: Any) -> None:
    size = 12 << 20
    source = tape(bytes(size), None)
    client = serve(following(source)).connect()
    client.send(FOLLOW)
    assert source.watched.wait(5)
    reads = -1
    while reads != source.reads:  # until the socket is full
        reads = source.reads
        time.sleep(0.01)
    assert source.largest_size <= 65536
    assert reads * 65536 < size / 2
    assert len(client.response().body) == size


def test_a_reader_that_has_stalled_is_dropped(serve: Serve, tape: Any) -> None:
    source = tape(bytes(12 << 20))
    client = serve(following(source), limits=Limits(stall_seconds=0.03)).connect()
    client.send(FOLLOW)
    source.wait_closed()
    assert source.closings == 1


def test_a_source_that_always_has_more_does_not_starve_the_others(serve: Serve, tape: Any) -> None:
    class Endless(tape):  # type: ignore[misc]
        def read(self, size: int) -> bytes | None:
            return b"x" * size

    quiet = tape()

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        if environ["PATH_INFO"] == "/":
            start_response("200 OK", [])
            return [b"other"]
        environ["fakedocker.follow"](Endless() if environ["PATH_INFO"] == "/endless" else quiet)
        start_response("200 OK", [])
        return []

    serving = serve(app)
    loud = serving.connect()
    loud.send(b"GET /endless HTTP/1.1\r\nHost: x\r\n\r\n")
    stop = threading.Event()

    def swallow() -> None:
        with contextlib.suppress(OSError):
            while not stop.is_set():
                loud.sock.recv(1 << 20)

    reader = threading.Thread(target=swallow)
    reader.start()
    try:
        client = serving.connect()
        client.send(FOLLOW)
        client.head()
        for _ in range(10):
            quiet.put(b"tick")
            assert client.chunk() == b"tick"
        assert serving.connect().get("/").body == b"other"
    finally:
        stop.set()
        reader.join()


def test_waking_under_the_sources_own_lock_cannot_deadlock(serve: Serve, tape: Any) -> None:
    lock = threading.RLock()
    sources = []
    for _ in range(20):
        sources.append(tape())
        sources[-1].lock = lock  # one lock for all, as the engine has

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        environ["fakedocker.follow"](sources[int(environ["PATH_INFO"][1:])])
        start_response("200 OK", [])
        return []

    serving = serve(app)
    clients = [serving.connect() for _ in sources]
    for number, client in enumerate(clients):
        client.send(b"GET /%d HTTP/1.1\r\nHost: x\r\n\r\n" % number)
        client.head()
    for _ in range(20):
        with lock:
            for source in sources:
                source.put(b"tick")
    for client in clients:
        data = b""
        while len(data) < 80:
            data += client.chunk()
        assert data == b"tick" * 20


def test_many_threads_may_wake_while_clients_come_and_go(serve: Serve, tape: Any) -> None:
    sources: list[Any] = []
    guard = threading.Lock()

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        source = tape()
        with guard:
            sources.append(source)
        environ["fakedocker.follow"](source)
        start_response("200 OK", [])
        return []

    serving = serve(app)
    stop = threading.Event()

    def chatter() -> None:
        while not stop.is_set():
            with guard:
                mine = list(sources)
            for source in mine:
                source.put(b"x")
            time.sleep(0.001)

    threads = [threading.Thread(target=chatter) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(40):
            client = serving.connect()
            client.send(FOLLOW)
            client.head()
            assert client.chunk().startswith(b"x")
            client.close()
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    for source in sources:
        source.wait_closed()
    assert all(source.closings == 1 for source in sources)
    assert serving.errors.empty()


@pytest.mark.parametrize("method", ["watch", "read"])
def test_a_source_that_raises_costs_its_own_connection_only(serve: Serve, tape: Any, method: str) -> None:
    source = tape(b"data")
    setattr(source, method, lambda *_: 1 / 0)
    serving = serve(following(source))
    client = serving.connect()
    client.send(FOLLOW)
    client.head()
    assert client.rest() == b""
    error, label = serving.error()
    assert (type(error), label) == (ZeroDivisionError, "GET /follow")
    source.wait_closed()
    assert serving.connect().get("/").body == b"other"


def test_a_source_whose_close_raises_does_no_harm(serve: Serve, tape: Any) -> None:
    source = tape(b"data", None)
    source.close = lambda: 1 / 0
    serving = serve(following(source))
    client = serving.connect()
    client.send(FOLLOW)
    client.head()
    serving.error()
    assert serving.connect().get("/").body == b"other"


def test_an_error_after_the_call_closes_the_source_and_is_sent_instead(serve: Serve, tape: Any) -> None:
    source = tape()

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        environ["fakedocker.follow"](source)
        if environ["PATH_INFO"] == "/raise":
            raise KeyError("oops")
        start_response("404 Not Found", [])
        return [b"no such container"]

    serving = serve(app)
    client = serving.connect()
    assert client.get("/").body == b"no such container"
    source.wait_closed()
    assert client.get("/raise").body == b"Internal Server Error\n"
    source.wait_closed()
    assert source.closings == 2
    assert not source.watched.is_set()


def test_an_answer_has_one_source(serve: Serve, tape: Any) -> None:
    first, second = tape(), tape()

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        environ["fakedocker.follow"](first)
        environ["fakedocker.hijack"](second)
        raise AssertionError

    serving = serve(app)
    assert serving.connect().get("/").status.startswith("500")
    assert isinstance(serving.error()[0], RuntimeError)
    assert (first.closings, second.closings) == (1, 1)


def test_the_request_body_may_be_left_unread_by_a_followed_answer(serve: Serve, tape: Any) -> None:
    client = serve(following(tape(b"x", None))).connect()
    assert client.request("POST", "/follow", "Content-Length: 5", body=b"12345").body == b"x"
    assert client.get("/").body == b"other"


def test_a_followed_answer_to_an_unfinished_request_ends_the_connection(serve: Serve, tape: Any) -> None:
    client = serve(following(tape(b"x", None)), limits=Limits(linger_seconds=0.02)).connect()
    client.send(b"POST /follow HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n12")
    response = client.response()
    assert response.body == b"x"
    assert response.fields["connection"] == "close"
    assert client.rest() == b""


def test_quiet_streams_need_no_threads(serve: Serve, tape: Any) -> None:
    source_of: dict[str, Any] = {}

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        source = source_of[environ["PATH_INFO"]] = tape()
        environ["fakedocker.follow"](source)
        start_response("200 OK", [])
        return []

    before = threading.active_count()
    serving = serve(app)
    clients = [serving.connect() for _ in range(100)]
    for number, client in enumerate(clients):
        client.send(b"GET /%d HTTP/1.1\r\nHost: x\r\n\r\n" % number)
        client.head()
    assert threading.active_count() < before + 30
    for source in source_of.values():
        source.put(b"event")
    for client in clients:
        assert client.chunk() == b"event"


# --- hijack ---


@pytest.mark.parametrize("kind", ["tcp", "unix"])
def test_a_hijacked_connection_carries_bytes_both_ways(serve: Serve, tape: Any) -> None:
    session = tape()
    client = serve(hijacking(session), limits=PATIENT).connect()
    client.send(ATTACH)
    response = client.head()
    assert response.raw == (
        b"HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.raw-stream\r\nUpgrade: tcp\r\n\r\n"
    )
    client.send(b"hello")
    assert session.wait_received(5) == b"hello"
    session.put(b"world")
    assert client.exactly(5) == b"world"
    session.put(b"!", None)
    assert client.rest() == b"!"
    session.wait_closed()
    assert session.closings == 1


def test_a_given_head_is_sent_byte_by_byte(serve: Serve, tape: Any) -> None:
    session = tape(b"data", None)
    client = serve(hijacking(session, head=b"HTTP/1.1 200 OK\r\n\r\n"), limits=PATIENT).connect()
    client.send(ATTACH)
    assert client.rest() == b"HTTP/1.1 200 OK\r\n\r\ndata"


def test_a_hijacked_head_says_nothing_of_a_length(serve: Serve, tape: Any) -> None:
    session = tape(None)

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        environ["fakedocker.hijack"](session)
        start_response("200 OK", [("Content-Length", "0"), ("A", "b")])
        return []

    client = serve(app, limits=PATIENT).connect()
    client.send(ATTACH)
    assert client.rest() == b"HTTP/1.1 200 OK\r\nA: b\r\n\r\n"


@pytest.mark.parametrize("kind", ["tcp", "unix"])
def test_the_head_of_a_hijacked_connection_travels_alone(serve: Serve, tape: Any) -> None:
    sessions = iter([tape(b"at once", None) for _ in range(10)])
    serving = serve(lambda *call: hijacking(next(sessions))(*call))
    for _ in range(10):
        client = serving.connect()
        client.send(ATTACH)
        assert client.sock.recv(65536).endswith(b"\r\n\r\n")
        assert client.rest() == b"at once"


def test_what_the_client_sent_early_is_the_first_input(serve: Serve, tape: Any) -> None:
    session = tape()
    client = serve(hijacking(session), limits=PATIENT).connect()
    client.send(ATTACH + b"early ")
    client.head()
    client.send(b"late")
    assert session.wait_received(10) == b"early late"


def test_the_body_of_the_request_is_not_input(serve: Serve, tape: Any) -> None:
    session = tape()
    client = serve(hijacking(session), limits=PATIENT).connect()
    client.send(ATTACH[:-2] + b"Content-Length: 2\r\n\r\n{}")
    client.head()
    client.send(b"input")
    assert session.wait_received(5) == b"input"


def test_a_client_that_waits_for_100_continue_is_hijacked_too(serve: Serve, tape: Any) -> None:
    session = tape(None)
    client = serve(hijacking(session), limits=PATIENT).connect()
    client.send(ATTACH[:-2] + b"Content-Length: 2\r\nExpect: 100-continue\r\n\r\n")
    assert client.until(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
    client.send(b"{}")
    assert client.head().status == "101 UPGRADED"


def test_a_hijack_behind_a_broken_body_is_refused(serve: Serve, tape: Any) -> None:
    session = tape()
    client = serve(hijacking(session)).connect()
    client.send(ATTACH[:-2] + b"Transfer-Encoding: chunked\r\n\r\nxx\r\n")
    assert client.response().status == "400 Bad Request"
    session.wait_closed()


def test_input_waits_until_there_is_room(serve: Serve, tape: Any) -> None:
    session = tape(room=3)
    client = serve(hijacking(session), limits=PATIENT).connect()
    client.send(ATTACH + b"abcdef")
    client.head()
    client.send(b"ghi")
    assert session.wait_received(3) == b"abc"
    session.give_room(2)
    assert session.wait_received(5) == b"abcde"
    session.give_room(100)
    assert session.wait_received(9) == b"abcdefghi"


def test_room_that_comes_while_the_server_looks_is_not_missed(serve: Serve, tape: Any) -> None:
    class Busy(tape):  # type: ignore[misc]
        refusals = 5

        def room(self) -> int:
            if not self.refusals:
                return 100
            self.refusals -= 1
            self.wake()  # as another thread does that frees room just now
            return 0

    session = Busy()
    client = serve(hijacking(session), limits=PATIENT).connect()
    client.send(ATTACH + b"early")
    assert session.wait_received(5) == b"early"


def test_a_client_may_close_its_half_and_read_on(serve: Serve, tape: Any) -> None:
    session = tape()
    client = serve(hijacking(session), limits=PATIENT).connect()
    client.send(ATTACH)
    client.head()
    client.send(b"input")
    client.sock.shutdown(socket.SHUT_WR)
    session.wait_half_closed()
    assert session.wait_received(5) == b"input"
    session.put(b"output", b" and more", None)
    assert client.rest() == b"output and more"
    session.wait_closed()
    assert (session.half_closings, session.closings) == (1, 1)


def test_a_client_may_close_its_half_with_the_request(serve: Serve, tape: Any) -> None:
    session = tape()
    client = serve(hijacking(session), limits=PATIENT).connect()
    client.send(ATTACH + b"input")
    client.sock.shutdown(socket.SHUT_WR)
    session.wait_half_closed()
    assert session.wait_received(5) == b"input"
    session.put(b"output", None)
    assert client.rest().endswith(b"\r\n\r\noutput")


def test_input_without_room_comes_before_the_half_close(serve: Serve, tape: Any) -> None:
    session = tape(room=0)
    client = serve(hijacking(session), limits=PATIENT).connect()
    client.send(ATTACH + b"early")
    client.head()
    client.sock.shutdown(socket.SHUT_WR)
    time.sleep(0.01)
    assert session.half_closings == 0
    session.give_room(100)
    session.wait_half_closed()
    assert session.wait_received(5) == b"early"


def test_output_survives_input_that_nobody_reads_any_more(serve: Serve, tape: Any) -> None:
    size = 1 << 20
    session = tape(b"x" * size, None, room=0)
    client = serve(hijacking(session, head=b"\r\n"), limits=PATIENT).connect()
    client.send(ATTACH)
    client.send(b"ignored " * 1000)
    session.wait_closed()
    client.send(b"ignored " * 1000)
    assert len(client.rest()) == size + 2


@pytest.mark.parametrize("kind", ["unix"])
def test_a_client_that_leaves_has_its_last_input_heard(serve: Serve, tape: Any) -> None:
    session = tape()
    client = serve(hijacking(session), limits=PATIENT).connect()
    client.send(ATTACH)
    client.head()
    client.send(b"last words")
    client.close()
    assert session.wait_received(10) == b"last words"
    session.wait_half_closed()


def test_a_client_that_resets_ends_the_session(serve: Serve, tape: Any) -> None:
    session = tape()
    serving = serve(hijacking(session), limits=PATIENT)
    client = serving.connect()
    client.send(ATTACH)
    client.head()
    client.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()
    session.wait_closed()
    assert session.closings == 1
    assert serving.errors.empty()


def test_a_client_that_has_left_is_noticed_at_the_next_output(serve: Serve, tape: Any) -> None:
    session = tape()
    client = serve(hijacking(session), limits=PATIENT).connect()
    client.send(ATTACH)
    client.head()
    client.close()
    session.wait_half_closed()
    for _ in range(100):
        session.put(b"x")
        if session.closed.acquire(timeout=0.01):
            break
    assert session.closings == 1


@pytest.mark.parametrize("method", ["watch", "read", "receive", "half_close", "room"])
def test_a_session_that_raises_costs_its_own_connection_only(serve: Serve, tape: Any, method: str) -> None:
    session = tape()

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        if environ["PATH_INFO"] == "/":
            start_response("200 OK", [])
            return [b"other"]
        return hijacking(session)(environ, start_response)  # type: ignore[no-any-return]

    setattr(session, method, lambda *_: 1 / 0)
    serving = serve(app, limits=PATIENT)
    client = serving.connect()
    client.send(ATTACH + b"early")
    client.sock.shutdown(socket.SHUT_WR)
    error, label = serving.error()
    assert (type(error), label) == (ZeroDivisionError, "POST /attach")
    session.wait_closed()
    assert session.closings == 1
    assert serving.connect().get("/").body == b"other"


def test_a_conversation_of_megabytes_stays_in_order(serve: Serve, tape: Any) -> None:
    class Echo(tape):  # type: ignore[misc]
        def room(self) -> int:
            return 10_000 if len(self.parts) < 10 else 0

        def receive(self, data: bytes) -> None:
            self.put(data)

        def half_close(self) -> None:
            self.put(None)

    session = Echo()
    client = serve(hijacking(session), limits=PATIENT).connect()
    client.send(ATTACH)
    client.head()
    data = bytes(range(256)) * 8000

    def speak() -> None:
        client.send(data)
        client.sock.shutdown(socket.SHUT_WR)

    speaker = threading.Thread(target=speak)
    speaker.start()
    heard = client.rest()
    speaker.join()
    assert heard == data
