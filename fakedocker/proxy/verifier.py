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
import hashlib
import re
import socket
import threading
import time
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Final, Literal
from urllib.parse import urlencode

from fakedocker.cassettes.bodies import body_of, data_of, frame_data, piece_of, response_data
from fakedocker.cassettes.correspondence import Correspondence
from fakedocker.cassettes.diff import ABSENT, Difference, compare
from fakedocker.cassettes.model import Body, Empty, Exchange, File, Frame, Json, Request, Response, Stream
from fakedocker.cassettes.redaction import Redactor
from fakedocker.cassettes.references import References
from fakedocker.cassettes.store import CassetteError, Loaded, SideFiles

from .conversation import Draft
from .messages import NO_MORE_HTTP, UNTIL_CLOSE, Data, Head, MessageReader, UnreadableError
from .messages import End as EndOfMessage
from .upstream import Line, UnreachableError, Upstream

#: Seconds that an answer is waited for when its turn has come.
TIMEOUT: Final = 60.0
#: Seconds that a request waits for the answers beside it to begin: most do at once, a `wait` of old daemons does not.
SETTLING: Final = 0.2
#: Seconds that input waits for output that had come before it.
PROMPT: Final = 5.0
#: Seconds that are kept at most of a pause that the recorded client made: daemons get things done meanwhile.
LONGEST_PAUSE: Final = 1.0
CHUNK: Final = 65536
#: Headers of a request that say how it was sent; they are made anew.
_FRAMING = frozenset({"content-length", "transfer-encoding", "expect", "trailer", "keep-alive"})
_UNSENDABLE = re.compile(r"[\0-\x20\x7f]")
_UNSENDABLE_IN_FIELD = re.compile(r"[\0-\x08\x0a-\x1f\x7f]")
_VERSION = re.compile(r"\A/v[0-9.]+(?=/)")

Verdict = Literal["equal", "different", "not reached"]


# -- what came out -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one exchange. `reason`: why it was not reached."""

    exchange: Exchange
    differences: Sequence[Difference] = ()
    reason: str = ""

    @property
    def verdict(self) -> Verdict:
        if self.reason:
            return "not reached"
        return "different" if self.differences else "equal"


@dataclass(frozen=True, slots=True)
class Report:
    """What came of a cassette, in the order in which its exchanges began."""

    outcomes: Sequence[Outcome]

    def count(self, verdict: Verdict) -> int:
        return sum(outcome.verdict == verdict for outcome in self.outcomes)

    @property
    def is_same(self) -> bool:
        return self.count("equal") == len(self.outcomes)

    def operations(self) -> dict[str, dict[Verdict, int]]:
        """Return how often what came of each operation, by its name."""
        found: dict[str, dict[Verdict, int]] = {}
        for outcome in self.outcomes:
            counts = found.setdefault(
                operation(outcome.exchange.request), {"equal": 0, "different": 0, "not reached": 0}
            )
            counts[outcome.verdict] += 1
        return dict(sorted(found.items(), key=lambda one: one[0].split(" ", 1)[::-1]))


#: Collections whose members have names, and what stands there that is none.
_COLLECTIONS: Final = {
    "containers": frozenset({"json", "create", "prune", "ps"}),
    "images": frozenset({"json", "create", "load", "get", "search", "prune", "viz"}),
    "networks": frozenset({"create", "prune"}),
    "volumes": frozenset({"create", "prune"}),
    "exec": frozenset[str](),
    "plugins": frozenset({"pull", "create", "privileges"}),
    "services": frozenset({"create"}),
    "secrets": frozenset({"create"}),
    "configs": frozenset({"create"}),
    "nodes": frozenset[str](),
    "tasks": frozenset[str](),
    "distribution": frozenset[str](),
}
#: Collections of which the names may have slashes.
_WITH_SLASHES: Final = frozenset({"images", "plugins", "distribution"})
_OF_AN_IMAGE: Final = frozenset(
    {"json", "history", "push", "tag", "get", "insert", "enable", "disable", "upgrade", "set"}
)


def operation(request: Request) -> str:
    """Return which endpoint a request is for: the method and the path, `{name}` in the place of what is a name."""
    collection, *rest = _VERSION.sub("", request.path).strip("/").split("/")
    words = [collection, *rest]
    fixed = _COLLECTIONS.get(collection)
    if fixed is not None and rest and not (len(rest) == 1 and rest[0] in fixed):
        if collection in _WITH_SLASHES:
            ends = rest[-1:] if len(rest) > 1 and rest[-1] in _OF_AN_IMAGE else []
        else:
            ends = rest[1:]
        words = [collection, "{name}", *ends]
    return f"{request.method} /{'/'.join(words)}"


# -- one exchange ------------------------------------------------------------------------


class UnaskableError(Exception):
    """A recorded request cannot be asked; `str()` says why."""


class _Digest:
    """In the place of a file beside a cassette: only what it would be called is of interest."""

    def __init__(self, media_type: str) -> None:
        self._media_type = media_type
        self._digest = hashlib.sha256()
        self._size = 0

    def write(self, data: bytes, /) -> None:
        self._digest.update(data)
        self._size += len(data)

    def close(self) -> Body:
        return File(f"sha256:{self._digest.hexdigest()}", self._size, self._media_type)


