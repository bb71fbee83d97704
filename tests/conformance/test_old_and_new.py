"""The oldest API beside that of today: one daemon, one container, asked through 1.1 and 1.41 at once.

Whoever made something, and whoever did something to it: both have to tell the same truth. What they tell in other
words (`sha256:`, short ids, `Exit 3` for `Exited (3) …`) is brought into one here.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from wire_client import WireClient

from fakedocker.wire import gojson

SHORT = 12
CREATED = {
    "old": {
        "Image": "base",
        "Cmd": ["sh", "-c", "echo hi; echo data >/new; rm /etc/passwd; exit 3"],
        "Env": ["A=b"],
        "PortSpecs": ["8099:80"],
        "Volumes": {"/v": {}},
        "Memory": 64 << 20,
    },
    "new": {
        "Image": "base",
        "Cmd": ["sh", "-c", "echo hi; echo data >/new; rm /etc/passwd; exit 3"],
        "Env": ["A=b"],
        "ExposedPorts": {"80/tcp": {}},
        "Volumes": {"/v": {}},
        "HostConfig": {"PortBindings": {"80/tcp": [{"HostPort": "8099"}]}, "Memory": 64 << 20},
    },
}
WAITING = {
    "old": {"Image": "base", "Cmd": ["cat"], "OpenStdin": True, "StdinOnce": True, "AttachStdout": True},
    "new": {"Image": "base", "Cmd": ["cat"], "OpenStdin": True, "StdinOnce": True, "AttachStdout": True},
}


@dataclass(frozen=True)
class Way:
    """One version of the API to the daemon."""

    name: str
    prefix: str
    connect: Callable[[], WireClient]

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Ask, and return the answer as JSON; None if it has none. Fails if it is an error."""
        reply = self.connect().request(method, f"{self.prefix}{path}", json=body)
        assert reply.status < 400, f"{self.name}: {method} {path}: {reply.status} {reply.text}"
        return reply.json if reply.body[:1] in (b"{", b"[") else None

    def status(self, method: str, path: str) -> int:
        return self.connect().request(method, f"{self.prefix}{path}").status

    def create(self, bodies: dict[str, Any]) -> str:
        """Create a container as this version does it, and return its id, short."""
        return str(self.ask("POST", "/containers/create", bodies[self.name])["Id"])[:SHORT]


@pytest.fixture
def ways(connect: Callable[[], WireClient]) -> dict[str, Way]:
    return {"old": Way("old", "/v1.1", connect), "new": Way("new", "/v1.41", connect)}


@pytest.fixture(params=["old first", "new first"])
def pair(request: pytest.FixtureRequest, ways: dict[str, Way]) -> tuple[Way, Way]:
    """Who makes things, and who does the rest; both ways round."""
    names = ("old", "new") if request.param == "old first" else ("new", "old")
    return ways[names[0]], ways[names[1]]


def truth(way: Way, container: str) -> dict[str, Any]:
    """Return what a version tells of a container, in one form for both."""
    told = way.ask("GET", f"/containers/{container}/json")
    state, config = told["State"], told["Config"]
    common = {
        "id": told["Id"],
        "created": told["Created"],
        "path": told["Path"],
        "arguments": told["Args"],
        "command": config["Cmd"],
        "environment": [one for one in config["Env"] if one.startswith("A=")],
        "hostname": config["Hostname"],
        "image": told["Image"].removeprefix("sha256:"),
        "state": (state["Running"], state["Pid"], state["ExitCode"], state["StartedAt"]),
    }
    network = told["NetworkSettings"]
    if way.name == "old":
        return common | {
            "memory": config["Memory"],
            "ports": network["PortMapping"] or {},
            "address": (network["IpAddress"], network["Gateway"], network["IpPrefixLen"]),
            "volumes": told["Volumes"] or {},
        }
    ports = {port.partition("/")[0]: bound[0]["HostPort"] for port, bound in network["Ports"].items() if bound}
    return common | {
        "memory": told["HostConfig"]["Memory"],
        "ports": ports,
        "address": (network["IPAddress"], network["Gateway"], network["IPPrefixLen"]),
        "volumes": {mount["Destination"]: mount["Name"] for mount in told["Mounts"]},
    }


