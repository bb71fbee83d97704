"""The processes of a container: who runs, who waits for what, what signals do.

Rules of this file: a process moves only in `Scheduler.run`; an effect is done at once or the process is
parked with a `Watch` or a timer that makes it ready again; process 1 is special as in the kernel (signals
without a handler do not reach it, its end is the end of all others).
"""

from __future__ import annotations

import errno
import os
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from typing import Any, Final, assert_never

from fakedocker.engine.clock import Clock, Timer
from fakedocker.engine.descriptors import PIPE_SIZE, Descriptor, FileDescriptor
from fakedocker.engine.effects import (
    AwaitSignal,
    Body,
    Disposition,
    Effect,
    Interrupted,
    Kill,
    Pause,
    Program,
    Read,
    Signal,
    Sleep,
    Spawn,
    Wait,
    Write,
    exit_code,
)
from fakedocker.engine.files import Files
from fakedocker.engine.watch import Callback, Watch

#: Effects that one process does in a row before others have their turn.
SLICE = 50
#: Effects done in one run of the scheduler; programs that want more go on a little later.
BUDGET = 2000
#: Seconds until a scheduler that ran out of its budget goes on. Breaks grow with the time for which programs have been
#: busy without a rest, so that an hour of it on a manual clock takes some hundred runs, not a million.
SHORTEST_BREAK, BREAK_SHARE = 0.002, 0.05
#: No sleep is shorter (seconds): a loop of very short ones would keep everybody else from the engine.
SHORTEST_SLEEP = 0.001
#: Where programs are looked for without $PATH (execvp of musl).
DEFAULT_PATH = "/usr/local/bin:/bin:/usr/bin"
#: Processes a container may have at one time (a fork bomb ends here, with EAGAIN).
MOST_PROCESSES = 512

#: There is no job control here: what would stop a process leaves it alone.
IGNORED_BY_DEFAULT: Final = frozenset(
    {Signal.CHLD, Signal.CONT, Signal.STOP, Signal.TSTP, Signal.TTIN, Signal.TTOU, Signal.WINCH}
)


