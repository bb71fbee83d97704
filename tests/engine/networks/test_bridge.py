"""The bridge of 2013: addresses and ports."""

from __future__ import annotations

import errno
from dataclasses import replace

import pytest

from fakedocker.engine.errors import Conflict, Failure, InvalidParameter
from fakedocker.engine.networks.bridge import Bridge, PortSpec
from fakedocker.engine.networks.networks import Endpoint
from fakedocker.engine.profiles import DOCKER_0_4


@pytest.fixture
def bridge() -> Bridge:
    return Bridge(DOCKER_0_4)


def connect(bridge: Bridge, *specs: str) -> Endpoint:
    return bridge.connect(PortSpec.parse(spec) for spec in specs)


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        ("80", PortSpec(80)),
        (":80", PortSpec(80, 80)),
        ("8080:80", PortSpec(80, 8080)),
        ("0", PortSpec(0)),
        ("65535", PortSpec(65535)),
        ("0080", PortSpec(80)),
    ],
)
def test_a_port_can_be_asked_for_in_three_ways(text: str, spec: PortSpec) -> None:
    assert PortSpec.parse(text) == spec


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", 'parsing "": invalid syntax'),
        ("x", 'parsing "x": invalid syntax'),
        ("80/tcp", 'parsing "80/tcp": invalid syntax'),
        ("-1", 'parsing "-1": invalid syntax'),
        (" 80", 'parsing " 80": invalid syntax'),
        ("80\n", "invalid syntax"),
        ("٨٠", 'parsing "٨٠": invalid syntax'),
        (":", 'parsing "": invalid syntax'),
        ("80:", 'parsing "": invalid syntax'),
        ("1:2:3", 'parsing "2:3": invalid syntax'),
        ("65536", 'parsing "65536": value out of range'),
        ("9" * 5000, "value out of range"),
    ],
)
def test_what_is_no_port_is_refused(text: str, problem: str) -> None:
    with pytest.raises(InvalidParameter) as error:
        PortSpec.parse(text)
    assert problem in str(error.value)


def test_addresses_and_random_ports_are_given_in_turn(bridge: Bridge) -> None:
    one, two = connect(bridge, "80", "81"), connect(bridge, "80")
    assert one == Endpoint("172.16.42.2", 24, "172.16.42.1", "docker0", {80: 49153, 81: 49154})
    assert (two.address, two.ports) == ("172.16.42.3", {80: 49155})


def test_what_was_given_back_is_not_given_again_at_once(bridge: Bridge) -> None:
    bridge.disconnect(connect(bridge, "80"))
    assert connect(bridge, "80") == Endpoint("172.16.42.3", 24, "172.16.42.1", "docker0", {80: 49154})


def test_a_public_port_can_be_asked_for_and_is_free_again_afterwards(bridge: Bridge) -> None:
    endpoint = connect(bridge, "8080:80", ":443")
    assert endpoint.ports == {80: 8080, 443: 443}
    with pytest.raises(Conflict, match="8080"):
        connect(bridge, "8080:81")
    bridge.disconnect(endpoint)
    assert connect(bridge, "8080:81").ports == {81: 8080}


def test_random_ports_leave_out_what_is_taken(bridge: Bridge) -> None:
    assert connect(bridge, "49153:1", "80").ports == {1: 49153, 80: 49154}


def test_a_conflict_takes_nothing(bridge: Bridge) -> None:
    connect(bridge, ":80")
    with pytest.raises(Conflict):
        connect(bridge, "1", ":81", ":80")
    assert connect(bridge, ":81", "1") == Endpoint("172.16.42.3", 24, "172.16.42.1", "docker0", {81: 81, 1: 49153})


def test_the_same_public_port_twice_is_a_conflict_with_oneself(bridge: Bridge) -> None:
    with pytest.raises(Conflict, match="80"):
        connect(bridge, "80:1", "80:2")
    assert connect(bridge, ":80").ports == {80: 80}


def test_a_private_port_named_twice_has_one_public_port_and_gives_it_back(bridge: Bridge) -> None:
    endpoint = connect(bridge, "80", "8080:80", "9090:80")
    assert endpoint.ports == {80: 9090}
    bridge.disconnect(endpoint)
    assert not bridge._ports
    assert not bridge._addresses


def test_addresses_can_run_out_and_come_back(bridge: Bridge) -> None:
    endpoints = [connect(bridge) for _ in range(253)]
    assert len({endpoint.address for endpoint in endpoints}) == 253
    assert not {"172.16.42.0", "172.16.42.1", "172.16.42.255"} & {endpoint.address for endpoint in endpoints}
    with pytest.raises(Failure, match="No unallocated IP available"):
        connect(bridge, ":80")
    bridge.disconnect(endpoints[100])
    assert connect(bridge, ":80").address == endpoints[100].address


def test_when_random_ports_run_out_nothing_is_taken() -> None:
    bridge = Bridge(replace(DOCKER_0_4, first_port=100, last_port=102))
    connect(bridge, "1")
    with pytest.raises(Failure):
        connect(bridge, ":80", "1", "2", "3")
    assert connect(bridge, ":80", "1", "2").ports is not None


def test_giving_nothing_back_is_fine(bridge: Bridge) -> None:
    bridge.disconnect(Endpoint())


class Proxy:
    """A host on which another program has port 49153 and 8080 already."""

    def __init__(self) -> None:
        self.listening: list[tuple[str, int]] = []

    def listen(self, host_ip: str, port: int) -> None:
        if port in (49153, 8080):
            raise OSError(errno.EADDRINUSE, "taken")
        self.listening.append((host_ip, port))

    def hang_up(self, host_ip: str, port: int) -> None:
        self.listening.remove((host_ip, port))


def test_a_public_port_is_listened_at_until_it_is_given_back(bridge: Bridge) -> None:
    bridge.proxy = proxy = Proxy()
    endpoint = connect(bridge, "8081:80", "443")
    assert proxy.listening == [("127.0.0.1", 8081), ("127.0.0.1", 49154)]  # the first random one is another program's
    bridge.disconnect(endpoint)
    assert proxy.listening == []


def test_a_public_port_of_another_program_is_refused(bridge: Bridge) -> None:
    bridge.proxy = proxy = Proxy()
    with pytest.raises(Failure, match=r"^listen tcp 127\.0\.0\.1:8080: address already in use$"):
        connect(bridge, "8079:79", "8080:80")
    assert proxy.listening == []
    assert connect(bridge, "8079:79").ports == {79: 8079}
