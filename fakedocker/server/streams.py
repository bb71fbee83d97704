"""Answers that need no thread: a followed source, and a session that has taken a whole connection over.

Both are pulled, never pushed: the reactor asks for bytes when it has been woken and the client takes them,
so a slow client costs one read and no more.
"""

from __future__ import annotations

import contextlib
import fcntl
import socket
import struct
import sys
import termios
from collections.abc import Callable
from typing import Protocol

from .breaking import BrokenOff, prepare_reset
from .http1 import READ_SIZE, Framing
from .limits import Limits
from .poller import Report
from .reactor import Channel, Reactor

READS_PER_TURN = 16  # a source that always has something must not starve the others
GAP_STEPS = 10


class Source(Protocol):
    """Where the bytes of a followed answer come from.

    The server calls `watch` once, then `read` and at last `close` from one thread, holding no lock. `wake`
    may be called from any thread and under any lock.
    """

    def read(self, size: int) -> bytes | None:
        """Bytes that are ready, at most `size`; b"": nothing now; None: the end."""

    def watch(self, wake: Callable[[], None]) -> None:
        """Call `wake` from now on whenever there may be more to read."""

    def close(self) -> None:
        """It is over, or the client has gone. Called exactly once."""


class Session(Source, Protocol):
    """The other end of a hijacked connection."""

    def room(self) -> int:
        """How many bytes of input it takes now; 0: none until it has called `wake`."""

    def receive(self, data: bytes) -> None:
        """Input from the client, at most as much as there was room for."""

    def half_close(self) -> None:
        """The client will send nothing more. Called at most once."""


class Owner(Protocol):
    """The connection under a stream: what becomes of it afterwards."""

    sock: socket.socket
    label: str
    limits: Limits
    reactor: Reactor

    def resume(self) -> None: ...
    def linger(self) -> None: ...
    def close(self) -> None: ...


class _Stream(Channel):
    """What both kinds have in common: being woken, and sending without blocking."""

    def __init__(self, owner: Owner, source: Source) -> None:
        self.sock = owner.sock
        self.label = owner.label
        self._owner = owner
        self._reactor = owner.reactor
        self._source = source
        self._source_closed = False
        self._started = False
        self._over = False
        self._queued = True  # the connection posts a new stream itself
        self._unsent: memoryview | None = None
        self._armed: tuple[bool, bool, bool] | None = None

    def wake(self) -> None:
        if not self._queued and not self._over:
            self._queued = True
            self._reactor.post(self)

    def turn(self) -> None:
        self._queued = False  # before anything is read: what comes from here on wakes again
        if self._over:
            return
        if not self._started:
            self._started = True
            self._reactor.take(self)
            self._start()
        else:
            self._proceed()
        self._listen()

    def expire(self) -> None:
        self.abort()

    def abort(self) -> None:
        self._over = True
        self._unsent = None
        self._reactor.drop_deadline(self)
        try:
            self._close_source()
        finally:
            self._owner.close()

    def break_off(self, broken: BrokenOff) -> None:
        self._over = True
        self._unsent = None
        self._reactor.drop_deadline(self)
        try:
            self._close_source()
        finally:
            if broken.last:
                with contextlib.suppress(OSError):
                    self.sock.send(broken.last)
            if broken.reset:
                prepare_reset(self.sock)
                self._owner.close()
            else:
                self._owner.linger()

    def _proceed(self) -> None:
        if self._unsent is None:
            self._pull()

    def _start(self) -> None:
        raise NotImplementedError

    def _pull(self) -> None:
        raise NotImplementedError

    def _listen(self) -> None:
        raise NotImplementedError

    def _arm(self, *, read: bool = False, write: bool = False, hangup: bool = False) -> None:
        wanted = (read, write, hangup)
        if self._armed != wanted:
            self._armed = wanted
            self._reactor.arm(self, read=read, write=write, hangup=hangup)

    def _close_source(self) -> None:
        if not self._source_closed:
            self._source_closed = True
            self._source.close()

    def _send(self, data: bytes | memoryview) -> bool:
        """Send as much as the socket takes; False: the rest waits for it, or the client has gone."""
        try:
            sent = self.sock.send(data) if data else 0
        except BlockingIOError:
            sent = 0
        except OSError:
            self.abort()
            return False
        if sent == len(data):
            if self._unsent is not None:
                self._unsent = None
                self._reactor.drop_deadline(self)
            return True
        if sent or self._unsent is None:
            self._reactor.set_deadline(self, self._owner.limits.stall_seconds)
        self._unsent = memoryview(data)[sent:]
        return False


