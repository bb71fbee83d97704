"""Containers that the daemon starts again: when, how often, and what ends that."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from fakedocker.engine.containers import creation
from fakedocker.engine.containers.config import Config
from fakedocker.engine.containers.containers import Container
from fakedocker.engine.containers.hostconfig import HostConfig, RestartPolicy
from fakedocker.engine.containers.lifecycle import State
from fakedocker.engine.containers.restarts import FIRST_BACKOFF, LONG_RUN, LONGEST_BACKOFF
from fakedocker.engine.processes.effects import Program
from fakedocker.engine.processes.processes import Process
from fakedocker.engine.profiles import DOCKER_28

if TYPE_CHECKING:
    from engine.conftest import World


@pytest.fixture
def world(new_world: Callable[..., World]) -> World:
    return new_world(profile=DOCKER_28)


def started(world: World, policy: RestartPolicy, *, code: int = 4, lasts: float = 0.0) -> Container:
    def body(process: Process) -> Program[int]:
        yield from process.sleep(lasts)
        return code

    world.shelf.bodies["program"] = body
    host = HostConfig(restart_policy=policy)
    container = creation.create(world.engine, Config(cmd=("/bin/program",), image="base"), host, name="box")
    world.engine.start(container)
    world.settle()
    return container


def begun(world: World, container: Container) -> list[float]:
    """Return when a container was started, as its events tell."""
    return [one.time for one in world.engine.events.since(0) if one.action == "start"]


def test_each_wait_is_twice_the_one_before_up_to_the_longest(world: World) -> None:
    container = started(world, RestartPolicy("always"))
    world.advance(400)
    times = begun(world, container)
    waits = [later - earlier for earlier, later in itertools.pairwise(times)]
    assert waits[:3] == pytest.approx([FIRST_BACKOFF, 2 * FIRST_BACKOFF, 4 * FIRST_BACKOFF])
    assert waits[-1] == pytest.approx(LONGEST_BACKOFF)


def test_after_a_long_run_the_waits_begin_anew(world: World) -> None:
    container = started(world, RestartPolicy("always"), lasts=LONG_RUN + 1)
    world.advance(60)
    times = begun(world, container)
    assert times[2] - times[1] == pytest.approx(LONG_RUN + 1 + FIRST_BACKOFF)


@pytest.mark.parametrize(
    ("policy", "code", "restarts"),
    [
        (RestartPolicy(), 4, 0),
        (RestartPolicy("no"), 4, 0),
        (RestartPolicy("on-failure"), 0, 0),
        (RestartPolicy("on-failure", 3), 4, 3),
        (RestartPolicy("always"), 0, 4),
        (RestartPolicy("unless-stopped"), 4, 4),
    ],
)
def test_the_policy_says_how_often(world: World, policy: RestartPolicy, code: int, restarts: int) -> None:
    container = started(world, policy, code=code)
    world.advance(1.4)  # 0.1 + 0.2 + 0.4, and nearly 0.8
    assert container.restarts == restarts


def test_one_that_waits_is_restarting_and_counts_as_running(world: World) -> None:
    container = started(world, RestartPolicy("always"))
    assert container.state is State.RESTARTING
    assert container.running


def test_whoever_stops_it_ends_its_restarts(world: World) -> None:
    container = started(world, RestartPolicy("always"))
    world.run(world.engine.stop(container, 0))
    world.advance(500)
    assert (container.state, container.restarts) == (State.EXITED, 1)


def test_removing_it_ends_its_restarts(world: World) -> None:
    container = started(world, RestartPolicy("always"))
    world.run(world.engine.remove(container, grace=0))
    world.advance(500)
    assert container.state is State.REMOVED
    assert len(begun(world, container)) == 1


def test_a_start_by_hand_counts_anew(world: World) -> None:
    container = started(world, RestartPolicy("on-failure", 1))
    world.advance(10)
    assert container.state is State.EXITED
    world.engine.start(container)
    world.advance(10)
    assert container.state is State.EXITED
    assert len(begun(world, container)) > 2
