"""The words awk is called with, and its complaints."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("words", "out"),
    [
        (("-F", ":", "{print $2}"), "b\n"),
        (("-F:", "{print $2}"), "b\n"),
        (("-F", "\\072", "{print $2}"), "b\n"),
        (("-v", "x=a\\tb", "{print x}"), "a\tb\n"),
        (("-v", "OFS=-", "-F:", "{$1=$1; print}"), "a-b\n"),
        (("-e", "{print 1}", "-e", "{print 2}"), "1\n2\n"),
        (("--", "{print}"), "a:b\n"),
    ],
)
def test_options_come_before_the_program(container, words: tuple[str, ...], out: str) -> None:
    result = container.run("awk", *words, stdin="a:b\n")
    assert (result.code, result.out, result.err) == (0, out, "")


def test_a_program_comes_from_files(container) -> None:
    container.files.write("/work/one", b"function f(x) { return x * 2 }\n")
    container.files.write("/work/two", b"{ print f($1) }\n")
    assert container.run("awk", "-f", "one", "-f", "two", stdin="4\n").out == "8\n"


def test_words_behind_the_program_are_files_and_assignments(container) -> None:
    container.files.write("/work/f", b"line\n")
    assert container.run("awk", "{print v, FILENAME}", "v=1", "f", "v=2", "f").out == "1 f\n2 f\n"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("-f", "nosuch"), "awk: can't open 'nosuch': No such file or directory\n"),
        (("BEGIN{print 1",), "awk: cmd. line:1: Unexpected token\n"),
        (("BEGIN{print 1/0}",), "awk: cmd. line:1: Division by zero\n"),
        (("/(/",), "awk: bad regex"),
        (("-v", "1x=2", "{print}"), "Usage: awk"),
        ((), "Usage: awk"),
    ],
)
def test_a_mistake_is_said(container, words: tuple[str, ...], message: str) -> None:
    result = container.run("awk", *words)
    assert result.code == 1
    assert message in result.err


def test_bytes_that_are_no_text_pass(container) -> None:
    assert container.run("awk", "{print $2}", stdin=b"a \xff\xfe\n").out == b"\xff\xfe\n".decode(
        "utf-8", "surrogateescape"
    )
