"""A daemon that goes down and comes back: from a test's hand, and as a fault."""

from __future__ import annotations

import socket
import time
from pathlib import Path

import pytest
from wire_client import WireClient

from fakedocker import FakeDocker
from fakedocker.server import parse_address

PING = "/v1.41/_ping"


@pytest.fixture(params=["tcp", "unix"])
def restless(request: pytest.FixtureRequest, tmp_path: Path) -> FakeDocker:
    host = "tcp://127.0.0.1:0" if request.param == "tcp" else f"unix://{tmp_path}/d.sock"
    return FakeDocker(hosts=[host], clock="manual")


def test_every_connection_ends_and_the_address_stays(restless: FakeDocker) -> None:
    with restless as daemon:
        url = daemon.url
        daemon.engine.run("base", "sleep", "600", name="web")
        with WireClient(url) as idle, WireClient(url) as follower, WireClient(url) as waiting:
            assert idle.get(PING).status == 200
            follower.ask("GET", "/v1.41/events")
            assert follower.head().status == 200
            waiting.ask("POST", "/v1.41/containers/web/wait")
            daemon.restart()
            assert idle.rest() == follower.rest() == b""
            waiting.rest()
        assert daemon.url == url
        with WireClient(url) as client:
            assert client.get("/v1.41/containers/web/json").json["State"]["ExitCode"] == 137


def test_nobody_is_let_in_while_it_is_down(restless: FakeDocker) -> None:
    with restless as daemon:
        url = daemon.url
        daemon.restart(down=0.2)
        assert _refuses(url)
        _wait_for(url)
        with WireClient(url) as client:
            assert client.get(PING).status == 200


def test_a_reset_brings_it_back_at_once(restless: FakeDocker) -> None:
    with restless as daemon:
        daemon.restart(down=3600)
        daemon.reset()
        with WireClient(daemon.url) as client:
            assert client.get(PING).status == 200


def test_another_restart_brings_it_back_at_once(restless: FakeDocker) -> None:
    with restless as daemon:
        daemon.restart(down=3600)
        daemon.restart()
        with WireClient(daemon.url) as client:
            assert client.get(PING).status == 200


def test_one_that_is_closed_while_it_is_down_does_not_come_back(restless: FakeDocker) -> None:
    with restless as daemon:
        url = daemon.url
        daemon.restart(down=0.05)
    time.sleep(0.15)  # there is nothing to wait for: nothing is to happen
    assert _refuses(url)
    with pytest.raises(RuntimeError, match="does not run"):
        daemon.restart()


def test_one_that_never_started_does_not_restart() -> None:
    with pytest.raises(RuntimeError, match="does not run"):
        FakeDocker().restart()


def test_the_state_can_be_lost(restless: FakeDocker) -> None:
    with restless as daemon:
        daemon.engine.create("base", "true", name="web")
        daemon.restart()
        assert [one.name for one in daemon.engine.containers()] == ["web"]
        daemon.restart(state="lost")
        assert daemon.engine.containers() == []
        with WireClient(daemon.url) as client:
            assert client.get("/v1.41/containers/web/json").status == 404


def test_faults_stay_in_force(restless: FakeDocker) -> None:
    with restless as daemon:
        fault = daemon.faults.add("error", status=500, on="SystemPing")
        daemon.restart(state="lost")
        with WireClient(daemon.url) as client:
            assert client.get(PING).status == 500
        assert fault.hits == 1


def test_as_a_fault_it_goes_down_when_it_is_called(restless: FakeDocker) -> None:
    with restless as daemon:
        url = daemon.url
        daemon.engine.run("base", "sleep", "600", name="web")
        daemon.faults.add("restart", on="ContainerTop", nth=2, live_restore=True)
        with WireClient(url) as client, WireClient(url) as follower:
            follower.ask("GET", "/v1.41/events")
            follower.head()
            assert client.get("/v1.41/containers/web/top").status == 200
            client.ask("GET", "/v1.41/containers/web/top")
            assert client.rest() == b""
            assert not follower.rest().endswith(b"0\r\n\r\n"), "broken off, not ended"
        with WireClient(url) as client:
            assert client.get("/v1.41/containers/web/top").status == 200


def test_as_a_fault_it_stays_down_for_a_while(restless: FakeDocker) -> None:
    with restless as daemon:
        url = daemon.url
        fault = daemon.faults.add("restart", on="SystemPing", first=1, down=0.1, state="lost")
        daemon.engine.create("base", "true")
        with WireClient(url) as client:
            client.ask("GET", PING)
            assert client.rest() == b""
        _wait_for(url)
        with WireClient(url) as client:
            assert client.get("/v1.41/containers/json?all=1").json == []
        assert fault.hits == 1


def _refuses(url: str) -> bool:
    """Tell whether nobody listens; a unix socket may not even be there."""
    address = parse_address(url)
    with socket.socket(socket.AF_UNIX if address.kind == "unix" else socket.AF_INET) as probe:
        try:
            probe.connect(address.path if address.kind == "unix" else (address.host, address.port))
        except (ConnectionRefusedError, FileNotFoundError):
            return True
    return False


def _wait_for(url: str) -> None:
    deadline = time.monotonic() + 10
    while _refuses(url):
        assert time.monotonic() < deadline
        time.sleep(0.01)
