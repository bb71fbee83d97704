"""Pull, push, import and insert: what they report, what they leave, and that nothing is half done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from fakedocker.engine.accounts import Login
from fakedocker.engine.clock import EPOCH
from fakedocker.engine.containers.config import Config
from fakedocker.engine.errors import DockerError
from fakedocker.engine.files import archives
from fakedocker.engine.files.content import Content
from fakedocker.engine.files.files import Files
from fakedocker.engine.files.layers import Layer
from fakedocker.engine.images import transfers
from fakedocker.engine.images.images import Image
from fakedocker.engine.images.registry import Repository
from fakedocker.engine.jobs import (
    AlreadyUploaded,
    Begun,
    DownloadingFrom,
    Event,
    ImageMade,
    ProcessingChecksums,
    PullingImage,
    PullingLayer,
    PullingMetadata,
    PullingRepository,
    PushingImage,
    PushingRepository,
    PushingTag,
    PushRefersTo,
    SendingImageList,
    Transferred,
    Transferring,
)

if TYPE_CHECKING:
    from engine.conftest import World

A, B, C = "a" * 64, "b" * 64, "c" * 64
INDEX = "https://index.docker.io/v1"
ENDPOINT = "registry-1.docker.io"


def offered(identity: str, parent: str = "", size: int = 0) -> Image:
    return Image(identity, 0.0, Layer().freeze(), parent, size=size)


@pytest.fixture
def world(world: World) -> World:
    """A world outside with a chain A <- B, and C beside it."""
    registry = world.engine.registry
    registry.images = {one.id: one for one in (offered(A), offered(B, A, size=5000), offered(C))}
    registry.repositories = {
        "app": Repository("app", {"latest": B, "other": C}),
        "mine": Repository("mine", {"latest": A}, private=True),
        "broken": Repository("broken", {"latest": A}, status=503),
    }
    return world


def fetched(identity: str, *steps: int) -> list[Event]:
    moved = [Transferring("Downloading", step, steps[-1]) for step in steps]
    return [PullingMetadata(identity), PullingLayer(identity), *moved, Transferred()]


def state(world: World) -> tuple[Any, ...]:
    engine = world.engine
    return {image.id for image in engine.images}, list(engine.images.repositories), len(engine.containers)


# -- progress ---------------------------------------------------------------------


@pytest.mark.parametrize("total", [0, 1, 4096, 4097, 100_000, 10**9])
def test_a_transfer_reports_rising_amounts_up_to_the_total(world: World, total: int) -> None:
    *moves, end = world.events(transfers.transfer(world.engine, "Pushing", total))
    amounts = [move.current for move in moves if isinstance(move, Transferring)]
    assert amounts == sorted(set(amounts))
    assert amounts[-1] == total
    assert len(amounts) == len(moves) <= transfers.MOST_STEPS
    assert end == Transferred()


@pytest.mark.parametrize("total", [1, 5000, 1_000_000])
def test_a_transfer_takes_as_long_as_its_bytes_need(world: World, total: int) -> None:
    world.engine.registry.speed = 1000
    world.events(transfers.transfer(world.engine, "Pushing", total))
    assert world.clock.now() - EPOCH == pytest.approx(total / 1000, abs=1e-5)


# -- pull -------------------------------------------------------------------------


def test_a_pull_of_one_tag_fetches_its_chain_newest_first_and_names_it(world: World) -> None:
    assert world.events(transfers.pull(world.engine, "app", "latest")) == [
        PullingRepository("app", INDEX),
        PullingImage(B, "latest", "app"),
        *fetched(B, 4096, 5000),
        *fetched(A, 1024),
    ]
    assert world.engine.images.find("app").id == B
    assert [image.id for image in world.engine.images.history(world.engine.images.get(B))] == [B, A]
    assert C not in world.engine.images


def test_a_pull_without_a_tag_fetches_all_tags(world: World) -> None:
    world.run(transfers.pull(world.engine, "app"))
    assert world.engine.images.repositories.tags("app") == {"latest": B, "other": C}


def test_a_second_pull_mentions_no_layers(world: World) -> None:
    world.run(transfers.pull(world.engine, "app"))
    assert world.events(transfers.pull(world.engine, "app", "latest")) == [
        PullingRepository("app", INDEX),
        PullingImage(B, "latest", "app"),
    ]


@pytest.mark.parametrize(
    ("name", "tag", "text"),
    [
        ("nosuch", "", "HTTP code: 404"),
        ("app:latest", "", "HTTP code: 404"),
        ("mine", "", "Please login first (HTTP code 401)"),
        ("broken", "", "HTTP code: 503"),
        ("app", "nosuch", "Tag nosuch not found in repositoy app"),
    ],
)
def test_a_pull_that_fails_says_why_after_its_first_line_and_changes_nothing(
    world: World, name: str, tag: str, text: str
) -> None:
    before = state(world)
    events, error = world.failure(transfers.pull(world.engine, name, tag))
    assert events == [PullingRepository(name, INDEX)]
    assert isinstance(error, DockerError)
    assert str(error) == text
    assert state(world) == before


def test_a_private_repository_can_be_pulled_after_a_login(world: World) -> None:
    world.engine.accounts.login = Login("jane", "secret")
    world.run(transfers.pull(world.engine, "mine"))
    assert world.engine.images.find("mine").id == A


def test_a_pull_by_id_tags_nothing(world: World) -> None:
    assert world.events(transfers.pull_image(world.engine, B)) == [*fetched(B, 4096, 5000), *fetched(A, 1024)]
    assert [one for one in world.engine.images.repositories if one[2] == B] == []


def test_a_pull_by_an_unknown_id_fails_before_anything_is_reported(world: World) -> None:
    events, error = world.failure(transfers.pull_image(world.engine, "nosuch"))
    assert events == []
    assert str(error) == "Internal server error: 404 trying to fetch remote history for nosuch"


@pytest.mark.parametrize("steps", range(1, 9))
def test_a_pull_that_is_abandoned_changes_nothing(world: World, steps: int) -> None:
    before = state(world)
    job = transfers.pull(world.engine, "app", "latest")
    for _ in range(steps):
        next(job)
    job.close()
    assert state(world) == before


# -- push -------------------------------------------------------------------------


@pytest.fixture
def pushing(world: World) -> World:
    """Somebody is logged in and has an image `jane/app` on top of `base`."""
    world.engine.accounts.login = Login("jane", "secret")
    container = world.create()
    world.engine.mount(container)
    world.engine.images.repositories.set("jane/app", "", world.engine.commit(container).id)
    return world


def pushed(identity: str, total: int = 1024) -> list[Event]:
    return [PushingImage(identity), Transferring("Pushing", total, total), Transferred()]


def test_a_push_sends_ancestors_first_and_the_registry_has_it_afterwards(pushing: World) -> None:
    images = pushing.engine.images
    top, bottom = images.history(images.find("jane/app"))
    assert pushing.events(transfers.push(pushing.engine, "jane/app")) == [
        PushRefersTo("jane/app", 1),
        ProcessingChecksums(),
        SendingImageList(),
        PushingRepository("jane/app", ENDPOINT, 1),
        *pushed(bottom.id),
        PushingTag(bottom.id, ENDPOINT, "jane/app", "latest"),
        *pushed(top.id),
        PushingTag(top.id, ENDPOINT, "jane/app", "latest"),
    ]
    assert pushing.engine.registry.repositories["jane/app"].tags == {"latest": top.id}
    assert pushing.engine.registry.images[top.id].parent == bottom.id


def test_a_second_push_skips_what_is_there(pushing: World) -> None:
    pushing.run(transfers.push(pushing.engine, "jane/app"))
    events = pushing.events(transfers.push(pushing.engine, "jane/app"))
    assert [type(event) for event in events[4:]] == [AlreadyUploaded, AlreadyUploaded]


def test_a_pushed_image_can_be_pulled_again(pushing: World) -> None:
    images = pushing.engine.images
    identity = images.find("jane/app").id
    pushing.run(transfers.push(pushing.engine, "jane/app"))
    images.remove("jane/app")
    assert identity not in images
    pushing.run(transfers.pull(pushing.engine, "jane/app"))
    assert images.find("jane/app").id == identity


def test_a_registry_may_forget_what_is_pushed(pushing: World) -> None:
    pushing.engine.registry.keeps_pushes = False
    pushing.run(transfers.push(pushing.engine, "jane/app"))
    assert "jane/app" not in pushing.engine.registry.repositories


def test_a_push_by_id_sends_one_image(pushing: World) -> None:
    identity = pushing.engine.images.find("jane/app").id
    events = pushing.events(transfers.push(pushing.engine, identity[:12]))
    assert events == [PushRefersTo(identity[:12], None), *pushed(identity)]


def test_a_push_of_an_unknown_repository_fails_after_its_first_line(pushing: World) -> None:
    events, error = pushing.failure(transfers.push(pushing.engine, "nosuch"))
    assert events == [PushRefersTo("nosuch", 0)]
    assert str(error) == "No such id: nosuch"


def test_a_push_without_a_login_fails_after_three_lines(pushing: World) -> None:
    pushing.engine.accounts.login = Login()
    events, error = pushing.failure(transfers.push(pushing.engine, "jane/app"))
    assert events == [PushRefersTo("jane/app", 1), ProcessingChecksums(), SendingImageList()]
    assert str(error) == "Please login prior to push. Type 'docker login'"
    assert "jane/app" not in pushing.engine.registry.repositories


def test_a_push_that_is_abandoned_leaves_nothing_in_the_registry(pushing: World) -> None:
    before = dict(pushing.engine.registry.images)
    job = transfers.push(pushing.engine, "jane/app")
    for _ in range(9):
        next(job)
    job.close()
    assert pushing.engine.registry.images == before
    assert "jane/app" not in pushing.engine.registry.repositories


def test_an_image_deleted_during_a_push_is_pushed_all_the_same(pushing: World) -> None:
    engine = pushing.engine
    engine.images.repositories.set("jane/app", "two", engine.images.find("base").id)
    top = engine.images.find("jane/app").id
    pushing.follow(
        transfers.push(engine, "jane/app"),
        lambda event: engine.images.delete(top) if event == PushingImage(top) else None,
    )
    assert set(engine.registry.repositories["jane/app"].tags) == {"latest", "two"}


def test_a_dangling_tag_cannot_be_pushed(pushing: World) -> None:
    identity = pushing.engine.images.find("jane/app").id
    pushing.engine.images.delete(identity)
    _, error = pushing.failure(transfers.push(pushing.engine, "jane/app"))
    assert str(error) == f"No such id: {identity}"


# -- import -----------------------------------------------------------------------


def archive() -> Content:
    files = Files([], Layer(), lambda: 0.0)
    files.write("/hello", b"world")
    return Content.of(b"".join(archives.pack(files)))


def test_an_import_makes_an_image_of_an_archive(world: World) -> None:
    content = archive()
    world.engine.registry.files["http://x/a.tar"] = content
    events, image = world.follow(transfers.import_url(world.engine, "http://x/a.tar", "new", "v1"))
    assert events[0] == DownloadingFrom("http://x/a.tar")
    assert events[-3:] == [
        Transferring("Importing", content.size, content.size),
        Transferred(),
        ImageMade(image.id),
    ]
    assert world.engine.images.find("new:v1") is image
    assert image.comment == "Imported from http://x/a.tar"
    assert Files([image.layer], Layer(), lambda: 0.0).read("/hello").read() == b"world"


def test_a_bare_host_is_a_url(world: World) -> None:
    world.engine.registry.files["http://example.com"] = archive()
    events = world.events(transfers.import_url(world.engine, "example.com", "", ""))
    assert events[0] == DownloadingFrom("http://example.com")


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("", 'Get "http:": http: no Host in request URL'),
        ("x/a.tar", 'parse "http://x%2Fa.tar": invalid URL escape "%2F"'),
        ("http://x/nosuch", "Got HTTP status code >= 400: 404 Not Found"),
        ("http://nosuch/a", 'Get "http://nosuch/a": dial tcp: lookup nosuch: no such host'),
        ("ftp://x/a", 'Get "ftp://x/a": unsupported protocol scheme'),
        ("http:///a", 'Get "http:///a": http: no Host in request URL'),
    ],
)
def test_an_import_that_fails_says_why_and_makes_nothing(world: World, source: str, text: str) -> None:
    world.engine.registry.files["http://x/a.tar"] = archive()
    before = state(world)
    events, error = world.failure(transfers.import_url(world.engine, source, "new", ""))
    assert len(events) == 1
    assert isinstance(error, DockerError)
    assert str(error) == text
    assert state(world) == before


def test_an_import_of_what_is_no_archive_makes_nothing(world: World) -> None:
    world.engine.registry.files["http://x/a.tar"] = Content.of(b"no archive at all" * 100)
    before = state(world)
    _, error = world.failure(transfers.import_url(world.engine, "http://x/a.tar", "new", ""))
    assert isinstance(error, DockerError)
    assert state(world) == before


def test_an_import_under_a_bad_name_leaves_the_image_without_a_name(world: World) -> None:
    world.engine.registry.files["http://x/a.tar"] = archive()
    _, error = world.failure(transfers.import_url(world.engine, "http://x/a.tar", "a:b", ""))
    assert str(error) == "Illegal repository name: a:b"
    assert len(world.engine.images) == 2
    assert "a" not in {repository for repository, _, _ in world.engine.images.repositories}


# -- insert -----------------------------------------------------------------------


def insert(world: World, path: str, url: str = "http://x/file") -> Any:
    world.engine.registry.files["http://x/file"] = Content.of(b"inserted")
    return transfers.insert(world.engine, world.image, url, path)


@pytest.mark.parametrize("path", ["/opt/new/file", "opt/new/file", "/file", "file"])
def test_an_insert_makes_an_image_with_the_file(world: World, path: str) -> None:
    events, image = world.follow(insert(world, path))
    assert events == [Begun(), Transferring("Downloading", 8, 8), Transferred(), ImageMade(image.id, full=True)]
    assert (image.parent, image.container_config.cmd) == (world.image.id, ("echo", "insert", "http://x/file", path))
    inode = Files([image.layer], Layer(), lambda: 0.0).stat("/" + path.lstrip("/"))
    assert (inode.read(), inode.mode) == (b"inserted", 0o700)
    assert world.engine.images.repositories.names(image.id) == []


@pytest.mark.parametrize("path", ["", "/", "/etc", "etc", "/etc/", "/etc/passwd/x", "/a\0b"])
def test_an_insert_where_no_file_can_be_makes_no_image(world: World, path: str) -> None:
    _, error = world.failure(insert(world, path))
    assert isinstance(error, DockerError)
    assert len(world.engine.images) == 1


def test_an_insert_of_an_unknown_url_fails_before_anything_is_made(world: World) -> None:
    before = state(world)
    events, error = world.failure(insert(world, "/f", "http://x/nosuch"))
    assert events == []
    assert str(error) == "Got HTTP status code >= 400: 404 Not Found"
    assert state(world) == before


def test_an_insert_that_is_abandoned_makes_no_image(world: World) -> None:
    job = insert(world, "/f")
    next(job)
    next(job)
    job.close()
    assert len(world.engine.images) == 1


def test_an_inserted_image_keeps_comment_and_author(world: World) -> None:
    base = world.engine.commit(world.start(lambda process: iter(())), comment="why", author="me", config=Config())
    world.engine.registry.files["http://x/file"] = Content.of(b"x")
    image = world.run(transfers.insert(world.engine, base, "http://x/file", "/f"))
    assert (image.comment, image.author) == ("why", "me")