class Scheduler:
    """Gives every ready process its turn, and none the whole day."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._ready: deque[Process] = deque()
        self._running = False
        self._break: Timer | None = None
        self._busy_since: float | None = None

    def add(self, process: Process) -> None:
        """Let a process run at the next opportunity."""
        self._ready.append(process)

    def run(self) -> None:
        """Run until every process waits for something, or the budget is used up."""
        if self._running:  # a process's own effect woke another one: it will have its turn in the outer call
            return
        self._running = True
        try:
            budget = BUDGET
            while self._ready and budget > 0:
                budget -= self._ready.popleft().run(SLICE)
        finally:
            self._running = False
        if not self._ready:
            self._busy_since = None
        elif self._break is None:
            now = self.clock.now()
            if self._busy_since is None:
                self._busy_since = now
            length = max(SHORTEST_BREAK, BREAK_SHARE * (now - self._busy_since))
            self._break = self.clock.call_later(min(length, self.clock.longest_break), self._go_on)

    def _go_on(self) -> None:
        self._break = None
        self.run()


class Parked(Enum):
    """The answer of an effect that cannot be done yet."""

    PARKED = 0


PARKED: Final = Parked.PARKED


class Process:
    """One simulated process, and what its program may use without asking.

    A program reads `argv`, `env`, `cwd`, `uid`, works on `files` at once, and asks for everything that may
    take time: `data = yield from process.read(0)`.
    """

    def __init__(
        self,
        table: ProcessTable,
        pid: int,
        parent: Process | None,
        argv: tuple[str, ...],
        env: Mapping[str, str],
        cwd: str,
    ) -> None:
        self.table = table
        self.pid = pid
        self.parent = parent
        self.argv = argv
        self.env = dict(env)
        self.cwd = cwd
        self.uid: int = parent.uid if parent else 0
        self.gid: int = parent.gid if parent else 0
        self.umask: int = parent.umask if parent else 0o022
        self.group: int = parent.group if parent else pid
        self.fds: dict[int, Descriptor] = {}
        self.dispositions: dict[int, Disposition] = {}
        #: Signals that arrived, are caught, and were not looked at yet (oldest first).
        self.pending: deque[int] = deque()
        self.started_at = table.clock.now()
        #: The exit code once the process has ended.
        self.code: int | None = None
        #: The signal that ended it, if one did.
        self.killed_by: int | None = None
        self.ended = Watch()
        self._children: dict[int, Process] = {}
        self._body: Program[int] | None = None
        self._effect: Effect | None = None
        #: How much of the effect's data was written already.
        self._written = 0
        self._result: Any = None
        self._error: BaseException | None = None
        self._timer: Timer | None = None
        self._unpark: Callback | None = None
        self._queued = False

    # -- what programs use ---------------------------------------------------

    @property
    def files(self) -> Files:
        """The tree this process sees."""
        return self.table.files

    @property
    def hostname(self) -> str:
        return self.table.hostname

    def now(self) -> float:
        """Return the time in unix seconds."""
        return self.table.clock.now()

    def path(self, name: str) -> str:
        """Return `name` as an absolute path, seen from the working directory."""
        return name if name.startswith("/") else self.cwd.rstrip("/") + "/" + name

    def open(
        self,
        name: str,
        *,
        read: bool = False,
        write: bool = False,
        create: bool = False,
        truncate: bool = False,
        append: bool = False,
    ) -> Descriptor:
        """Open a file of the container, or one of the devices under /dev. Raises OSError."""
        device = self.table.device(self, self.path(name))
        if device is not None:
            return device
        return FileDescriptor(
            self.files.open(
                self.path(name),
                read=read,
                write=write,
                create=create,
                truncate=truncate,
                append=append,
                mode=0o666 & ~self.umask,
                uid=self.uid,
                gid=self.gid,
            )
        )

    def find(self, name: str) -> str:
        """Return the path of the program `name`, looked for in $PATH.

        Raises FileNotFoundError, or PermissionError when only something not executable was found.
        """
        denied = False
        folders = self.env.get("PATH", DEFAULT_PATH).split(":") if "/" not in name else [""]
        for folder in folders:
            path = self.path(f"{folder}/{name}" if folder else name)
            try:
                inode = self.files.stat(path)
            except OSError:
                continue
            if inode.kind == "file" and inode.mode & 0o111:
                return path
            denied = True
        code = errno.EACCES if denied else errno.ENOENT
        raise OSError(code, os.strerror(code), name)

    def body(self, argv: tuple[str, ...]) -> Body:
        """Return the program that `argv` names. Raises OSError as `find` does."""
        return self.table.load(self, self.find(argv[0]), argv)

    def read(self, fd: int = 0, size: int = 65536) -> Program[bytes]:
        """Wait for input; b"" is its end."""
        data: bytes = yield Read(fd, size)
        return data

    def write(self, fd: int, data: bytes | str) -> Program[None]:
        """Write everything, waiting for readers where need be."""
        yield Write(fd, data.encode("utf-8", "surrogateescape") if isinstance(data, str) else data)

    def sleep(self, seconds: float) -> Program[None]:
        """Let time pass."""
        yield Sleep(seconds)

    def catch(self, *signals: int) -> None:
        """Have signals thrown into the program as `Interrupted` (and kept in `pending`) from now on."""
        for signal in signals:
            self.dispositions[signal] = Disposition.CATCH

    def await_signal(self) -> Program[int]:
        """Wait until a caught signal arrives; return its number."""
        signal: int = yield AwaitSignal()
        return signal

    def spawn(
        self,
        body: Body,
        argv: tuple[str, ...],
        fds: Mapping[int, Descriptor] | None = None,
        *,
        env: Mapping[str, str] | None = None,
        cwd: str | None = None,
        group: int | None = 0,
    ) -> Program[int]:
        """Start a child (with this process's descriptors when `fds` is None); return its process id."""
        pid: int = yield Spawn(body, argv, self.fds if fds is None else fds, env, cwd, group)
        return pid

    def wait(self, pid: int | None = None, *, interruptible: bool = False) -> Program[tuple[int, int]]:
        """Wait for a child's end; return (pid, exit code)."""
        ended: tuple[int, int] = yield Wait(pid, interruptible)
        return ended

    def child(self, pid: int) -> Process | None:
        """Return a child that was not waited for yet."""
        return self._children.get(pid)

    # -- what the table and the scheduler use ----------------------------------

    def start(self, body: Body, fds: Mapping[int, Descriptor]) -> None:
        """Give the process its descriptors and its program, and let it run."""
        self.fds = {number: descriptor.hold() for number, descriptor in fds.items()}
        self._body = self._main(body)
        self._make_ready()

    def _main(self, body: Body) -> Program[int]:
        """Run the program inside a generator of ours: whatever it is and returns, a mistake in it is its own."""
        try:
            return int((yield from body(self)) or 0) & 0xFF
        except SystemExit as end:  # the Python way to end a program
            return int(end.code or 0) & 0xFF

    def deliver(self, signal: int, *, from_outside: bool = False) -> None:
        """Let a signal take effect. `from_outside`: sent by the host, whose KILL ends process 1, too."""
        if self.code is not None:
            return
        if signal == Signal.KILL:
            if self.pid != 1 or from_outside:
                self.killed_by = signal
                self._end(exit_code(signal))
            return
        disposition = self.dispositions.get(signal, Disposition.DEFAULT)
        if disposition is Disposition.CATCH:
            self.pending.append(signal)
            self._interrupt(signal)
        elif disposition is Disposition.DEFAULT and self.pid != 1 and signal not in IGNORED_BY_DEFAULT:
            self.killed_by = signal
            self._end(exit_code(signal))

    def run(self, effects: int) -> int:
        """Do at most `effects` effects; return how many were done."""
        self._queued = False
        done = 0
        while self.code is None and done < effects:
            done += 1
            parked = self._effect  # and may be possible now
            if (parked is not None and not self._perform(parked)) or not self._resume():
                return done
            if isinstance(self._effect, Pause):
                self._effect = None
                break
        if self.code is None:
            self._make_ready()
        return done

    def _resume(self) -> bool:
        """Run the program up to its next effect and do that; False when the process ended or waits."""
        assert self._body is not None
        error, self._error = self._error, None
        result, self._result = self._result, None
        try:
            effect = self._body.throw(error) if error is not None else self._body.send(result)
        except StopIteration as end:
            self._end(end.value)
            return False
        except Interrupted as interrupted:
            self.killed_by = interrupted.signal
            self._end(exit_code(interrupted.signal))
            return False
        except BrokenPipeError:
            self.killed_by = Signal.PIPE
            self._end(exit_code(Signal.PIPE))
            return False
        except Exception as failure:
            self.table.crashed(self, failure)
            self._end(exit_code(Signal.SEGV))
            return False
        self._written = 0
        return self._perform(effect)

    def _perform(self, effect: Effect) -> bool:
        """Do an effect and keep its result; False when it has to wait."""
        self._effect = effect
        try:
            result = self._do(effect)
        except Exception as error:  # a wrong effect is the program's mistake, too: it gets to know
            self._error = error
            result = None
        if result is PARKED:
            return False
        self._result = result
        if not isinstance(effect, Pause):
            self._effect = None
        return self.code is None

    def _do(self, effect: Effect) -> Any:
        match effect:
            case Read():
                return self._do_read(effect)
            case Write():
                return self._do_write(effect)
            case Sleep():
                return self._do_sleep(effect)
            case Pause():
                return None
            case Spawn():
                return self.table.spawn(effect, self).pid
            case Wait():
                return self._do_wait(effect)
            case Kill():
                self.table.kill(effect.pid or -self.group, effect.signal)
                return None
            case AwaitSignal():
                return self.pending.popleft() if self.pending else PARKED
            case _:
                assert_never(effect)

    def _do_read(self, effect: Read) -> bytes | Parked:
        descriptor = self._descriptor(effect.fd)
        data = descriptor.read(effect.size)
        if data is None:
            self._park(descriptor.ready)
            return PARKED
        return data

    def _do_write(self, effect: Write) -> Parked | None:
        descriptor = self._descriptor(effect.fd)
        while True:
            # All at once to what takes it all; the rest in pieces, not copied as a whole again and again.
            rest = effect.data[self._written : self._written + PIPE_SIZE] if self._written else effect.data
            taken = descriptor.write(rest)
            self._written += taken
            if self._written == len(effect.data):
                return None
            if taken < len(rest):
                self._park(descriptor.ready)
                return PARKED

    def _do_sleep(self, effect: Sleep) -> Parked | None:
        if self._timer is None:
            if effect.seconds <= 0:
                return None
            self._timer = self.table.clock.call_later(max(SHORTEST_SLEEP, effect.seconds), self._wake_up)
            return PARKED
        if self._timer.callback is not None:
            return PARKED
        self._timer = None
        return None

    def _wake_up(self) -> None:
        if self._timer is not None:
            self._timer.callback = None
        self._make_ready()
        self.table.scheduler.run()

    def _do_wait(self, effect: Wait) -> tuple[int, int] | Parked:
        candidates = list(self._children.values()) if effect.pid is None else [self._children.get(effect.pid)]
        children = [child for child in candidates if child is not None]
        if not children:
            raise ChildProcessError(errno.ECHILD, os.strerror(errno.ECHILD))
        for child in children:
            if child.code is not None:
                del self._children[child.pid]
                return child.pid, child.code
        return PARKED

    def _descriptor(self, fd: int) -> Descriptor:
        try:
            return self.fds[fd]
        except KeyError:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF)) from None

    def _park(self, watch: Watch) -> None:
        self._unpark = watch.subscribe(self._make_ready)

    def _make_ready(self) -> None:
        if self._unpark is not None:
            self._unpark()
            self._unpark = None
        if not self._queued and self.code is None:
            self._queued = True
            self.table.scheduler.add(self)

    def _interrupt(self, signal: int) -> None:
        """Break off what the process waits for, if it is something that a signal breaks off."""
        effect = self._effect
        if isinstance(effect, AwaitSignal):
            self._make_ready()
            return
        # A write goes on after the handler (SA_RESTART): half of it may be done already. What is left of the
        # effects does not wait at all: a process that signals itself is not broken off in doing so.
        if not isinstance(effect, Read | Sleep) and not (isinstance(effect, Wait) and effect.interruptible):
            return
        self._stop_waiting()
        self._effect = None
        self._error = Interrupted(signal)
        self._make_ready()

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._unpark is not None:
            self._unpark()
            self._unpark = None

    def _end(self, code: int) -> None:
        self.code = code
        self._stop_waiting()
        self._effect = None
        body, self._body = self._body, None
        if body is not None:
            try:
                body.close()
            except Exception as failure:  # it gets no turn again, even if it refuses to end (yields in a finally)
                self.table.crashed(self, failure)
        for descriptor in self.fds.values():
            descriptor.release()
        self.fds.clear()
        self.table.ended(self)
        for orphan in self._children.values():
            orphan.parent = self.table.first
        self._children.clear()
        self.ended.notify()

    def child_ended(self) -> None:
        """A child has ended: look again if this process waits for one."""
        if isinstance(self._effect, Wait):
            self._make_ready()

    @property
    def children(self) -> int:
        """How many children were not waited for yet, whether they run or not."""
        return len(self._children)

    def add_child(self, child: Process) -> None:
        """Take a new child, to be waited for."""
        self._children[child.pid] = child


