"""Commands that are executed in a running container, beside its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from fakedocker.engine import errors
from fakedocker.engine.containers.config import Config
from fakedocker.engine.containers.containers import Container, Run
from fakedocker.engine.containers.lifecycle import Verb, after
from fakedocker.engine.containers.output import Log
from fakedocker.engine.files.files import Files
from fakedocker.engine.processes import runc
from fakedocker.engine.processes.effects import Signal
from fakedocker.engine.watch import Watch

if TYPE_CHECKING:
    from fakedocker.engine.engine import Engine

#: Seconds for which one that has ended can still be asked for (moby daemon/exec.go looks every five minutes).
KEPT: Final = 300.0
#: The exit code of one that could not be started, whatever the reason (moby daemon/exec.go).
CANNOT_START: Final = 126


@dataclass(frozen=True, slots=True)
class ExecConfig:
    """What is to be executed. `env`: more variables than the container's; `user`, `working_dir` "": the container's."""

    command: tuple[str, ...]
    tty: bool = False
    attach_stdin: bool = False
    attach_stdout: bool = False
    attach_stderr: bool = False
    env: tuple[str, ...] = ()
    user: str = ""
    working_dir: str = ""
    privileged: bool = False
    detach_keys: str = ""


@dataclass(eq=False)
class Exec:
    """One command beside a container's own: created, then started once. `exit_code`: None while it has none."""

    id: str
    container: Container
    config: ExecConfig
    exit_code: int | None = None
    pid: int = 0
    log: Log = field(default_factory=Log)
    run: Run | None = None
    started: bool = False
    changed: Watch = field(default_factory=Watch)

    @property
    def running(self) -> bool:
        """Whether it runs now."""
        return self.run is not None and not self.run.ended

    # What makes it something to attach to.

    @property
    def tty(self) -> bool:
        return self.config.tty

    @property
    def open_stdin(self) -> bool:
        return self.config.attach_stdin

    @property
    def stdin_once(self) -> bool:
        return True

    @property
    def gone(self) -> bool:
        return self.started and self.run is None

    @property
    def failed_starts(self) -> int:
        return 0  # it is not started twice

    def refuse_attaching(self, verb: Verb) -> None:
        """Nothing refuses it."""


class Execs:
    """All that was executed, by id."""

    def __init__(self) -> None:
        self._execs: dict[str, Exec] = {}

    def __iter__(self) -> Iterator[Exec]:
        return iter(list(self._execs.values()))

    def add(self, one: Exec) -> None:
        self._execs[one.id] = one
        one.container.execs.append(one.id)

    def find(self, identity: str) -> Exec:
        """Return the one with this id. Raises NotFound."""
        found = self._execs.get(identity)
        if found is None:
            raise errors.no_such_exec(identity)
        return found

    def present(self, container: Container) -> list[str]:
        """Return the ids of what is executed in a container, or may be: what has ended is not its any more."""
        return [identity for identity in container.execs if self._execs[identity].exit_code is None]

    def remove(self, one: Exec) -> None:
        if self._execs.pop(one.id, None) is not None:
            one.container.execs.remove(one.id)

    def forget_prepared(self, container: Container) -> None:
        """Drop what was to be executed in a container that has ended, and never was (moby daemon.Cleanup)."""
        for one in [self._execs[identity] for identity in container.execs]:
            if not one.started:
                self.remove(one)

    def forget(self, container: Container) -> None:
        """Drop all that was executed in a container."""
        for identity in container.execs:
            self._execs.pop(identity, None)
        container.execs.clear()


def create(engine: Engine, container: Container, config: ExecConfig) -> Exec:
    """Prepare a command. Raises InvalidParameter (there is none), Conflict (the container does not run)."""
    _refuse(container, container.name if container.run and not container.run.ended else container.id)
    if not config.command or not config.command[0]:
        raise errors.no_exec_command()
    one = Exec(engine.ids.new(), container, config)
    engine.execs.add(one)
    engine.tell(container, f"exec_create: {_told(config.command)}", execID=one.id)
    return one


def _told(command: tuple[str, ...]) -> str:
    """Return a command as events tell it: the space behind the program is there even if nothing follows."""
    return f"{command[0]} {' '.join(command[1:])}"


