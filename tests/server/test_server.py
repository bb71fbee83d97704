"""Starting, stopping, and where it listens."""

from __future__ import annotations

import errno
import os
import socket
import stat
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fakedocker.server import Address, Server, parse_address

Serve = Callable[..., Any]
ANY_PORT = Address("tcp", host="127.0.0.1")


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    start_response("200 OK", [])
    return [environ["wsgi.input"].read() or b"ok"]


def ours() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("fakedocker-")]


def test_port_zero_becomes_a_real_port(serve: Serve) -> None:
    serving = serve(app)
    assert serving.address.port > 0
    assert str(serving.address) == f"tcp://127.0.0.1:{serving.address.port}"
    assert serving.connect().get("/").body == b"ok"


def test_one_server_listens_at_several_addresses(tmp_path: Path, serve: Serve) -> None:
    serving = serve(app)
    server = Server(app, [ANY_PORT, ANY_PORT, Address("unix", path=str(tmp_path / "a"))])
    server.start()
    try:
        assert len({str(address) for address in server.addresses}) == 3
        serving.server, first = server, serving.server
        for address in list(server.addresses):
            server.addresses.insert(0, address)
            assert serving.connect().get("/").body == b"ok"
    finally:
        server.close()
        serving.server = first


def test_an_ipv6_address_is_served(serve: Serve) -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("no IPv6 here")
    serving = serve(app, address=parse_address("[::1]:0"))
    assert str(serving.address).startswith("tcp://[::1]:")
    assert serving.connect().get("/").body == b"ok"


def test_a_port_in_use_is_an_error_and_nothing_is_left_bound(tmp_path: Path, serve: Serve) -> None:
    taken = serve(app).address
    path = tmp_path / "s"
    server = Server(app, [Address("unix", path=str(path)), taken])
    with pytest.raises(OSError, match=f"cannot listen on {taken}: Address already in use") as caught:
        server.start()
    assert caught.value.errno == errno.EADDRINUSE
    assert not path.exists()
    server.close()


@pytest.mark.parametrize("kind", ["unix"])
def test_a_unix_socket_in_use_is_an_error(serve: Serve) -> None:
    serving = serve(app)
    with pytest.raises(OSError, match="Address already in use"):
        Server(app, [serving.address]).start()
    assert serving.connect().get("/").body == b"ok"


def test_a_stale_unix_socket_is_replaced(tmp_path: Path, serve: Serve) -> None:
    path = str(tmp_path / "s")
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(path)
    assert serve(app, address=Address("unix", path=path)).connect().get("/").body == b"ok"


def test_a_file_that_is_no_socket_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "precious"
    path.write_text("data")
    with pytest.raises(OSError, match="Address already in use"):
        Server(app, [Address("unix", path=str(path))]).start()
    assert path.read_text() == "data"


def test_a_path_that_cannot_be_bound_names_the_address(tmp_path: Path) -> None:
    for path in (tmp_path / "missing" / "s", tmp_path / ("x" * 200)):
        with pytest.raises(OSError, match=f"cannot listen on unix://{path}: "):
            Server(app, [Address("unix", path=str(path))]).start()


def test_an_unknown_host_is_an_os_error() -> None:
    with pytest.raises(OSError, match=r"cannot listen on tcp://host\.invalid:0"):
        Server(app, [Address("tcp", host="host.invalid")]).start()


@pytest.mark.parametrize("kind", ["unix"])
def test_a_unix_socket_is_not_for_everybody_and_is_removed_at_the_end(serve: Serve) -> None:
    serving = serve(app)
    assert not os.stat(serving.address.path).st_mode & stat.S_IWOTH
    serving.server.close()
    assert not os.path.exists(serving.address.path)


@pytest.mark.parametrize("kind", ["unix"])
def test_a_socket_file_that_is_somebody_elses_by_now_stays(serve: Serve) -> None:
    serving = serve(app)
    path = Path(serving.address.path)
    path.rename(path.with_name("moved"))
    path.write_text("somebody else's")
    serving.server.close()
    assert path.read_text() == "somebody else's"


def test_a_closed_server_refuses_connections_and_leaves_no_thread(serve: Serve) -> None:
    serving = serve(app)
    client = serving.connect()
    client.get("/")
    before = len(ours())
    serving.server.close()
    assert client.rest() == b""
    with pytest.raises(ConnectionRefusedError):
        serving.connect()
    assert len(ours()) == before - 2  # its reactor and its worker


def test_closing_right_behind_an_answer_does_no_harm(serve: Serve) -> None:
    for _ in range(50):  # each with another place for the thread to be at
        serving = serve(app)
        assert serving.connect().get("/").body == b"ok"
        serving.close()


