"""The engine on a clock that stands still, with programs written in the tests themselves."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from fakedocker.engine.clock import ManualClock
from fakedocker.engine.containers.config import Config
from fakedocker.engine.containers.containers import Container
from fakedocker.engine.engine import Engine
from fakedocker.engine.files.files import Files
from fakedocker.engine.files.layers import Layer
from fakedocker.engine.ids import Ids
from fakedocker.engine.images.images import Image
from fakedocker.engine.jobs import Event, Job, Until
from fakedocker.engine.processes.descriptors import Descriptor, Sink
from fakedocker.engine.processes.devices import open_device
from fakedocker.engine.processes.effects import Body
from fakedocker.engine.processes.processes import Process, ProcessTable, Scheduler

#: The names under which a test's programs can be found in the image.
NAMES = ("program", "other", "sh")


class Shelf:
    """Programs by the names of their executables."""

    def __init__(self) -> None:
        self.bodies: dict[str, Body] = {}

    def load(self, process: Process, path: str, argv: tuple[str, ...]) -> Body:
        try:
            return self.bodies[path.rpartition("/")[2]]
        except KeyError:
            raise FileNotFoundError(path) from None

    def provides(self, home: object, path: str, argv: tuple[str, ...] | None) -> bool:
        return False


class Box:
    """The processes of one container, without the engine around them."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.scheduler = Scheduler(self.clock)
        self.out = bytearray()
        self.crashes: list[BaseException] = []
        self.files = Files([], Layer(), self.clock.now)
        self.shelf = Shelf()
        self.table = self.new_table()

    def new_table(self) -> ProcessTable:
        return ProcessTable(
            self.scheduler,
            self.files,
            "box",
            self.shelf.load,
            open_device,
            lambda process, error: self.crashes.append(error),
        )

    def start(self, body: Body, fds: dict[int, Descriptor] | None = None) -> Process:
        """Start a process without parent (the first one is process 1) and let it run; 1 and 2 go to `out`."""
        sink = Sink(self.out.extend)
        process = self.table.begin(body, ("program",), {1: sink, 2: sink} if fds is None else fds, env={}, cwd="/")
        self.scheduler.run()
        return process

    def kill(self, process: Process, signal: int) -> None:
        """Send a signal from outside."""
        process.deliver(signal, from_outside=True)
        self.scheduler.run()


class World:
    """An engine, one image with places for programs, and jobs carried out as the clock allows."""

    def __init__(self, **settings: Any) -> None:
        self.clock = ManualClock()
        self.shelf = Shelf()
        self.engine = Engine(
            self.clock,
            Ids(random.Random(1).randbytes),
            self.shelf,
            **{"start_delay": 0, **settings},
        )
        self.image = self.new_image("base")

    def new_image(self, repository: str = "", config: Config | None = None) -> Image:
        """Return an image with a file for each program a test may have; `repository` names it."""
        files = Files([], Layer(), self.clock.now)
        for name in NAMES:
            files.mkdir("/bin", parents=True)
            files.write(f"/bin/{name}", b"", mode=0o755)
        files.mkdir("/etc")
        files.write("/etc/passwd", b"root:x:0:0::/:/bin/sh\ndaemon:x:7:8::/:/bin/sh\n")
        image = self.engine.import_image(files.top, 1024, "-")
        if config is not None:
            self.engine.images.delete(image.id)
            image = replace(image, config=config)
            self.engine.images.add(image)
        if repository:
            self.engine.images.repositories.set(repository, "", image.id)
        return image

    def create(self, body: Body | None = None, name: str = "program", **config: Any) -> Container:
        """Create a container whose command is `body`."""
        if body is not None:
            self.shelf.bodies[name] = body
        settings = {"cmd": (f"/bin/{name}",), "image": "base", **config}
        image = self.engine.images.find(settings["image"])
        return self.engine.create(Config(**settings).over(image.config), image)

    def start(self, body: Body | None = None, name: str = "program", **config: Any) -> Container:
        """Create and start a container, and let it run."""
        container = self.create(body, name, **config)
        self.engine.start(container)
        self.settle()
        return container

    def settle(self) -> None:
        """Let everybody run who can."""
        self.engine.scheduler.run()

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.settle()
        self.clock.advance(seconds)

    def run(self, job: Job[Any]) -> Any:
        """Carry out a job to its end and return its result."""
        return self.follow(job)[1]

    def events(self, job: Job[Any]) -> list[Event]:
        """Carry out a job to its end and return what it reported."""
        return self.follow(job)[0]

    def follow(self, job: Job[Any], each: Callable[[Event], None] = lambda event: None) -> tuple[list[Event], Any]:
        """Carry out a job to its end, letting time pass where it waits; return what it reported, and its result."""
        events: list[Event] = []
        while True:
            try:
                item = next(job)
            except StopIteration as end:
                self.settle()
                return events, end.value
            self.settle()
            if isinstance(item, Until):
                self.wait(item)
            else:
                each(item)
                events.append(item)

    def failure(self, job: Job[Any]) -> tuple[list[Event], Exception]:
        """Carry out a job that fails; return what it reported before, and the error."""
        events: list[Event] = []
        try:
            self.follow(job, events.append)
        except Exception as error:
            return events, error
        raise AssertionError("the job did not fail")

    def wait(self, until: Until) -> None:
        """Let time pass until what a job waits for has happened."""
        limit = None if until.timeout is None else self.clock.now() + until.timeout
        while not until.met():
            due = self.clock.next_due()
            if limit is not None and (due is None or due > limit):
                self.clock.advance(max(0.0, limit - self.clock.now()))
                return
            assert due is not None, "the job waits for something that never happens"
            self.clock.advance(max(0.0, due - self.clock.now()))


@pytest.fixture
def box() -> Box:
    return Box()


@pytest.fixture
def new_world() -> Callable[..., World]:
    """Make a world with other settings of the engine."""
    return World


@pytest.fixture
def world() -> World:
    return World()
