"""Networks: which there are, what may be said of them, the addresses they give; the names of hosts."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from fakedocker.engine import errors
from fakedocker.engine.clock import ManualClock
from fakedocker.engine.events import Events
from fakedocker.engine.filters import Filters
from fakedocker.engine.ids import Ids
from fakedocker.engine.networks.endpoints import AddressConfig, Card, EndpointSettings, NetworkEndpoint
from fakedocker.engine.networks.ipam import Ipam, PoolConfig
from fakedocker.engine.networks.networks import (
    MTU,
    Network,
    NetworkConfig,
    Networks,
    etc_hosts,
    extra_host,
    own_names,
)
from fakedocker.engine.profiles import DOCKER_0_4, DOCKER_20_10, DOCKER_26, Profile


def test_the_hosts_a_container_knows_are_those_of_every_host_and_then_its_own() -> None:
    # As dockerd 20.10 has it with --add-host db:1.2.3.4 --hostname web --domainname example.org.
    assert etc_hosts([("1.2.3.4", "db"), ("172.17.0.3", own_names("web", "example.org"))]) == (
        b"127.0.0.1\tlocalhost\n"
        b"::1\tlocalhost ip6-localhost ip6-loopback\n"
        b"fe00::0\tip6-localnet\n"
        b"ff00::0\tip6-mcastprefix\n"
        b"ff02::1\tip6-allnodes\n"
        b"ff02::2\tip6-allrouters\n"
        b"1.2.3.4\tdb\n"
        b"172.17.0.3\tweb.example.org web\n"
    )


@pytest.mark.parametrize(
    ("hostname", "domainname", "names"),
    [
        ("web", "", "web"),
        ("web.example.org", "", "web.example.org web"),
        ("web", "example.org", "web.example.org web"),
    ],
)
def test_a_container_is_called_by_its_full_name_and_the_first_part_of_it(
    hostname: str, domainname: str, names: str
) -> None:
    assert own_names(hostname, domainname) == names


def test_an_extra_host_may_be_the_host_itself() -> None:
    assert extra_host("db:10.0.0.5", "172.17.0.1") == ("10.0.0.5", "db")
    assert extra_host("db:[fd00::5]", "172.17.0.1") == ("fd00::5", "db")
    assert extra_host("host:host-gateway", "172.17.0.1") == ("172.17.0.1", "host")


# -- networks of today ------------------------------------------------------------------------------


class Lan:
    """The networks of a daemon, and what happened to them."""

    def __init__(self, profile: Profile) -> None:
        self.clock = ManualClock()
        self.events = Events(self.clock)
        self.networks = Networks(profile, Ids(random.Random(1).randbytes).new, self.clock.now, self.events)

    def create(self, name: str = "web", /, **config: Any) -> Network:
        return self.networks.create(NetworkConfig(name, **config))[0]

    def names(self, **filters: list[str]) -> list[str]:
        return [one.name for one in self.networks.select(Filters.of(**filters))]

    def pruned(self, **filters: list[str]) -> list[str]:
        return self.networks.prune(Filters.of(**filters))

    @property
    def told(self) -> list[tuple[str, str]]:
        return [(one.action, one.attributes.get("name", "")) for one in self.events.since(0)]


@pytest.fixture
def lan() -> Lan:
    return Lan(DOCKER_26)


@pytest.fixture
def old() -> Lan:
    return Lan(DOCKER_20_10)


def pools(*subnets: str) -> Ipam:
    return Ipam(configs=tuple(PoolConfig(subnet) for subnet in subnets))


def refused(do: Callable[[], object]) -> str:
    with pytest.raises(errors.DockerError) as refusal:
        do()
    return f"{type(refusal.value).__name__}: {refusal.value}"


def test_three_networks_are_always_there(lan: Lan) -> None:
    assert lan.names() == ["bridge", "host", "none"]
    assert [network.driver for network in lan.networks] == ["bridge", "host", "null"]
    bridge = lan.networks.find("bridge")
    assert [pool.subnet for pool in bridge.ipam.configs or ()] == ["172.17.0.0/16"]
    for network in lan.networks:
        text = f"Forbidden: {network.name} is a pre-defined network and cannot be removed"
        assert refused(lambda network=network: lan.networks.remove(network)) == text


def test_a_daemon_of_2013_has_no_networks() -> None:
    assert list(Lan(DOCKER_0_4).networks) == []


def test_a_network_is_found_by_name_id_and_the_beginning_of_its_id(lan: Lan) -> None:
    network = lan.create(labels={"a": "b"})
    for term in ("web", network.id, network.id[:12], network.id[:5]):
        assert lan.networks.find(term) is network
    assert refused(lambda: lan.networks.find("nonesuch")) == "NotFound: network nonesuch not found"
    assert lan.told == [("create", "web")]


def test_what_several_are_called_is_ambiguous(old: Lan) -> None:
    first = old.create("twin")
    second, warning = old.networks.create(NetworkConfig("twin"))
    assert warning == f"Network with name twin (id : {first.id}) already exists"
    text = "InvalidParameter: 2 matches found based on name: network twin is ambiguous"
    assert refused(lambda: old.networks.find("twin")) == text
    text = "InvalidParameter: network twin is ambiguous (2 matches found based on name)"
    assert refused(lambda: old.networks.find_to_change("twin")) == text
    old.networks.remove(first)
    assert old.networks.find("twin") is second


@pytest.mark.parametrize("name", ["bridge", "host", "none", "default"])
def test_names_of_modes_are_nobodys(lan: Lan, name: str) -> None:
    assert refused(lambda: lan.create(name)) == f"Forbidden: operation is not permitted on predefined {name} network "


def test_a_name_is_there_once(lan: Lan, old: Lan) -> None:
    for one in (lan, old):
        one.create()
    text = "Conflict: network with name web already exists"
    assert refused(lan.create) == text
    assert refused(lambda: old.create(check_duplicate=True)) == text


@pytest.mark.parametrize(
    ("config", "text"),
    [
        ({"driver": "nonesuch"}, 'NotFound: plugin "nonesuch" not found'),
        ({"driver": "host"}, 'Forbidden: only one instance of "host" network is allowed'),
        ({"driver": "null"}, 'Forbidden: only one instance of "null" network is allowed'),
        ({"driver": "overlay"}, "Forbidden: This node is not a swarm manager. Use "),
        ({"scope": "swarm"}, "Forbidden: cannot create a swarm scoped network when swarm is not active"),
        ({"ingress": True}, "Forbidden: Ingress network can only be global scope network"),
        ({"ipam": Ipam("nonesuch")}, 'NotFound: plugin "nonesuch" not found'),
        ({"options": {MTU: "x"}}, f"InvalidParameter: failed to parse {MTU} value: x "),
        ({"ipam": pools("10.1.0.0/24", "10.2.0.0/24")}, "Forbidden: bridge driver doesn't support multiple subnets"),
        (
            {"ipam": pools("x")},
            "InvalidParameter: invalid network config:\ninvalid subnet x: invalid CIDR block notation",
        ),
        ({"driver": "ipvlan", "options": {"ipvlan_mode": "x"}}, "Failure: requested ipvlan mode 'x' is not valid"),
        ({"driver": "macvlan", "options": {"macvlan_mode": "x"}}, "Failure: unknown macvlan mode: x"),
        ({"enable_ipv6": True}, "NotFound: could not find an available, non-overlapping IPv6 address pool"),
        ({"config_from": "nonesuch"}, 'NotFound: configuration network "nonesuch" does not exist'),
    ],
)
def test_what_cannot_be_is_refused_and_leaves_nothing(lan: Lan, config: dict[str, Any], text: str) -> None:
    assert refused(lambda: lan.create(**config)).startswith(text)
    assert lan.names() == ["bridge", "host", "none"]
    assert lan.create("all", ipam=pools("10.0.0.0/8"))  # no pool was kept


def test_a_name_has_to_be_one(lan: Lan) -> None:
    assert refused(lambda: lan.create(" ")) == "InvalidParameter: invalid name:  "
    lan.create("bad/name")  # it is not looked at closely


def test_a_configuration_is_taken_over(lan: Lan) -> None:
    source = lan.create("source", config_only=True, ipam=pools("10.99.0.0/24"), labels={"a": "b"})
    assert (source.driver, source.pools) == ("null", [])
    user = lan.create("user", config_from="source")
    assert (user.driver, str(user.pools[0].pool.subnet), user.config.labels) == ("bridge", "10.99.0.0/24", {"a": "b"})
    text = 'Forbidden: error while removing network: configuration network "source" is in use'
    assert refused(lambda: lan.networks.remove(source)) == text
    assert refused(lambda: lan.create("x", config_from="source", labels={"c": "d"})).startswith("Forbidden: user spec")
    assert refused(lambda: lan.create("x", config_only=True, config_from="source")).startswith("Forbidden: a config")
    lan.networks.remove(user)
    lan.networks.remove(source)


def test_a_pool_comes_back_with_the_end_of_its_network(lan: Lan) -> None:
    network = lan.create(ipam=pools("10.1.0.0/16"))
    assert refused(lambda: lan.create("other", ipam=pools("10.1.7.0/24"))) == (
        "Forbidden: Pool overlaps with other one on this address space"
    )
    lan.networks.remove(network)
    lan.create("other", ipam=pools("10.1.7.0/24"))
    assert lan.told == [("create", "web"), ("destroy", "web"), ("create", "other")]


def test_networks_are_filtered(lan: Lan) -> None:
    network = lan.create("web-one", labels={"color": "red"})
    lan.create("db", driver="macvlan")
    assert lan.names(name=["^web"]) == ["web-one"]
    assert lan.names(id=[network.id[:12]]) == ["web-one"]
    assert lan.names(label=["color=red"]) == ["web-one"]
    assert lan.names(driver=["macvlan", "host"]) == ["host", "db"]
    assert lan.names(type=["custom"]) == ["web-one", "db"]
    assert lan.names(type=["builtin"]) == ["bridge", "host", "none"]
    assert lan.names(scope=["swarm"]) == []
    assert lan.names(dangling=["true"]) == ["web-one", "db"]
    assert lan.names(dangling=["0"]) == ["bridge", "host", "none"]


@pytest.mark.parametrize(
    ("filters", "text"),
    [
        ({"type": ["x"]}, "Failure: invalid filter: 'type'='x'"),
        ({"color": ["x"]}, "InvalidParameter: invalid filter 'color'"),
        ({"dangling": ["x"]}, "InvalidParameter: invalid value for filter 'dangling', must be "),
        ({"dangling": ["0", "1"]}, 'InvalidParameter: got more than one value for filter key "dangling"'),
    ],
)
def test_filters_that_make_no_sense_are_refused(lan: Lan, filters: dict[str, list[str]], text: str) -> None:
    assert refused(lambda: lan.names(**filters)).startswith(text)


def test_pruning_removes_what_nobody_uses(lan: Lan) -> None:
    lan.create("kept", labels={"keep": "1"})
    lan.create("used").endpoints["container"] = NetworkEndpoint("used", EndpointSettings())
    lan.create("old")
    lan.clock.advance(3600)
    lan.create("new")
    assert lan.pruned(until=["10m"], **{"label!": ["keep"]}) == ["old"]
    assert lan.pruned() == ["kept", "new"]
    assert lan.pruned() == []
    assert refused(lambda: lan.pruned(color=["x"])) == "InvalidParameter: invalid filter 'color'"


def test_a_place_in_a_network_has_addresses_and_a_card(lan: Lan) -> None:
    network = lan.create(ipam=pools("10.5.0.0/24", "fd00::/64"), enable_ipv6=True)
    card = network.plug("endpoint", EndpointSettings(), gateway=True)
    assert card == Card(
        "endpoint", "10.5.0.2", 24, "10.5.0.1", "fd00::2", 64, "fd00::1", mac_address="02:42:0a:05:00:02"
    )
    network.unplug(card)
    assert network.plug("other", EndpointSettings(mac_address="02:00:00:00:00:01"), gateway=False) == Card(
        "other", "10.5.0.2", 24, "", "fd00::2", 64, "", mac_address="02:00:00:00:00:01"
    )


@pytest.mark.parametrize(
    ("wished", "text"),
    [
        (AddressConfig("10.5.0.1"), "Forbidden: Address already in use"),
        (AddressConfig("x"), "Failure: Invalid IPv4 address: x)"),
        (AddressConfig("10.6.0.1"), "Failure: Invalid address 10.6.0.1: It does not belong to any of this network's"),
        (AddressConfig("10.5.0.9", "fd01::1"), "Failure: Invalid address fd01::1: It does not belong to any of this"),
    ],
)
def test_an_address_that_cannot_be_had_takes_nothing(lan: Lan, wished: AddressConfig, text: str) -> None:
    network = lan.create(ipam=pools("10.5.0.0/24", "fd00::/64"), enable_ipv6=True)
    assert refused(lambda: network.plug("one", EndpointSettings(wished), gateway=True)).startswith(text)
    card = network.plug("one", EndpointSettings(AddressConfig("10.5.0.9")), gateway=True)
    assert (card.address, card.ipv6_address) == ("10.5.0.9", "fd00::2")


def test_a_network_without_room_says_so(lan: Lan) -> None:
    network = lan.create(ipam=pools("10.5.0.0/30"))
    network.plug("one", EndpointSettings(), gateway=True)
    text = f"Failure: no available IPv4 addresses on this network's address pools: web ({network.id})"
    assert refused(lambda: network.plug("two", EndpointSettings(), gateway=True)) == text
