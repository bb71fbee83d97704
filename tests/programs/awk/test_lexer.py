"""Words."""

from __future__ import annotations

import pytest

from fakedocker.programs.awk.lexer import tokens, unescaped
from fakedocker.programs.awk.syntax import Fault


def kinds(source: str) -> list[str]:
    """Return the kinds of a text's words."""
    return [token.kind for token in tokens(source)]


def test_a_slash_divides_after_an_operand_and_begins_a_pattern_elsewhere() -> None:
    assert kinds("a / b / c") == ["name", "/", "name", "/", "name", "end"]
    assert kinds("! /a b/") == ["!", "pattern", "end"]
    assert [token.text for token in tokens(r"/[/]\//")] == [r"[/]\/", ""]


def test_a_name_with_a_parenthesis_is_a_call() -> None:
    assert kinds("f(x) f (x) length(x) if(x)")[0] == "call"
    assert kinds("f (x)")[0] == "name"
    assert kinds("if(x)")[:2] == ["if", "("]


def test_lines_are_counted_through_texts_that_go_on() -> None:
    assert [token.line for token in tokens("a\\\nb\nc")] == [1, 2, 2, 3, 3]


def test_escapes_that_mean_nothing_stay_for_patterns() -> None:
    assert unescaped(r"\t\.\101\"") == '\t\\.A"'


@pytest.mark.parametrize("source", ['"abc', "/abc", "`"])
def test_what_does_not_end_is_refused(source: str) -> None:
    with pytest.raises(Fault):
        tokens(source)
