"""Networks: which there are, what they are told to be, and the addresses they give (moby daemon/network.go)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from ipaddress import ip_address
from types import MappingProxyType

from fakedocker.engine import errors
from fakedocker.engine.events import Events
from fakedocker.engine.filters import Filters
from fakedocker.engine.networks.endpoints import AddressConfig, Card, EndpointSettings, NetworkEndpoint, mac_address
from fakedocker.engine.networks.ipam import AddressedPool, Ipam, PoolConfig, listed, problems, take
from fakedocker.engine.networks.pools import Address, AddressSpace
from fakedocker.engine.profiles import Profile

HIGHEST_PORT = 65535


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A container's place in the network; all empty while it does not run. `ports`: private -> public.

    `network`: an id; those of one network reach each other. `names`: how they call it there. `links`: how it alone
    calls others, alias -> name. `forwards`: TCP ports of the host that lead to its own.
    """

    address: str = ""
    prefix_length: int = 0
    gateway: str = ""
    bridge: str = ""
    ports: dict[int, int] | None = None
    network: str = ""
    names: frozenset[str] = frozenset()
    links: Mapping[str, str] = field(default_factory=dict)
    forwards: Mapping[int, int] = field(default_factory=dict)
    hardware_address: str = ""

    @property
    def card(self) -> str:
        """The address of its network card, made of its IP address unless somebody chose another."""
        return self.hardware_address or mac_address(self.address or "0.0.0.0")

    def forwarded(self, public: int) -> int | None:
        """Return its own port to which one of the host leads, None if it does not lead here."""
        if public in self.forwards:
            return self.forwards[public]
        return next((private for private, port in (self.ports or {}).items() if port == public), None)


#: Who answers for the names of a network that somebody has made, and how its clients are to ask (libnetwork resolver).
EMBEDDED_SERVER, EMBEDDED_OPTION = "127.0.0.11", "ndots:0"


def resolv_conf(nameservers: Iterable[str], search: Iterable[str] = (), options: Iterable[str] = ()) -> bytes:
    """Return the /etc/resolv.conf that the daemon mounts in a container."""
    lines = [f"nameserver {server}" for server in nameservers]
    if domains := " ".join(search):
        lines.insert(0, f"search {domains}")
    if chosen := " ".join(options):
        lines.append(f"options {chosen}")
    return "".join(f"{line}\n" for line in lines).encode()


#: What every /etc/hosts begins with (libnetwork etchosts, up to 25.0).
LOCAL_HOSTS = (
    ("127.0.0.1", "localhost"),
    ("::1", "localhost ip6-localhost ip6-loopback"),
    ("fe00::0", "ip6-localnet"),
    ("ff00::0", "ip6-mcastprefix"),
    ("ff02::1", "ip6-allnodes"),
    ("ff02::2", "ip6-allrouters"),
)


def etc_hosts(hosts: Iterable[tuple[str, str]]) -> bytes:
    """Return the /etc/hosts that the daemon mounts in a container.

    `hosts`: (address, names) as they come after those of every host: extra hosts, linked containers, then the
    container's own, one for each of its networks (see `own_names`).
    """
    return "".join(f"{address}\t{names}\n" for address, names in (*LOCAL_HOSTS, *hosts)).encode()


def extra_host(text: str, gateway: str) -> tuple[str, str]:
    """Return the address and the name of "name:address"; the address "host-gateway" is the host's on the bridge."""
    name, _, address = text.partition(":")
    return gateway if address == "host-gateway" else address.strip("[]"), name


def own_names(hostname: str, domainname: str = "") -> str:
    """Return what a container is called in its own /etc/hosts: the full name, and the first part of it."""
    full = f"{hostname}.{domainname}" if domainname else hostname
    short = full.partition(".")[0]
    return f"{full} {short}" if short != full else full


#: Networks that are always there, by name: their driver.
PREDEFINED = MappingProxyType({"bridge": "bridge", "host": "host", "none": "null"})
#: What a network may not be called: the modes of networks that are no names.
RESERVED = frozenset({*PREDEFINED, "default"})
#: Drivers that the daemon has itself. Those of which there is only one network are in `PREDEFINED`, too.
DRIVERS = frozenset({"bridge", "host", "null", "macvlan", "ipvlan", "overlay"})
MTU = "com.docker.network.driver.mtu"
#: What macvlan and ipvlan can be told to do, the first by default.
MACVLAN_MODES = ("bridge", "private", "vepa", "passthru")
IPVLAN_MODES = ("l2", "l3", "l3s")
#: Since 25.0 (API 1.44) names are unique, and what is said is checked first.
CHECKED_FIRST = errors.CHECKED_FIRST


