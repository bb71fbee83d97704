"""The server: listens at some addresses and serves one WSGI application, until it is closed."""

from __future__ import annotations

import errno
import itertools
import logging
import os
import socket
import stat
import threading
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from .address import Address
from .connection import Connection, Service
from .http1 import DateLine
from .limits import Limits
from .listening import listen_tcp, real_address, remove_stale_socket
from .pool import Pool
from .reactor import Listener, OnError, Reactor

if TYPE_CHECKING:
    from wsgiref.types import WSGIApplication

BACKLOG = 4096
WORKER_PATIENCE = 0.01  # seconds that close waits for requests still at work
REACTOR_PATIENCE = 1.0

_log = logging.getLogger("fakedocker.server")


class Server:
    """A threaded HTTP/1.1 server for one WSGI application. All its threads are daemons.

    `environ` is merged into the environ of every request: the same application may serve several servers,
    each with a state of its own. `on_error` gets whatever escapes the application, a source or a session,
    with "METHOD /path".
    """

    def __init__(
        self,
        app: WSGIApplication,
        addresses: Sequence[Address],
        *,
        environ: Mapping[str, object] | None = None,
        on_error: OnError | None = None,
        limits: Limits | None = None,
    ) -> None:
        self.addresses = list(addresses)
        self._app = app
        self._environ = dict(environ or {})
        self._on_error = on_error or _log_error
        self._limits = limits or Limits()
        self._lock = threading.Lock()
        self._closed = False
        self._reactor: Reactor | None = None
        self._pool: Pool | None = None
        self._socket_files: list[tuple[str, int, int]] = []
        self._socks: list[socket.socket] = []
        self._inherited: list[socket.socket] | None = None

    def start(self) -> None:
        """Listen, and serve from now on; `addresses` then has the real ports.

        Raises OSError, with nothing left behind, when one of the addresses cannot be had.
        """
        with self._lock:
            if self._reactor is not None or self._closed:
                raise RuntimeError("a server starts only once")
            socks, self._inherited = self._inherited or [], None
            try:
                for address in self.addresses[len(socks) :]:
                    socks.append(self._listen(address))
                reactor = Reactor(self._report)
            except BaseException:
                for sock in socks:
                    sock.close()
                self._remove_socket_files()
                raise
            self.addresses = [real_address(sock, address) for sock, address in zip(socks, self.addresses, strict=True)]
            pool = Pool(self._limits.idle_thread_seconds)
            service = Service(self._app, reactor, pool, self._limits, self._report, DateLine())
            for sock, address in zip(socks, self.addresses, strict=True):
                reactor.post(self._listener(sock, address, service))
            self._reactor, self._pool, self._socks = reactor, pool, socks
            reactor.start()

    def hand_over(self) -> Server:
        """Close, and return the server, yet to be started, that listens on in its place.

        Clients that connect meanwhile are not refused: they wait.
        """
        successor = Server(
            self._app, self.addresses, environ=self._environ, on_error=self._on_error, limits=self._limits
        )
        with self._lock:
            if self._closed or self._reactor is None:
                raise RuntimeError("only a server that runs can be succeeded")
            successor._inherited = [sock.dup() for sock in self._socks]
            successor._socket_files, self._socket_files = self._socket_files, []
        self.close()
        return successor

    def close(self) -> None:
        """Stop listening, end every stream, close every connection; may be called again, and from any thread.

        Requests still at work lose their sockets and are not waited for. The caller must hold no lock that
        a source or a session takes.
        """
        with self._lock:
            self._closed = True
            reactor, pool = self._reactor, self._pool
            self._remove_socket_files()
            for sock in self._inherited or ():
                sock.close()
        if reactor is not None and pool is not None:
            reactor.stop(REACTOR_PATIENCE)
            pool.close(WORKER_PATIENCE)

    def _report(self, error: BaseException, label: str) -> None:
        try:
            self._on_error(error, label)
        except BaseException as another:
            _log_error(another, label)

    def _listener(self, sock: socket.socket, address: Address, service: Service) -> Listener:
        unix = address.kind == "unix"
        environ = {
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            "wsgi.input_terminated": True,
            "SERVER_NAME": "localhost" if unix else address.host,
            "SERVER_PORT": "80" if unix else str(address.port),
            "REMOTE_ADDR": "@",  # as Go names the client of a unix socket
            **self._environ,
        }

        numbers = itertools.count(1)  # clients of a unix socket have no address to tell them apart by

        def welcome(client: socket.socket, peer: object) -> None:
            client.setblocking(False)
            if isinstance(peer, tuple):
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                client.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
                its_environ = {**environ, "REMOTE_ADDR": peer[0], "REMOTE_PORT": str(peer[1])}
            else:
                its_environ = {**environ, "fakedocker.connection": str(next(numbers))}
            Connection(client, service, its_environ).resume()

        return Listener(sock, service.reactor, welcome, str(address))

    # --- listening sockets ---

    def _listen(self, address: Address) -> socket.socket:
        try:
            sock = self._listen_unix(address) if address.kind == "unix" else listen_tcp(address, BACKLOG)
        except OSError as error:
            raise _named(error, address) from None
        sock.setblocking(False)
        return sock

    def _listen_unix(self, address: Address) -> socket.socket:
        remove_stale_socket(address.path)
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            sock.bind(address.path)
            made = os.stat(address.path)
            self._socket_files.append((address.path, made.st_dev, made.st_ino))
            os.chmod(address.path, stat.S_IMODE(made.st_mode) & ~stat.S_IWOTH)
            sock.listen(BACKLOG)
        except BaseException:
            sock.close()
            raise
        return sock

    def _remove_socket_files(self) -> None:
        files, self._socket_files = self._socket_files, []
        for path, device, inode in files:
            try:
                found = os.stat(path)
                if (found.st_dev, found.st_ino) == (device, inode):  # it may be somebody else's by now
                    os.unlink(path)
            except OSError:
                pass


def _named(error: OSError, address: Address) -> OSError:
    """The same error, saying which address it is about."""
    number = error.errno if error.errno is not None else errno.EINVAL
    return OSError(number, f"cannot listen on {address}: {error.strerror or error}")


def _log_error(error: BaseException, label: str) -> None:
    _log.error("%s failed", label, exc_info=error)
