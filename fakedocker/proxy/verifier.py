"""A cassette's requests, asked again: does this daemon still answer as that one did?

The rules:

* the order is that of the recording: a request is asked when everything that had ended before it has ended, and what
  was open beside it is open beside it again;
* inventions of the recorded daemon are translated (`correspondence`) into those of this one, and back to be compared;
* a client that had left leaves again, once what it had seen has come; input of a hijacked connection is sent when the
  output that came before it has come;
* nothing is waited for longer than `timeout`, and what is kept of an answer is bounded as in a recording.
"""

from __future__ import annotations

import contextlib
import datetime
import time
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Any, Final

from fakedocker.cassettes.bodies import body_of, data_of, piece_of, response_data
from fakedocker.cassettes.correspondence import Correspondence
from fakedocker.cassettes.diff import ABSENT, Difference, compare
from fakedocker.cassettes.masking import revealed
from fakedocker.cassettes.model import Body, Empty, Exchange, Frame, Json, Request, Response, Stream
from fakedocker.cassettes.redaction import Redactor
from fakedocker.cassettes.references import References, rewrite_request
from fakedocker.cassettes.store import Loaded

from .asking import Asking
from .questions import Question, UnaskableError
from .report import Outcome, Report
from .upstream import UnreachableError, Upstream

#: Seconds that an answer is waited for when its turn has come.
TIMEOUT: Final = 60.0
#: Seconds that a request waits for the answers beside it to begin: most do at once, a `wait` of old daemons does not.
SETTLING: Final = 0.2
#: Seconds that are kept at most of a pause that the recorded client made: daemons get things done meanwhile.
LONGEST_PAUSE: Final = 1.0

# -- comparing ---------------------------------------------------------------------------


def _as_far_as(recorded: Body, live: Body) -> Body:
    """Return of a live body what a client had seen of the recorded one when it left: how much came behind is chance."""
    if isinstance(recorded, Empty):
        return recorded
    if not (isinstance(recorded, Stream) and isinstance(live, Stream)):
        return live
    if live.kind == "lines":
        return replace(live, frames=live.frames[: len(recorded.frames)])
    left: dict[tuple[str, str | None], int] = {}
    for frame in recorded.frames:
        way = (frame.direction, frame.channel)
        left[way] = left.get(way, 0) + len(data_of(frame.content))
    kept: list[Frame] = []
    for frame in live.frames:
        way = (frame.direction, frame.channel)
        data = data_of(frame.content)[: left.get(way, 0)]
        left[way] = left.get(way, 0) - len(data)
        if data:
            kept.append(replace(frame, content=piece_of(data)))
    return replace(live, frames=tuple(kept))


def _without_input(body: Body) -> Body:
    """Return a body without what the client sent: that is the same by itself."""
    if isinstance(body, Stream):
        return replace(body, frames=tuple(frame for frame in body.frames if frame.direction == "out"))
    return body


def _in_lines(body: Body) -> Body:
    """Return one JSON value, or none, as a stream of as many."""
    match body:
        case Json():
            return Stream("lines", (Frame(0.0, body),))
        case Empty():
            return Stream("lines", ())
    return body


def _alike(one: Response, other: Response) -> tuple[Response, Response]:
    """Return two answers of which none is a stream if the other is not."""
    bodies = (one.body, other.body)
    if any(isinstance(body, Stream) and body.kind == "lines" for body in bodies):
        one, other = replace(one, body=_in_lines(one.body)), replace(other, body=_in_lines(other.body))
    if isinstance(one.body, Stream) != isinstance(other.body, Stream):
        return _in_one_piece(one), _in_one_piece(other)
    return one, other


def _in_one_piece(response: Response) -> Response:
    """Return an answer with its body as a whole: whether it came in one piece or in several is chance."""
    data = response_data(response)
    said = next((value for name, value in response.headers if name.lower() == "content-type"), "")
    return response if data is None else replace(response, body=body_of(data, said))


# -- a session ---------------------------------------------------------------------------


