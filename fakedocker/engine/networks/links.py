"""What a container is told in its environment of those it is linked to (moby daemon/links)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fakedocker.engine.containers.config import Config

#: What the image builder sets of its own.
NOT_TOLD = frozenset({"HOME", "PATH"})
#: So many ports in a row are told as a range, too.
SHORTEST_RANGE = 3


@dataclass(frozen=True, slots=True)
class Link:
    """A container at `address` whom another, `parent`, calls `alias`; `config` is its own."""

    parent: str
    alias: str
    address: str
    config: Config

    def environment(self) -> Iterator[str]:
        """Yield "NAME=value": which ports it has, how it is called, what is in its environment."""
        prefix = self.alias.upper().replace("-", "_")
        ports = sorted(
            ((int(number), proto) for number, _, proto in (port.partition("/") for port in self._ports)),
        )
        if ports:
            number, proto = ports[0]
            yield f"{prefix}_PORT={self._url(number, proto)}"
        for first, last in _ranges([number for number, _ in ports]):
            proto = next(proto for number, proto in ports if number == first)
            name = f"{prefix}_PORT_{first}_{proto.upper()}"
            yield f"{name}_START={self._url(first, proto)}"
            yield f"{name}_ADDR={self.address}"
            yield f"{name}_PROTO={proto}"
            yield f"{name}_PORT_START={first}"
            yield f"{name}_END={self._url(last, proto)}"
            yield f"{name}_PORT_END={last}"
        for number, proto in ports:
            name = f"{prefix}_PORT_{number}_{proto.upper()}"
            yield f"{name}={self._url(number, proto)}"
            yield f"{name}_ADDR={self.address}"
            yield f"{name}_PORT={number}"
            yield f"{name}_PROTO={proto}"
        yield f"{prefix}_NAME=/{self.parent}/{self.alias}"
        for variable in self.config.env or ():
            name, equals, value = variable.partition("=")
            if equals and name not in NOT_TOLD:
                yield f"{prefix}_ENV_{name}={value}"

    @property
    def _ports(self) -> Iterator[str]:
        return (port for port in self.config.exposed_ports or {} if port.partition("/")[0].isdecimal())

    def _url(self, number: int, proto: str) -> str:
        return f"{proto}://{self.address}:{number}"


def _ranges(numbers: list[int]) -> Iterator[tuple[int, int]]:
    """Yield the first and the last of ports that stand in a row."""
    start = 0
    for at in range(1, len(numbers) + 1):
        if at == len(numbers) or numbers[at] > numbers[at - 1] + 1:
            if at - start >= SHORTEST_RANGE:
                yield numbers[start], numbers[at - 1]
            start = at
