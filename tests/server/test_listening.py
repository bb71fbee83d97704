"""Listeners: where they listen, what they leave alone, what they clean up."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from fakedocker.server.address import Address
from fakedocker.server.listening import listen_tcp, real_address, remove_stale_socket


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A path that is short enough for unix sockets."""
    monkeypatch.chdir(tmp_path)
    return Path("d.sock")


def listening(path: Path) -> socket.socket:
    sock = socket.socket(socket.AF_UNIX)
    sock.bind(str(path))
    sock.listen()
    return sock


def test_port_0_becomes_one() -> None:
    address = Address("tcp", host="127.0.0.1")
    with listen_tcp(address, 1) as sock:
        real = real_address(sock, address)
        assert real.port > 0
        assert str(real) == f"tcp://127.0.0.1:{real.port}"
        socket.create_connection((real.host, real.port), 5).close()


def test_a_unix_address_is_what_it_is(place: Path) -> None:
    address = Address("unix", path=str(place))
    with listening(place) as sock:
        assert real_address(sock, address) is address


def test_a_name_means_ipv4_first() -> None:
    with listen_tcp(Address("tcp", host="localhost"), 1) as sock:
        assert sock.family == socket.AF_INET
        assert real_address(sock, Address("tcp", host="localhost")).host == "127.0.0.1"


def test_a_port_can_be_had_again_at_once() -> None:
    with listen_tcp(Address("tcp", host="127.0.0.1"), 1) as sock:
        port = sock.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port), 5):
            taken, _ = sock.accept()
            taken.close()  # the daemon's side first, so that it is the one that lingers
    listen_tcp(Address("tcp", host="127.0.0.1", port=port), 1).close()


def test_a_port_that_is_taken_is_an_error_and_leaves_no_socket() -> None:
    with listen_tcp(Address("tcp", host="127.0.0.1"), 1) as sock:  # a leak would be a ResourceWarning
        address = Address("tcp", host="127.0.0.1", port=sock.getsockname()[1])
        with pytest.raises(OSError, match="in use"):
            listen_tcp(address, 1)


def test_a_host_that_there_is_not_is_an_error() -> None:
    with pytest.raises(socket.gaierror):
        listen_tcp(Address("tcp", host="no such host.invalid", port=1), 1)


def test_a_socket_on_which_nobody_listens_is_removed(place: Path) -> None:
    listening(place).close()
    assert place.exists()
    remove_stale_socket(str(place))
    assert not place.exists()


def test_a_socket_on_which_somebody_listens_stays(place: Path) -> None:
    with listening(place):
        remove_stale_socket(str(place))
        assert place.exists()


def test_a_socket_that_is_busy_stays(place: Path) -> None:
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind(str(place))
        sock.listen(0)
        waiting = [socket.socket(socket.AF_UNIX) for _ in range(3)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(str(place))
        remove_stale_socket(str(place))
        assert place.exists()
        for one in waiting:
            one.close()


def test_only_sockets_are_removed(place: Path) -> None:
    place.write_text("precious")
    remove_stale_socket(str(place))
    assert place.read_text() == "precious"


def test_a_link_is_not_followed(place: Path) -> None:
    listening(place).close()
    link = Path("link")
    link.symlink_to(place)
    remove_stale_socket(str(link))
    assert link.is_symlink()
    assert place.exists()


def test_nothing_is_removed_where_nothing_is(place: Path) -> None:
    remove_stale_socket(str(place))
    remove_stale_socket(str(place / "below" / "it"))
    assert not place.exists()