Loader = Callable[[Process, str, tuple[str, ...]], Body]
DeviceOpener = Callable[[Process, str], Descriptor | None]


class ProcessTable:
    """The processes of one running container."""

    def __init__(
        self,
        scheduler: Scheduler,
        files: Files,
        hostname: str,
        load: Loader,
        device: DeviceOpener,
        crashed: Callable[[Process, Exception], None],
    ) -> None:
        self.scheduler = scheduler
        self.clock = scheduler.clock
        self.files = files
        self.hostname = hostname
        #: Finds the program for a path and its arguments; raises OSError.
        self.load = load
        #: Opens what lies under /dev without being a file.
        self.device = device
        #: Told of an error in a program of ours: a bug, not the container's doing.
        self.crashed = crashed
        self._processes: dict[int, Process] = {}
        self._next_pid = 1

    def begin(
        self,
        body: Body,
        argv: tuple[str, ...],
        fds: Mapping[int, Descriptor],
        *,
        env: Mapping[str, str],
        cwd: str,
    ) -> Process:
        """Start a process that has no parent inside: the first one, or one from outside."""
        process = self._new(None, argv, env, cwd)
        process.start(body, fds)
        return process

    def spawn(self, effect: Spawn, parent: Process) -> Process:
        """Start a child. Raises BlockingIOError when there are too many processes."""
        if max(len(self._processes), parent.children) >= MOST_PROCESSES:
            raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
        env = parent.env if effect.env is None else effect.env
        child = self._new(parent, effect.argv, env, effect.cwd or parent.cwd)
        child.dispositions = {
            signal: disposition
            for signal, disposition in parent.dispositions.items()
            if disposition is Disposition.IGNORE
        }
        if effect.group is None:
            child.group = child.pid
        elif effect.group:
            child.group = effect.group
        parent.add_child(child)
        child.start(effect.body, effect.fds)
        return child

    def _new(self, parent: Process | None, argv: tuple[str, ...], env: Mapping[str, str], cwd: str) -> Process:
        process = Process(self, self._next_pid, parent, argv, env, cwd)
        self._processes[process.pid] = process
        self._next_pid += 1
        return process

    def __iter__(self) -> Iterator[Process]:
        return iter(list(self._processes.values()))

    @property
    def first(self) -> Process | None:
        """Process 1, None once it has ended."""
        return self._processes.get(1)

    def kill(self, pid: int, signal: int) -> None:
        """Send a signal to a process, a group (negative), or all but the first (-1). Raises ProcessLookupError."""
        if pid > 0:
            targets = [self._processes[pid]] if pid in self._processes else []
        elif pid == -1:
            targets = [process for process in self if process.pid != 1]
        else:
            targets = self.group(-pid)
        if not targets:
            raise ProcessLookupError(errno.ESRCH, os.strerror(errno.ESRCH))
        for process in targets:
            if signal:
                process.deliver(signal)

    def group(self, number: int) -> list[Process]:
        """Return the processes of a group."""
        return [process for process in self if process.group == number]

    def kill_all(self) -> None:
        """End everything that is left."""
        for process in self:
            process.deliver(Signal.KILL, from_outside=True)

    def ended(self, process: Process) -> None:
        """Take a process out; the end of the first one is the end of all."""
        self._processes.pop(process.pid, None)
        if process.pid == 1:
            self.kill_all()
        elif process.parent is not None and process.parent.code is None:
            process.parent.child_ended()
