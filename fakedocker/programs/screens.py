"""Programs made for a terminal and somebody in front of it: clear, reset, less, more, vi; and those nobody sees."""

from __future__ import annotations

import errno
import os

from fakedocker.engine.processes.effects import Program
from fakedocker.programs.command import Command, Misuse, Section
from fakedocker.programs.executable import Become

section = Section()

CLEAR = "\x1b[H\x1b[J"
RESET = "\x1bc\x1b(B\x1b[m\x1b[J\x1b[?25h"


@section.program("clear", usage="")
def clear(command: Command) -> Program[int]:
    """Clear the screen."""
    yield from command.print(CLEAR)
    return 0


@section.program("reset", usage="")
def reset(command: Command) -> Program[int]:
    """Bring a terminal into order."""
    standard = command.process.fds.get(1)
    if standard is not None and standard.is_terminal:
        yield from command.print(RESET)
    return 0


@section.program("less", "more", "pager", usage="[FILE]...")
def less(command: Command) -> Program[int]:
    """Print files; nobody turns pages here."""
    options = command.options("EFIMmNSRhXrn~" if command.name != "more" else "")
    status = 0
    for name in options.words or ["-"]:
        fd = yield from command.open(name)
        if fd is None:
            status = 1
            continue
        while data := (yield from command.process.read(fd)):
            yield from command.print(data)
        command.close(fd)
    return status


@section.program("vi", "vim", "nano", "emacs", "ed", usage="[FILE]...")
def editor(command: Command) -> Program[int]:
    """Say that there is no editor."""
    return (yield from command.complain("fakedocker does not simulate editors"))


@section.program("logger", usage="[-s] [-t TAG] [-p PRIO] [MESSAGE]")
def logger(command: Command) -> Program[int]:
    """Write to the system's log, which nobody keeps; `-s`: and to the standard error."""
    options = command.options("st:p:")
    if "s" in options:
        yield from command.process.write(2, f"{options.get('t') or 'root'}: {' '.join(options.words)}\n")
    return 0


@section.program("nologin", usage="")
def nologin(command: Command) -> Program[int]:
    """Turn people away."""
    yield from command.print("This account is not available\n")
    return 1


@section.program("flock", usage="[-sxun] FD | { FILE [-c] PROG ARGS }")
def flock(command: Command) -> Program[int]:
    """Run a program as the only one; there is nobody to wait for."""
    options = command.options("+sxunw:o")
    if not options.words:
        raise Misuse("")
    name, *words = options.words
    process = command.process
    if not words:
        if name.isdecimal() and len(name) < 9 and int(name) in process.fds:
            return 0
        return (yield from command.complain(f"{name}: {os.strerror(errno.EBADF)}"))
    try:
        command.detach(command.attach(process.open(name, write=True, create=True, append=True)))
    except OSError as error:
        return (yield from command.complain(f"can't open '{name}': {os.strerror(error.errno or 0)}"))
    if words[0] == "-c":
        words = ["sh", *words[:2]]
    try:
        body = process.body(tuple(words))
    except OSError as error:
        code = 127 if error.errno == errno.ENOENT else 126
        return (yield from command.complain(f"can't execute '{words[0]}': {os.strerror(error.errno or 0)}", code))
    raise Become(body, words, process.env)
