"""Sockets: simulated TCP between containers, and to whatever else a fixture's world has.

Rules of the room: nothing here ever touches the host's network; bytes go through pipes from one process to another.
A connection is there at once or refused at once, and where nobody answers it takes the time that Linux takes to
give up. Sockets are descriptors: they are closed with the last process that holds them.
"""

from __future__ import annotations

import errno
import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv4Interface
from typing import NamedTuple, NoReturn, Protocol

from fakedocker.engine.networks.networks import HIGHEST_PORT, Endpoint
from fakedocker.engine.processes.descriptors import Descriptor, Pipe
from fakedocker.engine.watch import Watch

ANY, LOOPBACK = "0.0.0.0", "127.0.0.1"
#: Connections that may wait to be accepted (net.core.somaxconn).
BACKLOG = 128
#: Where the ports of those who connect come from (net.ipv4.ip_local_port_range).
FIRST_EPHEMERAL, LAST_EPHEMERAL = 32768, 60999
#: Only root may listen on ports below this one.
FIRST_UNPRIVILEGED = 1024
#: Seconds until Linux gives up: on a neighbour that is not there (three ARP requests), on anybody else (six SYNs).
NEIGHBOUR_TIMEOUT, CONNECT_TIMEOUT = 3.0, 127.0
#: Seconds there and back: inside a container, over the bridge, to the world outside.
ROUND_TRIPS = {"own": 0.00005, "bridge": 0.0001, "outside": 0.012}


class SocketAddress(NamedTuple):
    """One end of a connection."""

    address: str
    port: int

    def __str__(self) -> str:
        return f"{self.address}:{self.port}"


class Socket(Descriptor):
    """One side of a connection: what it reads the other side wrote."""

    def __init__(self, local: SocketAddress, remote: SocketAddress) -> None:
        super().__init__()
        self.local = local
        self.remote = remote

    def shut_down(self) -> None:
        """Write no more: the other side reads the end; reading goes on."""
        raise NotImplementedError


class Connection(Socket):
    """A side of a connection between two processes."""

    def __init__(
        self, namespace: Namespace, local: SocketAddress, remote: SocketAddress, incoming: Pipe, outgoing: Pipe
    ) -> None:
        super().__init__(local, remote)
        self._namespace = namespace
        self._incoming = incoming
        self._outgoing = outgoing
        incoming.reader.ready.subscribe(self.ready.notify)
        outgoing.writer.ready.subscribe(self.ready.notify)
        namespace.connections.append(self)

    @property
    def unheard(self) -> bool:
        """Whether the other side reads no more."""
        return self._outgoing.reader_gone

    def read(self, size: int) -> bytes | None:
        return self._incoming.take(size)

    def write(self, data: bytes) -> int:
        if self._outgoing.writer_gone:
            raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))
        return self._outgoing.put(data)

    def shut_down(self) -> None:
        self._outgoing.writer.close()

    def close(self) -> None:
        self._namespace.connections.remove(self)
        self._incoming.reader.close()
        self._outgoing.writer.close()


class Listener(Descriptor):
    """A port on which connections are waited for."""

    def __init__(self, namespace: Namespace, local: SocketAddress) -> None:
        super().__init__()
        self.local = local
        self._namespace = namespace
        self._waiting: deque[Connection] = deque()
        #: Notified when there is room for one more connection again.
        self.room = Watch()

    @property
    def full(self) -> bool:
        """Whether so many connections wait that nobody answers a further one."""
        return len(self._waiting) >= BACKLOG

    def offer(self, connection: Connection) -> None:
        """Let a connection wait to be accepted."""
        self._waiting.append(connection)
        self.ready.notify()

    def accept(self) -> Connection | None:
        """Return the connection that has waited longest; None when there is none."""
        if not self._waiting:
            return None
        connection = self._waiting.popleft()
        self.room.notify()
        return connection

    def close(self) -> None:
        self._namespace.listeners.remove(self)
        while self._waiting:
            self._waiting.popleft().close()
        self.room.notify()  # whoever waits for room is refused now


