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


def replaced(pattern: str, text: str, *, everywhere: bool = True, most: int = 1000) -> tuple[str | None, int]:
    """Return what a text becomes with every match an x, and how many pauses that took."""
    program, pauses = Pattern(pattern).replace(text, "x", everywhere=everywhere, most=most), 0
    while True:
        try:
            next(program)
        except StopIteration as end:
            return end.value, pauses
        pauses += 1


def test_replacing_takes_the_longest_match_once_or_everywhere() -> None:
    assert replaced("b*", "abbb-b", everywhere=False)[0] == "ax"
    assert replaced("b", "abcb")[0] == "axcx"
    assert replaced("b", "abcb", everywhere=False)[0] == "axcb"
    assert replaced("", "abc")[0] == "abc"
    assert replaced("*", "abc")[0] == "x"
    assert replaced("b*c", "abcabcab")[0] == "axab"


def test_replacing_in_a_long_text_lets_others_have_their_turn() -> None:
    text = "a" * 2000
    assert replaced("a*b", text) == (text, pytest.approx(40, abs=5))  # each a looks at all that follow


def test_a_text_that_becomes_too_long_is_given_up() -> None:
    assert replaced("a", "aaaa", most=3)[0] is None


def test_an_escaped_text_matches_just_itself() -> None:
    text = "a*[b]?\\"
    assert not has_magic(escape(text))
    assert Pattern(escape(text)).matches(text)


def test_many_stars_do_not_take_forever() -> None:
    assert not Pattern("*a" * 50 + "b").matches("a" * 20_000)
