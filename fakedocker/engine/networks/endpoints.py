"""A container's places in networks: what was wished for, and what it has while it runs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from ipaddress import IPv4Address, ip_address, ip_network

from fakedocker.engine.ids import short

#: Networks that no user made.
ALWAYS_THERE = frozenset({"bridge", "host", "none"})
#: What the cards of containers begin with (moby libnetwork/netutils).
VENDOR = "02:42:"


@dataclass(frozen=True, slots=True)
class AddressConfig:
    """Addresses that a container is to have in a network."""

    ipv4_address: str = ""
    ipv6_address: str = ""
    link_local_ips: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EndpointSettings:
    """What is wished for a container in a network. `links`: "container:alias". None: nobody spoke of it."""

    ipam: AddressConfig | None = None
    links: tuple[str, ...] | None = None
    aliases: tuple[str, ...] | None = None
    driver_opts: Mapping[str, str] | None = None
    mac_address: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """What a container has in a network while it runs. `gateway`: "" in a network that leads nowhere."""

    endpoint_id: str
    address: str = ""
    prefix_length: int = 0
    gateway: str = ""
    ipv6_address: str = ""
    ipv6_prefix_length: int = 0
    ipv6_gateway: str = ""
    mac_address: str = ""


NO_CARD = Card("")


@dataclass(eq=False)
class NetworkEndpoint:
    """A container's place in one network.

    `network_id`: "" until the container first ran there. `dns_names`: what it is called there (26.0 and later show
    them). `card`: all empty while it does not run.
    """

    network_name: str
    settings: EndpointSettings
    network_id: str = ""
    dns_names: tuple[str, ...] | None = None
    card: Card = NO_CARD

    @property
    def in_own_network(self) -> bool:
        """Whether the network is a user's: containers have names there."""
        return self.network_name not in ALWAYS_THERE


def with_own_aliases(settings: EndpointSettings, identity: str, hostname: str) -> EndpointSettings:
    """Return settings to which a container's short id and host name are added, if they are not there (up to 25.0)."""
    aliases = list(settings.aliases or ())
    aliases += [name for name in dict.fromkeys((short(identity), hostname)) if name and name not in aliases]
    return replace(settings, aliases=tuple(aliases))


def dns_names(name: str, aliases: Sequence[str] | None, identity: str, hostname: str) -> tuple[str, ...]:
    """Return what a container is called in a network of a user: its name, its aliases, its short id, its host name."""
    names = (name, *(aliases or ()), short(identity), hostname)
    return tuple(dict.fromkeys(filter(None, names)))


def mac_address(address: str) -> str:
    """Return the address of the card that has an IPv4 address: it is made of it."""
    return VENDOR + ":".join(f"{byte:02x}" for byte in IPv4Address(address).packed)


def address_problems(settings: EndpointSettings, subnets: Sequence[str]) -> Iterator[str]:
    """Yield what is wrong with the addresses that are wished for in a network with these configured subnets."""
    wished = settings.ipam or AddressConfig()
    for version, text in ((4, wished.ipv4_address), (6, wished.ipv6_address)):
        if not text:
            continue
        try:
            valid = ip_address(text).version == version
        except ValueError:
            valid = False
        if not valid:
            yield f"invalid IPv{version} address: {text}"
        if not subnets:
            yield "user specified IP address is supported only when connecting to networks with user configured subnets"
        elif not valid or not contained(text, subnets):
            yield f"no configured subnet or ip-range contain the IP address {text}"


def contained(text: str, subnets: Sequence[str]) -> bool:
    """Tell whether one of the subnets has this (valid) address."""
    address = ip_address(text)
    return any(address in ip_network(subnet, strict=False) for subnet in subnets)
