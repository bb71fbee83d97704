"""find: expressions and what they do; what it prints is compared with busybox in tests/conformance/shell."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def tree(container) -> None:
    container.sh("mkdir -p a/b/c; echo 1 > a/one; touch a/b/empty; chmod 600 a/one; ln -s one a/link")


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("a -name one -o -name empty", "a/b/empty a/one"),
        ("a -type d ! -name a", "a/b a/b/c"),
        ("a ( -name b -o -type l ) -print", "a/b a/link"),
        ("a -name b -prune -o -type f -print", "a/one"),
        ("a -name b -prune", "a/b"),
        ("a -depth -type d", "a/b/c a/b a"),
        ("a -mindepth 1 -maxdepth 1 -type d", "a/b"),
        ("a -perm 600", "a/one"),
        ("a -perm -600 -type f", "a/b/empty a/one"),
        ("a -size 2c", "a/one"),
        ("a -type f -empty", "a/b/empty"),
        ("a -newer a/one -name nosuch", ""),
        ("-L a -type l", ""),
    ],
)
def test_an_expression_chooses_paths(container, words: str, found: str) -> None:
    assert container.run("find", *words.split()).out.split() == found.split()


def test_programs_run_for_each_path_or_for_all(container) -> None:
    assert container.run("find", "a", "-type", "f", "-exec", "echo", "<{}>", ";").out == "<a/b/empty>\n<a/one>\n"
    assert container.run("find", "a", "-type", "f", "-exec", "echo", "{}", "+").out == "a/b/empty a/one\n"
    assert container.run("find", "a", "-name", "one", "-exec", "false", ";", "-print").out == ""
    assert container.run("find", "a", "-exec", "false", "{}", "+").code == 1


def test_what_is_found_is_deleted_from_below(container) -> None:
    assert container.run("find", "a/b", "-delete").code == 0
    assert container.files.listdir("/work/a") == ["link", "one"]


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ("a -nosuch", "unrecognized: -nosuch"),
        ("a -name", "-name requires an argument"),
        ("a -exec echo", "-exec requires an argument"),
        ("a -type q", "invalid argument 'q' to '-type'"),
        ("a -user nosuch", "unknown user nosuch"),
        ("a ( -name b", "unpaired '('"),
        ("a -maxdepth x", "invalid number 'x'"),
    ],
)
def test_nonsense_is_refused_before_anything_is_searched(container, words: str, complaint: str) -> None:
    result = container.run("find", *words.split())
    assert (result.code, result.out) == (1, "")
    assert result.err.startswith(f"find: {complaint}\n")


def test_parentheses_without_end_do_no_harm(container) -> None:
    assert container.run("find", "a", *["("] * 10_000).err == "find: nested too deeply\n"
    assert container.run("find", "a", *["!"] * 10_000, "-name", "one").out == "a/one\n"
    assert container.run("find", "a", *["-type", "f"] * 10_000, "-name", "one").out == "a/one\n"


def test_links_that_go_in_a_circle_are_found_as_links(container) -> None:
    container.sh("ln -s y x; ln -s x y")
    assert container.run("find", "-L", "x").out == "x\n"
