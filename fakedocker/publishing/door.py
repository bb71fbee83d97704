"""A port of the host that is listened at, and who has come in by it."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable

from fakedocker.engine.networks.sockets import Silence, Socket, SocketAddress
from fakedocker.publishing.passage import Passage
from fakedocker.runtime import Runtime
from fakedocker.server.poller import Report
from fakedocker.server.reactor import Listener, Reactor


class Door(Listener):
    """A listening socket; whoever comes in gets a passage of their own to what `reach` finds behind it.

    `shut` may be called from any thread, everything else belongs to the reactor's.
    """

    def __init__(
        self,
        sock: socket.socket,
        reactor: Reactor,
        runtime: Runtime,
        reach: Callable[[], Socket | Silence | SocketAddress | None],
        label: str,
    ) -> None:
        super().__init__(sock, reactor, self._welcome_in, label)
        self._runtime = runtime
        self._reach = reach
        self._shut = False
        self._passages: set[Passage] = set()

    def shut(self) -> None:
        """Let nobody in any more, and send everybody away."""
        self._shut = True
        with contextlib.suppress(OSError):
            # The port is free at once; the descriptor is the reactor's to close.
            self.sock.shutdown(socket.SHUT_RDWR)
        self._reactor.post(self)

    def turn(self) -> None:
        if not self._shut:
            super().turn()
            return
        for passage in [*self._passages]:
            passage.hang_up()
        self._reactor.release(self)

    def ready(self, report: Report) -> None:
        if not self._shut:
            super().ready(report)

    def expire(self) -> None:
        if not self._shut:
            super().expire()

    def _welcome_in(self, client: socket.socket, peer: object) -> None:
        client.setblocking(False)
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        passage = Passage(client, self._reactor, self._runtime, self._reach, self._passages.discard, self.label)
        self._passages.add(passage)
        passage.wake()
