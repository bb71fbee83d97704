"""One thread for all sockets on which nothing happens: listeners, idle clients, followed and hijacked streams.

Whatever has a socket is a `Channel`; the reactor calls it, always from its own thread and holding no lock.
Other threads reach it by `post`, which queues a channel for a `turn`: it may be called under any lock,
since it only appends to a deque and at most once per turn of the loop pokes the thread.
"""

from __future__ import annotations

import math
import socket
import threading
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable
from functools import partial

from .breaking import BrokenOff
from .poller import Report, make_poller

ACCEPTS_PER_TURN = 64
ACCEPT_PAUSE = 0.1  # seconds, when the process has run out of file descriptors

OnError = Callable[[BaseException, str], None]


class Channel(ABC):
    """One socket and what is going on with it."""

    sock: socket.socket
    label: str
    """For error reports: METHOD /path."""

    @abstractmethod
    def ready(self, report: Report) -> None:
        """The armed socket has something to say."""

    @abstractmethod
    def turn(self) -> None:
        """It is this channel's turn, after a `post`."""

    @abstractmethod
    def expire(self) -> None:
        """Its deadline has passed."""

    @abstractmethod
    def abort(self) -> None:
        """End at once; the server closes, or the channel has raised. May be called again."""

    def break_off(self, broken: BrokenOff) -> None:
        """End as the application wants it."""
        self.abort()


class Reactor:
    """The loop, its thread, its mailbox and its deadlines."""

    def __init__(self, on_error: OnError) -> None:
        self._on_error = on_error
        self._poller = make_poller()
        self._channels: dict[int, Channel] = {}
        self._deadlines: dict[Channel, float] = {}
        self._next_deadline = math.inf
        self._mailbox: deque[Channel] = deque()
        self._awake = False
        self._stopping = False
        self.stopped = False
        self._thread = threading.Thread(target=self._run, name="fakedocker-reactor", daemon=True)

    # --- from any thread ---

    def start(self) -> None:
        self._thread.start()

    def stop(self, patience: float) -> None:
        """End all channels and the thread; wait for that, unless this is the thread itself."""
        self._stopping = True
        self._poller.poke()
        if threading.current_thread() is not self._thread:
            self._thread.join(patience)

    def post(self, channel: Channel) -> None:
        """Give the channel a turn. Under a stopped reactor it is aborted instead."""
        self._mailbox.append(channel)
        if not self._awake:
            self._awake = True
            self._poller.poke()
        if self.stopped:
            try:
                self._mailbox.remove(channel)
            except ValueError:
                return  # the reactor has found it in time
            channel.abort()

    def arm(self, channel: Channel, *, read: bool = False, write: bool = False, hangup: bool = False) -> None:
        """Have the channel called once when its socket is readable, writable or hung up."""
        self._poller.arm(channel.sock, read=read, write=write, hangup=hangup)

    # --- from the reactor's own thread ---

    def take(self, channel: Channel) -> None:
        """From now on the events of its socket are for this channel."""
        self._channels[channel.sock.fileno()] = channel

    def release(self, channel: Channel) -> None:
        """Close the socket and forget it."""
        self._deadlines.pop(channel, None)
        sock = channel.sock
        if sock.fileno() >= 0:
            self._channels.pop(sock.fileno(), None)
            if not self.stopped:
                self._poller.forget(sock)
            sock.close()

    def set_deadline(self, channel: Channel, seconds: float) -> None:
        """Have the channel told when so much time has passed; a new deadline replaces the old one."""
        self._deadlines[channel] = deadline = time.monotonic() + seconds
        self._next_deadline = min(self._next_deadline, deadline)

    def drop_deadline(self, channel: Channel) -> None:
        self._deadlines.pop(channel, None)

    # --- the loop ---

    def _run(self) -> None:
        while not self._stopping:
            for report in self._poller.wait(self._timeout()):
                channel = self._channels.get(report.fd)
                if channel is not None:
                    self._guarded(channel, partial(channel.ready, report))
            self._awake = True
            for _ in range(len(self._mailbox)):
                channel = self._mailbox.popleft()
                self._guarded(channel, channel.turn)
            if self._next_deadline < math.inf:
                self._expire()
        self._end()

    def _timeout(self) -> float | None:
        # From here on a post pokes; the mailbox is looked at afterwards, so that no post falls in between.
        self._awake = False
        if self._mailbox:
            return 0
        if self._next_deadline == math.inf:
            return None
        return max(0.0, self._next_deadline - time.monotonic())

    def _expire(self) -> None:
        now = time.monotonic()
        if now < self._next_deadline:
            return
        for channel in [channel for channel, when in self._deadlines.items() if when <= now]:
            del self._deadlines[channel]
            self._guarded(channel, channel.expire)
        self._next_deadline = min(self._deadlines.values(), default=math.inf)

    def _guarded(self, channel: Channel, call: Callable[[], None]) -> None:
        """Whatever one channel raises costs that channel only."""
        try:
            call()
        except BrokenOff as broken:
            channel.break_off(broken)
        except BaseException as error:
            self._on_error(error, channel.label)
            try:
                channel.abort()
            except BaseException as another:
                self._on_error(another, channel.label)

    def _end(self) -> None:
        self._awake = True  # nobody needs to poke any more
        self.stopped = True  # before the last look into the mailbox: see post
        while self._mailbox:
            try:
                channel = self._mailbox.popleft()
            except IndexError:
                break
            self._guarded(channel, channel.abort)
        for channel in list(self._channels.values()):
            self._guarded(channel, channel.abort)
        self._channels.clear()
        self._deadlines.clear()
        self._poller.close()


class Listener(Channel):
    """A listening socket; `welcome` gets each new client."""

    def __init__(
        self,
        sock: socket.socket,
        reactor: Reactor,
        welcome: Callable[[socket.socket, object], None],
        label: str,
    ) -> None:
        self.sock = sock
        self.label = label
        self._reactor = reactor
        self._welcome = welcome

    def turn(self) -> None:
        self._reactor.take(self)
        self._reactor.arm(self, read=True)

    def ready(self, report: Report) -> None:
        for _ in range(ACCEPTS_PER_TURN):
            try:
                sock, peer = self.sock.accept()
            except BlockingIOError:
                break
            except ConnectionError:
                continue  # that client has left again
            except OSError:
                self._reactor.set_deadline(self, ACCEPT_PAUSE)
                return
            self._welcome(sock, peer)
        self._reactor.arm(self, read=True)

    def expire(self) -> None:
        self._reactor.arm(self, read=True)

    def abort(self) -> None:
        self._reactor.release(self)
