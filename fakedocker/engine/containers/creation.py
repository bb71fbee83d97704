"""Creating a container as today's daemons do: its configuration checked, completed by its image, with its places."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from fakedocker.engine import errors
from fakedocker.engine.containers.config import Config
from fakedocker.engine.containers.containers import Container
from fakedocker.engine.containers.hostconfig import HostConfig
from fakedocker.engine.containers.verification import verify
from fakedocker.engine.images.imageconfig import ARCHITECTURES, OS
from fakedocker.engine.images.images import Image
from fakedocker.engine.images.manifests import Platform, parse_platform
from fakedocker.engine.images.references import find_image
from fakedocker.engine.networks.endpoints import EndpointSettings
from fakedocker.engine.processes.runc import RUNC

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
    image: Image | None = None,
    identity: str = "",
    created: float | None = None,
) -> Container:
    """Create a container, by default of the image that its configuration names; for the others see `Engine.create`.

    Raises NotFound (the image), InvalidParameter, Conflict (the name), Failure.
    """
    verify(config, host, engine.profile)
    image = image or find_image(engine.images, config.image)
    if platform:
        _check_platform(config.image, image, parse_platform(platform))
    complete = config.inheriting(image.config)
    if complete.entrypoint == ("",):
        complete = replace(complete, entrypoint=None)  # neither its own nor the image's: `--entrypoint ""`
    if not complete.command:
        raise errors.no_command_today()
    if host.memory > 0 and not host.memory_swap:
        host = replace(host, memory_swap=2 * host.memory)
    if engine.profile.names_defaults:
        host = host.with_names()  # the hardware address goes with the network's name
    _check_links(engine, host)
    if engine.networks.checks_first:
        complete, networks = _with_hardware_address(complete, host, networks or {})
    engine.connections.check_wishes(host.network_mode, networks or {})
    complete = replace(complete, memory=host.memory, further_groups=host.group_add or ())
    container = engine.create(
        complete,
        image,
        name=name,
        host_config=host,
        init=RUNC,
        networks=networks,
        identity=identity,
        created=created,
    )
    container.platform = platform.partition("/")[0] or "linux"
    return container


def _check_platform(name: str, image: Image, wanted: Platform) -> None:
    architecture = ARCHITECTURES.get(image.architecture, image.architecture)
    actual = Platform(image.os or OS, architecture, image.variant)
    if not actual.fits(wanted):
        raise errors.other_platform(name, str(wanted), str(actual))


def _with_hardware_address(
    config: Config, host: HostConfig, networks: Mapping[str, EndpointSettings]
) -> tuple[Config, Mapping[str, EndpointSettings]]:
    """Return a configuration and places in networks with one hardware address: that of the container is the one of
    its place in the main network. Raises InvalidParameter.
    """
    main = host.network_mode
    if main in ("none", "host") or main.startswith("container:"):
        return replace(config, mac_address=""), networks
    for name, wish in networks.items():
        _check_hardware_address(name, wish.mac_address)
    if networks and main not in networks:
        if config.mac_address:
            raise errors.no_main_network()
        return config, networks
    wish = networks.get(main, EndpointSettings())
    if wish.mac_address and config.mac_address not in ("", wish.mac_address):
        raise errors.two_mac_addresses()
    address = wish.mac_address or config.mac_address
    if not address:
        return config, networks
    _check_hardware_address(main, address)
    return replace(config, mac_address=address), {**networks, main: replace(wish, mac_address=address)}


#: What Go's net.ParseMAC reads of six bytes.
_MAC_ADDRESS = re.compile(
    r"[0-9a-f]{2}([:-])(?:[0-9a-f]{2}\1){4}[0-9a-f]{2}|[0-9a-f]{4}(?:\.[0-9a-f]{4}){2}", re.I | re.A
)


def _check_hardware_address(network: str, address: str) -> None:
    if address and not _MAC_ADDRESS.fullmatch(address):
        raise errors.invalid_mac_address(network, address)


def _check_links(engine: Engine, host: HostConfig) -> None:
    for link in host.links or ():
        name = link.partition(":")[0].lstrip("/")
        try:
            engine.containers.find(name)
        except errors.NotFound as error:
            raise errors.cannot_link(name, error) from None
