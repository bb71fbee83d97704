"""What of a context is not sent."""

from __future__ import annotations

import pytest

from fakedocker.engine.builds.dockerignore import Ignored
from fakedocker.engine.errors import InvalidParameter
from fakedocker.engine.files.files import Files
from fakedocker.engine.files.layers import Layer


def files(*paths: str) -> Files:
    context = Files([], Layer(), lambda: 1.0)
    for path in paths:
        context.mkdir("/" + path.rpartition("/")[0], parents=True)
        context.write("/" + path, b"x")
    return context


def sent(text: str, *paths: str) -> list[str]:
    taken = Ignored.read(text).taken(files(*paths))
    return [path[1:] for path, inode in taken.walk() if inode.is_file]


@pytest.mark.parametrize(
    ("text", "path", "ignored"),
    [
        ("a", "a", True),
        ("a", "a/b", True),
        ("a", "b/a", False),
        ("/a/", "a", True),
        ("./x/../a", "a", True),
        ("**/a", "b/c/a", True),
        ("*\n!a", "a", False),
        ("!a\n*", "a", True),
        ("*\n!a\na/b", "a/b", True),
        ("#a", "#a", False),
        (" a ", "a", True),
        ("! a\n", "a", False),
        ("\ufeffa", "a", True),
        ("", "a", False),
        ("a\r\n", "a", True),
    ],
)
def test_later_lines_count_more(text: str, path: str, ignored: bool) -> None:
    assert Ignored.read(text).matches(path) is ignored


def test_an_exception_below_what_is_left_out_is_sent_with_its_directories() -> None:
    assert sent("d\n!d/keep", "d/keep", "d/drop", "e") == ["d/keep", "e"]


def test_an_exception_that_does_not_name_the_directory_is_not_found_in_it() -> None:
    assert sent("*\n!**/keep", "keep", "d/keep") == ["keep"]


def test_a_client_always_sends_the_dockerfile_and_the_list_itself() -> None:
    assert sent("*", "Dockerfile", ".dockerignore", "a") == [".dockerignore", "Dockerfile"]


@pytest.mark.parametrize("text", ["!", "[", "a\\"])
def test_what_is_no_pattern_is_refused(text: str) -> None:
    with pytest.raises(InvalidParameter):
        Ignored.read(text)
