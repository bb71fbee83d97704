"""Programs scripted in a fixture: a row of steps, and what signals do.

A script stands for a program that cannot be imitated (`python -c …`, `postgres`): it prints, waits, reads,
writes files and ends as it was told. Text may name variables of the environment: `$NAME` or `${NAME}`, besides
`$HOSTNAME` and what `ReadLine` has read; `$$` is a dollar sign. Other names stay as they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from string import Template

from fakedocker.engine.processes.effects import AwaitSignal, Body, Interrupted, Pause, Program
from fakedocker.engine.processes.processes import Process

LONGEST_LINE = 65536


@dataclass(frozen=True, slots=True)
class Output:
    """Print a text: on the standard output (1) or error (2). `every`: seconds from each line to the next."""

    text: str
    fd: int = 1
    every: float = 0.0


@dataclass(frozen=True, slots=True)
class Sleep:
    """Let seconds pass."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Exit:
    """End with a code."""

    code: int = 0


@dataclass(frozen=True, slots=True)
class Serve:
    """Do nothing until a signal ends the program."""


@dataclass(frozen=True, slots=True)
class Repeat:
    """Do steps again and again, or `times` times."""

    steps: tuple[Step, ...]
    times: int | None = None


@dataclass(frozen=True, slots=True)
class WriteFile:
    """Let a file of the container contain a text, or append the text to it."""

    path: str
    text: str
    append: bool = False


@dataclass(frozen=True, slots=True)
class ReadLine:
    """Read a line of the standard input into a variable; the end of the input ends the program with 0."""

    name: str = "REPLY"


@dataclass(frozen=True, slots=True)
class OutOfMemory:
    """Ask for more memory than there is: the kernel ends the program with KILL."""


Step = Output | Sleep | Exit | Serve | Repeat | WriteFile | ReadLine | OutOfMemory


class _End(Exception):
    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Script:
    """A program as steps, and the steps for the signals that it catches (by number).

    After the steps for a signal the program goes on where it was, unless one of them is an `Exit`. A signal
    without steps does to it what it does to any program. When all steps are done it ends with 0.
    """

    steps: tuple[Step, ...]
    on: Mapping[int, Sequence[Step]] = field(default_factory=dict)

    @property
    def body(self) -> Body:
        """The program."""

        def body(process: Process) -> Program[int]:
            return (yield from _Performance(self, process).run())

        return body


class _Performance:
    """One run of a script."""

    def __init__(self, script: Script, process: Process) -> None:
        self._script = script
        self._process = process
        self._names = {"HOSTNAME": process.hostname, **process.env}
        self._input = b""

    def run(self) -> Program[int]:
        self._process.catch(*self._script.on)
        try:
            yield from self._do_all(self._script.steps)
        except _End as end:
            return end.code
        return 0

    def _do_all(self, steps: Sequence[Step]) -> Program[None]:
        for step in steps:
            yield from self._do(step)
            yield from self._signals()

    def _signals(self) -> Program[None]:
        """Do the steps for the signals that have arrived."""
        while self._process.pending:
            number = self._process.pending.popleft()
            for step in self._script.on.get(number, ()):
                yield from self._do(step)

    def _do(self, step: Step) -> Program[None]:
        process = self._process
        match step:
            case Output():
                yield from self._print(step)
            case Sleep():
                yield from self._sleep(process.now() + step.seconds)
            case Exit():
                raise _End(step.code)
            case Serve():
                while True:
                    if process.pending:
                        yield from self._signals()
                    number: int = yield AwaitSignal()
                    process.pending.appendleft(number)
            case Repeat():
                turn = 0
                while step.times is None or turn < step.times:
                    turn += 1
                    yield from self._do_all(step.steps)
                    yield Pause()
            case WriteFile():
                path, data = process.path(self._text(step.path)), self._text(step.text).encode()
                (process.files.append if step.append else process.files.write)(path, data)
            case ReadLine():
                self._names[step.name] = yield from self._line()
            case OutOfMemory():
                raise MemoryError

    def _print(self, output: Output) -> Program[None]:
        text = self._text(output.text)
        if not output.every:
            yield from self._process.write(output.fd, text)
            return
        for number, line in enumerate(text.splitlines(keepends=True)):
            if number:
                yield from self._sleep(self._process.now() + output.every)
            yield from self._process.write(output.fd, line)

    def _text(self, text: str) -> str:
        return Template(text).safe_substitute(self._names)

    def _sleep(self, until: float) -> Program[None]:
        while (left := until - self._process.now()) > 0:
            try:
                yield from self._process.sleep(left)
                return
            except Interrupted:
                yield from self._signals()

    def _line(self) -> Program[str]:
        while b"\n" not in self._input and len(self._input) < LONGEST_LINE:
            try:
                data = yield from self._process.read(0)
            except Interrupted:
                yield from self._signals()
                continue
            if not data:
                if not self._input:
                    raise _End(0)
                self._input += b"\n"
            self._input += data
        line, _, self._input = self._input.partition(b"\n")
        return line.decode("utf-8", "replace").removesuffix("\r")