def listed(way: Way, *, everything: bool = True) -> list[tuple[str, int, str]]:
    """Return the containers that a version lists: short id, when it was created, its state."""
    found = []
    for one in way.ask("GET", f"/containers/json?all={int(everything)}"):
        status = one["Status"].replace("Exited (", "Exit ").partition(")")[0]
        found.append((one["Id"][:SHORT], one["Created"], status.split(" ago")[0]))
    return found


def names(way: Way) -> set[tuple[str, str]]:
    """Return the images that a version lists: name with its tag, short id."""
    images = way.ask("GET", "/images/json")
    if way.name == "old":
        return {(f"{one['Repository']}:{one['Tag']}", one["Id"]) for one in images if "Repository" in one}
    return {
        (name, one["Id"].removeprefix("sha256:")[:SHORT])
        for one in images
        for name in one["RepoTags"] or ()
        if name != "<none>:<none>"
    }


def both(pair: tuple[Way, Way], tell: Callable[..., Any], *arguments: Any) -> Any:
    """Return what both tell; they have to tell the same."""
    first, second = (tell(way, *arguments) for way in pair)
    assert first == second
    return first


def test_what_one_creates_the_other_starts_and_both_see(pair: tuple[Way, Way]) -> None:
    maker, other = pair
    container = maker.create(CREATED)
    created = both(pair, truth, container)
    assert created["state"] == (False, 0, 0, "0001-01-01T00:00:00Z")
    assert (created["memory"], created["environment"]) == (64 << 20, ["A=b"])
    other.ask("POST", f"/containers/{container}/start")
    assert maker.ask("POST", f"/containers/{container}/wait")["StatusCode"] == 3
    assert other.ask("POST", f"/containers/{container}/wait")["StatusCode"] == 3
    assert both(pair, truth, container)["state"][:3] == (False, 0, 3)
    assert [one[0] for one in both(pair, listed)] == [container]
    assert both(pair, listed)[0][2] == "Exit 3"


def test_both_see_what_a_container_changed(pair: tuple[Way, Way]) -> None:
    maker, other = pair
    container = maker.create(CREATED)
    other.ask("POST", f"/containers/{container}/start")
    maker.ask("POST", f"/containers/{container}/wait")
    changes = both(pair, lambda way: sorted((one["Path"], one["Kind"]) for one in changes_of(way, container)))
    assert ("/new", 1) in changes
    assert ("/etc/passwd", 2) in changes


