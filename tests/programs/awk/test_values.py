"""Numbers and texts."""

from __future__ import annotations

import math

import pytest

from fakedocker.programs.awk.values import UNSET, Input, compare, number, text, truth


@pytest.mark.parametrize(
    ("value", "shown"),
    [(3.0, "3"), (-0.0, "0"), (0.1, "0.1"), (1e20, "1e+20"), (math.inf, "inf"), (1e15, "1" + "0" * 15)],
)
def test_a_number_is_shown_as_short_as_may_be(value: float, shown: str) -> None:
    assert text(value) == shown


@pytest.mark.parametrize(
    ("value", "expected"), [("12abc", 12), (" -3.5e1x", -35), ("0x1A", 26), ("x", 0), ("", 0), (".", 0)]
)
def test_a_text_is_worth_the_number_it_begins_with(value: str, expected: float) -> None:
    assert number(value) == expected


def test_input_that_looks_like_a_number_is_compared_as_one() -> None:
    assert compare(Input("10"), Input("9"), "%.6g") == 1
    assert compare("10", Input("9"), "%.6g") == -1
    assert compare(UNSET, 0.0, "%.6g") == compare(UNSET, "", "%.6g") == 0


def test_zero_from_outside_is_false_and_as_a_text_true() -> None:
    assert not truth(Input("0"))
    assert truth("0")
    assert not truth(UNSET)
