"""Snapshots: what is there again, and what is shared."""

from __future__ import annotations

from typing import Any

import pytest
from wire_client import WireClient

from fakedocker import FakeDocker

CALLS = (
    "/containers/json?all=1&size=1",
    "/images/json",
    "/volumes",
    "/containers/web/json",
    "/containers/job/json",
    "/networks/backend",
)


def ask(daemon: FakeDocker, method: str, path: str, body: Any = None) -> Any:
    with WireClient(daemon.url) as client:
        reply = client.request(method, f"/v1.44{path}", json=body)
    assert reply.status < 400, reply.text
    return reply.json if reply.type == "application/json" else reply.body


def set_up(daemon: FakeDocker) -> None:
    ask(daemon, "POST", "/networks/create", {"Name": "backend", "Labels": {"a": "b"}})
    host = {"Binds": ["data:/data", "/host:/host"], "NetworkMode": "backend", "RestartPolicy": {"Name": "always"}}
    loop = "echo up; cat /data/f > /data/seen 2>&1; while :; do sleep 60; done"
    body = {"Image": "base", "Cmd": ["sh", "-c", loop], "HostConfig": host, "Volumes": {"/anonymous": {}}}
    ask(daemon, "POST", "/containers/create?name=web", body)
    ask(daemon, "POST", "/containers/web/start")
    body = {"Image": "base", "Cmd": ["sh", "-c", "echo done > /made; echo said; exit 3"]}
    ask(daemon, "POST", "/containers/create?name=job", body)
    ask(daemon, "POST", "/containers/job/start")
    daemon.advance(1)
    for path in ("/data/f", "/anonymous/f", "/host/f"):
        daemon.engine.write_file("web", path, path)
    ask(daemon, "POST", "/commit?container=job&repo=made&tag=1")


def seen(daemon: FakeDocker) -> dict[str, Any]:
    """What clients see, but for what a new run gives anew."""
    found = {path: ask(daemon, "GET", path) for path in CALLS}
    web, network = found["/containers/web/json"], found["/networks/backend"]
    job = found["/containers/job/json"]
    (listed,) = [one for one in found["/containers/json?all=1&size=1"] if one["Names"] == ["/web"]]
    for member in ("Pid", "StartedAt"):
        del web["State"][member]
    for member in ("SandboxID", "SandboxKey"):
        del web["NetworkSettings"][member], job["NetworkSettings"][member]
    del listed["Status"]
    for place in (*web["NetworkSettings"]["Networks"].values(), *listed["NetworkSettings"]["Networks"].values()):
        del place["EndpointID"]
    for place in network["Containers"].values():
        del place["EndpointID"]
    return found


@pytest.fixture
def daemon() -> Any:
    with FakeDocker(clock="manual", profile="26", api_version="1.44") as daemon:
        set_up(daemon)
        yield daemon


def test_a_restored_world_is_the_one_that_was_kept(daemon: FakeDocker) -> None:
    before = seen(daemon)
    snapshot = daemon.snapshot("ready")
    ask(daemon, "DELETE", "/containers/web?force=1&v=1")
    ask(daemon, "DELETE", "/volumes/data")
    ask(daemon, "DELETE", "/networks/backend")
    ask(daemon, "DELETE", "/images/made:1")
    daemon.advance(3600)
    for _ in range(2):  # as often as wished
        daemon.restore(snapshot)
        assert seen(daemon) == before
        assert [daemon.engine.read_file("web", f"{path}/f") for path in ("/data", "/anonymous", "/host")] == [
            b"/data/f",
            b"/anonymous/f",
            b"/host/f",
        ]
        assert daemon.engine.read_file("job", "/made") == b"done\n"
        assert daemon.logs("job") == "said\n"
        daemon.engine.write_file("web", "/data/f", "changed")
        daemon.engine.write_file("job", "/made", "changed")
    assert repr(snapshot).startswith("<snapshot 'ready': 2 containers")


def test_what_ran_runs_again_from_its_beginning(daemon: FakeDocker) -> None:
    snapshot = daemon.snapshot()
    assert daemon.logs("web") == "up\n"
    daemon.restore(snapshot)
    daemon.advance(1)
    assert daemon.logs("web") == "up\nup\n"
    assert daemon.engine.read_file("web", "/data/seen") == b"/data/f"


@pytest.mark.parametrize("state", ["paused", "dead", "removing", "restarting", "ghost", "exited"])
def test_containers_are_in_the_states_that_they_had(daemon: FakeDocker, state: str) -> None:
    daemon.force("web", state)
    before = ask(daemon, "GET", "/containers/web/json")["State"]["Status"]
    snapshot = daemon.snapshot()
    daemon.reset()
    daemon.restore(snapshot)
    assert ask(daemon, "GET", "/containers/web/json")["State"]["Status"] == before


def test_images_and_their_layers_are_shared(daemon: FakeDocker) -> None:
    image = daemon.engine.image("made:1")
    daemon.restore(daemon.snapshot())
    assert daemon.engine.image("made:1").layer is image.layer


def test_what_happens_later_does_not_change_a_snapshot(daemon: FakeDocker) -> None:
    snapshot = daemon.snapshot()
    daemon.engine.write_file("web", "/anonymous/f", "later")
    daemon.engine.write_file("job", "/made", "later")
    daemon.restore(snapshot)
    assert daemon.engine.read_file("web", "/anonymous/f") == b"/anonymous/f"
    assert daemon.engine.read_file("job", "/made") == b"done\n"


def test_programs_and_faults_outlive_a_restore(daemon: FakeDocker) -> None:
    @daemon.program("greeter")
    def greeter(process: Any) -> Any:
        yield from process.write(1, b"hello\n")
        return 0

    daemon.faults.add("error", status=503, on="SystemInfo")
    daemon.restore(daemon.snapshot())
    assert len(daemon.faults) == 1
    container = daemon.engine.run("base", "greeter")
    daemon.advance(1)
    assert container.exit_code == 0


def test_a_daemon_of_2013_has_snapshots_too() -> None:
    daemon = FakeDocker(profile="0.4", clock="manual")
    container = daemon.engine.run("base", "sh", "-c", "echo hi; exit 2")
    daemon.advance(1)
    snapshot = daemon.snapshot()
    daemon.reset()
    assert daemon.engine.containers() == []
    daemon.restore(snapshot)
    (again,) = daemon.engine.containers()
    assert (again.id, again.exit_code, again.log.read()) == (container.id, 2, b"hi\n")
