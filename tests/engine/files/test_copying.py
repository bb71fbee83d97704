"""Copying into an image."""

from __future__ import annotations

from typing import Any

import pytest

from fakedocker.engine.errors import DockerError
from fakedocker.engine.files import copying
from fakedocker.engine.files.content import Content
from fakedocker.engine.files.copying import Owner, find, follow_links, place
from fakedocker.engine.files.files import Files
from fakedocker.engine.files.layers import Layer


def new_files(**contents: Any) -> Files:
    files = Files([], Layer(), lambda: 0.0)
    for name, content in contents.items():
        files.write(f"/{name}", content)
    return files


@pytest.fixture
def context() -> Files:
    files = new_files(a=b"alpha")
    files.mkdir("/d/deep", parents=True)
    files.write("/d/x", b"x", mode=0o4755, uid=7)
    files.write("/d/deep/y", b"y")
    files.symlink("d", "/link")
    files.symlink("/etc/passwd", "/outside")
    return files


@pytest.fixture
def image() -> Files:
    files = new_files()
    files.mkdir("/old", mode=0o700, uid=3)
    files.write("/old/a", b"before")
    return files


ROOT = Owner()


def copied(context: Files, image: Files, name: str, target: str, owner: Owner | None = ROOT) -> None:
    for source in find(context, name):
        place(source, image, target, owner)


def test_a_file_takes_a_name_or_goes_into_a_directory(context: Files, image: Files) -> None:
    copied(context, image, "a", "/new/name")
    copied(context, image, "/a", "/other/")
    copied(context, image, "./a", "/old")
    assert [image.read(path).read() for path in ("/new/name", "/other/a", "/old/a")] == [b"alpha"] * 3


def test_of_a_directory_the_content_is_copied(context: Files, image: Files) -> None:
    copied(context, image, "d", "/old")
    assert image.listdir("/old") == ["a", "deep", "x"]
    assert (image.stat("/old").mode, image.stat("/old").uid) == (0o700, 3)


def test_what_is_copied_belongs_to_the_owner_and_is_nobodys_setuid_program(context: Files, image: Files) -> None:
    copied(context, image, "d", "/new/below", Owner(5, 6))
    copied(context, image, "d/x", "/made/x", Owner(5, 6))
    owners = {path: (one.uid, one.gid) for path, one in image.walk()}
    assert owners["/new"] == (0, 0)
    assert owners["/new/below"] == owners["/new/below/x"] == owners["/made"] == owners["/made/x"] == (5, 6)
    assert image.stat("/made/x").mode == 0o755


def test_owners_stay_when_files_come_from_another_image(context: Files, image: Files) -> None:
    copied(context, image, "d/x", "/x", None)
    assert (image.stat("/x").uid, image.stat("/x").mode) == (7, 0o4755)


def test_links_are_followed_but_not_out_of_the_context(context: Files, image: Files) -> None:
    copied(context, image, "link", "/linked")
    assert image.listdir("/linked") == ["deep", "x"]
    with pytest.raises(DockerError, match="stat outside: file does not exist"):
        find(context, "outside")


@pytest.mark.parametrize("name", ["../a", "d/../../a", "a/below"])
def test_what_lies_outside_is_refused(context: Files, name: str) -> None:
    with pytest.raises(DockerError, match="forbidden path outside the build context"):
        find(context, name)


def test_a_pattern_finds_all_that_match(context: Files) -> None:
    assert [source.path for source in find(context, "[adl]*")] == ["a", "d", "link"]
    assert find(context, "*.none") == find(context, "[") == []


def test_a_sum_is_of_content_and_mode_but_not_of_time(context: Files) -> None:
    before = copying.sum_of(find(context, "d"))
    context.utime("/d/deep/y", 99.0)
    assert copying.sum_of(find(context, "d")) == before
    context.chmod("/d/deep/y", 0o600)
    changed = copying.sum_of(find(context, "d"))
    assert changed != before
    context.write("/d/deep/y", b"z")
    assert copying.sum_of(find(context, "d")) not in (before, changed)
    assert before.startswith("dir:")
    assert copying.sum_of(find(context, "a")).startswith("file:")
    assert copying.sum_of([*find(context, "a"), *find(context, "d")]).startswith("multi:")


@pytest.mark.parametrize(
    ("name", "known_by"),
    [
        ("f", "file:5697a964c9d6acb61b6bba691aff08d8c2220a01cac55de3a1ebe5d33b5dc45b"),
        ("x", "file:1fb7969649659af8aaebe952509e65876fd7d77bc07f372d43fdfd2b48bb297d"),
        ("dir/link", "file:b1da0d361f6a4056c8e7fec9fd19429a810b6ad783e7f421b4adfec615a76afa"),
        ("dir", "dir:a78cf70eb68ccacdd3149ff940a43279af6f43984e7548dc6821e6a2650db4a3"),
        ("./dir/sub/", "dir:a3496a3cc9489d7cf0e7bd83d020688414dceb1cc61f06ad2f64ea254f344b84"),
    ],
)
def test_a_source_is_known_by_the_sum_that_the_real_builder_has_for_it(name: str, known_by: str) -> None:
    """As dockerd 20.10 says it in the history of an image."""
    context = new_files(f=b"hello\n")
    context.write("/x", b"#!/bin/sh\n", mode=0o755)
    context.mkdir("/dir/sub", parents=True)
    context.chmod("/dir/sub", 0o700)
    context.write("/dir/a", b"a", mode=0o600)
    context.write("/dir/sub/b", b"b" * 5000)
    context.symlink("a", "/dir/link")
    assert copying.sum_of(find(context, name)) == known_by


def test_a_directory_cannot_become_a_file(context: Files, image: Files) -> None:
    with pytest.raises(DockerError, match="mkdir /old/a: not a directory"):
        copied(context, image, "d", "/old/a")
    with pytest.raises(DockerError, match="mkdir /old/a: not a directory"):
        copied(context, image, "a", "/old/a/")


def test_a_fetched_file_is_called_as_in_its_url(image: Files) -> None:
    source = copying.fetched(Content.of(b"data"), "http://host/path/name.tar?query#part")
    place(source, image, "/to/", Owner())
    assert (image.read("/to/name.tar").read(), image.stat("/to/name.tar").mode) == (b"data", 0o600)
    assert copying.fetched(Content.of(b""), "http://host/").path == copying.UNNAMED


def test_a_target_may_lead_through_links_that_lead_nowhere_yet(image: Files) -> None:
    image.symlink("/new/place", "/dangling")
    image.symlink("../../old", "/up")
    image.symlink("loop", "/loop")
    assert follow_links(image, "/dangling/x") == "/new/place/x"
    assert follow_links(image, "/up/../up/a") == "/old/a"
    with pytest.raises(OSError, match="symbolic links"):
        follow_links(image, "/loop")