@dataclass(frozen=True, slots=True)
class Silence:
    """Nobody answers: give up after `seconds` with `error`, unless `changed` says that it is worth another try."""

    seconds: float
    error: int
    changed: Watch


class Outside(Protocol):
    """The world beyond the bridge."""

    def address_of(self, name: str) -> str | None:
        """Return the address of a host, None when nobody knows its name."""
        ...

    def knows(self, address: str) -> bool:
        """Tell whether a host has this address."""
        ...

    def connect(self, local: SocketAddress, remote: SocketAddress) -> Socket | None:
        """Return a connection to a server of a host; None when it refuses."""
        ...


class Inetd(Protocol):
    """What answers at ports of a container where no program listens."""

    def taker(self, port: int) -> Callable[[Connection], None] | None:
        """Return what takes the next connection to a port, None if that is refused."""
        ...

    def leads_to(self, port: int) -> SocketAddress | None:
        """Return the address on the host to which a port leads, if it does."""
        ...


class Network:
    """All that a packet can reach: the containers in their networks, the host between them, the world outside."""

    def __init__(self, outside: Outside | None = None) -> None:
        self.outside = outside
        #: Notified when somebody joins.
        self.changed = Watch()
        self._namespaces: list[Namespace] = []
        #: What runs on the host itself: it reaches everybody, and is reached at every gateway.
        self.host = Namespace(self, "", is_host=True)

    def join(self, hostname: str, endpoint: Endpoint, names: Sequence[str] = ()) -> Namespace:
        """Let a container take part; others find it by its address, and by `names` as if asking a name server."""
        namespace = self.open(hostname)
        namespace.names = frozenset(name.lower() for name in names)
        namespace.plug(endpoint)
        return namespace

    def leave(self, endpoint: Endpoint) -> None:
        """Let the container at an address take part no more."""
        self._namespaces = [one for one in self._namespaces if not any(own is endpoint for own in one.endpoints)]

    def open(self, hostname: str) -> Namespace:
        """Return a namespace that has only its loopback device so far."""
        namespace = Namespace(self, hostname)
        self._namespaces.append(namespace)
        return namespace

    def close(self, namespace: Namespace) -> None:
        """Let a namespace take part no more."""
        self._namespaces = [one for one in self._namespaces if one is not namespace]

    def members(self) -> Iterator[tuple[Namespace, Endpoint]]:
        """Yield everybody who takes part, once for each network."""
        for namespace in self._namespaces:
            for endpoint in namespace.endpoints:
                yield namespace, endpoint

    def published(self, port: int) -> tuple[Namespace, Endpoint, int] | None:
        """Return the container that has a port of the host, and its private port (iptables of the daemon)."""
        for namespace, endpoint in self.members():
            private = endpoint.forwarded(port)
            if private is not None:
                return namespace, endpoint, private
        return None

    def enter(self, namespace: Namespace, address: str, port: int) -> Socket | Silence:
        """Return a connection from the host to a container's port. Raises ConnectionRefusedError."""
        gateway = next((one.gateway for one in namespace.endpoints if one.address == address), "")
        return self.host.connect_to(namespace, address, port, gateway or LOOPBACK)

    def is_gateway(self, address: str) -> bool:
        """Tell whether an address is the host's."""
        return any(address == endpoint.gateway for _, endpoint in self.members())


