"""CassetteDaemon: a recorded session in the place of a daemon, to start, stop and check."""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from fakedocker.cassettes.model import Exchange
from fakedocker.cassettes.player import Player
from fakedocker.cassettes.redaction import Redactor
from fakedocker.cassettes.store import load
from fakedocker.proxy.replayer import Replayer, ReplayError
from fakedocker.server import Server, parse_address

ANY_PORT = "tcp://127.0.0.1:0"


class CassetteDaemon:
    """Answers from a cassette what was recorded, and nothing else.

    ::

        with CassetteDaemon("cassettes/run.yaml") as daemon:
            client = docker.DockerClient(base_url=daemon.url)

    `hosts`: where it listens. `speed`: how fast streams are played, 1 as they were; None at once. `redact`: the rules
    that the recording had beyond the usual ones. Raises CassetteError, OSError.
    """

    def __init__(
        self,
        cassette: str | os.PathLike[str],
        *,
        hosts: Sequence[str] = (ANY_PORT,),
        speed: float | None = None,
        redact: Sequence[str] = (),
    ) -> None:
        loaded = load(cassette)
        self._problems: list[BaseException] = []
        self._lock = threading.Lock()
        self._replayer = Replayer(
            loaded, speed=speed, report=self._report, player=Player(loaded.cassette, redactor=Redactor(redact))
        )
        self._server = Server(self._replayer, [parse_address(host) for host in hosts], on_error=self._report)

    def _report(self, error: BaseException, where: str) -> None:
        with self._lock:
            self._problems.append(error)

    def start(self) -> Self:
        """Listen. Raises OSError."""
        self._server.start()
        return self

    def close(self) -> None:
        """End all streams and stop listening."""
        self._replayer.close()
        self._server.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
        if kind is None:
            self.check()

    @property
    def hosts(self) -> list[str]:
        """Where it listens, as $DOCKER_HOST wants it."""
        return [str(address) for address in self._server.addresses]

    @property
    def url(self) -> str:
        """The first of them."""
        return self.hosts[0]

    @property
    def unused(self) -> Sequence[Exchange]:
        """The recorded exchanges that nobody has asked for."""
        return self._replayer.unused

    @property
    def missed(self) -> Sequence[BaseException]:
        """What was asked for and not recorded, and whatever else went wrong."""
        with self._lock:
            return [*self._problems]

    def check(self, *, unused: bool = False) -> None:
        """Raise ReplayError for what was not recorded; with `unused` also for what was and nobody asked for."""
        missed = self.missed
        if missed:
            raise missed[0]
        if unused and self.unused:
            left = ", ".join(f"{one.id} {one.request.method} {one.request.path}" for one in self.unused)
            raise ReplayError(f"nobody asked for {left}")
