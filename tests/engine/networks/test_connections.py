"""Containers in networks: who is where, who reaches whom, and which ports of the host lead there."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from fakedocker.engine import errors
from fakedocker.engine.containers.config import Config
from fakedocker.engine.containers.containers import Container
from fakedocker.engine.containers.hostconfig import HostConfig, PortBinding
from fakedocker.engine.networks.connections import Sandbox
from fakedocker.engine.networks.endpoints import AddressConfig, EndpointSettings
from fakedocker.engine.networks.ipam import Ipam, PoolConfig
from fakedocker.engine.networks.networks import NetworkConfig
from fakedocker.engine.processes.effects import Program, Sleep
from fakedocker.engine.processes.processes import Process
from fakedocker.engine.processes.runc import RUNC
from fakedocker.engine.profiles import DOCKER_20_10, DOCKER_26, Profile

if TYPE_CHECKING:
    from engine.conftest import World

NOTHING = EndpointSettings()
EXPOSED = {"80/tcp": {}, "53/udp": {}, "7000/tcp": {}}


def sleeps(process: Process) -> Program[int]:
    yield Sleep(1000)
    return 0


class Lan:
    """A daemon with the networks `a` and `b`, and `inner`, which leads nowhere."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.engine = world.engine
        world.shelf.bodies["program"] = sleeps
        for name, subnet in (("a", "10.1.0.0/24"), ("b", "10.2.0.0/24"), ("inner", "10.3.0.0/24")):
            ipam = Ipam(configs=(PoolConfig(subnet),))
            self.engine.networks.create(NetworkConfig(name, internal=name == "inner", ipam=ipam))

    def create(
        self, mode: str = "default", *, wishes: dict[str, EndpointSettings] | None = None, name: str = "", **host: Any
    ) -> Container:
        ports = host.pop("exposed_ports", None)
        config = Config(cmd=("/bin/program",), image="base", exposed_ports=ports, hostname=host.pop("hostname", ""))
        host_config = HostConfig(network_mode=mode, **host)
        return self.engine.create(
            config, self.world.image, name=name, host_config=host_config, init=RUNC, networks=wishes
        )

    def start(self, mode: str = "default", **how: Any) -> Container:
        container = self.create(mode, **how)
        self.engine.start(container)
        return container

    def sandbox(self, container: Container) -> Sandbox:
        return self.engine.connections.sandbox(container)

    def address(self, container: Container, network: str) -> str:
        return self.sandbox(container).endpoints[network].card.address

    def stop(self, container: Container) -> None:
        self.world.run(self.engine.stop(container, 1))

    def connect(self, name: str, container: Container, settings: EndpointSettings = NOTHING) -> None:
        self.engine.connect(self.engine.networks.find(name), container, settings)

    def disconnect(self, name: str, container: Container) -> None:
        self.engine.disconnect(self.engine.networks.find(name), container)

    def found(self, by: Container, name: str) -> str | None:
        """Return the address that a container finds for a name."""
        namespace = self.sandbox(by).namespace
        assert namespace is not None
        return namespace.look_up(name)

    def reaches(self, one: Container, address: str) -> bool:
        """Tell whether an echo comes back."""
        namespace = self.sandbox(one).namespace
        assert namespace is not None
        return namespace.round_trip(address) is not None

    def told(self) -> list[tuple[str, str]]:
        happened = [
            one for one in self.engine.events.since(0) if one.type == "network" and "container" in one.attributes
        ]
        return [(one.action, one.attributes["name"]) for one in happened]


@pytest.fixture
def lan(new_world: Callable[..., World]) -> Lan:
    return Lan(new_world(profile=DOCKER_26))


@pytest.fixture
def old(new_world: Callable[..., World]) -> Lan:
    return Lan(new_world(profile=DOCKER_20_10))


def refused(do: Callable[[], object]) -> str:
    with pytest.raises(errors.DockerError) as refusal:
        do()
    return f"{type(refusal.value).__name__}: {refusal.value}"


# -- the life of a container ----------------------------------------------------------------


