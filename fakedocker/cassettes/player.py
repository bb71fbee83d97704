"""Playing a cassette: which recorded exchange answers this request?

The cursor over a session. Identical requests get their answers in the order in which they were recorded, whoever asks;
of those that ran at the same time, the one of the same connection is preferred. With `order="session"` the whole order
counts: an exchange is due when all that had ended before it began have been played.

For one thread at a time. It finds; who answers, sends.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, Literal

from fakedocker.cassettes.correspondence import Correspondence, Pairs
from fakedocker.cassettes.matching import DEFAULT, MATCHERS, NearMiss, comparable_path, matches, nearest
from fakedocker.cassettes.model import Cassette, Exchange, Request
from fakedocker.cassettes.redaction import Redactor
from fakedocker.cassettes.references import References

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
        for one in self._exchanges:
            self._places.setdefault(self._place(self._requests[one.id]), []).append(one)
        self._played: set[int] = set()
        #: The client's connections now -> then.
        self._connections: dict[int, int] = {}

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
        candidates = self._candidates(asked)
        unplayed = [(one, pairs) for one, pairs in candidates if one.id not in self._played]
        if not unplayed:
            return self._spent(asked, [one for one, _ in candidates])
        exchange, pairs = self._preferred(unplayed, connection)
        if self._order == "session":
            expected = next((one for one in self.unused if one.start + one.duration <= exchange.start), None)
            if expected is not None:
                return OutOfOrder(asked, (), exchange, expected)
        self._played.add(exchange.id)
        self._correspondence.bind(pairs)
        if connection is not None:
            self._connections.setdefault(connection, exchange.connection)
        return self._as_live(exchange)

    def _place(self, request: Request) -> tuple[str, str]:
        """Return what two requests have in common that may match."""
        return (
            request.method if "method" in self._matchers else "",
            comparable_path(request) if "path" in self._matchers else "",
        )

    def _candidates(self, asked: Request) -> list[tuple[Exchange, Pairs]]:
        """Return the exchanges that match, in their order, each with what would have to correspond.

        A request that matches as it is has no need of names that merely look alike.
        """
        then = self._correspondence.recorded_request(asked)
        known = self._references.abstract_request(then)
        near = self._places.get(self._place(known), [])
        exact: list[tuple[Exchange, Pairs]] = [
            (one, {}) for one in near if matches(self._requests[one.id], known, self._matchers)
        ]
        if exact:
            return exact
        alike: list[tuple[Exchange, Pairs]] = []
        for one in near:
            pairs = self._correspondence.proposed(one.request, then)
            if pairs:
                supposed = self._correspondence.recorded_request(asked, pairs)
                if matches(self._requests[one.id], self._references.abstract_request(supposed), self._matchers):
                    alike.append((one, pairs))
        return alike

    def _preferred(self, unplayed: list[tuple[Exchange, Pairs]], connection: int | None) -> tuple[Exchange, Pairs]:
        """Return the first, or of those that ran at the same time the one of the same connection."""
        first, pairs = unplayed[0]
        then = self._connections.get(connection) if connection is not None else None
        if then is None or first.connection == then:
            return first, pairs
        end = first.start + first.duration
        return next((one for one in unplayed if one[0].connection == then and one[0].start < end), unplayed[0])

    def _spent(self, asked: Request, played: list[Exchange]) -> Exchange | Miss:
        if played and self._repeat:
            return self._as_live(played[-1])
        if played:
            return Exhausted(asked, (), played[-1], len(played))
        known = self._references.abstract_request(self._correspondence.recorded_request(asked))
        recorded = [(one, self._requests[one.id]) for one in self._exchanges]
        return NotRecorded(asked, nearest(known, recorded, self._matchers))

    def _as_live(self, exchange: Exchange) -> Exchange:
        """Return an exchange with this client's own names and secrets in the answer."""
        if exchange.response is None:
            return exchange
        response = self._correspondence.live_response(exchange.response)
        return replace(exchange, response=self._redactor.reveal(response))
