"""Where a thing is while a session is partly played and partly recorded: in the recording, or at the real daemon.

A container whose `create` was played exists in the recording only: no daemon can be asked about it. One whose `create`
went to the daemon exists there only: what was recorded about another one of its name is not about it. The rules:

* an id that the recording invented is in the recording; what a client named is where it was made last;
* what nobody in this session has made may be asked of the daemon: images, say, or what it has had all along;
* a name counts where names of things stand: in the path, and in the members and parameters of `NAMING_THINGS`.

Pure; for one thread at a time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal
from urllib.parse import unquote

from fakedocker.cassettes.matching import NearMiss
from fakedocker.cassettes.model import Exchange, Json, Request
from fakedocker.cassettes.player import Miss
from fakedocker.cassettes.references import COLLECTIONS, References, json_in_query, tokens

Place = Literal["recording", "daemon"]

#: Members of JSON and parameters whose values name things that have been made before.
NAMING_THINGS: Final = frozenset(
    {"Image", "NetworkMode", "Links", "VolumesFrom", "Container", "container", "Source", "Binds", "EndpointsConfig"}
)
#: Kinds of references that a daemon can be asked about.
_THINGS: Final = frozenset(COLLECTIONS.values()) - {"swarm"} | {"endpoint", "id"}
_VERSION = re.compile(r"\A/v[0-9.]+(?=/)")
#: How few digits of an id are still taken for it in a path.
_SHORTEST = 4


@dataclass(frozen=True, slots=True)
class Stranded(Miss):
    """It could be recorded, but what it is about is in the recording, and no daemon has that."""

    thing: str = ""
    maker: Exchange | None = None
    nearest: Sequence[NearMiss] = ()

    def _reason(self) -> str:
        made = ""
        if self.maker is not None:
            asked = self.maker.request
            made = f", where exchange {self.maker.id}, {asked.method} {asked.path}, has made it"
        return (
            f"it is not in the cassette and cannot be recorded: {self.thing} is in the recording only{made}. "
            "Record the session anew: mode all."
        )


class Whereabouts:
    """Knows where things are. `exchanges`: the recording; `references`: what it has invented."""

    def __init__(self, exchanges: Sequence[Exchange], references: References) -> None:
        self._exchanges = exchanges
        self._references = references
        self._named: dict[str, tuple[Place, Exchange | None]] = {}

    def played(self, asked: Request, exchange: Exchange) -> None:
        """Take that the recording answered a request."""
        if exchange.response is not None:
            self._made(asked, exchange.response.status, "recording", exchange)

    def went_on(self, asked: Request, status: int) -> None:
        """Take that the daemon answered a request."""
        self._made(asked, status, "daemon", None)

    def _made(self, asked: Request, status: int, place: Place, exchange: Exchange | None) -> None:
        if 200 <= status < 300:
            for name in _names_made(asked):
                self._named[name] = place, exchange

    def is_at_daemon(self, asked: Request) -> bool:
        """Tell whether a request is about something that only the daemon has."""
        return any(place == "daemon" for _, place, _ in self._mentioned(asked))

    def stranded(self, asked: Request, shown: Request) -> Stranded | None:
        """Return why a request cannot be asked of the daemon; None if it can. `shown`: without its secrets."""
        for word in _ids(asked):
            known = self._references.find(word, _SHORTEST if len(word) < 12 else 12)
            if known is not None and known.kind in _THINGS:
                return Stranded(shown, (), f"{known.kind} {known.value[:12]}", self._maker(known.value))
        for name, place, maker in self._mentioned(asked):
            if place == "recording":
                return Stranded(shown, (), repr(name), maker)
        return None

    def _mentioned(self, asked: Request) -> Iterator[tuple[str, Place, Exchange | None]]:
        if not self._named:
            return
        text = "\n".join(_texts(asked))
        for name, (place, maker) in self._named.items():
            if name in text and re.search(rf"(?<![\w.-]){re.escape(name)}(?![\w.-])", text):
                yield name, place, maker

    def _maker(self, identity: str) -> Exchange | None:
        """Return the exchange that answered with an id as that of something new."""
        for one in self._exchanges:
            body = one.response.body if one.response is not None else None
            if isinstance(body, Json) and isinstance(body.value, dict) and body.value.get("Id") == identity:
                return one
        return None


def _segments(request: Request) -> list[str]:
    return [unquote(segment) for segment in _VERSION.sub("", request.path).strip("/").split("/")]


def _names_made(request: Request) -> Iterator[str]:
    """Yield what a request has given a name to, if it succeeds."""
    if request.method != "POST":
        return
    collection, *rest = _segments(request)
    query = dict(request.query)
    if rest[-1:] in (["create"], ["rename"]) and collection != "images":
        yield from filter(None, [query.get("name", "")])
        if isinstance(request.body, Json) and isinstance(request.body.value, dict):
            name = request.body.value.get("Name")
            if isinstance(name, str) and name:
                yield name
    elif collection == "commit" or rest[-1:] == ["tag"]:
        yield from filter(None, [query.get("repo", "")])
    elif collection == "build":
        for name, value in request.query:
            if name == "t" and value:
                yield value.rpartition("/")[0] + "/" * ("/" in value) + value.rpartition("/")[2].partition(":")[0]


def _texts(request: Request) -> Iterator[str]:
    """Yield where names of things stand."""
    yield "/".join(_segments(request)[1:])
    for name, value in request.query:
        if name in NAMING_THINGS:
            yield value
    if isinstance(request.body, Json):
        yield from _naming(request.body.value, "")


def _naming(value: Any, member: str) -> Iterator[str]:
    match value:
        case dict():
            for key, item in value.items():
                if member in NAMING_THINGS:
                    yield key
                yield from _naming(item, member if member in NAMING_THINGS else key)
        case list():
            for item in value:
                yield from _naming(item, member)
        case str() if member in NAMING_THINGS:
            yield value


def _ids(request: Request) -> Iterator[str]:
    """Yield the words that may be ids: all of a path, and the long ones of everything else."""
    yield from _segments(request)[1:]
    for _, value in request.query:
        parsed = json_in_query(value)
        yield from _long_words(value if parsed is None else parsed.value)
    if isinstance(request.body, Json):
        yield from _long_words(request.body.value)


def _long_words(value: Any) -> Iterator[str]:
    match value:
        case dict():
            for key, item in value.items():
                yield from _long_words(key)
                yield from _long_words(item)
        case list():
            for item in value:
                yield from _long_words(item)
        case str():
            yield from (word for word in tokens(value) if len(word) >= 12)
