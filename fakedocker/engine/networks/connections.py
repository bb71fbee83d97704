"""Containers in networks: who is where, from when to when, and which ports of the host lead there (moby daemon).

A container has a *sandbox*: its places in networks, wished for from its creation on, with addresses from a start to the
end. A container that shares the network of another, or of the host, has none of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain

from fakedocker.engine import errors
from fakedocker.engine.containers.containers import Container, Containers
from fakedocker.engine.containers.hostconfig import PortBinding
from fakedocker.engine.containers.lifecycle import State
from fakedocker.engine.events import Events
from fakedocker.engine.ids import Ids
from fakedocker.engine.networks.endpoints import (
    NO_CARD,
    AddressConfig,
    EndpointSettings,
    NetworkEndpoint,
    address_problems,
    dns_names,
    with_own_aliases,
)
from fakedocker.engine.networks.ipam import listed
from fakedocker.engine.networks.links import Link
from fakedocker.engine.networks.networks import Endpoint, Network, Networks
from fakedocker.engine.networks.ports import ANY_IPV4, HostPorts, PortRequest, PublishedPort
from fakedocker.engine.networks.sockets import Namespace
from fakedocker.engine.networks.sockets import Network as Wire
from fakedocker.engine.profiles import Profile

#: Where the kernel keeps the network of a container.
SANDBOX_KEYS = "/var/run/docker/netns"
#: The network of containers that name none.
DEFAULT = "bridge"


@dataclass(eq=False)
class Sandbox:
    """A container's side of its networks. `id`: of its last run. `ports`: what it has published, "" before that.

    `endpoints`: by the names of the networks. `namespace`: who it is on the wire while it runs.
    """

    endpoints: dict[str, NetworkEndpoint] = field(default_factory=dict)
    id: str = ""
    key: str = ""
    ports: dict[str, tuple[PublishedPort, ...]] | None = None
    #: The network whose place the published ports lead to.
    exit: Network | None = None
    namespace: Namespace | None = None
    #: Whether the namespace is another container's, or the host's.
    shared: bool = False


class Connections:
    """All sandboxes of a daemon."""

    def __init__(
        self, profile: Profile, ids: Ids, events: Events, networks: Networks, wire: Wire, containers: Containers
    ) -> None:
        self._profile = profile
        self._ids = ids
        self._events = events
        self._networks = networks
        self._wire = wire
        self._containers = containers
        self.ports = HostPorts(profile.first_port, profile.last_port)
        self._sandboxes: dict[str, Sandbox] = {}

    def sandbox(self, container: Container) -> Sandbox:
        """Return a container's sandbox."""
        return self._sandboxes.setdefault(container.id, Sandbox())

    # -- the life of a container ------------------------------------------------------------

    def check_wishes(self, network_mode: str, wishes: Mapping[str, EndpointSettings]) -> None:
        """See whether a container that is to be created may have such places. Raises InvalidParameter."""
        if not self._networks.checks_first:
            return
        for name, settings in wishes.items():
            name = _network_name(network_mode) if name == "default" else name
            found = list(self._problems(name, settings))
            if found:
                raise errors.invalid_endpoint_settings(listed(found), name)

    def prepare(self, container: Container, wishes: Mapping[str, EndpointSettings] | None = None) -> None:
        """Note in which networks a container that was just created is to be."""
        mode = container.host_config.network_mode
        sandbox = self.sandbox(container)
        if shares(mode):
            return
        name = _network_name(mode)
        if is_user_defined(mode):
            try:
                name = self._networks.find(name).name
            except errors.DockerError:
                pass  # it may be there when the container starts
        for key, settings in (wishes or {name: EndpointSettings()}).items():
            sandbox.endpoints[self._key(key, name)] = NetworkEndpoint(key, settings)
        for key, endpoint in sandbox.endpoints.items():
            endpoint.network_name = key

    def start(self, container: Container) -> Namespace:
        """Give a container its addresses and ports; return who it is on the wire.

        Raises NotFound (a network, a container), Conflict, InvalidParameter, Forbidden, Failure, and then it has none.
        """
        sandbox = self.sandbox(container)
        mode = container.host_config.network_mode
        sandbox.shared = shares(mode) or mode == "host"
        if shares(mode):
            sandbox.namespace = self._share(container, mode.removeprefix("container:"))
            return sandbox.namespace
        sandbox.id = self._ids.new()
        sandbox.key = f"{SANDBOX_KEYS}/{'default' if mode == 'host' else sandbox.id[:12]}"
        if mode == "host":
            sandbox.namespace = self._wire.host
        else:
            sandbox.namespace = self._wire.open(container.config.hostname)
        try:
            for name in sorted(sandbox.endpoints, key=lambda name: name != DEFAULT):
                self._plug(container, sandbox.endpoints[name])
            self._check_links(container)
        except errors.DockerError:
            self._stop(container, silent=True)
            raise
        return sandbox.namespace

    def stop(self, container: Container) -> None:
        """Take back what a container had while it ran."""
        self._stop(container)

    def forget(self, container: Container) -> None:
        """A container is no more."""
        self._sandboxes.pop(container.id, None)

    def rename(self, container: Container) -> None:
        """Let others find a container by the name that it has now."""
        sandbox = self.sandbox(container)
        for endpoint in sandbox.endpoints.values():
            if endpoint.dns_names is not None:
                aliases, hostname = endpoint.settings.aliases, container.config.hostname
                endpoint.dns_names = dns_names(container.name, aliases, container.id, hostname)
        if sandbox.namespace is not None and not sandbox.shared:
            known = {endpoint.network_id: self._names(endpoint) for endpoint in sandbox.endpoints.values()}
            sandbox.namespace.endpoints = [
                replace(one, names=known.get(one.network, one.names)) for one in sandbox.namespace.endpoints
            ]

    # -- connect and disconnect -------------------------------------------------------------

    def connect(self, network: Network, container: Container, settings: EndpointSettings) -> None:
        """Put a container in a network. Raises InvalidParameter, Forbidden, Failure."""
        sandbox = self.sandbox(container)
        mode = container.host_config.network_mode
        if shares(mode) or (mode == "host" and network.driver != "host"):
            raise errors.shared_network()
        if self._networks.checks_first:
            found = list(self._problems(network.name, settings))
            if found:
                raise errors.invalid_endpoint_settings(listed(found))
        if network.driver == "host":
            raise errors.host_network()
        if network.name in sandbox.endpoints:
            if self._runs(container):
                raise errors.endpoint_exists(container.name, network.name)
            return
        if {network.driver, *(self._driver(name) for name in sandbox.endpoints)} & {"null"} and sandbox.endpoints:
            raise errors.private_network()
        endpoint = NetworkEndpoint(network.name, settings)
        if not self._runs(container):
            self._settle(container, network, endpoint)
            sandbox.endpoints[network.name] = endpoint
            return
        self._plug(container, endpoint)
        sandbox.endpoints[network.name] = endpoint

    def disconnect(self, network: Network, container: Container) -> None:
        """Take a container out of a network. Raises InvalidParameter, Failure."""
        sandbox = self.sandbox(container)
        endpoint = sandbox.endpoints.get(network.name)
        if not self._runs(container):
            if endpoint is None:
                raise errors.not_connected_stopped(container.id, network.name)
        else:
            if container.host_config.network_mode == "host" and network.driver == "host":
                raise errors.host_network()
            if endpoint is None or container.id not in network.endpoints:
                raise errors.not_connected(container.id, network.name)
            self._unplug(container, endpoint)
            self._publish(container)
        del sandbox.endpoints[network.name]
        self._tell(network, "disconnect", container)

    # -- what others ask ---------------------------------------------------------------------

    def hosts(self, container: Container) -> Iterator[tuple[str, str]]:
        """Yield the addresses and names of the containers to which one is linked in the default network."""
        for other, link in self._linked(container):
            yield link.address, " ".join(dict.fromkeys((link.alias, other.config.hostname, other.name)))

    def behind(self, host_ip: str, port: int) -> tuple[Namespace, str, int] | None:
        """Return who has published a TCP port of the host, and the address and port to which it leads."""
        for sandbox in self._sandboxes.values():
            if sandbox.namespace is None or sandbox.exit is None:
                continue
            for published in chain.from_iterable((sandbox.ports or {}).values()):
                if (published.protocol, published.host_ip, published.public) == ("tcp", host_ip, port):
                    places = (one for one in sandbox.namespace.endpoints if one.network == sandbox.exit.id)
                    return sandbox.namespace, next((one.address for one in places), ""), published.private
        return None

    def links(self, container: Container) -> Iterator[Link]:
        """Yield the links of a container in the default network."""
        return (link for _, link in self._linked(container))

    def _linked(self, container: Container) -> Iterator[tuple[Container, Link]]:
        """Yield to whom a container is linked in the default network, and how."""
        for other, alias in self.partners(container):
            place = self.sandbox(other).endpoints.get(DEFAULT)
            if place is not None and place.card.address:
                yield other, Link(container.name, alias, place.card.address, other.config)

    def _check_links(self, container: Container) -> None:
        """Raise Failure if somebody does not run to whom a container is linked in the default network."""
        for other, alias in self.partners(container):
            if not other.running:
                raise errors.cannot_link_stopped(other.name, f"{container.name}/{alias}")

    def partners(self, container: Container) -> Iterator[tuple[Container, str]]:
        """Yield to which containers that exist one is linked in the default network, and their aliases."""
        if DEFAULT not in self.sandbox(container).endpoints:
            return
        for text in container.host_config.links or ():
            name, _, alias = text.removeprefix("/").partition(":")
            try:
                yield self._containers.find(name), (alias or name).rpartition("/")[2]
            except errors.NotFound:
                pass

    # -- how ---------------------------------------------------------------------------------

    def _key(self, key: str, name: str) -> str:
        """Return the name of a network by which somebody called it otherwise."""
        if key == "default":
            return name
        return next((network.name for network in self._networks if network.id == key), key)

    def _share(self, container: Container, name: str) -> Namespace:
        other = self._containers.find(name)
        if other is container:
            raise errors.join_self(container.id)
        namespace = self.sandbox(other).namespace
        if not other.running or namespace is None:
            raise errors.join_stopped(name)
        if other.state is State.RESTARTING:
            raise errors.restarting(other.id)
        shared = other.config  # who has the same addresses has the same name, too
        container.config = replace(container.config, hostname=shared.hostname, domainname=shared.domainname)
        return namespace

    def _plug(self, container: Container, endpoint: NetworkEndpoint) -> None:
        """Give a container its place in a network, and the ports that lead there. Raises as `start`."""
        network = self._networks.find(endpoint.network_id or endpoint.network_name)
        if network.config.config_only:
            raise errors.configuration_only()
        self._settle(container, network, endpoint)
        endpoint.network_id = network.id
        told = not network.config.internal or not self._networks.checks_first
        settings = endpoint.settings
        mac = container.config.mac_address if network.name == _network_name(container.host_config.network_mode) else ""
        endpoint.card = network.plug(self._ids.new(), settings, gateway=told, mac=mac)
        network.endpoints[container.id] = endpoint
        sandbox = self.sandbox(container)
        namespace = sandbox.namespace
        assert namespace is not None
        if network.driver not in ("host", "null"):
            namespace.plug(self._place(container, network, endpoint))
        try:
            self._publish(container, endpoint)
        except errors.DockerError as error:
            identity = endpoint.card.endpoint_id
            self._unplug(container, endpoint, silent=True)
            raise errors.external_connectivity(container.name, identity, error) from None
        self._tell(network, "connect", container)

    def _place(self, container: Container, network: Network, endpoint: NetworkEndpoint) -> Endpoint:
        card = endpoint.card
        links: dict[str, str] = {}
        for link in () if network.predefined else endpoint.settings.links or ():
            name, _, alias = link.partition(":")
            links[(alias or name).lower()] = name.lower()
        return Endpoint(
            card.address,
            card.prefix_length,
            "" if network.config.internal else card.gateway,
            self._profile.bridge if network.name == DEFAULT else f"br-{network.id[:12]}",
            network=network.id,
            names=self._names(endpoint),
            links=links,
            hardware_address=card.mac_address,
        )

    @staticmethod
    def _names(endpoint: NetworkEndpoint) -> frozenset[str]:
        """Return how others in a network call a container; in one that is always there it has no name."""
        return frozenset(name.lower() for name in endpoint.dns_names or ())

    def _settle(self, container: Container, network: Network, endpoint: NetworkEndpoint) -> None:
        """Complete what is wished for in a network. Raises InvalidParameter, Failure: it cannot be had there."""
        settings, hostname = endpoint.settings, container.config.hostname
        wished = settings.ipam or AddressConfig()
        wants_address = bool(wished.ipv4_address or wished.ipv6_address)
        if network.predefined:
            if wants_address:
                raise errors.address_not_supported()
            if settings.aliases:
                raise errors.alias_not_supported()
            return
        if wants_address and not network.subnets:
            raise errors.address_needs_subnet()
        endpoint.dns_names = dns_names(container.name, settings.aliases, container.id, hostname)
        if not self._networks.checks_first:
            endpoint.settings = with_own_aliases(settings, container.id, hostname)

    def _problems(self, name: str, settings: EndpointSettings) -> Iterator[str]:
        """Yield what is wrong with what is wished for in a network."""
        try:
            network = self._networks.find(name)
        except errors.DockerError:
            return
        wished = settings.ipam or AddressConfig()
        if network.predefined:
            if wished.ipv4_address or wished.ipv6_address:
                yield str(errors.address_not_supported())
            if settings.aliases:
                yield str(errors.alias_not_supported())
        yield from address_problems(settings, network.subnets)

    def _unplug(self, container: Container, endpoint: NetworkEndpoint, *, silent: bool = False) -> None:
        sandbox = self.sandbox(container)
        network = next((one for one in self._networks if one.id == endpoint.network_id), None)
        card, endpoint.card = endpoint.card, NO_CARD
        if network is None or network.endpoints.pop(container.id, None) is None:
            return
        if sandbox.exit is network:
            self._withdraw(sandbox)
        network.unplug(card)
        if sandbox.namespace is not None:
            sandbox.namespace.unplug(network.id)
        if not silent:
            self._tell(network, "disconnect", container)

    def _stop(self, container: Container, *, silent: bool = False) -> None:
        sandbox = self.sandbox(container)
        for endpoint in sandbox.endpoints.values():
            self._unplug(container, endpoint, silent=silent)
        if sandbox.namespace is not None and not sandbox.shared:
            self._wire.close(sandbox.namespace)
        sandbox.namespace = None
        sandbox.ports = {}

    def _tell(self, network: Network, action: str, container: Container) -> None:
        self._events.emit("network", action, network.id, {"container": container.id, **network.attributes})

    def _runs(self, container: Container) -> bool:
        return self.sandbox(container).namespace is not None

    def _driver(self, name: str) -> str:
        return next((network.driver for network in self._networks if network.name == name), "")

    # -- ports -------------------------------------------------------------------------------

    def _publish(self, container: Container, new: NetworkEndpoint | None = None) -> None:
        """Publish a container's ports where it leaves its networks, if that is not so yet. Raises Failure."""
        sandbox = self.sandbox(container)
        exits = [
            network
            for network in self._networks
            if container.id in network.endpoints and network.driver == "bridge" and not network.config.internal
        ]
        way_out = min(exits, key=lambda network: network.name, default=None)
        if way_out is sandbox.exit and way_out is not None:
            return
        self._withdraw(sandbox)
        sandbox.ports = {}
        if way_out is None:
            return
        requests = list(_port_requests(container))
        published = self.ports.publish(requests)
        sandbox.exit = way_out
        ports: dict[str, tuple[PublishedPort, ...]] = dict.fromkeys(_exposed(container), ())
        for one in published:
            key = f"{one.private}/{one.protocol}"
            ports[key] = (*ports.get(key, ()), one)
        sandbox.ports = ports
        self._forward(sandbox, way_out, published)

    def _forward(self, sandbox: Sandbox, network: Network, published: Iterable[PublishedPort]) -> None:
        """Let the wire know which ports of the host lead to a container."""
        reachable = (ANY_IPV4, *(str(pool.gateway) for pool in network.pools))
        forwards = {
            port.public: port.private for port in published if port.protocol == "tcp" and port.host_ip in reachable
        }
        namespace = sandbox.namespace
        if namespace is not None:
            namespace.endpoints = [
                replace(one, forwards=forwards) if one.network == network.id else one for one in namespace.endpoints
            ]

    def _withdraw(self, sandbox: Sandbox) -> None:
        for ports in (sandbox.ports or {}).values():
            self.ports.release(ports)
        if sandbox.exit is not None:
            self._forward(sandbox, sandbox.exit, ())
        sandbox.ports, sandbox.exit = {}, None