def test_a_container_has_its_address_while_it_runs(lan: Lan) -> None:
    container = lan.create()
    assert lan.address(container, "bridge") == ""
    lan.engine.start(container)
    assert lan.address(container, "bridge") == "172.17.0.2"
    assert lan.address(lan.start(), "bridge") == "172.17.0.3"
    lan.stop(container)
    assert lan.address(container, "bridge") == ""
    assert lan.address(lan.start(), "bridge") == "172.17.0.2"  # what was given back is given again
    network = lan.engine.networks.find("bridge")
    assert container.id not in network.endpoints
    assert len(network.endpoints) == 2


def test_a_sandbox_is_another_one_in_every_run(lan: Lan) -> None:
    container = lan.start()
    first = lan.sandbox(container).id
    assert lan.sandbox(container).key == f"/var/run/docker/netns/{first[:12]}"
    lan.stop(container)
    assert lan.sandbox(container).id == first
    lan.engine.start(container)
    assert lan.sandbox(container).id != first


def test_a_wished_address_is_given(lan: Lan) -> None:
    container = lan.start("a", wishes={"a": EndpointSettings(AddressConfig("10.1.0.77"))})
    assert lan.address(container, "a") == "10.1.0.77"
    other = lan.create("a", wishes={"a": EndpointSettings(AddressConfig("10.1.0.77"))})
    assert refused(lambda: lan.engine.start(other)) == "Forbidden: Address already in use"
    assert lan.sandbox(other).namespace is None


def test_a_network_may_be_named_by_its_id(lan: Lan) -> None:
    identity = lan.engine.networks.find("a").id
    container = lan.start(identity, wishes={identity: EndpointSettings(aliases=("web",))})
    assert list(lan.sandbox(container).endpoints) == ["a"]


def test_a_network_that_is_gone_lets_no_container_start(lan: Lan) -> None:
    container = lan.start("a")
    lan.stop(container)
    network = lan.engine.networks.find("a")
    lan.engine.networks.remove(network)
    assert refused(lambda: lan.engine.start(container)) == f"NotFound: network {network.id} not found"
    late = lan.create("nonesuch")
    assert refused(lambda: lan.engine.start(late)) == "NotFound: network nonesuch not found"


def test_a_network_in_use_is_not_removed(lan: Lan) -> None:
    container = lan.start("a")
    network = lan.engine.networks.find("a")
    text = f"Forbidden: error while removing network: network a id {network.id} has active endpoints"
    assert refused(lambda: lan.engine.networks.remove(network)) == text
    lan.stop(container)
    lan.engine.networks.remove(network)


def test_what_a_refused_start_took_is_given_back(lan: Lan) -> None:
    container = lan.create("a", wishes={"a": NOTHING, "b": EndpointSettings(AddressConfig("10.2.0.1"))})
    assert refused(lambda: lan.engine.start(container)) == "Forbidden: Address already in use"
    assert not lan.engine.networks.find("a").endpoints
    assert lan.told() == [("connect", "a")]
    assert lan.address(lan.start("a"), "a") == "10.1.0.2"


def test_modes_without_a_network_of_ones_own(lan: Lan) -> None:
    alone, host = lan.start("none"), lan.start("host")
    assert lan.sandbox(alone).endpoints["none"].card.endpoint_id
    assert lan.address(alone, "none") == ""
    assert lan.sandbox(host).key == "/var/run/docker/netns/default"
    assert lan.sandbox(host).namespace is lan.engine.network.host


def test_a_container_may_share_the_network_of_another(lan: Lan) -> None:
    owner = lan.start("a")
    guest = lan.start(f"container:{owner.name}")
    assert lan.sandbox(guest).namespace is lan.sandbox(owner).namespace
    assert lan.sandbox(guest).endpoints == {}
    lan.stop(guest)
    assert lan.address(owner, "a") == "10.1.0.2"
    lan.stop(owner)
    text = f"Conflict: cannot join network of a non running container: {owner.name}"
    assert refused(lambda: lan.engine.start(guest)) == text
    late = lan.create("container:nonesuch")
    assert refused(lambda: lan.engine.start(late)) == "NotFound: No such container: nonesuch"


