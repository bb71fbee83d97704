"""Moments as clients write them."""

from __future__ import annotations

import pytest

from fakedocker.engine.timestamps import parse_duration, parse_timestamp

NOW = 1_700_000_000.0


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("0", 0), ("1h30m", 5400), ("1.5s", 1.5), ("-2m", -120), ("300ms", 0.3), (".5h", 1800), ("1us", 1e-6)],
)
def test_a_duration_is_read_as_go_does(text: str, seconds: float) -> None:
    assert parse_duration(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", "1", "h", "1d", "1h 2m", "one"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=f"^{text}$"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("10m", NOW - 600),
        ("0", 0),
        ("1136073600", 1136073600),
        ("1136073600.5", 1136073600.5),
        ("1136073600.000000001", 1136073600.000000001),
        ("2006-01-02", 1136160000),
        ("2006-01-02T15", 1136214000),
        ("2006-01-02T15:04", 1136214240),
        ("2006-01-02T15:04:05", 1136214245),
        ("2006-01-02T15:04:05.25Z", 1136214245.25),
        ("2006-01-02T15:04:05+01:00", 1136210645),
        ("2006-01-02Z", 1136160000),
    ],
)
def test_a_moment_is_read(text: str, moment: float) -> None:
    assert parse_timestamp(text, NOW) == pytest.approx(moment)


@pytest.mark.parametrize("text", ["", "nonsense", "2006-13-02", "2006-01-02T25:00", "1.2.3"])
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # whichever library refuses it
        parse_timestamp(text, NOW)
