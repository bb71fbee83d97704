"""A container without Docker around it: files, processes, a clock, and what the programs print."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from fakedocker.engine.clock import ManualClock
from fakedocker.engine.containers.config import Config
from fakedocker.engine.containers.containers import Container as EngineContainer
from fakedocker.engine.engine import Engine
from fakedocker.engine.files.content import Content
from fakedocker.engine.files.files import Files
from fakedocker.engine.files.layers import Layer
from fakedocker.engine.ids import Ids
from fakedocker.engine.images.registry import Registry
from fakedocker.engine.processes.descriptors import Descriptor, Null, Pipe, Sink
from fakedocker.engine.processes.devices import open_device
from fakedocker.engine.processes.effects import Program, Signal
from fakedocker.engine.processes.processes import MOST_MEMORY, Process, ProcessTable, Scheduler
from fakedocker.engine.processes.terminal import Terminal
from fakedocker.fixtures.busybox import root_file_system
from fakedocker.programs.catalogue import STANDARD, Catalogue

ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/root",
    "HOSTNAME": "box",
}


@dataclass(frozen=True)
class Result:
    """What a program printed and how it ended."""

    code: int
    out: str
    err: str


def small_tree(now: Callable[[], float]) -> Files:
    """Return a tree like that of the busybox image."""
    files = Files([], Layer(), now)
    for directory in ("/bin", "/etc", "/root", "/tmp", "/work", "/dev"):
        files.mkdir(directory)
    files.write("/bin/busybox", b"\x7fELF\0", mode=0o755)
    for name in STANDARD:
        files.symlink("busybox", f"/bin/{name}")
    files.write("/etc/passwd", b"root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/home:/bin/false\n")
    files.write("/etc/group", b"root:x:0:\nnogroup:x:65534:\n")
    return files


class Container:
    """One container: `run` waits for a program's end, `start` begins a conversation."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.files = small_tree(self.clock.now)
        self.catalogue = Catalogue()
        self.scheduler = Scheduler(self.clock)
        self.crashes: list[Exception] = []
        self.memory_limit = MOST_MEMORY
        self.out = bytearray()
        self.err = bytearray()
        self.stdin = Pipe()
        self._hold = self.stdin.writer.hold()
        self.table = self._new_table()
        self.first: Process | None = None
        self.terminal: Terminal | None = None
        self.env = dict(ENVIRONMENT)

    def _new_table(self) -> ProcessTable:
        return ProcessTable(
            self.scheduler,
            self.files,
            "box",
            self.catalogue.load,
            open_device,
            lambda process, error: self.crashes.append(error),
            provides=self.catalogue.provides,
            memory_limit=self.memory_limit,
        )

    def start(self, *argv: str, tty: bool = False, env: Mapping[str, str] | None = None, cwd: str = "/work") -> None:
        """Start a container's first process; with a tty the client types into a terminal."""
        self.table = self._new_table()
        self.out.clear()
        self.err.clear()
        fds: dict[int, Descriptor]
        if tty:
            self.terminal = Terminal(self.out.extend, self._signal)
            fds = dict.fromkeys((0, 1, 2), self.terminal)
        else:
            fds = {0: self.stdin.reader, 1: Sink(self.out.extend), 2: Sink(self.err.extend)}
        self.begin(argv, fds, self.env if env is None else env, cwd)
        self.scheduler.run()

    def begin(
        self,
        argv: tuple[str, ...],
        fds: dict[int, Descriptor],
        env: Mapping[str, str],
        cwd: str,
        *,
        under_init: bool = False,
    ) -> None:
        """Let the first process be `argv`, or one that starts it."""

        def body(process: Process) -> Program[int]:
            program = process.body(argv)
            if not under_init:
                return (yield from program(process))
            pid = yield from process.spawn(program, argv)
            _, code = yield from process.wait(pid)
            return code

        self.first = self.table.begin(body, argv, fds, env=env, cwd=cwd)

    def _signal(self, signal: Signal) -> None:
        assert self.terminal is not None
        for process in self.table.group(self.terminal.foreground):
            process.deliver(signal)

    def type(self, text: str) -> None:
        """Send a text to the standard input."""
        if self.terminal is not None:
            self.terminal.type(text.encode())
        else:
            self.stdin.put(text.encode("utf-8", "surrogateescape"))
        self.scheduler.run()

    def end_input(self) -> None:
        """Close the standard input."""
        self._hold.release()
        self.scheduler.run()

    def kill(self, signal: int) -> None:
        """Send a signal to the first process, as the daemon does."""
        assert self.first is not None
        self.first.deliver(signal, from_outside=True)
        self.scheduler.run()

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.clock.advance(seconds)

    @property
    def output(self) -> str:
        """What was printed on the standard output (or the terminal) since the last look."""
        text = self.out.decode("utf-8", "surrogateescape")
        self.out.clear()
        return text

    @property
    def errors(self) -> str:
        """What was printed on the standard error since the last look."""
        text = self.err.decode("utf-8", "surrogateescape")
        self.err.clear()
        return text

    @property
    def code(self) -> int | None:
        """The exit code, None while the first process runs."""
        assert self.first is not None
        return self.first.code

    def run(
        self,
        *argv: str,
        stdin: str | bytes | None = None,
        seconds: float = 60,
        cwd: str = "/work",
        env: Mapping[str, str] | None = None,
        under_init: bool = False,
    ) -> Result:
        """Run a program to its end, however long that takes on the container's clock.

        `under_init`: as the child of another process, since process 1 takes no signals.
        """
        self.table = self._new_table()
        out, err = bytearray(), bytearray()
        fds: dict[int, Descriptor] = {0: Null(), 1: Sink(out.extend), 2: Sink(err.extend)}
        data = stdin.encode("utf-8", "surrogateescape") if isinstance(stdin, str) else stdin
        pipe = Pipe(size=len(data or b"") + 1)
        if data is not None:
            pipe.put(data)
            pipe.writer.hold().release()
            fds[0] = pipe.reader
        self.begin(argv, fds, self.env if env is None else env, cwd, under_init=under_init)
        self.scheduler.run()
        limit = self.clock.now() + seconds
        assert self.first is not None
        while self.first.code is None:
            due = self.clock.next_due()
            assert due is not None, f"{argv} waits for something that never comes"
            assert due <= limit, f"{argv} did not end within {seconds} seconds"
            self.clock.advance(max(due - self.clock.now(), 0))
        assert not self.crashes, self.crashes
        return Result(
            self.first.code,
            out.decode("utf-8", "surrogateescape"),
            err.decode("utf-8", "surrogateescape"),
        )

    def sh(self, script: str, *words: str, stdin: str | bytes | None = None, seconds: float = 60) -> Result:
        """Run `sh -c script words`."""
        return self.run("sh", "-c", script, *words, stdin=stdin, seconds=seconds)