def test_several_networks_from_the_beginning(lan: Lan) -> None:
    container = lan.start("a", wishes={"a": NOTHING, "b": NOTHING})
    assert (lan.address(container, "a"), lan.address(container, "b")) == ("10.1.0.2", "10.2.0.2")


def test_todays_daemon_looks_at_wishes_first(lan: Lan, old: Lan) -> None:
    wishes = {"default": EndpointSettings(AddressConfig("172.17.0.9"), aliases=("x",))}
    assert refused(lambda: lan.engine.connections.check_wishes("default", wishes)) == (
        "InvalidParameter: invalid config for network bridge: invalid endpoint settings:\n"
        "* user specified IP address is supported on user defined networks only\n"
        "* network-scoped alias is supported only for containers in user defined networks\n"
        "* user specified IP address is supported only when connecting to networks with user configured subnets"
    )
    old.engine.connections.check_wishes("default", wishes)
    text = "InvalidParameter: user specified IP address is supported on user defined networks only"
    assert refused(lambda: old.start(wishes=wishes)) == text
    wishes = {"default": EndpointSettings(aliases=("x",))}
    text = "InvalidParameter: network-scoped alias is supported only for containers in user defined networks"
    assert refused(lambda: old.start(wishes=wishes)) == text


# -- connect and disconnect -----------------------------------------------------------------


@pytest.mark.parametrize("running", [False, True])
def test_a_container_comes_and_goes(lan: Lan, running: bool) -> None:
    container = lan.start("a") if running else lan.create("a")
    lan.connect("b", container, EndpointSettings(aliases=("web",)))
    assert lan.address(container, "b") == ("10.2.0.2" if running else "")
    lan.disconnect("b", container)
    assert list(lan.sandbox(container).endpoints) == ["a"]
    assert not lan.engine.networks.find("b").endpoints
    assert lan.told() == [
        *([("connect", "a"), ("connect", "b"), ("disconnect", "b")] if running else []),
        ("disconnect", "b"),  # the daemon tells of a running one twice
    ]


def test_a_container_is_in_a_network_once(lan: Lan) -> None:
    container = lan.start("a", name="web")
    assert (
        refused(lambda: lan.connect("a", container)) == "Forbidden: endpoint with name web already exists in network a"
    )
    stopped = lan.create("a")
    lan.connect("a", stopped)  # nothing happens


def test_who_is_not_there_cannot_leave(lan: Lan) -> None:
    container = lan.start("a")
    assert refused(lambda: lan.disconnect("b", container)) == (
        f"Failure: container {container.id} is not connected to network b"
    )
    lan.stop(container)
    assert refused(lambda: lan.disconnect("b", container)) == (
        f"Failure: container {container.id} is not connected to the network b"
    )


def test_modes_do_not_mix(lan: Lan) -> None:
    host, alone, plain = lan.start("host"), lan.start("none"), lan.start("a")
    guest = lan.start(f"container:{plain.name}")
    shared = "InvalidParameter: container sharing network namespace with another container or host cannot be connected"
    assert refused(lambda: lan.connect("a", host)).startswith(shared)
    assert refused(lambda: lan.connect("a", guest)).startswith(shared)
    assert refused(lambda: lan.connect("host", plain)).startswith("InvalidParameter: container cannot be disconnected")
    assert refused(lambda: lan.disconnect("host", host)).startswith("InvalidParameter: container cannot be disconnec")
    assert refused(lambda: lan.connect("none", plain)).startswith("InvalidParameter: container cannot be connected to")
    assert refused(lambda: lan.connect("a", alone)).startswith("InvalidParameter: container cannot be connected to")
    lan.disconnect("none", alone)
    lan.connect("a", alone)


def test_wishes_that_cannot_be_are_refused(lan: Lan, old: Lan) -> None:
    wish = EndpointSettings(AddressConfig("10.9.0.1"))
    for one, text in (
        (lan, "InvalidParameter: invalid endpoint settings:\nno configured subnet or ip-range contain the IP address "),
        (old, "Failure: Invalid address 10.9.0.1: It does not belong to any of this network's subnets"),
    ):
        container = one.start("a")
        assert refused(lambda one=one, container=container: one.connect("b", container, wish)).startswith(text)
        assert list(one.sandbox(container).endpoints) == ["a"]


