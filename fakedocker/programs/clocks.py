"""Programs about time: sleep, date, usleep, uptime, timeout, time."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

from fakedocker.engine.effects import AwaitSignal, Pause, Program
from fakedocker.programs.command import Command, Misuse, Section

section = Section()

UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400, "": 1}
#: Sleeps longer than this (some thirty years) never end.
FOREVER = 1e9


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
    options = command.options("uRId:r:", long={"utc": "u", "rfc-2822": "R", "date": "d", "reference": "r"})
    form = "+%a %b %e %H:%M:%S UTC %Y"
    if "R" in options:
        form = "+%a, %d %b %Y %H:%M:%S +0000"
    if "I" in options:
        form = "+%Y-%m-%d"
    moment = command.process.now()
    if "d" in options:
        match = re.fullmatch(r"@(\d{1,11})", options.get("d"))
        if match is None:
            raise Misuse(f"invalid date '{options.get('d')}'", usage=False)
        moment = float(match[1])
    if "r" in options:
        moment = command.process.files.stat(command.process.path(options.get("r"))).mtime
    if options.words:
        form = options.words[0]
    if not form.startswith("+"):
        return (yield from command.complain("can't set date: Operation not permitted"))
    yield from command.print(formatted(moment, form[1:]) + "\n")
    return 0


def formatted(moment: float, form: str) -> str:
    """Format a time in unix seconds as strftime(3) does in the C locale, in UTC."""
    when = datetime.fromtimestamp(min(moment, 253402300799), UTC)
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
        "N": f"{int(moment * 1e9) % 10**9:09}",
        "p": "AM" if when.hour < 12 else "PM",
        "r": f"{hour:02}:{when.minute:02}:{when.second:02} {'AM' if when.hour < 12 else 'PM'}",
        "R": f"{when.hour:02}:{when.minute:02}",
        "s": str(int(moment)),
        "S": f"{when.second:02}",
        "t": "\t",
        "T": f"{when.hour:02}:{when.minute:02}:{when.second:02}",
        "u": str(when.isoweekday()),
        "w": str(when.isoweekday() % 7),
        "x": f"{when.month:02}/{when.day:02}/{when.year % 100:02}",
        "X": f"{when.hour:02}:{when.minute:02}:{when.second:02}",
        "y": f"{when.year % 100:02}",
        "Y": str(when.year),
        "z": "+0000",
        "Z": "UTC",
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
