"""The processes of a container: who runs, who waits for what, what signals do.

Rules of this file: a process moves only in `Scheduler.run`; an effect is done at once or the process is
parked with a `Watch` or a timer that makes it ready again; process 1 is special as in the kernel (signals
without a handler do not reach it, its end is the end of all others).
"""

from __future__ import annotations

import errno
import os
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import Enum
from typing import TYPE_CHECKING, Any, Final, assert_never

from fakedocker.engine.clock import Clock, Timer
from fakedocker.engine.files.files import Files
from fakedocker.engine.networks.sockets import Listener, Namespace, Network, Silence, Socket
from fakedocker.engine.processes.descriptors import PIPE_SIZE, Descriptor, FileDescriptor
from fakedocker.engine.processes.effects import (
    Accept,
    AwaitSignal,
    Body,
    Connect,
    Disposition,
    Effect,
    Interrupted,
    Kill,
    Listen,
    Pause,
    Program,
    Read,
    ReadAny,
    Signal,
    Sleep,
    Spawn,
    Wait,
    Write,
    exit_code,
)
from fakedocker.engine.watch import Callback, Watch

if TYPE_CHECKING:
    from fakedocker.engine.containers.containers import Home

#: Effects that one process does in a row before others have their turn.
SLICE = 50
#: Effects done in one run of the scheduler, and the most seconds it takes; who wants more goes on a little later.
BUDGET, LONGEST_RUN = 2000, 0.01
#: Seconds until a scheduler that ran out of its budget goes on. Breaks grow with the time for which programs have been
#: busy without a rest, so that an hour of it on a manual clock takes some hundred runs, not a million.
SHORTEST_BREAK, BREAK_SHARE = 0.002, 0.05
#: No sleep is shorter (seconds): a loop of very short ones would keep everybody else from the engine.
SHORTEST_SLEEP = 0.001
#: Where programs are looked for without $PATH (execvp of musl).
DEFAULT_PATH = "/usr/local/bin:/bin:/usr/bin"
#: The first descriptor that is free for what a program opens by itself.
FIRST_FREE = 3
#: Of an /etc/hosts no more is read than this.
LONGEST_HOSTS = 1 << 20
#: Processes a container may have at one time (a fork bomb ends here, with EAGAIN).
MOST_PROCESSES = 512

#: Programs whose places are remembered for a container.
MOST_KNOWN = 256
#: Bytes of memory the programs of a container may hold together, if its configuration says nothing less.
MOST_MEMORY = 512 << 20

#: Bytes that are read at a time from one of several descriptors.
READ_SIZE = 65536

#: There is no job control here: what would stop a process leaves it alone.
IGNORED_BY_DEFAULT: Final = frozenset(
    {Signal.CHLD, Signal.CONT, Signal.STOP, Signal.TSTP, Signal.TTIN, Signal.TTOU, Signal.WINCH}
)


