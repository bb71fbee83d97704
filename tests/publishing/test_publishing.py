"""Ports that containers publish are listened at: where, from when to when, and what if they cannot be had."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from fakedocker.engine.errors import Failure
from fakedocker.fixtures import parse
from fakedocker.programs.conversations import echo

if TYPE_CHECKING:
    from publishing.conftest import Harbour

NewHarbour = Callable[..., "Harbour"]


def has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as sock:
            sock.bind(("::1", 0))
    except OSError:
        return False
    return True


needs_ipv6 = pytest.mark.skipif(not has_ipv6(), reason="the host has no IPv6")


def refused(port: int, address: str = "127.0.0.1") -> bool:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family) as sock:
        return sock.connect_ex((address, port)) != 0


def addresses_of(port: int) -> set[str]:
    """Return where the host listens at a port (/proc/net/tcp)."""
    found = set()
    with open("/proc/net/tcp") as table:
        for line in [*table][1:]:
            address, _, number = line.split()[1].partition(":")
            if line.split()[3] == "0A" and int(number, 16) == port:
                found.add(socket.inet_ntoa(bytes.fromhex(address)[::-1]))
    return found


@pytest.fixture
def harbour(harbour: Harbour) -> Harbour:
    harbour.daemon.service(7)(echo)
    return harbour


def test_a_published_port_listens_as_long_as_its_container_runs(harbour: Harbour, free_port: int) -> None:
    container = harbour.run(ports=(f"{free_port}:7",))
    client = harbour.connect(free_port)
    client.sendall(b"hello")
    assert client.recv(100) == b"hello"
    harbour.daemon.engine.kill(container)
    assert refused(free_port)
    harbour.daemon.engine.start(container)
    assert not refused(free_port)
    harbour.daemon.engine.kill(container)
    harbour.daemon.engine.remove(container)
    assert refused(free_port)


def test_any_port_is_told_as_it_is(harbour: Harbour) -> None:
    one, other = harbour.run(), harbour.run()
    assert harbour.port(one) != harbour.port(other)
    assert not refused(harbour.port(one))
    assert not refused(harbour.port(other))


def test_a_port_at_all_addresses_listens_on_loopback_only(harbour: Harbour) -> None:
    assert addresses_of(harbour.port(harbour.run())) == {"127.0.0.1"}


@needs_ipv6
def test_a_port_at_all_addresses_listens_with_ipv6_too(harbour: Harbour) -> None:
    client = harbour.connect(harbour.port(harbour.run()), "::1")
    client.sendall(b"six")
    assert client.recv(100) == b"six"


def test_a_port_at_one_address_of_loopback_listens_there(harbour: Harbour, free_port: int) -> None:
    harbour.run(ports=(f"127.0.0.2:{free_port}:7",))
    assert addresses_of(free_port) == {"127.0.0.2"}


def test_a_port_at_another_address_does_not_listen(harbour: Harbour, free_port: int) -> None:
    harbour.run(ports=(f"192.0.2.1:{free_port}:7",))
    assert addresses_of(free_port) == set()


def test_everywhere_means_all_interfaces_and_is_the_fixtures_to_say(new_harbour: NewHarbour, free_port: int) -> None:
    world = parse("publish: everywhere\nimages: [{name: base, layer: {busybox: true}}]")
    harbour = new_harbour(world, publish=None)
    container = harbour.run(ports=(f"{free_port}:7",))
    assert addresses_of(free_port) == {"0.0.0.0"}
    harbour.daemon.engine.kill(container)
    with pytest.raises(Failure, match=r"listen tcp4 192\.0\.2\.1:\d+: bind: cannot assign requested address"):
        harbour.run(ports=(f"192.0.2.1:{free_port}:7",))


@pytest.mark.parametrize(
    ("fixture", "option", "listens"),
    [("true", None, True), ("false", None, False), ("true", False, False), ("false", True, True)],
)
def test_the_option_goes_before_the_fixture(
    new_harbour: NewHarbour, free_port: int, fixture: str, option: bool | None, listens: bool
) -> None:
    world = parse(f"publish: {fixture}\nimages: [{{name: base, layer: {{busybox: true}}}}]")
    harbour = new_harbour(world, publish=option)
    harbour.run(ports=(f"{free_port}:7",))
    assert refused(free_port) is not listens


def test_without_the_option_no_port_listens(new_harbour: NewHarbour, free_port: int) -> None:
    new_harbour(publish=None).run(ports=(f"{free_port}:7",))
    assert refused(free_port)


def test_a_port_of_udp_does_not_listen(harbour: Harbour, free_port: int) -> None:
    harbour.run(ports=(f"{free_port}:7/udp",))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", free_port))  # it is still to be had


def test_a_container_does_not_start_if_another_program_has_its_port(harbour: Harbour) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Failure) as refusal:
            harbour.run(ports=("79", f"{port}:7"), name="web")
        container = harbour.daemon.engine.container("web")
        place = container.error.partition("(")[2].partition(")")[0]
        assert len(place) == 64
        assert container.error == str(refusal.value)
        assert container.error == (
            f"driver failed programming external connectivity on endpoint web ({place}): "
            f"Error starting userland proxy: listen tcp4 0.0.0.0:{port}: bind: address already in use"
        )
        assert (container.state.value, container.exit_code) == ("created", 128)
    harbour.daemon.engine.start("web")
    assert not refused(port)


def test_any_port_is_one_that_no_other_program_has(harbour: Harbour) -> None:
    first = harbour.port(harbour.run())
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        for port in range(first + 1, first + 20):
            try:
                with socket.create_server(("127.0.0.1", port)):
                    found = harbour.port(harbour.run())
            except OSError:
                continue
            assert found != port
            return
    pytest.fail("no port to take")


def test_containers_of_a_fixture_listen_from_the_beginning_and_after_a_reset(
    new_harbour: NewHarbour, free_port: int
) -> None:
    world = parse(
        "images: [{name: base, layer: {busybox: true}}]\n"
        "services: [{port: 7, echo: true}]\n"
        "containers: [{image: base, cmd: [sleep, '100000'], state: running, "
        f"config: {{PortSpecs: ['{free_port}:7']}}}}]"
    )
    harbour = new_harbour(world)
    before = harbour.connect(free_port)
    before.sendall(b"first")
    assert before.recv(100) == b"first"
    harbour.daemon.reset()
    assert before.recv(100) == b""
    after = harbour.connect(free_port)
    after.sendall(b"second")
    assert after.recv(100) == b"second"


def test_a_daemon_of_2013_listens_too(new_harbour: NewHarbour, free_port: int) -> None:
    harbour = new_harbour(profile="0.4")
    harbour.daemon.service(7)(echo)
    container = harbour.daemon.engine.run("base", "sleep", "100000", port_specs=(f"{free_port}:7",))
    client = harbour.connect(free_port)
    client.sendall(b"hello")
    assert client.recv(100) == b"hello"
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(Failure, match=r"^listen tcp 127\.0\.0\.1:\d+: address already in use$"),
    ):
        harbour.daemon.engine.run("base", "sleep", "9", port_specs=(f"{taken.getsockname()[1]}:7",))
    harbour.daemon.engine.kill(container)
    assert refused(free_port)


def test_nothing_is_left_of_a_daemon_that_was_closed(new_harbour: NewHarbour) -> None:
    def reactors() -> list[threading.Thread]:
        return [one for one in threading.enumerate() if one.name == "fakedocker-reactor"]

    before, files = {*reactors()}, len(os.listdir("/proc/self/fd"))
    harbour = new_harbour()
    harbour.daemon.service(7)(echo)
    assert {*reactors()} == before  # there is no thread before the first port
    ports = [harbour.port(harbour.run()) for _ in range(5)]
    clients = [harbour.connect(port) for port in ports for _ in range(5)]
    for client in clients:
        client.sendall(b"x")
        assert client.recv(1) == b"x"
    assert len({*reactors()} - before) == 1
    harbour.daemon.close()
    for client in clients:
        assert client.recv(1) == b""
        client.close()
    assert all(refused(port) for port in ports)
    assert {*reactors()} == before
    assert len(os.listdir("/proc/self/fd")) <= files