class Follow(_Stream):
    """An answer that comes from a source, part by part, each as soon as it is there."""

    def __init__(
        self, owner: Owner, source: Source, *, head_now: bool, framing: Callable[[int | None], Framing]
    ) -> None:
        super().__init__(owner, source)
        self._head_now = head_now
        self._make_framing = framing
        self._framing: Framing | None = None  # decided when the head is sent
        self._ending = False

    def ready(self, report: Report) -> None:
        self._armed = None
        if self._over:
            return
        if report.gone and not self._ending:
            self.abort()
            return
        if self._unsent is not None and self._send(self._unsent):
            self._pull()
        self._listen()

    def _start(self) -> None:
        if self._head_now or self._make_framing(None).bodiless:
            self._framing = self._make_framing(None)
            flowing = self._send(self._framing.head)
            if self._over:
                return
            if self._framing.bodiless:
                self._close_source()
                self._ending = True
                if flowing:
                    self._finish()
                return
            self._source.watch(self.wake)
            if flowing:
                self._pull()
        else:
            self._source.watch(self.wake)
            self._pull()

    def _listen(self) -> None:
        if not self._over:
            self._arm(write=self._unsent is not None, hangup=not self._ending)

    def _pull(self) -> None:
        if self._ending:
            self._finish()
            return
        if self._framing is None and not self._begin_late():
            return
        budget = READ_SIZE
        for _ in range(READS_PER_TURN):
            data = self._source.read(READ_SIZE)
            if data is None:
                self._end()
                return
            if not data or not self._send_part(data):
                return
            budget -= len(data)
            if budget <= 0:
                break
        self.wake()  # there may be more, but the others come first

    def _begin_late(self) -> bool:
        """Send the head together with the first bytes; True: it is out, and more may follow at once."""
        first = self._source.read(READ_SIZE // 2)
        if first == b"":
            return False
        more = self._source.read(READ_SIZE // 2) if first is not None else None
        whole = more is None
        self._framing = framing = self._make_framing(len(first or b"") if whole else None)
        data = framing.head + b"".join(framing.wrap(first or b"")) + b"".join(framing.wrap(more or b""))
        if not whole:
            return self._send(data) and bool(more)
        self._end(data)
        return False

    def _send_part(self, data: bytes) -> bool:
        assert self._framing is not None
        return self._send(b"".join(self._framing.wrap(data)))

    def _end(self, before: bytes = b"") -> None:
        assert self._framing is not None
        self._ending = True
        self._close_source()
        if self._send(before + self._framing.end()):
            self._finish()

    def _finish(self) -> None:
        assert self._framing is not None
        self._over = True
        if self._framing.keep_alive:
            self._owner.resume()
        else:
            self._owner.linger()


class Hijack(_Stream):
    """A connection that carries a session's bytes, both ways, and ends with it."""

    def __init__(self, owner: Owner, session: Session, *, head: bytes, early: bytearray) -> None:
        super().__init__(owner, session)
        self._session = session
        self._head = head
        self._early = early
        self._input_over = False
        self._gap = 0  # steps that the output still waits behind the head

    def ready(self, report: Report) -> None:
        self._armed = None
        if self._over:
            return
        if self._unsent is not None and report.writable and self._send(self._unsent):
            self._pull()
        if report.readable:
            self._receive()
            # What the client sent before it went still counts.
            while report.gone and not self._over and not self._input_over and self._receive():
                pass
        if report.gone and not self._over:
            self.abort()
        self._listen()

    def expire(self) -> None:
        if not self._gap:
            self.abort()
            return
        self._gap = 0 if self._head_is_taken() else self._gap - 1
        if self._gap:
            self._reactor.set_deadline(self, self._gap_step())
        else:
            self._pull()
            self._listen()

    def _start(self) -> None:
        # The output comes in a later turn, so that the head travels alone.
        if self._send(self._head):
            self._gap = GAP_STEPS if not self._sees_head_taken() else 10 * GAP_STEPS
            self._reactor.set_deadline(self, self._gap_step())
        if not self._over:
            self._session.watch(self.wake)
            self._feed_early()

    def _proceed(self) -> None:
        self._feed_early()
        super()._proceed()

    def _gap_step(self) -> float:
        return self._owner.limits.hijack_gap_seconds / GAP_STEPS

    def _sees_head_taken(self) -> bool:
        return self.sock.family == socket.AF_UNIX and sys.platform == "linux"

    def _head_is_taken(self) -> bool:
        """Whether the client has read the head, where the kernel tells."""
        if not self._sees_head_taken():
            return False
        (unread,) = struct.unpack("i", fcntl.ioctl(self.sock.fileno(), termios.TIOCOUTQ, b"\0\0\0\0"))
        return bool(unread == 0)

    def _listen(self) -> None:
        if not self._over:
            hungry = not (self._input_over or self._early) and self._session.room() > 0
            self._arm(read=hungry, write=self._unsent is not None)

    def _pull(self) -> None:
        if self._gap:
            return
        budget = READ_SIZE
        for _ in range(READS_PER_TURN):
            data = self._session.read(READ_SIZE)
            if data is None:
                self._over = True
                self._close_source()
                self._owner.linger()
                return
            if not data or not self._send(data):
                return
            budget -= len(data)
            if budget <= 0:
                break
        self.wake()

    def _feed_early(self) -> None:
        """Hand over what came behind the request, as far as there is room."""
        while self._early and (room := self._session.room()) > 0:
            data = bytes(memoryview(self._early)[:room])
            del self._early[:room]
            self._session.receive(data)

    def _receive(self) -> bool:
        """Take one helping of input; False: there is none now, or no room for it."""
        if self._early or self._input_over or self._over:
            return False
        room = min(self._session.room(), READ_SIZE)
        if room <= 0:
            return False
        try:
            data = self.sock.recv(room)
        except BlockingIOError:
            return False
        except OSError:
            self.abort()
            return False
        if data:
            self._session.receive(data)
            return True
        self._input_over = True
        self._session.half_close()
        return False
