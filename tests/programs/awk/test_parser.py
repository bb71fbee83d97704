"""How programs are read."""

from __future__ import annotations

import pytest

from fakedocker.programs.awk import syntax
from fakedocker.programs.awk.parser import parse
from fakedocker.programs.awk.syntax import Fault


def test_what_is_given_to_a_function_for_an_array_is_one() -> None:
    script = parse("function f(a, b) { g(a) } function g(c) { c[1] = b } BEGIN { f(x, y) }")
    assert script.arrays == {"x"}
    assert script.functions["f"].arrays == {"a"}


def test_minus_binds_more_than_nothing_between_two_operands() -> None:
    script = parse('BEGIN { x = 1 " " -1 }')
    block = script.begin[0]
    assert isinstance(block, syntax.Block)
    statement = block.statements[0]
    assert isinstance(statement, syntax.Evaluate)
    assert isinstance(statement.expression, syntax.Assignment)
    value = statement.expression.value
    assert isinstance(value, syntax.Operation)
    assert (value.operator, len(value.operands)) == ("concat", 2)


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("{print", "1: Unexpected token"),
        ("BEGIN {\nx = 1 2 )\n}", "2: Unexpected token"),
        ("BEGIN { f(1) }", "1: Call to undefined function"),
        ("function f(a) {} BEGIN { f(1, 2) }", "1: Too many arguments"),
        ("BEGIN { print substr(1) }", "1: Too few arguments"),
        ("BEGIN { (1, 2) }", "1: Unexpected token"),
        ("BEGIN { 1 = 2 }", "1: Unexpected token"),
    ],
)
def test_a_mistake_is_said_with_its_line(source: str, complaint: str) -> None:
    with pytest.raises(Fault) as fault:
        parse(source)
    assert str(fault.value) == complaint
