"""grep, sed, expr; what they print is compared with busybox elsewhere."""

from __future__ import annotations

import pytest


def test_grep_answers_by_its_exit_code(container) -> None:
    assert [container.run("grep", "-q", word, stdin="yes\n").code for word in ("yes", "no")] == [0, 1]
    assert container.run("grep", "[", stdin="x").code == 2


def test_grep_refuses_what_would_take_too_long(container) -> None:
    result = container.run("grep", "-E", "((a|b){50}|c)*d", stdin="a" * 200_000)
    assert (result.code, result.err) == (2, "grep: line too long for this regular expression\n")


def test_grep_looks_below_directories(container) -> None:
    container.sh("mkdir -p d/e; echo needle > d/e/f; echo hay > d/g")
    assert container.run("grep", "-r", "needle", "d").out == "d/e/f:needle\n"
    assert container.run("grep", "-rl", "needle").out == "./d/e/f\n"


def test_sed_edits_a_file_in_place(container) -> None:
    container.files.write("/work/f", b"port=1\nhost=a\n")
    container.run("sed", "-i", "s/^port=.*/port=2/", "f")
    assert container.files.read("/work/f").read() == b"port=2\nhost=a\n"


@pytest.mark.parametrize(
    "script", ["k", "s/a", "s/a/b/z", "y/ab/c/", "s/[/x/", "1,", "2,p,", "{p", "p}", "bnosuch", "s/a/b/w"]
)
def test_sed_refuses_what_it_does_not_simulate(container, script: str) -> None:
    result = container.run("sed", script, stdin="a\n")
    assert result.code == 1
    assert result.err.startswith("sed: ")


@pytest.mark.parametrize("script", [":a;ba", ":a;s/a/aa/;ta", ":a;G;H;x;ba"])
def test_sed_gives_up_a_loop_without_end(container, script: str) -> None:
    assert container.run("sed", script, stdin="a\n").code == 1


def test_expr_refuses_endless_nesting(container) -> None:
    assert container.run("expr", *["("] * 5000).code == 2
