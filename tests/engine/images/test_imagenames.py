"""Giving images names, and what is told of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fakedocker.engine.images.imagenames import put, tag, tell, untag
from fakedocker.engine.images.references import Reference, parse_reference, references_to

if TYPE_CHECKING:
    from engine.conftest import World

D = "sha256:" + "d" * 64


def told(world: World) -> list[tuple[str, str]]:
    return [(one.action, one.attributes["name"]) for one in world.engine.events.since(0)]


def test_a_name_that_is_given_is_told_and_its_time_kept(world: World) -> None:
    world.clock.advance(7)
    tag(world.engine, world.image, parse_reference("host:5000/a/b:1"))
    assert world.engine.images.repositories.get("host:5000/a/b", "1") == world.image.id
    assert world.engine.images.tagged[world.image.id] == world.clock.now()
    assert told(world) == [("tag", "host:5000/a/b:1")]


def test_a_name_that_came_along_is_not_told(world: World) -> None:
    put(world.engine, world.image, Reference("a", digest=D))
    assert [one.familiar for one in references_to(world.engine.images, world.image.id)] == [f"a@{D}", "base:latest"]
    assert told(world) == []
    assert world.image.id not in world.engine.images.tagged


def test_a_name_that_is_taken_away_is_told_by_the_id(world: World) -> None:
    put(world.engine, world.image, Reference("a", digest=D))
    untag(world.engine, world.image, Reference("a", digest=D))
    untag(world.engine, world.image, parse_reference("base"))
    assert references_to(world.engine.images, world.image.id) == []
    assert told(world) == [("untag", f"sha256:{world.image.id}")] * 2


def test_what_is_told_of_an_image_has_its_labels(world: World) -> None:
    tell(world.engine, "save", world.image, "x")
    (event,) = world.engine.events.since(0)
    assert (event.type, event.actor, event.attributes) == ("image", f"sha256:{world.image.id}", {"name": "x"})
