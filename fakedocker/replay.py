"""CassetteDaemon: a recorded session in the place of a daemon, to start, stop and check.

It is what `FakeDocker(cassette=...)` makes. Whether it plays, records, or does both, the mode decides:

* a session that is played answers from the cassette, and appends what is new to it if the mode says so;
* a session that is recorded anew is carried to the real daemon and back, byte for byte. It stands beside the cassette,
  as `<cassette>.new`, and takes its place when it is complete: when the daemon was closed, and nothing had failed.
"""

from __future__ import annotations

import contextlib
import datetime
import os
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

from fakedocker.cassettes.model import Exchange, Header
from fakedocker.cassettes.player import Mode, Player, decide
from fakedocker.cassettes.redaction import Redactor
from fakedocker.cassettes.store import Writer, beside, load, take_place
from fakedocker.daemon import ANY_PORT, FakeDocker
from fakedocker.journal import JOURNAL, Journal, Journalled, Ledger
from fakedocker.proxy.listener import Listener
from fakedocker.proxy.recorder import Recorder, ask_who_is_there
from fakedocker.proxy.replayer import Replayer, ReplayError
from fakedocker.proxy.tape import Tape
from fakedocker.proxy.upstream import Upstream, upstream_of
from fakedocker.release import __version__
from fakedocker.server import Address, Server, parse_address

Report = Callable[[BaseException, str], None]


class Session(Protocol):
    """What a cassette does in the place of a daemon. `recorded`: exchanges that were recorded; `unfinished`: where they
    are if they have not become the cassette.
    """

    @property
    def addresses(self) -> Sequence[Address]: ...
    @property
    def unused(self) -> Sequence[Exchange]: ...
    @property
    def recorded(self) -> int: ...
    @property
    def unfinished(self) -> Path | None: ...
    @property
    def ledger(self) -> Ledger | None: ...
    def start(self) -> None: ...
    def close(self, *, complete: bool) -> None: ...


class Playing:
    """A session that is played; with an upstream, what is new is recorded behind it."""

    unfinished: Path | None = None

    def __init__(
        self,
        cassette: Path,
        addresses: Sequence[Address],
        redact: Sequence[str],
        report: Report,
        *,
        speed: float | None,
        mode: Mode,
        upstream: Upstream | None,
    ) -> None:
        loaded = load(cassette)
        self._cassette = cassette
        self._report = report
        self._writer: Writer | None = None
        self._tape: Tape | None = None
        self._replayer = Replayer(
            loaded,
            speed=speed,
            report=report,
            player=Player(loaded.cassette, redactor=Redactor(redact)),
            mode=mode,
            upstream=upstream,
            open_tape=self._open_tape,
        )
        self.ledger = Ledger()
        self._server = Server(Journalled(self._replayer), addresses, environ={JOURNAL: self.ledger}, on_error=report)

    @property
    def addresses(self) -> Sequence[Address]:
        return self._server.addresses

    @property
    def unused(self) -> Sequence[Exchange]:
        return self._replayer.unused

    @property
    def recorded(self) -> int:
        return self._tape.totals.exchanges if self._tape else 0

    def start(self) -> None:
        self._server.start()

    def close(self, *, complete: bool) -> None:
        # What was appended is whole, exchange by exchange: it stays, however the session went on.
        self._server.close()
        self._replayer.close()
        if self._writer is not None:
            self._writer.close()

    def _open_tape(self, redactor: Redactor) -> Tape:
        self._writer = Writer(self._cassette, Header(), existing="append")
        self._tape = _tape(self._writer, redactor, self._cassette, self._report)
        return self._tape


class RecordingAnew:
    """A session with the real daemon, which becomes the cassette."""

    unused: Sequence[Exchange] = ()
    unfinished: Path | None = None
    ledger = None

    def __init__(
        self, cassette: Path, addresses: Sequence[Address], redact: Sequence[str], report: Report, upstream: Upstream
    ) -> None:
        self.addresses = addresses
        self._cassette = cassette
        self._redactor = Redactor(redact)
        self._report = report
        self._upstream = upstream
        self._running: tuple[Recorder, Writer, Tape] | None = None
        self.recorded = 0

    def start(self) -> None:
        """Listen. Raises UnreachableError, CassetteError, OSError."""
        facts = ask_who_is_there(self._upstream)
        self._cassette.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.ExitStack() as stack:
            listener = stack.enter_context(contextlib.closing(Listener(self.addresses)))
            writer = stack.enter_context(Writer(beside(self._cassette), _header(facts), existing="replace"))
            tape = _tape(writer, self._redactor, self._cassette, self._report)
            recorder = Recorder(self._upstream, listener, tape, on_trouble=self._trouble)
            recorder.start()
            self.addresses = listener.addresses
            self._running = recorder, writer, tape
            stack.pop_all()  # the recorder has the listener, `close` closes the writer

    def close(self, *, complete: bool) -> None:
        if self._running is None:
            return
        (recorder, writer, tape), self._running = self._running, None
        recorder.close()
        self.recorded = tape.totals.exchanges
        with writer:
            if not self.recorded:
                writer.path.unlink()  # nobody has asked anything: that is no recording
                return
            self.unfinished = writer.path
            if complete and not tape.failure:
                take_place(writer.path, self._cassette)
                self.unfinished = None

    def _trouble(self, text: str) -> None:
        self._report(ReplayError(text), "the recorder")


