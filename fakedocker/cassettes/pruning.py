"""Which exchanges of a session to drop, and how those that stay are numbered."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from fakedocker.cassettes.model import Exchange

_STATUS = re.compile(r"[1-9][0-9x]{2}|none")
_RANGE = re.compile(r"([0-9]+)(?:-([0-9]+))?")
_VERSION = re.compile(r"\A/v[0-9.]+(?=/)")
_PING = "/_ping"


@dataclass(frozen=True, slots=True)
class Filter:
    """Exchanges that all of these have in common; of one kind, any will do.

    `paths`: patterns of the shell, with or without the version in front; `statuses`: `404`, `5xx`, or `none` where
    the daemon never answered; `numbers`: `7`, `3-9`. Raises ValueError.
    """

    paths: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    #: Whether pings belong to it, whatever the others say.
    pings: bool = False

    def __post_init__(self) -> None:
        for status in self.statuses:
            if not _STATUS.fullmatch(status):
                raise ValueError(f"{status} is no status: it is one like 404, 5xx, or none")
        for number in self.numbers:
            if not _RANGE.fullmatch(number):
                raise ValueError(f"{number} is no number of an exchange: it is one like 7, or 3-9")

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing that it asks for."""
        return not (self._asks or self.pings)

    @property
    def _asks(self) -> bool:
        return bool(self.paths or self.methods or self.statuses or self.numbers)

    def matches(self, exchange: Exchange) -> bool:
        """Tell whether an exchange is one of these."""
        if self.pings and _VERSION.sub("", exchange.request.path) == _PING:
            return True
        if not self._asks:
            return False
        return all(not wanted or any(one) for wanted, one in zip(self._wanted, self._found(exchange), strict=True))

    @property
    def _wanted(self) -> Sequence[tuple[str, ...]]:
        return self.paths, self.methods, self.statuses, self.numbers

    def _found(self, exchange: Exchange) -> Iterator[Iterable[bool]]:
        request = exchange.request
        paths = (request.path, _VERSION.sub("", request.path))
        yield (fnmatch.fnmatchcase(path, pattern) for pattern in self.paths for path in paths)
        yield (request.method.upper() == method.upper() for method in self.methods)
        status = "none" if exchange.response is None else str(exchange.response.status)
        yield (fnmatch.fnmatchcase(status, wanted.replace("x", "[0-9]")) for wanted in self.statuses)
        yield (_is_in(exchange.id, number) for number in self.numbers)


def _is_in(number: int, wanted: str) -> bool:
    first, _, last = wanted.partition("-")
    return int(first) <= number <= int(last or first)


def pruned(exchanges: Sequence[Exchange], chosen: Filter, *, keep: bool = False) -> list[Exchange]:
    """Return the exchanges without those chosen, or with `keep` only those, numbered anew."""
    if chosen.is_empty:
        return renumbered(exchanges)
    return renumbered([exchange for exchange in exchanges if chosen.matches(exchange) == keep])


def renumbered(exchanges: Sequence[Exchange]) -> list[Exchange]:
    """Return exchanges numbered from 1, and their connections in the order in which they appear."""
    connections: dict[int, int] = {}
    return [
        replace(exchange, id=number, connection=connections.setdefault(exchange.connection, len(connections) + 1))
        for number, exchange in enumerate(exchanges, 1)
    ]
