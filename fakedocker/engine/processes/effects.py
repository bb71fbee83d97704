"""What a simulated process may ask of the world.

A program is a generator: it yields effects, is resumed with their results, and returns its exit code. It
never does anything by itself, so that a process costs no thread, takes signals at any effect and obeys the
manual clock. Files are not effects: they never block, a program reads and writes them at once through
`process.files`.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from fakedocker.engine.processes.descriptors import Descriptor
    from fakedocker.engine.processes.processes import Process


class Signal(IntEnum):
    """Signals by their Linux numbers, whatever the machine we run on."""

    HUP = 1
    INT = 2
    QUIT = 3
    ILL = 4
    TRAP = 5
    ABRT = 6
    BUS = 7
    FPE = 8
    KILL = 9
    USR1 = 10
    SEGV = 11
    USR2 = 12
    PIPE = 13
    ALRM = 14
    TERM = 15
    CHLD = 17
    CONT = 18
    STOP = 19
    TSTP = 20
    TTIN = 21
    TTOU = 22
    WINCH = 28


class Disposition(IntEnum):
    """What a process does about a signal."""

    DEFAULT = 0
    IGNORE = 1
    CATCH = 2


class Interrupted(Exception):
    """Thrown into a program whose effect was broken off by a signal that it catches."""

    def __init__(self, signal: int) -> None:
        super().__init__(signal)
        self.signal = signal


@dataclass(frozen=True, slots=True)
class Read:
    """Wait for input on a descriptor; gives bytes, b"" at its end. Raises OSError, Interrupted."""

    fd: int
    size: int = 65536


@dataclass(frozen=True, slots=True)
class Write:
    """Write all of `data`, waiting while a pipe is full. Raises OSError, Interrupted (with the rest unwritten)."""

    fd: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Sleep:
    """Let time pass. Raises Interrupted."""

    seconds: float


@dataclass(frozen=True, slots=True)
class AwaitSignal:
    """Wait until a signal arrives that the process catches; gives its number."""


@dataclass(frozen=True, slots=True)
class Pause:
    """Let others run; to be asked once in every turn of a loop that does nothing else."""


@dataclass(frozen=True, slots=True)
class Spawn:
    """Start a child that runs `body`; gives its process id.

    `fds` are the child's descriptors by number; they are shared with it, not moved. `group` 0 stays in the
    parent's process group, None begins a new one.
    """

    body: Body
    argv: tuple[str, ...]
    fds: Mapping[int, Descriptor]
    env: Mapping[str, str] | None = None
    cwd: str | None = None
    group: int | None = 0


@dataclass(frozen=True, slots=True)
class Wait:
    """Wait for a child's end (any child when `pid` is None); gives (pid, exit code).

    Raises ChildProcessError when there is no such child; Interrupted only if `interruptible`: a shell puts
    a trapped signal off until its foreground command has ended, but not in the `wait` builtin.
    """

    pid: int | None = None
    interruptible: bool = False


@dataclass(frozen=True, slots=True)
class Kill:
    """Send a signal to a process (0: only ask whether it is there). Raises ProcessLookupError."""

    pid: int
    signal: int


@dataclass(frozen=True, slots=True)
class ReadAny:
    """Wait for input on one of several descriptors; gives (its number, bytes), b"" at its end.

    Raises OSError, TimeoutError after `timeout` seconds without any, Interrupted.
    """

    fds: tuple[int, ...]
    timeout: float | None = None


@dataclass(frozen=True, slots=True)
class Listen:
    """Wait for connections on a TCP port (0: a free one); gives a descriptor's number. Raises OSError as bind(2)."""

    port: int
    address: str = "0.0.0.0"


@dataclass(frozen=True, slots=True)
class Accept:
    """Wait for a connection on a listening descriptor; gives the connection's descriptor's number.

    Raises OSError, TimeoutError after `timeout` seconds, Interrupted.
    """

    fd: int
    timeout: float | None = None


@dataclass(frozen=True, slots=True)
class Connect:
    """Connect to a TCP port of an IPv4 address; gives a descriptor's number.

    Raises OSError as connect(2), TimeoutError after `timeout` seconds at the latest, Interrupted.
    """

    address: str
    port: int
    timeout: float | None = None


Effect = Read | Write | Sleep | AwaitSignal | Pause | Spawn | Wait | Kill | ReadAny | Listen | Accept | Connect
T = TypeVar("T")
#: A program, or a part of one: yields effects, returns its exit code (or the part's result).
Program = Generator[Effect, Any, T]
#: A program before it runs: called with its process.
Body = Callable[["Process"], Program[int]]


def exit_code(signal: int) -> int:
    """Return the exit code of a process that a signal ended."""
    return 128 + signal
