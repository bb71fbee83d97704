"""Moments and durations as today's daemons write them."""

from __future__ import annotations

from datetime import UTC, datetime

ZERO_TIME = "0001-01-01T00:00:00Z"
MINUTE, HOUR, DAY = 60, 3600, 86400
WEEK, MONTH, YEAR = 7 * DAY, 30 * DAY, 365 * DAY


def nanoseconds(moment: float) -> int:
    """Return unix seconds as nanoseconds."""
    return round(moment * 1_000_000) * 1000


def timestamp(moment: float) -> str:
    """Return unix seconds in RFC 3339, without zeros at the end (Go's RFC3339Nano); 0 is never."""
    if not moment:
        return ZERO_TIME
    micros = round(moment * 1_000_000)
    whole = datetime.fromtimestamp(micros // 1_000_000, UTC)
    fraction = f".{micros % 1_000_000:06}".rstrip("0").rstrip(".")
    return f"{whole:%Y-%m-%dT%H:%M:%S}{fraction}Z"


def fixed_timestamp(moment: float) -> str:
    """Return unix seconds as logs show them: nine digits behind the point, always."""
    micros = round(moment * 1_000_000)
    whole = datetime.fromtimestamp(micros // 1_000_000, UTC)
    return f"{whole:%Y-%m-%dT%H:%M:%S}.{micros % 1_000_000:06}000Z"


def duration(seconds: float) -> str:
    """Return how long something lasts, in words (docker/go-units, HumanDuration)."""
    whole = int(seconds)
    if whole < 1:
        return "Less than a second"
    if whole == 1:
        return "1 second"
    if whole < MINUTE:
        return f"{whole} seconds"
    if whole < 2 * MINUTE:
        return "About a minute"
    if whole < HOUR:
        return f"{whole // MINUTE} minutes"
    hours = int(seconds / HOUR + 0.5)
    if hours == 1:
        return "About an hour"
    for limit, hours_each, name in ((48, 1, "hours"), (2 * 24 * 7, 24, "days"), (2 * 24 * 30, 24 * 7, "weeks")):
        if hours < limit:
            return f"{hours // hours_each} {name}"
    return f"{hours // (24 * 30)} months" if hours < 2 * 24 * 365 else f"{int(seconds / HOUR) // (24 * 365)} years"
