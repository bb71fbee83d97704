"""Values one after the other."""

from __future__ import annotations

import pytest

from fakedocker.programs.jq.reading import place, read, read_all


def test_values_need_nothing_between_them() -> None:
    assert read_all(' 1 "a"[2]{}\n\ttrue') == [1.0, "a", [2.0], {}, True]
    assert read_all("  \n") == []


def test_each_comes_with_its_end() -> None:
    assert list(read("1 [2]")) == [(1.0, 1), ([2.0], 5)]


def test_numbers_are_floats() -> None:
    assert [type(value) for value in read_all("1 1e3 1.5")] == [float] * 3


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("[1,2", "Unfinished JSON term at EOF at line 1, column 4"),
        ('{"a":1\n', "Unfinished JSON term at EOF at line 2, column 0"),
        ("[1 2]", "Expected separator between values at line 1, column 4"),
        ("{'a'}", "Invalid literal at line 1, column 2"),
    ],
)
def test_a_mistake_has_a_place(text: str, mistake: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - it is the text that counts
        read_all(text)
    assert place(caught.value) == mistake


def test_what_is_too_deep_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="depth limit"):
        read_all("[" * 100_000)
