"""Texts as a shell writes them for itself."""

from __future__ import annotations

import pytest

from fakedocker.programs.shell.quoting import quoted, single_quoted


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain-1.2/x", "plain-1.2/x"),
        ("", ""),
        ("a b", "'a b'"),
        ("it's", "'it'\"'\"'s'"),
        ("if", "'if'"),
        ("$x", "'$x'"),
    ],
)
def test_only_what_needs_quotes_gets_them(text: str, shown: str) -> None:
    assert quoted(text) == shown


@pytest.mark.parametrize("text", ["", "a b", "it's", "'", "$(x) `y` \\", "a\nb"])
def test_a_shell_reads_back_what_is_quoted(container, text: str) -> None:
    assert container.sh(f"printf %s {single_quoted(text)}").out == text