def shares(network_mode: str) -> bool:
    """Tell whether a container has the network of another container."""
    return network_mode.startswith("container:")


def is_user_defined(network_mode: str) -> bool:
    """Tell whether a container is in a network that somebody has made."""
    return network_mode not in ("", "default", "bridge", "host", "none") and not shares(network_mode)


def _network_name(network_mode: str) -> str:
    return DEFAULT if network_mode in ("", "default") else network_mode


def _exposed(container: Container) -> Iterator[str]:
    """Yield the ports of a container that may be published, "80/tcp"."""
    for port in container.config.exposed_ports or ():
        yield port if "/" in port else f"{port}/tcp"


def _port_requests(container: Container) -> Iterator[PortRequest]:
    """Yield which ports are to be published, in the order in which they get theirs (go-connections nat/sort.go).

    Only ports that are exposed are; whoever names a port of the host goes before those who take any.
    """
    bindings = container.host_config.port_bindings or {}
    wanted: list[PortRequest] = []
    for port in _exposed(container):
        number, _, protocol = port.partition("/")
        if not number.isdigit():
            continue
        places = bindings.get(port, ()) or bindings.get(number, ())
        if not places and container.host_config.publish_all_ports:
            places = (PortBinding(),)
        for place in places:
            first, last = _range(place.host_port)
            wanted.append(PortRequest(int(number), protocol, place.host_ip, first, last))
    return iter(sorted(wanted, key=lambda one: (-one.first, one.private, one.protocol)))


def _range(text: str) -> tuple[int, int]:
    """Read "8080" or "8000-8010"; "" is 0. A protocol behind it does not matter."""
    found = re.fullmatch(r"(\d{1,5})(?:-(\d{1,5}))?(?:/.*)?", text, re.ASCII)
    if found is None:
        return 0, 0
    return int(found[1]), int(found[2] or found[1])
