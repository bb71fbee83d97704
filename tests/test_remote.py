"""A daemon behind HTTP: the same script as with one in the process, with the same results."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from wire_client import WireClient

from fakedocker import FakeDocker, RemoteDaemon, RemoteError, connect

OTHER = """
images: [{name: base, layer: {busybox: true}}]
containers: [{image: base, name: other, state: running, cmd: [sleep, 9]}]
"""


@pytest.fixture(params=["in the process", "over tcp", "over a socket file"])
def daemon(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[FakeDocker | RemoteDaemon]:
    hosts = ["tcp://127.0.0.1:0", f"unix://{tmp_path}/s"]
    with FakeDocker(clock="manual", hosts=hosts, seed=1) as local:
        local.engine.run("base", "sh", "-c", "echo up; sleep 60; echo down", name="web")
        place = {"in the process": "", "over tcp": local.hosts[0], "over a socket file": local.hosts[1]}[request.param]
        yield connect(place) if place else local


def call(daemon: FakeDocker | RemoteDaemon, method: str, path: str) -> int:
    with WireClient(next(host for host in daemon.hosts if host.startswith("tcp"))) as client:
        return client.request(method, path).status


def test_time_passes(daemon: FakeDocker | RemoteDaemon) -> None:
    begun = daemon.now
    assert daemon.logs("web") == "up\n"
    daemon.advance(61)
    assert daemon.logs("web") == "up\ndown\n"
    assert (daemon.now - begun, daemon.clock_speed) == (61, 0)
    assert [one["state"] for one in daemon.state()["containers"]] == ["exited"]
    assert [event["action"] for event in daemon.events()][-1] == "die"


def test_faults_strike(daemon: FakeDocker | RemoteDaemon) -> None:
    with daemon.faults.add("error", status=503, on="ContainerList") as rule:
        assert call(daemon, "GET", "/v1.41/containers/json") == 503
        assert [(one.id, one.calls, one.hits) for one in daemon.faults] == [(rule.id, 1, 1)]
    assert call(daemon, "GET", "/v1.41/containers/json") == 200
    assert len(daemon.faults) == 0
    daemon.faults.add("error", status=503, on="*")
    daemon.faults.clear()
    assert call(daemon, "GET", "/v1.41/info") == 200


def test_calls_are_in_the_journal(daemon: FakeDocker | RemoteDaemon) -> None:
    assert call(daemon, "POST", "/v1.41/containers/web/pause") == 204
    call(daemon, "GET", "/v1.41/nonsense")
    daemon.journal.assert_called("ContainerPause", name="web", status=204)
    with pytest.raises(AssertionError, match="ContainerPause"):
        daemon.journal.assert_called("ContainerPause", name="db")
    assert [entry.path for entry in daemon.journal.unmatched()] == ["/v1.41/nonsense"]
    daemon.journal.clear()
    assert len(daemon.journal) == 0


def test_it_begins_anew(daemon: FakeDocker | RemoteDaemon) -> None:
    daemon.reset()
    assert daemon.state()["containers"] == []
    daemon.load(OTHER)
    assert [one["name"] for one in daemon.state()["containers"]] == ["other"]
    daemon.check()
    assert daemon.problems() == []


def test_it_comes_back_to_a_snapshot(daemon: FakeDocker | RemoteDaemon) -> None:
    taken = daemon.snapshot("ready")
    assert (taken.name, taken.now, [*daemon.snapshots]) == ("ready", daemon.now, ["ready"])
    daemon.reset()
    daemon.restore("ready")
    assert [one["name"] for one in daemon.state()["containers"]] == ["web"]
    with pytest.raises((LookupError, RemoteError), match="there is no snapshot 'other'"):
        daemon.restore("other")


def test_events_that_did_not_happen_are_told(daemon: FakeDocker | RemoteDaemon) -> None:
    daemon.inject("container", "oom", "web", {"name": "web"})
    told = daemon.events()[-1]
    assert (told["type"], told["action"], told["attributes"]) == ("container", "oom", {"name": "web"})


def test_it_restarts(daemon: FakeDocker | RemoteDaemon) -> None:
    daemon.restart()
    assert [one["state"] for one in daemon.state()["containers"]] == ["exited"]
    daemon.restart(state="lost")
    assert daemon.state()["containers"] == []


def test_its_end_can_be_asked_for() -> None:
    with FakeDocker() as local:
        connect(local.url).shutdown()
        assert local.wait_for_end(10)
        with pytest.raises(RemoteError, match="nobody answers"):
            connect(local.url)


def test_what_went_wrong_is_raised_here() -> None:
    with FakeDocker() as local:
        local._report(ValueError("oops"), "GET /x")
        with pytest.raises(AssertionError, match="oops"):
            connect(local.url).check()


def test_a_wait_for_a_call_ends_with_the_call(daemon: FakeDocker | RemoteDaemon) -> None:
    call(daemon, "GET", "/v1.41/info")
    assert daemon.journal.wait_for("SystemInfo", timeout=10).status == 200


def test_what_is_refused_says_why(daemon: FakeDocker | RemoteDaemon) -> None:
    if isinstance(daemon, RemoteDaemon):
        with pytest.raises(RemoteError, match="a manual clock does not run"):
            daemon.thaw()


def test_the_url_may_be_that_of_plain_http() -> None:
    with FakeDocker() as local:
        assert connect(local.http_url).hosts == local.hosts


def test_a_daemon_that_cannot_be_controlled_is_told_apart(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with FakeDocker(control=False) as local, pytest.raises(RemoteError, match="is no fakedocker, or does not let"):
        connect(local.url)
    with pytest.raises(RemoteError, match="nobody answers"):
        connect(f"unix://{tmp_path}/nothing")
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    with pytest.raises(ValueError, match="neither a url nor"):
        connect()
