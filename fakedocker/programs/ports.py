"""Services: what answers at ports of containers where no program listens, and at which of which containers.

Rules of this room: a program that listens goes first; of several services that fit the most particular one answers, of
equals the one registered last.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from fakedocker.engine.containers.containers import Container, Home
from fakedocker.engine.networks.networks import HIGHEST_PORT
from fakedocker.engine.networks.sockets import SocketAddress
from fakedocker.engine.processes.effects import Body
from fakedocker.programs.stand_ins import is_called, is_labelled


@dataclass(frozen=True, slots=True)
class Service:
    """What answers at a port, and the containers in which it does; a condition that is left empty always holds.

    `answer`: a program whose standard input and output are the connection, or the address on the host to which those
    are passed on who come from there. `port`: of the container. `image`: a repository, or one with its tag; the
    container is made of it, or of an image that is built on it. `name`: of the container. `label`: one of its labels,
    `key` or `key=value`. `program`: one that has to run in it. `container`: a function of the engine's container.
    `after`: seconds since its start for which it refuses. Raises ValueError.
    """

    port: int
    answer: Body | SocketAddress
    image: str = ""
    name: str = ""
    label: str = ""
    program: str = ""
    container: Callable[[Container], bool] | None = None
    after: float = 0.0

    def __post_init__(self) -> None:
        if not 0 < self.port <= HIGHEST_PORT:
            raise ValueError(f"a port is a number from 1 to {HIGHEST_PORT}, not {self.port}")

    @property
    def particular(self) -> int:
        """How particular it is: the number of its conditions."""
        return sum(bool(one) for one in (self.image, self.name, self.label, self.program, self.container))

    def fits(self, home: Home) -> bool:
        """Tell whether it answers in a container that runs, sooner or later."""
        container = home.container
        return (
            (not self.name or self.name == container.name)
            and (not self.label or is_labelled(container, self.label))
            and (not self.image or any(is_called(self.image, name) for name in home.image_names()))
            and (not self.program or _runs(container, self.program))
            and (self.container is None or bool(self.container(container)))
        )


class Services:
    """All services of one daemon."""

    def __init__(self, services: Iterable[Service] = ()) -> None:
        self._by_port: dict[int, list[Service]] = {}
        for service in services:
            self.add(service)

    def __iter__(self) -> Iterator[Service]:
        for services in self._by_port.values():
            yield from services

    def add(self, service: Service) -> None:
        """Take one more; of equally particular ones the last answers."""
        self._by_port.setdefault(service.port, []).append(service)

    def remove(self, service: Service) -> None:
        """Take one out; who is being answered already still is. Raises ValueError if it is not there."""
        self._by_port.get(service.port, []).remove(service)

    def find(self, home: Home, port: int, age: float) -> Body | SocketAddress | None:
        """Return what answers at a port of a container that runs for `age` seconds; None: nothing does (yet)."""
        fitting = [one for one in reversed(self._by_port.get(port, ())) if one.fits(home)]
        found = max(fitting, key=lambda one: one.particular, default=None)
        return found.answer if found is not None and age >= found.after else None


def _runs(container: Container, program: str) -> bool:
    processes = container.run.processes if container.run is not None else ()
    return any(program in (one.argv[0], posixpath.basename(one.argv[0])) for one in processes if one.argv)
