"""Faults that take time: they take the daemon's, and end with client and daemon."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from wire_client import WireClient

from fakedocker import FakeDocker

PING = "/v1.41/_ping"


def waiting(daemon: FakeDocker) -> bool:
    """Tell whether a timer of the daemon's clock waits."""
    with daemon._service.runtime.engine() as engine:
        return engine.clock.next_due() is not None


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.002)


def test_latency_is_of_the_daemons_clock(daemon: FakeDocker, client: WireClient) -> None:
    daemon.faults.add("latency", seconds=3600, on="SystemPing")
    client.ask("GET", PING)
    until(lambda: waiting(daemon))
    daemon.advance(3599)
    assert client.quiet()
    daemon.advance(1)
    assert client.reply().text == "OK"


def test_latencies_add_up_and_go_before_an_answer(daemon: FakeDocker, client: WireClient) -> None:
    daemon.faults.add("error", status=500, on="SystemPing")
    daemon.faults.add("latency", seconds=10, on="SystemPing")
    daemon.faults.add("latency", seconds=10, on="SystemPing")
    client.ask("GET", PING)
    for _ in range(2):
        assert client.quiet()
        until(lambda: waiting(daemon))
        daemon.advance(10)
    assert client.reply().status == 500


def test_jitter_is_the_same_with_the_same_seed() -> None:
    from random import Random

    from fakedocker.faults.kinds import Latency

    class Waits:
        def __init__(self) -> None:
            self.random = Random(1)
            self.waited: list[float] = []
            self.wait = self.waited.append

    first, second = Waits(), Waits()
    for call in (first, second):
        for _ in range(100):
            Latency(1.0, 0.5).before(call)  # type: ignore[arg-type]
    assert first.waited == second.waited
    assert 0.5 <= min(first.waited) < 0.6
    assert 1.4 < max(first.waited) <= 1.5


def test_nothing_is_done_for_a_client_that_left_meanwhile(daemon: FakeDocker, client: WireClient, web: str) -> None:
    fault = daemon.faults.add("latency", seconds=10, on="ContainerKill")
    client.ask("POST", "/v1.41/containers/web/kill")
    until(lambda: fault.hits)
    client.close()
    until(lambda: all(call.over for call in fault.struck()))
    daemon.advance(20)
    assert daemon.engine.container("web").running


def test_what_hangs_goes_on_when_it_is_released(daemon: FakeDocker, client: WireClient) -> None:
    fault = daemon.faults.add("hang", on="SystemPing")
    client.ask("GET", PING)
    until(lambda: fault.hits)
    daemon.advance(3600)
    assert client.quiet()
    daemon.faults.release()
    assert client.reply().text == "OK"
    client.ask("GET", PING)
    until(lambda: fault.hits == 2)
    assert client.quiet(), "it is in force still"
    fault.release()
    assert client.reply().text == "OK"


@pytest.mark.parametrize("end", ["remove", "clear"])
def test_what_hangs_goes_on_when_its_rule_is_no_more(daemon: FakeDocker, client: WireClient, end: str) -> None:
    fault = daemon.faults.add("hang", on="SystemPing")
    client.ask("GET", PING)
    until(lambda: fault.hits)
    fault.remove() if end == "remove" else daemon.faults.clear()
    assert client.reply().text == "OK"


@pytest.mark.parametrize("path", [PING, "/v1.41/containers/web/logs?stdout=1&follow=1", "/v1.41/events"])
def test_a_hang_behind_the_head_holds_the_body_back(
    daemon: FakeDocker, client: WireClient, web: str, path: str
) -> None:
    daemon.faults.add("hang", head=True)
    client.ask("GET", path)
    assert client.head().status == 200
    assert client.quiet()
    if "events" in path:
        daemon.engine.kill("web")
    daemon.faults.release()
    assert client.exactly(2)


@pytest.mark.parametrize("end", ["reset", "close"])
@pytest.mark.parametrize("how", [{}, {"head": True}], ids=["before the head", "behind the head"])
def test_what_hangs_is_cut_off_when_the_daemon_goes(end: str, how: dict[str, bool]) -> None:
    with FakeDocker() as daemon, WireClient(daemon.url) as client:
        fault = daemon.faults.add("hang", on="SystemPing", **how)
        client.ask("GET", PING)
        until(lambda: fault.hits)
        if how:
            client.head()
        getattr(daemon, end)()
        assert client.rest() == b""


@pytest.mark.parametrize("follow", ["", "&follow=1"])
def test_a_trickle_is_so_many_bytes_a_second(daemon: FakeDocker, client: WireClient, web: str, follow: str) -> None:
    daemon.faults.add("trickle", rate=7, on="ContainerLogs")
    client.ask("GET", f"/v1.41/containers/web/logs?stdout=1{follow}")
    assert client.head().status == 200
    until(lambda: waiting(daemon))
    assert client.quiet()
    daemon.advance(1)
    first = client.chunk()
    until(lambda: waiting(daemon))
    assert client.quiet()
    daemon.advance(1)
    assert (len(first), first + client.chunk()) == (7, b"\x01\0\0\0\0\0\0\x06hello\n")


def test_a_trickle_ends_when_the_daemon_begins_anew() -> None:
    with FakeDocker(clock="manual") as daemon, WireClient(daemon.url) as client:
        daemon.faults.add("trickle", rate=1, on="SystemVersion")
        client.ask("GET", "/v1.41/version")
        client.head()
        daemon.reset()
        assert client.rest() == b""
