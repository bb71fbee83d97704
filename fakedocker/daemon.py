"""FakeDocker: one fake daemon, to start, stop, reset and check."""

from __future__ import annotations

import errno
import logging
import os
import random
import secrets
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self, cast

from fakedocker import app
from fakedocker.api.service import DAEMON, Contract, Service
from fakedocker.control import CONTROL, TOKEN
from fakedocker.direct import DirectEngine
from fakedocker.engine import snapshots
from fakedocker.engine.clock import Clock, ManualClock
from fakedocker.engine.containers import survival
from fakedocker.engine.containers.containers import Container
from fakedocker.engine.engine import Engine
from fakedocker.engine.errors import DockerError
from fakedocker.engine.ids import Ids
from fakedocker.engine.processes.effects import Body
from fakedocker.engine.profiles import PROFILES
from fakedocker.engine.snapshots import Snapshot
from fakedocker.faults import Faults
from fakedocker.faults.calls import CLOCK, DESCRIBE, RESTART
from fakedocker.faults.faults import Ruling, ruled
from fakedocker.faults.layer import FAULTS
from fakedocker.fixtures import Fixture, load, parse, shipped
from fakedocker.fixtures.images import any_image
from fakedocker.hooks import DaemonClock, describe
from fakedocker.host_directories import HostDirectories
from fakedocker.journal import JOURNAL, Journal, Ledger, Orphans
from fakedocker.overview import happenings, overview
from fakedocker.programs import ports
from fakedocker.programs.catalogue import Catalogue
from fakedocker.programs.stand_ins import StandIn, Words
from fakedocker.publishing import Publishing
from fakedocker.registries import Registries, checked
from fakedocker.runtime import RealClock, Runtime, Stopped
from fakedocker.seeding import seeded
from fakedocker.server import Address, Server, parse_address
from fakedocker.watching import Watching, WatchingOutput

log = logging.getLogger("fakedocker")

ANY_PORT = "tcp://127.0.0.1:0"
#: Seconds for the answer to whoever asked for the end.
SHUTDOWN_DELAY = 0.1


class DaemonError(AssertionError):
    """Something went wrong inside the fake daemon, not in the code under test; `__cause__` is what."""


