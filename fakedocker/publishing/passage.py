"""A client's way through a published port: its bytes go to the other side and back, with ends, pushing back.

As with docker-proxy the client is connected before anybody has looked whether something listens inside; where nothing
does, it is sent away at once. (moby cmd/docker-proxy/tcp_proxy.go; observed with dockerd 20.10.)
"""

from __future__ import annotations

import socket
from collections.abc import Callable

from fakedocker.engine.clock import Timer
from fakedocker.engine.networks.sockets import Silence, Socket, SocketAddress
from fakedocker.engine.watch import Callback
from fakedocker.publishing.sides import Forwarded, Side, Simulated
from fakedocker.runtime import Runtime
from fakedocker.server.poller import Report
from fakedocker.server.reactor import Channel, Reactor

#: Bytes that are moved at a time, and how often before others have their turn.
SIZE, ROUNDS = 65536, 16
#: Seconds for which a client is still listened to when nobody reads what it says: closing earlier would send a reset,
#: which would destroy the end of the answer on its way.
LINGER = 1.0


class Passage(Channel):
    """One client. `reach` finds what it is to talk to; `left` is told when it has gone."""

    def __init__(
        self,
        client: socket.socket,
        reactor: Reactor,
        runtime: Runtime,
        reach: Callable[[], Socket | Silence | SocketAddress | None],
        left: Callable[[Passage], None],
        label: str,
    ) -> None:
        self.sock = client
        self.label = label
        self._reactor = reactor
        self._runtime = runtime
        self._reach = reach
        self._left = left
        self._inside: Side | None = None
        self._patience: Timer | None = None
        self._cancel: Callback = lambda: None
        self._taken = self._posted = self._closed = self._late = False
        #: What one side has said and the other has not taken yet.
        self._to_inside = self._to_client = b""
        #: Who has said everything, and whether the other side knows.
        self._client_ended = self._inside_ended = False
        self._inside_told = self._client_told = False
        #: Whether nobody inside reads any more: what the client says is thrown away.
        self._deaf = False
        self._lingers = False
        self._wants_read = self._wants_write = False

    # -- from any thread ---------------------------------------------------------------------

    def wake(self) -> None:
        """Have a look soon."""
        if not self._posted:
            self._posted = True
            self._reactor.post(self)

    # -- from the reactor's ------------------------------------------------------------------

    def turn(self) -> None:
        self._posted = False
        if self._closed:
            return
        if not self._taken:
            self._taken = True
            self._reactor.take(self)
        if self._inside is None and not self._enter():
            return
        self._move()

    def ready(self, report: Report) -> None:
        self.turn()

    def expire(self) -> None:
        self.abort()

    def hang_up(self) -> None:
        """The port is closed: what has arrived is passed on, as far as that goes at once, and that is the end."""
        if self._inside is not None and not self._closed:
            for _ in range(ROUNDS):
                if self._closed or not (self._from_inside() | self._write_client()):
                    break
        self.abort()

    def abort(self) -> None:
        if self._closed:
            return
        self._closed = True
        with self._runtime.lock:
            self._stop_waiting()
        if self._inside is not None:
            self._inside.close()
        self._reactor.release(self)
        self._left(self)

    # -- the way in --------------------------------------------------------------------------

    def _enter(self) -> bool:
        """Find what is behind the port; False if there is nothing, or not yet."""
        with self._runtime.lock:
            self._stop_waiting()
        if self._late:
            self.abort()
            return False
        found = self._reach()
        match found:
            case None:
                self.abort()
                return False
            case Silence():
                self._wait(found)
                return False
            case SocketAddress():
                try:
                    self._inside = Forwarded(found, self._reactor, self.wake, self.label)
                except OSError:
                    self.abort()
                    return False
            case Socket():
                self._inside = Simulated(found, self._runtime, self.wake)
        with self._runtime.lock:
            self._stop_waiting()
        return True

    def _wait(self, silence: Silence) -> None:
        """So many wait inside that nobody answers: try again when there is room."""
        with self._runtime.engine() as engine:
            self._cancel = silence.changed.subscribe(self.wake)
            if self._patience is None:
                self._patience = engine.clock.call_later(silence.seconds, self._give_up)

    def _give_up(self) -> None:
        self._late = True
        self.wake()

    def _stop_waiting(self) -> None:
        self._cancel()
        self._cancel = lambda: None
        if self._patience is not None and (self._closed or self._inside is not None):
            self._patience.cancel()

    # -- there and back ----------------------------------------------------------------------

    def _move(self) -> None:
        self._wants_read = self._wants_write = False
        for _ in range(ROUNDS):
            moved = self._read_client() | self._write_inside() | self._from_inside() | self._write_client()
            if self._closed:
                return
            if self._finished:
                self.abort()
                return
            if not moved:
                break
        else:
            self.wake()
            return
        if self._deaf and self._client_told and not self._lingers:
            self._lingers = True
            self._reactor.set_deadline(self, LINGER)
        if self._wants_read or self._wants_write:
            self._reactor.arm(self, read=self._wants_read, write=self._wants_write)

    @property
    def _finished(self) -> bool:
        heard = self._client_ended and (self._deaf or self._inside_told)
        return self._client_told and heard

    def _read_client(self) -> bool:
        if self._client_ended or self._to_inside:
            return False
        try:
            data = self.sock.recv(SIZE)
        except BlockingIOError:
            self._wants_read = True
            return False
        except OSError:
            self.abort()
            return False
        self._client_ended = not data
        if not self._deaf:
            self._to_inside = data
        return True

    def _write_inside(self) -> bool:
        assert self._inside is not None
        if self._closed or self._deaf:
            return False
        try:
            if self._to_inside:
                taken = self._inside.write(self._to_inside)
                self._to_inside = self._to_inside[taken:]
                return taken > 0
            if self._client_ended and not self._inside_told:
                self._inside_told = True
                self._inside.shut_down()
                return True
        except OSError:
            self._deaf = True
            self._to_inside = b""
            return True
        return False

    def _from_inside(self) -> bool:
        assert self._inside is not None
        if self._closed or self._inside_ended or self._to_client:
            return False
        data = self._inside.read(SIZE)
        if data is None:
            return False
        self._inside_ended = not data
        if self._inside_ended and self._inside.gone:
            self._deaf, self._to_inside = True, b""
        self._to_client = data
        return True

    def _write_client(self) -> bool:
        if self._closed:
            return False
        try:
            if self._to_client:
                sent = self.sock.send(self._to_client)
                self._to_client = self._to_client[sent:]
                return True
            if self._inside_ended and not self._client_told:
                self._client_told = True
                self.sock.shutdown(socket.SHUT_WR)
                return True
        except BlockingIOError:
            self._wants_write = True
        except OSError:
            self.abort()
        return False
