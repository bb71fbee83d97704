"""What a word knows about itself."""

from __future__ import annotations

from fakedocker.programs.shell.syntax import Literal, Parameter, Word


def test_only_one_unquoted_literal_is_plain() -> None:
    assert Word((Literal("if"),)).plain == "if"
    assert Word((Literal("if", quoted=True),)).plain is None
    assert Word((Literal("i"), Literal("f", quoted=True))).plain is None
    assert Word((Parameter("A"),)).plain is None


def test_a_word_is_quoted_if_any_part_is() -> None:
    assert Word((Literal("a"), Literal("b", quoted=True))).quoted
    assert not Word((Literal("a"),)).quoted
