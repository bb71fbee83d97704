"""The set of containers and how it is listed."""

from __future__ import annotations

import pytest

from fakedocker.engine.containers.config import Config
from fakedocker.engine.containers.containers import Container, Containers
from fakedocker.engine.containers.lifecycle import State
from fakedocker.engine.errors import NotFound


def identity(letter: str) -> str:
    return letter * 64


@pytest.fixture
def containers() -> Containers:
    """Five containers, the oldest is a; b and d run."""
    found = Containers()
    for number, letter in enumerate("abcde"):
        state = State.RUNNING if letter in "bd" else State.EXITED
        found.add(Container(identity(letter), float(number), Config(cmd=("x",)), "image", "", state=state))
    return found


def listed(containers: Containers, **how: object) -> str:
    return "".join(container.id[0] for container in containers.list(**how))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("how", "letters"),
    [
        ({}, "db"),
        ({"stopped": True}, "edcba"),
        ({"limit": 2}, "ed"),
        ({"limit": 0}, ""),
        ({"limit": 0, "stopped": True}, ""),
        ({"limit": -2}, "edcba"),
        ({"limit": 100}, "edcba"),
        ({"since": "b" * 12}, "edc"),
        ({"before": "c" * 12}, "ba"),
        ({"before": "d" * 12, "since": "a" * 12}, "cb"),
        ({"before": "e" * 12, "since": "a" * 12, "limit": 2}, "dc"),
        ({"since": "c" * 64}, "edcba"),
        ({"since": "nosuch"}, "edcba"),
        ({"before": "c" * 64}, ""),
        ({"before": "nosuch"}, ""),
        ({"since": "", "before": ""}, "db"),
        ({"since": "b" * 12, "before": "b" * 12}, "a"),
    ],
)
def test_containers_are_listed_newest_first_within_the_bounds_asked_for(
    containers: Containers, how: dict[str, object], letters: str
) -> None:
    assert listed(containers, **how) == letters


def test_a_ghost_counts_as_running() -> None:
    assert Container("x", 0.0, Config(), "image", "", state=State.GHOST).running


@pytest.mark.parametrize("name", ["a", "aaaa", "a" * 12, "a" * 64])
def test_a_container_is_found_by_any_beginning_of_its_id(containers: Containers, name: str) -> None:
    assert containers.find(name).id == identity("a")


@pytest.mark.parametrize("name", ["", "f", "A", "a" * 65, "ab"])
def test_what_means_no_container_is_not_found(containers: Containers, name: str) -> None:
    with pytest.raises(NotFound) as error:
        containers.find(name)
    assert str(error.value) == f"No such container: {name}"


def test_an_ambiguous_beginning_is_not_found(containers: Containers) -> None:
    containers.add(Container("a" * 63 + "b", 9.0, Config(), "image", ""))
    with pytest.raises(NotFound):
        containers.find("aa")
    assert containers.find("a" * 64).created == 0.0


def test_a_removed_container_is_gone(containers: Containers) -> None:
    container = containers.find("c")
    containers.remove(container)
    containers.remove(container)
    assert container not in containers
    assert len(containers) == 4
    assert listed(containers, stopped=True) == "edba"
    with pytest.raises(NotFound):
        containers.find("c")


def test_the_command_is_taken_apart() -> None:
    assert Container("x", 0.0, Config(cmd=("ls", "-l", "/")), "i", "").path == "ls"
    assert Container("x", 0.0, Config(cmd=("ls", "-l", "/")), "i", "").args == ("-l", "/")
    assert (Container("x", 0.0, Config(), "i", "").path, Container("x", 0.0, Config(), "i", "").args) == ("", ())
