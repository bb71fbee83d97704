"""Removing images as today's daemons do. What real ones answered stands in `tests/conformance/engine_api`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from fakedocker.engine.containers.config import Config
from fakedocker.engine.errors import Conflict, DockerError, NotFound
from fakedocker.engine.files.content import Content
from fakedocker.engine.files.layers import Inode, Kind, Layer
from fakedocker.engine.images import rootfs
from fakedocker.engine.images.imagecommits import commit_container, import_layer
from fakedocker.engine.images.imagenames import put, tag
from fakedocker.engine.images.imageremoval import Removal, is_single, prune_images, remove_image
from fakedocker.engine.images.images import Image
from fakedocker.engine.images.references import Reference, parse_reference

if TYPE_CHECKING:
    from engine.conftest import World

D = "sha256:" + "d" * 64
Make = Callable[..., Image]


@pytest.fixture
def make(world: World) -> Make:
    """Make an image of one file with a text, under these names."""

    def make(text: str, *names: str, labels: dict[str, str] | None = None) -> Image:
        layer = Layer()
        layer.put("/", Inode(Kind.DIRECTORY, 0o755))
        layer.put("/f", Inode(Kind.FILE, content=Content.of(text.encode())))
        config = Config(cmd=("/bin/program",), labels=labels)
        image = import_layer(world.engine, layer.freeze(), config=config, message="")
        for name in names:
            tag(world.engine, image, parse_reference(name))
        return image

    return make


def child(world: World, image: Image, *names: str, text: str = "new") -> Image:
    """Make an image on top of another one."""
    container = world.engine.create(Config(cmd=("/bin/program",)), image)
    world.engine.mount(container).write("/child", text.encode())
    made = commit_container(world.engine, container, config=Config(), comment="", author="")
    world.run(world.engine.remove(container))
    for name in names:
        tag(world.engine, made, parse_reference(name))
    return made


def gone(image: Image) -> Removal:
    return Removal(deleted=f"sha256:{image.id}")


def layers_of(world: World, image: Image) -> list[Removal]:
    """Return the removals of an image's layers, the highest first."""
    chain = rootfs.chain_ids(rootfs.diff_ids(world.engine.images.layers(image)))
    return [Removal(deleted=one) for one in reversed(chain)]


def test_the_last_name_takes_the_image_and_its_layers(world: World, make: Make) -> None:
    image = make("1", "a:1", "a:2")
    assert remove_image(world.engine, "a:1") == [Removal("a:1")]
    layers = layers_of(world, image)
    assert remove_image(world.engine, "a:2") == [Removal("a:2"), gone(image), *layers]
    assert image.id not in world.engine.images


def test_digests_of_a_repository_go_with_its_last_tag(world: World, make: Make) -> None:
    image = make("1", "a:1", "b:1")
    put(world.engine, image, Reference("a", digest=D))
    assert remove_image(world.engine, "a:1") == [Removal("a:1"), Removal(f"a@{D}")]
    assert remove_image(world.engine, "b:1")[:2] == [Removal("b:1"), gone(image)]


def test_a_digest_can_be_removed_by_itself(world: World, make: Make) -> None:
    image = make("1", "a:1")
    put(world.engine, image, Reference("a", digest=D))
    assert remove_image(world.engine, f"a@{D}") == [Removal(f"a@{D}")]
    assert world.engine.images.repositories.names(image.id) == ["a:1"]


@pytest.mark.parametrize("prefix", ["", "sha256:"])
def test_an_id_takes_the_only_name_with_it(world: World, make: Make, prefix: str) -> None:
    image = make("1", "a:1")
    assert remove_image(world.engine, prefix + image.id[:20])[:2] == [Removal("a:1"), gone(image)]


def test_an_id_does_not_take_several_names_without_force(world: World, make: Make) -> None:
    image = make("1", "a:1", "b:1")
    with pytest.raises(Conflict, match=r"\(must be forced\) - image is referenced in multiple repositories"):
        remove_image(world.engine, image.id)
    done = remove_image(world.engine, image.id, force=True)
    assert done[:3] == [Removal("a:1"), Removal("b:1"), gone(image)]


def test_an_image_that_others_are_built_on_stays(world: World, make: Make) -> None:
    image = make("1", "a:1")
    made = child(world, image, "b:1")
    for force in (False, True):
        with pytest.raises(Conflict, match=r"\(cannot be forced\) - image has dependent child images"):
            remove_image(world.engine, image.id, force=force)
    assert remove_image(world.engine, "a:1") == [Removal("a:1")]
    assert image.id in world.engine.images
    top, base = layers_of(world, made)
    assert remove_image(world.engine, "b:1") == [Removal("b:1"), gone(made), top, gone(image), base]


def test_without_pruning_the_parents_stay(world: World, make: Make) -> None:
    image = make("1")
    made = child(world, image, "b:1")
    remove_image(world.engine, "b:1", prune=False)
    assert made.id not in world.engine.images
    assert image.id in world.engine.images


