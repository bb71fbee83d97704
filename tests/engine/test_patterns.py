"""Regular expressions of clients: what they find, and that none of them takes for ever."""

from __future__ import annotations

import pytest

from fakedocker.engine.patterns import MOST_REPETITIONS, Pattern, PatternError


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("", "anything", True),
        ("b", "abc", True),
        ("^b", "abc", False),
        ("^list-.b", "list-abc", True),
        ("c$", "abc", True),
        ("^$", "a", False),
        ("a.c", "a\nc", False),
        ("a|x", "xyz", True),
        ("^(ab|cd)+$", "abcdab", True),
        ("^a{2,3}$", "aaaa", False),
        ("^a{2,3}$", "aaa", True),
        ("^a{2}$", "aa", True),
        ("^a{2,}$", "aaaaa", True),
        ("a{x", "a{x", True),
        ("[a-c]x", "bx", True),
        ("[^a-c]", "abc", False),
        ("[]]", "]", True),
        ("[a-]", "-", True),
        ("[[:digit:]]{3}", "ab123", True),
        ("[[:^digit:]]", "123", False),
        (r"\d+\.\d", "v1.5", True),
        (r"\D", "123", False),
        (r"[\w]+$", "!!a_1", True),
        (r"\bfoo\b", "a foo b", True),
        (r"\bfoo\b", "afoo", False),
        (r"\Bo", "foo", True),
        (r"a\.b", "axb", False),
        (r"\x41\x{42}", "AB", True),
        ("(?i)ABC", "xabc", True),
        ("(?i:A)b", "ab", True),
        ("(?i:A)b", "aB", False),
        ("(?P<name>a)", "a", True),
        ("a+?", "a", True),
        (r"\Aab\z", "ab", True),
    ],
)
def test_a_pattern_finds_what_it_says(pattern: str, text: str, found: bool) -> None:
    assert Pattern(pattern).search(text) is found


@pytest.mark.parametrize(
    "pattern",
    [
        "[",
        "(",
        ")",
        "a**",
        "*a",
        "a{3,2}",
        f"a{{{MOST_REPETITIONS + 1}}}",
        "[b-a]",
        r"\q",
        "\\",
        "[[:nonsense:]]",
        "(?z)",
    ],
)
def test_what_is_no_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(PatternError):
        Pattern(pattern)


@pytest.mark.parametrize("pattern", ["(a+)+$", "^(a|a)*$", "a?a?a?a?a?a?a?a?a?a?a?a?aaaaaaaaaaaaa!", "(.*.*.*.*.*)*x"])
def test_no_pattern_takes_longer_than_the_text_asks_for(pattern: str) -> None:
    assert not Pattern(pattern).search("a" * 60 + "b")  # with Python's own this ends after the sun


@pytest.mark.parametrize("pattern", ["((a{100}){100}){100}", "(" * 5000 + "a" + ")" * 5000, "a" * 10_000])
def test_a_pattern_that_would_need_too_much_is_refused(pattern: str) -> None:
    with pytest.raises(PatternError):
        Pattern(pattern)
