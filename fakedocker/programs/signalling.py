"""Signals by name, and the programs that send them: kill, killall, pidof."""

from __future__ import annotations

import posixpath
from typing import Final

from fakedocker.engine.processes.effects import Kill, Program, Signal
from fakedocker.programs.command import Command, Misuse, Section

section = Section()

#: The names of Linux's signals 1 to 31, as `kill -l` lists them.
NAMES: Final = [
    "HUP",
    "INT",
    "QUIT",
    "ILL",
    "TRAP",
    "ABRT",
    "BUS",
    "FPE",
    "KILL",
    "USR1",
    "SEGV",
    "USR2",
    "PIPE",
    "ALRM",
    "TERM",
    "STKFLT",
    "CHLD",
    "CONT",
    "STOP",
    "TSTP",
    "TTIN",
    "TTOU",
    "URG",
    "XCPU",
    "XFSZ",
    "VTALRM",
    "PROF",
    "WINCH",
    "POLL",
    "PWR",
    "SYS",
]
ALIASES: Final = {"IOT": 6, "CLD": 17, "IO": 29, "UNUSED": 31, "EXIT": 0}
LARGEST_SIGNAL = 64


def signal_name(number: int) -> str:
    """Return a signal's name without SIG."""
    if 1 <= number <= len(NAMES):
        return NAMES[number - 1]
    if number == 34:
        return "RTMIN"
    return "RTMAX" if number == LARGEST_SIGNAL else str(number)


def signal_number(name: str) -> int | None:
    """Return the number of a signal given by name (with or without SIG) or number; EXIT is 0."""
    if name.isascii() and name.isdecimal():
        return int(name) if len(name) < 3 and int(name) <= LARGEST_SIGNAL else None
    short = name.upper().removeprefix("SIG")
    if short in NAMES:
        return NAMES.index(short) + 1
    return ALIASES.get(short)


@section.program("kill", usage="[-l] [-SIG] PID...")
def kill(command: Command) -> Program[int]:
    """Send a signal to processes; `-l` tells the signals' names."""
    words = command.words
    number: int = Signal.TERM
    if words and words[0] == "-l":
        return (yield from _list(command, words[1:]))
    if words and words[0] == "--":
        del words[0]
    elif words and words[0].startswith("-") and len(words[0]) > 1:
        word = words.pop(0)[1:]
        if word == "s" and words:
            word = words.pop(0)
        found = signal_number(word)
        if found is None:
            return (yield from command.complain(f"bad signal name '{word}'"))
        number = found
        if words[:1] == ["--"]:
            del words[0]
    if not words:
        return (yield from command.complain("you need to specify whom to kill"))
    failures = 0
    for word in words:
        if not word.lstrip("-").isdecimal() or len(word) > 10:
            yield from command.complain(f"invalid number '{word}'")
            failures += 1
            continue
        pid = int(word)
        try:
            yield Kill(pid if pid else -command.process.group, number)
        except ProcessLookupError:
            yield from command.complain(f"can't kill pid {pid}: No such process")
            failures += 1
    return failures


def _list(command: Command, words: list[str]) -> Program[int]:
    if not words:
        lines = [f"{index:2}) {name}\n" for index, name in enumerate(NAMES, 1)]
        yield from command.print("".join(lines))
        return 0
    for word in words:
        number = signal_number(word)
        if number is None and word.isascii() and word.isdecimal() and len(word) == 3:
            number = int(word) & 0x7F  # the exit code of what a signal ended
        if number is None:
            return (yield from command.complain(f"unknown signal '{word}'"))
        if word.isdecimal():
            yield from command.print(("EXIT" if number == 0 else signal_name(number)) + "\n")
        else:
            yield from command.print(f"{number}\n")
    return 0


@section.program("killall", usage="[-lq] [-SIG] PROCESS_NAME...")
def killall(command: Command) -> Program[int]:
    """Send a signal to the processes of a name."""
    words = command.words
    number: int = Signal.TERM
    if words[:1] == ["-l"]:
        return (yield from _list(command, words[1:]))
    quiet = words[:1] == ["-q"]
    if quiet:
        del words[0]
    if words and words[0].startswith("-"):
        found = signal_number(words[0][1:])
        if found is None:
            return (yield from command.complain(f"bad signal name '{words[0][1:]}'"))
        number = found
        del words[0]
    if not words:
        raise Misuse("you need to specify whom to kill", usage=False)
    status = 0
    for name in words:
        pids = _pids(command, name)
        for pid in pids:
            yield Kill(pid, number)
        if not pids:
            status = 1
            if not quiet:
                yield from command.complain(f"{name}: no process killed")
    return status


@section.program("pidof", usage="[-s] [NAME]...")
def pidof(command: Command) -> Program[int]:
    """Print the process ids of programs."""
    options = command.options("s")
    found = [pid for name in options.words for pid in _pids(command, name)]
    if "s" in options:
        found = found[:1]
    if found:
        yield from command.print(" ".join(str(pid) for pid in found) + "\n")
    return int(not found)


def _pids(command: Command, name: str) -> list[int]:
    return [
        process.pid
        for process in command.process.table
        if process.argv and posixpath.basename(process.argv[0]) == name and process is not command.process
    ]