def changes_of(way: Way, container: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = way.ask("GET", f"/containers/{container}/changes")
    return found


def test_ports_addresses_and_volumes_of_a_running_container_are_the_same(pair: tuple[Way, Way]) -> None:
    maker, other = pair
    bodies = {name: {**body, "Cmd": ["sleep", "1000"]} for name, body in CREATED.items()}
    container = maker.create(bodies)
    other.ask("POST", f"/containers/{container}/start")
    running = both(pair, truth, container)
    assert running["ports"] == {"80": "8099"}
    assert list(running["volumes"]) == ["/v"]
    assert all(running["address"])
    assert running["state"][0]
    assert both(pair, lambda way: [one[0] for one in listed(way, everything=False)]) == [container]
    maker.ask("POST", f"/containers/{container}/stop?t=0")
    assert both(pair, truth, container)["state"][:3] == (False, 0, 137)
    assert both(pair, lambda way: listed(way, everything=False)) == []
    other.ask("POST", f"/containers/{container}/restart?t=0")
    assert both(pair, truth, container)["state"][0]


def test_one_writes_to_a_container_and_the_other_reads_what_it_says(pair: tuple[Way, Way]) -> None:
    maker, other = pair
    container = maker.create(WAITING)
    other.ask("POST", f"/containers/{container}/start")
    writer, reader = maker.connect(), other.connect()
    reader.ask("POST", f"{other.prefix}/containers/{container}/attach?stream=1&stdout=1")
    assert reader.head().status == 200
    writer.ask("POST", f"{maker.prefix}/containers/{container}/attach?stream=1&stdin=1")
    assert writer.head().status == 200
    writer.send(b"said by one\n")
    writer.half_close()
    said = reader.rest()
    assert b"said by one\n" in said
    assert maker.ask("POST", f"/containers/{container}/wait")["StatusCode"] == 0
    logs = other.connect().request("POST", f"{other.prefix}/containers/{container}/attach?logs=1&stdout=1")
    assert b"said by one\n" in logs.body


def test_what_one_commits_the_other_runs(pair: tuple[Way, Way]) -> None:
    maker, other = pair
    container = maker.create(CREATED)
    maker.ask("POST", f"/containers/{container}/start")
    other.ask("POST", f"/containers/{container}/wait")
    told = maker.ask("POST", f"/commit?container={container}&repo=made&tag=latest", {} if maker.name == "new" else None)
    image = told["Id"].removeprefix("sha256:")[:SHORT]
    assert ("made:latest", image) in both(pair, names)
    for way in pair:
        inspected = way.ask("GET", "/images/made/json")
        assert (inspected.get("Id") or inspected["id"]).removeprefix("sha256:").startswith(image)
    body = {"Image": "made", "Cmd": ["sh", "-c", "test -f /new && test ! -e /etc/passwd"]}
    later = other.create({"old": body, "new": body})
    other.ask("POST", f"/containers/{later}/start")
    assert maker.ask("POST", f"/containers/{later}/wait")["StatusCode"] == 0


def test_a_name_that_one_gives_is_a_name_for_the_other(pair: tuple[Way, Way]) -> None:
    maker, other = pair
    tag = "/images/base/tag?repo=other&tag=mine"
    maker.ask("POST", tag)
    assert any(name == "other:mine" for name, _ in both(pair, names))
    other.ask("DELETE", "/images/other:mine")
    assert not any(name == "other:mine" for name, _ in both(pair, names))


def test_what_one_removes_is_gone_for_the_other(pair: tuple[Way, Way]) -> None:
    maker, other = pair
    container = maker.create(CREATED)
    other.ask("DELETE", f"/containers/{container}?v=1")
    assert both(pair, lambda way: way.status("GET", f"/containers/{container}/json")) == 404
    assert both(pair, listed) == []


def test_a_container_has_a_name_for_both_where_one_has_names(ways: dict[str, Way]) -> None:
    old, new = ways["old"], ways["new"]
    container = old.create(CREATED)
    name = new.ask("GET", f"/containers/{container}/json")["Name"].lstrip("/")
    new.ask("POST", f"/containers/{name}/rename?name=chosen")
    assert new.ask("GET", "/containers/chosen/json")["Id"] == old.ask("GET", f"/containers/{container}/json")["Id"]
    named = new.ask("POST", "/containers/create?name=mine", CREATED["new"])["Id"]
    old.ask("POST", f"/containers/{named[:SHORT]}/start")
    assert new.ask("GET", "/containers/mine/json")["State"]["StartedAt"] != "0001-01-01T00:00:00Z"


def test_both_count_the_same_and_are_the_same_daemon(pair: tuple[Way, Way]) -> None:
    pair[0].create(CREATED)
    counted = both(pair, lambda way: {key: way.ask("GET", "/info")[key] for key in ("Containers", "Images")})
    assert counted["Containers"] == 1
    both(pair, lambda way: way.ask("GET", "/version")["Version"])


def test_what_one_does_is_an_event_for_the_other(ways: dict[str, Way]) -> None:
    old, new = ways["old"], ways["new"]
    container = old.create(CREATED)
    old.ask("POST", f"/containers/{container}/start")
    old.ask("POST", f"/containers/{container}/wait")
    old.ask("DELETE", f"/containers/{container}")
    reply = new.connect().get(f"{new.prefix}/events?since=0&until={time.time():.6f}")
    told = [one["Action"] for one in gojson.split(reply.body) if one["Actor"]["ID"].startswith(container)]
    assert told == ["create", "start", "die", "destroy"]
