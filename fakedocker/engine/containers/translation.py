"""What a container of 2013 was told, in the words of today: its ports, volumes, name servers and limits.

Rules of this file: it is done once, when a container is created, so that whoever created it, it has one kind of places
in networks and in its tree; its configuration keeps the old words, too, for those who ask in them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from fakedocker.engine.containers.config import Config
from fakedocker.engine.containers.hostconfig import HostConfig, PortBinding
from fakedocker.engine.files.binds import Bind
from fakedocker.engine.networks.bridge import PortSpec

#: What an image lent to containers in 2013, and does not lend today.
LENT = (
    "hostname",
    "memory",
    "memory_swap",
    "cpu_shares",
    "port_specs",
    "tty",
    "open_stdin",
    "stdin_once",
    "dns",
)


def completed(config: Config, image: Config | None) -> Config:
    """Return a configuration with what an image adds to it today, and beside that with what one of 2013 lends."""
    if image is None:
        return config
    lent = {name: getattr(image, name) for name in LENT if not getattr(config, name) and getattr(image, name)}
    return replace(config.inheriting(image), **lent)


def translated(config: Config, host: HostConfig, binds: Iterable[Bind] = ()) -> tuple[Config, HostConfig]:
    """Return a configuration and the host's half of it, in which everything old is said in the words of today, too.

    What is said in them already counts. Raises InvalidParameter for a port that is none.
    """
    ports = published(config.port_specs or ())
    wanted = replace(
        host,
        binds=_joined(host.binds, map(_bind, binds)),
        volumes_from=_joined(host.volumes_from, filter(None, [config.volumes_from])),
        port_bindings={**ports, **(host.port_bindings or {})} if ports else host.port_bindings,
        dns=config.dns if host.dns is None else host.dns,
        memory=host.memory or config.memory,
        memory_swap=host.memory_swap or config.memory_swap or 2 * max(config.memory, 0),
        cpu_shares=host.cpu_shares or config.cpu_shares,
    )
    return exposing(config, ports), wanted


def exposing(config: Config, ports: Iterable[str]) -> Config:
    """Return a configuration that exposes ports, too: the daemon publishes no others, and clients see to it."""
    exposed = {**{port: {} for port in ports}, **(config.exposed_ports or {})}
    return replace(config, exposed_ports=exposed or None)


def published(specs: Iterable[str]) -> dict[str, tuple[PortBinding, ...]]:
    """Return the ports that texts of 2013 ask for ("80", ":80", "8080:80"). Raises InvalidParameter.

    A private port that is named twice has the public port that was named last.
    """
    ports = {spec.private: spec.public for spec in map(PortSpec.parse, specs)}
    return {f"{private}/tcp": (PortBinding("", str(public or "")),) for private, public in ports.items()}


def retold(config: Config, host: HostConfig) -> Config:
    """Return a configuration in which what is said in the words of today only is said in those of 2013, too."""
    sources = [text.partition(":")[0] for text in host.volumes_from or ()]
    return replace(
        config,
        port_specs=_port_specs(host) or None if config.port_specs is None else config.port_specs,
        volumes_from=config.volumes_from or ",".join(sources),
        dns=host.dns if config.dns is None else config.dns,
        memory=config.memory or host.memory,
        cpu_shares=config.cpu_shares or host.cpu_shares,
    )


def _port_specs(host: HostConfig) -> tuple[str, ...]:
    specs: list[str] = []
    for port, bindings in (host.port_bindings or {}).items():
        private, _, protocol = port.partition("/")
        if protocol in ("", "tcp"):
            specs += [f"{one.host_port}:{private}" if one.host_port else private for one in bindings]
    return tuple(specs)


def _joined(given: tuple[str, ...] | None, more: Iterable[str]) -> tuple[str, ...] | None:
    return tuple(dict.fromkeys((*(given or ()), *more))) or given


def _bind(bind: Bind) -> str:
    return f"{bind.source}:{bind.target}{':ro' if bind.read_only else ''}"
