"""What a container is created from: the configuration of API 1.1, in the words of the engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

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
class Config:
    """A container's configuration; None means "not given", which is not the same as an empty list.

    `memory`, `memory_swap`: bytes. `env`: "NAME=value". `port_specs`: "private", ":same", "public:private".
    `volumes`: mount points. `volumes_from`: the container whose volumes are shared.
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

    def over(self, image: Config | None) -> Config:
        """Return this configuration with an image's one below it: it fills what was left zero.

        Lists are taken as a whole; a boolean can only be switched on.
        """
        if image is None:
            return self
        lent = {
            field.name: getattr(image, field.name)
            for field in fields(self)
            if field.name not in OWN_FIELDS and not getattr(self, field.name) and getattr(image, field.name)
        }
        return replace(self, **lent)

    def same_step(self, other: Config) -> bool:
        """Tell whether a build step of one configuration may stand for the other."""
        if self.open_stdin or other.open_stdin:
            return False
        return all((getattr(self, name) or None) == (getattr(other, name) or None) for name in COMPARED_FIELDS)
