"""Lines as they come."""

from __future__ import annotations

import errno
import os

from fakedocker.programs.reading import split_lines


def test_a_complete_line_is_worked_on_before_more_is_read(container) -> None:
    container.start("grep", "a")
    container.type("a1\nb\na")
    assert container.output == "a1\n"
    container.type("2\n")
    assert container.output == "a2\n"


def test_the_last_line_needs_no_newline(container) -> None:
    assert container.run("grep", "-c", "", stdin="a\nb").out == "2\n"


def test_only_newlines_end_lines(container) -> None:
    assert split_lines(b"a\rb\x0bc\n\nd") == [b"a\rb\x0bc", b"", b"d"]
    assert container.run("grep", "-c", "", stdin="a\rb\fc\u2028d\n").out == "1\n"


def test_a_program_that_must_see_everything_does_not_take_endlessly_much(container) -> None:
    container.files.write("/work/big", b"x" * (65 << 20))
    result = container.run("sort", "big")
    assert (result.code, result.err) == (1, f"sort: {os.strerror(errno.ENOMEM)}\n")
