"""Where the proxy waits for clients."""

from __future__ import annotations

import os
import socket
import stat
import threading
from pathlib import Path

import pytest
from toy_daemon import connect

from fakedocker.proxy.listener import Listener
from fakedocker.server import parse_address


def test_its_socket_is_for_its_owner_alone_and_goes_away(folder: Path) -> None:
    path = folder / "s"
    listener = Listener([parse_address(f"unix://{path}")])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    listener.close()
    assert not path.exists()


def test_clients_are_welcomed_until_it_stops(folder: Path) -> None:
    listener = Listener([parse_address(f"unix://{folder}/s"), parse_address("127.0.0.1:0")])
    welcomed = threading.Semaphore(0)

    def welcome(client: socket.socket) -> None:
        client.close()
        welcomed.release()

    thread = threading.Thread(target=listener.serve, args=(welcome,))
    thread.start()
    for address in listener.addresses:
        with connect(str(address)) as client:
            client.hears_the_end()
    assert welcomed.acquire(timeout=5)
    assert welcomed.acquire(timeout=5)
    listener.stop()
    thread.join(5)
    assert not thread.is_alive()
    listener.close()


def test_a_socket_that_nobody_listens_on_is_taken_over(folder: Path) -> None:
    left = socket.socket(socket.AF_UNIX)
    left.bind(str(folder / "s"))
    left.close()
    Listener([parse_address(f"unix://{folder}/s")]).close()


def test_a_place_that_is_taken_is_named_and_nothing_is_left(folder: Path) -> None:
    taken = Listener([parse_address(f"unix://{folder}/s")])
    with pytest.raises(OSError, match=f"cannot listen on unix://{folder}/s: Address already in use"):
        Listener([parse_address(f"unix://{folder}/t"), parse_address(f"unix://{folder}/s")])
    assert os.listdir(folder) == ["s"]
    taken.close()
