"""Volumes: created, used, pruned."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from fakedocker.engine import errors
from fakedocker.engine.clock import ManualClock
from fakedocker.engine.events import Events
from fakedocker.engine.files.files import Files
from fakedocker.engine.files.layers import Layer
from fakedocker.engine.files.volumes import ANONYMOUS_LABEL, Volumes
from fakedocker.engine.filters import Filters
from fakedocker.engine.profiles import DOCKER_20_10, DOCKER_26, Profile


class Shelf:
    """Volumes of a daemon, what happened to them, and the places of the host that they are."""

    def __init__(self, profile: Profile) -> None:
        clock = ManualClock()
        numbers = itertools.count()
        self.events = Events(clock)
        self.sources: list[str] = []
        self.volumes = Volumes(profile, lambda: f"{next(numbers):064}", clock.now, self.events, self._new_tree)

    def _new_tree(self, source: str) -> Files:
        self.sources.append(source)
        return Files([], Layer(), lambda: 0.0)

    @property
    def told(self) -> list[tuple[str, str]]:
        return [(one.action, one.actor) for one in self.events.since(0)]

    def names(self, **filters: list[str]) -> list[str]:
        return [one.name for one in self.volumes.select(Filters.of(**filters))]

    def pruned(self, *, named: bool = False, **filters: list[str]) -> list[str]:
        return self.volumes.prune(Filters.of(**filters), named=named)[0]


@pytest.fixture(params=[DOCKER_20_10, DOCKER_26], ids=lambda profile: profile.name)
def profile(request: pytest.FixtureRequest) -> Profile:
    found: Profile = request.param
    return found


@pytest.fixture
def shelf(profile: Profile) -> Shelf:
    return Shelf(profile)


@pytest.fixture
def today() -> Shelf:
    return Shelf(DOCKER_26)


def refusal(do: Any) -> str:
    with pytest.raises(errors.DockerError) as refused:
        do()
    return f"{type(refused.value).__name__}: {refused.value}"


def test_a_volume_stands_below_the_daemons_own_directory(shelf: Shelf) -> None:
    volume = shelf.volumes.create("data", labels={"a": "b"}, options={})
    assert volume.mountpoint == "/var/lib/docker/volumes/data/_data"
    assert (volume.driver, volume.scope, volume.labels, volume.options) == ("local", "local", {"a": "b"}, {})


def test_who_creates_it_again_gets_the_same(shelf: Shelf) -> None:
    volume = shelf.volumes.create("data", labels={"a": "b"})
    assert shelf.volumes.create("data", labels={"c": "d"}) is volume
    assert volume.labels == {"a": "b"}


def test_todays_daemon_tells_of_a_volume_once() -> None:
    for profile, times in ((DOCKER_20_10, 2), (DOCKER_26, 1)):
        shelf = Shelf(profile)
        shelf.volumes.create("data")
        shelf.volumes.create("data")
        assert shelf.told == [("create", "data")] * times


def test_a_volume_without_a_name_is_marked_today() -> None:
    assert Shelf(DOCKER_26).volumes.create(labels={"a": "b"}).labels == {"a": "b", ANONYMOUS_LABEL: ""}
    assert Shelf(DOCKER_20_10).volumes.create().labels is None


@pytest.mark.parametrize("name", ["x", "a/b", "with space", ".hidden", "-a"])
def test_not_every_name_will_do(shelf: Shelf, name: str) -> None:
    assert refusal(lambda: shelf.volumes.create(name)).startswith(f"InvalidParameter: create {name}: ")
    assert not shelf.volumes


def test_an_unknown_driver_is_not_found(shelf: Shelf) -> None:
    text = 'NotFound: create data: error looking up volume plugin nfs: plugin "nfs" not found'
    assert refusal(lambda: shelf.volumes.create("data", driver="nfs")) == text


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"x": "y"}, 'invalid option: "x"'),
        ({"type": "nfs"}, 'missing required option: "device"'),
        ({"device": "/tmp"}, 'missing required option: "type"'),
        ({"o": "bind"}, 'missing required option: "device"'),
    ],
)
def test_options_have_to_make_sense(shelf: Shelf, options: dict[str, str], problem: str) -> None:
    text = f"InvalidParameter: create data: {problem}"
    assert refusal(lambda: shelf.volumes.create("data", options=options)) == text


def test_a_volume_may_be_a_place_of_the_host(shelf: Shelf) -> None:
    shelf.volumes.create("data", options={"type": "none", "o": "ro,bind", "device": "/srv"})
    shelf.volumes.create("fast", options={"type": "tmpfs", "device": "tmpfs"})
    assert shelf.sources == ["/srv", ""]


def test_a_volume_in_use_is_not_removed(shelf: Shelf) -> None:
    volume = shelf.volumes.create("data")
    volume.users.update({"one": None, "two": None})
    text = "Conflict: remove data: volume is in use - [one, two]"
    assert refusal(lambda: shelf.volumes.remove("data", force=True)) == text
    shelf.volumes.leave("one")
    shelf.volumes.leave("two", anonymous=True)  # it has a name: it stays
    shelf.volumes.remove("data")
    assert shelf.told[-1] == ("destroy", "data")


def test_one_that_is_not_there_is_removed_by_force_only(shelf: Shelf) -> None:
    assert refusal(lambda: shelf.volumes.remove("data")) == "NotFound: get data: no such volume"
    shelf.volumes.remove("data", force=True)


def test_with_its_last_container_goes_a_volume_without_a_name(shelf: Shelf) -> None:
    volume = shelf.volumes.create()
    volume.users.update({"one": None, "two": None})
    shelf.volumes.leave("one", anonymous=True)
    assert volume.name in shelf.volumes
    shelf.volumes.leave("two", anonymous=True)
    assert volume.name not in shelf.volumes


def test_volumes_are_found_by_what_they_are(shelf: Shelf) -> None:
    shelf.volumes.create("web-data", labels={"color": "red"}).users["one"] = None
    shelf.volumes.create("db-data", labels={"color": "blue"})
    assert shelf.names() == ["db-data", "web-data"]
    assert shelf.names(name=["^web"]) == ["web-data"]
    assert shelf.names(label=["color=blue"]) == ["db-data"]
    assert shelf.names(driver=["nfs"]) == []
    assert shelf.names(dangling=["true"]) == ["db-data"]
    assert shelf.names(dangling=["0"]) == ["web-data"]


def test_a_filter_that_makes_no_sense_is_refused(today: Shelf) -> None:
    assert refusal(lambda: today.names(color=["x"])) == "InvalidParameter: invalid filter 'color'"
    assert refusal(lambda: today.names(dangling=["x"])) == "InvalidParameter: invalid filter 'dangling=[x]'"
    assert refusal(lambda: today.names(dangling=["1", "0"])) == "InvalidParameter: invalid filter 'dangling=[1 0]'"


def test_once_both_meant_true() -> None:
    shelf = Shelf(DOCKER_20_10)
    shelf.volumes.create("data")
    assert shelf.names(dangling=["1", "0"]) == ["data"]


def test_pruning_removes_what_nobody_uses_and_nobody_named(today: Shelf) -> None:
    used, unused = today.volumes.create(), today.volumes.create()
    used.users["one"] = None
    today.volumes.create("data", labels={"keep": "1"})
    today.volumes.create("more")
    assert today.pruned() == [unused.name]
    assert today.pruned(all=["true"], **{"label!": ["keep"]}) == ["more"]
    assert today.pruned(named=True) == ["data"]
    assert today.told[-1] == ("prune", "")


def test_pruning_tells_how_much_room_there_is_now(today: Shelf) -> None:
    today.volumes.create().files.write("/file", b"12345")
    assert today.volumes.prune(Filters(), named=False)[1] == 5


def test_what_all_means_is_known_since_it_is_there() -> None:
    problem = "invalid filter 'all': strconv.ParseBool: parsing \"x\": invalid syntax"
    assert refusal(lambda: Shelf(DOCKER_26).pruned(all=["x"])) == f"InvalidParameter: {problem}"
    assert refusal(lambda: Shelf(DOCKER_20_10).pruned(all=["1"])) == "InvalidParameter: invalid filter 'all'"
