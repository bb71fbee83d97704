"""Moments as clients write them: how long ago, a date, unix seconds (moby api/types/time).

Where no zone is told, it is UTC: that is where this daemon stands.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}
_PART = r"(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h)"
_DURATION = re.compile(rf"[+-]?(?:0|(?:{_PART})+)", re.ASCII)
_PARTS = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)", re.ASCII)
_DATE = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:T(\d\d)(?::(\d\d)(?::(\d\d)(\.\d{1,9})?)?)?)?(Z|[+-]\d\d:\d\d)?", re.ASCII | re.IGNORECASE
)
_UNIX = re.compile(r"([+-]?\d{1,18})(?:\.(\d{1,9}))?", re.ASCII)


def parse_duration(text: str) -> float:
    """Return a length of time in seconds, "1h30m" (Go time.ParseDuration). Raises ValueError."""
    if not _DURATION.fullmatch(text):
        raise ValueError(text)
    seconds = sum(float(number) * _UNITS[unit] for number, unit in _PARTS.findall(text))
    return -seconds if text.startswith("-") else seconds


def parse_timestamp(text: str, now: float) -> float:
    """Return a moment in unix seconds: so long before `now`, a date and time, or unix seconds. Raises ValueError."""
    try:
        if text != "0":
            return now - parse_duration(text)
    except ValueError:
        pass  # it is none
    date = _DATE.fullmatch(text)
    if date is not None:
        day, hours, minutes, seconds, fraction, zone = date.groups()
        zone = "+00:00" if zone in (None, "Z", "z") else zone
        moment = datetime.fromisoformat(f"{day}T{hours or '00'}:{minutes or '00'}:{seconds or '00'}{zone}")
        return (moment - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() + float(fraction or 0)
    unix = _UNIX.fullmatch(text)
    if unix is None:
        raise ValueError(text)
    return int(unix[1]) + float(f"0.{unix[2] or 0}")