class Scheduler:
    """Gives every ready process its turn, and none the whole day."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._ready: deque[Process] = deque()
        #: Those who would go on, but rest until the break is over, so that they are in nobody's way.
        self._resting: deque[Process] = deque()
        self._running = False
        self._until = 0.0
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
            self._until = self.clock.now() + LONGEST_RUN * self.clock.rate
            while self._ready and budget > 0 and not self.late:
                process = self._ready.popleft()
                if not process.table.holds(process):
                    budget -= process.run(SLICE)
        finally:
            self._running = False
        self._resting += self._ready
        self._ready.clear()
        if not self._resting:
            self._busy_since = None
        elif self._break is None:
            now = self.clock.now()
            if self._busy_since is None:
                self._busy_since = now
            rate = self.clock.rate
            length = max(SHORTEST_BREAK * rate, BREAK_SHARE * (now - self._busy_since))
            self._break = self.clock.call_later(min(length, self.clock.longest_break * rate), self._go_on)

    def _go_on(self) -> None:
        self._break = None
        self._ready += self._resting
        self._resting.clear()
        self.run()

    @property
    def late(self) -> bool:
        """Whether this run has taken long enough."""
        return self.clock.now() >= self._until


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
        #: Its groups (getgroups); none under the daemon of 2013.
        self.groups: tuple[int, ...] = parent.groups if parent else ()
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
        #: How often it had its turn: a loop in which nothing else does gives others theirs by a `Pause`.
        self.turns = 0
        #: Bytes of memory that the program says it holds.
        self.memory = 0
        self._children: dict[int, Process] = {}
        self._body: Program[int] | None = None
        self._effect: Effect | None = None
        #: How much of the effect's data was written already.
        self._written = 0
        self._result: Any = None
        self._error: BaseException | None = None
        self._timer: Timer | None = None
        self._unpark: list[Callback] = []
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

    def attach(self, descriptor: Descriptor) -> int:
        """Take one more descriptor; return its number."""
        number = FIRST_FREE
        while number in self.fds:
            number += 1
        self.fds[number] = descriptor.hold()
        return number

    def detach(self, number: int) -> None:
        """Close a descriptor; one that is not there does no harm."""
        descriptor = self.fds.pop(number, None)
        if descriptor is not None:
            descriptor.release()

    def socket(self, number: int) -> Socket:
        """Return a descriptor that is a connection. Raises OSError (EBADF, ENOTSOCK)."""
        descriptor = self._descriptor(number)
        if not isinstance(descriptor, Socket):
            raise OSError(errno.ENOTSOCK, os.strerror(errno.ENOTSOCK))
        return descriptor

    def address_of(self, name: str) -> str | None:
        """Return the IPv4 address of a host, None when nobody knows its name."""
        try:
            hosts = self.files.read("/etc/hosts").read(0, LONGEST_HOSTS).decode("utf-8", "replace")
        except OSError:
            hosts = ""
        return self.table.network.address_of(name, hosts)

    def find(self, name: str, argv: tuple[str, ...] | None = None) -> str:
        """Return the path of the program `name`, looked for in $PATH.

        There may be no file: what users and fixtures provide is found, too, in the first folder of $PATH. `argv` are
        the words it is to be called with, None if any. Raises FileNotFoundError, or PermissionError when only
        something not executable was found.
        """
        search = self.env.get("PATH", DEFAULT_PATH)
        known = self.table.known_programs.get((name, search))
        if known is not None and known[0] == self.files.version:
            return known[1]
        denied = False
        folders = search.split(":") if "/" not in name else [""]
        for number, folder in enumerate(folders, start=1):
            path = self.path(f"{folder}/{name}" if folder else name)
            try:
                inode = self.files.stat(path)
            except OSError:
                continue
            if inode.kind == "file" and inode.mode & 0o111:
                if "/" not in name:
                    self._remember(name, search, folders[:number], path)
                return path
            denied = True
        path = self.path(f"{folders[0]}/{name}" if folders[0] else name)
        if self.table.provides(self.table.home, path, argv):
            return path
        code = errno.EACCES if denied else errno.ENOENT
        raise OSError(code, os.strerror(code), name)

    def _remember(self, name: str, search: str, tried: Sequence[str], path: str) -> None:
        """Note where a program was found, if only a change of the container's own files could change that."""
        if all(folder.startswith("/") and self.files.is_own(f"{folder}/{name}") for folder in tried):
            if len(self.table.known_programs) >= MOST_KNOWN:
                self.table.known_programs.clear()
            self.table.known_programs[name, search] = (self.files.version, path)

    def body(self, argv: tuple[str, ...]) -> Body:
        """Return the program that `argv` names. Raises OSError as `find` does."""
        return self.table.load(self, self.find(argv[0], argv), argv)

    def read(self, fd: int = 0, size: int = 65536) -> Program[bytes]:
        """Wait for input; b"" is its end."""
        data: bytes = yield Read(fd, size)
        return data

    def write(self, fd: int, data: bytes | str) -> Program[None]:
        """Write everything, waiting for readers where need be."""
        yield Write(fd, data.encode("utf-8", "surrogateescape") if isinstance(data, str) else data)

    def read_any(self, *fds: int, timeout: float | None = None) -> Program[tuple[int, bytes]]:
        """Wait for input on any of several descriptors; return (number, bytes)."""
        arrived: tuple[int, bytes] = yield ReadAny(fds, timeout)
        return arrived

    def listen(self, port: int, address: str = "0.0.0.0") -> Program[int]:
        """Wait for connections on a port from now on; return the descriptor's number."""
        number: int = yield Listen(port, address)
        return number

    def accept(self, fd: int, timeout: float | None = None) -> Program[int]:
        """Wait for a connection; return the descriptor's number."""
        number: int = yield Accept(fd, timeout)
        return number

    def connect(self, address: str, port: int, timeout: float | None = None) -> Program[int]:
        """Connect to a port; return the descriptor's number."""
        number: int = yield Connect(address, port, timeout)
        return number

    def sleep(self, seconds: float) -> Program[None]:
        """Let time pass."""
        yield Sleep(seconds)

    def allocate(self, size: int) -> None:
        """Count memory that the program holds from now on, in bytes (less than 0: no more); its end gives all back.

        Raises MemoryError when the container has no more: a program that does not catch it is killed.
        """
        if self.code is not None:
            return  # it is being taken apart: what it held is given back already
        if size > 0 and self.table.memory + size > self.table.memory_limit:
            raise MemoryError
        self.memory += size
        self.table.memory += size

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
        self.turns += 1
        self.table.current = self
        done = 0
        scheduler = self.table.scheduler
        while self.code is None and done < effects and not (done and scheduler.late):
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
        except MemoryError:
            self.table.oom_killed = True
            self.killed_by = Signal.KILL
            self._end(exit_code(Signal.KILL))
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
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
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
            case ReadAny():
                return self._do_read_any(effect)
            case Listen():
                network = self.table.network
                return self.attach(network.listen(effect.address, effect.port, privileged=self.uid == 0))
            case Accept():
                return self._do_accept(effect)
            case Connect():
                return self._do_connect(effect)
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
        return None if effect.seconds <= 0 or self._has_waited(effect.seconds) else PARKED

    def _do_read_any(self, effect: ReadAny) -> tuple[int, bytes] | Parked:
        descriptors = [self._descriptor(fd) for fd in effect.fds]
        for fd, descriptor in zip(effect.fds, descriptors, strict=True):
            data = descriptor.read(READ_SIZE)
            if data is not None:
                return fd, data
        self._must_not_be_late(effect.timeout)
        self._park(*(descriptor.ready for descriptor in descriptors))
        return PARKED

    def _do_accept(self, effect: Accept) -> int | Parked:
        listener = self._descriptor(effect.fd)
        if not isinstance(listener, Listener):
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        connection = listener.accept()
        if connection is not None:
            return self.attach(connection)
        self._must_not_be_late(effect.timeout)
        self._park(listener.ready)
        return PARKED

    def _do_connect(self, effect: Connect) -> int | Parked:
        outcome = self.table.network.connect(effect.address, effect.port)
        if not isinstance(outcome, Silence):
            return self.attach(outcome)
        if effect.timeout is not None and effect.timeout < outcome.seconds:
            self._must_not_be_late(effect.timeout)
        elif self._has_waited(outcome.seconds):
            raise OSError(outcome.error, os.strerror(outcome.error))
        self._park(outcome.changed)
        return PARKED

    def _has_waited(self, seconds: float) -> bool:
        """Tell whether the present effect has waited for so long; the first call starts the timer."""
        if self._timer is None:
            self._timer = self.table.clock.call_later(max(SHORTEST_SLEEP, seconds), self._wake_up)
        return self._timer.callback is None

    def _must_not_be_late(self, timeout: float | None) -> None:
        if timeout is not None and self._has_waited(timeout):
            raise TimeoutError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT))

    def _wake_up(self) -> None:
        if self._timer is not None:
            self._timer.callback = None
        self._make_ready()
        self.table.scheduler.run()

    def _do_wait(self, effect: Wait) -> tuple[int, int] | Parked:
        if not self._children or (effect.pid is not None and effect.pid not in self._children):
            raise ChildProcessError(errno.ECHILD, os.strerror(errno.ECHILD))
        for child in self._children.values() if effect.pid is None else (self._children[effect.pid],):
            if child.code is not None:
                del self._children[child.pid]
                return child.pid, child.code
        return PARKED

    def _descriptor(self, fd: int) -> Descriptor:
        try:
            return self.fds[fd]
        except KeyError:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF)) from None

    def _park(self, *watches: Watch) -> None:
        self._unpark = [watch.subscribe(self._make_ready) for watch in watches]

    def _make_ready(self) -> None:
        while self._unpark:
            self._unpark.pop()()
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
        interruptible = Read | Sleep | ReadAny | Accept | Connect
        if not isinstance(effect, interruptible) and not (isinstance(effect, Wait) and effect.interruptible):
            return
        self._stop_waiting()
        self._effect = None
        self._error = Interrupted(signal)
        self._make_ready()

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        while self._unpark:
            self._unpark.pop()()

    def _end(self, code: int) -> None:
        self.code = code
        self.table.memory -= self.memory
        self.memory = 0
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
Provider = Callable[["Home | None", str, tuple[str, ...] | None], bool]
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
        *,
        provides: Provider = lambda home, path, argv: False,
        home: Home | None = None,
        memory_limit: int = MOST_MEMORY,
        network: Namespace | None = None,
    ) -> None:
        self.scheduler = scheduler
        self.clock = scheduler.clock
        self.files = files
        self.hostname = hostname
        #: By default a network of its own, with nobody else in it.
        self.network = network or Namespace(Network(), hostname)
        #: Finds the program for a path and its arguments; raises OSError.
        self.load = load
        #: Tells whether there is a program for a path even without a file.
        self.provides = provides
        #: The container these are the processes of, None outside of one.
        self.home = home
        #: Bytes that all programs hold, and that they may hold.
        self.memory, self.memory_limit = 0, memory_limit
        #: Whether a process was ended because there was no memory left for it.
        self.oom_killed = False
        #: Where programs were found: (name, $PATH) -> (version of the files, path).
        self.known_programs: dict[tuple[str, str], tuple[tuple[int, int], str]] = {}
        #: Opens what lies under /dev without being a file.
        self.device = device
        #: Told of an error in a program of ours: a bug, not the container's doing.
        self.crashed = crashed
        #: Who has its turn, or had it last.
        self.current: Process | None = None
        self._processes: dict[int, Process] = {}
        #: Whose turn it was while all were frozen; None: they are not.
        self._frozen: list[Process] | None = None
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

    def freeze(self) -> None:
        """Let nobody have a turn until `thaw`; timers go on, and signals wait."""
        self._frozen = []

    def thaw(self) -> None:
        """Let everybody go on."""
        held, self._frozen = self._frozen or [], None
        for process in held:
            self.scheduler.add(process)

    def holds(self, process: Process) -> bool:
        """Tell whether a process whose turn it is has to wait, and remember it then."""
        if self._frozen is None:
            return False
        self._frozen.append(process)
        return True

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
