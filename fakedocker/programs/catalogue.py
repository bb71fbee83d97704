"""The catalogue: which program runs for a path in a container.

A name decides, as in busybox: what a file contains matters only if it is a script. The order is: what a fixture or the
user put in a program's place (`stand_ins`), then `#!` scripts, then the programs of this package, then other texts
(which a shell runs), then a program that says that it is not simulated.
"""

from __future__ import annotations

import errno
import os
import posixpath
from collections.abc import Mapping, Sequence
from typing import Final

from fakedocker.engine.containers.containers import Home
from fakedocker.engine.processes.effects import Body, Program
from fakedocker.engine.processes.processes import Process
from fakedocker.programs import (
    accounts,
    archives,
    clocks,
    columns,
    differences,
    disks,
    dumps,
    files,
    finding,
    identity,
    listing,
    machine,
    network,
    packages,
    printing,
    processlist,
    running,
    screens,
    searching,
    signalling,
    testing,
    text,
    web,
)
from fakedocker.programs.awk import main as awk
from fakedocker.programs.command import BANNER
from fakedocker.programs.executable import Executable, complain, inner
from fakedocker.programs.jq import main as jq
from fakedocker.programs.ports import Services
from fakedocker.programs.shell import main as shell
from fakedocker.programs.stand_ins import StandIn, StandIns

#: A script whose interpreter is a script, and so on: Linux stops here, too.
DEEPEST_INTERPRETER = 4
LONGEST_FIRST_LINE = 255
#: A file is a text if its beginning holds no NUL.
SAMPLE = 512

SECTIONS = (
    printing,
    testing,
    files,
    finding,
    listing,
    text,
    identity,
    clocks,
    signalling,
    processlist,
    searching,
    running,
    shell,
    awk,
    jq,
    network,
    web,
    machine,
    packages,
    dumps,
    differences,
    archives,
    columns,
    disks,
    screens,
    accounts,
)
STANDARD: Final[Mapping[str, Body]] = {
    name: body for module in SECTIONS for name, body in module.section.bodies.items()
}


class Catalogue:
    """The programs of one daemon."""

    def __init__(self, programs: Mapping[str, Body] = STANDARD) -> None:
        self._programs = dict(programs)
        self._programs["busybox"] = self._busybox
        #: Programs put in the place of others.
        self.stand_ins = StandIns()
        #: What answers at ports where no program listens.
        self.services = Services()

    def copy(self) -> Catalogue:
        """Return a catalogue that can be changed without changing this one."""
        copy = Catalogue(self._programs)
        copy.stand_ins = StandIns([*self.stand_ins])
        copy.services = Services(self.services)
        return copy

    def register(self, name: str, body: Body) -> None:
        """Have `body` run for a program's name (`python`) or absolute path (`/app/server`), whatever is there."""
        self.stand_ins.add(StandIn(name, body))

    @property
    def names(self) -> Sequence[str]:
        """The names of all programs, in order."""
        return sorted({*self._programs, *(one.name for one in self.stand_ins)})

    def provides(self, home: Home | None, path: str, argv: tuple[str, ...] | None) -> bool:
        """Tell whether there is a program for a path even if there is no file: what stands in needs none."""
        return self.stand_ins.find(home, path, argv) is not None

    def load(self, process: Process, path: str, argv: tuple[str, ...]) -> Body:
        """Return the program for a file of the container. Raises OSError."""
        return Executable(self._load(process, path, argv, 0))

    def _load(self, process: Process, path: str, argv: tuple[str, ...], depth: int) -> Body:
        stand_in = self.stand_ins.find(process.table.home, path, argv)
        if stand_in is not None:
            return stand_in.body
        start = _beginning(process, path)
        if start.startswith(b"#!"):
            return self._interpreted(process, path, argv, start, depth)
        program = self._programs.get(posixpath.basename(path)) or self._programs.get(_target_name(process, path))
        if program is not None:
            return program
        if start and b"\0" not in start:
            return self._interpreted(process, path, argv, b"#!/bin/sh", depth)
        return _not_simulated

    def _busybox(self, process: Process) -> Program[int]:
        """`busybox NAME …`, or a link to busybox under a name it does not know."""
        words = process.argv
        while words and posixpath.basename(words[0]) == "busybox":
            words = words[1:]
        if not words:
            yield from process.write(1, f"{BANNER}\n\nUsage: busybox [function [arguments]...]\n")
            return 0
        body = self._programs.get(words[0])
        if body is None:
            yield from process.write(2, f"{words[0]}: applet not found\n")
            return 127
        process.argv = words
        return (yield from body(process))

    def _interpreted(self, process: Process, path: str, argv: tuple[str, ...], start: bytes, depth: int) -> Body:
        line = start[2:].split(b"\n", 1)[0][:LONGEST_FIRST_LINE].decode("utf-8", "surrogateescape")
        interpreter, *arguments = line.strip().split(None, 1) or [""]
        if not interpreter:
            return self._interpreted(process, path, argv, b"#!/bin/sh", depth)
        if depth >= DEEPEST_INTERPRETER:
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), path)
        found = process.find(interpreter)
        script_name = argv[0] if "/" in argv[0] else path  # as it was typed, or as it was found in $PATH
        words = (interpreter, *(argument.rstrip() for argument in arguments), script_name, *argv[1:])
        body = inner(self._load(process, found, words, depth + 1))

        def script(process: Process) -> Program[int]:
            process.argv = words
            return (yield from body(process))

        return script


def _beginning(process: Process, path: str) -> bytes:
    try:
        return process.files.read(path).read(0, SAMPLE)
    except OSError:  # not a plain file: its name must do
        return b""


def _target_name(process: Process, path: str) -> str:
    """Return the name of the file that a symbolic link leads to."""
    try:
        return posixpath.basename(process.files.resolve(path))
    except OSError:
        return ""


def _not_simulated(process: Process) -> Program[int]:
    return (yield from complain(process, "fakedocker does not simulate this program", 127))
