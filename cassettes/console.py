"""Where the clients of a session are run: against one daemon, in a folder, with a transcript of all that they said.

The transcript is what a person would have seen, so that whoever does the session again can tell whether it went the
same way: `$` and a command, what it wrote on its standard output, behind `2>` what it wrote on the other one, behind
`=>` its exit code if it was not 0. What depends on the hour - how long ago something was - is not in it.
"""

from __future__ import annotations

import contextlib
import os
import pty
import re
import select
import shlex
import shutil
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

PATIENCE = 60.0
#: Bytes of an output that is shown even if nobody can read it.
SHORT = 100
#: Ends the names that a session invents when it is recorded.
SUFFIX = "3f9a8c21"
PLUGINS = "FAKEDOCKER_CLI_PLUGINS"

_LOOSE = (
    (re.compile(r"(Less than|About|[0-9]+) (?:an? )?(?:second|minute|hour|day|week|month|year)s? ago"), "lately"),
    (re.compile(r"\b[0-9]+(?:\.[0-9]+)?s\b"), "0s"),
    (re.compile(r" {3,}|-{4,}"), lambda found: found[0][0] * 3),  # columns are as wide as their widest cell
    (re.compile(r"/tmp/fd-[0-9a-f-]{36}"), "."),
    (re.compile(r"\b[0-9]{10}(?=\b|[0-9]{9}\b)"), "0"),  # seconds since 1970
    # Whether a client that is done still sees its other requests break off is chance.
    (re.compile(r"2> time=\S+ level=error msg=\"[Ee]rror waiting for container: .*\""), ""),
)


def commands(name: str) -> Iterator[Path]:
    """Yield the commands of a name, in the order of $PATH."""
    for folder in os.environ["PATH"].split(os.pathsep):
        found = shutil.which(name, path=folder)
        if found:
            yield Path(found)


def docker_command(version: str) -> Path | None:
    """Return a `docker` of this version or its beginning (`20.10`), if there is one."""
    for path in commands("docker"):
        said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout
        if f"version {version}." in said:
            return path
    return None


class Console:
    """Runs Docker's clients against a daemon.

    `docker`: the docker command. `suffix`: ends the names that it invents. The folder is a new one, with a name as long
    as ever, since clients tell the daemon where they are.
    """

    def __init__(self, host: str, docker: Path, suffix: str = SUFFIX) -> None:
        self.host = host
        self.suffix = suffix
        self.folder = Path("/tmp", f"fd-{uuid.uuid4()}")
        self.transcript: list[str] = []
        self._docker = docker
        self._environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "TZ": "UTC",
            "LC_ALL": "C.UTF-8",
            "TERM": "xterm",
            "DOCKER_HOST": host,
            "DOCKER_CONFIG": str(self.folder / "config"),
            "DOCKER_BUILDKIT": "0",
            "DOCKER_CLI_HINTS": "false",
            "PYTHONWARNINGS": "ignore",
        }

    def __enter__(self) -> Console:
        (self.folder / "config").mkdir(parents=True)
        if PLUGINS in os.environ:
            (self.folder / "config" / "cli-plugins").symlink_to(os.environ[PLUGINS])
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self.folder)

    def name(self, word: str) -> str:
        """Return an invented name."""
        return f"{word}-{self.suffix}"

    def write(self, path: str, text: str) -> None:
        """Put a file into the folder."""
        (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / path).write_text(text)

    # -- clients -------------------------------------------------------------------------

    def docker(self, *words: str, given: bytes = b"") -> bytes:
        """Run the docker command to its end with something on its standard input; return its output. It may fail."""
        return self._run([str(self._docker), *words], given, is_ordered=words[0] != "compose")

    def compose(self, *words: str) -> bytes:
        """Run docker-compose, the one of Python."""
        return self._run(["docker-compose", *words], is_ordered=False)

    def _run(self, command: list[str], given: bytes = b"", is_ordered: bool = True) -> bytes:
        done = subprocess.run(
            command,
            input=given,
            capture_output=True,
            env=self._environment,
            cwd=self.folder,
            timeout=PATIENCE,
            check=False,
        )
        self._told(command, given)
        self.says(_readable(done.stdout))
        lines = done.stderr.decode("utf-8", "backslashreplace").splitlines()
        for line in lines if is_ordered else sorted(lines):  # of things that are done side by side
            self.says(f"2> {line}")
        if done.returncode:
            self.says(f"=> {done.returncode}")
        return done.stdout

    @contextlib.contextmanager
    def meanwhile(self, *words: str) -> Iterator[Callable[[], str]]:
        """Run the docker command while something else is done; yields what waits for its next line.

        It is interrupted in the end.
        """
        command = [str(self._docker), *words]
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=self._environment, cwd=self.folder
        )
        lines: list[str] = []

        def next_line() -> str:
            assert process.stdout is not None
            lines.append(process.stdout.readline().decode())
            return lines[-1]

        try:
            yield next_line
        finally:
            process.terminate()
            process.communicate(timeout=PATIENCE)
        self._told(command)
        self.says("".join(lines))

    def type(self, *words: str, typed: list[tuple[str, str]]) -> None:
        """Run the docker command at a terminal; type a line whenever a text has appeared."""
        command = [str(self._docker), *words]
        terminal, other = pty.openpty()
        process = subprocess.Popen(
            command, stdin=other, stdout=other, stderr=other, env=self._environment, start_new_session=True
        )
        os.close(other)
        screen, shown = "", 0
        for awaited, line in [*typed, ("", "")]:
            while awaited not in screen[shown:] or not awaited:
                if not select.select([terminal], [], [], PATIENCE)[0]:
                    raise TimeoutError(f"{awaited!r} does not appear behind {screen!r}")
                try:
                    screen += os.read(terminal, 4096).decode()
                except OSError:  # the other side of a terminal was closed
                    break
            shown = len(screen)
            if line:
                time.sleep(0.1)  # nobody types faster
                os.write(terminal, line.encode())
        os.close(terminal)
        self._told(command)
        self.says(screen)
        self.says(f"=> {process.wait(PATIENCE)}")

    # -- what they said ------------------------------------------------------------------

    def _told(self, command: list[str], given: bytes = b"") -> None:
        line = shlex.join([Path(command[0]).name, *command[1:]])
        self.says(f"$ {line}" + (f" <<< {given!r}" if given else ""))

    def says(self, text: str) -> None:
        """Write something into the transcript."""
        text = text.replace(self.suffix, SUFFIX)
        for loose, instead in _LOOSE:
            text = loose.sub(instead, text)
        if text.strip("\n"):
            self.transcript += [_visible(line) for line in text.rstrip("\n").split("\n")]


def _readable(data: bytes) -> str:
    """Return an output as a text; of an archive it is enough how large it is."""
    if len(data) > SHORT and b"\0" in data:
        return f"({len(data)} bytes)"
    return data.decode("utf-8", "backslashreplace")


def _visible(line: str) -> str:
    return "".join(one if one.isprintable() else repr(one)[1:-1] for one in line.rstrip(" "))