@dataclass(frozen=True, slots=True)
class _Message:
    """A request as it is sent: its head, and its body in pieces."""

    head: bytes
    body: Callable[[], Iterator[bytes]]

    @classmethod
    def of(cls, request: Request, files: SideFiles) -> _Message:
        """Write a request. Raises UnaskableError."""
        target = request.path + (f"?{urlencode(request.query)}" if request.query else "")
        fields = [(name, value) for name, value in request.headers if name.lower() not in _FRAMING]
        if not any(name.lower() == "host" for name, _ in fields):
            fields.insert(0, ("Host", "docker"))
        size = _size(request.body)
        if size or request.method in ("POST", "PUT"):
            fields.append(("Content-Length", str(size)))
        if not request.method or not request.path or _UNSENDABLE.search(request.method + target):
            raise UnaskableError("it was no request in HTTP")
        for name, value in fields:
            if not name or _UNSENDABLE.search(name) or ":" in name or _UNSENDABLE_IN_FIELD.search(value):
                raise UnaskableError(f"its header {name!r} cannot be sent")
        lines = [f"{request.method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in fields)]
        try:
            head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
        except UnicodeEncodeError:
            raise UnaskableError("its head has characters that HTTP does not have") from None
        return cls(head, lambda: _pieces(request.body, files))


def _size(body: Body) -> int:
    return body.size if isinstance(body, File) else sum(map(len, _small_pieces(body)))


def _small_pieces(body: Body) -> Iterator[bytes]:
    match body:
        case File():
            return
        case Stream(kind="hijack"):
            return  # what the client sent without ever getting an answer was no body
        case Stream() as stream:
            yield from (frame_data(stream, frame) for frame in stream.frames)
        case _:
            yield data_of(body, ends="\n")


def _pieces(body: Body, files: SideFiles) -> Iterator[bytes]:
    if not isinstance(body, File):
        yield from _small_pieces(body)
        return
    with files.open(body) as file:
        while piece := file.read(CHUNK):
            yield piece


class _Asking:
    """One exchange with the live daemon: a thread that sends, one that reads."""

    def __init__(self, recorded: Exchange, line: Line, message: _Message) -> None:
        self.recorded = recorded
        self._line = line
        self._message = message
        self._changed = threading.Condition()
        self._began = time.monotonic()
        self._draft = Draft(recorded.id, 0.0, Head(f"{recorded.request.method} / HTTP/1.1", ()), _Digest)
        self._reader = MessageReader(self._framing)
        self._interim = False
        self._received = 0  # bytes of the answer's body, or raw ones
        self._lines = 0
        self._is_over = False
        self._is_left = False
        self._trouble = ""
        self._threads = [threading.Thread(target=work, daemon=True) for work in (self._send, self._read)]
        for thread in self._threads:
            thread.start()

    # -- what others wait for ------------------------------------------------------------

    def wait_for_head(self, seconds: float) -> None:
        """Return when the answer has begun, at the latest after some seconds."""
        with self._changed:
            self._changed.wait_for(lambda: self._draft.response is not None or self._is_over, seconds)

    def finish(self, seconds: float) -> tuple[Response | None, str]:
        """Wait for the end, or for what the recorded client had seen before it left, and close the connection.

        Returns the answer, and what went wrong otherwise.
        """
        seen = _Seen.of(self.recorded)
        with self._changed:
            in_time = self._changed.wait_for(
                lambda: self._is_over or (seen is not None and self._has_come(seen)), seconds
            )
            self._is_left = True
            if not in_time and not self._trouble:
                self._trouble = f"not over after {seconds:g} seconds"
            self._changed.notify_all()
        with contextlib.suppress(OSError):
            self._line.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(PROMPT)
        self._line.close()
        with self._changed:
            return self._answer(), self._trouble

    def _has_come(self, seen: _Seen) -> bool:
        if seen.without_answer:
            return True
        return self._draft.response is not None and self._received >= seen.bytes and self._lines >= seen.lines

    def _answer(self) -> Response | None:
        return self._draft.exchange(0, self._now(), "complete").response

    def _now(self) -> float:
        return time.monotonic() - self._began

    # -- sending -------------------------------------------------------------------------

    def _send(self) -> None:
        try:
            self._line.sendall(self._message.head)
            for piece in self._message.body():
                self._line.sendall(piece)
            self._type()
        except (OSError, CassetteError):
            pass  # a daemon may answer and close before it has heard everything; its answer tells

    def _type(self) -> None:
        """Send what was sent into a hijacked connection, each piece behind the output that it had followed."""
        response = self.recorded.response
        if response is None or not isinstance(response.body, Stream) or response.body.kind != "hijack":
            return
        with self._changed:
            self._changed.wait_for(lambda: self._draft.response is not None or self._is_over or self._is_left)
            if self._draft.taken is None:
                return
        expected = 0
        for frame in response.body.frames:
            data = frame_data(response.body, frame)
            if frame.direction == "out":
                expected += len(data)
                continue
            self._wait_for_output(expected)
            if self._is_left:
                return
            self._line.sendall(data)
            if frame.ends:
                self._line.shutdown(socket.SHUT_WR)

    def _wait_for_output(self, expected: int) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._received >= expected or self._is_over or self._is_left, PROMPT)

    # -- reading -------------------------------------------------------------------------

    def _read(self) -> None:
        trouble = ""
        try:
            while data := self._line.recv(CHUNK):
                with self._changed:
                    if self._is_left:
                        return
                    self._take(self._now(), data)
                    self._changed.notify_all()
                    if self._draft.is_answered:
                        return
            if not (self._draft.taken or self._draft.until_close):
                trouble = "the connection was closed in the middle" if self._draft.response else ""
        except OSError as error:
            trouble = f"the connection broke: {error.strerror or error}"
        except UnreadableError as error:
            trouble = f"not to be read: {error}"
        finally:
            with self._changed:
                if not self._is_left:
                    self._is_over, self._trouble = True, trouble
                self._changed.notify_all()

    def _take(self, now: float, data: bytes) -> None:
        if self._draft.taken:
            self._received += len(data)
            self._draft.taken.add(now, "out", data)
            return
        for event in self._reader.feed(data):
            match event:
                case Head() if not self._interim:
                    self._draft.response = event
                    self._draft.answered.content_type = event.value("content-type")
                    if self._reader.no_more_http:
                        self._draft.take_over()
                        if rest := self._reader.rest():
                            self._take(now, rest)
                        return
                case Data(data=part, begins=begins):
                    self._received += len(part)
                    self._lines += part.count(b"\n")
                    self._draft.answered.add(now, part, begins)
                case EndOfMessage() if not self._interim:
                    self._draft.is_answered = True
                    return

    def _framing(self, head: Head) -> int:
        """How long the body of the answer is, as the recorder reads it."""
        status, _ = head.status
        self._interim = status < 200 and status != 101
        if self._interim or self.recorded.request.method == "HEAD" or status in (204, 304):
            return 0
        if status == 101:
            return NO_MORE_HTTP
        length = head.length
        if length is None or length == UNTIL_CLOSE:
            self._draft.until_close = True
            raw = head.value("content-type").startswith("application/vnd.docker.")
            return NO_MORE_HTTP if raw else UNTIL_CLOSE
        self._draft.is_measured = length >= 0
        return length


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a client had seen when it left: bytes, or lines where their lengths may differ."""

    bytes: int = 0
    lines: int = 0
    without_answer: bool = False

    @classmethod
    def of(cls, exchange: Exchange) -> _Seen | None:
        """Return it; None if the client stayed to the end."""
        if exchange.end != "client-left":
            return None
        if exchange.response is None:
            return cls(without_answer=True)
        match exchange.response.body:
            case Stream(kind="lines", frames=frames):
                return cls(lines=sum(not isinstance(frame.content, Empty) for frame in frames))
            case File(size=size):
                return cls(bytes=size)
        return cls(bytes=len(response_data(exchange.response) or b""))


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
    differ, as in `body.*.Created`. `redact`: the rules that the recording had beyond the usual ones. `longest_pause`:
    seconds that are kept at most of a pause between an answer and the next request.
    """

    loaded: Loaded
    upstream: Upstream
    timeout: float = TIMEOUT
    ignore: Sequence[str] = ()
    redact: Sequence[str] = ()
    longest_pause: float = LONGEST_PAUSE
    _exchanges: list[Exchange] = field(init=False)
    _recorded: References = field(init=False)
    _live: References = field(init=False)
    _correspondence: Correspondence = field(init=False)
    _redactor: Redactor = field(init=False)
    _later: float = field(init=False)

    def __post_init__(self) -> None:
        self._exchanges = sorted(self.loaded.cassette.exchanges, key=lambda one: (one.start, one.id))
        self._recorded = References.of(self._exchanges)
        self._live = References()
        self._correspondence = Correspondence(self._recorded)
        self._redactor = Redactor(self.redact)
        self._later = _seconds_since(self.loaded.cassette.header.recorded_at)

    def run(self, tell: Callable[[Outcome], None] = lambda outcome: None) -> Report:
        """Ask everything, and tell of each exchange when it is over. Raises UnreachableError before the first."""
        self.upstream.connect().close()
        outcomes: dict[int, Outcome] = {}
        open_now: list[_Asking] = []
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

    def _ask(self, exchange: Exchange) -> _Asking:
        request = self._correspondence.live_request(exchange.request)
        query = tuple((name, self._moment(name, value)) for name, value in request.query)
        message = _Message.of(replace(request, query=query), self.loaded.files)
        return _Asking(exchange, self.upstream.connect(), message)

    def _moment(self, name: str, value: str) -> str:
        """Return a parameter; a moment of the recording is one of today, as many seconds from the beginning."""
        is_moment = name in ("since", "until") and value.isascii() and value.isdecimal() and len(value) == _EPOCH
        return str(int(value) + round(self._later)) if is_moment else value

    def _settle(self, asking: _Asking) -> Outcome:
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
        asked = self._redactor.request(exchange.request)
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
