"""Backslash escapes."""

from __future__ import annotations

import pytest

from fakedocker.programs.escapes import unescape


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("a\\nb", "a\nb"),
        ("\\t\\\\", "\t\\"),
        ("\\x41\\101\\0101", "AA\x081"),
        ("\\q", "\\q"),
        ("\\'", "'"),
        ("end\\", "end\\"),
    ],
)
def test_escapes_become_characters(text: str, result: str) -> None:
    assert unescape(text) == result


def test_bytes_beyond_ascii_join_to_characters() -> None:
    assert unescape("\\303\\251").encode("utf-8", "surrogateescape") == "é".encode()


def test_echo_takes_four_digits_after_a_zero() -> None:
    assert unescape("\\0101\\101\\\\0101", long_octal=True) == "AA\\0101"


def test_quotes_may_be_left_alone() -> None:
    assert unescape("\\'", quotes=False) == "\\'"
