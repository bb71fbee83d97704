"""Integer expressions: C's operators, 64 bits, variables."""

from __future__ import annotations

import pytest

from fakedocker.programs.shell.arithmetic import ArithmeticFault, evaluate


def value(expression: str, **variables: str) -> int:
    return evaluate(expression, lambda name: variables.get(name, ""), variables.__setitem__)


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ("", 0),
        ("1+2*3", 7),
        ("(1+2)*3", 9),
        ("-7/2", -3),
        ("-7%3", -1),
        ("1<<2+1", 8),
        ("2**3**2", 64),  # to the left, as busybox has it
        ("1 ? 2 : 3", 2),
        ("0 ? 2 : 0 ? 3 : 4", 4),
        ("1, 2", 2),
        ("0x1F + 010 + 2#101", 44),
        ("!0 + ~0 + - -1", 1),
        ("1 < 2 == 1 && 3 > 2 || 0", 1),
        ("5 & 3 | 8 ^ 1", 9),
    ],
)
def test_operators_bind_as_in_c(expression: str, result: int) -> None:
    assert value(expression) == result


def test_a_number_wraps_at_64_bits() -> None:
    assert value("9223372036854775807 + 1") == -9223372036854775808


def test_a_huge_power_costs_nothing() -> None:
    assert value("3 ** 999999999999") == value("3 ** 999999999999")


def test_the_value_of_a_variable_is_an_expression_itself() -> None:
    assert value("a", a="b + 1", b="2") == 3


def test_variables_are_assigned_and_counted_up() -> None:
    variables = {"x": "5"}

    def run(expression: str) -> int:
        return evaluate(expression, lambda name: variables.get(name, ""), variables.__setitem__)

    assert [run("x++"), run("++x"), run("x += 3"), run("y = x - 1")] == [5, 7, 10, 9]
    assert variables == {"x": "10", "y": "9"}


def test_what_does_not_count_is_done_all_the_same_as_in_ash() -> None:
    variables: dict[str, str] = {}
    result = evaluate("0 && (x = 1)", lambda name: variables.get(name, ""), variables.__setitem__)
    assert result == 0
    assert variables == {"x": "1"}


def test_a_condition_within_a_condition_needs_parentheses() -> None:
    assert value("1 ? (0 ? 1 : 2) : 3") == 2
    with pytest.raises(ArithmeticFault, match="malformed"):
        value("1 ? 0 ? 1 : 2 : 3")


@pytest.mark.parametrize("expression", ["1 +", "a b", "08", "1 ? 2", "(1", ")", "++1", "1#", "@"])
def test_nonsense_is_a_syntax_error(expression: str) -> None:
    with pytest.raises(ArithmeticFault, match="arithmetic syntax error"):
        value(expression)


def test_division_by_zero_is_an_error() -> None:
    with pytest.raises(ArithmeticFault, match="divide by zero"):
        value("1 % 0")


@pytest.mark.parametrize("expression", ["(" * 10_000 + "1" + ")" * 10_000, "1?2:" * 10_000 + "1", "x"])
def test_endless_nesting_is_an_error(expression: str) -> None:
    with pytest.raises(ArithmeticFault, match="recursion"):
        value(expression, x="x")