# -- names and isolation --------------------------------------------------------------------


def test_names_are_known_in_networks_of_users(lan: Lan) -> None:
    web = lan.start("a", name="web", wishes={"a": EndpointSettings(aliases=("www",))}, hostname="box")
    other, elsewhere = lan.start("a"), lan.start("b")
    for name in ("web", "www", "box", web.id[:12]):
        assert lan.found(other, name) == "10.1.0.2"
        assert lan.found(elsewhere, name) is None
    lan.connect("b", web)
    assert lan.found(elsewhere, "web") == "10.2.0.3"
    assert lan.found(elsewhere, "www") is None  # an alias holds in its own network
    lan.stop(web)
    assert lan.found(other, "web") is None


def test_a_new_name_is_known_at_once(lan: Lan) -> None:
    web, other = lan.start("a", name="web"), lan.start("a")
    lan.engine.rename(web, "shop")
    assert (lan.found(other, "shop"), lan.found(other, "web")) == ("10.1.0.2", None)
    assert lan.sandbox(web).endpoints["a"].dns_names == ("shop", web.id[:12])


def test_in_the_default_network_nobody_has_a_name(lan: Lan) -> None:
    lan.start(name="web")
    assert lan.found(lan.start(), "web") is None


def test_a_link_is_a_name_for_one(lan: Lan) -> None:
    lan.start("a", name="db")
    web = lan.start("a", wishes={"a": EndpointSettings(links=("db:store",))})
    assert lan.found(web, "store") == "10.1.0.2"
    assert lan.found(lan.start("a"), "store") is None


def test_in_the_default_network_links_stand_in_the_hosts_file(lan: Lan) -> None:
    database = lan.start(name="db", hostname="store")
    web = lan.start(links=("db:data", "nonesuch:x"))
    assert list(lan.engine.connections.hosts(web)) == [("172.17.0.2", "data store db")]
    lan.stop(database)
    assert list(lan.engine.connections.hosts(web)) == []


def test_networks_are_worlds_of_their_own(lan: Lan) -> None:
    one, same, other = lan.start("a"), lan.start("a"), lan.start("b")
    assert lan.reaches(one, lan.address(same, "a"))
    assert not lan.reaches(one, lan.address(other, "b"))
    lan.connect("a", other)
    assert lan.reaches(one, lan.address(other, "a"))
    assert lan.reaches(lan.start("host"), lan.address(one, "a"))


def test_a_network_that_leads_nowhere_has_no_gateway(lan: Lan, old: Lan) -> None:
    container = lan.start("inner")
    assert lan.sandbox(container).endpoints["inner"].card.gateway == ""
    with pytest.raises(OSError, match="unreachable"):
        lan.reaches(container, "8.8.8.8")
    assert old.sandbox(old.start("inner")).endpoints["inner"].card.gateway == "10.3.0.1"  # it is only told


# -- ports ----------------------------------------------------------------------------------


def ports(lan: Lan, container: Container) -> dict[str, list[str]]:
    found = lan.sandbox(container).ports or {}
    return {port: [f"{one.host_ip}:{one.public}" for one in published] for port, published in found.items()}


def bound(**places: str) -> dict[str, tuple[PortBinding, ...]]:
    return {f"{port[1:]}/tcp": (PortBinding("", place),) for port, place in places.items()}


def test_ports_are_published_while_a_container_runs(lan: Lan) -> None:
    bindings = {
        "80/tcp": (PortBinding("", "8080"), PortBinding("127.0.0.1", "8081")),
        "53/udp": (PortBinding(),),
        "444/tcp": (PortBinding("", "444"),),  # nobody exposes it
    }
    container = lan.create("a", port_bindings=bindings, exposed_ports=EXPOSED)
    assert ports(lan, container) == {}
    lan.engine.start(container)
    assert ports(lan, container) == {
        "80/tcp": ["127.0.0.1:8081", "0.0.0.0:8080", ":::8080"],
        "53/udp": ["0.0.0.0:32768", ":::32768"],
        "7000/tcp": [],
    }
    lan.stop(container)
    assert ports(lan, container) == {}
    lan.engine.start(container)
    assert ports(lan, container)["80/tcp"][1] == "0.0.0.0:8080"


