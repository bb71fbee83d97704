"""Containers: what one is, and the set of all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, KeysView
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fakedocker.engine import errors
from fakedocker.engine.clock import Timer
from fakedocker.engine.containers.config import Config
from fakedocker.engine.containers.health import Health
from fakedocker.engine.containers.hostconfig import HostConfig
from fakedocker.engine.containers.lifecycle import State, Verb, after
from fakedocker.engine.containers.output import Log
from fakedocker.engine.files.binds import Bind
from fakedocker.engine.files.files import Files
from fakedocker.engine.files.layers import Layer
from fakedocker.engine.ids import short
from fakedocker.engine.images.images import IdIndex
from fakedocker.engine.networks.networks import Endpoint
from fakedocker.engine.processes.descriptors import WriteEnd
from fakedocker.engine.processes.init import LXC, Init
from fakedocker.engine.processes.processes import Process, ProcessTable
from fakedocker.engine.processes.terminal import Terminal
from fakedocker.engine.watch import Watch

if TYPE_CHECKING:
    from fakedocker.engine.containers.inetd import Inetd


@dataclass(eq=False)
class Run:
    """One run of a command, from a start to its end: a container's own, or one that was executed beside it.

    `leader`: its first process. `log_end`: where its output ends, once it has. `inetd`: what answers at its ports.
    """

    processes: ProcessTable
    stdin: WriteEnd | Terminal | None
    leader: Process | None = None
    log_end: int | None = None
    inetd: Inetd | None = None

    @property
    def ended(self) -> bool:
        """Whether the command has ended."""
        return self.log_end is not None

    def close_stdin(self) -> None:
        """End the input of the run; a second time does nothing."""
        stdin, self.stdin = self.stdin, None
        if stdin is not None:
            stdin.release()

    def signal(self, signal: int) -> None:
        """Send a signal from outside to the first process."""
        if self.leader is not None:
            self.leader.deliver(signal, from_outside=True)

    def freeze(self) -> None:
        """Let nobody have a turn until `thaw`."""
        self.processes.freeze()
        if self.inetd is not None:
            self.inetd.freeze()

    def thaw(self) -> None:
        """Let everybody go on."""
        self.processes.thaw()
        if self.inetd is not None:
            self.inetd.thaw()

    @property
    def terminal(self) -> Terminal | None:
        """The terminal it runs on, if it has one."""
        return self.stdin if isinstance(self.stdin, Terminal) else None


@dataclass(eq=False)
class Container:
    """A container and all that it holds.

    `created`, `started_at`, `finished_at`: unix seconds (0: never). `layer`: what it changed, None until its file
    system is needed for the first time. `volumes`: mount point -> volume id, None before the first start.
    `binds`: trees of the host. `pid`: what the first process is called on the host, 0 while nothing runs.
    `error`: why the last start failed, `failed_starts`: how often one did. `restarts`: how often the daemon has started
    it again by itself.
    `execs`: the ids of what is or was executed in it, oldest first.
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
    name: str = ""
    host_config: HostConfig = field(default_factory=HostConfig)
    platform: str = "linux"
    error: str = ""
    failed_starts: int = 0
    #: Whether a start came so far that its files on the host are there.
    prepared: bool = False
    restarts: int = 0
    #: How it is, if anything is to be checked.
    health: Health | None = None
    #: Whether somebody asked for its end, so that no restart policy brings it back.
    stopped_by_hand: bool = False
    #: Seconds until the next restart by the daemon, and the timer that waits for it.
    backoff: float = 0.0
    restart_timer: Timer | None = None
    execs: list[str] = field(default_factory=list)
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
        """Whether it counts as running: a ghost does, and so does one that will be started again by itself."""
        return self.state in RUNNING_STATES

    @property
    def terminal(self) -> Terminal | None:
        """The terminal of the present run, if it has one."""
        return self.run.terminal if self.run else None

    # What makes it something to attach to.

    @property
    def tty(self) -> bool:
        """Whether its streams are a terminal."""
        return self.config.tty

    @property
    def open_stdin(self) -> bool:
        """Whether it takes input."""
        return self.config.open_stdin

    @property
    def stdin_once(self) -> bool:
        """Whether its input ends with the first client's."""
        return self.config.stdin_once

    @property
    def gone(self) -> bool:
        """Whether nothing will ever come of it again."""
        return self.state is State.REMOVED

    def refuse_attaching(self, verb: Verb) -> None:
        """Raise the daemon's error where its state forbids to attach."""
        after(self.state, verb, self.id if verb is Verb.ATTACH else self.name)


RUNNING_STATES = frozenset({State.RUNNING, State.GHOST, State.PAUSED, State.RESTARTING})


@dataclass(frozen=True, slots=True)
class Home:
    """Where processes live: their container, and how its image and those that it is built on are called now."""

    container: Container
    image_names: Callable[[], Iterator[str]]


class Containers:
    """All containers a daemon has."""

    def __init__(self) -> None:
        self._containers: dict[str, Container] = {}
        self._by_name: dict[str, Container] = {}
        self._index = IdIndex()

    def __iter__(self) -> Iterator[Container]:
        """Yield the containers, newest first."""
        return reversed(list(self._containers.values()))

    def __len__(self) -> int:
        return len(self._containers)

    def add(self, container: Container) -> None:
        self._containers[container.id] = container
        self._by_name[container.name] = container
        self._index.add(container.id)

    def remove(self, container: Container) -> None:
        if self._containers.pop(container.id, None) is not None:
            self._by_name.pop(container.name, None)
            self._index.remove(container.id)

    def rename(self, container: Container, name: str) -> None:
        """Give a container another name. Raises Conflict when another one has it."""
        self.reserve(name)
        del self._by_name[container.name]
        container.name = name
        self._by_name[name] = container

    def reserve(self, name: str) -> None:
        """See whether a name is free. Raises Conflict."""
        holder = self._by_name.get(name)
        if holder is not None:
            raise errors.name_in_use(name, holder.id)

    @property
    def names(self) -> KeysView[str]:
        """All names that are taken."""
        return self._by_name.keys()

    def __contains__(self, container: object) -> bool:
        return isinstance(container, Container) and container.id in self._containers

    def find(self, name: str) -> Container:
        """Return the container with this id or name, or whose id begins so, unambiguously. Raises NotFound."""
        if name in self._containers:
            return self._containers[name]
        named = self._by_name.get(name.removeprefix("/"))
        if named is not None and name:
            return named
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
