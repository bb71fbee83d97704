"""The command awk: its options, the program's text, its complaints."""

from __future__ import annotations

import os

from fakedocker.engine.processes.effects import Program
from fakedocker.programs.awk.lexer import unescaped
from fakedocker.programs.awk.machine import Machine
from fakedocker.programs.awk.parser import parse
from fakedocker.programs.awk.syntax import Fault
from fakedocker.programs.command import Command, Misuse, Section
from fakedocker.programs.regex import RegexFault

section = Section()

LONGEST_PROGRAM = 1 << 20


@section.program("awk", usage="[OPTIONS] [AWK_PROGRAM] [FILE]...")
def awk(command: Command) -> Program[int]:
    """Run a program over the lines and fields of files."""
    options = command.options("+F:v:f:e:")
    texts = [_file(command, name) for name in options.repeated.get("f", [])] + options.repeated.get("e", [])
    if not texts:
        if not options.words:
            raise Misuse("")
        texts.append(options.words.pop(0))
    source = "\n".join(text.encode("utf-8", "surrogateescape").decode("latin-1") for text in texts)
    where = options.repeated["f"][0] if "f" in options else "cmd. line"
    try:
        script = parse(source)
    except Fault as fault:
        return (yield from command.complain(f"{where}:{fault}"))
    except RegexFault as fault:
        return (yield from command.complain(f"bad regex: {fault}"))
    machine = Machine(command, script, options.words)
    if "F" in options:
        separator = unescaped(_latin(options.get("F")))
        machine.assign("FS", separator)
    for assignment in options.repeated.get("v", []):
        name, equals, value = assignment.partition("=")
        if not equals or not name.isidentifier():
            raise Misuse("")
        machine.assign(name, unescaped(_latin(value)))
    try:
        return (yield from machine.run())
    except Fault as fault:
        line = f"{where}:1: " if str(fault)[:1].isupper() else ""
        return (yield from command.complain(f"{line}{fault}"))
    except RegexFault as fault:
        return (yield from command.complain(f"bad regex: {fault}"))


def _latin(text: str) -> str:
    return text.encode("utf-8", "surrogateescape").decode("latin-1")


def _file(command: Command, name: str) -> str:
    try:
        content = command.process.files.read(command.process.path(name))
    except OSError as error:
        raise Misuse(f"can't open '{name}': {os.strerror(error.errno or 0)}", usage=False) from None
    return content.read(0, LONGEST_PROGRAM).decode("utf-8", "surrogateescape")