def _tape(writer: Writer, redactor: Redactor, cassette: Path, report: Report) -> Tape:
    def failed(why: str) -> None:
        report(ReplayError(f"cannot write {cassette}: {why}; what is new is not recorded"), "the recorder")

    return Tape(writer, redactor, on_kept=lambda exchange, size: None, on_failure=failed)


def _header(facts: dict[str, str]) -> Header:
    now = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return Header(f"fakedocker {__version__}", now, facts)


class CassetteDaemon(FakeDocker):
    """Answers from a cassette what was recorded; what was not, as the mode says.

    `mode`: "none", never go to the daemon; "once", record all if there is no cassette; "new_episodes", record what the
    cassette does not have; "all", record anew. `upstream`: the real daemon (unix:///path, tcp://HOST:PORT,
    ssh://USER@HOST); None, the one that docker would speak to. `hosts`: where it listens. `speed`: how fast streams are
    played, 1 as they were; None, at once. `redact`: what is a secret beyond the usual, the same as in the recording.

    Raises CassetteError, OSError, ValueError; `start` raises UnreachableError if a daemon is needed.
    """

    def __init__(
        self,
        *,
        cassette: str | os.PathLike[str],
        mode: str = Mode.NONE,
        upstream: str | Upstream | None = None,
        hosts: Sequence[str] = (ANY_PORT,),
        speed: float | None = None,
        redact: Sequence[str] = (),
    ) -> None:
        path, mode = Path(cassette), _mode(mode)
        addresses = [parse_address(host) for host in hosts]
        self._missed: list[BaseException] = []
        self._missed_lock = threading.Lock()
        if mode is not Mode.NONE and not isinstance(upstream, Upstream):
            upstream = upstream_of(os.environ, upstream)
        has_cassette = path.exists()
        daemon = upstream if isinstance(upstream, Upstream) else None
        self._session: Session
        if daemon and decide(mode, has_cassette=has_cassette, is_recorded=has_cassette) == "record":
            self._session = RecordingAnew(path, addresses, redact, self._report, daemon)
        else:
            appends = decide(mode, has_cassette=True, is_recorded=False) == "record"
            self._session = Playing(
                path, addresses, redact, self._report, speed=speed, mode=mode, upstream=daemon if appends else None
            )

    def _report(self, error: BaseException, where: str) -> None:
        with self._missed_lock:
            self._missed.append(error)

    # -- its life ----------------------------------------------------------------------

    def start(self) -> Self:
        """Listen. Raises OSError; if it records anew, UnreachableError and CassetteError as well."""
        self._session.start()
        return self

    def close(self, *, complete: bool = True) -> None:
        """End all streams and stop listening. A session that was recorded anew now takes the place of the cassette,
        unless it is not `complete` or something has failed: then it stays beside it, as `unfinished`. Raises OSError.
        """
        self._session.close(complete=complete and not self.missed)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close(complete=kind is None)
        if kind is None:
            self.check()

    def reset(self, fixture: Any = None) -> None:
        """Raise RuntimeError: a session that was recorded has one course."""
        raise _no_engine()

    def check(self, *, unused: bool = False) -> None:
        """Raise ReplayError for what got no answer; with `unused` also for what was recorded and nobody asked for."""
        missed = self.missed
        if missed:
            raise missed[0]
        if unused and self.unused:
            left = ", ".join(f"{one.id} {one.request.method} {one.request.path}" for one in self.unused)
            raise ReplayError(f"nobody asked for {left}")

    # -- what one asks it --------------------------------------------------------------

    @property
    def hosts(self) -> list[str]:
        """Where it listens, as $DOCKER_HOST wants it."""
        return [str(address) for address in self._session.addresses]

    @property
    def unused(self) -> Sequence[Exchange]:
        """The recorded exchanges that nobody has asked for."""
        return self._session.unused

    @property
    def recorded(self) -> int:
        """How many exchanges were recorded."""
        return self._session.recorded

    @property
    def unfinished(self) -> Path | None:
        """Where a recording is that did not take the place of the cassette; None if there is none."""
        return self._session.unfinished

    @property
    def missed(self) -> Sequence[BaseException]:
        """What was asked for and got no answer, and whatever else went wrong."""
        with self._missed_lock:
            return [*self._missed]

    @property
    def journal(self) -> Journal:
        """What was asked of the cassette. Raises RuntimeError if the session is recorded anew: the cassette tells."""
        if self._session.ledger is None:
            raise RuntimeError("a session that is recorded anew has no journal: the cassette will tell what was asked")
        return Journal(self._session.ledger)

    # -- what it has not -----------------------------------------------------------------

    def orphans(self) -> Any:
        """Raise RuntimeError: what was recorded has no state to look at."""
        raise _no_engine()

    @property
    def engine(self) -> Any:
        """Raise RuntimeError: what was recorded has no state to look at."""
        raise _no_engine()

    def advance(self, seconds: float) -> None:
        """Raise RuntimeError: a recording has its own time, see `speed`."""
        raise _no_engine()

    def program(self, name: str, **conditions: Any) -> Any:
        """Raise RuntimeError: nothing runs in what was recorded."""
        raise _no_engine()


def _no_engine() -> RuntimeError:
    return RuntimeError("there is no engine behind a cassette: it answers what was recorded")


def _mode(text: str) -> Mode:
    try:
        return Mode(text)
    except ValueError:
        raise ValueError(f"there is no mode {text!r}; there are {', '.join(Mode)}") from None
