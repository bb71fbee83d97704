"""Forced states: what list, inspect and the refusals say of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from wire_client import WireClient

from fakedocker import FakeDocker
from fakedocker.engine.containers.forcing import FORCES
from fakedocker.engine.containers.lifecycle import State


@pytest.fixture
def daemon() -> Iterator[FakeDocker]:
    with FakeDocker(clock="manual") as daemon:
        check = {"Test": ["CMD", "true"]}
        body = {"Image": "base", "Cmd": ["sleep", "100000"], "Healthcheck": check}
        assert ask(daemon, "POST", "/containers/create?name=web", body)[0] == 201
        yield daemon


def ask(daemon: FakeDocker, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    with WireClient(daemon.url) as client:
        reply = client.request(method, f"/v1.41{path}", json=body)
    return reply.status, reply.json if reply.body else None


def shown(daemon: FakeDocker) -> tuple[str, str]:
    (listed,) = ask(daemon, "GET", "/containers/json?all=1")[1]
    return listed["State"], listed["Status"]


@pytest.mark.parametrize("begin", ["created", "running", "paused", "exited"])
@pytest.mark.parametrize("state", FORCES)
def test_every_state_can_be_had_from_every_other(daemon: FakeDocker, begin: str, state: str) -> None:
    if begin != "created":
        daemon.force("web", begin)
    daemon.force("web", state)
    wanted = {"ghost": "running", "oom-killed": "exited", "healthy": "running", "unhealthy": "running"}
    wanted["starting"] = "running"
    assert shown(daemon)[0] == wanted.get(state, state)
    assert ask(daemon, "GET", "/containers/web/json")[1]["State"]["Status"] == wanted.get(state, state)
    daemon.force("web", "running")  # and back again
    assert shown(daemon)[0] == "running"
    daemon.check()


@pytest.mark.parametrize(
    ("state", "method", "path", "status", "told"),
    [
        ("removing", "POST", "/containers/web/start", 409, "container is marked for removal and cannot be started"),
        ("removing", "DELETE", "/containers/web?force=1", 409, "removal of container {id} is already in progress"),
        ("removing", "POST", "/commit?container=web", 409, "You cannot commit container {id} which is being removed"),
        ("dead", "POST", "/commit?container=web", 409, "You cannot commit container {id} which is Dead"),
        ("dead", "POST", "/containers/web/start", 409, "container is marked for removal and cannot be started"),
    ],
)
def test_refusals_are_those_of_the_state(
    daemon: FakeDocker, state: str, method: str, path: str, status: int, told: str
) -> None:
    daemon.force("web", state)
    identity = daemon.engine.container("web").id
    assert ask(daemon, method, path) == (status, {"message": told.format(id=identity)})


def test_lists_have_the_daemons_words(daemon: FakeDocker) -> None:
    daemon.force("web", "dead")
    assert shown(daemon) == ("dead", "Dead")
    daemon.force("web", "removing")
    assert shown(daemon) == ("removing", "Removal In Progress")
    daemon.force("web", "unhealthy")
    assert shown(daemon)[1].endswith("(unhealthy)")


def test_a_forced_health_stays_and_is_told(daemon: FakeDocker) -> None:
    daemon.force("web", "unhealthy")
    daemon.advance(3600)
    assert shown(daemon)[1] == "Up About an hour (unhealthy)"
    assert daemon.events()[-1]["action"] == "health_status: unhealthy"
    daemon.force("web", "healthy")
    assert daemon.events()[-1]["action"] == "health_status: healthy"


def test_what_was_killed_for_memory_says_so(daemon: FakeDocker) -> None:
    daemon.force("web", "oom-killed")
    state = ask(daemon, "GET", "/containers/web/json")[1]["State"]
    assert (state["OOMKilled"], state["ExitCode"]) == (True, 137)
    assert [event["action"] for event in daemon.events()][-3:] == ["oom", "disconnect", "die"]


def test_a_dead_container_can_be_removed(daemon: FakeDocker) -> None:
    daemon.force("web", "dead")
    assert ask(daemon, "DELETE", "/containers/web")[0] == 204
    assert daemon.state()["containers"] == []


def test_one_that_waits_for_its_restart_waits_until_somebody_starts_it(daemon: FakeDocker) -> None:
    daemon.force("web", "restarting")
    daemon.advance(3600)
    assert daemon.engine.container("web").state is State.RESTARTING
    assert ask(daemon, "POST", "/containers/web/start")[0] == 204


def test_an_unknown_state_is_refused_with_the_nearest(daemon: FakeDocker) -> None:
    with pytest.raises(ValueError, match=r"'unhealty'.*did you mean unhealthy"):
        daemon.force("web", "unhealty")
    daemon.engine.create("base", "true", name="plain")
    with pytest.raises(ValueError, match="has no health check"):
        daemon.force("plain", "healthy")