@dataclass(slots=True)
class Verifier:
    """Asks what a cassette has asked, and compares the answers.

    `timeout`: seconds that an answer is waited for when its turn has come. `ignore`: patterns of places that may
    differ, as in `body.*.Created`. `redact`: the rules that the recording had beyond the usual ones. `secrets`: what is
    sent in the place of `{secret:name}`, by its name. `longest_pause`: seconds that are kept at most of a pause between
    an answer and the next request.
    """

    loaded: Loaded
    upstream: Upstream
    timeout: float = TIMEOUT
    ignore: Sequence[str] = ()
    redact: Sequence[str] = ()
    secrets: Mapping[str, str] = field(default_factory=dict)
    longest_pause: float = LONGEST_PAUSE
    _exchanges: list[Exchange] = field(init=False)
    _recorded: References = field(init=False)
    _live: References = field(init=False)
    _correspondence: Correspondence = field(init=False)
    _redactor: Redactor = field(init=False)
    _later: float = field(init=False)

    def __post_init__(self) -> None:
        exchanges = map(_as_heard, self.loaded.cassette.exchanges)
        self._exchanges = sorted(exchanges, key=lambda one: (one.start, one.id))
        self._recorded = References.of(self._exchanges)
        self._live = References()
        self._correspondence = Correspondence(self._recorded)
        self._redactor = Redactor(self.redact)
        self._later = _seconds_since(self.loaded.cassette.header.recorded_at)

    def run(self, tell: Callable[[Outcome], None] = lambda outcome: None) -> Report:
        """Ask everything, and tell of each exchange when it is over. Raises UnreachableError before the first."""
        self.upstream.connect().close()
        outcomes: dict[int, Outcome] = {}
        open_now: list[Asking] = []
        ends = sorted(map(_end, self._exchanges))

        def settle(before: float) -> None:
            for asking in sorted(open_now, key=lambda one: _end(one.recorded)):
                if _end(asking.recorded) <= before:
                    open_now.remove(asking)
                    note(self._settle(asking))

        def note(outcome: Outcome) -> None:
            outcomes[outcome.exchange.id] = outcome
            tell(outcome)

        before = 0.0  # the last moment at which something was asked or over
        for exchange in self._exchanges:
            settle(exchange.start)
            for asking in open_now:
                asking.wait_for_head(SETTLING)
            if over := bisect_right(ends, exchange.start):
                before = max(before, ends[over - 1])
            time.sleep(max(0.0, min(exchange.start - before, self.longest_pause)) if outcomes else 0.0)
            before = exchange.start
            try:
                open_now.append(self._ask(exchange))
            except (UnaskableError, UnreachableError) as error:
                note(Outcome(exchange, reason=str(error)))
        settle(float("inf"))
        return Report([outcomes[exchange.id] for exchange in self._exchanges])

    def _ask(self, exchange: Exchange) -> Asking:
        request = self._with_secrets(self._correspondence.live_request(exchange.request))
        query = tuple((name, self._moment(name, value)) for name, value in request.query)
        message = Question.of(replace(request, query=query), self.loaded.files)
        return Asking(exchange, self.upstream.connect(), message)

    def _with_secrets(self, request: Request) -> Request:
        """Return a request with the secrets that were given in the place of their names."""

        def told(value: Any, _member: str = "") -> Any:
            return revealed(value, self.secrets) if isinstance(value, str) else value

        headers = tuple((name, told(value)) for name, value in request.headers)
        return replace(rewrite_request(request, told), headers=headers)

    def _moment(self, name: str, value: str) -> str:
        """Return a parameter; a moment of the recording is one of today, as many seconds from the beginning."""
        is_moment = name in ("since", "until") and value.isascii() and value.isdecimal() and len(value) == _EPOCH
        return str(int(value) + round(self._later)) if is_moment else value

    def _settle(self, asking: Asking) -> Outcome:
        live, trouble = asking.finish(self.timeout)
        exchange = asking.recorded
        found = self._compare(exchange, live)
        ended = exchange.end if exchange.response is not None else "client-left"
        if trouble and not (ended == "reset" or (ended == "client-left" and live is None)):
            found.append(Difference("end", exchange.end, trouble))
        found = [one for one in found if not any(fnmatchcase(one.where, pattern) for pattern in self.ignore)]
        return Outcome(exchange, found)

    def _compare(self, exchange: Exchange, live: Response | None) -> list[Difference]:
        recorded = exchange.response
        if recorded is None or live is None:
            if recorded is not None:
                return [Difference("status", recorded.status, ABSENT)]
            came_unasked = live is not None and exchange.end != "client-left"
            return [Difference("status", ABSENT, live.status)] if live is not None and came_unasked else []
        asked = self._redactor.request(self._with_secrets(exchange.request))
        live = self._redactor.response(live, asked)
        if exchange.end == "client-left":
            live = replace(live, body=_as_far_as(recorded.body, live.body))
        recorded = replace(recorded, body=_without_input(recorded.body))
        recorded, live = _alike(recorded, live)
        self._correspondence.pair_answers(recorded, live)
        live = self._correspondence.recorded_response(live)
        # What only this daemon has invented is one more invention; of its times and ports only that they are some.
        self._live.learn(replace(exchange, response=live))
        ours = self._live.abstract_response(self._recorded.abstract_response(live))
        return compare(self._recorded.abstract_response(recorded), ours)


#: What a daemon says to a client that waits for a container and is not there any more.
_CANCELED = Json({"Error": {"Message": "context canceled"}, "StatusCode": -1})


def _as_heard(exchange: Exchange) -> Exchange:
    """Return an exchange as its client had heard it: daemons end their answers, too, when nobody is there any more.

    `wait` says then that it was canceled, and events without `until` have no end of their own.
    """
    response = exchange.response
    if response is None or exchange.end != "complete":
        return exchange
    if response.body == _CANCELED:
        return replace(exchange, response=replace(response, body=Empty()), end="client-left")
    is_endless = exchange.request.path.endswith("/events") and "until" not in dict(exchange.request.query)
    return replace(exchange, end="client-left") if is_endless and response.status == 200 else exchange


#: Digits of a moment in seconds.
_EPOCH = 10


def _end(exchange: Exchange) -> float:
    return exchange.start + exchange.duration


def _seconds_since(recorded_at: str) -> float:
    """Return how long ago a recording was made; 0 if it does not say."""
    with contextlib.suppress(ValueError):
        then = datetime.datetime.fromisoformat(recorded_at)
        if then.tzinfo is not None:
            return time.time() - then.timestamp()
    return 0.0
