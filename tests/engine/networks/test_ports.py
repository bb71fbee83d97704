"""Ports of the host: who has which, and who is in whose way."""

from __future__ import annotations

import errno

import pytest

from fakedocker.engine import errors
from fakedocker.engine.networks.ports import HostPorts, PortRequest

FIRST, LAST = 32768, 32772


@pytest.fixture
def ports() -> HostPorts:
    return HostPorts(FIRST, LAST)


def publish(ports: HostPorts, first: int = 0, last: int = 0, host_ip: str = "", protocol: str = "tcp") -> list[str]:
    published = ports.publish([PortRequest(80, protocol, host_ip, first, last or first)])
    return [f"{one.host_ip}:{one.public}" for one in published]


def test_a_port_is_published_for_both_kinds_of_addresses(ports: HostPorts) -> None:
    assert publish(ports, 8080) == ["0.0.0.0:8080", ":::8080"]


def test_a_port_is_published_at_the_address_that_is_named(ports: HostPorts) -> None:
    assert publish(ports, 8080, host_ip="127.0.0.1") == ["127.0.0.1:8080"]


def test_any_port_is_the_next_in_turn(ports: HostPorts) -> None:
    taken = ports.publish([PortRequest(80)])
    assert taken[0].public == FIRST
    ports.release(taken)
    assert publish(ports) == ["0.0.0.0:32769", ":::32769"]  # one that was given back comes last
    assert publish(ports, protocol="udp")[0] == "0.0.0.0:32768"  # every protocol counts for itself


def test_after_the_last_port_the_first_comes_and_then_none(ports: HostPorts) -> None:
    ports.release(ports.publish([PortRequest(80)]))
    found = [publish(ports)[0] for _ in range(LAST - FIRST + 1)]
    assert found[-1] == f"0.0.0.0:{FIRST}"
    with pytest.raises(errors.Failure, match=r"^all ports are allocated$"):
        publish(ports)


def test_a_port_that_is_taken_is_refused(ports: HostPorts) -> None:
    publish(ports, 8080)
    with pytest.raises(errors.Failure, match=r"^Bind for 0\.0\.0\.0:8080 failed: port is already allocated$"):
        publish(ports, 8080)


def test_another_protocol_is_another_port(ports: HostPorts) -> None:
    publish(ports, 8080)
    assert publish(ports, 8080, protocol="udp") == ["0.0.0.0:8080", ":::8080"]


@pytest.mark.parametrize(("one", "other"), [("", "127.0.0.2"), ("127.0.0.2", "")])
def test_all_addresses_and_one_are_in_each_others_way(ports: HostPorts, one: str, other: str) -> None:
    publish(ports, 8080, host_ip=one)
    place = (other or "0.0.0.0").replace(".", r"\.")
    text = f"^Error starting userland proxy: listen tcp4 {place}:8080: bind: address already in use$"
    with pytest.raises(errors.Failure, match=text):
        publish(ports, 8080, host_ip=other)


def test_two_addresses_are_not_in_each_others_way(ports: HostPorts) -> None:
    publish(ports, 8080, host_ip="127.0.0.1")
    assert publish(ports, 8080, host_ip="127.0.0.2") == ["127.0.0.2:8080"]
    assert publish(ports, 8080, host_ip="::1") == ["::1:8080"]


def test_a_range_is_gone_through_in_turn(ports: HostPorts) -> None:
    ports.release(ports.publish([PortRequest(80, first=8000, last=8002)]))
    assert publish(ports, 8000, 8002)[0] == "0.0.0.0:8001"


def test_of_a_range_a_free_port_is_taken(ports: HostPorts) -> None:
    assert publish(ports, 8000, 8001)[0] == "0.0.0.0:8000"
    assert publish(ports, 8000, 8001)[0] == "0.0.0.0:8001"
    with pytest.raises(errors.Failure, match=r"^all ports are allocated$"):
        publish(ports, 8000, 8001)


def test_where_one_port_fails_none_is_taken(ports: HostPorts) -> None:
    publish(ports, 8080)
    with pytest.raises(errors.Failure):
        ports.publish([PortRequest(1, first=9000, last=9000), PortRequest(2, first=8080, last=8080)])
    assert publish(ports, 9000) == ["0.0.0.0:9000", ":::9000"]


