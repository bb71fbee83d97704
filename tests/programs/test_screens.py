"""Screens: pagers without anybody who turns pages, editors that are none."""

from __future__ import annotations

import pytest


def test_a_pager_prints_what_it_gets_as_it_comes(container) -> None:
    container.start("less")
    container.type("a\n")
    assert container.output == "a\n"


@pytest.mark.parametrize("name", ["vi", "nano"])
def test_an_editor_says_that_it_is_none(container, name: str) -> None:
    result = container.run(name, "x")
    assert (result.code, result.err) == (1, f"{name}: fakedocker does not simulate editors\n")


def test_a_terminal_is_reset_and_nothing_else(container) -> None:
    container.start("reset", tty=True)
    assert container.output.startswith("\x1bc")
    assert container.run("reset").out == ""


def test_flock_runs_the_program(container) -> None:
    result = container.sh(
        "flock lock echo a; flock -n lock -c 'echo b'; exec 9>lock; flock 9; echo $?; flock 8; echo $?"
    )
    assert result.out == "a\nb\n0\n1\n"
    assert result.err == "flock: 8: Bad file descriptor\n"


def test_a_message_for_the_log_can_be_seen(container) -> None:
    assert container.run("logger", "-s", "-t", "app", "hi", "there").err == "app: hi there\n"
