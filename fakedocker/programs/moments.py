"""Moments as people write them, and the time zone of `$TZ` (busybox 1.35, libbb/time.c; POSIX, 8.3)."""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

#: What a date may be at all here, in unix seconds: years 1 to 9999, with room for any zone.
EARLIEST, LATEST = -62135510400, 253402214400
CLOCK: Final = r"(?P<hour>\d\d?):(?P<minute>\d\d)(?::(?P<second>\d\d))?"
#: Forms of a moment that name their parts one by one.
FORMS: Final = (
    re.compile(rf"(?P<year>\d{{4}})-(?P<month>\d\d?)-(?P<day>\d\d?)(?:[ T]{CLOCK})?"),
    re.compile(rf"(?:(?P<year>\d{{4}})\.)?(?P<month>\d\d?)\.(?P<day>\d\d?)-{CLOCK}"),
    re.compile(CLOCK),
)
#: [[[[[YY]YY]MM]DD]hh]mm[.ss], as `touch -t` and `date -d` take it.
DIGITS: Final = re.compile(r"(\d{2}|\d{4}|\d{6}|\d{8}|\d{10}|\d{12})(?:\.(\d\d))?")
ZONE: Final = re.compile(
    r"([A-Za-z]{3,}|<[-+A-Za-z0-9]{3,}>)([-+]?\d{1,2})(?::(\d\d))?(?:([A-Za-z]{3,})([-+]?\d{1,2})?)?(?:,.*)?"
)


@dataclass(frozen=True, slots=True)
class Zone:
    """A time zone as `$TZ` describes it: names and offsets from UTC, without and with daylight saving."""

    name: str = "UTC"
    offset: timedelta = timedelta(0)
    summer_name: str = ""
    summer_offset: timedelta = timedelta(0)

    @classmethod
    def named(cls, text: str) -> Zone:
        """Return the zone that $TZ names; files of time zones there are none, so that unknown ones are UTC."""
        match = ZONE.fullmatch(text)
        if match is None:
            return cls()
        hours = int(match[2])
        minutes = int(match[3] or 0) * (-1 if match[2].startswith("-") else 1)
        offset = -timedelta(hours=hours, minutes=minutes)  # POSIX counts to the west
        summer = -timedelta(hours=int(match[5])) if match[5] else offset + timedelta(hours=1)
        return cls(match[1].strip("<>"), offset, match[4] or "", summer)

    def at(self, moment: float) -> datetime:
        """Return a time in unix seconds as this zone's clocks show it; its tzinfo knows its name."""
        plain = datetime.fromtimestamp(min(max(moment, EARLIEST), LATEST), UTC)
        if self.summer_name and self._is_summer((plain + self.offset).replace(tzinfo=None)):
            return plain.astimezone(timezone(self.summer_offset, self.summer_name))
        return plain.astimezone(timezone(self.offset, self.name))

    def moment(self, clock: datetime) -> float:
        """Return the unix seconds at which this zone's clocks show a time."""
        offset = self.summer_offset if self.summer_name and self._is_summer(clock) else self.offset
        return (clock.replace(tzinfo=UTC) - offset).timestamp()

    def _is_summer(self, standard: datetime) -> bool:
        """Tell whether it is summer: from the second Sunday of March to the first of November, without a rule."""
        begins = _sunday(standard.year, 3, 2) + timedelta(hours=2)
        ends = _sunday(standard.year, 11, 1) + timedelta(hours=1)
        return begins <= standard < ends


#: The zone of all containers that say nothing else.
UNIVERSAL: Final = Zone()


def parsed(text: str, now: float, zone: Zone) -> float | None:
    """Return the moment that a text means, in unix seconds; None if it means none."""
    if match := re.fullmatch(r"@(\d{1,11})", text):
        return float(match[1])
    clock = zone.at(now).replace(tzinfo=None, microsecond=0)
    try:
        for form in FORMS:
            if match := form.fullmatch(text):
                parts = {name: int(value) for name, value in match.groupdict().items() if value is not None}
                return zone.moment(_with_parts(clock.replace(hour=0, minute=0, second=0), parts))
        if match := DIGITS.fullmatch(text):
            return zone.moment(_from_digits(match[1], int(match[2] or 0), clock))
    except (ValueError, OverflowError):
        return None
    return None


def _with_parts(clock: datetime, parts: Mapping[str, int]) -> datetime:
    return datetime(
        parts.get("year", clock.year),
        parts.get("month", clock.month),
        parts.get("day", clock.day),
        parts.get("hour", clock.hour),
        parts.get("minute", clock.minute),
        parts.get("second", clock.second),
    )


def _from_digits(digits: str, second: int, clock: datetime) -> datetime:
    pairs = [int(digits[index : index + 2]) for index in range(0, len(digits), 2)]
    names = ("month", "day", "hour", "minute")
    if len(pairs) == 6:
        clock = clock.replace(year=pairs.pop(0) * 100 + pairs.pop(0), day=1)
    elif len(pairs) == 5:
        year = pairs.pop(0)
        clock = clock.replace(year=year + (1900 if year > 68 else 2000), day=1)
    parts = dict(zip(names[-len(pairs) :], pairs, strict=True))
    return _with_parts(clock, {**parts, "second": second})


def _sunday(year: int, month: int, which: int) -> datetime:
    first = calendar.weekday(year, month, 1)
    return datetime(year, month, 1 + (6 - first) % 7 + 7 * (which - 1))
