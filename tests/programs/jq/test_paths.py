"""Values at places in others."""

from __future__ import annotations

import pytest

from fakedocker.programs.jq.paths import at, entries, indexed, items, put, removed, sliced
from fakedocker.programs.jq.values import Exhausted, JqError

SLICE = {"start": 1.0, "end": 3.0}


@pytest.mark.parametrize(
    ("value", "index", "found"),
    [
        ({"a": 1.0}, "a", 1.0),
        ({"a": 1.0}, "b", None),
        ([1.0, 2.0], 1.0, 2.0),
        ([1.0, 2.0], -1.0, 2.0),
        ([1.0], 5.0, None),
        ([1.0, 2.0], 0.5, None),
        (None, "a", None),
        ([1.0, 2.0, 1.0], [1.0], [0.0, 2.0]),
        ([1.0, 2.0, 3.0, 4.0], SLICE, [2.0, 3.0]),
    ],
)
def test_an_index_finds(value: object, index: object, found: object) -> None:
    assert indexed(value, index) == found


@pytest.mark.parametrize(
    ("value", "index", "message"),
    [
        (1.0, "a", 'Cannot index number with string "a"'),
        ([], "a", 'Cannot index array with string "a"'),
        ({}, 0.0, "Cannot index object with number"),
        ("x", 0.0, "Cannot index string with number"),
    ],
)
def test_an_index_must_fit(value: object, index: object, message: str) -> None:
    with pytest.raises(JqError) as caught:
        indexed(value, index)
    assert caught.value.value == message


@pytest.mark.parametrize(
    ("start", "end", "part"),
    [
        (None, None, "abcd"),
        (1.0, None, "bcd"),
        (-2.0, None, "cd"),
        (None, -1.0, "abc"),
        (1.2, 2.1, "bc"),
        (3.0, 1.0, ""),
        (-9.0, 9.0, "abcd"),
    ],
)
def test_a_slice_is_a_part(start: float | None, end: float | None, part: str) -> None:
    assert sliced("abcd", start, end) == part
    assert sliced(list("abcd"), start, end) == list(part)


@pytest.mark.parametrize(
    ("value", "path", "result"),
    [
        (None, ("a", 1.0), {"a": [None, "new"]}),
        ({"a": 1.0}, (), "new"),
        ([1.0, 2.0], (-1.0,), [1.0, "new"]),
    ],
)
def test_what_is_missing_on_the_way_is_made(value: object, path: tuple[object, ...], result: object) -> None:
    assert put(value, path, "new") == result


def test_a_slice_is_replaced_by_an_array_alone() -> None:
    assert put([1.0, 2.0, 3.0, 4.0], (SLICE,), ["x"]) == [1.0, "x", 4.0]
    with pytest.raises(JqError, match="can only be assigned another array"):
        put([1.0, 2.0], (SLICE,), "x")


def test_an_assignment_makes_no_endless_array() -> None:
    with pytest.raises(Exhausted):
        put(None, (1e9,), 1.0)
    with pytest.raises(JqError, match="Out of bounds"):
        put([], (-1.0,), 1.0)


def test_the_last_are_removed_first() -> None:
    assert removed([0.0, 1.0, 2.0, 3.0], [(0.0,), (2.0,)]) == [1.0, 3.0]
    assert removed({"a": {"b": 1.0, "c": 2.0}}, [("a", "b"), ("x", "y")]) == {"a": {"c": 2.0}}
    assert removed([0.0, 1.0, 2.0, 3.0], [(SLICE,)]) == [0.0, 3.0]


def test_nothing_is_in_what_is_no_container() -> None:
    with pytest.raises(JqError, match=r"Cannot iterate over number \(1\)"):
        items(1.0)
    assert entries(["a"]) == [(0.0, "a")]
    assert at({"a": None}, ("a", "b", 3.0)) is None
