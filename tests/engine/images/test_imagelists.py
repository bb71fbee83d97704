"""Lists of images, and their history."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fakedocker.engine.containers.config import Config
from fakedocker.engine.errors import DockerError
from fakedocker.engine.files.content import Content
from fakedocker.engine.files.layers import Inode, Kind, Layer
from fakedocker.engine.filters import Filters
from fakedocker.engine.images.imagelists import history, layer_sizes, listed, shared_sizes
from fakedocker.engine.images.images import History, Image, Images

if TYPE_CHECKING:
    from collections.abc import Sequence


def layer(size: int) -> Layer:
    made = Layer()
    made.put("/", Inode(Kind.DIRECTORY, 0o755))
    made.put("/f", Inode(Kind.FILE, content=Content.of(b"x" * size)))
    return made.freeze()


@pytest.fixture
def images() -> Images:
    """An old image with a child between it and a new one; a dangling one; one with a digest only."""
    images = Images()
    images.add(Image("a" * 64, 1.0, layer(1), config=Config(labels={"l": "1"})))
    images.add(Image("b" * 64, 2.0, layer(2), "a" * 64))
    images.add(Image("c" * 64, 3.0, layer(3), "b" * 64, config=Config(labels={"l": "2"})))
    images.add(Image("d" * 64, 4.0, layer(4)))
    images.add(Image("e" * 64, 5.0, layer(5)))
    images.repositories.put("old", "1", "a" * 64)
    images.repositories.put("x/new", "2", "c" * 64)
    images.repositories.put("y", "3", "c" * 64)
    images.repositories.put_digest("y", "sha256:" + "f" * 64, "e" * 64)
    return images


@pytest.mark.parametrize(
    ("filters", "intermediate", "letters"),
    [
        ({}, False, "edca"),
        ({}, True, "edcba"),
        ({"dangling": ["true"]}, False, "ed"),
        ({"dangling": ["false"]}, False, "eca"),
        ({"label": ["l"]}, False, "ca"),
        ({"label": ["l=2"]}, False, "c"),
        ({"before": ["x/new:2"]}, False, "a"),
        ({"since": ["old:1"]}, False, "edc"),
        ({"reference": ["*"]}, False, "eca"),
        ({"reference": ["x/*"]}, False, "c"),
        ({"reference": ["y"]}, False, "ec"),
        ({"reference": ["old:*"]}, False, "a"),
        ({"until": ["3"]}, True, "cba"),
    ],
)
def test_a_list_shows_what_fits(
    images: Images, filters: dict[str, Sequence[str]], intermediate: bool, letters: str
) -> None:
    shown = listed(images, Filters.of(**filters), 10.0, intermediate=intermediate)
    assert "".join(one.image.id[0] for one in shown) == letters


def test_of_the_names_only_those_that_were_asked_for_are_shown(images: Images) -> None:
    (only,) = listed(images, Filters.of(reference=["x/*"]), 10.0)
    assert (only.tags, only.digests) == (["x/new:2"], [])
    shown = {one.image.id[0]: one for one in listed(images, Filters(), 10.0)}
    assert shown["c"].tags == ["y:3", "x/new:2"], "as docker.io/library/y:3 and docker.io/x/new:2 are sorted"
    assert shown["e"].digests == ["y@sha256:" + "f" * 64]


@pytest.mark.parametrize(
    ("filters", "text"),
    [
        ({"nonesuch": ["1"]}, "invalid filter 'nonesuch'"),
        ({"dangling": ["perhaps"]}, "invalid filter 'dangling=[perhaps]'"),
        ({"before": ["nonesuch"]}, "No such image: nonesuch:latest"),
        ({"reference": ["["]}, "syntax error in pattern"),
    ],
)
def test_a_filter_that_makes_no_sense_is_refused(images: Images, filters: dict[str, Sequence[str]], text: str) -> None:
    with pytest.raises(DockerError) as error:
        listed(images, Filters.of(**filters), 10.0)
    assert str(error.value) == text


def test_a_history_is_newest_first_and_knows_the_images_that_are_here() -> None:
    images = Images()
    base = Image("a" * 64, 1.0, layer(5), below=(layer(7),), history=(History(0.0, "x"), History(1.0, "y")), size=12)
    images.add(base)
    step = History(2.0, "ENV", empty_layer=True)
    images.add(Image("b" * 64, 2.0, Layer().freeze(), base.id, history=(*base.history, step)))
    steps = list(history(images, images.get("b" * 64)))
    assert [(one.step.created_by, one.image[:1], one.size) for one in steps] == [
        ("ENV", "b", 0),
        ("y", "a", 5),
        ("x", "", 7),
    ]


def test_images_of_2013_have_the_history_of_their_ancestors() -> None:
    images = Images()
    images.add(Image("a" * 64, 1.0, layer(1), comment="first", size=10240))
    images.add(Image("b" * 64, 2.0, layer(2), "a" * 64, container_config=Config(cmd=("touch", "f")), size=20480))
    steps = list(history(images, images.get("b" * 64)))
    assert [(one.step.created_by, one.step.comment, one.image[:1], one.size) for one in steps] == [
        ("touch f", "", "b", 20480),
        ("", "first", "a", 10240),
    ]
    assert layer_sizes(images, images.get("b" * 64)) == [10240, 20480]


def test_a_history_that_does_not_fit_the_layers_is_shown_all_the_same() -> None:
    images = Images()
    images.add(Image("a" * 64, 1.0, layer(1), history=(History(0.0, "x"), History(1.0, "y")), document=b"{}"))
    assert [one.size for one in history(images, images.get("a" * 64))] == [0, 1]


def test_layers_that_several_images_have_are_shared() -> None:
    images = Images()
    images.add(Image("a" * 64, 1.0, layer(3)))
    images.add(Image("b" * 64, 2.0, layer(4), "a" * 64))
    images.add(Image("c" * 64, 3.0, layer(9)))
    assert shared_sizes(images) == {"a" * 64: 3, "b" * 64: 3, "c" * 64: 0}
