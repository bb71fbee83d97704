"""Programs that say who and where one is: id, hostname, env, uname, tty and their kin."""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass
from typing import Final

from fakedocker.engine.processes.effects import Program
from fakedocker.engine.processes.processes import Process
from fakedocker.engine.processes.procfs import KERNEL_RELEASE, KERNEL_VERSION
from fakedocker.engine.processes.terminal import Terminal
from fakedocker.programs.command import Command, Misuse, Section, number
from fakedocker.programs.executable import Become

section = Section()

KERNEL: Final = {
    "s": "Linux",
    "n": "",
    "r": KERNEL_RELEASE,
    "v": KERNEL_VERSION,
    "m": "x86_64",
    "p": "unknown",
    "i": "unknown",
    "o": "Linux",
}


@dataclass(frozen=True, slots=True)
class Account:
    """A line of /etc/passwd or /etc/group."""

    name: str
    uid: int
    gid: int = 0


def users(process: Process) -> list[Account]:
    """Return the accounts of the container's /etc/passwd."""
    return [Account(fields[0], int(fields[2]), int(fields[3])) for fields in _table(process, "/etc/passwd", 4)]


def groups(process: Process) -> list[Account]:
    """Return the groups of the container's /etc/group."""
    return [Account(fields[0], int(fields[2])) for fields in _table(process, "/etc/group", 3)]


def _table(process: Process, path: str, least: int) -> list[list[str]]:
    try:
        text = process.files.read(path).read(0, 1 << 20).decode("utf-8", "replace")
    except OSError:
        return []
    lines = [line.split(":") for line in text.split("\n")]
    return [
        fields
        for fields in lines
        if len(fields) >= least and all(field.isdecimal() and len(field) < 11 for field in fields[2:least])
    ]


def user_name(process: Process, uid: int) -> str | None:
    """Return the name of a user id."""
    known = next((account.name for account in users(process) if account.uid == uid), None)
    return known or ("root" if uid == 0 else None)


def group_name(process: Process, gid: int) -> str | None:
    """Return the name of a group id."""
    known = next((account.name for account in groups(process) if account.uid == gid), None)
    return known or ("root" if gid == 0 else None)


@section.program("id", usage="[-ugGnr] [USER]")
def id_(command: Command) -> Program[int]:
    """Print who one is."""
    options = command.options("ugGnr")
    process = command.process
    uid, gid = process.uid, process.gid
    named = bool(options.words)
    if named:
        account = next((one for one in users(process) if one.name == options.words[0]), None)
        if account is None:
            return (yield from command.complain(f"unknown user {options.words[0]}"))
        uid, gid = account.uid, account.gid
    user, group = user_name(process, uid), group_name(process, gid)
    member_of = (gid,) if named else process.groups
    if options.flags & {"u", "g", "G"}:
        if "u" in options:
            shown = [(uid, user)]
        elif "g" in options:
            shown = [(gid, group)]
        else:
            shown = [(one, group_name(process, one)) for one in member_of or (gid,)]
        if "n" not in options:
            yield from command.print(" ".join(str(value) for value, _ in shown) + "\n")
            return 0
        yield from command.print(" ".join(name or str(value) for value, name in shown) + "\n")
        unknown = [value for value, name in shown if name is None]
        return (yield from command.complain(f"unknown ID {unknown[0]}")) if unknown else 0
    if "n" in options:
        raise Misuse("")
    text = f"uid={_with_name(uid, user)} gid={_with_name(gid, group)}"
    if member_of:
        text += " groups=" + ",".join(_with_name(one, group_name(process, one)) for one in member_of)
    yield from command.print(f"{text}\n")
    return 0


def _with_name(value: int, name: str | None) -> str:
    return f"{value}({name})" if name else str(value)


@section.program("whoami", usage="")
def whoami(command: Command) -> Program[int]:
    """Print the user's name."""
    name = user_name(command.process, command.process.uid)
    if name is None:
        return (yield from command.complain(f"unknown uid {command.process.uid}"))
    yield from command.print(name + "\n")
    return 0


@section.program("groups", usage="[USER]")
def groups_(command: Command) -> Program[int]:
    """Print the names of the user's groups."""
    name = group_name(command.process, command.process.gid)
    yield from command.print((name or str(command.process.gid)) + "\n")
    return 0


@section.program("hostname", usage="[-sidf] [HOSTNAME | -F FILE]")
def hostname(command: Command) -> Program[int]:
    """Print the container's name."""
    options = command.options("sfid")
    name = command.process.hostname
    if options.words:
        return (yield from command.complain("sethostname: Operation not permitted"))
    if "s" in options:
        name = name.split(".")[0]
    if "d" in options:
        name = name.partition(".")[2]
    if "i" in options:
        address = command.process.address_of(name)
        if address is None:
            return (yield from command.complain(f"{name}: Unknown host"))
        name = address
    yield from command.print(name + "\n")
    return 0


