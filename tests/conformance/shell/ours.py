"""Our daemon, asked the same: an engine in the hand, its clock moved by hand."""

from __future__ import annotations

import random
import stat
from itertools import count
from pathlib import Path

from conformance.shell.recordings import (
    DIRECTORY,
    ENVIRONMENT,
    HOSTNAME,
    PATIENCE,
    Answer,
    Line,
    Session,
    Step,
    description,
)

from fakedocker.direct import DirectEngine
from fakedocker.engine.clock import ManualClock
from fakedocker.engine.containers.attachments import Attachment, Wanted
from fakedocker.engine.containers.containers import Container
from fakedocker.engine.engine import Engine
from fakedocker.engine.files.files import Files
from fakedocker.engine.files.layers import Inode, Kind
from fakedocker.engine.ids import Ids
from fakedocker.fixtures import load
from fakedocker.programs.catalogue import Catalogue
from fakedocker.runtime import Runtime

WORLD = Path(__file__).parent / "world.yaml"
#: Seconds of the clock between two looks; for one step of a session.
TICK, STEP = 0.25, 1.0
KINDS = {
    Kind.FILE: stat.S_IFREG,
    Kind.DIRECTORY: stat.S_IFDIR,
    Kind.SYMLINK: stat.S_IFLNK,
    Kind.CHARACTER: stat.S_IFCHR,
    Kind.BLOCK: stat.S_IFBLK,
    Kind.FIFO: stat.S_IFIFO,
}


class OurDaemon:
    """One engine for all lines; each gets a container of its own."""

    def __init__(self) -> None:
        catalogue = Catalogue()
        self._engine = Engine(ManualClock(), Ids(random.Random(1).randbytes), catalogue)
        load(WORLD).populate(self._engine, catalogue)
        self._direct = DirectEngine(Runtime(self._engine))

    def run(self, line: Line) -> Answer:
        """Run a line in a container of its own. Raises what went wrong in a program of ours."""
        container = self._start("sh", "-c", line.line)
        for _ in count(0, TICK):
            self._engine.clock.advance(TICK)
            if not container.running or container.started_at + PATIENCE < self._engine.clock.now():
                break
        for what, error in self._engine.crashes:
            raise AssertionError(f"{what} crashed") from error
        out, err = (self._direct.logs(container, channel).decode() for channel in ("stdout", "stderr"))
        files = self._engine.mount(container)
        answer = Answer(out, err, container.exit_code if not container.running else -1, _described(files))
        self._direct.kill(container)
        self._direct.remove(container)
        return answer

    def order_of_changes(self, line: Line) -> list[str]:
        """Run a line; return the paths it changed in the order in which they are listed."""
        container = self._start("sh", "-c", line.line)
        self._engine.clock.advance(STEP)
        return [change.path for change in self._engine.mount(container).changes(parents=True)]

    def converse(self, session: Session) -> Session:
        """Type what a session types; return it with what the terminal shows."""
        container = self._start("sh", tty=True, open_stdin=True, stdin_once=True)
        client = Attachment(container, Wanted(stream=True, stdin=True, stdout=True))
        steps = []
        for step in session.steps:
            if step.types:
                client.receive(step.types.encode())
                self._engine.scheduler.run()
            self._engine.clock.advance(STEP)
            shown = b"".join(chunk.data for chunk in iter(client.next, None))
            steps.append(Step(step.types, shown.decode("utf-8", "backslashreplace")))
        code = None if container.running else container.exit_code
        client.close()
        self._direct.kill(container)
        self._direct.remove(container)
        return Session(session.name, tuple(steps), code, session.differs)

    def _start(self, *command: str, **config: bool) -> Container:
        return self._direct.run(
            "busybox", *command, hostname=HOSTNAME, env=ENVIRONMENT, working_dir=DIRECTORY, **config
        )


def _described(files: Files) -> dict[str, str]:
    """Return each changed path with what became of it, as `description` has it."""
    described = {}
    for path, kind in files.changes(parents=True):
        described[path] = kind.name.lower()
        if files.exists(path, follow=False):
            described[path] += f" {_member(files, path, files.stat(path, follow=False))}"
    return dict(sorted(described.items()))


def _member(files: Files, path: str, inode: Inode) -> str:
    content: bytes | str = ""
    if inode.kind is Kind.FILE:
        content = inode.read()
    elif inode.kind is Kind.SYMLINK:
        content = f"-> {inode.target}"
    elif inode.device is not None:
        content = "{}, {}".format(*inode.device)
    names = [name for name, other in files.walk() if other is inode] if inode.links > 1 else [path]
    return description(KINDS[inode.kind] | inode.mode, inode.uid, inode.gid, content, sorted(names))
