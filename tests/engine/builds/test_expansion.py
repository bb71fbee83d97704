"""Variables in the words of a Dockerfile."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakedocker.engine.builds.expansion import LONGEST_WORD, ExpansionError, expand, expand_words, quoted

ENV = {"a": "1", "two": "x  y", "empty": "", "_u": "under"}


@pytest.mark.parametrize(
    ("word", "expanded"),
    [
        ("plain", "plain"),
        ("$a${a}x", "11x"),
        ("$ax", ""),
        ("$_u-", "under-"),
        ("$", "$"),
        ("a$", "a$"),
        ("$1x", "x"),
        ("$-$*", ""),
        ("'$a'", "$a"),
        ('"$a\'"', "1'"),
        (r"\$a", "$a"),
        (r'"\$a\"\n"', r'$a"\n'),
        ("${empty:-$a}", "1"),
        ("${none:-${none:-deep}}", "deep"),
        ("${a:-no}", "1"),
        ("${a:+set}", "set"),
        ("${empty:+set}", ""),
        ("${none:-'q u'}", "q u"),
        ("end\\", "end"),
        ("ü$a", "ü1"),
    ],
)
def test_a_word_is_expanded(word: str, expanded: str) -> None:
    assert expand(word, ENV) == expanded


@pytest.mark.parametrize(
    ("word", "problem"),
    [
        ("${", "syntax error: missing '}'"),
        ("${}", "syntax error: bad substitution"),
        ("${:x}", "syntax error: bad substitution"),
        ("${a:-x", "syntax error: missing '}'"),
        ("${a-x}", "missing ':' in substitution"),
        ("${a:=x}", "unsupported modifier (=) in substitution"),
        ("'a", "unexpected end of statement while looking for matching single-quote"),
        ('"a', "unexpected end of statement while looking for matching double-quote"),
        ("${a:-'x}", "syntax error: missing '}'"),
    ],
)
def test_what_is_not_well_formed_is_quoted_in_the_error(word: str, problem: str) -> None:
    with pytest.raises(ExpansionError) as error:
        expand(word, ENV)
    assert str(error.value) == f"failed to process {quoted(word)}: {problem}"


def test_another_escape_character_leaves_backslashes_alone() -> None:
    assert expand(r"C:\a`$a", ENV, "`") == r"C:\a$a"


def test_only_values_are_split_into_words() -> None:
    assert expand_words('$two "$two" c\\ d', ENV) == ["x", "y", "x  y", "c d"]
    assert expand_words("$none", ENV) == []


def test_words_cannot_grow_without_bound() -> None:
    with pytest.raises(ExpansionError, match="argument list too long"):
        expand("$a$a$a", {"a": "x" * (LONGEST_WORD // 2)})
    with pytest.raises(ExpansionError, match="argument list too long"):
        expand('"$a$a$a"', {"a": "x" * (LONGEST_WORD // 2)})
    with pytest.raises(ExpansionError, match="bad substitution"):
        expand("${x:-" * 500 + "}" * 500, {})


@pytest.mark.parametrize(
    ("text", "written"),
    [("a", '"a"'), ('"\\', r'"\"\\"'), ("\n\t\x00", r'"\n\t\x00"'), ("é\u200b", '"é\\u200b"'), ("\udcff", r'"\xff"')],
)
def test_a_text_is_quoted_as_go_does(text: str, written: str) -> None:
    assert quoted(text) == written


@given(st.text(alphabet="$ {}:-+'\"\\ab=*", max_size=40))
def test_any_word_is_expanded_or_refused(word: str) -> None:
    with suppress(ExpansionError):
        assert isinstance(expand(word, ENV), str)