class FakeDocker:
    """A Docker daemon that runs no containers.

    ::

        with FakeDocker() as daemon:
            client = docker.Client(base_url=daemon.url, version="1.1")

    `fixture`: the world it starts from, a file or the name of a shipped one. `hosts`: where it listens
    (tcp://HOST:PORT, port 0 for any; unix:///path). `contract`: which answers of API 1.1 it gives, "documented" or
    "observed". `profile`: which real daemon it plays: 0.4, 20.10, 26, 28, or any. `api_version`: what unprefixed paths
    speak. `seed`: makes ids the same every time. `clock` "manual": time stands still until `advance`. `clock_speed`:
    how many seconds pass in one. `programs`: more programs that containers can run, by name; see `program`.
    `host_directories`: what containers may really read of the host when they bind it; everything else that they bind is
    a tree in memory. `registries`: real ones (http://HOST:PORT) that images are pulled from and pushed to when their
    names begin with HOST:PORT; otherwise only the fixture's exists. `pull` "any": every name can be pulled, as a small
    image if nothing else is known of it. `faults`: what goes wrong from the beginning, after those of the fixture; see
    `faults` of the daemon. `publish`: whether ports that containers publish really listen, on the loopback interface of
    the host; by default the fixture says so, and if it does not, no (OSError: a container of the fixture cannot have
    its port). `strict`: what a client says and nothing follows from fails `check`. `journal_limit`: how many calls the
    `journal` keeps. `seed_from`: a cassette; the world begins as it was at the end of that session, and has of the
    fixture what no session tells: programs, a registry, users.

    ::

        with FakeDocker(cassette="session.yaml", mode="once") as daemon:
            ...

    With a cassette, a recorded session answers instead of an engine; what it then takes is explained at
    `fakedocker.replay.CassetteDaemon`, which is what this makes.
    """

    def __new__(cls, *arguments: Any, cassette: str | os.PathLike[str] | None = None, **options: Any) -> Self:
        """Make a daemon, or (with a cassette) the kind of daemon that answers from one."""
        if cassette is None or cls is not FakeDocker:
            return super().__new__(cls)
        from fakedocker.replay import CassetteDaemon  # late, since it is a FakeDocker itself

        return cast(Self, super().__new__(CassetteDaemon))

    def __init__(
        self,
        fixture: str | Path | Fixture = "default",
        *,
        hosts: Sequence[str] = (ANY_PORT,),
        contract: Contract = "documented",
        profile: str = "any",
        api_version: str | None = None,
        cors: bool = False,
        debug: bool = False,
        seed: int | None = None,
        clock: Literal["real", "manual"] | None = None,
        clock_speed: float | None = None,
        programs: Mapping[str, Body] | None = None,
        host_directories: Iterable[str | Path] = (),
        registries: Iterable[str] = (),
        pull: Literal["fixture", "any"] = "fixture",
        faults: Iterable[Ruling] = (),
        publish: bool | None = None,
        strict: bool = False,
        control: bool = True,
        control_token: str = "",
        journal_limit: int = 10_000,
        seed_from: str | os.PathLike[str] | None = None,
        cassette: str | os.PathLike[str] | None = None,
        mode: str = "none",
        upstream: str | None = None,
        speed: float | None = None,
        redact: Sequence[str] = (),
    ) -> None:
        if cassette is not None or mode != "none" or upstream is not None or speed is not None or redact:
            raise TypeError("mode, upstream, speed and redact are for FakeDocker(cassette=...), which no subclass is")
        self._fixture = load(fixture) if seed_from is None else seeded(seed_from, load(fixture))
        self._addresses = [parse_address(host) for host in hosts]
        self._contract = contract
        self._profile = PROFILES[profile]
        self._api_version = self._profile.unprefixed(api_version)
        self._cors = cors
        self._debug = debug
        self._seed = seed
        self._clock = (clock, clock_speed)
        self._programs = [StandIn(name, body) for name, body in (programs or {}).items()]
        self._catalogue = Catalogue()
        self._host = HostDirectories(host_directories)
        self._registries = [checked(url) for url in registries]
        self._pull = pull
        self._publish = publish
        self._publishing: Publishing | None = None
        self._own_services: list[ports.Service] = []
        self._own_faults = [ruled(fault, {}) for fault in faults]
        #: What goes wrong, and when; to be changed at any time. `reset` brings back what it began with.
        self.faults = Faults(
            [*self._fixture.faults, *self._own_faults], seed=None if seed is None else f"faults of {seed}"
        )
        self._strict = strict
        self._snapshots: dict[str, Snapshot] = {}
        self._controls: dict[str, object] = {CONTROL: self, TOKEN: control_token} if control else {}
        #: Done when somebody asks over HTTP for the daemon's end.
        self.on_shutdown: Callable[[], object] = self.close
        self._ledger = Ledger(journal_limit, now=DaemonClock(lambda: self._service.runtime).now)
        self._server: Server | None = None
        self._return: threading.Timer | None = None
        self._life = threading.RLock()
        self._ended = threading.Event()
        self._problems: list[tuple[BaseException, str]] = []
        self._problems_lock = threading.Lock()
        self._service = self._new_service()

    def _new_service(self, snapshot: Snapshot | None = None) -> Service:
        self._hang_up()  # a port that the last world had, the next one may want
        clock = self._new_clock(snapshot)
        source = random.Random(secrets.randbits(64) if self._seed is None else self._seed)
        catalogue = self._catalogue = Catalogue()
        host = self._fixture.host
        engine = Engine(
            clock,
            Ids(source.randbytes),
            catalogue,
            profile=self._profile,
            host=replace(host, debug=host.debug or self._debug),
            registry=self._fixture.registry(),
            read_host=self._host.read,
        )
        if self._pull == "any":
            engine.registry.any_image = any_image()
        runtime = Runtime(engine)
        if self._registries:
            engine.upstream = Registries(runtime, self._registries)
        engine.services = catalogue.services
        publish = self._fixture.publish if self._publish is None else str(self._publish).lower()
        if publish != "false":
            everywhere = self._fixture.publish == "everywhere"
            self._publishing = Publishing(runtime, self._report, everywhere=everywhere)
            engine.publish(self._publishing)
        try:
            with runtime.engine():
                if snapshot is None:
                    self._fixture.populate(engine, catalogue)
                else:
                    self._fixture.equip(catalogue)
                for program in self._programs:
                    catalogue.stand_ins.add(program)
                for service in self._own_services:
                    catalogue.services.add(service)
                if snapshot is not None:
                    snapshot.populate(engine)
        except DockerError as error:
            if self._publishing is None:
                raise
            self._hang_up()  # the fixture has been tried before, but not with the ports of this host
            raise OSError(errno.EADDRINUSE, f"{self._fixture.name}: {error}") from None
        return Service(
            runtime=runtime,
            profile=self._profile,
            contract=self._contract,
            cors=self._cors,
            api_version=self._api_version,
            report=self._report,
        )

    def _new_clock(self, snapshot: Snapshot | None) -> ManualClock | RealClock:
        kind, speed = self._clock
        if kind is None and speed is None:
            kind, speed = self._fixture.clock
        if kind != "manual":
            return RealClock(1.0 if speed is None else speed)
        if speed is not None:
            raise ValueError("a manual clock has no speed: it moves by advance only")
        return ManualClock() if snapshot is None else ManualClock(snapshot.now)

    def _hang_up(self) -> None:
        """Listen at no published port any more."""
        publishing, self._publishing = self._publishing, None
        if publishing is not None:
            publishing.close()

    def _report(self, error: BaseException, where: str) -> None:
        """Keep what went wrong in a thread of the server, for `check` to raise."""
        if isinstance(error, Stopped):
            return  # a stream was broken off because the daemon went down: nothing is wrong
        log.error("%s failed", where, exc_info=error)
        with self._problems_lock:
            self._problems.append((error, where))

    # -- its life --------------------------------------------------------------------

    def start(self) -> Self:
        """Listen. Raises OSError, naming the address, when it cannot be had."""
        self._listen(self._addresses)
        return self

    def _listen(self, addresses: Sequence[Address]) -> None:
        server = Server(app.wsgi(), addresses, environ=self._environ(), on_error=self._report)
        server.start()
        self._server = server

    def _environ(self) -> dict[str, object]:
        """Return what every request is given of this daemon."""
        return {
            DAEMON: lambda: self._service,
            JOURNAL: self._ledger,
            FAULTS: self.faults,
            CLOCK: DaemonClock(lambda: self._service.runtime),
            DESCRIBE: self._describe,
            RESTART: self.restart,
            **self._controls,
        }

    def _describe(self, kind: str, name: str) -> Mapping[str, Any] | None:
        with self._service.runtime.engine() as engine:
            return describe(engine, kind, name)

    def close(self) -> None:
        """End all streams and stop listening. Idempotent."""
        with self._life:
            self._stay_down()
            self.faults.end_all()
            runtime = self._service.runtime
            with runtime.engine() as engine:
                engine.shut_down()
            runtime.close()
            self._hang_up()
            if self._server is not None:
                self._server.close()
            self._ended.set()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
        if kind is None:
            self.check()

    def reset(self, fixture: str | Path | Fixture | None = None) -> None:
        """Begin anew, from the fixture (or another one), on the same addresses; open streams end."""
        if fixture is not None:
            self._fixture = load(fixture)
        with self._life:
            self._begin_anew()
            self._ledger.begin_anew()
            self.faults.reset([*self._fixture.faults, *self._own_faults])
            if self._stay_down() and self._server is not None:
                self._listen(self._server.addresses)
        with self._problems_lock:
            self._problems.clear()

    def snapshot(self, name: str = "") -> Snapshot:
        """Keep all that there is now - images, containers, networks, volumes - to come back to it with `restore`."""
        with self._service.runtime.engine() as engine:
            taken = snapshots.take(engine, name)
        if name:
            self._snapshots[name] = taken
        return taken

    @property
    def snapshots(self) -> Mapping[str, Snapshot]:
        """The snapshots that have names, oldest first."""
        return dict(self._snapshots)

    def restore(self, snapshot: Snapshot | str) -> None:
        """Come back to a snapshot, by itself or by its name; open streams end, faults and the journal stay.

        Containers that ran then run again, from the beginning of their commands. A manual clock has the time of then.
        Raises LookupError (no snapshot has this name).
        """
        if isinstance(snapshot, str):
            if snapshot not in self._snapshots:
                raise LookupError(f"there is no snapshot {snapshot!r}")
            snapshot = self._snapshots[snapshot]
        with self._life:
            self._begin_anew(snapshot)

    def _begin_anew(self, snapshot: Snapshot | None = None) -> None:
        old = self._service.runtime
        self._service = self._new_service(snapshot)
        with old.engine() as engine:
            engine.shut_down()
        old.close()

    def restart(
        self, *, down: float = 0.0, state: Literal["kept", "lost"] = "kept", live_restore: bool = False
    ) -> None:
        """Go down and come back on the same addresses, as a daemon that is told to end and started again.

        Every connection ends. For `down` seconds of the wall clock the addresses refuse; the call does not wait for
        that. Containers end, and those come back of which their restart policy says so; with `live_restore` they go on
        meanwhile. `state` "lost": the world is the fixture's again. Faults stay in force. Raises RuntimeError if the
        daemon does not run, OSError if an address cannot be had again.
        """
        with self._life:
            if self._server is None or self._ended.is_set():
                raise RuntimeError("the daemon does not run")
            was_down = self._stay_down()
            if down > 0 or was_down:
                self._server.close()
            else:
                self._server = self._server.hand_over()
            self.faults.end_all()
            if state == "lost":
                self._begin_anew()
            else:
                with self._service.runtime.engine() as engine:
                    survival.go_down(engine, live_restore=live_restore)
            if down > 0:
                self._return = threading.Timer(down, self._come_back_in_time, [state])
                self._return.daemon = True
                self._return.start()
            elif was_down:
                self._come_back(state)
            else:
                self._wake_up(state)
                self._server.start()

    def _come_back(self, state: str) -> None:
        assert self._server is not None
        self._wake_up(state)
        self._listen(self._server.addresses)

    def _wake_up(self, state: str) -> None:
        if state == "kept":
            with self._service.runtime.engine() as engine:
                survival.come_back(engine)

    def _come_back_in_time(self, state: str) -> None:
        with self._life:
            if self._return is None:  # something else has happened meanwhile
                return
            self._return = None
            try:
                self._come_back(state)
            except OSError as error:
                self._report(error, "the restart")

    def _stay_down(self) -> bool:
        """Give up coming back later; tell whether that was to be."""
        timer, self._return = self._return, None
        if timer is not None:
            timer.cancel()
        return timer is not None

    def check(self, *, unused: bool = False) -> None:
        """Raise DaemonError if anything went wrong inside the daemon that was not the client's doing.

        If it is strict, also for what a client said and nothing followed from.
        With a cassette: ReplayError for a request that got no answer, and with `unused` for what nobody asked for.
        """
        with self._problems_lock:
            problems = [*self._problems]
            self._problems.clear()
        with self._service.runtime.engine() as engine:
            problems += [(error, f"the program {what}") for what, error in engine.crashes]
            engine.crashes.clear()
        if problems:
            error, where = problems[0]
            more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
            raise DaemonError(f"{where}: {error!r}{more}") from error
        complaints = self._ledger.complaints() if self._strict else []
        if complaints:
            raise DaemonError(f"clients said what had no effect: {'; '.join(complaints[:20])}")

    def problems(self) -> list[str]:
        """Return what `check` would raise, and forget it."""
        try:
            self.check()
        except AssertionError as error:
            return [str(error)]
        return []

    def load(self, fixture: str) -> None:
        """Begin anew from a shipped fixture, by its name, or from one in YAML. Raises FixtureError."""
        self.reset(parse(fixture) if "\n" in fixture or ":" in fixture else shipped(fixture))

    def wait_for_end(self, timeout: float | None = None) -> bool:
        """Wait until the daemon was closed, by whomever; tell whether it was."""
        return self._ended.wait(timeout)

    def shutdown(self) -> None:
        """Have the daemon end soon, and return at once, so that whoever asks can be answered."""
        threading.Timer(SHUTDOWN_DELAY, self.on_shutdown).start()

    # -- what runs in its containers -----------------------------------------------------

    def program(
        self,
        name: str,
        *,
        image: str = "",
        argv: Words = (),
        label: str = "",
        container: Callable[[Container], bool] | None = None,
    ) -> Callable[[Body], Body]:
        """Have the decorated generator function run for a program's name (`postgres`) or path (`/app/server`).

        It needs no file in the container, and survives `reset`. It can be for some calls only: `image`, a repository
        or `repository:tag`, also when the container's image is built on it; `argv`, how the words begin, or a
        function of them; `label`, `key` or `key=value`; `container`, a function of the engine's container. Of several
        that fit the one with most conditions runs, of equals the last. Raises ValueError, TypeError.
        """

        def register(body: Body) -> Body:
            program = StandIn(name, body, image, argv, label, container)
            self._programs.append(program)
            with self._service.runtime.engine():
                self._catalogue.stand_ins.add(program)
            return body

        return register

    @property
    def programs(self) -> tuple[StandIn, ...]:
        """The programs that were registered, oldest first; may be set, to what it was before, say."""
        return tuple(self._programs)

    @programs.setter
    def programs(self, programs: Iterable[StandIn]) -> None:
        before, self._programs = self._programs, list(programs)
        with self._service.runtime.engine():
            for program in before:
                self._catalogue.stand_ins.remove(program)
            for program in self._programs:
                self._catalogue.stand_ins.add(program)

    # -- what answers at their ports -------------------------------------------------------

    def service(
        self,
        port: int,
        *,
        image: str = "",
        name: str = "",
        label: str = "",
        program: str = "",
        container: Callable[[Container], bool] | None = None,
        after: float = 0.0,
    ) -> Callable[[Body], Body]:
        """Have the decorated generator function answer at a port of containers where no program listens.

        It is a program as for `program`; each connection has one of its own, on standard input and output. It survives
        `reset`. Conditions as for `program`; `name`: of the container; `program`: one that has to run in it. `after`:
        seconds since the container's start for which the port refuses. Of several that fit the one with most
        conditions answers, of equals the last. Ready-made ones: `fakedocker.programs.conversations`. Raises ValueError.
        """

        def register(body: Body) -> Body:
            self.services = (*self.services, ports.Service(port, body, image, name, label, program, container, after))
            return body

        return register

    @property
    def services(self) -> tuple[ports.Service, ...]:
        """The services that were registered, oldest first; may be set, to what it was before, say."""
        return tuple(self._own_services)

    @services.setter
    def services(self, services: Iterable[ports.Service]) -> None:
        before, self._own_services = self._own_services, list(services)
        with self._service.runtime.engine():
            for service in before:
                self._catalogue.services.remove(service)
            for service in self._own_services:
                self._catalogue.services.add(service)

    # -- what one asks it --------------------------------------------------------------

    @property
    def hosts(self) -> list[str]:
        """Where it listens, as $DOCKER_HOST wants it; real ports once it has started."""
        addresses: Sequence[Address] = self._server.addresses if self._server else self._addresses
        return [str(address) for address in addresses]

    @property
    def url(self) -> str:
        """The first address, as $DOCKER_HOST wants it: tcp://127.0.0.1:PORT or unix:///path."""
        return self.hosts[0]

    @property
    def http_url(self) -> str:
        """The first tcp address for plain HTTP clients: http://127.0.0.1:PORT. Raises LookupError if there is none."""
        for host in self.hosts:
            if host.startswith("tcp://"):
                return "http" + host.removeprefix("tcp")
        raise LookupError("the daemon does not listen on tcp")

    def state(self) -> dict[str, Any]:
        """Return what there is, in a few words of JSON."""
        with self._service.runtime.engine() as engine:
            there = overview(engine)
        told = {"hosts": self.hosts, "clock": {"now": self.now, "speed": self.clock_speed}}
        return {**told, **there, "faults": self.faults.to_json(), "calls": len(self._ledger)}

    def events(self) -> Sequence[dict[str, Any]]:
        """Return what happened, oldest first: the last 256 events, in JSON."""
        with self._service.runtime.engine() as engine:
            return happenings(engine)

    def inject(self, type: str, action: str, actor: str, attributes: Mapping[str, str] | None = None) -> None:
        """Tell whoever follows the events of one that did not happen: ("container", "oom", "web")."""
        with self._service.runtime.engine() as engine:
            engine.events.emit(type, action, actor, attributes)

    def logs(self, container: str) -> str:
        """Return what a container wrote, both streams in order. Raises NotFound."""
        return self.engine.logs(container).decode("utf-8", "backslashreplace")

    def watch(self, wake: Callable[[], None], container: str = "") -> Watching | WatchingOutput:
        """Look on at calls and events, or at what a container writes, until the daemon has another world.

        `wake` is called, in whatever thread, when there is something new. Raises NotFound.
        """
        runtime = self._service.runtime

        def is_over() -> bool:
            return self._service.runtime is not runtime

        if container:
            return WatchingOutput(runtime, container, wake, is_over)
        return Watching(runtime, self._ledger, wake, is_over)

    def force(self, container: str, state: str) -> None:
        """Bring a container into a state that it seldom gets into by itself: "dead", "unhealthy" …"""
        self.engine.force(container, state)

    @property
    def journal(self) -> Journal:
        """What it was asked, call by call."""
        return Journal(self._ledger)

    def orphans(self) -> Orphans:
        """Return the containers, networks and volumes that clients have made and that are still there."""
        with self._service.runtime.engine() as engine:
            known = self._ledger.created()

            def name_now(kind: str, identity: str) -> str | None:
                found = describe(engine, kind, identity)
                return str(found["name"]) if found and found["id"] == identity else None

            return Orphans.of(known, name_now)

    def assert_no_orphans(self) -> None:
        """Raise AssertionError if clients have left anything that they had made."""
        left = self.orphans()
        if left:
            raise AssertionError(f"clients have made this and left it: {left}")

    @property
    def engine(self) -> DirectEngine:
        """The state without HTTP, for setting up and for looking."""
        return DirectEngine(self._service.runtime)

    def advance(self, seconds: float) -> None:
        """Let time pass; everything that is due meanwhile happens, in order. Raises ValueError (time goes back)."""
        with self._service.runtime.engine() as engine:
            engine.scheduler.run()
            assert isinstance(engine.clock, ManualClock | RealClock)
            engine.clock.advance(seconds)

    def freeze(self) -> None:
        """Let time stand still until `thaw`; `advance` moves it even so. A manual clock always stands still."""
        with self._service.runtime.engine() as engine:
            if isinstance(engine.clock, RealClock):
                engine.clock.frozen = True

    def thaw(self) -> None:
        """Let time go on. Raises RuntimeError on a manual clock, which moves by `advance` only."""
        with self._service.runtime.engine() as engine:
            _running(engine.clock).frozen = False

    @property
    def clock_speed(self) -> float:
        """How many seconds pass in one, 0 while time stands still. May be set. Raises RuntimeError, ValueError."""
        with self._service.runtime.engine() as engine:
            clock = engine.clock
            return clock.speed if isinstance(clock, RealClock) and not clock.frozen else 0.0

    @clock_speed.setter
    def clock_speed(self, speed: float) -> None:
        with self._service.runtime.engine() as engine:
            _running(engine.clock).speed = speed

    @property
    def now(self) -> float:
        """The time of the daemon, in unix seconds."""
        with self._service.runtime.engine() as engine:
            return engine.clock.now()


def _running(clock: Clock) -> RealClock:
    if not isinstance(clock, RealClock):
        raise RuntimeError("a manual clock does not run: it moves by advance only")
    return clock
