"""Times and durations as API 1.0 and 1.1 show them, and what they show of containers of today.

What they show of those of their own days is tested over the wire.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from wire_client import WireClient

from fakedocker import FakeDocker
from fakedocker.api.antique import views
from fakedocker.engine.containers.config import Healthcheck
from fakedocker.engine.containers.hostconfig import HostConfig, PortBinding, RestartPolicy

DAY = 86400


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (0, "0001-01-01T00:00:00Z"),
        (1371042000, "2013-06-12T13:00:00Z"),
        (1371042000.5, "2013-06-12T13:00:00.5Z"),
        (1371042000.000001, "2013-06-12T13:00:00.000001Z"),
        (1371042000.25, "2013-06-12T13:00:00.25Z"),
    ],
)
def test_a_time_has_as_many_digits_as_it_needs(moment: float, text: str) -> None:
    assert views.timestamp(moment) == text


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-1, "Less than a second"),
        (0.99, "Less than a second"),
        (1, "1 seconds"),
        (59.99, "59 seconds"),
        (60, "About a minute"),
        (120, "2 minutes"),
        (3600, "About an hour"),
        (7200, "2 hours"),
        (2 * DAY - 1, "47 hours"),
        (2 * DAY, "2 days"),
        (14 * DAY, "2 weeks"),
        (90 * DAY, "3 months"),
        (730 * DAY, "2 years"),
    ],
)
def test_a_duration_is_told_in_words(seconds: float, words: str) -> None:
    assert views.duration(seconds) == words


# -- containers of a daemon of today -----------------------------------------------------------------


@pytest.fixture
def today() -> Iterator[FakeDocker]:
    with FakeDocker(profile="any", clock="manual", seed=1) as daemon:
        yield daemon


@pytest.fixture
def old(today: FakeDocker) -> Iterator[WireClient]:
    with WireClient(today.url) as client:
        yield client


def test_a_container_of_today_is_shown_with_its_place_its_ports_and_its_volumes(
    today: FakeDocker, old: WireClient
) -> None:
    bindings = {"80/tcp": (PortBinding("", "8080"),), "53/udp": (PortBinding("", "53"),), "90/tcp": (PortBinding(),)}
    host = HostConfig(port_bindings=bindings, binds=("data:/data", "/host:/there"), dns=("1.1.1.1",))
    container = today.engine.run("base", "sleep", "9", host_config=host, volumes={"/v": {}}, memory=64 << 20)
    shown = old.get(f"/v1.1/containers/{container.id}/json").json
    random = shown["NetworkSettings"]["PortMapping"].pop("90")
    assert shown["NetworkSettings"] == {
        "IpAddress": "172.17.0.2",
        "IpPrefixLen": 16,
        "Gateway": "172.17.0.1",
        "Bridge": "docker0",
        "PortMapping": {"80": "8080"},
    }
    assert set(shown["Volumes"]) == {"/data", "/v"}
    assert shown["Volumes"]["/data"] == "data"
    config = {name: shown["Config"][name] for name in ("PortSpecs", "Dns", "Memory")}
    assert config == {"PortSpecs": ["8080:80", "90"], "Dns": ["1.1.1.1"], "Memory": 64 << 20}
    (listed,) = old.get("/v1.1/containers/json").json
    assert listed["Ports"] == ", ".join(sorted(["8080->80", f"{random}->90"]))
    assert (listed["Image"], listed["Status"]) == ("base:latest", "Up Less than a second")


def test_one_that_does_not_run_has_no_place(today: FakeDocker, old: WireClient) -> None:
    container = today.engine.create("base", "true", port_specs=("8080:80",))
    empty = {"IpAddress": "", "IpPrefixLen": 0, "Gateway": "", "Bridge": "", "PortMapping": None}
    assert old.get(f"/v1.1/containers/{container.id}/json").json["NetworkSettings"] == empty
    today.engine.start(container)
    today.advance(1)
    assert old.get(f"/v1.1/containers/{container.id}/json").json["NetworkSettings"] == empty


def paused(daemon: FakeDocker) -> None:
    daemon.engine.pause(daemon.engine.run("base", "sleep", "9"))
    daemon.advance(3)


def restarting(daemon: FakeDocker) -> None:
    daemon.engine.run("base", "false", host_config=HostConfig(restart_policy=RestartPolicy("always")))
    daemon.advance(0.05)


def unhealthy(daemon: FakeDocker) -> None:
    daemon.engine.run("base", "sleep", "9", healthcheck=Healthcheck(("CMD", "false"), interval=1, retries=1))
    daemon.advance(3)


@pytest.mark.parametrize(
    ("come", "status"),
    [(paused, "Up 3 seconds"), (restarting, "Up Less than a second"), (unhealthy, "Up 3 seconds")],
)
def test_states_that_came_later_are_told_in_old_words(
    today: FakeDocker, old: WireClient, come: Callable[[FakeDocker], None], status: str
) -> None:
    come(today)
    (listed,) = old.get("/v1.1/containers/json").json
    assert listed["Status"] == status
    state = old.get(f"/v1.1/containers/{listed['Id']}/json").json["State"]
    assert (state["Running"], state["Ghost"]) == (True, False)


def test_what_is_wrong_is_told_when_a_container_is_created_or_started(today: FakeDocker, old: WireClient) -> None:
    for body, status, words in (
        ({"VolumesFrom": "nope"}, 500, "No such container: nope"),
        ({"PortSpecs": ["x"]}, 500, "x"),
    ):
        reply = old.post("/v1.1/containers/create", json={"Image": "base", "Cmd": ["true"], **body})
        assert (reply.status, words in reply.text) == (status, True)
    assert today.engine.containers() == []
    today.engine.run("base", "sleep", "9", port_specs=("8080:80",))
    second = today.engine.create("base", "sleep", "9", port_specs=("8080:80",))
    reply = old.post(f"/v1.1/containers/{second.id}/start")
    assert reply.status == 500
    assert reply.text.startswith(f"Error starting container {second.id}: ")
    assert "Bind for 0.0.0.0:8080 failed: port is already allocated" in reply.text
    assert today.engine.volumes() == []


def test_today_sees_what_2013_creates(today: FakeDocker, old: WireClient) -> None:
    body = {"Image": "base", "Cmd": ["sleep", "9"], "PortSpecs": ["8080:80"], "Volumes": {"/v": {}}, "Memory": 64 << 20}
    identity = old.post("/v1.1/containers/create", json=body).json["Id"]
    second = {"Image": "base", "Cmd": ["sleep", "9"], "VolumesFrom": identity, "Dns": ["1.1.1.1"]}
    other = old.post("/v1.1/containers/create", json=second).json["Id"]
    for one in (identity, other):
        assert old.post(f"/v1.1/containers/{one}/start").status == 200
    shown = old.get(f"/v1.51/containers/{identity}/json").json
    assert shown["Name"].strip("/")
    assert [mount["Destination"] for mount in shown["Mounts"]] == ["/v"]
    assert shown["HostConfig"]["PortBindings"] == {"80/tcp": [{"HostIp": "", "HostPort": "8080"}]}
    assert (shown["HostConfig"]["Memory"], shown["HostConfig"]["NetworkMode"]) == (64 << 20, "bridge")
    assert shown["NetworkSettings"]["Networks"]["bridge"]["IPAddress"] == "172.17.0.2"
    assert shown["NetworkSettings"]["Ports"]["80/tcp"][0] == {"HostIp": "0.0.0.0", "HostPort": "8080"}
    shown = old.get(f"/v1.51/containers/{other}/json").json
    assert (shown["HostConfig"]["VolumesFrom"], shown["HostConfig"]["Dns"]) == ([identity], ["1.1.1.1"])
    assert [mount["Destination"] for mount in shown["Mounts"]] == ["/v"]
    members = old.get("/v1.51/networks/bridge").json["Containers"]
    assert len(members) == 2
