"""Operators on values."""

from __future__ import annotations

import math

import pytest

from fakedocker.programs.jq.operators import operated
from fakedocker.programs.jq.values import Exhausted, JqError


@pytest.mark.parametrize(
    ("left", "operator", "right", "result"),
    [
        (1.0, "+", 2.0, 3.0),
        (None, "+", "a", "a"),
        ({"a": 1.0}, "+", {"a": 2.0}, {"a": 2.0}),
        ([1.0, 2.0, 1.0], "-", [1.0], [2.0]),
        ({"a": {"b": 1.0}}, "*", {"a": {"c": 2.0}}, {"a": {"b": 1.0, "c": 2.0}}),
        ("ab", "*", 2.0, "abab"),
        ("ab", "*", 0.0, None),
        ("a,b", "/", ",", ["a", "b"]),
        (-7.0, "%", 3.0, -1.0),
        (5.0, "%", -2.0, 1.0),
        ([], "<", {}, True),
        (1.0, "==", True, False),
    ],
)
def test_an_operator_makes_a_value_of_two(left: object, operator: str, right: object, result: object) -> None:
    assert operated(operator, left, right) == result


@pytest.mark.parametrize(
    ("left", "operator", "right", "verb"),
    [({}, "+", 1.0, "added"), ("a", "-", 1.0, "subtracted"), ([], "*", 2.0, "multiplied"), ({}, "/", {}, "divided")],
)
def test_what_does_not_fit_is_an_error(left: object, operator: str, right: object, verb: str) -> None:
    with pytest.raises(JqError, match=f"cannot be {verb}"):
        operated(operator, left, right)


@pytest.mark.parametrize("operator", ["/", "%"])
def test_nothing_is_divided_by_zero(operator: str) -> None:
    with pytest.raises(JqError, match="the divisor is zero"):
        operated(operator, 1.0, 0.0)


def test_numbers_without_end_have_remainders() -> None:
    assert operated("%", 5.0, math.inf) == 5.0
    assert math.isnan(operated("%", math.inf, 5.0))


def test_no_result_is_too_large() -> None:
    with pytest.raises(Exhausted):
        operated("*", "x" * 1000, 1e6)
