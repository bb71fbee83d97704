"""Attaching over the wire: the bytes, their order, and who ends the connection when."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from wire_client import WireClient

from fakedocker import FakeDocker
from fakedocker.engine.containers.containers import Container

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\n"
BOTH = ("sh", "-c", "echo out1; echo err1 >&2; sleep 10; echo out2; echo err2 >&2; sleep 10")


@pytest.fixture
def clock() -> str:
    return "manual"


@pytest.fixture
def attach(connect: Callable[[], WireClient]) -> Callable[[Container, str], WireClient]:
    """Attach on a connection of its own, and check the head to the byte."""

    def attach(container: Container, query: str) -> WireClient:
        client = connect()
        client.ask("POST", f"/v1.1/containers/{container.id}/attach?{query}")
        assert client.until(b"\r\n\r\n") == HEAD
        return client

    return attach


def until_heard(condition: Callable[[], bool]) -> None:
    """Wait until the daemon has noticed what a client did."""
    for _ in range(500):
        if condition():
            return
        time.sleep(0.01)
    raise AssertionError("the daemon did not notice")


# -- what comes -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("logs=1&stdout=1", b"out1\nout2\n"),
        ("logs=1&stderr=1", b"err1\nerr2\n"),
        ("logs=1&stdout=1&stderr=1", b"out1\nout2\nerr1\nerr2\n"),
        ("logs=True&stdout=true&stderr=FALSE", b"out1\nout2\n"),
        ("logs=1", b""),
        ("logs=1&stdin=1", b""),
        ("logs=0&stdout=1", b""),
        ("stdout=1&stderr=1", b""),
        ("", b""),
        ("stream=1", b""),
    ],
)
def test_the_log_comes_one_channel_after_the_other_and_the_server_ends(
    attach: Callable, daemon: FakeDocker, query: str, shown: bytes
) -> None:
    container = daemon.engine.run("base", *BOTH)
    daemon.advance(15)
    assert attach(container, query).rest() == shown


def test_the_log_holds_every_run(attach: Callable, daemon: FakeDocker) -> None:
    container = daemon.engine.run("base", "echo", "x")
    daemon.advance(1)
    daemon.engine.start(container)
    daemon.advance(1)
    assert attach(container, "logs=1&stdout=1").rest() == b"x\nx\n"


def test_the_log_of_what_never_ran_is_empty(attach: Callable, daemon: FakeDocker) -> None:
    assert attach(daemon.engine.create("base", "true"), "logs=1&stdout=1&stderr=1").rest() == b""


def test_a_stream_shows_what_comes_from_now_on_as_it_was_written(attach: Callable, daemon: FakeDocker) -> None:
    container = daemon.engine.run("base", *BOTH)
    daemon.advance(1)
    client = attach(container, "stream=1&stdout=1&stderr=1")
    assert client.quiet()
    daemon.advance(10)
    assert client.exactly(10) == b"out2\nerr2\n"
    assert client.quiet()
    daemon.advance(10)
    assert client.rest() == b""


def test_log_and_stream_meet_without_a_gap_and_without_a_double(attach: Callable, daemon: FakeDocker) -> None:
    container = daemon.engine.run("base", *BOTH)
    daemon.advance(1)
    client = attach(container, "logs=1&stream=1&stdout=1&stderr=1")
    assert client.exactly(10) == b"out1\nerr1\n"
    daemon.advance(20)
    assert client.rest() == b"out2\nerr2\n"


def test_a_stream_shows_only_the_channels_asked_for(attach: Callable, daemon: FakeDocker) -> None:
    container = daemon.engine.run("base", *BOTH)
    out, err = attach(container, "stream=1&stdout=1"), attach(container, "stream=1&stderr=1")
    daemon.advance(30)
    assert (out.rest(), err.rest()) == (b"out1\nout2\n", b"err1\nerr2\n")


@pytest.mark.parametrize("state", ["created", "exited"])
def test_what_does_not_run_refuses_in_the_stream_after_the_log(
    attach: Callable, daemon: FakeDocker, state: str
) -> None:
    container = daemon.engine.create("base", "echo", "x")
    log = b""
    if state == "exited":
        daemon.engine.start(container)
        daemon.advance(1)
        log = b"x\n"
    refusal = b"Error: Impossible to attach to a stopped container, start it first\n"
    assert attach(container, "logs=1&stream=1&stdout=1").rest() == log + refusal


def test_a_terminal_ends_its_lines_as_terminals_do(attach: Callable, daemon: FakeDocker) -> None:
    container = daemon.engine.run("base", "sh", "-c", "echo a; echo b >&2", tty=True)
    client = attach(container, "stream=1&stdout=1")
    daemon.advance(1)
    assert client.rest() == b"a\r\nb\r\n"


def test_bad_flags_come_before_an_unknown_container(client: WireClient) -> None:
    for flag in ("logs", "stream", "stdin", "stdout", "stderr"):
        assert client.post(f"/containers/nosuch/attach?{flag}=x").text == "Bad parameter\n"
    assert client.post("/containers/nosuch/attach?logs=1").text == "No such container: nosuch\n"


@pytest.mark.parametrize("cors", [True])
def test_the_head_is_the_same_for_other_origins(attach: Callable, daemon: FakeDocker) -> None:
    attach(daemon.engine.create("base", "true"), "logs=1")


def test_much_output_comes_whole(attach: Callable, daemon: FakeDocker) -> None:
    lines = 20_000
    container = daemon.engine.run("base", "seq", str(lines))
    client = attach(container, "logs=1&stream=1&stdout=1")
    daemon.advance(10)
    assert client.rest() == b"".join(b"%d\n" % number for number in range(1, lines + 1))


def test_what_is_shown_goes_to_everybody_attached(attach: Callable, daemon: FakeDocker) -> None:
    container = daemon.engine.run("base", *BOTH)
    clients = [attach(container, "stream=1&stdout=1") for _ in range(5)]
    daemon.advance(30)
    assert {client.rest() for client in clients} == {b"out1\nout2\n"}


# -- who ends it ---------------------------------------------------------------------------------------


def test_outputs_end_with_the_process(attach: Callable, daemon: FakeDocker) -> None:
    container = daemon.engine.run("base", "sleep", "10", open_stdin=True)
    client = attach(container, "stream=1&stdout=1&stderr=1")
    daemon.advance(11)
    assert client.rest() == b""


@pytest.mark.parametrize("tty", [False, True])
def test_an_input_that_is_kept_holds_the_connection_after_the_process(
    attach: Callable, daemon: FakeDocker, tty: bool
) -> None:
    container = daemon.engine.run("base", "sleep", "10", open_stdin=True, tty=tty)
    client = attach(container, "stream=1&stdin=1&stdout=1")
    daemon.advance(11)
    assert not container.running
    assert client.quiet()
    client.half_close()
    assert client.rest() == b""


@pytest.mark.parametrize("tty", [False, True])
def test_an_input_taken_once_ends_with_the_process(attach: Callable, daemon: FakeDocker, tty: bool) -> None:
    container = daemon.engine.run("base", "sleep", "10", open_stdin=True, stdin_once=True, tty=tty)
    client = attach(container, "stream=1&stdin=1&stdout=1")
    daemon.advance(11)
    assert client.rest() == b""


def test_an_input_taken_once_is_closed_by_the_client_and_output_still_comes(
    attach: Callable, daemon: FakeDocker
) -> None:
    container = daemon.engine.run("base", "sh", "-c", "cat; sleep 5; echo bye", open_stdin=True, stdin_once=True)
    client = attach(container, "stream=1&stdin=1&stdout=1")
    daemon.advance(1)
    client.send(b"hello\n")
    assert client.exactly(6) == b"hello\n"
    client.half_close()
    assert client.quiet()
    daemon.advance(6)
    assert client.rest() == b"bye\n"
    assert container.exit_code == 0


def test_an_input_that_is_kept_outlives_its_client(attach: Callable, daemon: FakeDocker) -> None:
    container = daemon.engine.run("base", "cat", open_stdin=True)
    daemon.advance(1)
    first = attach(container, "stream=1&stdin=1&stdout=1")
    first.send(b"one\n")
    assert first.exactly(4) == b"one\n"
    first.half_close()
    assert first.rest() == b""
    assert container.running
    second = attach(container, "stream=1&stdin=1&stdout=1")
    second.send(b"two\n")
    assert second.exactly(4) == b"two\n"
    assert daemon.engine.logs(container) == b"one\ntwo\n"


def test_input_that_is_not_taken_is_thrown_away(attach: Callable, daemon: FakeDocker) -> None:
    container = daemon.engine.run("base", "sh", "-c", "cat; sleep 10; echo over")
    client = attach(container, "stream=1&stdin=1&stdout=1")
    client.send(b"x" * 200_000)
    client.half_close()
    daemon.advance(1)
    assert client.quiet()
    daemon.advance(10)
    assert client.rest() == b"over\n"


def test_input_waits_for_the_process_however_much_it_is(
    attach: Callable, daemon: FakeDocker, connect: Callable
) -> None:
    container = daemon.engine.run("base", "wc", "-c", open_stdin=True, stdin_once=True)
    client = attach(container, "stream=1&stdin=1&stdout=1")
    daemon.advance(1)
    client.send(b"x" * 300_000)
    client.half_close()
    assert client.rest().strip() == b"300000"


def test_a_client_that_goes_away_leaves_the_container_alone(attach: Callable, daemon: FakeDocker) -> None:
    container = daemon.engine.run("base", *BOTH)
    client = attach(container, "stream=1&stdout=1")
    client.close()
    daemon.advance(30)
    assert daemon.engine.logs(container, "stdout") == b"out1\nout2\n"
    until_heard(lambda: len(container.log.watch) == 0)


# -- terminals -----------------------------------------------------------------------------------------------


def test_a_terminal_echoes_and_edits_what_is_typed(attach: Callable, daemon: FakeDocker) -> None:
    container = daemon.engine.run("base", "cat", open_stdin=True, tty=True)
    daemon.advance(1)
    client = attach(container, "stream=1&stdin=1&stdout=1")
    client.send(b"hello\n")
    assert client.exactly(14) == b"hello\r\nhello\r\n"
    client.send(b"\x04")
    until_heard(lambda: not container.running)


def test_two_keys_each_for_itself_detach_from_a_terminal(attach: Callable, daemon: FakeDocker) -> None:
    container = daemon.engine.run("base", "cat", open_stdin=True, tty=True)
    daemon.advance(1)
    client = attach(container, "stream=1&stdin=1&stdout=1")
    client.send(b"\x10")
    time.sleep(0.05)  # each has to arrive alone, and the wire knows no other way to say so
    client.send(b"\x11")
    assert client.rest() == b""
    assert container.running


def test_control_c_reaches_the_process_in_front(attach: Callable, daemon: FakeDocker) -> None:
    container = daemon.engine.run(
        "base", "sh", "-c", "trap 'echo caught; exit 9' INT; sleep 1000", open_stdin=True, tty=True
    )
    daemon.advance(1)
    client = attach(container, "stream=1&stdin=1&stdout=1")
    client.send(b"\x03")
    assert b"caught" in client.until(b"caught\r\n")
    until_heard(lambda: not container.running)
    assert container.exit_code == 9


# -- how it begins ------------------------------------------------------------------------------------------


def test_input_sent_along_with_the_request_is_not_lost(connect: Callable[[], WireClient], daemon: FakeDocker) -> None:
    container = daemon.engine.run("base", "cat", open_stdin=True, stdin_once=True)
    daemon.advance(1)
    client = connect()
    client.send(
        f"POST /containers/{container.id}/attach?stream=1&stdin=1&stdout=1 HTTP/1.1\r\n"
        "Host: x\r\nContent-Length: 0\r\n\r\nearly\n".encode()
    )
    assert client.until(b"\r\n\r\n") == HEAD
    assert client.exactly(6) == b"early\n"


@pytest.mark.parametrize("fields", ["", "Connection: Upgrade\r\nUpgrade: tcp\r\n", "Content-Type: text/plain\r\n"])
def test_every_client_of_the_day_is_answered_alike(
    connect: Callable[[], WireClient], daemon: FakeDocker, fields: str
) -> None:
    container = daemon.engine.run("base", "echo", "x")
    daemon.advance(1)
    client = connect()
    client.send(f"POST /containers/{container.id}/attach?logs=1&stdout=1 HTTP/1.1\r\nHost: x\r\n{fields}\r\n".encode())
    assert client.rest() == HEAD + b"x\n"
