"""The bridge of 2013: one network for all, whose addresses and public ports running containers hold."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Interface

from fakedocker.engine import errors
from fakedocker.engine.networks.networks import HIGHEST_PORT, Endpoint
from fakedocker.engine.networks.ports import UserlandProxy
from fakedocker.engine.profiles import Profile

#: Where the daemon of 2013 listens for those who do not come from another machine (moby network.go, PortMapper).
PROXY_ADDRESS = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class PortSpec:
    """A port to publish: `public` 0 stands for any free one."""

    private: int
    public: int = 0

    @classmethod
    def parse(cls, text: str) -> PortSpec:
        """Read "private", ":same" or "public:private" (moby network.go, parseNat). Raises InvalidParameter."""
        if text.startswith(":"):
            port = _port(text[1:])
            return cls(port, port)
        public, colon, private = text.partition(":")
        return cls(_port(private), _port(public)) if colon else cls(_port(text))


def _port(text: str) -> int:
    if not re.fullmatch(r"[0-9]+", text):
        raise errors.invalid_port(text, "invalid syntax")
    if len(text) > 5 or int(text) > HIGHEST_PORT:
        raise errors.invalid_port(text, "value out of range")
    return int(text)


@dataclass
class Bridge:
    """Gives addresses and ports to containers and takes them back."""

    profile: Profile
    _addresses: set[IPv4Address] = field(default_factory=set)
    _ports: set[int] = field(default_factory=set)
    _last_address: IPv4Address | None = None
    _last_port: int | None = None
    #: Who really listens at the public ports, if anybody does.
    proxy: UserlandProxy | None = None

    def connect(self, specs: Iterable[PortSpec]) -> Endpoint:
        """Take an address and the ports. Raises Conflict or Failure, and then nothing is taken."""
        wanted = list(specs)
        fixed = [spec.public for spec in wanted if spec.public]
        for index, port in enumerate(fixed):
            if port in self._ports or port in fixed[:index]:
                raise errors.port_in_use(port)
        address = self._free_address()
        # A private port that is named twice has the public port that was named last.
        ports = {spec.private: spec.public for spec in wanted}
        self._ports.update(filter(None, ports.values()))
        listening: list[int] = []
        try:
            for private, public in ports.items():
                if not public:
                    ports[private] = self._free_port()
                    self._ports.add(ports[private])
                elif (error := self._listen(public)) is not None:
                    raise errors.cannot_listen(PROXY_ADDRESS, public, error)
                listening.append(ports[private])
        except errors.Failure:
            self._hang_up(listening)
            self._ports.difference_update(ports.values())
            raise
        self._addresses.add(address)
        return Endpoint(str(address), self.profile.prefix_length, self.profile.gateway, self.profile.bridge, ports)

    def disconnect(self, endpoint: Endpoint) -> None:
        """Give an address and its ports back."""
        if endpoint.address:
            self._addresses.discard(IPv4Address(endpoint.address))
        ports = (endpoint.ports or {}).values()
        self._hang_up(ports)
        self._ports.difference_update(ports)

    def _listen(self, port: int) -> OSError | None:
        """Have a port listened at; return why that is not possible, if it is not."""
        if self.proxy is not None:
            try:
                self.proxy.listen(PROXY_ADDRESS, port)
            except OSError as error:
                return error
        return None

    def _hang_up(self, ports: Iterable[int]) -> None:
        if self.proxy is not None:
            for port in ports:
                self.proxy.hang_up(PROXY_ADDRESS, port)

    def _free_address(self) -> IPv4Address:
        """Return the next address in turn, as the original does (moby network.go, IPAllocator)."""
        gateway = IPv4Interface(f"{self.profile.gateway}/{self.profile.prefix_length}")
        network = gateway.network
        first, last = int(network.network_address) + 1, int(network.broadcast_address) - 1
        start = int(self._last_address or gateway.ip)
        for step in range(1, last - first + 2):
            address = IPv4Address(first + (start - first + step) % (last - first + 1))
            if address != gateway.ip and address not in self._addresses:
                self._last_address = address
                return address
        raise errors.no_free_address()

    def _free_port(self) -> int:
        """Return the next random port in turn, listened at; the first one of a fresh daemon is 49153."""
        first, last = self.profile.first_port, self.profile.last_port
        start = first - 1 if self._last_port is None else self._last_port
        for step in range(last - first + 1):
            port = first + (start + 1 - first + step) % (last - first + 1)
            if port not in self._ports and self._listen(port) is None:
                self._last_port = port
                return port
        raise errors.no_free_address()