def test_closing_again_and_from_several_threads_does_no_harm(serve: Serve) -> None:
    serving = serve(app)
    threads = [threading.Thread(target=serving.server.close) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(5)
        assert not thread.is_alive()
    serving.server.close()


def test_a_server_that_was_never_started_can_be_closed_and_starts_no_more() -> None:
    server = Server(app, [ANY_PORT])
    server.close()
    with pytest.raises(RuntimeError):
        server.start()


def test_a_server_starts_once(serve: Serve) -> None:
    with pytest.raises(RuntimeError):
        serve(app).server.start()


def test_closing_ends_every_stream_quickly(serve: Serve, tape: Any) -> None:
    sources: list[Any] = []

    def streams(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        source = tape()
        sources.append(source)
        hook = "fakedocker.hijack" if environ["PATH_INFO"] == "/hijack" else "fakedocker.follow"
        environ[hook](source)
        start_response("200 OK", [])
        return []

    before = len(ours())
    serving = serve(streams)
    clients = [serving.connect() for _ in range(100)]
    for number, client in enumerate(clients):
        client.send(b"GET /%s HTTP/1.1\r\nHost: x\r\n\r\n" % (b"hijack" if number % 2 else b"follow"))
        client.head()
    for source in sources:
        assert source.watched.wait(5)
    begun = time.monotonic()
    serving.server.close()
    assert time.monotonic() - begun < 1
    assert [source.closings for source in sources] == [1] * 100
    assert len(ours()) == before
    for client in clients:
        assert client.rest() == b""
    for source in sources:
        source.put(b"too late")


def test_closing_does_not_wait_for_a_request_at_work_but_lets_it_end(serve: Serve) -> None:
    begun, ended = threading.Event(), threading.Event()

    def waiting(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        begun.set()
        try:
            environ["wsgi.input"].read()  # of a client that sends nothing
        finally:
            ended.set()
        raise AssertionError

    serving = serve(waiting)
    serving.connect().send(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n")
    assert begun.wait(5)
    serving.server.close()
    assert ended.wait(5)
    assert serving.errors.empty()


def test_a_request_that_ignores_the_end_does_not_hold_it_up(serve: Serve, tape: Any) -> None:
    begun, go_on = threading.Event(), threading.Event()
    source = tape()

    def stubborn(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        environ["fakedocker.follow"](source)
        begun.set()
        assert go_on.wait(5)
        start_response("200 OK", [])
        return []

    serving = serve(stubborn)
    client = serving.connect()
    client.send(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    assert begun.wait(5)
    at = time.monotonic()
    serving.server.close()
    assert time.monotonic() - at < 1
    assert source.closings == 0
    go_on.set()
    source.wait_closed()  # although there is no reactor any more
    assert client.rest() == b""


def test_a_client_with_half_a_request_behind_is_closed_with_the_server(serve: Serve) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def waiting(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        begun.set()
        assert go_on.wait(5)
        start_response("204 No Content", [])
        return []

    serving = serve(waiting)
    client = serving.connect()
    client.send(b"GET / HTTP/1.1\r\nHost: x\r\n\r\nGET / HT")
    assert begun.wait(5)
    serving.server.close()
    go_on.set()
    assert client.rest() == b""


def test_an_application_may_close_its_own_server(serve: Serve) -> None:
    closed = threading.Event()

    def suicidal(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        serving.server.close()
        closed.set()
        start_response("200 OK", [])
        return []

    serving = serve(suicidal)
    serving.connect().send(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    assert closed.wait(5)


def test_a_source_may_close_the_server_that_reads_it(serve: Serve, tape: Any) -> None:
    class Suicidal(tape):  # type: ignore[misc]
        def read(self, size: int) -> bytes | None:
            serving.server.close()
            return b""

    source = Suicidal()

    def follow(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        environ["fakedocker.follow"](source)
        start_response("200 OK", [])
        return []

    serving = serve(follow)
    serving.connect().send(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    source.wait_closed()
    assert source.closings == 1


def test_a_successor_listens_where_its_predecessor_did(tmp_path: Path, serve: Serve) -> None:
    path = str(tmp_path / "a")
    first = Server(app, [ANY_PORT, Address("unix", path=path)])
    first.start()
    addresses = list(first.addresses)
    with socket.create_connection((addresses[0].host, addresses[0].port), timeout=5) as idle:
        idle.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert idle.recv(4096)
        second = first.hand_over()
        assert idle.recv(4096) == b"", "every connection has ended"
    with socket.socket(socket.AF_UNIX) as waiting:
        waiting.settimeout(5)
        waiting.connect(path)  # nobody answers yet, and nobody refuses
        waiting.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        second.start()
        try:
            assert second.addresses == addresses
            assert waiting.recv(4096).startswith(b"HTTP/1.1 200 OK")
        finally:
            second.close()
    assert not os.path.exists(path)
    with pytest.raises(RuntimeError, match="only a server that runs"):
        first.hand_over()


def test_a_successor_that_never_starts_leaves_nothing_behind(tmp_path: Path) -> None:
    path = str(tmp_path / "a")
    server = Server(app, [Address("unix", path=path)])
    server.start()
    server.hand_over().close()
    assert not os.path.exists(path)
