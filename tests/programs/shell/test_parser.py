"""Commands from text, one line at a time."""

from __future__ import annotations

import pytest

from fakedocker.programs.shell.parser import Parser
from fakedocker.programs.shell.syntax import (
    AndOr,
    Background,
    Case,
    For,
    Function,
    If,
    Incomplete,
    Not,
    Pipeline,
    Redirected,
    Series,
    Simple,
    Subshell,
    SyntaxFault,
    While,
)


def parse(text: str) -> object:
    return Parser(text).next_command()


@pytest.mark.parametrize(
    ("text", "node"),
    [
        ("a b", Simple),
        ("A=1", Simple),
        ("a | b", Pipeline),
        ("! a", Not),
        ("a && b || c", AndOr),
        ("a &", Background),
        ("a; b", Series),
        ("if a; then b; elif c; then d; else e; fi", If),
        ("until a; do b; done", While),
        ("for x in 1 2; do a; done", For),
        ("case a in b|c) d;; esac", Case),
        ("( a )", Subshell),
        ("{ a; } > f", Redirected),
        ("f() { a; }", Function),
    ],
)
def test_each_form_has_its_node(text: str, node: type) -> None:
    assert isinstance(parse(text), node)


def test_commands_come_line_by_line() -> None:
    parser = Parser("a\n\nb; c\nfi\n")
    assert isinstance(parser.next_command(), Simple)
    assert isinstance(parser.next_command(), Series)
    with pytest.raises(SyntaxFault, match='unexpected "fi"'):
        parser.next_command()


def test_the_position_is_where_the_next_command_begins() -> None:
    text = "a 'x\ny'\nrest"
    parser = Parser(text)
    parser.next_command()
    assert text[parser.position :] == "rest"


def test_a_keyword_is_one_only_where_a_command_begins() -> None:
    command = parse("echo if then fi")
    assert isinstance(command, Simple)
    assert len(command.words) == 4


def test_an_assignment_is_one_only_before_the_command() -> None:
    command = parse("A=1 b C=2")
    assert isinstance(command, Simple)
    assert ([assignment.name for assignment in command.assignments], len(command.words)) == (["A"], 2)


@pytest.mark.parametrize("text", ["if a", "a &&", "a |", "{ a", "( a", "f()", "case x in", "while a; do", "$(a"])
def test_an_unfinished_command_asks_for_more(text: str) -> None:
    with pytest.raises(Incomplete):
        Parser(text, final=False).next_command()


def test_an_unfinished_here_document_asks_for_more_unless_nothing_follows() -> None:
    with pytest.raises(Incomplete):
        Parser("cat <<E\nline\n", final=False).next_command()
    assert isinstance(Parser("cat <<E\nline\n").next_command(), Simple)


@pytest.mark.parametrize("text", ["(", "{ ", "if ", "while ", "$(", "f() ", "case a in a) "])
def test_deep_nesting_is_a_syntax_error(text: str) -> None:
    with pytest.raises(SyntaxFault, match="nested too deeply"):
        parse(text * 10_000)