@dataclass(frozen=True, slots=True)
class NetworkConfig:
    """What a network is to be, in the words of whoever asked for it. `config_from`: the name of another one."""

    name: str
    driver: str = ""
    scope: str = ""
    internal: bool = False
    attachable: bool = False
    ingress: bool = False
    enable_ipv6: bool = False
    config_only: bool = False
    config_from: str = ""
    ipam: Ipam | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    check_duplicate: bool = False


@dataclass(eq=False)
class Network:
    """A network. `endpoints`: the id of a container that runs in it -> its place there. `created`: unix seconds."""

    id: str
    created: float
    config: NetworkConfig
    ipam: Ipam
    pools: list[AddressedPool] = field(default_factory=list)
    endpoints: dict[str, NetworkEndpoint] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.config.name

    @property
    def driver(self) -> str:
        return self.config.driver

    @property
    def predefined(self) -> bool:
        """Whether it is always there."""
        return PREDEFINED.get(self.name) == self.driver

    @property
    def subnets(self) -> list[str]:
        """The subnets that somebody asked for, not those that the daemon chose."""
        return [config.subnet for config in self.config_pools if config.subnet]

    @property
    def config_pools(self) -> tuple[PoolConfig, ...]:
        return (self.config.ipam and self.config.ipam.configs) or ()

    @property
    def attributes(self) -> dict[str, str]:
        """What its events tell of it."""
        return {"name": self.name, "type": self.driver}

    # -- addresses -----------------------------------------------------------------------

    def plug(self, endpoint_id: str, settings: EndpointSettings, *, gateway: bool, mac: str = "") -> Card:
        """Give a container its addresses. `gateway`: whether it is told the gateway of a network that leads nowhere.

        Raises InvalidParameter, Failure or Forbidden, and then nothing is given.
        """
        wished = settings.ipam or AddressConfig()
        ipv6 = wished.ipv6_address if self.config.enable_ipv6 else ""  # nobody minds a wish for what there is not
        taken: list[tuple[AddressedPool, Address]] = []
        try:
            for version, text in ((4, wished.ipv4_address), (6, ipv6)):
                found = self._request(version, text)
                taken += [found] if found else []
        except errors.DockerError:
            for pool, address in taken:
                pool.pool.release(address)
            raise
        card = Card(endpoint_id, mac_address=settings.mac_address or mac)
        for pool, address in taken:
            length, way_out = pool.pool.subnet.prefixlen, str(pool.gateway) if gateway else ""
            if address.version == 4:
                hardware = card.mac_address or mac_address(str(address))
                card = replace(card, address=str(address), prefix_length=length, gateway=way_out, mac_address=hardware)
            else:
                card = replace(card, ipv6_address=str(address), ipv6_prefix_length=length, ipv6_gateway=way_out)
        return card

    def unplug(self, card: Card) -> None:
        """Take a container's addresses back."""
        for text in filter(None, (card.address, card.ipv6_address)):
            address = ip_address(text)
            for pool in self.pools:
                if address in pool.pool.subnet:
                    pool.pool.release(address)

    def _request(self, version: int, text: str) -> tuple[AddressedPool, Address] | None:
        pools = [pool for pool in self.pools if pool.pool.subnet.version == version]
        if not text:
            if not pools:
                return None
            try:
                return pools[0], pools[0].pool.request()
            except errors.Failure:
                raise errors.network_is_full(version, self.name, self.id) from None
        try:
            address = ip_address(text)
        except ValueError:
            raise errors.invalid_address(version, text) from None
        for pool in pools:
            if address in pool.pool.subnet:
                return pool, pool.pool.request(address)
        raise errors.address_not_of_network(text)


