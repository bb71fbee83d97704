"""The recorded sessions accuse the fake: what it answers otherwise is what is listed, no more and no less."""

from __future__ import annotations

import pytest
from conformance.sessions.listed import differences, kept, reason, reasons
from conformance.sessions.verdict import found
from recorded_sessions import cassette, sessions

from fakedocker.cassettes.store import load

KEEP = "if it is as it should be: PYTHONPATH=tests python -m conformance.sessions.verdict"


@pytest.mark.parametrize("name", sessions.SESSIONS)
def test_the_fake_differs_from_a_recorded_daemon_in_what_is_listed(name: str) -> None:
    now, before = found(name), kept()[name]
    assert now == before, f"a difference is new, or gone; {KEEP}"


def test_every_session_is_listed() -> None:
    assert list(kept()) == list(sessions.SESSIONS)


def test_every_difference_has_a_reason() -> None:
    assert [difference for difference in differences() if reason(*difference) is None] == []


def test_every_reason_has_a_difference() -> None:
    needed = {reason(*difference) for difference in differences()}
    assert [one.why for one in reasons() if one not in needed and not one.exchanges] == []


@pytest.mark.parametrize("exchange", sorted(one for why in reasons() for one in why.exchanges))
def test_an_exchange_that_chance_decides_is_in_its_session(exchange: str) -> None:
    name, _, number = exchange.partition(" ")
    assert int(number) in [one.id for one in load(cassette(name)).cassette.exchanges]
