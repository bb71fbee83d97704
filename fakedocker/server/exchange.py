"""One request and its answer, between a connection and a WSGI application (PEP 3333), on a worker thread."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .breaking import BrokenOff, abort
from .http1 import CONTINUE, Body, Framing, Request, ResponseHead, response_head
from .lingering import Lingering, Resetting
from .reactor import Channel
from .streams import Follow, Hijack, Session, Source

if TYPE_CHECKING:
    from .connection import Connection

_FAILED = ResponseHead("500 Internal Server Error", (("Content-Type", "text/plain"),))
_BROKEN_BODY = ResponseHead("400 Bad Request", (("Content-Type", "text/plain"),))


class ClientGoneError(ConnectionError):
    """The client has left, or takes nothing any more."""


class Exchange:
    """One request and what becomes of it."""

    def __init__(self, connection: Connection, request: Request) -> None:
        self._connection = connection
        self._request = request
        self._body = Body(
            request.length,
            connection.buffer,
            connection.receive,
            connection.receive_into,
            self._invite if request.expects_continue and request.length else None,
        )
        self._head: ResponseHead | None = None
        self._framing: Framing | None = None  # set: the head has been sent
        self._request_read = True  # False: its rest is still on the way, and nobody waits for it
        self._taken_over: Source | None = None
        self._stream: Callable[[], Channel] | None = None

    def run(self) -> Channel:
        """Answer the request; gives the channel that the socket belongs to next."""
        connection = self._connection
        keep_alive = False
        try:
            self._call_application()
            if self._stream is not None:
                channel = self._stream()
                self._taken_over = None
                return channel
            keep_alive = self._finish_request() and self._keep_alive()
        except ClientGoneError:
            connection.say_farewell()
        except BrokenOff as broken:
            return self._break_off(broken)
        except BaseException as error:
            keep_alive = self._fail(error)
        finally:
            self._give_up_stream()
            self._body.seal()
        return connection if keep_alive else Lingering(connection)

    # --- the application ---

    def _call_application(self) -> None:
        app = self._connection.service.app
        parts = app(self._environ(), self._start_response)
        try:
            if isinstance(parts, (list, tuple)):
                whole = b"".join(parts)
                if whole or self._stream is None:
                    self._give_up_stream()
                    self._send(whole, total=len(whole))
            else:
                for part in parts:
                    if part:
                        self._give_up_stream()
                        self._send(part)
            if self._stream is None:
                self._end()
            elif self._head is None:
                raise AssertionError("the application returned before it called start_response")
        finally:
            close = getattr(parts, "close", None)
            if close is not None:
                close()

    def _environ(self) -> dict[str, Any]:
        request = self._request
        environ: dict[str, Any] = dict(self._connection.environ)
        environ.update(request.fields)
        environ["REQUEST_METHOD"] = request.method
        environ["SCRIPT_NAME"] = ""
        environ["PATH_INFO"] = request.path
        environ["QUERY_STRING"] = request.query
        environ["REQUEST_URI"] = request.target
        environ["SERVER_PROTOCOL"] = request.version
        environ["wsgi.input"] = self._body
        environ["wsgi.errors"] = sys.stderr
        environ["fakedocker.follow"] = self._follow
        environ["fakedocker.hijack"] = self._hijack
        environ["fakedocker.on_close"] = self._connection.on_close
        environ["fakedocker.send_head"] = self._send_head
        environ["fakedocker.abort"] = abort
        return environ

    def _start_response(
        self, status: str, headers: list[tuple[str, str]], exc_info: Any = None, /
    ) -> Callable[[bytes], object]:
        if exc_info is not None:
            try:
                if self._framing is not None:
                    raise exc_info[1].with_traceback(exc_info[2])
            finally:
                exc_info = None  # the frame would be part of its own traceback
        elif self._head is not None:
            raise AssertionError("start_response was called twice")
        self._head = response_head(status, headers)
        return self._write

    def _write(self, data: bytes) -> None:
        if data:
            self._give_up_stream()
            self._send(data)

    # --- the hooks ---

    def _follow(self, source: Source, *, head_now: bool = True) -> None:
        """`fakedocker.follow`: the body of this answer comes from the source, without a thread.

        An answer with a body of its own (an error page, say) closes the source and is sent instead.
        """
        self._take_over(source)

        def stream() -> Channel:
            assert self._head is not None
            if self._head.length == 0:  # a framework's idea of the view's own body, which is empty
                self._head = self._head.without("content-length")
            self._request_read = self._finish_request()
            return Follow(self._connection, source, head_now=head_now, framing=self._frame)

        self._stream = stream

    def _hijack(self, session: Session, *, head: bytes | None = None) -> None:
        """`fakedocker.hijack`: behind the head of this answer the connection belongs to the session.

        The head is the one given, byte by byte, or that of the answer without anything that frames a body. An
        answer with a body of its own closes the session and is sent instead.
        """
        self._take_over(session)

        def stream() -> Channel:
            assert self._head is not None
            if not self._drain():
                raise self._body.error or ValueError("the body of a request to hijack is too long")
            raw = (
                head
                if head is not None
                else self._head.without("content-length", "transfer-encoding").render("HTTP/1.1")
            )
            early = bytearray(self._connection.buffer)
            self._connection.buffer.clear()
            return Hijack(self._connection, session, head=raw, early=early)

        self._stream = stream

    def _send_head(self) -> None:
        """`fakedocker.send_head`: let the client have the head now, although nothing of the body is there."""
        if self._framing is None:
            self._framing = self._frame(None)
            self._connection.send(self._framing.head)

    def _take_over(self, source: Source) -> None:
        if self._taken_over is not None or self._framing is not None:
            source.close()
            raise RuntimeError("this answer has another body already")
        self._taken_over = source

    def _give_up_stream(self) -> None:
        source, self._taken_over, self._stream = self._taken_over, None, None
        if source is not None:
            try:
                source.close()
            except BaseException as error:
                self._connection.service.on_error(error, self._connection.label)

    # --- the answer ---

    def _frame(self, total: int | None) -> Framing:
        if self._head is None:
            raise AssertionError("the application sent a body before it called start_response")
        body, limit = self._body, self._connection.limits.drain_bytes
        # Nobody reads on when the whole answer is known: then the client may as well be told.
        unread = not body.ended and (not body.invited or (total is not None and body.known_above(limit)))
        return Framing(
            self._request,
            self._head,
            total=total,
            keep_alive=self._request_read and not unread,
            date=self._connection.service.date(),
        )

    def _send(self, data: bytes, *, total: int | None = None) -> None:
        if self._framing is None:
            framing = self._frame(total)
            self._framing = framing
            self._connection.send(framing.head, *framing.wrap(data))
        else:
            self._connection.send(*self._framing.wrap(data))

    def _end(self) -> None:
        if self._framing is None:
            self._send(b"", total=0)
        assert self._framing is not None
        tail = self._framing.end()
        if tail:
            self._connection.send(tail)

    def _keep_alive(self) -> bool:
        return self._framing is not None and self._framing.keep_alive

    def _invite(self) -> None:
        if self._framing is None:
            self._connection.send(CONTINUE)

    def _finish_request(self) -> bool:
        """Read what the application left of the request's body; False: it is broken, or too long."""
        if self._body.ended:
            return True
        if not self._body.invited or (self._framing is not None and not self._framing.keep_alive):
            return False
        return self._drain()

    def _drain(self) -> bool:
        self._connection.hurry(self._connection.limits.linger_seconds)
        return self._body.drain(self._connection.limits.drain_bytes)

    def _break_off(self, broken: BrokenOff) -> Channel:
        if self._framing is not None and broken.last:
            try:
                self._connection.send(broken.last)
            except ClientGoneError:
                self._connection.say_farewell()
        return Resetting(self._connection) if broken.reset else Lingering(self._connection)

    def _fail(self, error: BaseException) -> bool:
        """Answer for an application that raised; True: the connection is still good."""
        broken = error is self._body.error
        if not broken:
            self._connection.service.on_error(error, self._connection.label)
        self._give_up_stream()
        if self._framing is not None:
            return False  # the head is out: only the end of the connection tells the client
        self._head = _BROKEN_BODY if broken else _FAILED
        text = f"{error}\n" if broken else "Internal Server Error\n"
        try:
            self._send(text.encode("latin-1"), total=len(text))
        except ClientGoneError:
            self._connection.say_farewell()
            return False
        return self._finish_request() and self._keep_alive()