def test_all_exposed_ports_can_be_published(lan: Lan) -> None:
    container = lan.start("a", publish_all_ports=True, port_bindings=bound(p80="8080"), exposed_ports=EXPOSED)
    assert ports(lan, container) == {
        "80/tcp": ["0.0.0.0:8080", ":::8080"],
        "53/udp": ["0.0.0.0:32768", ":::32768"],
        "7000/tcp": ["0.0.0.0:32768", ":::32768"],
    }


@pytest.mark.parametrize(
    ("wished", "given"), [("8125/udp", "8125"), ("8000-8002/tcp", "8000"), ("8080/", "8080"), ("/udp", "32768")]
)
def test_a_protocol_in_the_hosts_port_does_not_matter(lan: Lan, wished: str, given: str) -> None:
    container = lan.start("a", port_bindings={"80/tcp": (PortBinding("", wished),)}, exposed_ports={"80/tcp": {}})
    assert ports(lan, container) == {"80/tcp": [f"0.0.0.0:{given}", f":::{given}"]}
    assert container.host_config.port_bindings == {"80/tcp": (PortBinding("", wished),)}


def test_a_port_that_is_taken_lets_no_container_start(lan: Lan) -> None:
    lan.start("a", port_bindings=bound(p80="8080"), exposed_ports=EXPOSED)
    other = lan.create("a", name="other", port_bindings=bound(p80="8080", p7000="9000"), exposed_ports=EXPOSED)
    text = refused(lambda: lan.engine.start(other))
    assert text.startswith("Failure: driver failed programming external connectivity on endpoint other (")
    assert text.endswith("): Bind for 0.0.0.0:8080 failed: port is already allocated")
    assert (ports(lan, other), lan.address(other, "a")) == ({}, "")
    assert lan.start("a", port_bindings=bound(p80="9000"), exposed_ports=EXPOSED)


def test_ports_lead_to_the_network_by_which_a_container_leaves(lan: Lan) -> None:
    container = lan.start("b", publish_all_ports=True, exposed_ports={"80/tcp": {}})
    assert ports(lan, container) == {"80/tcp": ["0.0.0.0:32768", ":::32768"]}
    lan.connect("inner", container)
    assert ports(lan, container) == {"80/tcp": ["0.0.0.0:32768", ":::32768"]}
    lan.connect("a", container)  # the first by name
    assert ports(lan, container) == {"80/tcp": ["0.0.0.0:32769", ":::32769"]}
    assert lan.sandbox(container).exit is lan.engine.networks.find("a")
    lan.disconnect("a", container)
    assert lan.sandbox(container).exit is lan.engine.networks.find("b")
    lan.disconnect("b", container)
    assert ports(lan, container) == {}


def test_others_reach_a_published_port_at_their_gateway(lan: Lan) -> None:
    web = lan.start("a", port_bindings=bound(p80="8080"), exposed_ports=EXPOSED)
    namespace = lan.sandbox(web).namespace
    assert namespace is not None
    namespace.listen("0.0.0.0", 80)
    other = lan.sandbox(lan.start("b")).namespace
    assert other is not None
    assert other.connect("10.2.0.1", 8080)
    with pytest.raises(ConnectionRefusedError):
        other.connect("10.2.0.1", 8081)


@pytest.mark.parametrize("profile", [DOCKER_20_10, DOCKER_26], ids=lambda profile: profile.name)
def test_what_a_daemon_shows_of_names_is_its_own(new_world: Callable[..., World], profile: Profile) -> None:
    lan = Lan(new_world(profile=profile))
    container = lan.start("a", name="web", wishes={"a": EndpointSettings(aliases=("x",))}, hostname="box")
    endpoint = lan.sandbox(container).endpoints["a"]
    short = container.id[:12]
    assert endpoint.settings.aliases == (("x",) if profile is DOCKER_26 else ("x", short, "box"))
    assert endpoint.dns_names == ("web", "x", short, "box")
