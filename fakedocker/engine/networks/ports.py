"""Ports of the host that containers publish (moby libnetwork/portallocator).

A port belongs to an address of the host and a protocol; 0.0.0.0 and :: stand for all addresses of their kind. Whoever
names none, or a range, gets the next one in turn, so that one that was just given back is not met again at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

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


class HostPorts:
    """Which ports of the host are taken. `first` and `last`: the range of those that nobody named."""

    def __init__(self, first: int, last: int) -> None:
        self._first, self._last = first, last
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
            holders = self._taken.get((port.protocol, port.public), set())
            holders.discard(port.host_ip)
            if not holders:
                self._taken.pop((port.protocol, port.public), None)

    def _publish(self, request: PortRequest) -> list[PublishedPort]:
        hosts = [request.host_ip] if request.host_ip else [ANY_IPV4, ANY_IPV6]
        public = self._find(request, hosts)
        self._taken.setdefault((request.protocol, public), set()).update(hosts)
        return [PublishedPort(request.private, request.protocol, host, public) for host in hosts]

    def _find(self, request: PortRequest, hosts: list[str]) -> int:
        if request.first == 0:
            return self._in_turn(request.protocol, self._first, self._last, hosts)
        if request.last > request.first:
            return self._in_turn(request.protocol, request.first, request.last, hosts)
        in_the_way = self._in_the_way(request.protocol, request.first, hosts)
        if in_the_way & set(hosts):
            raise errors.port_is_allocated(hosts[0], request.first)
        if in_the_way:
            raise errors.address_is_bound(request.protocol, hosts[0], request.first)
        return request.first

    def _in_turn(self, protocol: str, first: int, last: int, hosts: list[str]) -> int:
        size = last - first + 1
        start = self._next.get((protocol, first, last), first)
        for step in range(size):
            port = first + (start - first + step) % size
            if not self._in_the_way(protocol, port, hosts):
                self._next[protocol, first, last] = port + 1
                return port
        raise errors.all_ports_allocated()

    def _in_the_way(self, protocol: str, port: int, hosts: list[str]) -> set[str]:
        """Return the addresses whose holders are in the way of a port at other addresses.

        An address is free while another one has the port, and one of IPv6 while one of IPv4 has.
        """
        taken = self._taken.get((protocol, port), set())
        return {one for one in taken for host in hosts if _same_kind(one, host) and (one == host or {one, host} & ANY)}


def _same_kind(one: str, other: str) -> bool:
    return (":" in one) == (":" in other)
