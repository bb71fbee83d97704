"""A toy daemon, and a recorder in front of it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from toy_daemon import ToyDaemon

from fakedocker.cassettes.model import Exchange, Header
from fakedocker.cassettes.redaction import Redactor
from fakedocker.cassettes.store import Writer, load
from fakedocker.proxy.listener import Listener
from fakedocker.proxy.recorder import Recorder
from fakedocker.proxy.tape import Tape
from fakedocker.proxy.upstream import Upstream, parse_upstream
from fakedocker.server import parse_address


class Recording:
    """A recorder that is running, and its cassette."""

    def __init__(self, upstream: Upstream, host: str, cassette: Path) -> None:
        self.cassette = cassette
        self.shown: list[Exchange] = []
        self.troubles: list[str] = []
        self._writer = Writer(cassette, Header())
        self.tape = Tape(
            self._writer,
            Redactor(),
            on_kept=lambda exchange, _: self.shown.append(exchange),
            on_failure=self.troubles.append,
        )
        self._listener = Listener([parse_address(host)])
        self.recorder = Recorder(upstream, self._listener, self.tape, self.troubles.append)
        self.recorder.start()
        self._closed = False

    @property
    def url(self) -> str:
        return str(self._listener.addresses[0])

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self.recorder.close()
            self._writer.close()

    def exchanges(self) -> list[Exchange]:
        """End the recording and read the cassette, in the order in which the exchanges began."""
        self.close()
        return sorted(load(self.cassette).cassette.exchanges, key=lambda exchange: exchange.id)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with a path that is short enough for unix sockets."""
    with tempfile.TemporaryDirectory(prefix="fd-") as name:
        yield Path(name)


@pytest.fixture(params=["unix", "tcp"])
def kind(request: pytest.FixtureRequest) -> str:
    """What kind of socket the daemon and the recorder listen at."""
    return str(request.param)


@pytest.fixture
def toy(kind: str, folder: Path) -> Iterator[ToyDaemon]:
    with ToyDaemon(kind, folder) as daemon:
        yield daemon


@pytest.fixture
def record(folder: Path, kind: str) -> Iterator[Callable[[str], Recording]]:
    """Record a daemon at a URL until the test is over."""
    recordings: list[Recording] = []

    def start(url: str, upstream: Upstream | None = None) -> Recording:
        host = f"unix://{folder}/r{len(recordings)}.sock" if kind == "unix" else "tcp://127.0.0.1:0"
        cassette = folder / f"c{len(recordings)}.yaml"
        recordings.append(Recording(upstream or parse_upstream(url), host, cassette))
        return recordings[-1]

    yield start
    for recording in recordings:
        recording.close()
