"""Containers: what one is, and the set of all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from fakedocker.engine import errors
from fakedocker.engine.binds import Bind
from fakedocker.engine.config import Config
from fakedocker.engine.descriptors import WriteEnd
from fakedocker.engine.effects import Signal
from fakedocker.engine.files import Files
from fakedocker.engine.ids import short
from fakedocker.engine.images import IdIndex
from fakedocker.engine.init import LXC, Init
from fakedocker.engine.layers import Layer
from fakedocker.engine.lifecycle import State
from fakedocker.engine.networks import Endpoint
from fakedocker.engine.output import Log
from fakedocker.engine.processes import ProcessTable
from fakedocker.engine.terminal import Terminal
from fakedocker.engine.watch import Watch


@dataclass(eq=False)
class Run:
    """One run of a container's command, from a start to its end. `log_end`: where its output ends, once it has."""

    processes: ProcessTable
    stdin: WriteEnd | Terminal | None
    log_end: int | None = None

    @property
    def ended(self) -> bool:
        """Whether the command has ended."""
        return self.log_end is not None

    def close_stdin(self) -> None:
        """End the input of the run; a second time does nothing."""
        stdin, self.stdin = self.stdin, None
        if stdin is not None:
            stdin.release()

    def signal(self, signal: Signal) -> None:
        """Send a signal from outside to the first process."""
        first = self.processes.first
        if first is not None:
            first.deliver(signal, from_outside=True)


@dataclass(eq=False)
class Container:
    """A container and all that it holds.

    `created`, `started_at`, `finished_at`: unix seconds (0: never). `layer`: what it changed, None until its file
    system is needed for the first time. `volumes`: mount point -> volume id, None before the first start.
    `binds`: trees of the host. `pid`: what the first process is called on the host, 0 while nothing runs.
    """

    id: str
    created: float
    config: Config
    image: str
    resolv_conf_path: str
    state: State = State.CREATED
    pid: int = 0
    exit_code: int = 0
    #: Whether the kernel ended a process of the last run because there was no memory left for it.
    oom_killed: bool = False
    started_at: float = 0.0
    finished_at: float = 0.0
    layer: Layer | None = None
    files: Files | None = None
    volumes: dict[str, str] | None = None
    binds: tuple[Bind, ...] = ()
    network: Endpoint = Endpoint()
    log: Log = field(default_factory=Log)
    run: Run | None = None
    init: Init = LXC
    #: Notified at every change of the state.
    changed: Watch = field(default_factory=Watch)

    @property
    def path(self) -> str:
        """The program that runs inside."""
        return self.config.command[0] if self.config.command else ""

    @property
    def args(self) -> tuple[str, ...]:
        """The program's arguments."""
        return self.config.command[1:]

    @property
    def running(self) -> bool:
        """Whether a process runs inside; a ghost counts."""
        return self.state in (State.RUNNING, State.GHOST)

    @property
    def terminal(self) -> Terminal | None:
        """The terminal of the present run, if it has one."""
        stdin = self.run.stdin if self.run else None
        return stdin if isinstance(stdin, Terminal) else None


@dataclass(frozen=True, slots=True)
class Home:
    """Where processes live: their container, and how its image and those that it is built on are called now."""

    container: Container
    image_names: Callable[[], Iterator[str]]


class Containers:
    """All containers a daemon has."""

    def __init__(self) -> None:
        self._containers: dict[str, Container] = {}
        self._index = IdIndex()

    def __iter__(self) -> Iterator[Container]:
        """Yield the containers, newest first."""
        return reversed(list(self._containers.values()))

    def __len__(self) -> int:
        return len(self._containers)

    def add(self, container: Container) -> None:
        self._containers[container.id] = container
        self._index.add(container.id)

    def remove(self, container: Container) -> None:
        if self._containers.pop(container.id, None) is not None:
            self._index.remove(container.id)

    def __contains__(self, container: object) -> bool:
        return isinstance(container, Container) and container.id in self._containers

    def find(self, name: str) -> Container:
        """Return the container whose id begins so, unambiguously. Raises NotFound."""
        identity = self._index.find(name)
        if identity is None:
            raise errors.no_such_container(name)
        return self._containers[identity]

    def list(
        self,
        *,
        stopped: bool = False,
        limit: int | None = None,
        since: str | None = None,
        before: str | None = None,
    ) -> list[Container]:
        """Return containers, newest first (moby server.go, Containers).

        `since` and `before` are the short ids of the containers at which to end and behind which to begin; an unknown
        one is never met. Giving any of them, or a limit, means that stopped containers count, too.
        """
        found: list[Container] = []
        waiting = bool(before)
        for container in self:
            if not (container.running or stopped or limit is not None or since or before):
                continue
            if waiting:
                waiting = short(container.id) != before
                continue
            if limit is not None and len(found) == limit:
                break
            if short(container.id) == since:
                break
            found.append(container)
        return found
