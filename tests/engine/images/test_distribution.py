"""Pull and push with the fixture's registry; real ones are in `tests/test_registries.py`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from fakedocker.engine.accounts import Login
from fakedocker.engine.containers.config import Config
from fakedocker.engine.errors import DockerError, Failure, NotFound, Unauthorized
from fakedocker.engine.files.content import Content
from fakedocker.engine.files.layers import Inode, Kind, Layer
from fakedocker.engine.images import distribution, rootfs
from fakedocker.engine.images.imageconfig import identified
from fakedocker.engine.images.imagenames import tag
from fakedocker.engine.images.images import Image
from fakedocker.engine.images.manifests import parse_platform
from fakedocker.engine.images.references import identity_of, parse_reference
from fakedocker.engine.images.registry import Account, Repository
from fakedocker.engine.jobs import Progress, Pushed, Said

if TYPE_CHECKING:
    from engine.conftest import World

HANNIBAL, STRANGER = Login("hannibal", "xxxx"), Login("hannibal", "wrong")


def layer(text: str) -> Layer:
    made = Layer()
    made.put("/", Inode(Kind.DIRECTORY, 0o755))
    made.put("/f", Inode(Kind.FILE, content=Content.of(text.encode())))
    return made.freeze()


def short(one: Layer) -> str:
    return rootfs.diff_id(one).removeprefix("sha256:")[:12]


ONE, TWO, THREE, FOUR, FIVE = (layer(text) for text in "12345")


def offered(*layers: Layer, architecture: str = "amd64") -> Image:
    image = Image("", 0.0, layers[-1], below=layers[:-1], architecture=architecture, config=Config(), size=len(layers))
    return identified(image, layers, ())


@pytest.fixture
def world(world: World) -> World:
    """A registry with an image of two layers, one of five, and one for two platforms."""
    registry = world.engine.registry
    two, five, arm = offered(ONE, TWO), offered(ONE, TWO, THREE, FOUR, FIVE), offered(ONE, architecture="arm64")
    registry.images = {one.id: one for one in (two, five, arm)}
    registry.repositories = {
        "app": Repository("app", {"latest": two.id, "5": five.id}),
        "both": Repository("both", {"latest": two.id}, platforms={"latest": (arm.id,)}),
        "secret": Repository("secret", {"latest": two.id}, private=True),
        "reg.example/own": Repository("reg.example/own", {"latest": two.id}, private=True),
        "broken": Repository("broken", {"latest": two.id}, status=503),
    }
    registry.accounts = {"hannibal": Account("hannibal", "xxxx")}
    return world


def pull(world: World, name: str, login: Login = distribution.NOBODY, platform: str = "") -> list[object]:
    wanted = parse_platform(platform) if platform else None
    return list(world.events(distribution.pull(world.engine, parse_reference(name), login, wanted)))


def test_a_pull_tells_of_each_layer_and_names_the_image(world: World) -> None:
    events = pull(world, "app:latest")
    digest = distribution.offer_of(world.engine.registry, world.engine.registry.repositories["app"].tags["latest"])
    assert events == [
        Said("Pulling from library/app", "latest"),
        Progress(short(ONE), "Pulling fs layer"),
        Progress(short(TWO), "Pulling fs layer"),
        Progress(short(ONE), "Downloading", 1, 1),
        Progress(short(ONE), "Verifying Checksum"),
        Progress(short(ONE), "Download complete"),
        Progress(short(TWO), "Downloading", 1, 1),
        Progress(short(TWO), "Verifying Checksum"),
        Progress(short(TWO), "Download complete"),
        Progress(short(ONE), "Extracting", 1, 1),
        Progress(short(ONE), "Pull complete"),
        Progress(short(TWO), "Extracting", 1, 1),
        Progress(short(TWO), "Pull complete"),
        Said(f"Digest: {digest.described.digest}"),
        Said("Status: Downloaded newer image for app:latest"),
    ]
    identity = identity_of(world.engine.images, parse_reference(f"app@{digest.described.digest}"))
    assert identity == identity_of(world.engine.images, parse_reference("app"))
    assert [one.action for one in world.engine.events.since(0)] == ["pull"]


def test_what_is_there_is_not_pulled_again(world: World) -> None:
    pull(world, "app:latest")
    again = pull(world, "app:latest")
    assert again[-1] == Said("Status: Image is up to date for app:latest")
    assert len(again) == 3
    more = pull(world, "app:5")
    assert more[1:3] == [Progress(short(ONE), "Already exists"), Progress(short(TWO), "Already exists")]


def test_more_layers_than_are_fetched_at_once_wait(world: World) -> None:
    waiting = [event.id for event in pull(world, "app:5") if isinstance(event, Progress) and event.action == "Waiting"]
    assert waiting == [short(FOUR), short(FIVE)]


def test_without_a_tag_all_of_them_are_pulled(world: World) -> None:
    events = pull(world, "app")
    assert [event.id for event in events if isinstance(event, Said) and event.id] == ["5", "latest"]
    assert events[-1] == Said("Status: Downloaded newer image for app")
    assert set(world.engine.images.repositories.tags("app")) == {"5", "latest"}


def test_an_image_is_pulled_by_its_digest(world: World) -> None:
    pull(world, "app:5")
    identity = world.engine.images.repositories.get("app", "5")
    ((_, digest),) = world.engine.images.repositories.digests_of(identity or "")
    assert pull(world, f"app@{digest}")[0] == Said("Pulling from library/app", f"docker.io/library/app@{digest}")


@pytest.mark.parametrize(("platform", "architecture"), [("", "amd64"), ("linux/arm64", "arm64"), ("linux", "amd64")])
def test_a_platform_is_chosen_from_a_list(world: World, platform: str, architecture: str) -> None:
    pull(world, "both:latest", platform=platform)
    identity = identity_of(world.engine.images, parse_reference("both")) or ""
    assert world.engine.images.get(identity).architecture == architecture
    offer = world.run(distribution.inspect(world.engine, parse_reference("both")))
    assert [str(one) for one in offer.platforms] == ["linux/amd64", "linux/arm64"]
    assert identity_of(world.engine.images, parse_reference(f"both@{offer.described.digest}")) == identity


def test_a_platform_that_is_not_in_the_list_is_refused(world: World) -> None:
    with pytest.raises(Failure, match="no matching manifest for linux/s390x in the manifest list entries"):
        pull(world, "both:latest", platform="linux/s390x")
    pull(world, "app:latest", platform="linux/s390x")  # the only one there is does for all


@pytest.mark.parametrize(
    ("name", "login", "text"),
    [
        ("nosuch:1", distribution.NOBODY, "pull access denied for nosuch, repository does not exist or may require"),
        ("secret:latest", distribution.NOBODY, "pull access denied for secret"),
        ("secret:latest", STRANGER, "unauthorized: incorrect username or password"),
        ("app:nosuch", distribution.NOBODY, "manifest for app:nosuch not found: manifest unknown: manifest unknown"),
        ("host:5000/x:1", distribution.NOBODY, "manifest for host:5000/x:1 not found: manifest unknown"),
        ("reg.example/own:latest", distribution.NOBODY, "no basic auth credentials"),
        ("reg.example/own:latest", STRANGER, "unauthorized: authentication required"),
        ("broken:latest", distribution.NOBODY, "received unexpected HTTP status: 503"),
        ("app@sha256:" + "0" * 64, distribution.NOBODY, "manifest for app@sha256:" + "0" * 64 + " not found"),
    ],
)
def test_what_cannot_be_pulled_leaves_nothing(world: World, name: str, login: Login, text: str) -> None:
    with pytest.raises(DockerError) as error:
        pull(world, name, login)
    assert text in str(error.value)
    assert len(world.engine.images) == 1


def test_who_may_gets_what_is_private(world: World) -> None:
    pull(world, "secret:latest", HANNIBAL)
    pull(world, "reg.example/own:latest", HANNIBAL)
    assert world.engine.images.repositories.get("secret") is not None


def test_any_name_can_be_pulled_if_there_is_an_image_for_it(world: World) -> None:
    world.engine.registry.any_image = offered(ONE)
    pull(world, "what/ever:7")
    pull(world, "other.example/what:latest")
    pull(world, "app:nosuch")
    images = world.engine.images
    ids = [identity_of(images, parse_reference(name)) for name in ("what/ever:7", "other.example/what", "app:nosuch")]
    assert None not in ids
    assert len(set(ids)) == 3


def test_a_slow_registry_tells_how_far_it_is(world: World) -> None:
    world.engine.registry.speed = 0.1
    began = world.clock.now()
    pull(world, "app:latest")
    assert world.clock.now() - began == pytest.approx(20.0)


def test_inspecting_says_what_a_name_stands_for(world: World) -> None:
    offer = world.run(distribution.inspect(world.engine, parse_reference("app")))
    assert offer.described.size == len(offer.manifest.document)
    with pytest.raises(NotFound, match="manifest unknown"):
        world.run(distribution.inspect(world.engine, parse_reference("app:nosuch")))
    with pytest.raises(Unauthorized, match="requested access to the resource is denied"):
        world.run(distribution.inspect(world.engine, parse_reference("nosuch")))


# -- push --------------------------------------------------------------------------------------------------------


def push(world: World, name: str, login: Login = HANNIBAL) -> list[object]:
    return list(world.events(distribution.push(world.engine, parse_reference(name), login)))


def test_what_was_pushed_can_be_pulled(world: World) -> None:
    tag(world.engine, world.image, parse_reference("mine:1"))
    events = push(world, "mine:1")
    assert events[0] == Said("The push refers to repository [docker.io/library/mine]")
    pushed = events[-1]
    assert isinstance(pushed, Pushed)
    assert events[-2] == Said(f"1: digest: {pushed.digest} size: {pushed.size}")
    assert [event.action for event in events if isinstance(event, Progress)] == ["Preparing", "Pushing", "Pushed"]
    assert identity_of(world.engine.images, parse_reference(f"mine@{pushed.digest}")) == world.image.id
    actions = [event.action for event in push(world, "mine:1") if isinstance(event, Progress)]
    assert actions == ["Preparing", "Layer already exists"]
    identity = world.image.id
    world.engine.images.repositories.remove("mine", "1")
    world.engine.images.delete(identity)
    assert pull(world, "mine:1")[-2] == Said(f"Digest: {pushed.digest}")
    assert identity_of(world.engine.images, parse_reference("mine:1")) == identity


def test_without_a_tag_all_of_them_are_pushed(world: World) -> None:
    for name in ("mine:1", "mine:2"):
        tag(world.engine, world.image, parse_reference(name))
    assert [event.tag for event in push(world, "mine") if isinstance(event, Pushed)] == ["1", "2"]


def test_a_registry_that_forgets_accepts_all(world: World) -> None:
    world.engine.registry.keeps_pushes = False
    tag(world.engine, world.image, parse_reference("mine:1"))
    push(world, "mine:1")
    assert "mine" not in world.engine.registry.repositories


@pytest.mark.parametrize(
    ("name", "login", "text"),
    [
        ("nosuch:1", HANNIBAL, "An image does not exist locally with the tag: nosuch"),
        ("mine:nosuch", HANNIBAL, "tag does not exist: mine:nosuch"),
        ("mine:1", distribution.NOBODY, "denied: requested access to the resource is denied"),
        ("mine:1", STRANGER, "unauthorized: authentication required"),
    ],
)
def test_what_cannot_be_pushed_is_told_in_the_stream(world: World, name: str, login: Login, text: str) -> None:
    tag(world.engine, world.image, parse_reference("mine:1"))
    events, error = world.failure(distribution.push(world.engine, parse_reference(name), login))
    assert isinstance(events[0], Said)
    assert str(error) == text
    assert "mine" not in world.engine.registry.repositories


def test_other_registries_than_the_hub_want_no_login(world: World) -> None:
    tag(world.engine, world.image, parse_reference("localhost:5000/mine:1"))
    assert isinstance(push(world, "localhost:5000/mine:1", distribution.NOBODY)[-1], Pushed)


def test_images_of_2013_are_offered_as_a_whole(world: World) -> None:
    registry = world.engine.registry
    base = Image("a" * 64, 0.0, ONE, size=1)
    child = Image("b" * 64, 1.0, TWO, base.id, size=1, container_config=Config(cmd=("touch",)))
    registry.images |= {base.id: base, child.id: child}
    registry.repositories["old"] = Repository("old", {"latest": child.id})
    pull(world, "old:latest")
    image = world.engine.images.get(child.id)
    assert (image.parent, image.below, image.layer) == ("", (ONE,), TWO)
    assert replace(image, document=b"").history[-1].created_by == "touch"
