"""Networks, and the places that containers have in them, as today's API shows them."""

from __future__ import annotations

from typing import Any

from fakedocker.api.modern.ageing import aged
from fakedocker.api.modern.views.times import timestamp
from fakedocker.engine.containers.containers import Container
from fakedocker.engine.engine import Engine
from fakedocker.engine.ids import short
from fakedocker.engine.networks.connections import Sandbox
from fakedocker.engine.networks.endpoints import AddressConfig, NetworkEndpoint
from fakedocker.engine.networks.ipam import PoolConfig
from fakedocker.engine.networks.networks import Network

#: The network whose place a container's settings tell at their top level, too.
DEFAULT = "bridge"
#: What a container is called in networks of users beside its aliases, for versions that show it there.
OWN_NAMES = "own names"


def network(value: Network, engine: Engine, *, detailed: bool = True) -> dict[str, Any]:
    """Return a network as it is inspected; with the containers in it if `detailed`."""
    config, ipam = value.config, value.ipam
    members = {
        "Name": value.name,
        "Id": value.id,
        "Created": timestamp(value.created),
        "Scope": config.scope,
        "Driver": value.driver,
        "EnableIPv4": True,
        "EnableIPv6": config.enable_ipv6,
        "IPAM": {
            "Driver": ipam.driver,
            "Options": None if ipam.options is None else dict(sorted(ipam.options.items())),
            "Config": None if ipam.configs is None else [_pool(one) for one in ipam.configs],
        },
        "Internal": config.internal,
        "Attachable": config.attachable,
        "Ingress": config.ingress,
        "ConfigFrom": {"Network": config.config_from},
        "ConfigOnly": config.config_only,
        "Containers": _containers(value, engine) if detailed else {},
        "Options": dict(sorted(config.options.items())),
        "Labels": dict(sorted(config.labels.items())),
    }
    return aged("network", members)


def _pool(config: PoolConfig) -> dict[str, Any]:
    members: dict[str, Any] = {"Subnet": config.subnet, "IPRange": config.ip_range, "Gateway": config.gateway}
    auxiliary = {"AuxiliaryAddresses": dict(sorted(config.auxiliary.items()))} if config.auxiliary else {}
    return {name: value for name, value in members.items() if value} | auxiliary


def _containers(value: Network, engine: Engine) -> dict[str, Any]:
    found = {}
    for identity, endpoint in sorted(value.endpoints.items()):
        card = endpoint.card
        found[identity] = {
            "Name": engine.containers.find(identity).name,
            "EndpointID": card.endpoint_id,
            "MacAddress": card.mac_address,
            "IPv4Address": f"{card.address}/{card.prefix_length}" if card.address else "",
            "IPv6Address": f"{card.ipv6_address}/{card.ipv6_prefix_length}" if card.ipv6_address else "",
        }
    return found


def mode(container: Container, engine: Engine) -> str:
    """Return the network that a container asked for."""
    return container.host_config.network_mode


def ports(container: Container, engine: Engine) -> list[dict[str, Any]]:
    """Return the ports of a container as lists show them."""
    found: list[dict[str, Any]] = []
    for port, published in sorted((engine.connections.sandbox(container).ports or {}).items()):
        number, _, protocol = port.partition("/")
        for one in published:
            place = {"IP": one.host_ip, "PrivatePort": one.private, "PublicPort": one.public}
            found.append({**place, "Type": one.protocol})
        if not published and number.isdigit():
            found.append({"PrivatePort": int(number), "Type": protocol})
    return found


def settings(container: Container, engine: Engine) -> dict[str, Any]:
    """Return `NetworkSettings`."""
    sandbox = engine.connections.sandbox(container)
    default = sandbox.endpoints.get(DEFAULT)
    top = place(default, container) if default is not None else {}
    members = {
        "Bridge": "",
        "SandboxID": sandbox.id,
        "SandboxKey": sandbox.key,
        "Ports": _bindings(sandbox),
        "HairpinMode": False,
        "LinkLocalIPv6Address": "",
        "LinkLocalIPv6PrefixLen": 0,
        "SecondaryIPAddresses": None,
        "SecondaryIPv6Addresses": None,
        "EndpointID": top.get("EndpointID", ""),
        "Gateway": top.get("Gateway", ""),
        "GlobalIPv6Address": top.get("GlobalIPv6Address", ""),
        "GlobalIPv6PrefixLen": top.get("GlobalIPv6PrefixLen", 0),
        "IPAddress": top.get("IPAddress", ""),
        "IPPrefixLen": top.get("IPPrefixLen", 0),
        "IPv6Gateway": top.get("IPv6Gateway", ""),
        "MacAddress": top.get("MacAddress", ""),
        "Networks": {name: place(endpoint, container) for name, endpoint in sorted(sandbox.endpoints.items())},
    }
    return aged("network settings", members)


def summary(container: Container, engine: Engine) -> dict[str, Any]:
    """Return `NetworkSettings` as lists show it: the places only, without what was wished for but addresses."""
    places = settings(container, engine)["Networks"]
    for endpoint in places.values():
        endpoint |= {name: None for name in ("Links", "Aliases", "DriverOpts", "DNSNames") if name in endpoint}
    return {"Networks": places}


def _bindings(sandbox: Sandbox) -> dict[str, Any]:
    return {
        port: [{"HostIp": one.host_ip, "HostPort": str(one.public)} for one in published] or None
        for port, published in sorted((sandbox.ports or {}).items())
    }


def place(endpoint: NetworkEndpoint, container: Container) -> dict[str, Any]:
    """Return a container's place in a network."""
    wished, card = endpoint.settings, endpoint.card
    members: dict[str, Any] = {
        "IPAMConfig": None if wished.ipam is None else _addresses(wished.ipam),
        "Links": None if wished.links is None else list(wished.links),
        "Aliases": None if wished.aliases is None else list(wished.aliases),
        "MacAddress": card.mac_address or wished.mac_address,
        "DriverOpts": None if wished.driver_opts is None else dict(sorted(wished.driver_opts.items())),
        "GwPriority": 0,
        "NetworkID": endpoint.network_id,
        "EndpointID": card.endpoint_id,
        "Gateway": card.gateway,
        "IPAddress": card.address,
        "IPPrefixLen": card.prefix_length,
        "IPv6Gateway": card.ipv6_gateway,
        "GlobalIPv6Address": card.ipv6_address,
        "GlobalIPv6PrefixLen": card.ipv6_prefix_length,
        "DNSNames": None if endpoint.dns_names is None else list(endpoint.dns_names),
    }
    members[OWN_NAMES] = (short(container.id), container.config.hostname) if endpoint.in_own_network else ()
    aged("endpoint", members)
    del members[OWN_NAMES]
    return members


def _addresses(wished: AddressConfig) -> dict[str, Any]:
    members: dict[str, Any] = {
        "IPv4Address": wished.ipv4_address,
        "IPv6Address": wished.ipv6_address,
        "LinkLocalIPs": list(wished.link_local_ips),
    }
    return {name: value for name, value in members.items() if value}
