"""Dates: seconds, broken down times (`gmtime`), and texts."""

from __future__ import annotations

import calendar
import math
import re
from datetime import UTC, datetime, timedelta
from typing import Final

from fakedocker.programs.jq.values import JqError, Json, kind

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
ISO: Final = "%Y-%m-%dT%H:%M:%SZ"


def broken_down(value: Json) -> list[Json]:
    """Return seconds as year, month (from 0), day, hours, minutes, seconds, day of the week and of the year.

    Raises JqError.
    """
    if kind(value) != "number":
        raise JqError("gmtime() requires a number")
    try:
        moment = EPOCH + timedelta(seconds=math.floor(value))
    except (OverflowError, ValueError):
        raise JqError("error converting number of seconds since epoch to datetime") from None
    seconds = moment.second + (value - math.floor(value))
    numbers = (moment.year, moment.month - 1, moment.day, moment.hour, moment.minute, seconds)
    return [float(number) for number in (*numbers, moment.isoweekday() % 7, moment.timetuple().tm_yday - 1)]


def _moment(value: Json, what: str) -> datetime:
    if not isinstance(value, list) or len(value) < 6 or any(kind(one) != "number" for one in value):
        wanted = "requires array of 6 numbers" if what == "mktime" else "requires parsed datetime inputs"
        raise JqError(f"{what} {wanted}")
    year, month, day, hours, minutes, seconds = (int(one) for one in value[:6])
    try:
        first = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)
        return first + timedelta(days=day - 1, hours=hours, minutes=minutes, seconds=seconds)
    except (OverflowError, ValueError):
        raise JqError("invalid gmtime representation") from None


def seconds(value: Json) -> float:
    """Return the seconds of a broken down time. Raises JqError."""
    return float(calendar.timegm(_moment(value, "mktime").timetuple()))


def formatted(value: Json, form: Json) -> str:
    """Return a time as a text. Raises JqError."""
    if kind(value) == "number":
        value = broken_down(value)
    if not isinstance(form, str):
        raise JqError("strftime/1 requires a string format")
    moment = _moment(value, "strftime/1")
    return moment.strftime(form.replace("%Z", "UTC").replace("%e", f"{moment.day:>2}"))


def parsed(value: Json, form: Json) -> list[Json]:
    """Return a text as a broken down time. Raises JqError."""
    if not isinstance(value, str) or not isinstance(form, str):
        raise JqError("strptime/1 requires string inputs and arguments")
    try:
        moment = datetime.strptime(value, re.sub("%Z", "UTC", form) if "UTC" in value else form)
    except ValueError:
        raise JqError(f'date "{value}" does not match format "{form}"') from None
    return broken_down(float(calendar.timegm(moment.utctimetuple())))


def from_iso(value: Json) -> float:
    """Return the seconds of a date such as 2015-03-05T23:51:47Z. Raises JqError."""
    if not isinstance(value, str):
        raise JqError("strptime/1 requires string inputs and arguments")
    return seconds(parsed(value, ISO))


def to_iso(value: Json) -> str:
    """Return seconds as a date such as 2015-03-05T23:51:47Z. Raises JqError."""
    if kind(value) != "number":
        raise JqError("strftime/1 requires parsed datetime inputs")
    return formatted(value, ISO)
