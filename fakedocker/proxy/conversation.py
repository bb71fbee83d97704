"""What a client and the daemon say to each other on one connection, made into exchanges.

Fed with what passed, in the order in which it passed. It decides the three things that nobody says aloud: which answer
belongs to which request; whether bytes behind a request are the next request or for the program behind the
connection; and where HTTP ends.

What cannot be read is not lost: from there on the bytes themselves are recorded, with a note that says why.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Protocol
from urllib.parse import parse_qsl

from fakedocker.cassettes.bodies import StreamReader
from fakedocker.cassettes.model import Body, Direction, End, Exchange, Request, Response

from .gathering import READABLE_LIMIT, Gathering, MakeSideFile, SideFile
from .messages import UNTIL_CLOSE, Data, Head, MessageReader, UnreadableError, is_interim, length_of_answer
from .messages import End as EndOfMessage
from .passage import Ending

#: Bytes behind a request that are kept until its answer says what they are.
HELD_LIMIT = 4 << 20


class Taken:
    """A connection that was taken over: raw bytes in both directions."""

    def __init__(self) -> None:
        self._reader = StreamReader("hijack")
        self._left = READABLE_LIMIT
        self.size = 0
        self.lost = 0
        self.closed: list[Direction] = []

    def add(self, time: float, direction: Direction, data: bytes) -> None:
        self.size += len(data)
        if len(data) > self._left:
            self._left, self.lost = 0, self.lost + len(data)
            return
        self._left -= len(data)
        self._reader.feed(time, data, direction)

    def close(self, time: float, direction: Direction) -> None:
        if direction not in self.closed:
            self.closed.append(direction)
            self._reader.end(time, direction)

    def body(self, time: float) -> Body:
        return self._reader.finish(time)


class Draft:
    """An exchange that is not over yet."""

    def __init__(self, number: int, start: float, request: Head | None, side_file: MakeSideFile) -> None:
        self.number = number
        self.start = start
        self.request = request
        self.method, self.target = request.request_line if request else ("", "")
        self.asked = Gathering(side_file, request.value("content-type") if request else "")
        self.is_asked = False
        self.response: Head | None = None
        self.answered = Gathering(side_file)
        self.is_answered = False
        self.is_measured = False
        self.until_close = False
        self.taken: Taken | None = None
        self.notes: list[str] = []

    def take_over(self) -> Taken:
        """Go on with raw bytes; what had come of a body that nobody measured was their beginning."""
        if self.taken is None:
            self.taken = Taken()
            for time, data in self.answered.pieces():
                self.taken.add(time, "out", data)
        return self.taken

    @property
    def size(self) -> int:
        """Bytes of both bodies."""
        return self.asked.size + self.answered.size + (self.taken.size if self.taken else 0)

    def exchange(self, connection: int, time: float, end: End) -> Exchange:
        """Return what is known at this time."""
        notes = [*self.notes, self.asked.note, self.answered.note]
        if self.taken and self.taken.lost:
            notes.append(f"{self.taken.lost} bytes at the end were not recorded")
        answer = self._response(time, complete=end in ("complete", "eof"))
        # Without an answer there is no other place for what passed.
        body = self.taken.body(time - self.start) if self.taken and answer is None else self.asked.whole()
        return Exchange(
            id=self.number,
            connection=connection,
            start=self.start,
            duration=time - self.start,
            request=self._request(body),
            response=answer,
            end=end,
            note="; ".join(filter(None, notes)),
        )

    def request_so_far(self) -> Request:
        """Return the request as far as it has come."""
        return self._request(self.asked.so_far())

    def _request(self, body: Body) -> Request:
        path, _, query = self.target.partition("?")
        fields = self.request.fields if self.request else ()
        return Request(self.method, path, tuple(parse_qsl(query, keep_blank_values=True)), fields, body)

    def _response(self, time: float, *, complete: bool) -> Response | None:
        if self.response is None:
            return None
        after = time - self.start
        if self.taken:
            body = self.taken.body(after)
        elif self.is_measured:  # who knows the length beforehand does not stream
            body = self.answered.whole()
        else:
            body = self.answered.streamed(after, complete=complete)
        return Response(*self.response.status, self.response.fields, body)


def _request_length(head: Head) -> int:
    """How long the body of a request is. Raises UnreadableError also when the head is none of a request."""
    return head.length or 0 if head.request_line else 0


class Recording(Protocol):
    """Who takes what was said: `hear` each request when its head has come and when it is whole, `keep` each exchange
    when it has ended, with the bytes that its bodies had."""

    def hear(self, request: Request, /) -> None: ...
    def keep(self, exchange: Exchange, size: int, /) -> None: ...
    def side_file(self, media_type: str, /) -> SideFile: ...


class Conversation:
    """One connection. `number` gives the next exchange its number."""

    def __init__(self, connection: int, recording: Recording, number: Callable[[], int]) -> None:
        self._connection = connection
        self._recording = recording
        self._number = number
        self._requests = MessageReader(_request_length)
        self._answers = MessageReader(self._framing)
        self._drafts: deque[Draft] = deque()
        self._held: list[tuple[float, bytes]] = []
        self._held_size = 0
        self._interim = False
        self._first: float | None = None  # when the request that has begun began
        self._endings: dict[Direction, Ending] = {}

    # -- what passes ---------------------------------------------------------------------

    def passes(self, time: float, direction: Direction, data: bytes) -> None:
        """Take bytes."""
        draft = self._taken_draft()
        if draft and draft.taken:
            draft.taken.add(time - draft.start, direction, data)
            return
        try:
            if direction == "in":
                self._client_says(time, data)
            else:
                self._daemon_says(time, data)
        except UnreadableError as error:
            self.give_up(time, str(error))

    def ends(self, time: float, direction: Direction, how: Ending) -> None:
        """Take that a direction has ended."""
        is_new = direction not in self._endings
        if is_new or (direction == "in" and self._endings["in"] == "eof" and how != "cut"):
            self._endings[direction] = how  # of a daemon it does not matter whether it still reads
        draft = self._taken_draft()
        if draft and draft.taken and how == "eof":
            draft.taken.close(time - draft.start, direction)
        elif direction == "out" and how == "eof" and self._drafts and self._drafts[0].until_close:
            self._finish(time, "eof")

    def is_over(self, time: float) -> None:
        """Take that the connection is no more: whatever was in the middle is an exchange as it is."""
        if not self._drafts and (self._requests.in_message or self._answers.in_message):
            self.give_up(time, "the connection ended within a head")
        while self._drafts:
            self._finish(time, self._end_of(self._drafts[0]))

    def give_up(self, time: float, why: str) -> None:
        """Record bytes only from here on, since they cannot be read."""
        if not self._drafts:
            self._drafts.append(self._draft(self._first if self._first is not None else time, None))
        draft = self._drafts[0]
        draft.notes.append(f"recorded as bytes: {why}")
        taken = draft.take_over()
        if draft.response is None:
            for then, data in draft.asked.pieces():
                taken.add(then, "in", data)
        for then, data in self._held:
            taken.add(then - draft.start, "in", data)
        self._held.clear()
        for direction, reader in (("in", self._requests), ("out", self._answers)):
            taken.add(time - draft.start, "in" if direction == "in" else "out", reader.rest())

    # -- the client ----------------------------------------------------------------------

    def _client_says(self, time: float, data: bytes) -> None:
        if self._drafts and self._drafts[-1].is_asked and self._drafts[-1].response is None:
            self._hold(time, data)
            return
        if self._drafts and self._drafts[0].until_close:
            self._drafts[0].take_over().add(time - self._drafts[0].start, "in", data)
            return
        if self._first is None:
            self._first = time
        for event in self._requests.feed(data):
            if isinstance(event, Head):
                self._drafts.append(self._draft(self._first, event))
                if _request_length(event):
                    self._recording.hear(self._drafts[-1].request_so_far())
            elif isinstance(event, Data):
                draft = self._drafts[-1]
                draft.asked.add(time - draft.start, event.data, event.begins)
            else:
                self._drafts[-1].is_asked = True
                self._recording.hear(self._drafts[-1].request_so_far())
                self._first = None
                rest = self._requests.rest()
                if self._drafts[-1].is_answered:  # before it was asked to the end
                    self._finish(time, "complete")
                if rest:
                    self._client_says(time, rest)
                return

    def _hold(self, time: float, data: bytes) -> None:
        """Keep bytes behind a request: its answer tells whether they are another one."""
        self._held.append((time, data))
        self._held_size += len(data)
        if self._held_size > HELD_LIMIT:
            raise UnreadableError("too much behind a request that has no answer")

    def _release(self) -> None:
        held, self._held, self._held_size = self._held, [], 0
        for time, data in held:
            self._client_says(time, data)

    def _draft(self, start: float, request: Head | None) -> Draft:
        return Draft(self._number(), start, request, self._recording.side_file)

    # -- the daemon ----------------------------------------------------------------------

    def _daemon_says(self, time: float, data: bytes) -> None:
        for event in self._answers.feed(data):
            draft = self._answering()
            if isinstance(event, Head):
                if not self._interim:
                    draft.response = event
                    draft.answered.content_type = event.value("content-type")
                    if self._answers.no_more_http or (draft.until_close and self._held):
                        self._hand_over(time, draft)
                        return
            elif isinstance(event, Data):
                draft.answered.add(time - draft.start, event.data, event.begins)
            elif isinstance(event, EndOfMessage) and not self._interim:
                draft.is_answered = True
                if event.trailers:
                    names = ", ".join(name for name, _ in event.trailers)
                    draft.notes.append(f"trailers that were not recorded: {names}")
                if draft.is_asked:
                    self._finish(time, "complete")
                    self._release()

    def _answering(self) -> Draft:
        """The exchange that the daemon's words belong to. Raises UnreadableError when nobody has asked."""
        if not self._drafts:
            raise UnreadableError("the daemon answered without a question")
        return self._drafts[0]

    def _framing(self, head: Head) -> int:
        """How long the body of an answer is."""
        draft = self._answering()
        if draft.is_answered:
            raise UnreadableError("a second answer to one question")
        self._interim = is_interim(head)
        length = length_of_answer(head, draft.method)
        draft.until_close = length == UNTIL_CLOSE
        draft.is_measured = length >= 0
        return length

    def _hand_over(self, time: float, draft: Draft) -> None:
        taken = draft.take_over()
        held, self._held, self._held_size = self._held, [], 0
        for then, data in held:
            taken.add(then - draft.start, "in", data)
        if rest := self._answers.rest():
            taken.add(time - draft.start, "out", rest)
        for direction, how in self._endings.items():
            if how == "eof":
                taken.close(time - draft.start, direction)

    # -- how it ends ---------------------------------------------------------------------

    def _taken_draft(self) -> Draft | None:
        return self._drafts[0] if self._drafts and self._drafts[0].taken else None

    def _end_of(self, draft: Draft) -> End:
        """How an exchange ended that lasted until its connection did."""
        order = list(self._endings)
        came, went = self._endings.get("in"), self._endings.get("out")
        if draft.is_answered:
            draft.notes.append("answered before it was asked to the end")
            return "complete"
        if went == "cut" or (came == "cut" and went is None):
            draft.notes.append("the recorder was ended in the middle")
            return "reset"
        if went in ("gone", "reset") or not order:
            return "reset"
        if order[0] == "out":
            return "eof" if draft.taken else "reset"
        if came in ("gone", "reset"):
            return "client-left"
        return "half-close" if draft.taken else "client-left"

    def _finish(self, time: float, end: End) -> None:
        draft = self._drafts.popleft()
        if draft.taken and len(self._drafts):
            draft.notes.append("requests that came behind it were not followed")
            self._drafts.clear()
        self._recording.keep(draft.exchange(self._connection, time, end), draft.size)
