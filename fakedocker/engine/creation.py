"""Creating a container as today's daemons do: its configuration checked, completed by its image, with its places."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from fakedocker.engine import errors
from fakedocker.engine.config import Config
from fakedocker.engine.containers import Container
from fakedocker.engine.endpoints import EndpointSettings
from fakedocker.engine.hostconfig import HostConfig
from fakedocker.engine.references import find_image
from fakedocker.engine.runc import RUNC
from fakedocker.engine.verification import verify

if TYPE_CHECKING:
    from fakedocker.engine.engine import Engine


def create(
    engine: Engine,
    config: Config,
    host: HostConfig,
    *,
    name: str = "",
    platform: str = "",
    networks: Mapping[str, EndpointSettings] | None = None,
) -> Container:
    """Create a container. Raises NotFound (the image), InvalidParameter, Conflict (the name), Failure."""
    verify(config, host, engine.profile)
    image = find_image(engine.images, config.image)
    complete = config.inheriting(image.config)
    if not complete.command or not complete.command[0]:
        raise errors.no_command_today()
    if host.memory > 0 and not host.memory_swap:
        host = replace(host, memory_swap=2 * host.memory)
    if engine.profile.names_defaults:
        host = _with_names(host)
    _check_links(engine, host)
    engine.connections.check_wishes(host.network_mode, networks or {})
    container = engine.create(
        replace(complete, memory=host.memory), image, name=name, host_config=host, init=RUNC, networks=networks
    )
    container.platform = platform.partition("/")[0] or "linux"
    return container


def _with_names(host: HostConfig) -> HostConfig:
    """Return what is asked for with the defaults by their names."""
    policy = host.restart_policy
    return replace(
        host,
        network_mode="bridge" if host.network_mode == "default" else host.network_mode,
        restart_policy=replace(policy, name=policy.name or "no"),
    )


def _check_links(engine: Engine, host: HostConfig) -> None:
    for link in host.links or ():
        name = link.partition(":")[0].lstrip("/")
        try:
            engine.containers.find(name)
        except errors.NotFound as error:
            raise errors.cannot_link(name, error) from None
