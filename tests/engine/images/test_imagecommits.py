"""Images that are made here, and the ids that they have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fakedocker.engine.containers.config import Config
from fakedocker.engine.files.content import Content
from fakedocker.engine.files.layers import Inode, Kind, Layer
from fakedocker.engine.images import rootfs
from fakedocker.engine.images.imagecommits import commit_container, import_layer

if TYPE_CHECKING:
    from engine.conftest import World


def layer() -> Layer:
    made = Layer()
    made.put("/", Inode(Kind.DIRECTORY, 0o755))
    made.put("/f", Inode(Kind.FILE, content=Content.of(b"x")))
    return made.freeze()


def test_an_image_has_the_digest_of_what_it_is_as_id(world: World) -> None:
    image = import_layer(world.engine, layer(), config=Config(), message="m")
    assert rootfs.digest(image.document) == f"sha256:{image.id}"
    assert world.engine.images.get(image.id) == image
    assert [one.action for one in world.engine.events.since(0)] == ["import"]


def test_the_same_image_made_at_the_same_time_is_the_same(world: World) -> None:
    one, two = (import_layer(world.engine, layer(), config=Config(), message="m") for _ in range(2))
    assert one.id == two.id
    world.clock.advance(1)
    assert import_layer(world.engine, layer(), config=Config(), message="m").id != one.id


def test_a_commit_is_one_layer_and_one_step_on_top(world: World) -> None:
    container = world.engine.create(Config(cmd=("a", "b")), world.image)
    world.engine.mount(container).write("/new", b"new")
    image = commit_container(world.engine, container, config=Config(cmd=("c",)), comment="why", author="who")
    assert (image.parent, image.container, image.config) == (world.image.id, container.id, Config(cmd=("c",)))
    assert image.layer.find("/new") is not None
    assert [(step.created_by, step.comment, step.empty_layer) for step in image.history] == [
        ("", "Imported from -", False),
        ("a b", "why", False),
    ]


def test_a_commit_of_nothing_adds_no_layer(world: World) -> None:
    container = world.engine.create(Config(cmd=("a",)), world.image)
    image = commit_container(world.engine, container, config=Config(), comment="", author="")
    images = world.engine.images
    assert image.history[-1].empty_layer
    assert rootfs.diff_ids(images.layers(image)) == rootfs.diff_ids(images.layers(world.image))
