"""The addresses that a network is told to have: what may be said, and what comes of it (moby libnetwork, IPAM).

Since 25.0 a daemon looks at the whole configuration first and lists all that is wrong; before, it stopped where
something failed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from fakedocker.engine import errors
from fakedocker.engine.networks.pools import Address, AddressSpace, Pool, Subnet


@dataclass(frozen=True, slots=True)
class PoolConfig:
    """One subnet of a network, in the words of whoever asked for it. `auxiliary`: addresses that nobody is to get."""

    subnet: str = ""
    ip_range: str = ""
    gateway: str = ""
    auxiliary: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ipam:
    """How a network comes by its addresses. `options` and `configs` None: nobody spoke of them."""

    driver: str = ""
    options: Mapping[str, str] | None = None
    configs: tuple[PoolConfig, ...] | None = None


@dataclass
class AddressedPool:
    """A pool in the hands of a network: with the gateway, and the configuration it was made of or stands for."""

    pool: Pool
    gateway: Address
    config: PoolConfig = field(default_factory=PoolConfig)


def take(space: AddressSpace, configs: Sequence[PoolConfig], *, ipv6: bool, network: str = "") -> list[AddressedPool]:
    """Take the pools that a network of a name asks for; for IPv4 one at least.

    Raises Failure, Forbidden or NotFound, and then nothing is taken.
    """
    taken: list[AddressedPool] = []
    wanted = [config for config in configs if ipv6 or not _is_ipv6(config.subnet)]
    if not any(not _is_ipv6(config.subnet) for config in wanted):
        wanted.insert(0, PoolConfig())
    try:
        if ipv6 and not any(_is_ipv6(config.subnet) for config in wanted):
            raise errors.no_address_pool(6)
        for config in wanted:
            taken.append(_take(space, config, network, named=config in configs))
    except errors.DockerError:
        for one in taken:
            space.release(one.pool)
        raise
    return taken


def _take(space: AddressSpace, config: PoolConfig, network: str, *, named: bool) -> AddressedPool:
    subnet, span = _subnet(config, named=named)
    gateway = _gateway(config)
    pool = space.request(subnet, span)
    try:
        return AddressedPool(pool, _reserve(pool, gateway, config, network), _shown(config, pool))
    except errors.DockerError:
        space.release(pool)
        raise


def _subnet(config: PoolConfig, *, named: bool) -> tuple[Subnet | None, Subnet | None]:
    if not named:
        return None, None
    try:
        subnet = _network(config.subnet)
    except ValueError:
        raise errors.invalid_subnet(config.subnet) from None
    if not config.ip_range:
        return subnet, None
    try:
        span = _network(config.ip_range)
    except ValueError:
        raise errors.invalid_ip_range(config.subnet, config.ip_range) from None
    return subnet, span if _within(span, subnet) else None


def _gateway(config: PoolConfig) -> Address | None:
    try:
        return ip_address(config.gateway) if config.gateway else None
    except ValueError:
        raise errors.invalid_gateway(config.gateway) from None


def _reserve(pool: Pool, gateway: Address | None, config: PoolConfig, network: str) -> Address:
    """Take what is nobody's: the gateway's address first, then the auxiliary ones. Return the gateway's."""
    try:
        found = pool.request(gateway)
    except errors.DockerError as error:
        raise errors.gateway_not_allocated(config.gateway, error) from None
    for name, text in config.auxiliary.items():
        try:
            address = ip_address(text)
        except ValueError:
            raise errors.invalid_auxiliary(name, text, network) from None
        if address not in pool.subnet:
            raise errors.auxiliary_elsewhere(name, text, config.subnet)
        try:
            pool.request(address)
        except errors.DockerError as error:
            raise errors.auxiliary_not_allocated(name, text, error) from None
    return found


def _shown(config: PoolConfig, pool: Pool) -> PoolConfig:
    """Return what an inspection tells: what was said, or what the daemon chose."""
    if config.subnet:
        return config
    first = pool.subnet.network_address + 1
    return PoolConfig(str(pool.subnet), gateway=str(first))


def _network(text: str) -> Subnet:
    if "/" not in text:
        raise ValueError(text)
    return ip_network(text, strict=False)


def _is_ipv6(subnet: str) -> bool:
    return ":" in subnet


def _within(one: Subnet, other: Subnet) -> bool:
    if isinstance(one, IPv4Network) and isinstance(other, IPv4Network):
        return one.subnet_of(other)
    return isinstance(one, IPv6Network) and isinstance(other, IPv6Network) and one.subnet_of(other)


def problems(configs: Sequence[PoolConfig]) -> Iterator[str]:
    """Yield all that is wrong with a configuration (moby api/types/network, ValidateIPAM)."""
    for config in configs:
        try:
            subnet = _network(config.subnet)
        except ValueError:
            yield f"invalid subnet {config.subnet}: invalid CIDR block notation"
            continue
        if str(subnet) != config.subnet:
            yield f"invalid subnet {config.subnet}: it should be {subnet}"
        yield from _range_problems(config.ip_range, subnet)
        if config.gateway:
            yield from _address_problems(f"gateway {config.gateway}", config.gateway, subnet)
        for name, address in config.auxiliary.items():
            yield from _address_problems(f"auxiliary address {name}", address, subnet)


def listed(found: Sequence[str]) -> str:
    """Return problems as the daemon lists them: one by itself, several with a star each."""
    return found[0] if len(found) == 1 else "\n".join(f"* {one}" for one in found)


def _range_problems(text: str, subnet: Subnet) -> Iterator[str]:
    if not text:
        return
    try:
        span = _network(text)
    except ValueError:
        yield f"invalid ip-range {text}: invalid CIDR block notation"
        return
    if str(span) != text:
        yield f"invalid ip-range {text}: it should be {span}"
    if span.version != subnet.version:
        yield f"invalid ip-range {text}: parent subnet is an IPv{subnet.version} block"
    elif span.prefixlen < subnet.prefixlen:
        yield f"invalid ip-range {text}: CIDR block is bigger than its parent subnet {subnet}"
    elif not _within(span, subnet):
        yield f"invalid ip-range {text}: parent subnet {subnet} doesn't contain ip-range"


def _address_problems(what: str, text: str, subnet: Subnet) -> Iterator[str]:
    try:
        address = ip_address(text)
    except ValueError:
        yield f"invalid {what}: invalid address"
        return
    if address.version != subnet.version:
        yield f"invalid {what}: parent subnet is an IPv{subnet.version} block"
    elif address not in subnet:
        yield f"invalid {what}: parent subnet {subnet} doesn't contain this address"
