"""The children of a shell: started, waited for, and remembered when they run in the background.

There is no job control: no process is ever stopped, so that a job runs or has ended. Numbers, their order and the
words for how a job is are those of busybox ash 1.35.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from fakedocker.engine.processes.descriptors import Descriptor
from fakedocker.engine.processes.effects import Body, Interrupted, Program, Signal
from fakedocker.engine.processes.processes import Process
from fakedocker.programs.shell.control import Fault

if TYPE_CHECKING:
    from fakedocker.programs.shell.interpreter import Shell

#: How many ended background processes a shell remembers for `wait`.
MOST_REMEMBERED = 256
#: What a shell says when a signal ended a program it waited for.
LAST_WORDS: Final[dict[int, str]] = {
    Signal.HUP: "Hangup",
    Signal.QUIT: "Quit",
    Signal.ILL: "Illegal instruction",
    Signal.TRAP: "Trace/breakpoint trap",
    Signal.ABRT: "Aborted",
    Signal.BUS: "Bus error",
    Signal.FPE: "Arithmetic exception",
    Signal.KILL: "Killed",
    Signal.USR1: "User defined signal 1",
    Signal.SEGV: "Segmentation fault",
    Signal.USR2: "User defined signal 2",
    Signal.ALRM: "Alarm clock",
    Signal.TERM: "Terminated",
}
#: Seconds until a shell hears of a child's end.
MOMENT = 0.05
#: Columns for how a job is.
WIDTH = 27


@dataclass(slots=True)
class Job:
    """A process in the background, by the number it has in this shell; `text` is its command."""

    number: int
    pid: int
    text: str
    #: Its exit code once it has ended, and the signal that ended it.
    status: int | None = None
    killed_by: int | None = None
    #: Whether somebody has asked for its status.
    waited: bool = False
    #: Whether it is a child of the shell that this one was forked from: it can be looked at, not waited for.
    inherited: bool = False
    #: When it was last seen running.
    seen: float = 0.0

    @property
    def state(self) -> str:
        """How it is, in words."""
        if self.status is None:
            return "Running"
        if self.killed_by:
            return LAST_WORDS.get(self.killed_by, "Interrupt")
        return f"Done({self.status})" if self.status else "Done"


class Jobs:
    """All children of one shell."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell
        #: The current job first.
        self._jobs: list[Job] = []

    def inherit(self, jobs: Jobs) -> None:
        """Know the jobs of the shell that this one was forked from."""
        self._jobs = [replace(job, inherited=True) for job in jobs]

    def __iter__(self) -> Iterator[Job]:
        return iter(list(self._jobs))

    # -- children -----------------------------------------------------------------

    def start(
        self,
        body: Body,
        argv: Sequence[str],
        fds: Mapping[int, Descriptor] | None = None,
        env: Mapping[str, str] | None = None,
        *,
        group: int | None = None,
    ) -> Program[int]:
        """Start a child; return its process id. Raises Fault when there are too many processes.

        An interactive shell puts its children into a process group of their own, or into `group`.
        """
        shell = self._shell
        if self._jobs:
            yield from self.look()
        try:
            pid = yield from shell.process.spawn(
                body,
                tuple(argv),
                fds,
                env=shell.variables.environment() if env is None else env,
                cwd=shell.process.cwd,
                group=group if shell.interactive else 0,
            )
        except BlockingIOError:
            raise Fault("can't fork: Resource temporarily unavailable") from None
        child = shell.process.child(pid)
        if child is not None:
            shell.hear_quit(child)
        return pid

    def wait_for(self, pid: int) -> Program[int]:
        """Wait for a child in the foreground; say what killed it."""
        process, terminal = self._shell.process, self._shell.terminal
        child = process.child(pid)
        if terminal is not None and child is not None:
            terminal.foreground = child.group
        try:
            _, code = yield from process.wait(pid)
        finally:
            if terminal is not None:
                terminal.foreground = process.group
        if child is not None and child.killed_by:
            yield from self.mourn(child)
        return code

    def mourn(self, child: Process) -> Program[None]:
        """Say which signal ended a child, if one did that is worth a word.

        Raises Interrupted in an interactive shell when ctrl-C did: the whole line is given up.
        """
        words = LAST_WORDS.get(child.killed_by or 0, "")
        if child.killed_by == Signal.INT and self._shell.interactive:
            raise Interrupted(Signal.INT)
        if words:
            try:
                yield from self._shell.process.write(2, words + "\n")
            except OSError:
                pass  # the standard error is closed: nowhere to say it

    # -- the background -------------------------------------------------------------

    def add(self, pid: int, text: str) -> Job:
        """Remember a child that runs in the background; it is the current job now."""
        self._jobs = [job for job in self._jobs if not job.inherited]
        if not self._shell.interactive:
            self._jobs = [job for job in self._jobs if job.status is None or not job.waited]
        ended = [job for job in self._jobs if job.status is not None]
        for job in ended[MOST_REMEMBERED:]:
            self._jobs.remove(job)
        numbers = {job.number for job in self._jobs}
        job = Job(next(number for number in range(1, len(numbers) + 2) if number not in numbers), pid, text)
        self._jobs.insert(0, job)
        return job

    def find(self, word: str) -> Job:
        """Return the job that a word such as `%1` names. Raises Fault."""
        name = word[1:]
        if name in ("", "%", "+", "-"):
            place = 1 if name == "-" else 0
            if place < len(self._jobs):
                return self._jobs[place]
        for job in self._jobs:
            if name == str(job.number):
                return job
        begins = [job for job in self._jobs if name and not name.isdecimal() and job.text.startswith(name)]
        if len(begins) != 1:
            raise Fault(f"{word}: ambiguous" if begins else f"{word}: no such job")
        return begins[0]

    def of(self, pid: int) -> Job | None:
        """Return the job that is a process."""
        return next((job for job in self._jobs if job.pid == pid), None)

    def forget(self, job: Job) -> None:
        """Remember a job no longer."""
        if job in self._jobs:
            self._jobs.remove(job)

    def look(self, *, late: bool = False) -> Program[None]:
        """Take in jobs that have ended, so that they do not pile up as processes.

        `late`: not those that ended only just now, since the news of an end takes a moment.
        """
        process = self._shell.process
        now = process.now()
        for job in self._jobs:
            child = process.child(job.pid) if job.status is None else None
            if child is None:
                continue
            if child.code is None:
                job.seen = now
            elif not late or now - job.seen >= MOMENT:
                job.killed_by = child.killed_by
                _, job.status = yield from process.wait(job.pid)

    def wait(self, job: Job) -> Program[int]:
        """Wait for a job's end, or a signal. Raises Interrupted; ChildProcessError if somebody waited already."""
        process = self._shell.process
        if job.status is None:
            child = process.child(job.pid)
            _, job.status = yield from process.wait(job.pid, interruptible=True)
            job.killed_by = None if child is None else child.killed_by
        return job.status

    def line(self, job: Job, *, pid: bool = False) -> str:
        """Return how a job is, as `jobs` says it."""
        place = self._jobs.index(job)
        mark = "+-"[place] if place < 2 else " "
        state = f"{job.pid} {job.state}" if pid else job.state
        text = job.text if self._shell.interactive else ""
        return f"[{job.number}]{mark}  {state:<{WIDTH}}{text}\n"

    def report(self, jobs: Sequence[Job], *, pid: bool = False) -> str:
        """Return how jobs are; those that have ended are forgotten with that."""
        lines = []
        for job in jobs:
            lines.append(self.line(job, pid=pid))
            if job.status is not None:
                self.forget(job)
        return "".join(lines)

    def news(self) -> Program[str]:
        """Return which jobs have ended since that was last told."""
        yield from self.look(late=True)
        return self.report([job for job in self if job.status is not None])