class Namespace:
    """The network as one container sees it: its addresses, who listens, who is connected.

    One that has no address has only its loopback device. `endpoints`: its place in each network, in the order of its
    cards (eth0, eth1 …).
    """

    def __init__(
        self, network: Network, hostname: str, endpoint: Endpoint | None = None, *, is_host: bool = False
    ) -> None:
        self.network = network
        self.hostname = hostname
        self.endpoints: list[Endpoint] = [] if endpoint is None else [endpoint]
        self.names: frozenset[str] = frozenset()
        self.listeners: list[Listener] = []
        self.connections: list[Connection] = []
        self.inetd: Inetd | None = None
        self._is_host = is_host
        self._last_port = FIRST_EPHEMERAL - 1

    @property
    def endpoint(self) -> Endpoint:
        """The place by which it leaves its own networks, if there is one; empty if it is in none."""
        found = next((one for one in self.endpoints if one.gateway), None)
        return found or (self.endpoints[0] if self.endpoints else Endpoint())

    @property
    def cards(self) -> Iterator[tuple[str, Endpoint]]:
        """What its network cards are called, and where each is plugged in."""
        for number, endpoint in enumerate(one for one in self.endpoints if one.address):
            yield f"eth{number}", endpoint

    def plug(self, endpoint: Endpoint) -> None:
        """Take a place in one more network."""
        self.endpoints.append(endpoint)
        self.network.changed.notify()

    def unplug(self, network: str) -> None:
        """Leave a network."""
        self.endpoints = [one for one in self.endpoints if one.network != network]

    # -- names -------------------------------------------------------------------------

    def address_of(self, name: str, hosts: str = "") -> str | None:
        """Return the address a name stands for, None when nobody knows it; `hosts` is the text of /etc/hosts."""
        if _is_address(name):
            return name
        wanted = name.lower().removesuffix(".")
        for address, names in hosts_entries(hosts):
            if wanted in names:
                return address
        if wanted == "localhost":
            return LOOPBACK
        if wanted == self.hostname.lower():
            return self.endpoint.address or LOOPBACK
        return self.look_up(wanted)

    def look_up(self, name: str) -> str | None:
        """Return the address that a name server tells of a name in small letters, None when it knows nobody."""
        for own in self.endpoints:
            wanted = own.links.get(name, name)
            for namespace, other in self.network.members():
                if other.network == own.network and wanted in other.names | namespace.names:
                    return other.address
        return self.network.outside.address_of(name) if self.network.outside is not None else None

    # -- TCP -------------------------------------------------------------------------

    def listen(self, address: str, port: int, *, privileged: bool = True) -> Listener:
        """Return a listener on a port (0: a free one). Raises OSError as bind(2) does."""
        if address != ANY and not self._is_own(address):
            _fail(errno.EADDRNOTAVAIL)
        if 0 < port < FIRST_UNPRIVILEGED and not privileged:
            _fail(errno.EACCES)
        if port == 0:
            port = self._free_port()
        taken = {one.local.address for one in self.listeners if one.local.port == port}
        if taken and (address == ANY or taken & {ANY, address}):
            _fail(errno.EADDRINUSE)
        listener = Listener(self, SocketAddress(address, port))
        self.listeners.append(listener)
        return listener

    def connect(self, address: str, port: int) -> Socket | Silence:
        """Return a connection to a server, or the silence with which it is met.

        Raises OSError: ConnectionRefusedError, ENETUNREACH.
        """
        if not _is_address(address):
            _fail(errno.EINVAL)
        if not 0 < port <= HIGHEST_PORT:
            _fail(errno.ECONNREFUSED)
        if self._is_own(address):
            return self.connect_to(self, LOOPBACK if address == ANY else address, port, address)
        other = self._find(address)
        if other is not None:
            namespace, own_address = other
            return self.connect_to(namespace, address, port, own_address)
        own = self.endpoint
        if self.network.is_gateway(address) and own.address:
            published = self.network.published(port)
            if published is not None:
                namespace, there, private = published
                return self.connect_to(namespace, there.address, private, own.address)
            return self.connect_to(self.network.host, address, port, own.address)
        if not self._is_host and not self._is_neighbour(address) and not own.gateway:
            _fail(errno.ENETUNREACH)
        outside = self.network.outside
        if outside is not None and outside.knows(address):
            local = SocketAddress(own.address, self._free_port())
            socket = outside.connect(local, SocketAddress(address, port))
            if socket is None:
                _fail(errno.ECONNREFUSED)
            return socket
        if self._is_neighbour(address):
            return Silence(NEIGHBOUR_TIMEOUT, errno.EHOSTUNREACH, self.network.changed)
        return Silence(CONNECT_TIMEOUT, errno.ETIMEDOUT, self.network.changed)

    def round_trip(self, address: str) -> float | None:
        """Return how long an echo from an address takes in seconds, None when nobody answers. Raises ENETUNREACH."""
        if self._is_own(address):
            return ROUND_TRIPS["own"]
        own = self.endpoint
        if self._find(address) is not None or (own.address and self.network.is_gateway(address)):
            return ROUND_TRIPS["bridge"]
        if not self._is_host and not self._is_neighbour(address) and not own.gateway:
            _fail(errno.ENETUNREACH)
        outside = self.network.outside
        return ROUND_TRIPS["outside"] if outside is not None and outside.knows(address) else None

    def _find(self, address: str) -> tuple[Namespace, str] | None:
        """Return who has an address in one of the own networks, and the own address there."""
        for namespace, other in self.network.members():
            if other.address == address:
                if self._is_host:
                    return namespace, other.gateway
                own = next((one for one in self.endpoints if one.network == other.network), None)
                if own is not None and own.address:
                    return namespace, own.address
        return None

    def connect_to(self, other: Namespace, address: str, port: int, own_address: str) -> Socket | Silence:
        """Return a connection to somebody who can be reached; addresses as both see them. Raises as `connect`."""
        listener = next(
            (one for one in other.listeners if one.local.port == port and one.local.address in (ANY, address)), None
        )
        if listener is not None and listener.full:
            return Silence(CONNECT_TIMEOUT, errno.ETIMEDOUT, listener.room)
        take = listener.offer if listener is not None else other.inetd.taker(port) if other.inetd is not None else None
        if take is None:
            _fail(errno.ECONNREFUSED)
        local = SocketAddress(LOOPBACK if own_address == ANY else own_address, self._free_port())
        remote = SocketAddress(address, port)
        there, back = Pipe(), Pipe()
        connection = Connection(self, local, remote, incoming=back, outgoing=there)
        take(Connection(other, remote, local, incoming=there, outgoing=back))
        return connection

    def _free_port(self) -> int:
        """Return the next port that nobody here uses. Raises OSError (EADDRNOTAVAIL)."""
        used = {one.local.port for one in self.listeners} | {one.local.port for one in self.connections}
        for step in range(1, LAST_EPHEMERAL - FIRST_EPHEMERAL + 2):
            offset = (self._last_port + step - FIRST_EPHEMERAL) % (LAST_EPHEMERAL - FIRST_EPHEMERAL + 1)
            if FIRST_EPHEMERAL + offset not in used:
                self._last_port = FIRST_EPHEMERAL + offset
                return self._last_port
        raise OSError(errno.EADDRNOTAVAIL, os.strerror(errno.EADDRNOTAVAIL))

    def _is_own(self, address: str) -> bool:
        if address == ANY or address.startswith("127."):
            return True
        return any(address == one.address for one in self.endpoints) or (
            self._is_host and self.network.is_gateway(address)
        )

    def _is_neighbour(self, address: str) -> bool:
        return any(
            IPv4Address(address) in IPv4Interface(f"{one.address}/{one.prefix_length}").network
            for one in self.endpoints
            if one.address
        )


def hosts_entries(text: str) -> Iterator[tuple[str, list[str]]]:
    """Yield the IPv4 addresses of an /etc/hosts with the names they have, in small letters."""
    for line in text.splitlines():
        address, *names = line.partition("#")[0].lower().split() or [""]
        if _is_address(address):
            yield address, names


def _is_address(text: str) -> bool:
    try:
        IPv4Address(text)
    except AddressValueError:
        return False
    return True


def _fail(number: int) -> NoReturn:
    raise OSError(number, os.strerror(number))
