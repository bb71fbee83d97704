"""Where a table's lines are typed: a shell in an empty folder, at one daemon, with nothing of the user's own."""

from __future__ import annotations

import contextlib
import os
import pty
import select
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from clients.cli.masks import Masks
from clients.cli.table import Line, Outcome, Table

#: Seconds that a line may take.
PATIENCE = 30.0
#: What stands before the reason when a line did not come to its end.
STALLED = "(does not end as it should)"
#: Between what appears on a terminal and what is typed then; nobody types faster.
REACTION = 0.1


@dataclass
class Aside:
    """A line that goes on beside others: its process, its output until now, which masks it has."""

    process: subprocess.Popen[bytes]
    said: bytes
    line: Line


class Desk:
    """Runs lines; `docker`: the command that they mean, `address`: the daemon's."""

    def __init__(self, address: str, docker: Path, folder: Path) -> None:
        self._folder = folder
        self._masks = Masks()
        self._asides: dict[str, Aside] = {}
        (folder / "bin").mkdir()
        (folder / "bin" / "docker").symlink_to(docker)
        (folder / "here").mkdir()
        self._environment = {
            "PATH": f"{folder / 'bin'}:{os.environ['PATH']}",
            "HOME": str(folder),
            "TZ": "UTC",
            "LC_ALL": "C.UTF-8",
            "TERM": "xterm",
            "DOCKER_HOST": address,
            "DOCKER_CONFIG": str(folder / "config"),
            "DOCKER_BUILDKIT": "0",
            "DOCKER_CLI_HINTS": "false",
        }

    def close(self, afterwards: str) -> None:
        """End what still runs, and clean up."""
        for aside in self._asides.values():
            _end(aside.process)
        if afterwards:
            self._start(afterwards, stdin=subprocess.DEVNULL).communicate(timeout=PATIENCE)

    def do(self, line: Line) -> Outcome | None:
        """Run one line; return what came of it, None if that is yet to come.

        What takes too long is ended, and says so.
        """
        for path, text in line.files.items():
            target = self._folder / "here" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
        try:
            outcome = self._do(line)
        except (TimeoutError, EOFError) as error:
            outcome = Outcome(stderr=f"{STALLED} {error}", code=-1)
        time.sleep(line.settle)
        return outcome

    def _do(self, line: Line) -> Outcome | None:
        if line.end:
            return self._join(line)
        if line.aside:
            return self._begin(line)
        return self._type(line) if line.typed else self._run(line)

    def _run(self, line: Line) -> Outcome:
        process = self._start(line.run)
        return self._outcome(process, line, given=line.given.encode())

    def _begin(self, line: Line) -> None:
        """Start what goes on beside other lines. Raises TimeoutError, EOFError."""
        process = self._start(line.run, stdin=subprocess.DEVNULL)
        self._asides[line.aside] = aside = Aside(process, b"", line)
        assert process.stdout is not None
        deadline = time.monotonic() + PATIENCE
        while line.until.encode() not in aside.said:
            aside.said += _read(process.stdout.fileno(), deadline, line.run)

    def _join(self, line: Line) -> Outcome:
        if line.end not in self._asides:
            raise EOFError("has not begun")
        aside = self._asides.pop(line.end)
        if line.signal:
            os.killpg(aside.process.pid, signal.Signals[f"SIG{line.signal}"])
        return self._outcome(aside.process, aside.line, said=aside.said)

    def _outcome(self, process: subprocess.Popen[bytes], line: Line, given: bytes = b"", said: bytes = b"") -> Outcome:
        try:
            stdout, stderr = process.communicate(given or None, timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            _end(process)
            raise TimeoutError(line.run) from None
        return Outcome(self._shown(said + stdout, line), self._shown(stderr, line), process.returncode)

    def _shown(self, data: bytes, line: Line) -> str:
        text = data.decode("utf-8", "backslashreplace").replace(str(self._folder), "~")
        return self._masks(text, line.mask)

    def _start(self, command: str, stdin: int = subprocess.PIPE) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            ["sh", "-c", command],
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=self._environment,
            cwd=self._folder / "here",
            start_new_session=True,
            bufsize=0,
        )

    def _type(self, line: Line) -> Outcome:
        terminal, other = pty.openpty()
        process = subprocess.Popen(
            ["sh", "-c", f"exec {line.run}"],
            stdin=other,
            stdout=other,
            stderr=other,
            env=self._environment,
            cwd=self._folder / "here",
            start_new_session=True,
        )
        os.close(other)
        screen, shown, deadline = b"", 0, time.monotonic() + PATIENCE
        try:
            for awaited, typed in line.typed:
                while awaited.encode() not in screen[shown:]:
                    screen += _read(terminal, deadline, f"{line.run}: waiting for {awaited!r} behind {screen!r}")
                shown = len(screen)
                time.sleep(REACTION)
                os.write(terminal, typed.encode())
            with contextlib.suppress(EOFError):
                while True:
                    screen += _read(terminal, deadline, f"{line.run}: {screen!r}")
            return Outcome(self._shown(screen, line), code=process.wait(PATIENCE))
        finally:
            _end(process)
            os.close(terminal)


def _read(descriptor: int, deadline: float, what: str) -> bytes:
    """Return what there is to read next. Raises TimeoutError, EOFError."""
    if not select.select([descriptor], [], [], max(0.0, deadline - time.monotonic()))[0]:
        raise TimeoutError(f"takes too long: {what}")
    try:
        data = os.read(descriptor, 65536)
    except OSError:  # the other side of a terminal was closed
        data = b""
    if not data:
        raise EOFError(f"ends too early: {what}")
    return data


def _end(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for stream in (process.stdin, process.stdout, process.stderr):
        if stream is not None:
            stream.close()


def outcomes(table: Table, address: str, docker: Path) -> Iterator[Outcome | None]:
    """Yield what comes of a table's lines with a daemon, one after the other; clean up in the end."""
    with tempfile.TemporaryDirectory(prefix="fd-") as folder:
        desk = Desk(address, docker, Path(folder))
        try:
            for line in table.lines:
                yield desk.do(line)
        finally:
            desk.close(table.afterwards)
