"""Regular expressions of jq."""

from __future__ import annotations

import pytest

from fakedocker.programs.jq.matching import captured, matches
from fakedocker.programs.jq.values import JqError


def test_a_match_says_where_and_what() -> None:
    [match] = matches("xfoo", "(?<a>f)(o+)(z)?")
    assert (match["offset"], match["length"], match["string"]) == (1.0, 3.0, "foo")
    assert [(one["name"], one["string"]) for one in match["captures"]] == [("a", "f"), (None, "oo"), (None, None)]
    assert captured(match) == {"a": "f"}


@pytest.mark.parametrize(
    ("pattern", "flags", "found"),
    [
        ("o", "", ["o"]),
        ("o", "g", ["o", "o"]),
        ("FOO", "i", ["foo"]),
        ("\\d+", "g", ["12"]),
        ("[\\w]+", "g", ["foo", "12"]),
        ("f o o  # a comment", "x", ["foo"]),
        ("(?:fo|f)+o", "", ["foo"]),
        ("x*", "gn", []),
    ],
)
def test_flags_and_classes_are_jqs(pattern: str, flags: str, found: list[str]) -> None:
    assert [match["string"] for match in matches("foo 12", pattern, flags)] == found


@pytest.mark.parametrize("pattern", ["[", "a(?=b)", "a*?", "(", "a{9999}"])
def test_what_cannot_be_looked_for_is_an_error(pattern: str) -> None:
    with pytest.raises(JqError, match="Regex failure"):
        matches("a", pattern)


def test_only_strings_match() -> None:
    for value, pattern, flags in ((1.0, "a", None), ("a", 1.0, None), ("a", "a", "q"), ("a", "a", 1.0)):
        with pytest.raises(JqError):
            matches(value, pattern, flags)


def test_a_pattern_may_come_with_its_flags() -> None:
    assert len(matches("aA", ["a", "gi"])) == 2
