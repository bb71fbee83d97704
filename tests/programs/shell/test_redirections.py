"""Descriptors that change for a command, and are afterwards what they were."""

from __future__ import annotations

import pytest


def test_a_descriptor_is_put_back(container) -> None:
    assert container.sh("echo in > f; echo out; { echo err >&2; } 2> g; cat f g").out == "out\nin\nerr\n"


def test_exec_makes_it_last(container) -> None:
    assert container.sh("exec 3> f; echo a >&3; echo b >&3; exec 3>&-; cat f").out == "a\nb\n"


def test_both_outputs_go_to_one_file(container) -> None:
    assert container.sh("sh -c 'echo out; echo err >&2' &> f; wc -l < f").out == "2\n"


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("echo < nosuch", "can't open nosuch: no such file"),
        ("echo > nosuch/f", "can't create nosuch/f: nonexistent directory"),
        ("echo > /", "can't create /: Is a directory"),
        ("echo >&7", "7: Bad file descriptor"),
        ("echo 999>&1", "999: Bad file descriptor"),
        ("set -C; echo a > f; echo b > f", "can't create f: File exists"),
    ],
)
def test_what_is_not_possible_is_said_and_the_command_not_run(container, script: str, message: str) -> None:
    result = container.sh(f"{script}; echo $?")
    assert (result.out, result.err) == ("1\n", f"sh: {message}\n")


def test_a_failed_redirection_undoes_those_before_it(container) -> None:
    assert container.sh("echo a > f < nosuch; echo b; cat f").out == "b\n"


def test_a_document_is_read_once(container) -> None:
    assert container.sh("{ read a; read b; echo $b $a; cat; } <<E\n1\n2\n3\nE").out == "2 1\n3\n"
