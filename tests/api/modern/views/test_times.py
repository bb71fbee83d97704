"""Moments and durations as they are written."""

from __future__ import annotations

import pytest

from fakedocker.api.modern.views.times import duration, fixed_timestamp, nanoseconds, timestamp

MOMENT = 1136214245.0  # 2006-01-02T15:04:05Z


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (0, "0001-01-01T00:00:00Z"),
        (MOMENT, "2006-01-02T15:04:05Z"),
        (MOMENT + 0.5, "2006-01-02T15:04:05.5Z"),
        (MOMENT + 0.000001, "2006-01-02T15:04:05.000001Z"),
        (MOMENT + 0.12, "2006-01-02T15:04:05.12Z"),
        (MOMENT + 0.9999999, "2006-01-02T15:04:06Z"),
    ],
)
def test_a_moment_has_no_zeros_at_its_end(moment: float, text: str) -> None:
    assert timestamp(moment) == text


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (MOMENT, "2006-01-02T15:04:05.000000000Z"),
        (MOMENT + 0.12, "2006-01-02T15:04:05.120000000Z"),
        (MOMENT + 0.9999999, "2006-01-02T15:04:06.000000000Z"),
        (0, "1970-01-01T00:00:00.000000000Z"),
    ],
)
def test_a_moment_in_a_log_has_nine_digits(moment: float, text: str) -> None:
    assert fixed_timestamp(moment) == text


def test_nanoseconds_are_those_that_the_texts_show() -> None:
    assert nanoseconds(MOMENT + 0.12) == 1136214245_120_000_000


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "Less than a second"),
        (0.9, "Less than a second"),
        (1.9, "1 second"),
        (2, "2 seconds"),
        (59.9, "59 seconds"),
        (60, "About a minute"),
        (119, "About a minute"),
        (120, "2 minutes"),
        (3599, "59 minutes"),
        (3600, "About an hour"),
        (5399, "About an hour"),
        (5400, "2 hours"),
        (47 * 3600, "47 hours"),
        (48 * 3600, "2 days"),
        (13.9 * 86400, "13 days"),
        (14 * 86400, "2 weeks"),
        (59 * 86400, "8 weeks"),
        (60 * 86400, "2 months"),
        (364 * 86400, "12 months"),
        (729 * 86400, "24 months"),
        (730 * 86400, "2 years"),
        (3650 * 86400, "10 years"),
    ],
)
def test_a_duration_is_told_as_a_person_would(seconds: float, text: str) -> None:
    assert duration(seconds) == text
