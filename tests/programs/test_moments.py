"""Moments as people write them, and time zones."""

from __future__ import annotations

import pytest

from fakedocker.programs.moments import UNIVERSAL, Zone, parsed

#: 2013-06-12 13:00:00 UTC.
NOW = 1371042000.0


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("@5", 5),
        ("2013-06-12 13:00", NOW),
        ("2013-06-12 13:00:07", NOW + 7),
        ("2013-06-12", NOW - 13 * 3600),
        ("06.12-13:00", NOW),
        ("13:01", NOW + 60),
        ("201306121300.05", NOW + 5),
        ("1306121301", NOW + 60),
        ("06121300", NOW),
    ],
)
def test_a_moment_may_be_written_in_many_ways(text: str, moment: float) -> None:
    assert parsed(text, NOW, UNIVERSAL) == moment


@pytest.mark.parametrize("text", ["", "nonsense", "2013-13-01", "2013-02-30", "25:00", "1", "@", "99999999-01-01"])
def test_what_means_no_moment_is_none(text: str) -> None:
    assert parsed(text, NOW, UNIVERSAL) is None


@pytest.mark.parametrize(
    ("name", "clock"),
    [
        ("", "13:00 UTC"),
        ("nosuch", "13:00 UTC"),
        ("UTC-2", "15:00 UTC"),
        ("EST5EDT", "09:00 EDT"),
        ("<+0530>-5:30", "18:30 +0530"),
    ],
)
def test_a_zone_has_its_own_clock(name: str, clock: str) -> None:
    assert f"{Zone.named(name).at(NOW):%H:%M %Z}" == clock


def test_a_clock_of_a_zone_means_a_moment() -> None:
    assert parsed("2013-06-12 09:00", NOW, Zone.named("EST5EDT")) == NOW
    assert parsed("2013-01-12 08:00", NOW, Zone.named("EST5EDT")) == 1357995600


def test_moments_without_end_do_no_harm() -> None:
    assert Zone.named("EST5EDT").at(1e300).year == 9999
