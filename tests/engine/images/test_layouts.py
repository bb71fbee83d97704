"""Saving as an OCI layout; what a real daemon 26 wrote is the judge."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from engine.images.test_imagearchives import IDS, load, saved, unpacked

from fakedocker.engine.containers.config import Config
from fakedocker.engine.images import imagearchives, layouts
from fakedocker.engine.images.imagecommits import commit_container

if TYPE_CHECKING:
    from engine.conftest import World


def save(world: World, *names: str) -> bytes:
    return b"".join(layouts.save(imagearchives.chosen(world.engine.images, names), 0))


def parsed(archive: bytes) -> dict[str, Any]:
    return {
        name: json.loads(data) if isinstance(data, bytes) and data.startswith((b"{", b"[")) else data
        for name, data in unpacked(archive).items()
    }


def test_what_was_loaded_is_saved_as_the_real_daemon_did(world: World) -> None:
    load(world, saved("26"))
    assert unpacked(save(world, "saved/two")) == unpacked(saved("26"))


def test_what_has_no_name_has_no_annotations_and_no_repositories(world: World) -> None:
    load(world, saved("26"))
    told = parsed(save(world, IDS["26"]))
    assert "repositories" not in told
    assert [item["RepoTags"] for item in told["manifest.json"]] == [None]
    assert ["annotations" in one for one in told["index.json"]["manifests"]] == [False]


def test_layers_that_several_images_have_are_written_once(world: World) -> None:
    container = world.engine.create(Config(cmd=("x",)), world.image)
    world.engine.mount(container).write("/new", b"new")
    image = commit_container(world.engine, container, config=Config(), comment="", author="")
    archive = save(world, world.image.id, image.id)
    manifest = parsed(archive)["manifest.json"]
    assert [item.get("Parent") for item in manifest] == [None, f"sha256:{world.image.id}"]
    assert manifest[1]["Layers"][:1] == manifest[0]["Layers"]
    other = type(world)()
    load(other, archive)
    assert image.id in other.engine.images
