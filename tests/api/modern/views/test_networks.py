"""Networks as each daemon shows them: its members in its order."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from wire_client import WireClient

if TYPE_CHECKING:
    from conftest import Daemons

WORLD = Path(__file__).parents[3] / "conformance" / "engine_api" / "world.yaml"
#: What a place in a network begins and ends with.
WISHES = ("IPAMConfig", "Links", "Aliases")
ADDRESSES = (
    *("NetworkID", "EndpointID", "Gateway", "IPAddress", "IPPrefixLen", "IPv6Gateway"),
    *("GlobalIPv6Address", "GlobalIPv6PrefixLen"),
)


@pytest.fixture(params=["20.10", "26", "28"])
def profile(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


@pytest.fixture
def client(daemons: Daemons, profile: str) -> Iterator[WireClient]:
    daemon = daemons.fresh(fixture=WORLD, profile=profile, seed=1)
    with WireClient(daemon.url) as client:
        yield client
    daemon.check()


def started(client: WireClient) -> dict[str, Any]:
    """Return what an inspection of a running container shows."""
    body = {
        "Image": "busybox",
        "Cmd": ["sleep", "1000"],
        "ExposedPorts": {"80/tcp": {}, "53/udp": {}},
        "HostConfig": {"PortBindings": {"80/tcp": [{"HostPort": "8080"}]}},
    }
    identity = client.post("/v1.41/containers/create", json=body).json["Id"]
    assert client.post(f"/v1.41/containers/{identity}/start").status == 204
    shown: dict[str, Any] = client.get(f"/v1.41/containers/{identity}/json").json
    return shown


def test_a_network_has_the_members_of_the_day(client: WireClient, profile: str) -> None:
    members = list(client.get("/v1.41/networks/host").json)
    before, after = ["Name", "Id", "Created", "Scope", "Driver"], ["EnableIPv6", "IPAM", "Internal", "Attachable"]
    middle = ["EnableIPv4"] if profile == "28" else []
    assert members[: len([*before, *middle, *after])] == [*before, *middle, *after]


def test_a_place_has_the_members_of_the_day(client: WireClient, profile: str) -> None:
    place = started(client)["NetworkSettings"]["Networks"]["bridge"]
    assert (
        list(place)
        == {
            "20.10": [*WISHES, *ADDRESSES, "MacAddress", "DriverOpts"],
            "26": [*WISHES, "MacAddress", *ADDRESSES, "DriverOpts", "DNSNames"],
            "28": [*WISHES, "MacAddress", "DriverOpts", "GwPriority", *ADDRESSES, "DNSNames"],
        }[profile]
    )


def test_the_default_network_is_told_twice(client: WireClient) -> None:
    settings = started(client)["NetworkSettings"]
    place = settings["Networks"]["bridge"]
    for name in ("EndpointID", "Gateway", "IPAddress", "IPPrefixLen", "MacAddress"):
        assert settings[name] == place[name]
        assert settings[name]


def test_ports_are_shown_with_where_they_lead(client: WireClient) -> None:
    shown = started(client)
    assert shown["NetworkSettings"]["Ports"] == {
        "53/udp": None,
        "80/tcp": [{"HostIp": "0.0.0.0", "HostPort": "8080"}, {"HostIp": "::", "HostPort": "8080"}],
    }
    (listed,) = client.get("/v1.41/containers/json").json
    assert listed["Ports"] == [
        {"PrivatePort": 53, "Type": "udp"},
        {"IP": "0.0.0.0", "PrivatePort": 80, "PublicPort": 8080, "Type": "tcp"},
        {"IP": "::", "PrivatePort": 80, "PublicPort": 8080, "Type": "tcp"},
    ]
