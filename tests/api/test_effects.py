"""What a request said and nothing followed from: told of what is unknown, and of nothing that had an effect."""

from __future__ import annotations

from typing import Any

import pytest
from wire_client import WireClient

from fakedocker import DaemonError, FakeDocker
from fakedocker.api.effects import unheeded, wishes
from fakedocker.api.modern.shapes import CREATE, HOST_CONFIG

PLAIN = {"Image": "base", "Cmd": ["true"]}


def told(daemon: FakeDocker) -> list[str]:
    entry = daemon.journal.last
    assert entry is not None
    return [*entry.without_effect]


@pytest.mark.parametrize(
    ("query", "without_effect"),
    [
        ("all=1&sise=1", ["query sise"]),
        ("ALL=1", ["query ALL"]),
        ("sise=0&x=&y=false&z=null&filter={}", []),
        ("all=1&limit=1&since=&filters={}", []),
        ("sise=1&sise=2", ["query sise"]),
    ],
)
def test_a_parameter_that_nobody_asked_for_is_told(
    daemon: FakeDocker, client: WireClient, query: str, without_effect: list[str]
) -> None:
    assert client.get(f"/v1.51/containers/json?{query}").status == 200
    assert told(daemon) == without_effect
    if "limit" not in query:
        client.get(f"/v1.1/containers/json?{query.replace('ALL', 'XALL')}")
        assert told(daemon) == [one.replace("ALL", "XALL") for one in without_effect]


@pytest.mark.parametrize(
    ("body", "without_effect"),
    [
        (PLAIN, []),
        ({**PLAIN, "Imagee": "x"}, ["body Imagee"]),
        ({**PLAIN, "Imagee": "", "Other": None, "More": [0, {}]}, []),
        ({**PLAIN, "image": "base"}, []),
        ({**PLAIN, "HostConfig": {"CapAdd": ["ALL"], "Memory": 1 << 30}}, ["body HostConfig.CapAdd"]),
        ({**PLAIN, "HostConfig": {"CapAdd": [], "ShmSize": 0, "MemorySwappiness": -1, "ConsoleSize": [24, 80]}}, []),
        ({**PLAIN, "HostConfig": {"RestartPolicy": {"Nam": "always"}}}, ["body HostConfig.RestartPolicy.Nam"]),
        (
            {**PLAIN, "HostConfig": {"PortBindings": {"80/tcp": [{"HostPort": "0", "Host": "x"}]}}},
            ["body HostConfig.PortBindings.80/tcp.Host"],
        ),
    ],
)
def test_a_member_that_changes_nothing_is_told(
    daemon: FakeDocker, client: WireClient, body: dict[str, Any], without_effect: list[str]
) -> None:
    assert client.post("/v1.51/containers/create", json=body).status == 201
    assert told(daemon) == without_effect


def test_of_a_request_that_is_refused_nothing_is_told(daemon: FakeDocker, client: WireClient) -> None:
    client.get("/v1.51/containers/nobody/json?sise=1")
    assert told(daemon) == []


def test_a_body_that_nobody_reads_is_told(daemon: FakeDocker, client: WireClient) -> None:
    daemon.engine.create("base", "true", name="web")
    client.post("/v1.51/containers/web/restart", json={"signal": "SIGINT"})
    assert told(daemon) == ["body"]
    client.post("/v1.51/containers/web/stop", b"{}", headers={"Content-Type": "application/json"})
    assert told(daemon) == []


def test_what_older_clients_go_on_sending_is_not_told(daemon: FakeDocker, client: WireClient) -> None:
    web = daemon.engine.run("base", "sleep", "600", name="web")
    client.post("/v1.51/containers/web/exec", json={"Container": web.id, "Cmd": ["true"]})
    assert told(daemon) == []
    client.post("/v1.51/commit?container=web&pause=True", json={})
    assert told(daemon) == []


def test_a_secret_is_hidden_in_what_is_told_as_well(daemon: FakeDocker, client: WireClient) -> None:
    client.post("/v1.51/auth", json={"username": "me", "password": "hunter2hunter2"})
    client.get("/v1.51/containers/json?hunter2hunter2=1")
    assert told(daemon) == ["query {secret:password}"]


def test_a_body_of_nonsense_is_told_in_part_only(daemon: FakeDocker, client: WireClient) -> None:
    client.post("/v1.51/containers/create", json=PLAIN | {f"x{number}": 1 for number in range(1000)})
    assert len(told(daemon)) == 100
    client.get("/v1.51/containers/json?" + "&".join(f"{'y' * 500}{number}=1" for number in range(120)))
    assert len(told(daemon)) == 100
    assert {len(one) for one in told(daemon)} == {200}


def test_a_strict_daemon_fails_once_for_what_had_no_effect() -> None:
    with FakeDocker(strict=True) as daemon, WireClient(daemon.url) as client:
        client.get("/v1.51/containers/json?all=1")
        daemon.check()
        client.post("/v1.51/containers/create", json={**PLAIN, "HostConfig": {"CapAdd": ["ALL"]}})
        client.get("/v1.51/containers/json?sise=1")
        with pytest.raises(DaemonError) as failure:
            daemon.check()
        assert str(failure.value) == (
            "clients said what had no effect: ContainerCreate: body HostConfig.CapAdd; ContainerList: query sise"
        )
        daemon.check()


def test_any_other_daemon_does_not(daemon: FakeDocker, client: WireClient) -> None:
    client.get("/v1.51/containers/json?sise=1")
    daemon.check()


def test_members_are_found_wherever_they_stand() -> None:
    value = {"HostConfig": {"Mounts": [{"Target": "/x", "Colour": "blue"}]}, "Labels": {"any": "thing"}}
    assert [*unheeded(value, CREATE, {})] == ["HostConfig.Mounts.Colour"]
    assert [*unheeded({"Init": True}, HOST_CONFIG, {HOST_CONFIG.name: {"Init"}})] == ["Init"]
    assert [*unheeded("text", CREATE, {})] == []


@pytest.mark.parametrize("value", [0, -1, "", None, False, [], {}, [0, 0], {"Type": ""}, {"a": [None]}])
def test_who_says_nothing_wishes_nothing(value: object) -> None:
    assert not wishes(value)
