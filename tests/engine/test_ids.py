"""Ids."""

from __future__ import annotations

import random

from fakedocker.engine.ids import Ids, short


def test_an_id_has_64_digits_and_a_short_form_of_12() -> None:
    identity = Ids(random.Random(1).randbytes).new()
    assert len(identity) == 64
    assert set(identity) <= set("0123456789abcdef")
    assert short(identity) == identity[:12]


def test_the_same_seed_gives_the_same_ids() -> None:
    one, two = Ids(random.Random(7).randbytes), Ids(random.Random(7).randbytes)
    assert [one.new() for _ in range(5)] == [two.new() for _ in range(5)]


def test_no_short_id_looks_like_a_number() -> None:
    numbers = iter([bytes.fromhex("12345678901234" + "ff" * 25), bytes.fromhex("1234567890ab" + "00" * 26)])
    assert Ids(lambda size: next(numbers)).new().startswith("1234567890ab")