def test_a_layer_that_another_image_has_stays(world: World, make: Make) -> None:
    one, other = make("same", "a:1"), make("same", "b:1", labels={"x": "y"})
    assert one.id != other.id
    assert remove_image(world.engine, "a:1") == [Removal("a:1"), gone(one)]
    assert remove_image(world.engine, "b:1")[2:] == layers_of(world, other)


def test_a_stopped_container_holds_a_name_but_force_takes_it(world: World, make: Make) -> None:
    image = make("1", "a:1")
    container = world.engine.create(Config(cmd=("/bin/program",)), image)
    with pytest.raises(Conflict) as error:
        remove_image(world.engine, "a:1")
    assert str(error.value) == (
        f'conflict: unable to remove repository reference "a:1" (must force) - container {container.id[:12]} is using '
        f"its referenced image {image.id[:12]}"
    )
    with pytest.raises(Conflict, match=r"must be forced\) - image is being used by stopped container"):
        remove_image(world.engine, image.id)
    done = remove_image(world.engine, "a:1", force=True)
    assert done == [Removal("a:1"), gone(image)], "the container still stands on the layer"


def test_one_of_two_names_goes_while_a_container_runs(world: World, make: Make) -> None:
    def body(process):  # type: ignore[no-untyped-def]  # a program that waits
        yield from process.await_signal()

    world.shelf.bodies["program"] = body
    image = world.image
    world.engine.images.repositories.put("again", "latest", image.id)
    container = world.start(body)
    assert remove_image(world.engine, "again") == [Removal("again:latest")]
    for force in (False, True):
        with pytest.raises(Conflict, match=f"being used by running container {container.id[:12]}"):
            remove_image(world.engine, image.id, force=force)
    assert remove_image(world.engine, "base", force=True) == [Removal("base:latest")]
    assert image.id in world.engine.images


@pytest.mark.parametrize(("name", "kind"), [("nosuch", NotFound), ("No:such:x", DockerError), ("f" * 64, NotFound)])
def test_what_is_no_image_is_not_removed(world: World, name: str, kind: type[DockerError]) -> None:
    with pytest.raises(kind):
        remove_image(world.engine, name)


def test_removing_is_told_in_order(world: World, make: Make) -> None:
    image = make("1", "a:1", labels={"l": "m"})
    before = world.engine.events.end
    remove_image(world.engine, "a:1")
    told = [(one.action, one.actor, one.attributes) for one in world.engine.events.since(before)]
    identity = f"sha256:{image.id}"
    assert told == [(action, identity, {"l": "m", "name": identity}) for action in ("untag", "delete")]


# -- pruning -----------------------------------------------------------------------------------------------------


def test_pruning_takes_what_has_no_tag_and_nobody_needs(world: World, make: Make) -> None:
    named, dangling, used = make("1", "a:1"), make("22"), make("333")
    world.engine.create(Config(cmd=("/bin/program",)), used)
    layers = layers_of(world, dangling)
    done = prune_images(world.engine)
    assert (list(done.removals), done.reclaimed) == ([gone(dangling), *layers], 2)
    assert {named.id, used.id} <= {one.id for one in world.engine.images}


def test_pruning_takes_an_image_that_only_a_digest_names(world: World, make: Make) -> None:
    image = make("22")
    put(world.engine, image, Reference("a", digest=D))
    assert list(prune_images(world.engine).removals)[:2] == [Removal(f"a@{D}"), gone(image)]


def test_pruning_everything_leaves_what_containers_need_and_what_is_built_on(world: World, make: Make) -> None:
    image, used = make("1", "a:1"), make("22", "b:1")
    made = child(world, image, "c:1")
    world.engine.create(Config(cmd=("/bin/program",)), used)
    world.engine.images.delete(world.image.id)
    prune_images(world.engine, dangling_only=False)
    assert {one.id for one in world.engine.images} == {used.id}
    assert made.id not in world.engine.images


def test_pruning_asks_which_images_are_meant(world: World, make: Make) -> None:
    kept, taken = make("1"), make("22", labels={"x": "y"})
    prune_images(world.engine, wanted=lambda one: bool(one.config and one.config.labels))
    assert kept.id in world.engine.images
    assert taken.id not in world.engine.images
    last = world.engine.events.since(0)[-1]
    assert (last.type, last.action, last.attributes) == ("image", "prune", {"reclaimed": "2"})


def test_pruning_a_thousand_images_takes_reasonable_time(world: World, make: Make) -> None:
    for number in range(1000):
        make(str(number))
    assert prune_images(world.engine).reclaimed == 10 + 2 * 90 + 3 * 900


@pytest.mark.parametrize(
    ("names", "single"),
    [
        ([], True),
        (["a:1"], True),
        (["a:1", "a:2"], False),
        (["a:1", f"a@{D}"], True),
        (["a:1", f"b@{D}"], False),
        ([f"a@{D}"], True),
    ],
)
def test_names_are_single_when_there_is_one_tag_and_digests_of_its_repository(names: list[str], single: bool) -> None:
    assert is_single([parse_reference(name) for name in names]) is single
