"""Volumes in versions and daemons that are not recorded; what is recorded stands in `tests/conformance/engine_api`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

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


def test_who_asks_in_an_old_version_prunes_what_has_a_name(client: WireClient) -> None:
    client.post("/v1.51/volumes/create", json={"Name": "data"})
    assert client.post("/v1.42/volumes/prune").json["VolumesDeleted"] == []
    assert client.post("/v1.41/volumes/prune").json["VolumesDeleted"] == ["data"]


@pytest.mark.parametrize(
    ("force", "status"), [("", 404), ("0", 404), ("no", 404), ("None", 404), ("1", 204), ("x", 204)]
)
def test_force_is_true_unless_it_says_no(client: WireClient, force: str, status: int) -> None:
    assert client.delete(f"/v1.51/volumes/nonesuch?force={force}").status == status


def test_a_part_of_a_volume_is_known_since_1_45(client: WireClient) -> None:
    options = {"VolumeOptions": {"Subpath": "../x"}}
    mount = {"Type": "volume", "Source": "data", "Target": "/a", **options}
    body = {"Image": "busybox", "Cmd": ["true"], "HostConfig": {"Mounts": [mount]}}
    older, newer = (client.post(f"/v1.{minor}/containers/create", json=body) for minor in (44, 45))
    assert (older.status, older.json["message"]) == (400, "VolumeOptions.Subpath needs API v1.45 or newer")
    assert newer.status == 400
    assert "needs API" not in newer.json["message"]


def test_who_uses_a_volume_is_named(client: WireClient) -> None:
    body = {"Image": "busybox", "Cmd": ["true"], "HostConfig": {"Binds": ["data:/a"]}}
    container = client.post("/v1.51/containers/create", json=body).json["Id"]
    reply = client.delete("/v1.51/volumes/data")
    assert (reply.status, reply.json["message"]) == (409, f"remove data: volume is in use - [{container}]")


@pytest.mark.parametrize("body", ["{", "[]", '{"Name": {}}', '{"Labels": ["a"]}', '{"DriverOpts": {"a": 1}}'])
def test_a_body_that_is_none_is_refused(client: WireClient, body: str) -> None:
    reply = client.post("/v1.51/volumes/create", body, headers={"Content-Type": "application/json"})
    assert reply.status == 400
    assert reply.json["message"].startswith("invalid JSON: ")
