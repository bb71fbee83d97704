"""Several sessions in one: what was recorded bit by bit, or by several recorders at the same daemon.

Sessions that know when they were recorded are laid beside each other in real time, others one after another in the
order in which they are named. Exchanges stand in the order in which they began and are numbered anew; each session
keeps its connections for itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import combinations
from typing import Any, NamedTuple

from fakedocker.cassettes.model import Cassette, Exchange, Header, Json
from fakedocker.cassettes.pruning import renumbered
from fakedocker.cassettes.references import COLLECTIONS

_VERSION = re.compile(r"\A/v[0-9.]+(?=/)")
_SHORT = 12


class Source(NamedTuple):
    """One of the sessions, and what it is called."""

    name: str
    cassette: Cassette


@dataclass(frozen=True, slots=True)
class Merged:
    """The whole. `origins`: of which source each exchange is; `clashes`: what a reader should know."""

    cassette: Cassette
    origins: Sequence[int]
    clashes: Sequence[str]


def merged(sources: Sequence[Source]) -> Merged:
    """Return several sessions as one."""
    offsets, recorded_at = _offsets([source.cassette for source in sources])
    moved = [
        (replace(exchange, start=exchange.start + offsets[number]), number)
        for number, source in enumerate(sources)
        for exchange in source.cassette.exchanges
    ]
    moved.sort(key=lambda one: one[0].start)
    connections: dict[tuple[int, int], int] = {}
    apart = [
        replace(exchange, connection=connections.setdefault((number, exchange.connection), len(connections) + 1))
        for exchange, number in moved
    ]
    header, differences = _header(sources, recorded_at)
    clashes = [*differences, *_clashes(sources)]
    return Merged(Cassette(header, renumbered(apart)), [number for _, number in moved], clashes)


def _offsets(cassettes: Sequence[Cassette]) -> tuple[list[float], str]:
    """Return how much later than the whole each session began, in seconds, and when the whole did."""
    moments = [_moment(cassette.header.recorded_at) for cassette in cassettes]
    known = [moment for moment in moments if moment is not None]
    if known and len(known) == len(moments):
        first = min(known)
        earliest = cassettes[known.index(first)].header.recorded_at
        return [(moment - first).total_seconds() for moment in known], earliest
    offsets, end = [], 0.0
    for cassette in cassettes:
        offsets.append(end)
        end += max((exchange.start + exchange.duration for exchange in cassette.exchanges), default=0.0)
    return offsets, next((one.header.recorded_at for one in cassettes if one.header.recorded_at), "")


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _header(sources: Sequence[Source], recorded_at: str) -> tuple[Header, list[str]]:
    """Return the facts on which all agree, and a sentence for each on which they do not."""
    headers = [source.cassette.header for source in sources]
    daemon, differences = {}, []
    for name in dict.fromkeys(name for header in headers for name in header.daemon):
        values = list(dict.fromkeys(header.daemon[name] for header in headers if name in header.daemon))
        if len(values) == 1:
            daemon[name] = values[0]
        else:
            said = ", ".join(f"{one.cassette.header.daemon.get(name, 'unknown')} in {one.name}" for one in sources)
            differences.append(f"these are different daemons: {name} is {said}")
    programs = dict.fromkeys(header.recorded_with for header in headers if header.recorded_with)
    return Header(", ".join(programs), recorded_at, daemon), differences


# -- names that mean two things ----------------------------------------------------------

Names = Mapping[tuple[str, str], set[str]]
"""Kind and name of what there was in a session -> its ids."""


def _clashes(sources: Sequence[Source]) -> Iterator[str]:
    """Yield a sentence for each name that is one thing in one session and another in the next."""
    names = [_names(source.cassette.exchanges) for source in sources]
    for (first, these), (second, those) in combinations(zip(sources, names, strict=True), 2):
        for kind, name in sorted(these.keys() & those.keys()):
            here, there = these[kind, name], those[kind, name]
            if here.isdisjoint(there):
                yield (
                    f"{kind} {name} is {_short(here)} in {first.name} and {_short(there)} in {second.name}: "
                    f"who asks for it by name gets the answers of both, in the order of the whole"
                )


def _short(ids: set[str]) -> str:
    return ", ".join(one.removeprefix("sha256:")[:_SHORT] for one in sorted(ids))


def _names(exchanges: Sequence[Exchange]) -> Names:
    found: dict[tuple[str, str], set[str]] = {}
    for exchange in exchanges:
        response = exchange.response
        if response is None or not isinstance(response.body, Json) or response.status >= 300:
            continue
        segments = _VERSION.sub("", exchange.request.path).strip("/").split("/")
        kind = COLLECTIONS.get(segments[0])
        if kind is None or segments[-1] in ("exec", "top", "changes", "history", "wait", "search"):
            continue
        value = response.body.value
        for item in value if isinstance(value, list) else [value]:
            for name, identity in _named(item, exchange):
                found.setdefault((kind, name), set()).add(identity)
    return found


def _named(item: Any, exchange: Exchange) -> Iterator[tuple[str, str]]:
    """Yield the names of one thing in an answer, with its id."""
    identity = (item.get("Id") or item.get("ID")) if isinstance(item, dict) else None
    if not isinstance(identity, str):
        return
    names = [item.get("Name"), *_texts(item.get("Names")), *_texts(item.get("RepoTags"))]
    if exchange.request.path.endswith("/create"):
        names += [value for name, value in exchange.request.query if name == "name"]
        body = exchange.request.body
        names += [body.value.get("Name")] if isinstance(body, Json) and isinstance(body.value, dict) else []
    for name in names:
        if isinstance(name, str) and name.strip("/") and name != "<none>:<none>":
            yield name.removeprefix("/"), identity


def _texts(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
