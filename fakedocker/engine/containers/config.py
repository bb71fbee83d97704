"""What a container is created from: its configuration, in the words of the engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

from fakedocker.engine import errors
from fakedocker.engine.processes.effects import Signal

HIGHEST_SIGNAL = 64
#: Signals that have no fixed meaning, as moby names them (moby sys/signal, signal_linux.go).
REAL_TIME = {
    **{"RTMIN" + (f"+{n}" if n else ""): 34 + n for n in range(16)},
    **{"RTMAX" + (f"-{n}" if n else ""): 64 - n for n in range(15)},
}

#: Fields that an image's configuration never lends to a container (moby utils.go, MergeConfig).
OWN_FIELDS = frozenset({"attach_stdin", "attach_stdout", "attach_stderr", "image", "volumes", "volumes_from"})
#: Fields by which a cached build step is recognised (moby utils.go, CompareConfig).
COMPARED_FIELDS = (
    "attach_stdout",
    "attach_stderr",
    "user",
    "memory",
    "memory_swap",
    "cpu_shares",
    "tty",
    "cmd",
    "dns",
    "env",
    "port_specs",
)


@dataclass(frozen=True, slots=True)
class Healthcheck:
    """How a container is asked whether it is well. Times are seconds; 0 and 0 retries mean the default.

    `test`: ("NONE",), ("CMD", program, argument...), ("CMD-SHELL", line); empty: as the image says.
    """

    test: tuple[str, ...] = ()
    interval: float = 0.0
    timeout: float = 0.0
    start_period: float = 0.0
    retries: int = 0
    #: The interval in the start period, for daemons since 25.0.
    start_interval: float = 0.0

    def over(self, image: Healthcheck) -> Healthcheck:
        """Return this health check, with the image's in the places left empty."""
        return Healthcheck(
            self.test or image.test,
            self.interval or image.interval,
            self.timeout or image.timeout,
            self.start_period or image.start_period,
            self.retries or image.retries,
            self.start_interval or image.start_interval,
        )


@dataclass(frozen=True, slots=True)
class Config:
    """A container's configuration; None means "not given", which is not the same as an empty list.

    `memory`, `memory_swap`: bytes. `env`: "NAME=value". `port_specs`: "private", ":same", "public:private".
    `volumes`: mount points. `volumes_from`: the container whose volumes are shared. `exposed_ports`: "80/tcp".
    `stop_timeout`: seconds. API 1.1 knows the members up to `volumes_from`; the others came later.
    """

    hostname: str = ""
    user: str = ""
    memory: int = 0
    memory_swap: int = 0
    cpu_shares: int = 0
    attach_stdin: bool = False
    attach_stdout: bool = False
    attach_stderr: bool = False
    port_specs: tuple[str, ...] | None = None
    tty: bool = False
    open_stdin: bool = False
    stdin_once: bool = False
    env: tuple[str, ...] | None = None
    cmd: tuple[str, ...] | None = None
    dns: tuple[str, ...] | None = None
    image: str = ""
    volumes: Mapping[str, Mapping[str, object]] | None = None
    volumes_from: str = ""
    domainname: str = ""
    entrypoint: tuple[str, ...] | None = None
    working_dir: str = ""
    labels: Mapping[str, str] | None = None
    exposed_ports: Mapping[str, Mapping[str, object]] | None = None
    healthcheck: Healthcheck | None = None
    on_build: tuple[str, ...] | None = None
    shell: tuple[str, ...] | None = None
    stop_signal: str = ""
    stop_timeout: int | None = None
    mac_address: str = ""
    network_disabled: bool = False
    further_groups: tuple[str, ...] = ()

    @property
    def command(self) -> tuple[str, ...]:
        """What runs: the entry point, and the command as its arguments."""
        return (*(self.entrypoint or ()), *(self.cmd or ()))

    def over(self, image: Config | None) -> Config:
        """Return this configuration with an image's one below it, as the daemon of 2013 did.

        It fills what was left zero; lists are taken as a whole; a boolean can only be switched on.
        """
        if image is None:
            return self
        lent = {
            field.name: getattr(image, field.name)
            for field in fields(self)
            if field.name not in OWN_FIELDS and not getattr(self, field.name) and getattr(image, field.name)
        }
        return replace(self, **lent)

    def inheriting(self, image: Config | None) -> Config:
        """Return this configuration with what today's daemons add from an image (moby daemon/commit.go, merge).

        Variables, labels, ports and volumes are merged one by one. An own entry point makes the image's command void.
        """
        if image is None:
            return self
        own_names = {entry.partition("=")[0] for entry in self.env or ()}
        inherited_env = tuple(entry for entry in image.env or () if entry.partition("=")[0] not in own_names)
        healthcheck = self.healthcheck or image.healthcheck
        if self.healthcheck and image.healthcheck:
            healthcheck = self.healthcheck.over(image.healthcheck)
        return replace(
            self,
            user=self.user or image.user,
            env=(*(self.env or ()), *inherited_env) or None,
            cmd=self.cmd if self.cmd or self.entrypoint else image.cmd,
            entrypoint=image.entrypoint if self.entrypoint is None else self.entrypoint,
            working_dir=self.working_dir or image.working_dir,
            labels={**(image.labels or {}), **(self.labels or {})},
            exposed_ports={**(image.exposed_ports or {}), **(self.exposed_ports or {})} or None,
            volumes={**(image.volumes or {}), **(self.volumes or {})} or None,
            healthcheck=healthcheck,
            stop_signal=self.stop_signal or image.stop_signal,
            shell=self.shell or image.shell,
            on_build=self.on_build,
        )

    def same_step(self, other: Config) -> bool:
        """Tell whether a build step of one configuration may stand for the other."""
        if self.open_stdin or other.open_stdin:
            return False
        return all((getattr(self, name) or None) == (getattr(other, name) or None) for name in COMPARED_FIELDS)


def stop_signal(config: Config) -> int:
    """Return the signal that asks a container to end: its own, or TERM."""
    return read_signal(config.stop_signal) if config.stop_signal else Signal.TERM


def read_signal(text: str) -> int:
    """Return a signal by its name, with or without SIG, or its number. Raises InvalidParameter."""
    name = text.upper().removeprefix("SIG")
    if name in Signal.__members__:
        return Signal[name]
    if name in REAL_TIME:
        return REAL_TIME[name]
    if name.isascii() and name.isdecimal() and len(name) < 4 and 0 < int(name) <= HIGHEST_SIGNAL:
        return int(name)
    raise errors.invalid_signal(text)
