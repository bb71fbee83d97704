"""Programs about the machine as a container sees it: top, free, df, mount, umount.

The numbers are those of `fakedocker.engine.processes.procfs`: the same machine for everybody, and nobody works on it.
"""

from __future__ import annotations

import os
import posixpath
from typing import Final

from fakedocker.engine.processes.effects import Program
from fakedocker.engine.processes.procfs import (
    MEMORY_BUFFERS,
    MEMORY_CACHED,
    MEMORY_FREE,
    MEMORY_TOTAL,
    PROCESS_SIZE,
    Mounted,
    mount_table,
)
from fakedocker.programs.clocks import seconds
from fakedocker.programs.command import Command, Misuse, Section, number
from fakedocker.programs.identity import user_name

section = Section()

#: The disk that images and volumes are on, in KiB: all of it, and what is in use.
DISK_TOTAL, DISK_USED = 10309828, 1835008
INODES_TOTAL, INODES_USED = 655360, 31012
KILOBYTE, MEGABYTE = 1 << 10, 1 << 20
UNITS: Final = {"b": 1 / 1024, "k": 1, "m": 1024, "g": 1048576}


def human(kilobytes: float) -> str:
    """Return a size in KiB with one decimal and a unit, as busybox's -h does."""
    if not kilobytes:
        return "0"
    for unit in "KMG":
        if kilobytes < 1024:
            return f"{kilobytes:.1f}{unit}"
        kilobytes /= 1024
    return f"{kilobytes:.1f}T"


@section.program("top", usage="[-b] [-n COUNT] [-d SECONDS]")
def top(command: Command) -> Program[int]:
    """Show the processes, again and again."""
    options = command.options("bHmn:d:")
    turns = number(options.get("n")) if "n" in options else None
    pause = max(0.1, seconds(options.get("d", "5")))
    turn = 0
    while True:
        yield from command.print(_top(command))
        turn += 1
        if turn == turns:
            return 0
        yield from command.process.sleep(pause)


def _top(command: Command) -> str:
    table = [*command.process.table]
    last = max(one.pid for one in table)
    used = MEMORY_TOTAL - MEMORY_FREE
    text = f"Mem: {used}K used, {MEMORY_FREE}K free, 0K shrd, {MEMORY_BUFFERS}K buff, {MEMORY_CACHED}K cached\n"
    text += "CPU:   0% usr   0% sys   0% nic 100% idle   0% io   0% irq   0% sirq\n"
    text += f"Load average: 0.00 0.00 0.00 1/{len(table)} {last}\n"
    text += "  PID  PPID USER     STAT   VSZ %VSZ %CPU COMMAND\n"
    for one in table:
        parent = one.parent.pid if one.parent is not None else 0
        user = user_name(command.process, one.uid) or str(one.uid)
        state = "R" if one is command.process else "S"
        text += f"{one.pid:5} {parent:5} {user:<8.8} {state:<4}{PROCESS_SIZE:6}   0%   0% {' '.join(one.argv)}\n"
    return text + "\n"


@section.program("free", usage="[-bkmgh]")
def free(command: Command) -> Program[int]:
    """Show how much memory there is."""
    options = command.options("bkmghtw")
    unit = options.last_of("bkmgh") or "k"
    cache = MEMORY_BUFFERS + MEMORY_CACHED
    memory = (MEMORY_TOTAL, MEMORY_TOTAL - MEMORY_FREE - cache, MEMORY_FREE, 0, cache, MEMORY_FREE + cache)

    def row(head: str, values: tuple[int, ...]) -> str:
        shown = [human(value) if unit == "h" else str(int(value / UNITS[unit])) for value in values]
        return f"{head:<7}" + "".join(f"{value:>12}" for value in shown) + "\n"

    text = "              total        used        free      shared  buff/cache   available\n"
    yield from command.print(text + row("Mem:", memory) + row("Swap:", (0, 0, 0)))
    return 0


@section.program("df", usage="[-PkmhTai] [-B SIZE] [-t TYPE] [FILESYSTEM]...")
def df(command: Command) -> Program[int]:
    """Show how full the disks are."""
    options = command.options("PkmhTait:B:", long={"human-readable": "h", "print-type": "T"})
    process = command.process
    table = mount_table(process.files)
    status = 0
    chosen: list[Mounted] = []
    for name in options.words:
        try:
            path = process.files.resolve(process.path(name))
        except OSError:
            status = yield from command.complain(f"{name}: can't find mount point")
            continue
        chosen.append(max((one for one in table if _is_within(path, one.path)), key=lambda one: len(one.path)))
    if not options.words:
        chosen = [one for one in table if one.kind not in ("proc", "sysfs") or "a" in options]
    if "t" in options:
        chosen = [one for one in chosen if one.kind == options.get("t")]
    unit = options.last_of("kmhiB") or "k"
    block = {"m": MEGABYTE, "B": number(options.get("B", "1024"), least=1)}.get(unit, KILOBYTE)
    head = {"i": "Inodes", "h": "Size"}.get(unit) or ("1024" if "P" in options else _block(block)) + "-blocks"
    kind_head = f"{'Type':<10} " if "T" in options else ""
    text = f"{'Filesystem':<20} {kind_head}{head.rjust(9):<15}Used Available "
    text += "Capacity Mounted on\n" if "P" in options else "Use% Mounted on\n"
    for one in chosen:
        total, used = (INODES_TOTAL, INODES_USED) if unit == "i" else (DISK_TOTAL, DISK_USED)
        if one.kind in ("proc", "sysfs"):
            total = used = 0
        sizes = [total, used, total - used]
        shown = [human(size) if unit == "h" else str(size if unit == "i" else size * 1024 // block) for size in sizes]
        kind = f"{one.kind:<10} " if "T" in options else ""
        share = -(-100 * used // total) if total else 0
        text += f"{one.device:<20} {kind}{shown[0]:>9} {shown[1]:>9} {shown[2]:>9} {share:3}% {one.path}\n"
    yield from command.print(text)
    return status


def _block(size: int) -> str:
    """Return the size of a block as a header shows it: in whole MiB or KiB if it is that."""
    for unit, letter in ((MEGABYTE, "M"), (KILOBYTE, "K")):
        if size % unit == 0:
            return f"{size // unit}{letter}"
    return str(size)


def _is_within(path: str, directory: str) -> bool:
    return directory == "/" or path == directory or path.startswith(directory + "/")


@section.program("mount", usage="[OPTIONS] [-o OPT] DEVICE NODE")
def mount(command: Command) -> Program[int]:
    """Show what is mounted; mounting is not allowed in a container."""
    words = [word for word in command.words if word != "-a"]
    if len(words) > 1:
        return (yield from command.complain("permission denied (are you root?)"))
    if words:
        raise Misuse("")
    lines = [
        f"{one.device} on {one.path} type {one.kind} ({one.options})\n" for one in mount_table(command.process.files)
    ]
    yield from command.print("".join(lines))
    return 0


@section.program("umount", usage="[-rlfda] [-t FSTYPE] FILESYSTEM|DIRECTORY")
def umount(command: Command) -> Program[int]:
    """Say that unmounting is not allowed in a container."""
    options = command.options("rlfdant:O:")
    if not options.words:
        raise Misuse("")
    process = command.process
    for name in options.words:
        is_mount = posixpath.normpath(process.path(name)) in {one.path for one in mount_table(process.files)}
        reason = os.strerror(1) if is_mount else os.strerror(22)
        yield from command.complain(f"can't unmount {name}: {reason}")
    return 1
