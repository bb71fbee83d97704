"""Networks in versions and daemons that are not recorded; what is recorded stands in `tests/conformance/engine_api`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from wire_client import WireClient

if TYPE_CHECKING:
    from conftest import Daemons

WORLD = Path(__file__).parents[2] / "conformance" / "engine_api" / "world.yaml"


@pytest.fixture
def client(daemons: Daemons) -> Iterator[WireClient]:
    """A connection to the newest daemon."""
    daemon = daemons.fresh(fixture=WORLD, profile="28", seed=1)
    with WireClient(daemon.url) as client:
        yield client
    daemon.check()


def created(client: WireClient, name: str = "web", **config: Any) -> str:
    identity: str = client.post("/v1.51/networks/create", json={"Name": name, **config}).json["Id"]
    return identity


def started(client: WireClient, network: str) -> str:
    body = {"Image": "busybox", "Cmd": ["sleep", "1000"], "HostConfig": {"NetworkMode": network}}
    identity: str = client.post("/v1.51/containers/create", json=body).json["Id"]
    assert client.post(f"/v1.51/containers/{identity}/start").status == 204
    return identity


def test_lists_tell_who_is_there_in_old_versions_only(client: WireClient) -> None:
    created(client)
    container = started(client, "web")
    for version, shown in (("v1.27", {container}), ("v1.28", set()), ("v1.51", set())):
        (network,) = client.get(f'/{version}/networks?filters={{"name":["web"]}}').json
        assert network["Containers"].keys() == shown
    assert client.get("/v1.51/networks/web").json["Containers"].keys() == {container}


def test_a_list_may_end_with_a_slash(client: WireClient) -> None:
    assert client.get("/v1.51/networks/").json == client.get("/v1.51/networks").json


def test_a_name_may_have_slashes(client: WireClient) -> None:
    identity = created(client, "team/web")
    assert client.get("/v1.51/networks/team/web").json["Id"] == identity
    container = started(client, "bridge")
    assert client.post("/v1.51/networks/team/web/connect", json={"Container": container}).status == 200
    assert client.post("/v1.51/networks/team/web/disconnect", json={"Container": container}).status == 200
    assert client.delete("/v1.51/networks/team/web").status == 204


def test_addresses_stay_with_their_networks(client: WireClient) -> None:
    created(client, "a", IPAM={"Config": [{"Subnet": "10.1.0.0/24"}]})
    container = started(client, "a")
    created(client, "b", IPAM={"Config": [{"Subnet": "10.2.0.0/24"}]})
    body = {"Container": container, "EndpointConfig": {"IPAMConfig": {"IPv4Address": "10.2.0.9"}, "Aliases": ["x"]}}
    assert client.post("/v1.51/networks/b/connect", json=body).status == 200
    places = client.get(f"/v1.51/containers/{container}/json").json["NetworkSettings"]["Networks"]
    assert {name: place["IPAddress"] for name, place in places.items()} == {"a": "10.1.0.2", "b": "10.2.0.9"}
    assert places["b"]["Aliases"] == ["x"]
    assert places["b"]["IPAMConfig"] == {"IPv4Address": "10.2.0.9"}


@pytest.mark.parametrize("body", ["{", "[]", '{"Name": {}}', '{"IPAM": 5}', '{"Name": "x", "IPAM": {"Config": [5]}}'])
def test_a_body_that_is_none_is_refused(client: WireClient, body: str) -> None:
    reply = client.post("/v1.51/networks/create", body, headers={"Content-Type": "application/json"})
    assert reply.status == 400
    assert reply.json["message"].startswith("invalid JSON: ")


def test_members_that_are_null_say_nothing(client: WireClient) -> None:
    body = (
        '{"Name": "x", "IPAM": {"Config": null, "Options": null}, "Options": null, "Labels": null, "ConfigFrom": null}'
    )
    reply = client.post("/v1.51/networks/create", body, headers={"Content-Type": "application/json"})
    assert reply.status == 201
    assert client.get("/v1.51/networks/x").json["Labels"] == {}