class Networks:
    """All networks of a daemon."""

    def __init__(self, profile: Profile, new_id: Callable[[], str], now: Callable[[], float], events: Events) -> None:
        self._profile = profile
        self._new_id = new_id
        self._now = now
        self._events = events
        self._space = AddressSpace(gives_both=profile.newest >= CHECKED_FIRST)
        self._networks: dict[str, Network] = {}
        for name, driver in PREDEFINED.items() if profile.modern_versions else ():
            self._add(self._predefined(name, driver))

    def __iter__(self) -> Iterator[Network]:
        """Yield the networks, oldest first."""
        return iter(list(self._networks.values()))

    def __contains__(self, network: object) -> bool:
        return isinstance(network, Network) and network.id in self._networks

    @property
    def checks_first(self) -> bool:
        """Whether this daemon looks at all that is said before it tries anything."""
        return self._profile.newest >= CHECKED_FIRST

    # -- looking for one -----------------------------------------------------------------

    def find(self, term: str, among: Iterable[Network] | None = None) -> Network:
        """Return the network with this id or name, or whose id begins so.

        Raises NotFound, InvalidParameter (several fit).
        """
        return self._find(term, self if among is None else among, errors.ambiguous_network)

    def find_to_change(self, term: str) -> Network:
        """Return the network that a verb is about. Raises NotFound, InvalidParameter."""
        if not term:
            raise errors.invalid_name_or_id(term)
        return self._find(term, self, errors.ambiguous_network_for_verb)

    def _find(
        self,
        term: str,
        networks: Iterable[Network],
        ambiguous: Callable[[int, str, str], errors.DockerError],
    ) -> Network:
        networks = list(networks)
        for by, found in (
            ("ID", [one for one in networks if one.id == term]),
            ("name", [one for one in networks if one.name == term]),
            ("ID prefix", [one for one in networks if one.id.startswith(term)]),
        ):
            if len(found) == 1:
                return found[0]
            if found:
                raise ambiguous(len(found), term, by)
        raise errors.no_such_network(term)

    def select(self, filters: Filters) -> list[Network]:
        """Return the networks that filters let pass. Raises InvalidParameter, Failure."""
        filters.refuse_others(("driver", "type", "name", "id", "label", "scope", "dangling"))
        dangling = _dangling(filters)
        kinds = filters.values("type")
        for kind in kinds:
            if kind not in ("custom", "builtin"):
                raise errors.invalid_network_type(kind)
        return [
            network
            for network in self
            if filters.exact("driver", network.driver)
            and filters.match("name", network.name)
            and filters.match("id", network.id)
            and filters.labels("label", network.config.labels)
            and filters.exact("scope", network.config.scope)
            and (not kinds or ("builtin" if network.predefined else "custom") in kinds)
            and (dangling is None or dangling is not network.predefined)
        ]

    # -- the life of one -----------------------------------------------------------------

    def create(self, config: NetworkConfig, *, identity: str = "", created: float | None = None) -> tuple[Network, str]:
        """Make a network; return it and a warning. `identity`, `created`: of one that there was earlier.

        Raises InvalidParameter, Forbidden, Conflict, NotFound, Failure.
        """
        warning = self._check_name(config)
        if self.checks_first and config.ipam is not None:
            found = list(problems(config.ipam.configs or ()))
            if found:
                raise errors.invalid_network_config(listed(found))
        config = self._configured(replace(config, driver=config.driver or "bridge"))
        self._check_driver(config)
        ipam = config.ipam or Ipam()
        if ipam.driver not in ("", "default", "null"):
            raise errors.no_network_plugin(ipam.driver)
        pools: list[AddressedPool] = []
        configs = ipam.configs or ()
        if not config.config_only and config.driver != "null":
            pools = take(self._space, configs, ipv6=config.enable_ipv6, network=config.name)
            configs = tuple(pool.config for pool in pools)
        try:
            self._check_options(config, pools)
        except errors.DockerError:
            self._release(pools)
            raise
        shown = Ipam(ipam.driver or "default", ipam.options, configs)
        network = Network(identity or self._new_id(), self._now() if created is None else created, config, shown, pools)
        self._add(network)
        self._events.emit("network", "create", network.id, network.attributes)
        return network, warning

    def identify(self, name: str, identity: str) -> None:
        """Let a network that is always there have the id that it had with an earlier daemon."""
        network = self.find(name)
        del self._networks[network.id]
        network.id = identity
        self._networks[identity] = network

    def remove(self, network: Network) -> None:
        """Remove a network. Raises Forbidden: it is always there, or in use."""
        if network.predefined:
            raise errors.cannot_remove_predefined(network.name)
        if network.config.config_only and self._users(network):
            raise errors.configuration_in_use(network.name)
        if network.endpoints:
            raise errors.active_endpoints(network.name, network.id)
        self._release(network.pools)
        del self._networks[network.id]
        self._events.emit("network", "destroy", network.id, network.attributes)

    def prune(self, filters: Filters) -> list[str]:
        """Remove the networks that nobody uses and filters let pass; return their names.

        Raises InvalidParameter, Failure.
        """
        filters.refuse_others(("label", "label!", "until"))
        until = filters.until(self._now())
        removed = []
        for network in self:
            unused = not network.predefined and not network.endpoints and not self._users(network)
            old_enough = until is None or network.created <= until
            labels = network.config.labels
            if unused and old_enough and filters.labels("label", labels) and filters.labels_unlike(labels):
                self.remove(network)
                removed.append(network.name)
        self._events.emit("network", "prune", "", {"reclaimed": "0"})
        return removed

    # -- what may be said ----------------------------------------------------------------

    def _check_name(self, config: NetworkConfig) -> str:
        if config.name in RESERVED:
            raise errors.predefined_network(config.name)
        if not config.name.strip():
            raise errors.invalid_network_name(config.name)
        same = [network for network in self if network.name == config.name]
        if same and (config.check_duplicate or self.checks_first):
            raise errors.network_exists(config.name)
        return f"Network with name {config.name} (id : {same[0].id}) already exists" if same else ""

    def _configured(self, config: NetworkConfig) -> NetworkConfig:
        """Return a configuration with what it takes over from another network."""
        if config.config_only:
            if config.config_from:
                raise errors.configuration_depends()
            return replace(config, driver="null", scope="local")
        if not config.config_from:
            return config
        source = next((one for one in self if one.config.config_only and one.name == config.config_from), None)
        if source is None:
            raise errors.no_configuration_network(config.config_from)
        if (config.ipam is not None and config.ipam.configs) or config.options or config.labels:
            raise errors.configuration_of_its_own()
        return replace(
            config,
            ipam=source.config.ipam,
            options=source.config.options,
            labels=source.config.labels,
            enable_ipv6=source.config.enable_ipv6,
        )

    def _check_driver(self, config: NetworkConfig) -> None:
        if config.config_only:
            return
        if config.driver in ("host", "null"):
            raise errors.one_instance(config.driver)
        if config.scope == "swarm":
            raise errors.no_swarm_for_network()
        if config.driver == "overlay" or (config.scope == "global" and not self.checks_first):
            raise errors.no_swarm_manager()
        if config.ingress:
            raise errors.ingress_is_global()
        if config.driver not in DRIVERS:
            raise errors.no_network_plugin(config.driver)

    def _check_options(self, config: NetworkConfig, pools: Sequence[AddressedPool]) -> None:
        """See what a driver says of its options and pools."""
        options = config.options
        mtu = options.get(MTU, "0")
        if config.driver == "bridge":
            if not re.fullmatch(r"[+-]?[0-9]+", mtu):
                raise errors.invalid_driver_option(MTU, mtu)
            if sum(pool.pool.subnet.version == 4 for pool in pools) > 1:
                raise errors.several_subnets()
        if config.driver == "macvlan" and options.get("macvlan_mode", "") not in ("", *MACVLAN_MODES):
            raise errors.invalid_macvlan_mode(options["macvlan_mode"])
        if config.driver == "ipvlan" and options.get("ipvlan_mode", "") not in ("", *IPVLAN_MODES):
            raise errors.invalid_ipvlan_mode(options["ipvlan_mode"])

    # -- bookkeeping ---------------------------------------------------------------------

    def _predefined(self, name: str, driver: str) -> Network:
        config = NetworkConfig(name, driver)
        pools: list[AddressedPool] = []
        if driver == "bridge":
            pools = take(self._space, (), ipv6=False)
            config = replace(config, options=_default_bridge_options(self._profile.bridge))
        configs = tuple(pool.config for pool in pools) or None
        return Network(self._new_id(), self._now(), config, Ipam("default", None, configs), pools)

    def _add(self, network: Network) -> None:
        network.config = replace(network.config, scope=network.config.scope or "local")
        self._networks[network.id] = network

    def _release(self, pools: Iterable[AddressedPool]) -> None:
        for pool in pools:
            self._space.release(pool.pool)

    def _users(self, source: Network) -> list[Network]:
        """Return the networks that have taken a configuration over."""
        return [one for one in self if source.config.config_only and one.config.config_from == source.name]


def _default_bridge_options(name: str) -> dict[str, str]:
    prefix = "com.docker.network.bridge."
    return {
        f"{prefix}default_bridge": "true",
        f"{prefix}enable_icc": "true",
        f"{prefix}enable_ip_masquerade": "true",
        f"{prefix}host_binding_ipv4": "0.0.0.0",
        f"{prefix}name": name,
        MTU: "1500",
    }


def _dangling(filters: Filters) -> bool | None:
    """Return whether networks that nobody uses are wanted, or those that somebody does. Raises InvalidParameter."""
    values = filters.values("dangling")
    if not values:
        return None
    if len(values) > 1:
        raise errors.several_values("dangling")
    if values[0].lower() in ("true", "1"):
        return True
    if values[0].lower() in ("false", "0"):
        return False
    raise errors.invalid_dangling()
