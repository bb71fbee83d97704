"""The ports of one daemon that are listened at: opened and closed as containers start and end."""

from __future__ import annotations

import errno
from ipaddress import ip_address

from fakedocker.engine.networks.ports import ANY_IPV4, ANY_IPV6
from fakedocker.engine.networks.sockets import Silence, Socket, SocketAddress
from fakedocker.publishing.door import Door
from fakedocker.runtime import Runtime
from fakedocker.server import Address
from fakedocker.server.listening import listen_tcp
from fakedocker.server.reactor import OnError, Reactor

LOOPBACKS = {ANY_IPV4: "127.0.0.1", ANY_IPV6: "::1"}
#: What the host says when it has no IPv6.
NO_IPV6 = frozenset({errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT})
#: Clients of a port that may wait to be let in.
BACKLOG = 128
#: Seconds that closing waits for the thread.
PATIENCE = 1.0


class Publishing:
    """Listens at the ports that the containers of an engine publish (an `engine.networks.ports.UserlandProxy`).

    Where a container asks for all addresses of the host, that means those of loopback; `everywhere`: all. A port at an
    address that is not loopback's is listened at only then. `on_error` gets what goes wrong inside, and where.
    """

    def __init__(self, runtime: Runtime, on_error: OnError, *, everywhere: bool = False) -> None:
        self._runtime = runtime
        self._on_error = on_error
        self._everywhere = everywhere
        # All of these change under the runtime's lock.
        self._doors: dict[tuple[str, int], Door] = {}
        self._reactor: Reactor | None = None
        self._closed = False

    # -- for the engine, which holds the lock ------------------------------------------------

    def listen(self, host_ip: str, port: int) -> None:
        """Listen at a TCP port from now on. Raises OSError when it cannot be had."""
        address = self._address(host_ip)
        if address is None or self._closed:
            return
        try:
            sock = listen_tcp(Address("tcp", address, port), BACKLOG, ipv6_only=True)
            sock.setblocking(False)
        except OSError as error:
            if host_ip == ANY_IPV6 and error.errno in NO_IPV6:
                return
            raise
        try:
            reactor = self._running_reactor()
        except BaseException:
            sock.close()
            raise
        door = Door(sock, reactor, self._runtime, lambda: self._reach(host_ip, port), f"port {port}")
        self._doors[host_ip, port] = door
        reactor.post(door)

    def hang_up(self, host_ip: str, port: int) -> None:
        """Listen there no more, and drop whoever has come that way; a port that is not listened at does no harm."""
        door = self._doors.pop((host_ip, port), None)
        if door is not None:
            door.shut()

    def _address(self, host_ip: str) -> str | None:
        """Return where to listen really, None: nowhere."""
        if self._everywhere:
            return host_ip
        if host_ip in LOOPBACKS:
            return LOOPBACKS[host_ip]
        try:
            return host_ip if ip_address(host_ip).is_loopback else None
        except ValueError:
            return None

    def _running_reactor(self) -> Reactor:
        if self._reactor is None:
            reactor = Reactor(self._on_error)
            reactor.start()
            self._reactor = reactor
        return self._reactor

    # -- for clients -------------------------------------------------------------------------

    def _reach(self, host_ip: str, port: int) -> Socket | Silence | SocketAddress | None:
        """Return what a client is to talk to, None if nothing listens behind the port."""
        with self._runtime.engine() as engine:
            found = engine.behind(host_ip, port)
            if found is None:
                return None
            namespace, address, private = found
            try:
                return engine.network.enter(namespace, address, private)
            except OSError:
                return namespace.inetd.leads_to(private) if namespace.inetd is not None else None

    # -- the end -----------------------------------------------------------------------------

    def close(self) -> None:
        """Listen nowhere any more, and drop everybody. Idempotent; the caller must not hold the runtime's lock."""
        with self._runtime.lock:
            self._closed = True
            for door in self._doors.values():
                door.shut()
            self._doors.clear()
            reactor = self._reactor
        if reactor is not None:
            reactor.stop(PATIENCE)
