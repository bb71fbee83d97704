"""Functions of values."""

from __future__ import annotations

import inspect
import math

import pytest

from fakedocker.programs.jq.functions import FUNCTIONS, MANY
from fakedocker.programs.jq.values import Exhausted, JqError

VALUES = [
    None,
    True,
    1.5,
    -1.0,
    math.nan,
    math.inf,
    "",
    "abc",
    "2015-03-05T23:51:47Z",
    [],
    [1.0, "a"],
    [[1.0], [2.0]],
    {},
    {"key": "a", "value": 1.0},
]


@pytest.mark.parametrize("key", [*FUNCTIONS, *MANY], ids=lambda key: f"{key[0]}/{key[1]}")
def test_no_value_makes_a_function_crash(key: tuple[str, int]) -> None:
    function = {**FUNCTIONS, **MANY}[key]
    inspect.signature(function).bind(*VALUES[: key[1] + 1])
    for value in VALUES:
        for argument in VALUES:
            try:
                function(value, *[argument] * key[1])
            except (JqError, Exhausted):
                pass


@pytest.mark.parametrize(
    ("name", "value", "arguments", "result"),
    [
        ("flatten", [1.0, [2.0, [3.0]]], (1.0,), [1.0, 2.0, [3.0]]),
        ("join", ["a", None, 1.0], ("-",), "a--1"),
        ("indices", "abcb", ("b",), [1.0, 3.0]),
        ("indices", [1.0, 2.0, 1.0, 2.0], ([1.0, 2.0],), [0.0, 2.0]),
        ("from_entries", [{"k": "a", "v": 1.0}, {"name": "b"}], (), {"a": 1.0, "b": None}),
        ("contains", {"a": [1.0, "xyz"]}, ({"a": ["y"]},), True),
        ("transpose", [[1.0], [2.0, 3.0]], (), [[1.0, 2.0], [None, 3.0]]),
        ("round", -2.5, (), -3.0),
        ("tonumber", "1e3", (), 1000.0),
        ("split", "a1b22c", ("[0-9]+", None), ["a", "b", "c"]),
    ],
)
def test_a_function_gives_a_value(name: str, value: object, arguments: tuple[object, ...], result: object) -> None:
    assert FUNCTIONS[name, len(arguments)](value, *arguments) == result
