"""Programs about time: sleep, date, usleep, uptime, timeout, time."""

from __future__ import annotations

import os
import re
from functools import lru_cache
from typing import Final

from fakedocker.engine.processes.effects import AwaitSignal, Pause, Program
from fakedocker.programs.command import Command, Misuse, Section
from fakedocker.programs.moments import UNIVERSAL, Zone, parsed

section = Section()

UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400, "": 1}
#: What `date -I` prints, by its precision.
ISO_FORMS: Final = {
    "date": "+%Y-%m-%d",
    "hours": "+%Y-%m-%dT%H+00:00",
    "minutes": "+%Y-%m-%dT%H:%M+00:00",
    "seconds": "+%Y-%m-%dT%H:%M:%S+00:00",
    "ns": "+%Y-%m-%dT%H:%M:%S,000000000+00:00",
}
#: Sleeps longer than this (some thirty years) never end.
FOREVER = 1e9


@lru_cache(maxsize=64)
def seconds(word: str) -> float:
    """Return a duration (`1.5`, `2m`, `infinity`) in seconds. Raises Misuse."""
    if word in ("inf", "infinity"):
        return FOREVER
    match = re.fullmatch(r"([0-9]{1,18}(?:\.[0-9]*)?|\.[0-9]+)([smhd]?)", word)
    if match is None:
        raise Misuse(f"invalid number '{word}'", usage=False)
    return float(match[1]) * UNITS[match[2]]


@section.program("sleep", usage="[N]...")
def sleep(command: Command) -> Program[int]:
    """Let time pass: the sum of all words."""
    if not command.words:
        raise Misuse("")
    total = sum(seconds(word) for word in command.words)
    if total >= FOREVER:
        yield AwaitSignal()
    if total > 0:
        yield from command.process.sleep(total)
    else:
        yield Pause()
    return 0


@section.program("usleep", usage="N")
def usleep(command: Command) -> Program[int]:
    """Let microseconds pass."""
    if len(command.words) != 1:
        raise Misuse("")
    yield from command.process.sleep(seconds(command.words[0]) / 1e6)
    return 0


@section.program("date", usage="[OPTIONS] [+FMT] [[-s] TIME]")
def date(command: Command) -> Program[int]:
    """Print the time, in UTC as in all containers that say nothing else."""
    process = command.process
    words = []
    precision = ""
    for word in command.words:  # -I has its value, if any, in the same word
        match = re.fullmatch(r"-(u?)I(date|hours|minutes|seconds|ns|)", word)
        precision = match[2] or "date" if match else precision
        words.append(f"-{match[1]}I" if match else word)
    options = command.options(
        "uRId:r:s:D:", words=words, long={"utc": "u", "rfc-2822": "R", "date": "d", "reference": "r", "set": "s"}
    )
    form = "+%a %b %e %H:%M:%S %Z %Y"
    if "R" in options:
        form = "+%a, %d %b %Y %H:%M:%S %z"
    if "I" in options:
        form = ISO_FORMS[precision]
    zone = UNIVERSAL if "u" in options else Zone.named(process.env.get("TZ", ""))
    moment = process.now()
    text = options.get("d")
    if options.words and not options.words[0].startswith("+"):
        options.note("s", options.words.pop(0))
    if options.words:
        if not options.words[0].startswith("+"):
            raise Misuse("")
        form = options.words[0]
    if "r" in options:
        try:
            moment = process.files.stat(process.path(options.get("r"))).mtime
        except OSError as error:
            name = options.get("r")
            return (yield from command.complain(f"can't stat '{name}': {os.strerror(error.errno or 0)}"))
    if options.flags & {"d", "s"}:
        text = options.get("s") or text
        given = parsed(text, moment, zone)
        if given is None:
            raise Misuse(f"invalid date '{text}'", usage=False)
        moment = given
    if "s" in options:
        yield from command.complain("can't set date: Operation not permitted")
    yield from command.print(formatted(moment, form[1:], zone) + "\n")
    return int("s" in options)


def formatted(moment: float, form: str, zone: Zone = UNIVERSAL) -> str:
    """Format a time in unix seconds as strftime(3) does in the C locale."""
    when = zone.at(moment)
    year, week, weekday = when.isocalendar()
    days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
    months = ["January", "February", "March", "April", "May", "June", "July", "August", "September"]
    months += ["October", "November", "December"]
    day, month = days[when.weekday()], months[when.month - 1]
    hour = (when.hour + 11) % 12 + 1
    parts = {
        "a": day[:3],
        "A": day,
        "b": month[:3],
        "B": month,
        "h": month[:3],
        "c": f"{day[:3]} {month[:3]} {when.day:2} {when:%H:%M:%S} {when.year}",
        "C": f"{when.year // 100:02}",
        "d": f"{when.day:02}",
        "D": f"{when.month:02}/{when.day:02}/{when.year % 100:02}",
        "e": f"{when.day:2}",
        "F": f"{when.year}-{when.month:02}-{when.day:02}",
        "H": f"{when.hour:02}",
        "I": f"{hour:02}",
        "j": f"{when.timetuple().tm_yday:03}",
        "k": f"{when.hour:2}",
        "l": f"{hour:2}",
        "m": f"{when.month:02}",
        "M": f"{when.minute:02}",
        "n": "\n",
        "G": str(year),
        "g": f"{year % 100:02}",
        "V": f"{week:02}",
        "U": f"{when:%U}",
        "W": f"{when:%W}",
        "P": "am" if when.hour < 12 else "pm",
        "p": "AM" if when.hour < 12 else "PM",
        "r": f"{hour:02}:{when.minute:02}:{when.second:02} {'AM' if when.hour < 12 else 'PM'}",
        "R": f"{when.hour:02}:{when.minute:02}",
        "s": str(int(moment)),
        "S": f"{when.second:02}",
        "t": "\t",
        "T": f"{when.hour:02}:{when.minute:02}:{when.second:02}",
        "u": str(weekday),
        "w": str(weekday % 7),
        "x": f"{when.month:02}/{when.day:02}/{when.year % 100:02}",
        "X": f"{when.hour:02}:{when.minute:02}:{when.second:02}",
        "y": f"{when.year % 100:02}",
        "Y": str(when.year),
        "z": f"{when:%z}",
        "Z": when.tzname() or "UTC",
        "%": "%",
    }
    return re.sub(r"%(.)", lambda match: parts.get(match[1], match[0]), form, flags=re.DOTALL)


@section.program("uptime", usage="[-s]")
def uptime(command: Command) -> Program[int]:
    """Print how long the container runs."""
    process = command.process
    first = min(process.table, key=lambda one: one.pid)
    minutes = int(process.now() - first.started_at) // 60
    days, minutes = divmod(minutes, 1440)
    length = f"{days} day{'s' if days != 1 else ''}, " if days else ""
    length += f"{minutes // 60:2}:{minutes % 60:02}" if minutes >= 60 else f"{minutes} min"
    yield from command.print(f" {formatted(process.now(), '%H:%M:%S')} up {length},  load average: 0.00, 0.00, 0.00\n")
    return 0
