"""The parts of a program: which of them may have to wait."""

from __future__ import annotations

import dataclasses

import pytest

from fakedocker.programs.awk import syntax
from fakedocker.programs.awk.parser import parse
from fakedocker.programs.awk.syntax import Constant, Evaluate, Expression, Operation, Variable


def _expression(source: str) -> Expression:
    [statement] = parse(f"BEGIN {{ {source} }}").begin[0].statements
    assert isinstance(statement, Evaluate)
    return statement.expression


@pytest.mark.parametrize(
    "source",
    ["f(1)", "1 + f(2)", "x = getline", 'a["x" f()]', "getline < y", 'system("ls")', "f() ? 1 : 2", "0 && f()", "$f()"],
)
def test_what_holds_a_call_waits(source: str) -> None:
    program = f"BEGIN {{ {source} }} function f(x) {{ return x }}"
    [statement] = parse(program).begin[0].statements
    assert statement.expression.waits


@pytest.mark.parametrize("source", ["1 + 2", "x = y", 'length("a")', "$1", 'a["x"]', "x++", "1 ? 2 : 3", "x ~ /y/"])
def test_everything_else_has_its_value_at_once(source: str) -> None:
    assert not _expression(source).waits


@pytest.mark.parametrize(
    "source", ["1 + 2", "x = 3", "$1", 'a["x"]', "x++", "x ~ y", 'sub(/a/, "b", x)', "split(x, a)"]
)
def test_an_expression_can_be_put_together_from_its_parts(source: str) -> None:
    expression = _expression(source)
    assert expression.with_parts(expression.parts) == expression


def test_other_parts_make_another_expression() -> None:
    expression = Operation("+", (Constant(1.0), Constant(2.0)))
    assert expression.with_parts([Variable("x"), Constant(2.0)]) == Operation("+", (Variable("x"), Constant(2.0)))


def test_a_tree_does_not_change() -> None:
    for one in vars(syntax).values():
        if isinstance(one, type) and dataclasses.is_dataclass(one) and issubclass(one, Expression):
            assert one.__dataclass_params__.frozen  # type: ignore[attr-defined]
