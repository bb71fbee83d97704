"""How answers grow old and questions young, with changes of this test's own."""

from __future__ import annotations

from typing import Any

import pytest

from fakedocker.api.modern.ageing import Age, Change, insert, moved

OLD, NEW = (1, 30), (1, 45)


def change(until: tuple[int, int], of: Any = "request", by: tuple[int, int] = (1, 0)) -> Change:
    return Change("thing", until, of, by, "It was red.", lambda members: None)


@pytest.mark.parametrize(
    ("one", "asked", "newest", "applies"),
    [
        (change((1, 40)), OLD, NEW, True),
        (change((1, 30)), OLD, NEW, False),
        (change((1, 9)), OLD, NEW, False),
        (change((1, 40), of="daemon"), OLD, NEW, False),
        (change((1, 46), of="daemon"), NEW, NEW, True),
        (change((1, 40), by=(1, 45)), OLD, NEW, True),
        (change((1, 40), by=(1, 46)), OLD, NEW, False),
    ],
)
def test_a_change_is_for_who_asks_in_a_version_from_before_it(
    one: Change, asked: tuple[int, int], newest: tuple[int, int], applies: bool
) -> None:
    assert one.applies(Age(asked, newest)) is applies


def test_an_answer_about_something_else_stays_as_it_is() -> None:
    assert Age(OLD, NEW).aged("nonesuch", {"a": 1}) == {"a": 1}


def test_members_are_put_in_front_of_one() -> None:
    members = {"a": 1, "b": 2}
    insert(members, {"x": 3, "y": 4}, before="b")
    assert list(members.items()) == [("a", 1), ("x", 3), ("y", 4), ("b", 2)]


def test_a_member_is_moved_in_front_of_another() -> None:
    members = {"a": 1, "b": 2, "c": 3}
    moved(members, "c", before="a")
    assert list(members) == ["c", "a", "b"]


@pytest.mark.parametrize(("name", "before"), [("x", "a"), ("a", "x")])
def test_what_is_not_there_is_not_moved(name: str, before: str) -> None:
    members = {"a": 1, "b": 2}
    moved(members, name, before=before)
    assert list(members) == ["a", "b"]
