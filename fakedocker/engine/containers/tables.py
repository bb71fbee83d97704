"""The processes of a container, as the host's `ps` shows them (moby daemon/top_unix.go)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from fakedocker.engine import errors
from fakedocker.engine.containers.containers import Container
from fakedocker.engine.processes.processes import Process

if TYPE_CHECKING:
    from fakedocker.engine.engine import Engine

#: The columns of `-ef`, of `aux` and its kin.
FULL = ("UID", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD")
BSD = ("USER", "PID", "%CPU", "%MEM", "VSZ", "RSS", "TTY", "STAT", "START", "TIME", "COMMAND")
#: Options of System V that choose processes and columns, and change nothing here.
SELECTIONS = frozenset("AaCcdeFfGgHjLlMmpstTuUwyZ0123456789")
#: What `-o` knows, and the title of its column (procps-ng).
COLUMNS = {
    "pid": "PID",
    "ppid": "PPID",
    "user": "USER",
    "uid": "UID",
    "comm": "COMMAND",
    "cmd": "CMD",
    "args": "COMMAND",
    "command": "COMMAND",
    "tty": "TT",
    "time": "TIME",
    "stat": "STAT",
    "rss": "RSS",
    "vsz": "VSZ",
    "etime": "ELAPSED",
    "pcpu": "%CPU",
    "pmem": "%MEM",
}


def process_table(engine: Engine, container: Container, arguments: str) -> tuple[list[str], list[list[str]]]:
    """Return titles and rows of a container's processes. Raises Conflict, Failure."""
    if container.run is None or container.run.ended:
        raise errors.stopped(container.id)
    titles, columns = _wanted(arguments)
    if "pid" not in columns:
        raise errors.no_pid_in_ps()
    processes = [process for process in container.run.processes if process.code is None]
    return titles, [[_cell(engine, container, process, column) for column in columns] for process in processes]


def _wanted(arguments: str) -> tuple[list[str], list[str]]:
    words = arguments.split()
    for index, word in enumerate(words):
        if word in ("-o", "o", "-eo", "-o=") and index + 1 < len(words):
            return _chosen(words[index + 1])
        if word.startswith("-o") and len(word) > 2:
            return _chosen(word[2:])
    for word in words:
        if word.startswith("-") and not SELECTIONS.issuperset(word[1:]):
            raise errors.ps_failed("error: unsupported SysV option")
    if not arguments.startswith("-"):
        return list(BSD), ["user", "pid", "pcpu", "pmem", "vsz", "rss", "tty", "stat", "start", "bsdtime", "args"]
    return list(FULL), ["user", "pid", "ppid", "c", "stime", "tty", "time", "args"]


def _chosen(text: str) -> tuple[list[str], list[str]]:
    titles, columns = [], []
    for entry in text.split(","):
        name, equals, title = entry.partition("=")
        if name.lower() not in COLUMNS:
            raise errors.ps_failed(f'error: unknown user-defined format specifier "{name}"')
        columns.append(name.lower())
        titles.append(title if equals else COLUMNS[name.lower()])
    return titles, columns


def _cell(engine: Engine, container: Container, process: Process, column: str) -> str:
    match column:
        case "pid":
            return str(_host_pid(container, process))
        case "ppid":
            return str(_host_pid(container, process.parent) if process.parent else container.pid - 1)
        case "user":
            return _user(process)
        case "uid":
            return str(process.uid)
        case "tty":
            return "pts/0" if container.tty else "?"
        case "stime" | "start":
            return f"{datetime.fromtimestamp(process.started_at, UTC):%H:%M}"
        case "time":
            return "00:00:00"
        case "bsdtime":
            return "0:00"
        case "c":
            return "0"
        case "pcpu" | "pmem":
            return "0.0"
        case "stat":
            return "Ss" if process.pid == 1 else "S"
        case "vsz":
            return "1600"
        case "rss":
            return str(max(640, process.memory >> 10))
        case "etime":
            minutes, seconds = divmod(int(engine.clock.now() - process.started_at), 60)
            return f"{minutes:02}:{seconds:02}"
        case "comm":
            return process.argv[0].rpartition("/")[2]
    return " ".join(process.argv)


def _host_pid(container: Container, process: Process) -> int:
    """Return the number by which the host knows a process: the first one's, and on from there."""
    return container.pid + process.pid - 1


def _user(process: Process) -> str:
    if process.uid == 0:
        return "root"
    return str(process.uid)
