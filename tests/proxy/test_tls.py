"""A TLS connection as two threads use it."""

from __future__ import annotations

import contextlib
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from certificates import daemons_side, make_certificates
from toy_daemon import Peer, ToyDaemon, connect

from fakedocker.proxy.tls import TlsFiles
from fakedocker.proxy.upstream import UnreachableError, parse_upstream

GET = b"GET /_ping HTTP/1.1\r\nHost: docker\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK"


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an authority, and certificates of a daemon at 127.0.0.1 and of a client."""
    return make_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def kind() -> str:
    return "tcp"


@pytest.fixture
def files(certificates: Path) -> TlsFiles:
    """What a client has to have."""
    return TlsFiles(True, *(str(certificates / name) for name in ("ca.pem", "client.pem", "client-key.pem")))


@pytest.fixture
def context(certificates: Path) -> ssl.SSLContext:
    """The daemon's side: who has no certificate of the authority is sent away."""
    return daemons_side(certificates)


@pytest.fixture
def ends(
    toy: ToyDaemon, record: Callable[..., Any], files: TlsFiles, context: ssl.SSLContext
) -> Iterator[tuple[Peer, Peer]]:
    """A client without TLS, a recorder, and behind it a daemon that speaks nothing else."""
    recording = record(toy.url, parse_upstream(toy.url, files))
    client = connect(recording.url)
    daemon = toy.accepts()
    daemon = Peer(context.wrap_socket(daemon.sock, server_side=True))
    yield client, daemon
    client.leaves()
    daemon.leaves()


def test_requests_pass(ends: tuple[Peer, Peer]) -> None:
    client, daemon = ends
    for _ in range(3):
        client.says(GET)
        daemon.hears(GET)
        daemon.says(OK)
        client.hears(OK)


def test_a_client_may_close_its_side_and_still_hear_the_answer(ends: tuple[Peer, Peer]) -> None:
    client, daemon = ends
    client.says(b"all")
    client.ends()
    daemon.hears(b"all")
    daemon.hears_the_end()
    daemon.says(b"the answer" * 10_000)
    client.hears(b"the answer" * 10_000)


def test_the_daemons_farewell_reaches_the_client(ends: tuple[Peer, Peer]) -> None:
    client, daemon = ends
    daemon.says(b"bye")
    assert isinstance(daemon.sock, ssl.SSLSocket)
    daemon.sock.settimeout(0.01)
    with contextlib.suppress(TimeoutError):
        daemon.sock.unwrap()  # which says farewell, and would wait for the client's
    client.hears(b"bye")
    client.hears_the_end()


def test_much_passes_both_ways_at_once(ends: tuple[Peer, Peer]) -> None:
    client, daemon = ends
    there, back = b"there" * 200_000, b"back!" * 200_000
    speaker = threading.Thread(target=client.says, args=(there,))
    speaker.start()
    daemon.hears(there)
    speaker.join()
    speaker = threading.Thread(target=daemon.says, args=(back,))
    speaker.start()
    client.hears(back)
    speaker.join()


@pytest.mark.parametrize("trusted", [True, False])
def test_a_daemon_of_another_authority_is_refused_if_it_matters(
    toy: ToyDaemon, certificates: Path, context: ssl.SSLContext, trusted: bool
) -> None:
    client = str(certificates / "client.pem"), str(certificates / "client-key.pem")
    upstream = parse_upstream(toy.url, TlsFiles(trusted, str(certificates / "client.pem"), *client))

    def answer() -> None:
        try:
            with Peer(context.wrap_socket(toy.accepts().sock, server_side=True)) as peer:
                peer.hears_no_more()
        except OSError:
            pass  # it was refused

    daemon = threading.Thread(target=answer)
    daemon.start()
    if trusted:
        with pytest.raises(UnreachableError, match="certificate verify failed"):
            upstream.connect()
    else:
        upstream.connect().close()
    daemon.join()
