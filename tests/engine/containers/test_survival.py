"""What becomes of containers when the daemon goes down and comes back: the same as with 20.10, which was asked."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fakedocker import FakeDocker
from fakedocker.engine.containers.containers import Container
from fakedocker.engine.containers.hostconfig import HostConfig, RestartPolicy
from fakedocker.engine.containers.lifecycle import State

OBEDIENT = "trap 'exit 7' TERM; sleep 600 & wait"
CONTENT = "trap 'exit 0' TERM; sleep 600 & wait"
DEAF = "sleep 600"


@pytest.fixture
def daemon() -> Iterator[FakeDocker]:
    """A daemon with sockets, of which one can be told to restart."""
    with FakeDocker(clock="manual") as daemon:
        yield daemon


def run(daemon: FakeDocker, script: str, policy: str = "no", **host: object) -> Container:
    name, _, most = policy.partition(":")
    wanted = HostConfig(restart_policy=RestartPolicy(name, int(most or 0)), **host)  # type: ignore[arg-type]
    container = daemon.engine.run("base", "sh", "-c", script, host_config=wanted)
    daemon.advance(0.05)
    return container


@pytest.mark.parametrize(
    ("script", "policy", "runs", "exit_code"),
    [
        (DEAF, "no", False, 137),
        (OBEDIENT, "no", False, 7),
        (DEAF, "always", True, 0),
        (DEAF, "unless-stopped", True, 0),
        (OBEDIENT, "on-failure", True, 0),
        (CONTENT, "on-failure", False, 0),
        (DEAF, "on-failure", True, 0),
    ],
)
def test_who_ran_runs_again_if_its_policy_says_so(
    daemon: FakeDocker, script: str, policy: str, runs: bool, exit_code: int
) -> None:
    container = run(daemon, script, policy)
    daemon.restart()
    assert (container.running, container.exit_code) == (runs, exit_code)
    assert container.restarts == 0


@pytest.mark.parametrize(("policy", "runs"), [("always", True), ("unless-stopped", False), ("no", False)])
def test_who_was_stopped_comes_back_only_if_always(daemon: FakeDocker, policy: str, runs: bool) -> None:
    container = run(daemon, DEAF, policy)
    daemon.engine.kill(container)
    assert not container.running
    daemon.restart()
    assert container.running is runs


def test_who_never_ran_does_not_begin_to(daemon: FakeDocker) -> None:
    wanted = HostConfig(restart_policy=RestartPolicy("always"))
    container = daemon.engine.create("base", "true", host_config=wanted)
    daemon.restart()
    assert container.state is State.CREATED


def test_who_had_failed_too_often_stays_as_it_is(daemon: FakeDocker) -> None:
    container = run(daemon, "exit 3", "on-failure:1")
    daemon.advance(5)
    assert (container.state, container.restarts) == (State.EXITED, 1)
    daemon.restart()
    assert (container.state, container.exit_code, container.restarts) == (State.EXITED, 3, 1)


def test_who_waits_to_be_started_again_is_started_at_once(daemon: FakeDocker) -> None:
    container = run(daemon, "exit 3", "always")
    daemon.advance(3)
    assert container.state is State.RESTARTING
    daemon.restart()
    assert (container.state, container.restarts) == (State.RUNNING, 0)


def test_a_paused_one_ends_as_well(daemon: FakeDocker) -> None:
    container = run(daemon, DEAF)
    daemon.engine.pause(container)
    daemon.restart()
    assert (container.state, container.exit_code) == (State.EXITED, 137)


def test_who_was_to_be_removed_at_its_end_is_gone(daemon: FakeDocker) -> None:
    run(daemon, DEAF, auto_remove=True)
    daemon.restart()
    assert daemon.engine.containers() == []


def test_under_live_restore_they_go_on(daemon: FakeDocker) -> None:
    rests = run(daemon, DEAF)
    paused = run(daemon, DEAF)
    daemon.engine.pause(paused)
    started, pid = rests.started_at, rests.pid
    daemon.restart(live_restore=True)
    assert (rests.state, rests.started_at, rests.pid) == (State.RUNNING, started, pid)
    assert paused.state is State.PAUSED


def test_live_restore_forgets_who_was_to_be_removed(daemon: FakeDocker) -> None:
    run(daemon, DEAF, auto_remove=True)
    daemon.restart(live_restore=True)
    assert daemon.engine.containers() == []


def test_events_of_the_earlier_life_are_forgotten(daemon: FakeDocker) -> None:
    run(daemon, DEAF, "always")
    daemon.restart()
    told = [one.action for one in daemon.engine.events() if one.type == "container"]
    assert told == ["start"]
