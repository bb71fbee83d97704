"""The order of values, and how they look."""

from __future__ import annotations

import itertools
import json
import math

import pytest

from fakedocker.programs.jq.values import JqError, brief, compare, described, kind, pieces, shown

ORDERED = [
    None,
    False,
    True,
    -1.0,
    0.0,
    2.5,
    "",
    "a",
    "b",
    [],
    [None],
    [1.0],
    [1.0, 2.0],
    {},
    {"a": 1.0},
    {"a": 2.0},
    {"b": 0.0},
]


@pytest.mark.parametrize(("less", "more"), list(itertools.pairwise(ORDERED)))
def test_all_values_have_an_order(less: object, more: object) -> None:
    assert (compare(less, more), compare(more, less), compare(less, less)) == (-1, 1, 0)


def test_what_is_no_number_is_less_than_any() -> None:
    assert compare(math.nan, math.nan) == compare(math.nan, -1e308) == -1
    assert compare(0.0, math.nan) == 1


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.0, "1"),
        (-0.0, "-0"),
        (1e15, "1000000000000000"),
        (1e17, "1e+17"),
        (123456789012345678.0, "123456789012345680"),
        (1e-5, "1e-05"),
        (math.nan, "null"),
        (math.inf, "1.7976931348623157e+308"),
        ("é\x7f\n", '"é\\u007f\\n"'),
        ({"a": [True, None]}, '{"a":[true,null]}'),
    ],
)
def test_a_value_is_shown_as_json(value: object, text: str) -> None:
    assert shown(value) == text


@pytest.mark.parametrize("indent", ["", "  ", "\t"])
@pytest.mark.parametrize("value", [[], {}, [1.0, [2.0, {"a": "x", "b": []}]], {"b": {"a": None}, "a": 1.0}, "text"])
def test_pieces_are_the_whole(value: object, indent: str) -> None:
    text = "".join(pieces(value, indent=indent, sort_keys=False, ascii_only=False))
    separators = (",", ": ") if indent else (",", ":")
    assert json.loads(text) == value
    assert text == json.dumps(json.loads(shown(value)), indent=indent or None, separators=separators)


def test_keys_are_put_in_order() -> None:
    assert "".join(pieces({"b": 1.0, "a": {"d": 1.0, "c": 2.0}}, indent="", sort_keys=True, ascii_only=False)) == (
        '{"a":{"c":2,"d":1},"b":1}'
    )


def test_a_message_shows_the_beginning_of_a_value() -> None:
    assert brief("a" * 12) == '"' + "a" * 12 + '"'
    assert brief("a" * 13) == '"' + "a" * 10 + "..."
    assert described([1.0]) == "array ([1])"
    assert kind(True) == "boolean"


def test_what_is_too_deep_is_an_error() -> None:
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(JqError):
        shown(deep)
    while deep:  # taken apart, since Python's own way is as deep
        deep = deep[0]  # type: ignore[assignment]
