"""What the layers in front of the API are given: the daemon's time, and what it knows of an object."""

from __future__ import annotations

import pytest

from fakedocker import FakeDocker
from fakedocker.hooks import DaemonClock, describe


@pytest.fixture
def clock() -> str:
    return "manual"


def test_the_clock_is_that_of_the_present_engine(daemon: FakeDocker) -> None:
    clock = DaemonClock(lambda: daemon._service.runtime)
    told: list[float] = []
    begin = clock.now()
    clock.call_later(5, lambda: told.append(clock.now()))
    clock.call_later(6, lambda: told.append(-1))()  # cancelled at once
    daemon.advance(10)
    assert told == [begin + 5]
    daemon.reset()
    assert clock.now() == begin


@pytest.mark.parametrize("name", ["web", "/web", "id", "short"])
def test_a_container_is_described_by_name_or_id(daemon: FakeDocker, name: str) -> None:
    container = daemon.engine.create("base", "true", name="web", labels={"tier": "front"})
    asked = {"id": container.id, "short": container.id[:12]}.get(name, name)
    with daemon._service.runtime.engine() as engine:
        found = describe(engine, "container", asked)
    told = {"name": "web", "id": container.id, "image": "base", "labels": {"tier": "front"}}
    assert found == {**told, "anonymous_volumes": []}


def test_other_objects_are_described_too(daemon: FakeDocker) -> None:
    image = daemon.engine.image("base")
    with daemon._service.runtime.engine() as engine:
        assert describe(engine, "image", "base:ubuntu-12.10") == {
            "name": "base:ubuntu-12.10",
            "id": image.id,
            "image": "base:ubuntu-12.10",
            "labels": {},
        }
        bridge = describe(engine, "network", "bridge")
        assert bridge is not None
        assert bridge["name"] == "bridge"
        engine.volumes.create("data", labels={"a": "b"})
        assert describe(engine, "volume", "data") == {"name": "data", "id": "data", "image": "", "labels": {"a": "b"}}


@pytest.mark.parametrize("kind", ["container", "exec", "image", "network", "volume", "plugin", ""])
def test_what_is_not_there_is_none(daemon: FakeDocker, kind: str) -> None:
    with daemon._service.runtime.engine() as engine:
        assert describe(engine, kind, "nope") is None