def _refuse(container: Container, called: str) -> None:
    after(container.state, Verb.EXEC, called)


def find(engine: Engine, identity: str) -> Exec:
    """Return one that could be started or was. Raises NotFound, Conflict (its container does not run any more)."""
    one = engine.execs.find(identity)
    if not one.container.running:
        raise errors.exec_container_stopped(one.container.id)
    _refuse(one.container, one.container.id)
    return one


def refuse_second_start(one: Exec) -> None:
    """Raise Conflict if a command runs or has run."""
    if one.running:
        raise errors.exec_is_running(one.id)
    if one.started:
        raise errors.exec_has_run(one.id)


def start(engine: Engine, one: Exec) -> None:
    """Run a command that was prepared. Raises Conflict, and CannotStart: then its exit code is CANNOT_START."""
    refuse_second_start(one)
    container = one.container
    _refuse(container, container.id)
    assert container.run is not None
    one.started = True
    engine.tell(container, f"exec_start: {_told(one.config.command)}", execID=one.id)
    processes = container.run.processes
    config = _as_config(container.config, one.config)
    try:
        runc.environment(config, processes.files)  # the user comes first
        _check_directory(config, processes.files)
        provided = engine.provided(container)
        runc.check(config, processes.files, provided, failed=errors.exec_command_failed)
    except errors.DockerError:
        one.exit_code = CANNOT_START
        engine.clock.call_later(KEPT, lambda: engine.execs.remove(one))
        one.changed.notify()
        raise
    stdin, fds = engine.streams(processes, one.log, tty=one.tty, open_stdin=one.open_stdin)
    one.run = run = Run(processes, stdin)
    run.leader = leader = processes.begin(
        runc.run(config, 0.0),
        config.command,
        fds,
        env=runc.environment(config, processes.files),
        cwd=config.working_dir or "/",
    )
    if run.terminal is not None:
        run.terminal.foreground = leader.group
    one.pid = engine.next_pid()
    leader.ended.subscribe(lambda: _ended(engine, one, run, leader.code or 0))
    one.changed.notify()


def _check_directory(config: Config, files: Files) -> None:
    """Raise CannotExecute where a command is to begin in what is no directory; nobody makes it, as at a start."""
    try:
        if not files.stat(config.working_dir or "/").is_directory:
            raise errors.exec_directory_failed(config.working_dir, "not a directory")
    except OSError as error:
        raise errors.exec_directory_failed(config.working_dir, (error.strerror or "").lower()) from None


def _as_config(container: Config, given: ExecConfig) -> Config:
    own = {entry.partition("=")[0] for entry in given.env}
    env = (*(entry for entry in container.env or () if entry.partition("=")[0] not in own), *given.env)
    return Config(
        hostname=container.hostname,
        user=given.user or container.user,
        tty=given.tty,
        env=env,
        cmd=given.command,
        working_dir=given.working_dir or container.working_dir,
        further_groups=container.further_groups,
    )


def _ended(engine: Engine, one: Exec, run: Run, code: int) -> None:
    run.close_stdin()
    run.log_end = one.log.end
    one.exit_code = code
    engine.tell(one.container, "exec_die", execID=one.id, exitCode=str(code))
    engine.clock.call_later(KEPT, lambda: engine.execs.remove(one))
    one.changed.notify()


class Probe:
    """What the daemon itself executes in a container, to see whether it is well."""

    def __init__(self, one: Exec) -> None:
        self._exec = one
        self.ended = one.changed

    @property
    def code(self) -> int | None:
        """Its exit code, None while it runs."""
        return self._exec.exit_code

    @property
    def output(self) -> bytes:
        """What it has written until now."""
        return self._exec.log.read()

    def kill(self) -> None:
        """End it at once."""
        if self._exec.run is not None:
            self._exec.run.signal(Signal.KILL)


def probe(engine: Engine, container: Container, command: tuple[str, ...]) -> Probe:
    """Execute a command whose output is collected. Raises DockerError when it cannot be started."""
    one = create(engine, container, ExecConfig(command, attach_stdout=True, attach_stderr=True))
    start(engine, one)
    engine.scheduler.run()
    return Probe(one)
