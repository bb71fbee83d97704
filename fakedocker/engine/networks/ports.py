"""Ports of the host that containers publish (moby libnetwork/portallocator).

A port belongs to an address of the host and a protocol; 0.0.0.0 and :: stand for all addresses of their kind. Whoever
names none, or a range, gets the next one in turn, so that one that was just given back is not met again at once.

Where the ports can really be reached, a `UserlandProxy` listens at them; what it cannot have, nobody gets.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from fakedocker.engine import errors

ANY_IPV4, ANY_IPV6 = "0.0.0.0", "::"
ANY = frozenset({ANY_IPV4, ANY_IPV6})


@dataclass(frozen=True, slots=True)
class PortRequest:
    """A container's port and where it is to be published: at one of `first` to `last`, 0 for any free one."""

    private: int
    protocol: str = "tcp"
    host_ip: str = ""
    first: int = 0
    last: int = 0


@dataclass(frozen=True, slots=True)
class PublishedPort:
    """A container's port, and the host's that leads there."""

    private: int
    protocol: str
    host_ip: str
    public: int


class UserlandProxy(Protocol):
    """Who really listens at ports of the host (docker-proxy)."""

    def listen(self, host_ip: str, port: int) -> None:
        """Listen at a TCP port from now on. Raises OSError when it cannot be had."""
        ...

    def hang_up(self, host_ip: str, port: int) -> None:
        """Listen there no more, and drop whoever has come that way; a port that is not listened at does no harm."""
        ...


class HostPorts:
    """Which ports of the host are taken. `first` and `last`: the range of those that nobody named."""

    def __init__(self, first: int, last: int) -> None:
        self._first, self._last = first, last
        #: None: nobody really listens.
        self.proxy: UserlandProxy | None = None
        #: Protocol and range -> the port of it that comes next.
        self._next: dict[tuple[str, int, int], int] = {}
        #: Protocol and port -> the addresses at which somebody has it.
        self._taken: dict[tuple[str, int], set[str]] = {}

    def publish(self, requests: Iterable[PortRequest]) -> tuple[PublishedPort, ...]:
        """Take ports for all requests. Raises Failure, and then none is taken."""
        published: list[PublishedPort] = []
        try:
            for request in requests:
                published += self._publish(request)
        except errors.DockerError:
            self.release(published)
            raise
        return tuple(published)

    def release(self, ports: Iterable[PublishedPort]) -> None:
        """Give ports back."""
        for port in ports:
            if self.proxy is not None and port.protocol == "tcp":
                self.proxy.hang_up(port.host_ip, port.public)
            holders = self._taken.get((port.protocol, port.public), set())
            holders.discard(port.host_ip)
            if not holders:
                self._taken.pop((port.protocol, port.public), None)

    def _publish(self, request: PortRequest) -> list[PublishedPort]:
        hosts = [request.host_ip] if request.host_ip else [ANY_IPV4, ANY_IPV6]
        public = self._find(request, hosts) if request.first else self._find_any(request.protocol, hosts)
        self._taken.setdefault((request.protocol, public), set()).update(hosts)
        return [PublishedPort(request.private, request.protocol, host, public) for host in hosts]

    def _find(self, request: PortRequest, hosts: list[str]) -> int:
        """Return the port that was asked for, or the next one of a range; somebody listens there now."""
        protocol, port = request.protocol, request.first
        if request.last > request.first:
            port = next(self._in_turn(protocol, request.first, request.last, hosts), 0)
            if not port:
                raise errors.all_ports_allocated()
        elif in_the_way := self._in_the_way(protocol, port, hosts):
            if in_the_way & set(hosts):
                raise errors.port_is_allocated(hosts[0], port)
            raise errors.address_is_bound(protocol, hosts[0], port)
        refusal = self._listen(protocol, hosts, port)  # of a range, too, the daemon tries no other one
        if refusal is not None:
            raise refusal
        return port

    def _find_any(self, protocol: str, hosts: list[str]) -> int:
        """Return the next port that can be had; somebody listens there now."""
        for port in self._in_turn(protocol, self._first, self._last, hosts):
            if self._listen(protocol, hosts, port) is None:
                return port
        raise errors.all_ports_allocated()

    def _listen(self, protocol: str, hosts: list[str], port: int) -> errors.DockerError | None:
        """Have a port listened at; return why that is not possible, if it is not."""
        if self.proxy is None or protocol != "tcp":
            return None
        for at, host in enumerate(hosts):
            try:
                self.proxy.listen(host, port)
            except OSError as error:
                for other in hosts[:at]:
                    self.proxy.hang_up(other, port)
                return errors.address_is_bound(protocol, host, port, error)
        return None

    def _in_turn(self, protocol: str, first: int, last: int, hosts: list[str]) -> Iterator[int]:
        """Yield the ports of a range that are free, beginning with the one whose turn it is."""
        size = last - first + 1
        start = self._next.get((protocol, first, last), first)
        for step in range(size):
            port = first + (start - first + step) % size
            if not self._in_the_way(protocol, port, hosts):
                self._next[protocol, first, last] = port + 1
                yield port

    def _in_the_way(self, protocol: str, port: int, hosts: list[str]) -> set[str]:
        """Return the addresses whose holders are in the way of a port at other addresses.

        An address is free while another one has the port, and one of IPv6 while one of IPv4 has.
        """
        taken = self._taken.get((protocol, port), set())
        return {one for one in taken for host in hosts if _same_kind(one, host) and (one == host or {one, host} & ANY)}


def _same_kind(one: str, other: str) -> bool:
    return (":" in one) == (":" in other)
