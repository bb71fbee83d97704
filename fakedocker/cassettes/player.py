"""Playing a cassette: which recorded exchange answers this request?

The cursor over a session. Identical requests get their answers in the order in which they were recorded, whoever asks;
of those that ran at the same time, the one of the same connection is preferred. With `order="session"` the whole order
counts: an exchange is due when all that had ended before it began have been played.

For one thread at a time. It finds; who answers, sends.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final, Literal

from fakedocker.cassettes.correspondence import Correspondence, Pairs
from fakedocker.cassettes.matching import DEFAULT, MATCHERS, NearMiss, comparable_path, matches, nearest, request_key
from fakedocker.cassettes.model import Cassette, Exchange, Request
from fakedocker.cassettes.redaction import Redactor
from fakedocker.cassettes.references import References, looks_invented

# -- record or play ----------------------------------------------------------------------


class Mode(StrEnum):
    """What may be recorded."""

    NONE = "none"
    ONCE = "once"
    NEW_EPISODES = "new_episodes"
    ALL = "all"


Action = Literal["play", "record", "refuse"]

#: Mode -> what is done with a request that was recorded, one that was not, and any if there was no cassette.
DECISIONS: Final[Mapping[Mode, tuple[Action, Action, Action]]] = {
    Mode.NONE: ("play", "refuse", "refuse"),
    Mode.ONCE: ("play", "refuse", "record"),
    Mode.NEW_EPISODES: ("play", "record", "record"),
    Mode.ALL: ("record", "record", "record"),
}


def decide(mode: Mode, *, has_cassette: bool, is_recorded: bool) -> Action:
    """Return what to do with a request."""
    recorded, new, without = DECISIONS[mode]
    if not has_cassette:
        return without
    return recorded if is_recorded else new


# -- what is not played ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Miss:
    """A request that the cassette has no answer to; `str()` explains it to a person."""

    request: Request
    nearest: Sequence[NearMiss] = ()

    def __str__(self) -> str:
        asked = f"{self.request.method} {self.request.path}"
        lines = [f"{asked}: {self._reason()}"]
        if self.nearest:
            lines += ["  The nearest that are:", *(f"  {one}" for one in self.nearest)]
        return "\n".join(lines)

    def _reason(self) -> str:
        return "not played"


@dataclass(frozen=True, slots=True)
class NotRecorded(Miss):
    """Nothing like it is in the cassette."""

    def _reason(self) -> str:
        return "no such request is in the cassette" + ("." if self.nearest else ", which is empty.")


@dataclass(frozen=True, slots=True)
class Exhausted(Miss):
    """It was recorded, and has been played as often as it was."""

    exchange: Exchange | None = None
    times: int = 1

    def _reason(self) -> str:
        times = "once" if self.times == 1 else f"{self.times} times"
        return f"it was recorded {times}, and that has been played."


@dataclass(frozen=True, slots=True)
class OutOfOrder(Miss):
    """It was recorded, but others come first."""

    exchange: Exchange | None = None
    expected: Exchange | None = None

    def _reason(self) -> str:
        if self.exchange is None or self.expected is None:
            return "it is not its turn."
        first = self.expected.request
        return (
            f"it is not its turn: exchange {self.expected.id}, {first.method} {first.path}, "
            f"comes before exchange {self.exchange.id}."
        )


# -- the cursor --------------------------------------------------------------------------


@dataclass(slots=True)
class _Same:
    """The exchanges with one and the same request, in their order, and those of them that have not been played."""

    all: list[Exchange] = field(default_factory=list)
    waiting: list[Exchange] = field(default_factory=list)

    def add(self, exchange: Exchange) -> None:
        self.all.append(exchange)
        self.waiting.append(exchange)

    def played(self, exchange: Exchange) -> None:
        self.waiting.remove(exchange)


class Player:
    """The cursor over a cassette.

    `matchers`: names from `matching.MATCHERS`. `order`: `request` or `session`. `repeat`: whether the last answer to a
    request is given again when all have been played, for clients that poll.
    """

    def __init__(
        self,
        cassette: Cassette,
        *,
        redactor: Redactor | None = None,
        matchers: Sequence[str] = DEFAULT,
        order: Literal["request", "session"] = "request",
        repeat: bool = False,
    ) -> None:
        unknown = [name for name in matchers if name not in MATCHERS]
        if unknown:
            raise ValueError(f"there is no matcher {unknown[0]}; there are {', '.join(MATCHERS)}")
        self._exchanges = sorted(cassette.exchanges, key=lambda one: (one.start, one.id))
        self._redactor = redactor or Redactor()
        self._matchers = tuple(matchers)
        self._order = order
        self._repeat = repeat
        self._references = References.of(self._exchanges)
        self._correspondence = Correspondence(self._references)
        self._requests = {one.id: self._references.abstract_request(one.request) for one in self._exchanges}
        #: By method and path: where to look.
        self._places: dict[tuple[str, str], list[Exchange]] = {}
        #: By method and path with any name in the place of one that a client made up: where to look next.
        self._alike_places: dict[tuple[str, str], list[Exchange]] = {}
        #: By all that is compared by default; and those of a place that have to be compared one by one.
        self._same: dict[Hashable, _Same] = {}
        self._others: dict[tuple[str, str], list[Exchange]] = {}
        for one in self._exchanges:
            place, key = self._place(self._requests[one.id]), self._key(self._requests[one.id])
            self._places.setdefault(place, []).append(one)
            if key is None:
                self._others.setdefault(place, []).append(one)
            else:
                self._same.setdefault(key, _Same()).add(one)
            self._alike_places.setdefault(self._alike_place(one.request), []).append(one)
        self._played: set[int] = set()
        #: The client's connections now -> then.
        self._connections: dict[int, int] = {}

    @property
    def exchanges(self) -> Sequence[Exchange]:
        """What was recorded, in the order in which it began."""
        return self._exchanges

    @property
    def references(self) -> References:
        """What the recorded session invented."""
        return self._references

    @property
    def redactor(self) -> Redactor:
        """What knows the secrets of the session that is played."""
        return self._redactor

    @property
    def correspondence(self) -> Correspondence:
        """What the live client's inventions were in the recording."""
        return self._correspondence

    @property
    def unused(self) -> list[Exchange]:
        """What has not been played."""
        return [one for one in self._exchanges if one.id not in self._played]

    def next(self, request: Request, connection: int | None = None) -> Exchange | Miss:
        """Return the exchange that answers a request, as this client knows it, or why there is none."""
        asked = self._redactor.request(request)
        then = self._correspondence.recorded_request(asked)
        known = self._references.abstract_request(then)
        found = self._first(self._waiting(asked, then, known), connection)
        if found is None:
            return self._spent(asked, then, known)
        exchange, pairs = found
        if self._order == "session":
            expected = next((one for one in self.unused if one.start + one.duration <= exchange.start), None)
            if expected is not None:
                return OutOfOrder(asked, (), exchange, expected)
        self._play(exchange)
        self._correspondence.bind(pairs)
        if connection is not None:
            self._connections.setdefault(connection, exchange.connection)
        return self._as_live(exchange)

    def _play(self, exchange: Exchange) -> None:
        self._played.add(exchange.id)
        if same := self._same.get(self._key(self._requests[exchange.id])):
            same.played(exchange)

    def _key(self, request: Request) -> Hashable | None:
        return request_key(request) if self._matchers == DEFAULT else None

    def _place(self, request: Request) -> tuple[str, str]:
        """Return what two requests have in common that may match."""
        return (
            request.method if "method" in self._matchers else "",
            comparable_path(request) if "path" in self._matchers else "",
        )

    def _alike_place(self, request: Request) -> tuple[str, str]:
        """Return what two requests have in common that may match if names that a client made up are others."""
        method, path = self._place(request)
        return method, "/".join("*" if looks_invented(segment) else segment for segment in path.split("/"))

    def _matching(self, known: Request) -> Iterator[Exchange]:
        """Yield the exchanges that match as they are, played or not."""
        place, key = self._place(known), self._key(known)
        if key is not None and key in self._same:
            yield from self._same[key].all
        # Whatever is no JSON has to be compared; a request that is none, with everything.
        compared = self._others if key is not None else self._places
        yield from (one for one in compared.get(place, []) if matches(self._requests[one.id], known, self._matchers))

    def _waiting(self, asked: Request, then: Request, known: Request) -> Iterator[tuple[Exchange, Pairs]]:
        """Yield the exchanges that match and have not been played, each with what would have to correspond.

        A request that matches as it is has no need of names that merely look alike.
        """
        same = self._same.get(self._key(known))
        if same is not None and same.waiting:
            yield from ((one, {}) for one in tuple(same.waiting))
        elif matching := [*self._matching(known)]:
            yield from ((one, {}) for one in matching if one.id not in self._played)
        else:
            yield from self._alike(asked, then, known, of_played=False)

    def _alike(
        self, asked: Request, then: Request, known: Request, *, of_played: bool
    ) -> Iterator[tuple[Exchange, Pairs]]:
        """Yield the exchanges that match if names correspond that look alike."""
        places = (self._places.get(self._place(known), []), self._alike_places.get(self._alike_place(then), []))
        for one in {one.id: one for place in places for one in place}.values():
            pairs = self._correspondence.proposed(one.request, then) if (one.id in self._played) == of_played else {}
            if pairs:
                supposed = self._correspondence.recorded_request(asked, pairs)
                if matches(self._requests[one.id], self._references.abstract_request(supposed), self._matchers):
                    yield one, pairs

    def _first(
        self, waiting: Iterator[tuple[Exchange, Pairs]], connection: int | None
    ) -> tuple[Exchange, Pairs] | None:
        """Return the first, or of those that ran at the same time the one of the same connection."""
        first = next(waiting, None)
        then = self._connections.get(connection) if connection is not None else None
        if first is None or then is None or first[0].connection == then:
            return first
        end = first[0].start + first[0].duration
        return next((one for one in waiting if one[0].connection == then and one[0].start < end), first)

    def _spent(self, asked: Request, then: Request, known: Request) -> Exchange | Miss:
        played = [*self._matching(known)] or [one for one, _ in self._alike(asked, then, known, of_played=True)]
        if played and self._repeat:
            return self._as_live(played[-1])
        if played:
            return Exhausted(asked, (), played[-1], len(played))
        recorded = [(one, self._requests[one.id]) for one in self._exchanges]
        return NotRecorded(asked, nearest(known, recorded, self._matchers))

    def _as_live(self, exchange: Exchange) -> Exchange:
        """Return an exchange with this client's own names and secrets in the answer."""
        if exchange.response is None:
            return exchange
        response = self._correspondence.live_response(exchange.response)
        return replace(exchange, response=self._redactor.reveal(response))
