"""Saving and loading; `saved/` is what real daemons wrote of an image with two layers and two names."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from fakedocker.engine.containers.config import Config
from fakedocker.engine.errors import DockerError, Failure, NotFound
from fakedocker.engine.files.content import Content
from fakedocker.engine.files.files import Files
from fakedocker.engine.files.layers import Layer
from fakedocker.engine.images import imagearchives
from fakedocker.engine.images.imagecommits import commit_container
from fakedocker.engine.images.imageconfig import NO_LAYER
from fakedocker.engine.images.imagenames import tag
from fakedocker.engine.images.references import parse_reference
from fakedocker.engine.jobs import BuildOutput, Progress

if TYPE_CHECKING:
    from engine.conftest import World

HERE = Path(__file__).parent / "saved"
#: The ids that the daemons gave the images.
IDS = {
    "20.10": "38fd35618ba97c080aa4723291af67757ba52995a3f705e710130f689f185776",
    "26": "bccad582365582483f9aa26926cc6f45670ca75698008d858a9b394115cfbc43",
}


def saved(daemon: str) -> bytes:
    return gzip.decompress((HERE / f"dockerd-{daemon}.tar.gz").read_bytes())


def unpacked(archive: bytes) -> dict[str, bytes | str | None]:
    """Return what is in an archive, in its order: contents of files, targets of links, None for directories."""
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        return {
            member.name: tar.extractfile(member).read() if member.isfile() else member.linkname or None  # type: ignore[union-attr]
            for member in tar
        }


def packed(files: dict[str, bytes | str]) -> Content:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            content = data.encode() if isinstance(data, str) else data
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return Content.of(buffer.getvalue())


def load(world: World, archive: bytes | Content, **options: Any) -> list[Any]:
    content = archive if isinstance(archive, Content) else Content.of(archive)
    return world.events(imagearchives.load(world.engine, imagearchives.read(content), **options))


def save(world: World, *names: str) -> bytes:
    return b"".join(imagearchives.save(imagearchives.chosen(world.engine.images, names)))


@pytest.mark.parametrize("daemon", IDS)
def test_what_a_real_daemon_saved_is_loaded_under_the_same_id(world: World, daemon: str) -> None:
    events = load(world, saved(daemon))
    assert [event.text for event in events if isinstance(event, BuildOutput)] == [
        "Loaded image: saved/two:1\n",
        "Loaded image: saved/two:2\n",
    ]
    assert [(event.action, event.current) for event in events if isinstance(event, Progress)] == [
        ("Loading layer", 2048),
        ("Loading layer", 2048),
    ]
    image = world.engine.images.get(IDS[daemon])
    assert image.config is not None
    assert (image.config.cmd, image.config.env, world.engine.images.size(image)) == (
        ("/a",),
        ("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "A=1"),
        13,
    )
    files = Files(world.engine.images.layers(image), Layer(), lambda: 0.0)
    assert (files.read("/a").read(), files.read("/b").read()) == (b"first\n", b"second\n")


def test_what_was_loaded_is_saved_as_the_real_daemon_did(world: World) -> None:
    load(world, saved("20.10"))
    assert unpacked(save(world, "saved/two")) == unpacked(saved("20.10"))


def test_an_image_without_layers_is_not_saved(world: World) -> None:
    container = world.engine.create(Config(cmd=("x",)), world.image)
    image = commit_container(world.engine, container, config=Config(), comment="", author="")
    bare = replace(image, id="b" * 64, layer=NO_LAYER, parent="", below=())
    world.engine.images.add(bare)
    with pytest.raises(Failure, match="empty export - not implemented"):
        save(world, bare.id)


def test_an_image_that_is_loaded_again_says_so_and_nothing_else_changes(world: World) -> None:
    load(world, saved("20.10"))
    events = load(world, saved("20.10"))
    assert not any(isinstance(event, Progress) for event in events)
    assert len(world.engine.images) == 2


def test_a_quiet_load_tells_no_progress(world: World) -> None:
    assert all(isinstance(event, BuildOutput) for event in load(world, saved("26"), quiet=True))


def test_a_bare_oci_layout_is_loaded(world: World) -> None:
    files = {name: data for name, data in unpacked(saved("26")).items() if isinstance(data, bytes)}
    files = {name: data for name, data in files.items() if name not in ("manifest.json", "repositories")}
    load(world, packed(dict(files)))
    assert IDS["26"] in world.engine.images
    assert world.engine.images.repositories.names(IDS["26"]) == ["saved/two:1", "saved/two:2"]


def test_an_image_that_is_made_here_survives_the_way_out_and_in(world: World) -> None:
    container = world.engine.create(Config(cmd=("x",)), world.image)
    world.engine.mount(container).write("/new", b"new")
    image = commit_container(world.engine, container, config=Config(cmd=("y",)), comment="c", author="a")
    tag(world.engine, image, parse_reference("mine:1"))
    archive = save(world, "mine:1")
    other = type(world)()
    load(other, archive)
    arrived = other.engine.images.get(image.id)
    assert (arrived.comment, arrived.author, arrived.config) == ("c", "a", Config(cmd=("y",)))
    assert [step.comment for step in arrived.history] == ["Imported from -", "c"]
    assert save(other, "mine:1") == archive


def test_a_parent_that_is_saved_too_is_the_parent_again(world: World) -> None:
    container = world.engine.create(Config(cmd=("x",)), world.image)
    world.engine.mount(container).write("/new", b"new")
    image = commit_container(world.engine, container, config=Config(), comment="", author="")
    manifest = json.loads(unpacked(save(world, world.image.id, image.id))["manifest.json"] or "")
    assert [item.get("Parent") for item in manifest] == [None, f"sha256:{world.image.id}"]
    assert [item["RepoTags"] for item in manifest] == [None, None]


def test_without_names_the_ids_are_told(world: World) -> None:
    load(world, saved("20.10"))
    archive = save(world, IDS["20.10"])
    assert load(world, archive) == [BuildOutput(f"Loaded image ID: sha256:{IDS['20.10']}\n")]


def test_a_name_that_is_taken_moves_and_the_old_image_is_told(world: World) -> None:
    load(world, saved("20.10"))
    text = load(world, saved("26"), quiet=True)[0].text
    assert text == (
        f"The image saved/two:1 already exists, renaming the old one with ID sha256:{IDS['20.10']} to empty string\n"
    )


def test_nothing_can_be_saved_and_loaded(world: World) -> None:
    assert unpacked(save(world)) == {"manifest.json": b"null\n"}
    assert load(world, save(world)) == [BuildOutput("")]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("nosuch", "No such image: nosuch"),
        ("base:nosuch", "reference does not exist"),
        ("sha256:" + "f" * 64, "No such image: sha256:" + "f" * 64),
        ("sha256:abc", "No such image: sha256:abc"),
    ],
)
def test_what_is_not_there_is_not_saved(world: World, name: str, text: str) -> None:
    with pytest.raises(NotFound) as error:
        save(world, name)
    assert str(error.value) == text


ITEM = {"Config": "c.json", "RepoTags": ["a:1"], "Layers": ["l.tar"]}
EMPTY = bytes(1024)


@pytest.mark.parametrize(
    ("files", "text"),
    [
        ({}, "repositories: no such file or directory"),
        ({"manifest.json": "x"}, "invalid character 'x'"),
        ({"manifest.json": "{}"}, "cannot unmarshal object"),
        ({"manifest.json": "[5]"}, "without Config"),
        ({"manifest.json": json.dumps([ITEM])}, "c.json: no such file or directory"),
        ({"manifest.json": json.dumps([ITEM]), "c.json": "[]"}, "invalid character"),
        ({"manifest.json": json.dumps([ITEM]), "c.json": "{}"}, "layers length mismatch: expected 1, got 0"),
        ({"manifest.json": json.dumps([{**ITEM, "RepoTags": ["A"]}]), "c.json": "{}"}, "must be lowercase"),
        ({"manifest.json": json.dumps([{**ITEM, "RepoTags": ["a"]}]), "c.json": "{}"}, 'invalid tag "a"'),
        (
            {
                "manifest.json": json.dumps([ITEM]),
                "c.json": json.dumps({"rootfs": {"diff_ids": ["sha256:" + "0" * 64]}}),
                "l.tar": EMPTY,
            },
            "invalid diffID for layer 0",
        ),
        ({"index.json": json.dumps({"manifests": [{"digest": "sha256:../../etc/passwd"}]})}, "no such file"),
        ({"index.json": json.dumps({"manifests": [{"digest": 5}]})}, "no such file"),
    ],
)
def test_an_archive_that_makes_no_sense_is_refused_and_nothing_is_loaded(
    world: World, files: dict[str, bytes | str], text: str
) -> None:
    with pytest.raises(DockerError) as error:
        load(world, packed(files))
    assert text in str(error.value)
    assert len(world.engine.images) == 1


def test_what_is_no_archive_is_refused() -> None:
    with pytest.raises(Failure, match="unexpected EOF"):
        imagearchives.read(Content.of(b"nonsense"))


def test_an_index_within_itself_ends() -> None:
    index = json.dumps({"manifests": [{"digest": "sha256:a"}]})
    assert imagearchives.read(packed({"index.json": index, "blobs/sha256/a": index})) == []
