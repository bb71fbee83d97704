"""One recorded exchange with a live daemon: asked as it was, and heard as far as the recorded client had heard it."""

from __future__ import annotations

import contextlib
import hashlib
import socket
import threading
import time
from dataclasses import dataclass
from typing import Final

from fakedocker.cassettes.bodies import frame_data, response_data
from fakedocker.cassettes.model import Body, Empty, Exchange, File, Response, Stream
from fakedocker.cassettes.store import CassetteError

from .conversation import Draft
from .messages import UNTIL_CLOSE, Data, Head, MessageReader, UnreadableError, is_interim, length_of_answer
from .messages import End as EndOfMessage
from .questions import CHUNK, Question
from .upstream import Line

#: Seconds that input waits for output that had come before it.
PROMPT: Final = 5.0
#: Bytes of an unfinished line that are compared with the recorded one.
LONGEST_PROMPT: Final = 100


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


class Asking:
    """One exchange with the live daemon: a thread that sends, one that reads."""

    def __init__(self, recorded: Exchange, line: Line, message: Question) -> None:
        self.recorded = recorded
        self._line = line
        self._message = message
        self._changed = threading.Condition()
        self._began = time.monotonic()
        self._draft = Draft(recorded.id, 0.0, Head(f"{recorded.request.method} / HTTP/1.1", ()), _Digest)
        self._reader = MessageReader(self._framing)
        self._interim = False
        self._received = 0  # bytes of the answer's body, or raw ones
        self._heard = b""  # the end of what came since the last input
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
        expected, said = 0, b""
        for frame in response.body.frames:
            data = frame_data(response.body, frame)
            if frame.direction == "out":
                expected, said = expected + len(data), said + data
                continue
            self._wait_for_output(expected, prompt=said.rpartition(b"\n")[2][-LONGEST_PROMPT:])
            if self._is_left:
                return
            said, self._heard = b"", b""
            self._line.sendall(data)
            if frame.ends:
                self._line.shutdown(socket.SHUT_WR)

    def _wait_for_output(self, expected: int, prompt: bytes) -> None:
        """Wait until as much has come, or less that ends with the same unfinished line: a shell's prompt."""

        def has_come() -> bool:
            is_asked = bool(prompt) and self._heard.endswith(prompt)
            return self._received >= expected or is_asked or self._is_over or self._is_left

        with self._changed:
            self._changed.wait_for(has_come, PROMPT)

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
            self._heard = (self._heard + data)[-LONGEST_PROMPT:]
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
        self._interim = is_interim(head)
        length = length_of_answer(head, self.recorded.request.method)
        self._draft.until_close = length == UNTIL_CLOSE
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
