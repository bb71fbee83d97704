"""What surrounds every program."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from typing import Any

import pytest

from fakedocker.engine.processes.effects import Signal
from fakedocker.programs.executable import Become, describe


def test_an_error_a_program_did_not_expect_is_its_last_word(container) -> None:
    def broken(process: Any) -> Iterator[Any]:
        yield from process.write(1, "before\n")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/data")

    container.catalogue.register("cat", broken)
    result = container.run("cat")
    assert (result.code, result.out, result.err) == (1, "before\n", "cat: /data: No space left on device\n")


def test_writing_to_nobody_ends_a_program_by_signal(container) -> None:
    assert container.sh("{ yes; echo $? >&2; } | head -n 1").err == "141\n"


def test_a_program_that_ignores_the_signal_gets_an_error(container) -> None:
    assert container.sh("{ trap '' PIPE; yes; echo $? >&2; } | true").err == "yes: write error: Broken pipe\n1\n"


def test_what_becomes_another_program_keeps_its_process_and_what_it_ignores(container) -> None:
    seen = []

    def first(process: Any) -> Iterator[Any]:
        process.catch(Signal.TERM)
        yield from process.write(1, "first ")
        raise Become(second, ("second", "word"), {"A": "1"})

    def second(process: Any) -> Iterator[Any]:
        seen.append((process.pid, process.argv, process.env, dict(process.dispositions)))
        yield from process.write(1, "second\n")
        return 4

    container.catalogue.register("cat", first)
    result = container.run("cat")
    assert (result.code, result.out) == (4, "first second\n")
    assert seen == [(1, ("second", "word"), {"A": "1"}, {})]


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (OSError(errno.ENOENT, "whatever", "/x"), "/x: No such file or directory"),
        (OSError(errno.EBADF, "whatever"), "Bad file descriptor"),
        (OSError("just text"), "just text"),
    ],
)
def test_an_error_is_described_as_the_system_does(error: OSError, text: str) -> None:
    assert describe(error) == text
