"""Lengths of time as Go writes them."""

from __future__ import annotations


def spelled(seconds: float) -> str:
    """Return seconds as Go writes a duration ("1m30s", "500ms", "1h0m0s")."""
    nanoseconds = round(seconds * 1_000_000_000)
    if not nanoseconds:
        return "0s"
    if nanoseconds < 1_000_000_000:
        unit, size = ("ms", 1_000_000) if nanoseconds >= 1_000_000 else ("µs", 1000)
        return _number(nanoseconds, size) + unit
    minutes, rest = divmod(nanoseconds, 60_000_000_000)
    hours, minutes = divmod(minutes, 60)
    text = f"{_number(rest, 1_000_000_000)}s"
    if hours or minutes:
        text = f"{minutes}m{text}"
    return f"{hours}h{text}" if hours else text


def _number(count: int, size: int) -> str:
    whole, rest = divmod(count, size)
    decimals = str(rest).rjust(len(str(size)) - 1, "0").rstrip("0")
    return f"{whole}.{decimals}" if decimals else str(whole)
