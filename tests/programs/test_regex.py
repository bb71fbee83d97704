"""Regular expressions: both ways of looking find the same, and neither takes long."""

from __future__ import annotations

import re

import pytest

from fakedocker.programs.regex import Regex, RegexFault


def span(pattern: str, text: str, *, extended: bool = True) -> tuple[int, int] | None:
    spans = Regex(pattern, extended=extended).search(text)
    return spans[0] if spans else None


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("a|ab", "ab", (0, 2)),  # the longest of the leftmost
        ("(a|ab)(c|bcd)", "abcd", (0, 4)),
        ("x*", "aaa", (0, 0)),
        ("a+", "baa", (1, 3)),
        ("^b", "ab", None),
        ("b$", "ab", (1, 2)),
        ("a{2,3}", "aaaa", (0, 3)),
        ("(ab){2}", "xababab", (1, 5)),
        ("[[:digit:]]+", "ab12", (2, 4)),
        ("[^]a]", "]ab", (2, 3)),
        ("\\bfoo\\b", "a foo b", (2, 5)),
        ("()", "a", (0, 0)),
        ("(a*)*", "aaab", (0, 3)),
        ("(^|x)a", "bxa", (1, 3)),
    ],
)
def test_extended_patterns(pattern: str, text: str, found: tuple[int, int] | None) -> None:
    assert span(pattern, text) == found


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("a+", "a+", (0, 2)),
        ("a\\+", "aa", (0, 2)),
        ("*a", "*a", (0, 2)),
        ("\\(a\\|b\\)c", "bc", (0, 2)),
        ("a\\{2\\}", "aa", (0, 2)),
        ("a^b$c", "a^b$c", (0, 5)),
        ("(a)", "(a)", (0, 3)),
    ],
)
def test_basic_patterns(pattern: str, text: str, found: tuple[int, int] | None) -> None:
    assert span(pattern, text, extended=False) == found


def test_groups_are_found() -> None:
    spans = Regex("(a+)(x)?(b|c)", extended=True).search("zaac")
    assert spans == [(1, 4), (1, 3), None, (3, 4)]


@pytest.mark.parametrize(
    "pattern", ["(", "a{9999}", "[a", "[[:nosuch:]]", "\\", "(a)\\2", "(a\\1)", "*", "a{2,1}", "[z-a]"]
)
def test_what_is_no_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(RegexFault):
        Regex(pattern, extended=True)


@pytest.mark.parametrize("pattern", ["(a*)*b", "(a|a)*b", "a*a*a*a*a*b", "(a?){40}b"])
def test_no_pattern_takes_forever(pattern: str) -> None:
    assert span(pattern, "a" * 2000) is None


def test_a_search_that_would_take_too_long_is_refused() -> None:
    with pytest.raises(RegexFault, match="too long"):
        span("((a|b){50}|c)*d", "a" * 100_000)


@pytest.mark.parametrize("pattern", ["(" * 5000, "a" + "*" * 5000, "((a{255}){255}){255}"])
def test_a_pattern_without_measure_is_refused(pattern: str) -> None:
    with pytest.raises(RegexFault):
        Regex(pattern, extended=True)


@pytest.mark.parametrize("pattern", ["a.c", "a[bx]*c", "^a?b+$", "x*(b)c", "(a)(b*)", "b{1,2}c$"])
def test_the_sure_way_agrees_with_python(pattern: str) -> None:
    regex = Regex(pattern, extended=True)
    for text in ("", "abc", "abbc", "xxbc", "axbxc", "bbb", "aabbcc", "zabcz"):
        match = re.search(pattern, text)
        expected = None if match is None else [match.span(index) for index in range(regex.groups + 1)]
        assert regex.search(text) == regex._search_surely(text, 0) == expected


@pytest.mark.parametrize(
    ("pattern", "text", "span"),
    [
        (r"(ab)\1", "xabab", (1, 5)),
        (r"(.)(.)\2\1", "xabba", (1, 5)),
        (r"(a*)b\1", "aabaa", (0, 5)),
        (r"(a|ab)(c|bcd)\1", "abcda", (0, 5)),
        (r"(a)\1|b", "b", (0, 1)),
        (r"((a)*)*\2", "aaa", (0, 3)),
        (r"(a)\1", "ab", None),
    ],
)
def test_a_group_is_looked_for_once_more(pattern: str, text: str, span: tuple[int, int] | None) -> None:
    found = Regex(pattern, extended=True).search(text)
    assert (found[0] if found else None) == span


def test_a_group_once_more_may_be_of_another_case() -> None:
    assert Regex(r"(ab)\1", extended=True, ignore_case=True).search("abAB")


def test_too_many_paths_are_given_up() -> None:
    with pytest.raises(RegexFault, match="too long"):
        Regex(r"(a*)*b\1", extended=True).search("a" * 5000)