@pytest.fixture
def container() -> Container:
    """Return a fresh container."""
    return Container()


class Lan:
    """A daemon whose containers run scripts and meet on one network, and a world outside that has a few files."""

    FILES: Mapping[str, Content | None] = {
        "http://files.example/hello.txt": Content.of(b"hello from afar\n"),
        "https://files.example:8443/secret": Content.of(b"secret\n"),
        "http://files.example/gone": None,
    }

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.engine = Engine(
            self.clock,
            Ids(random.Random(1).randbytes),
            Catalogue(),
            registry=Registry(files=dict(self.FILES)),
            start_delay=0.0,
        )
        self.image = self.engine.import_image(root_file_system(), 1024, "-")

    def start(self, script: str, **config: Any) -> EngineContainer:
        """Start a container that runs a script, and let it come to rest."""
        settings = {"cmd": ("sh", "-c", script), "image": self.image.id, **config}
        container = self.engine.create(Config(**settings), self.image)
        self.engine.start(container)
        self.advance(0.01)
        return container

    def run(self, script: str, *, seconds: float = 200, **config: Any) -> Result:
        """Run a script in a container of its own to its end."""
        container = self.start(script, **config)
        self.advance(seconds)
        assert not container.running, f"{script!r} did not end within {seconds} seconds"
        return Result(container.exit_code, self.out(container), self.err(container))

    def advance(self, seconds: float) -> None:
        """Let everybody run who can, and time pass."""
        self.engine.scheduler.run()
        self.clock.advance(seconds)
        assert not self.engine.crashes, self.engine.crashes

    def out(self, container: EngineContainer) -> str:
        """Return what a container printed on its standard output."""
        return container.log.read("stdout").decode()

    def err(self, container: EngineContainer) -> str:
        """Return what a container printed on its standard error."""
        return container.log.read("stderr").decode()

    def end(self, container: EngineContainer) -> None:
        """Kill a container."""
        self.engine.kill(container)
        self.advance(0.01)


@pytest.fixture
def lan() -> Lan:
    """Return a fresh daemon."""
    return Lan()
