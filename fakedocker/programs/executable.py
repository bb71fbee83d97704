"""What surrounds every program: its last words about an error, and going on as another program."""

from __future__ import annotations

import errno
import os
import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fakedocker.engine.processes.effects import Body, Disposition, Pause, Program, Signal
from fakedocker.engine.processes.processes import Process

#: How many turns of the scheduler it takes to become another program: reading a script is no small thing.
COST = 20


class Become(Exception):
    """Raised by a program that goes on as another one, in the same process."""

    def __init__(self, body: Body, argv: Sequence[str], env: Mapping[str, str]) -> None:
        super().__init__(argv)
        self.body = body
        self.argv = tuple(argv)
        self.env = dict(env)


@dataclass(frozen=True, slots=True)
class Executable:
    """A program with what surrounds all programs: its last words about an error, and `Become`."""

    body: Body

    def __call__(self, process: Process) -> Program[int]:
        body = self.body
        while True:
            try:
                return (yield from body(process))
            except Become as other:
                body = inner(other.body)
                _replace(process, other)
                # A script that becomes itself must not hold everybody up.
                for _ in range(COST):
                    yield Pause()
            except BrokenPipeError:
                if process.dispositions.get(Signal.PIPE) is not Disposition.IGNORE:
                    raise
                return (yield from complain(process, "write error: " + os.strerror(errno.EPIPE)))
            except OSError as error:
                return (yield from complain(process, describe(error)))


def describe(error: OSError) -> str:
    """Return what a program says about an error it did not expect."""
    text = os.strerror(error.errno) if error.errno else str(error)
    return f"{error.filename}: {text}" if error.filename else text


def inner(body: Body) -> Body:
    return body.body if isinstance(body, Executable) else body


def _replace(process: Process, other: Become) -> None:
    """Do to a process what execve does: handlers go, what is ignored stays ignored."""
    process.argv = other.argv
    process.env = other.env
    process.pending.clear()
    for signal, disposition in list(process.dispositions.items()):
        if disposition is Disposition.CATCH:
            del process.dispositions[signal]


def complain(process: Process, text: str, code: int = 1) -> Program[int]:
    name = posixpath.basename(process.argv[0]) if process.argv else "?"
    try:
        yield from process.write(2, f"{name}: {text}\n")
    except OSError:
        pass  # nowhere to say it
    return code
