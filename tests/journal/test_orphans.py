"""Orphans: what clients have made and left."""

from __future__ import annotations

import pytest
from wire_client import WireClient

from fakedocker import FakeDocker
from fakedocker.journal import Orphans


def create(client: WireClient, name: str, **body: object) -> str:
    reply = client.post(f"/v1.51/containers/create?name={name}", json={"Image": "base", "Cmd": ["true"], **body})
    assert reply.status == 201
    identity: str = reply.json["Id"]
    return identity


def test_what_a_client_made_and_left_is_named(daemon: FakeDocker, client: WireClient) -> None:
    daemon.engine.create("base", "true", name="of-the-test")
    create(client, "web")
    gone = create(client, "gone")
    client.post("/v1.51/networks/create", json={"Name": "lan"})
    client.post("/v1.51/volumes/create", json={"Name": "data"})
    assert client.delete(f"/v1.51/containers/{gone}").status == 204
    assert daemon.orphans() == Orphans(("web",), ("lan",), ("data",))
    assert daemon.orphans().to_json() == {"containers": ["web"], "networks": ["lan"], "volumes": ["data"]}
    with pytest.raises(AssertionError, match="left it: containers web; networks lan; volumes data"):
        daemon.assert_no_orphans()


def test_who_removes_everything_leaves_nothing(daemon: FakeDocker, client: WireClient) -> None:
    create(client, "web")
    client.delete("/v1.51/containers/web")
    assert not daemon.orphans()
    assert str(daemon.orphans()) == "nothing"
    daemon.assert_no_orphans()


def test_a_volume_without_a_name_is_left_by_who_removes_its_container_only(
    daemon: FakeDocker, client: WireClient
) -> None:
    create(client, "web", Volumes={"/data": {}})
    client.delete("/v1.51/containers/web")
    left = daemon.orphans()
    assert left.containers == ()
    assert [*left.volumes] == [volume.name for volume in daemon.engine.volumes()]
    create(client, "db", Volumes={"/data": {}})
    client.delete("/v1.51/containers/db?v=1")
    assert len(daemon.orphans().volumes) == 1


def test_an_orphan_has_the_name_that_it_has_now(daemon: FakeDocker, client: WireClient) -> None:
    create(client, "web")
    client.post("/v1.51/containers/web/rename?name=web2")
    assert daemon.orphans().containers == ("web2",)


def test_a_cleared_journal_still_knows_them_and_a_new_world_has_none(daemon: FakeDocker, client: WireClient) -> None:
    create(client, "web")
    daemon.journal.clear()
    assert daemon.orphans()
    daemon.reset()
    assert not daemon.orphans()
