"""Which containers a list shows, and which a prune removes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from fakedocker.engine.containers import creation, selection
from fakedocker.engine.containers.config import Config
from fakedocker.engine.containers.hostconfig import HostConfig, PortBinding
from fakedocker.engine.errors import DockerError
from fakedocker.engine.filters import Filters
from fakedocker.engine.processes.effects import Program
from fakedocker.engine.processes.processes import Process
from fakedocker.engine.profiles import DOCKER_20_10

if TYPE_CHECKING:
    from engine.conftest import World


def sleeping(process: Process) -> Program[int]:
    yield from process.sleep(1000)
    return 0


def failing(process: Process) -> Program[int]:
    yield from process.sleep(1)
    return 7


@pytest.fixture
def world(new_world: Callable[..., World]) -> World:
    """One that runs (`web`), one that has failed (`job`), one that was only created (`new`), in this order."""
    world = new_world(profile=DOCKER_20_10)
    world.shelf.bodies |= {"program": sleeping, "other": failing}
    ports = {"80/tcp": (PortBinding(host_port="8080"),)}
    web = made(world, "web", "program", labels={"tier": "front"}, exposed_ports={"80/tcp": {}}, port_bindings=ports)
    job = made(world, "job", "other", labels={"tier": "back"})
    made(world, "new", "program")
    world.advance(1)  # a time of 0 means never
    for container in (web, job):
        world.engine.start(container)
    world.advance(5)
    return world


def made(world: World, name: str, program: str, port_bindings: Any = None, **config: Any) -> Any:
    settings = Config(cmd=(f"/bin/{program}",), image="base", **config)
    return creation.create(world.engine, settings, HostConfig(port_bindings=port_bindings), name=name)


def listed(world: World, *, everything: bool = False, limit: int = -1, **filters: list[str]) -> list[str]:
    wanted = Filters.of(**{name.replace("_", "-"): values for name, values in filters.items()})
    return [one.name for one in selection.listed(world.engine, wanted, everything=everything, limit=limit)]


def test_only_what_runs_is_listed_unless_all_is_asked_for(world: World) -> None:
    assert listed(world) == ["web"]
    assert listed(world, everything=True) == ["new", "job", "web"]
    assert listed(world, limit=2) == ["new", "job"]


def test_a_filter_by_state_looks_at_all_containers_and_no_other_filter_does(world: World) -> None:
    assert listed(world, status=["created"]) == ["new"]
    assert listed(world, status=["exited", "running"]) == ["job", "web"]
    assert listed(world, exited=["7"]) == []


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"exited": ["7"]}, ["job"]),
        ({"exited": ["0"]}, []),
        ({"before": ["job"]}, ["web"]),
        ({"since": ["job"]}, ["new"]),
        ({"name": ["^/?j"]}, ["job"]),
        ({"name": ["e"]}, ["new", "web"]),
        ({"label": ["tier"]}, ["job", "web"]),
        ({"label": ["tier=front"]}, ["web"]),
        ({"ancestor": ["base"]}, ["new", "job", "web"]),
        ({"ancestor": ["nosuch"]}, []),
        ({"is_task": ["true"]}, []),
        ({"health": ["none"]}, ["new", "job", "web"]),
        ({"health": ["healthy"]}, []),
    ],
)
def test_filters_choose(world: World, filters: dict[str, list[str]], expected: list[str]) -> None:
    assert listed(world, everything=True, **filters) == expected


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"publish": ["8080"]}, ["web"]),
        ({"publish": ["8000-9000/tcp"]}, ["web"]),
        ({"publish": ["80"]}, []),  # that is its own port
        ({"publish": ["8080/udp"]}, []),
        ({"expose": ["80"]}, ["web"]),
        ({"expose": ["8080"]}, []),
    ],
)
def test_ports_are_those_that_a_running_container_has(
    world: World, filters: dict[str, list[str]], expected: list[str]
) -> None:
    assert listed(world, **filters) == expected


@pytest.mark.parametrize(
    "filters",
    [{"status": ["nosuch"]}, {"nosuch": ["1"]}, {"exited": ["x"]}, {"before": ["nosuch"]}, {"publish": ["x"]}],
)
def test_what_is_no_filter_is_refused(world: World, filters: dict[str, list[str]]) -> None:
    with pytest.raises(DockerError):
        listed(world, **filters)


def test_a_prune_takes_what_does_not_run(world: World) -> None:
    def pruned(**filters: list[str]) -> list[str]:
        return [one.name for one in selection.prunable(world.engine, Filters.of(**filters))]

    assert pruned() == ["new", "job"]
    assert pruned(label=["tier=back"]) == ["job"]
    assert pruned(until=["1h"]) == []
    world.advance(7200)
    assert pruned(until=["1h"]) == ["new", "job", "web"]  # whose command has ended meanwhile