# -- ports that somebody really listens at ------------------------------------------------


class Proxy:
    """A host on which other programs have ports already: (address, port) -> the number of the error."""

    def __init__(self, taken: dict[tuple[str, int], int]) -> None:
        self.taken = taken
        self.listening: list[tuple[str, int]] = []

    def listen(self, host_ip: str, port: int) -> None:
        if (host_ip, port) in self.taken:
            raise OSError(self.taken[host_ip, port], "cannot be had")
        self.listening.append((host_ip, port))

    def hang_up(self, host_ip: str, port: int) -> None:
        if (host_ip, port) in self.listening:
            self.listening.remove((host_ip, port))


@pytest.fixture
def proxy(ports: HostPorts) -> Proxy:
    ports.proxy = Proxy({("0.0.0.0", 8081): errno.EADDRINUSE, ("::", 8082): errno.EADDRINUSE})
    return ports.proxy


def test_a_published_port_is_listened_at_until_it_is_given_back(ports: HostPorts, proxy: Proxy) -> None:
    taken = ports.publish([PortRequest(80, first=8080)])
    assert proxy.listening == [("0.0.0.0", 8080), ("::", 8080)]
    ports.release(taken)
    assert proxy.listening == []


def test_nobody_listens_at_a_port_of_udp(ports: HostPorts, proxy: Proxy) -> None:
    ports.release(ports.publish([PortRequest(53, "udp", first=8081)]))
    assert proxy.listening == []


@pytest.mark.parametrize(
    ("port", "host_ip", "error", "text"),
    [
        (8081, "", errno.EADDRINUSE, "listen tcp4 0.0.0.0:8081: bind: address already in use"),
        (8082, "", errno.EADDRINUSE, "listen tcp6 [::]:8082: bind: address already in use"),
        (80, "127.0.0.1", errno.EACCES, "listen tcp4 127.0.0.1:80: bind: permission denied"),
        (8083, "192.0.2.1", errno.EADDRNOTAVAIL, "listen tcp4 192.0.2.1:8083: bind: cannot assign requested address"),
    ],
)
def test_a_port_of_another_program_is_refused_in_the_daemons_words(
    ports: HostPorts, proxy: Proxy, port: int, host_ip: str, error: int, text: str
) -> None:
    """As dockerd 20.10 was seen to."""
    if host_ip:
        proxy.taken[host_ip, port] = error
    with pytest.raises(errors.Failure) as refused:
        ports.publish([PortRequest(79, first=8079), PortRequest(80, "tcp", host_ip, port, port)])
    assert str(refused.value) == f"Error starting userland proxy: {text}"
    assert proxy.listening == []
    assert publish(ports, 8079) == ["0.0.0.0:8079", ":::8079"]


def test_any_port_skips_those_that_other_programs_have(ports: HostPorts, proxy: Proxy) -> None:
    proxy.taken |= {("0.0.0.0", FIRST): errno.EADDRINUSE, ("::", FIRST + 1): errno.EADDRINUSE}
    assert publish(ports) == [f"0.0.0.0:{FIRST + 2}", f":::{FIRST + 2}"]
    assert proxy.listening == [("0.0.0.0", FIRST + 2), ("::", FIRST + 2)]


def test_a_range_is_refused_once_for_each_port_of_another_program(ports: HostPorts, proxy: Proxy) -> None:
    """As dockerd 20.10 was seen to: only where nobody said which, it looks for another one by itself."""
    del proxy.taken["::", 8082]
    with pytest.raises(errors.Failure, match=r"tcp4 0\.0\.0\.0:8081: bind: address already in use"):
        publish(ports, 8081, 8084)
    assert publish(ports, 8081, 8084) == ["0.0.0.0:8082", ":::8082"]


def test_no_port_is_left_if_other_programs_have_them_all(ports: HostPorts, proxy: Proxy) -> None:
    proxy.taken |= {("0.0.0.0", port): errno.EADDRINUSE for port in range(FIRST, LAST + 1)}
    with pytest.raises(errors.Failure, match=r"^all ports are allocated$"):
        publish(ports)
