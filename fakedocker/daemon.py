"""FakeDocker: one fake daemon, to start, stop, reset and check."""

from __future__ import annotations

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
from fakedocker.direct import DirectEngine
from fakedocker.engine.clock import Clock, ManualClock
from fakedocker.engine.containers.containers import Container
from fakedocker.engine.engine import Engine
from fakedocker.engine.ids import Ids
from fakedocker.engine.processes.effects import Body
from fakedocker.engine.profiles import PROFILES
from fakedocker.fixtures import Fixture, load
from fakedocker.fixtures.images import any_image
from fakedocker.host_directories import HostDirectories
from fakedocker.programs.catalogue import Catalogue
from fakedocker.programs.stand_ins import StandIn, Words
from fakedocker.registries import Registries, checked
from fakedocker.runtime import RealClock, Runtime, Stopped
from fakedocker.server import Address, Server, parse_address

log = logging.getLogger("fakedocker")

ANY_PORT = "tcp://127.0.0.1:0"


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
    speak. `seed`: makes ids the same every time. `clock` "manual": time stands still until `advance`. `programs`: more
    programs that containers can run, by name; see `program`. `host_directories`: what containers may really read of
    the host when they bind it; everything else that they bind is a tree in memory. `registries`: real ones
    (http://HOST:PORT) that images are pulled from and pushed to when their names begin with HOST:PORT; otherwise only
    the fixture's exists. `pull` "any": every name can be pulled, as a small image if nothing else is known of it.

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
        clock: Literal["real", "manual"] = "real",
        programs: Mapping[str, Body] | None = None,
        host_directories: Iterable[str | Path] = (),
        registries: Iterable[str] = (),
        pull: Literal["fixture", "any"] = "fixture",
        cassette: str | os.PathLike[str] | None = None,
        mode: str = "none",
        upstream: str | None = None,
        speed: float | None = None,
        redact: Sequence[str] = (),
    ) -> None:
        if cassette is not None or mode != "none" or upstream is not None or speed is not None or redact:
            raise TypeError("mode, upstream, speed and redact are for FakeDocker(cassette=...), which no subclass is")
        self._fixture = load(fixture)
        self._addresses = [parse_address(host) for host in hosts]
        self._contract = contract
        self._profile = PROFILES[profile]
        self._api_version = self._profile.unprefixed(api_version)
        self._cors = cors
        self._debug = debug
        self._seed = seed
        self._clock_kind = clock
        self._programs = [StandIn(name, body) for name, body in (programs or {}).items()]
        self._catalogue = Catalogue()
        self._host = HostDirectories(host_directories)
        self._registries = [checked(url) for url in registries]
        self._pull = pull
        self._server: Server | None = None
        self._problems: list[tuple[BaseException, str]] = []
        self._problems_lock = threading.Lock()
        self._service = self._new_service()

    def _new_service(self) -> Service:
        clock: Clock = ManualClock() if self._clock_kind == "manual" else RealClock()
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
        with runtime.engine():
            self._fixture.populate(engine, catalogue)
            for program in self._programs:
                catalogue.stand_ins.add(program)
        return Service(
            runtime=runtime,
            profile=self._profile,
            contract=self._contract,
            cors=self._cors,
            api_version=self._api_version,
            report=self._report,
        )

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
        self._server = Server(
            app.wsgi(), self._addresses, environ={DAEMON: lambda: self._service}, on_error=self._report
        )
        self._server.start()
        return self

    def close(self) -> None:
        """End all streams and stop listening. Idempotent."""
        runtime = self._service.runtime
        with runtime.engine() as engine:
            engine.shut_down()
        runtime.close()
        if self._server is not None:
            self._server.close()

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
        old = self._service.runtime
        self._service = self._new_service()
        with old.engine() as engine:
            engine.shut_down()
        old.close()
        with self._problems_lock:
            self._problems.clear()

    def check(self, *, unused: bool = False) -> None:
        """Raise DaemonError if anything went wrong inside the daemon that was not the client's doing.

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

    @property
    def engine(self) -> DirectEngine:
        """The state without HTTP, for setting up and for looking."""
        return DirectEngine(self._service.runtime)

    def advance(self, seconds: float) -> None:
        """Let time pass on a manual clock; everything that is due happens. Raises RuntimeError on a real one."""
        with self._service.runtime.engine() as engine:
            if not isinstance(engine.clock, ManualClock):
                raise RuntimeError("only a manual clock can be advanced: FakeDocker(clock='manual')")
            engine.scheduler.run()
            engine.clock.advance(seconds)
