"""Jumps that leave what they are in, and nothing more."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("script", "out"),
    [
        ("for i in 1 2; do for j in a b; do break 2; done; echo no; done; echo end", "end\n"),
        ("for i in 1 2; do for j in a b; do continue 2; done; echo no; done; echo end", "end\n"),
        ("f() { return 3; echo no; }; f; echo $?", "3\n"),
        ("f() { for i in 1 2; do return; done; echo no; }; f; echo end", "end\n"),
        ("(exit 4); echo $?", "4\n"),
        ("break; echo outside of a loop", "outside of a loop\n"),
        ("f() { break; echo not out of the caller; }; for i in 1; do f; done", "not out of the caller\n"),
        ("trap 'echo trap; exit 5' EXIT; exit 4", "trap\n"),
    ],
)
def test_a_jump_ends_at_its_loop_or_function(container, script: str, out: str) -> None:
    assert container.sh(script).out == out


def test_an_error_ends_a_script_with_its_status(container) -> None:
    assert container.sh("set -u; echo $nosuch; echo no").code == 2