@section.program("env", usage="[-i0] [-u NAME]... [-] [NAME=VALUE]... [PROG ARGS]")
def env(command: Command) -> Program[int]:
    """Print the environment, or run a program in a changed one."""
    options = command.options("+i0u:")
    words = options.words
    process = command.process
    empty = "i" in options
    if words[:1] == ["-"]:
        empty = True
        del words[0]
    environment = {} if empty else dict(process.env)
    for name in options.repeated.get("u", []):
        environment.pop(name, None)
    while words and "=" in words[0]:
        name, _, value = words.pop(0).partition("=")
        environment[name] = value
    if not words:
        end = "\0" if "0" in options else "\n"
        yield from command.print("".join(f"{name}={value}{end}" for name, value in environment.items()))
        return 0
    process.env = environment
    try:
        body = process.body(tuple(words))
    except OSError as error:
        code = 127 if error.errno == errno.ENOENT else 126
        return (yield from command.complain(f"can't execute '{words[0]}': {os.strerror(error.errno or 0)}", code))
    raise Become(body, words, environment)


@section.program("printenv", usage="[VARIABLE]...")
def printenv(command: Command) -> Program[int]:
    """Print variables of the environment."""
    environment = command.process.env
    if not command.words:
        yield from command.print("".join(f"{name}={value}\n" for name, value in environment.items()))
        return 0
    values = [environment[name] for name in command.words if name in environment]
    yield from command.print("".join(value + "\n" for value in values))
    return int(len(values) < len(command.words))


@section.program("uname", usage="[-amnrspvio]")
def uname(command: Command) -> Program[int]:
    """Print what system this claims to be."""
    options = command.options("amnrspvio")
    facts = {**KERNEL, "n": command.process.hostname}
    wanted = options.flags or {"s"}
    if "a" in wanted:
        wanted = set("snrvmo")
    yield from command.print(" ".join(facts[letter] for letter in "snrvmpio" if letter in wanted) + "\n")
    return 0


@section.program("arch", usage="")
def arch(command: Command) -> Program[int]:
    """Print the machine's architecture."""
    yield from command.print(KERNEL["m"] + "\n")
    return 0


@section.program("nproc", usage="")
def nproc(command: Command) -> Program[int]:
    """Print the number of processors."""
    yield from command.print("1\n")
    return 0


@section.program("pwd", usage="")
def pwd(command: Command) -> Program[int]:
    """Print the working directory."""
    yield from command.print(command.process.files.resolve(command.process.cwd) + "\n")
    return 0


@section.program("tty", usage="[-s]")
def tty(command: Command) -> Program[int]:
    """Print the terminal's name."""
    options = command.options("s")
    terminal = command.process.fds.get(0)
    name = terminal.name if isinstance(terminal, Terminal) else ""
    if "s" not in options:
        yield from command.print(f"{name or 'not a tty'}\n")
    return int(not name)


@section.program("stty", usage="[-a|g] [-F DEVICE] [SETTING]...")
def stty(command: Command) -> Program[int]:
    """Show or change how the terminal behaves: size, rows, cols, raw, sane, echo."""
    terminal = command.process.fds.get(0)
    if not isinstance(terminal, Terminal):
        reason = os.strerror(errno.EBADF if terminal is None else errno.ENOTTY)
        return (yield from command.complain(f"standard input: {reason}"))
    words = command.words
    if not words or words == ["-a"]:
        state = f"{'-' if terminal.raw else ''}icanon {'' if terminal.echo else '-'}echo"
        yield from command.print(f"speed 38400 baud; rows {terminal.rows}; columns {terminal.columns};\n{state}\n")
        return 0
    while words:
        word = words.pop(0)
        match word:
            case "size":
                yield from command.print(f"{terminal.rows} {terminal.columns}\n")
            case "raw" | "-cooked" | "-icanon":
                terminal.raw = True
            case "-raw" | "cooked" | "icanon":
                terminal.raw = False
            case "sane":
                terminal.raw, terminal.echo = False, True
            case "echo" | "-echo":
                terminal.echo = word == "echo"
            case "rows" | "cols" | "columns" if words:
                value = number(words.pop(0))
                rows = value if word == "rows" else terminal.rows
                columns = terminal.columns if word == "rows" else value
                terminal.resize(rows, columns)
            case _:
                raise Misuse(f"invalid argument '{word}'", usage=False)
    return 0
