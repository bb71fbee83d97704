"""Programs that show what is there: ls, stat."""

from __future__ import annotations

import os
import posixpath
from dataclasses import dataclass
from typing import Final

from fakedocker.engine.files.layers import Inode, Kind
from fakedocker.engine.processes.effects import Program
from fakedocker.engine.processes.terminal import Terminal
from fakedocker.programs.clocks import formatted
from fakedocker.programs.command import Command, Misuse, Options, Section
from fakedocker.programs.identity import group_name, user_name

section = Section()

TYPES: Final = {
    Kind.FILE: "-",
    Kind.DIRECTORY: "d",
    Kind.SYMLINK: "l",
    Kind.CHARACTER: "c",
    Kind.BLOCK: "b",
    Kind.FIFO: "p",
}
SIX_MONTHS = 15768000
BLOCK = 4096


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a listing."""

    name: str
    path: str
    inode: Inode


def mode_text(inode: Inode) -> str:
    """Return type and mode as `ls -l` shows them."""
    mode = inode.mode
    text = list("rwxrwxrwx")
    for index in range(9):
        if not mode & (0o400 >> index):
            text[index] = "-"
    for bit, index, letter in ((0o4000, 2, "s"), (0o2000, 5, "s"), (0o1000, 8, "t")):
        if mode & bit:
            text[index] = letter if text[index] == "x" else letter.upper()
    return TYPES[inode.kind] + "".join(text)


@section.program("ls", usage="[-1AaCxdLHRFplinshrSXvctu] [-w WIDTH] [FILE]...")
def ls(command: Command) -> Program[int]:
    """List files and directories."""
    options = command.options(
        "1AaCdFLRhHilnpqrSstxwctXvu", long={"color": "q", "full-time": "l", "group-directories-first": "q"}
    )
    process = command.process
    status = 0
    single: list[Item] = []
    directories: list[Item] = []
    for name in options.words or ["."]:
        path = process.path(name)
        try:
            follow = "L" in options or not options.flags & {"l", "d", "n", "F"} or name.endswith("/")
            inode = process.files.stat(path, follow=follow)
        except OSError as error:
            status = yield from command.complain(f"{name}: {os.strerror(error.errno or 0)}")
            continue
        item = Item(name, path, inode)
        (directories if inode.is_directory and "d" not in options else single).append(item)
    if single:
        yield from command.print(_listed(command, options, _ordered(single, options)))
    headed = len(options.words) > 1 or "R" in options
    blank = bool(single)
    pending = _ordered(directories, options)
    while pending:
        item = pending.pop(0)
        try:
            items = _entries(command, item, options)
        except OSError as error:
            status = yield from command.complain(f"can't open '{item.name}': {os.strerror(error.errno or 0)}")
            continue
        text = ("\n" if blank else "") + (f"{item.name}:\n" if headed else "")
        if options.flags & {"l", "n", "s"}:
            text += f"total {sum(_kilobytes(one.inode) for one in items)}\n"
        yield from command.print(text + _listed(command, options, items))
        blank = True
        if "R" in options:
            below = [
                Item(f"{item.name.rstrip('/') if item.name != '/' else ''}/{one.name}", one.path, one.inode)
                for one in items
                if one.inode.is_directory and one.name not in (".", "..")
            ]
            pending[:0] = below
    return status


def _entries(command: Command, item: Item, options: Options) -> list[Item]:
    files = command.process.files
    names = files.listdir(item.path)
    if "a" in options:
        names = [".", "..", *names]
    elif "A" not in options:
        names = [name for name in names if not name.startswith(".")]
    items: list[Item] = []
    for name in names:
        path = f"{item.path.rstrip('/')}/{name}"
        try:
            inode = files.stat(path, follow="L" in options)
        except OSError:
            inode = files.stat(path, follow=False)
        items.append(Item(name, path, inode))
    return _ordered(items, options)


def _ordered(items: list[Item], options: Options) -> list[Item]:
    items = sorted(items, key=lambda item: item.name.encode("utf-8", "surrogateescape"))
    if "S" in options:
        items.sort(key=lambda item: -item.inode.size)
    elif "t" in options:
        items.sort(key=lambda item: -item.inode.mtime)
    elif "X" in options:
        items.sort(key=lambda item: posixpath.splitext(item.name)[1])
    return items[::-1] if "r" in options else items


def _kilobytes(inode: Inode) -> int:
    if inode.kind not in (Kind.FILE, Kind.DIRECTORY):
        return 0
    return (inode.size + BLOCK - 1) // BLOCK * (BLOCK // 1024)


def _decorated(item: Item, options: Options) -> str:
    name = item.name
    if item.inode.is_directory and options.flags & {"p", "F"}:
        return name + "/"
    if "F" in options:
        if item.inode.is_symlink:
            return name + "@"
        if item.inode.kind is Kind.FIFO:
            return name + "|"
        if item.inode.mode & 0o111:
            return name + "*"
    return name


def _listed(command: Command, options: Options, items: list[Item]) -> str:
    if options.flags & {"l", "n"}:
        return "".join(_long(command, options, item) for item in items)
    numbers = "i" in options
    names = [(f"{_number(item):7} " if numbers else "") + _decorated(item, options) for item in items]
    terminal = command.process.fds.get(1)
    if "1" in options or not (isinstance(terminal, Terminal) or "C" in options) or not names:
        return "".join(name + "\n" for name in names)
    return _columns(names, (terminal.columns if isinstance(terminal, Terminal) else 0) or 80)


def _columns(names: list[str], width: int) -> str:
    """Arrange names in columns, read downwards."""
    column = max(len(name) for name in names) + 2
    across = max(width // column, 1)
    rows = (len(names) + across - 1) // across
    lines = []
    for row in range(rows):
        line = names[row::rows]
        lines.append("".join(name.ljust(column) for name in line[:-1]) + line[-1] + "\n")
    return "".join(lines)


def _number(item: Item) -> int:
    return sum(item.path.encode("utf-8", "surrogateescape")) % 100000 + 1


def _long(command: Command, options: Options, item: Item) -> str:
    process, inode = command.process, item.inode
    user = group = None
    if "n" not in options:
        user, group = user_name(process, inode.uid), group_name(process, inode.gid)
    owner = f"{(user or str(inode.uid))[:8]:<8} {(group or str(inode.gid))[:8]:<8}"
    if inode.device is not None:
        size = f"{inode.device[0]:4}, {inode.device[1]:3}"
    else:
        size = f"{_human(inode.size):>7}" if "h" in options else f"{inode.size:9}"
    age = process.now() - inode.mtime
    form = "%b %e  %Y" if age > SIX_MONTHS or age < -900 else "%b %e %H:%M"
    links = max(inode.links, 1) + (inode.is_directory and 1)
    name = _decorated(item, options) if not inode.is_symlink else f"{item.name} -> {inode.target}"
    return f"{mode_text(inode)} {links:4} {owner} {size} {formatted(inode.mtime, form)} {name}\n"


def _human(size: int) -> str:
    value = float(size)
    if value < 1024:
        return str(size)
    for unit in "KMGT":
        value /= 1024
        if value < 1024 or unit == "T":
            return f"{value:.1f}{unit}"
    return str(size)


# -- stat -----------------------------------------------------------------------------------

KINDS: Final = {
    Kind.FILE: "regular file",
    Kind.DIRECTORY: "directory",
    Kind.SYMLINK: "symbolic link",
    Kind.CHARACTER: "character special file",
    Kind.BLOCK: "block special file",
    Kind.FIFO: "fifo",
}


@section.program("stat", usage="[-ltf] [-c FMT] FILE...")
def stat(command: Command) -> Program[int]:
    """Print what is known about files."""
    options = command.options("Lc:")
    if not options.words:
        raise Misuse("")
    process = command.process
    status = 0
    for name in options.words:
        try:
            inode = process.files.stat(process.path(name), follow="L" in options)
        except OSError as error:
            status = yield from command.complain(f"can't stat '{name}': {os.strerror(error.errno or 0)}")
            continue
        if "c" in options:
            yield from command.print(_by_format(command, options.get("c"), name, inode) + "\n")
            continue
        shown = f"'{name}' -> '{inode.target}'" if inode.is_symlink else name
        times = "".join(f"{label}: {_precise(inode)}\n" for label in ("Access", "Modify", "Change"))
        yield from command.print(
            f"  File: {shown}\n"
            f"  Size: {inode.size:<10}\tBlocks: {_kilobytes(inode) * 2:<10} IO Block: {BLOCK:<6} "
            f"{_kind(inode)}\n"
            f"Device: 1h/1d\tInode: {_number(Item(name, name, inode)):<10}  Links: {max(inode.links, 1)}\n"
            f"Access: ({inode.mode:04o}/{mode_text(inode)})  "
            f"Uid: ({inode.uid:5}/{user_name(process, inode.uid) or 'UNKNOWN':>8})   "
            f"Gid: ({inode.gid:5}/{group_name(process, inode.gid) or 'UNKNOWN':>8})\n{times}"
        )
    return status


def _precise(inode: Inode) -> str:
    """Return when a file was changed, to the nanosecond."""
    return formatted(inode.mtime, f"%F %T.{int(inode.mtime * 1e9) % 10**9:09} +0000")


def _kind(inode: Inode) -> str:
    return "regular empty file" if inode.is_file and not inode.size else KINDS[inode.kind]


def _by_format(command: Command, form: str, name: str, inode: Inode) -> str:
    process = command.process
    values = {
        "n": name,
        "N": f"'{name}' -> '{inode.target}'" if inode.is_symlink else name,
        "s": str(inode.size),
        "a": f"{inode.mode:o}",
        "A": mode_text(inode),
        "F": _kind(inode),
        "u": str(inode.uid),
        "g": str(inode.gid),
        "U": user_name(process, inode.uid) or "UNKNOWN",
        "G": group_name(process, inode.gid) or "UNKNOWN",
        "h": str(max(inode.links, 1)),
        "Y": str(int(inode.mtime)),
        "X": str(int(inode.mtime)),
        "Z": str(int(inode.mtime)),
        "y": _precise(inode),
        "x": _precise(inode),
        "z": _precise(inode),
        "o": str(BLOCK),
        "t": f"{inode.device[0] if inode.device else 0:x}",
        "T": f"{inode.device[1] if inode.device else 0:x}",
        "b": str(_kilobytes(inode) * 2),
        "B": "512",
        "%": "%",
    }
    result, position = "", 0
    while position < len(form):
        if form[position] == "%" and position + 1 < len(form):
            result += values.get(form[position + 1], form[position + 1])
            position += 2
        else:
            result += form[position]
            position += 1
    return result
