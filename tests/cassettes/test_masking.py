"""Secrets that were learned are found again, wherever and however they are written."""

from __future__ import annotations

import base64
import itertools
import json
import re
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from fakedocker.cassettes.masking import Mask, TextRule, is_placeholder, placeholder

secrets = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=10, max_size=20)
around = st.text(st.characters(exclude_categories=["Cs"]), max_size=10)


def knowing(*values: str) -> Mask:
    mask = Mask()
    for value in values:
        mask.learn("password", value)
    return mask


@given(secrets, around, around)
def test_a_secret_is_found_wherever_it_stands(secret: str, before: str, after: str) -> None:
    assume(secret not in before + after and secret not in placeholder("password"))
    masked = knowing(secret).text(f"{before}{secret}{after}")
    assert secret not in masked
    assert "{secret:password}" in masked


@pytest.mark.parametrize("secret", ["hunter2-hunter2", 'quo"te\\d <&>', "größer als ä", "a b+c/d=e%f"])
def test_a_secret_is_found_in_the_forms_in_which_it_travels(secret: str) -> None:
    mask = knowing(secret)
    data = secret.encode()
    for form in (
        secret,
        json.dumps(secret),
        json.dumps(secret, ensure_ascii=False),
        quote(secret),
        quote(secret, safe=""),
        quote_plus(secret),
        base64.b64encode(data).decode(),
        base64.b64encode(b"user:" + data).decode(),
        base64.urlsafe_b64encode(b'{"password":"' + data + b'"}').decode(),
    ):
        assert "{secret:password}" in mask.text(f"<{form}>"), form


@given(secrets, around, around, st.lists(st.integers(0, 60), max_size=4), st.booleans())
def test_a_secret_is_found_across_pieces(secret: str, before: str, after: str, cuts: list[int], readable: bool) -> None:
    data = f"{before}{secret}{after}".encode()
    places = [0, *sorted(cut for cut in cuts if cut < len(data)), len(data)]
    pieces = [data[start:end] for start, end in itertools.pairwise(places)]
    masked = knowing(secret).pieces(pieces, [readable] * len(pieces))
    assert len(masked) == len(pieces)
    assert secret.encode() not in b"".join(masked)
    if not readable:
        assert [len(piece) for piece in masked] == [len(piece) for piece in pieces]


def test_the_placeholder_stands_where_the_secret_began() -> None:
    mask = knowing("hunter2hunter2")
    assert mask.pieces([b"it is hunt", b"er2", b"hunter2 and more"], [True] * 3) == [
        b"it is {secret:password}",
        b"",
        b" and more",
    ]
    assert mask.counts == {"password": 1}


def test_bytes_keep_their_length() -> None:
    assert knowing("hunter2hunter2").data(b"\0\xffhunter2hunter2\0") == b"\0\xff**************\0"


@given(st.lists(st.binary(max_size=20), max_size=6), st.integers(1, 9))
def test_bytes_that_come_bit_by_bit_are_masked_as_a_whole(parts: list[bytes], size: int) -> None:
    mask = knowing("hunter2hunter2")
    data = b"hunter2hunter2".join(parts)
    stream = mask.stream()
    masked = b"".join(stream.feed(data[at : at + size]) for at in range(0, len(data), size)) + stream.finish()
    assert masked == mask.data(data)
    assert len(masked) == len(data)


def test_the_longest_of_two_secrets_is_taken() -> None:
    assert knowing("hunter2", "hunter2hunter2").text("hunter2hunter2!") == "{secret:password}!"


@pytest.mark.parametrize("value", ["", "abc", "true", "Password", "{secret:other}", "x" * 20_000])
def test_what_would_be_found_everywhere_is_hidden_in_its_place_only(value: str) -> None:
    mask = knowing(value)
    assert mask.text(f"<{value}>") == f"<{value}>"
    assert mask.hide("password", value) in ("", "{secret:password}", "{secret:other}")


def test_a_few_digits_are_not_found_within_ids() -> None:
    mask = knowing("1234")
    assert mask.text("ab1234cd") == "ab1234cd"
    assert mask.text("pin 1234.") == "pin {secret:password}."


def test_what_stands_for_a_secret_stays_as_it_is() -> None:
    mask = knowing("password-secret")
    mask.learn("password-secret", "other-value")
    assert mask.text("{secret:password-secret} password-secret") == "{secret:password-secret} {secret:password}"


def test_a_rule_finds_what_nobody_taught_and_it_is_known_then() -> None:
    mask = Mask([TextRule("rule", re.compile(r"sk-([a-z0-9]+)"))])
    assert mask.text("key sk-abc123xyz789") == "key sk-{secret:rule}"
    assert mask.text("again abc123xyz789") == "again {secret:rule}"


def test_a_placeholder_has_a_name_that_can_stand_anywhere() -> None:
    assert placeholder("X Y\n{Z}") == "{secret:X-Y-Z}"
    assert placeholder("") == "{secret:value}"
    assert is_placeholder(placeholder("DB_PASSWORD"))


def test_the_latest_value_can_be_put_back() -> None:
    mask = Mask()
    mask.learn("DB_PASSWORD", "first-value")
    mask.learn("DB_PASSWORD", "second-value")
    assert mask.reveal("<{secret:DB_PASSWORD}> {secret:other}") == "<second-value> {secret:other}"


def test_memory_is_bounded() -> None:
    mask = Mask()
    for number in range(5_000):
        mask.learn("many", f"secret-number-{number}")
    assert mask.text("secret-number-4999") == "{secret:many}"
    assert mask.text("secret-number-1.") == "secret-number-1."
