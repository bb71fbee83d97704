"""What a shell holds is counted, and a container has only so much."""

from __future__ import annotations

import pytest

from fakedocker.programs.shell.memory import Counted, size_of_tree, size_of_words
from fakedocker.programs.shell.parser import Parser


class Account:
    def __init__(self) -> None:
        self.held = 0

    def __call__(self, size: int) -> None:
        self.held += size


def test_what_is_taken_out_or_replaced_is_given_back() -> None:
    account = Account()
    table: Counted[str] = Counted(account)
    table["a"] = "x" * 1000
    assert account.held > 1000
    table["a"] = "y"
    assert 0 < account.held < 1000
    table["b"] = "z"
    del table["a"]
    table.pop("b")
    assert (account.held, len(table), "a" in table) == (0, 0, False)
    table["c"] = "z"
    table.clear()
    assert account.held == 0


def test_a_copy_counts_for_whoever_makes_it() -> None:
    mine, theirs = Account(), Account()
    table: Counted[str] = Counted(mine)
    table["a"] = "x"
    copy = Counted(theirs, table)
    assert theirs.held == mine.held
    del copy["a"]
    assert (table["a"], theirs.held) == ("x", 0)
    assert mine.held > 0


def test_a_function_takes_more_the_longer_it_is() -> None:
    short = Parser("echo a").next_command()
    long = Parser("echo a; " * 100).next_command()
    assert size_of_tree(long) > 50 * size_of_tree(short)
    assert size_of_words(["abc"] * 10) > 30


@pytest.mark.parametrize(
    "script",
    [
        'x=$(printf %060000d 0); i=0; while :; do i=$((i+1)); eval "f$i() { echo $x; }"; done',
        "x=$(printf %060000d 0); i=0; while :; do i=$((i+1)); alias a$i=$x; done",
        'x=$(printf %060000d 0); f() { f "$@" "$x$x$x$x$x$x$x$x"; }; g() { f "$@"; }; g $x',
        'x=$(printf %060000d 0); while :; do set -- "$@" "$x"; done',
    ],
)
def test_a_shell_that_hoards_is_killed_like_any_program(container, script: str) -> None:
    container.memory_limit = 2 << 20
    result = container.run("sh", "-c", script)
    assert (result.code, container.table.oom_killed) == (137, True)
    assert container.table.memory == 0


def test_what_a_function_was_called_with_is_given_back_at_its_end(container) -> None:
    container.start("sh", "-c", "f() { :; }; x=$(printf %060000d 0); for i in 1 2 3 4 5; do f $x $x; done; sleep 5")
    before = container.first.memory
    assert 60_000 < before < 120_000  # $x itself
