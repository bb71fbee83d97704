"""The program `ps`: columns of what is known about the processes of a container.

Columns and their widths: busybox 1.35, procps/ps.c, as it is built for the images on the hub.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from typing import Final, NamedTuple

from fakedocker.engine.processes.effects import Program
from fakedocker.engine.processes.processes import Process
from fakedocker.engine.processes.procfs import PROCESS_SIZE
from fakedocker.programs.command import Command, Misuse, Section
from fakedocker.programs.identity import group_name, user_name

section = Section()

#: What /proc shows of a command's name.
LONGEST_NAME: Final = 15


class Column(NamedTuple):
    """A column: its name for -o, its header and width, and what stands in it."""

    name: str
    header: str
    width: int
    text: Callable[[Process], str]
    #: Numbers stand on the right, and may be wider than their column; texts are cut.
    is_number: bool = False


def _user(process: Process) -> str:
    return user_name(process, process.uid) or str(process.uid)


def _group(process: Process) -> str:
    return group_name(process, process.gid) or str(process.gid)


def _terminal(process: Process) -> str:
    return "136,0" if any(descriptor.is_terminal for descriptor in process.fds.values()) else "?"


def elapsed(seconds: float) -> str:
    """Return a length of time in five characters (" 0:07", " 1h02", " 3d14")."""
    minutes, rest = divmod(int(seconds), 60)
    if minutes < 60:
        return f"{minutes:2}:{rest:02}"
    hours, rest = divmod(minutes, 60)
    if hours < 24:
        return f"{hours:2}h{rest:02}"
    days, rest = divmod(hours, 24)
    return f"{days:2}d{rest:02}" if days < 100 else f"{days:4}d"


COLUMNS: Final = {
    column.name: column
    for column in (
        Column("user", "USER", 8, _user),
        Column("group", "GROUP", 8, _group),
        Column("comm", "COMMAND", 16, lambda one: posixpath.basename(one.argv[0])[:LONGEST_NAME]),
        Column("args", "COMMAND", 256, lambda one: " ".join(one.argv)),
        Column("pid", "PID", 5, lambda one: str(one.pid), is_number=True),
        Column("ppid", "PPID", 5, lambda one: str(one.parent.pid if one.parent is not None else 0), is_number=True),
        Column("pgid", "PGID", 5, lambda one: str(one.group), is_number=True),
        Column("etime", "ELAPSED", 7, lambda one: elapsed(one.now() - one.started_at)),
        Column("nice", "NI", 5, lambda one: "0", is_number=True),
        Column("rgroup", "RGROUP", 8, _group),
        Column("ruser", "RUSER", 8, _user),
        Column("time", "TIME", 5, lambda one: elapsed(0)),
        Column("tty", "TT", 6, _terminal),
        Column("vsz", "VSZ", 4, lambda one: str(PROCESS_SIZE), is_number=True),
        Column("sid", "SID", 5, lambda one: "1", is_number=True),
        Column("stat", "STAT", 4, lambda one: "R" if one.table.current is one else "S"),
        Column("rss", "RSS", 4, lambda one: str(4), is_number=True),
    )
}
DEFAULT: Final = "pid,user,time,args"


@section.program("ps", usage="[-o COL1,COL2=HEADER] [-T]")
def ps(command: Command) -> Program[int]:
    """List the processes of the container."""
    options = command.options("o:aAdeflT")
    columns = [column for text in options.repeated.get("o", [DEFAULT]) for column in _columns(text)]
    rows = [[column.header for column in columns]]
    rows += [[_shown(column, process) for column in columns] for process in command.process.table]
    yield from command.print("".join(_line(columns, row) for row in rows))
    return 0


def _columns(text: str) -> list[Column]:
    """Return the columns that an -o names; a header of one's own takes the rest of the text. Raises Misuse."""
    columns: list[Column] = []
    names, equals, header = text.partition("=")
    for name in names.split(","):
        column = COLUMNS.get(name)
        if column is None:
            raise Misuse(f"bad -o argument '{name}', supported arguments: {','.join(COLUMNS)}", usage=False)
        columns.append(column)
    if equals:
        columns[-1] = columns[-1]._replace(header=header, width=len(header) or columns[-1].width)
    return columns


def _shown(column: Column, process: Process) -> str:
    text = column.text(process)
    return text.rjust(column.width) if column.is_number else text[: column.width]


def _line(columns: list[Column], row: list[str]) -> str:
    *texts, last = row
    return "".join(f"{text:<{column.width}} " for column, text in zip(columns, texts, strict=False)) + last + "\n"
