"""Patterns: what matches, how much of it, and that it never takes long."""

from __future__ import annotations

import pytest

from fakedocker.programs.shell.patterns import Pattern, escape, has_magic


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        ("abc", "abc", True),
        ("a*", "a", True),
        ("a*c", "abxc", True),
        ("a*c", "abx", False),
        ("?", "", False),
        ("[a-c]x", "bx", True),
        ("[!a-c]", "b", False),
        ("[]a]", "]", True),
        ("[[:digit:]]*", "5x", True),
        ("\\*", "*", True),
        ("\\*", "a", False),
        ("[", "[", True),
        ("*\n*", "a\nb", True),
        ("[z-a]", "b", False),
    ],
)
def test_a_pattern_matches_whole_texts(pattern: str, text: str, matches: bool) -> None:
    assert Pattern(pattern).matches(text) is matches


def test_the_shortest_and_longest_beginning_are_told_apart() -> None:
    pattern = Pattern("*.")
    assert pattern.prefix("a.b.c", longest=False) == 2
    assert pattern.prefix("a.b.c", longest=True) == 4
    assert pattern.prefix("abc", longest=True) is None


def test_the_shortest_and_longest_end_are_told_apart() -> None:
    pattern = Pattern(".*")
    assert pattern.suffix("a.b.c", longest=False) == 2
    assert pattern.suffix("a.b.c", longest=True) == 4


def test_replacing_takes_the_longest_match_once_or_everywhere() -> None:
    assert Pattern("b*").replace("abbb-b", "x", everywhere=False) == "ax"
    assert Pattern("b").replace("abcb", "x", everywhere=True) == "axcx"
    assert Pattern("").replace("abc", "x", everywhere=True) == "abc"


def test_an_escaped_text_matches_just_itself() -> None:
    text = "a*[b]?\\"
    assert not has_magic(escape(text))
    assert Pattern(escape(text)).matches(text)


def test_many_stars_do_not_take_forever() -> None:
    assert not Pattern("*a" * 50 + "b").matches("a" * 20_000)
