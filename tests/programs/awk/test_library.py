"""awk's functions of values."""

from __future__ import annotations

import math

import pytest

from fakedocker.programs.awk.library import FUNCTIONS, LONGEST, bounded, formatted_text, regex, separated, substituted
from fakedocker.programs.awk.syntax import Fault

FORM = "%.6g"


@pytest.mark.parametrize(
    ("subject", "separator", "fields"),
    [
        ("  a\tb \n c ", " ", ["a", "b", "c"]),
        ("a,b,,c", ",", ["a", "b", "", "c"]),
        ("a|b", "|", ["a", "b"]),
        ("a\\b", "\\", ["a", "b"]),
        ("a1b22c", "[0-9]+", ["a", "b", "c"]),
        ("abc", "", ["a", "b", "c"]),
        ("", ",", []),
    ],
)
def test_a_separator_divides(subject: str, separator: str, fields: list[str]) -> None:
    assert list(separated(subject, separator)) == fields


@pytest.mark.parametrize(
    ("pattern", "replacement", "which", "result"),
    [
        ("o", "0", 0, ("f00", 2)),
        ("o", "0", 2, ("fo0", 1)),
        ("o", "<&>", 1, ("f<o>o", 1)),
        ("o", "\\&", 1, ("f&o", 1)),
        ("x*", "-", 0, ("-f-o-o-", 4)),
        ("nosuch", "-", 0, ("foo", 0)),
    ],
)
def test_matches_are_replaced(pattern: str, replacement: str, which: int, result: tuple[str, int]) -> None:
    assert substituted(regex(pattern), replacement, "foo", which) == result


def test_groups_are_put_back() -> None:
    assert substituted(regex("(f)(o)"), "\\2\\1\\0", "foo", 1, groups=True) == ("offoo", 1)


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        (("%d|%5.1f|%-3s|%c|%c", 3.9, 2.25, "a", 65.0, "xyz"), "3|  2.2|a  |A|x"),
        (("%x %o %u %%", 255.0, 8.0, -1.0), "ff 10 18446744073709551615 %"),
        (("%s %s", "one"), "one "),
        (("%s", 0.1 + 0.2), "0.3"),
        (("%05d|%+d|%.2s", 42.0, 42.0, "abc"), "00042|+42|ab"),
    ],
)
def test_a_format_makes_a_text(arguments: tuple[str | float, ...], shown: str) -> None:
    assert formatted_text(arguments, FORM) == shown


@pytest.mark.parametrize(
    ("form", "message"), [("%*d", "not supported"), ("%z", "Invalid"), ("%99999999d", "out of memory")]
)
def test_a_format_that_is_none_is_a_fault(form: str, message: str) -> None:
    with pytest.raises(Fault, match=message):
        formatted_text((form, 1.0), FORM)


@pytest.mark.parametrize(
    ("name", "arguments", "value"),
    [
        ("substr", ("hello", 2.0, 3.0), "ell"),
        ("substr", ("hello", 0.0), "hello"),
        ("substr", ("hello", 9.0), ""),
        ("index", ("hello", "l"), 3.0),
        ("index", ("hello", ""), 0.0),
        ("toupper", ("aé",), "Aé"),
        ("int", ("-3.9x",), -3.0),
        ("log", (0.0,), -math.inf),
        ("and", (12.0, 10.0), 8.0),
        ("lshift", (1.0, 64.0), 0.0),
        ("length", (12345.0,), 5.0),
        ("strftime", ("%Y", 0.0), "1970"),
    ],
)
def test_a_function_has_a_value(name: str, arguments: tuple[str | float, ...], value: str | float) -> None:
    assert FUNCTIONS[name](arguments, FORM) == value


def test_what_cannot_be_computed_is_no_number() -> None:
    assert math.isnan(FUNCTIONS["sqrt"]((-1.0,), FORM))
    assert FUNCTIONS["exp"]((1e9,), FORM) == math.inf


def test_no_text_is_longer_than_memory() -> None:
    assert bounded("x" * LONGEST)
    with pytest.raises(Fault, match="out of memory"):
        bounded("x" * (LONGEST + 1))
    with pytest.raises(Fault, match="out of memory"):
        substituted(regex("a"), "b" * 100_000, "a" * 1000, 0)
