"""Record the sessions of this folder anew, with a real daemon:

    FAKEDOCKER_REAL_DOCKER=unix:///var/run/docker.sock python cassettes/record.py [NAME...]

Each session below is a function that works with the `docker` command; it is recorded into a cassette of its name. The
daemon needs the image `busybox` and no network; nothing of a session stays in it. What a daemon says of its host (its
name, its folders) is replaced afterwards, so that a cassette looks the same wherever it was made.
"""

from __future__ import annotations

import contextlib
import json
import os
import pty
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
REAL = "FAKEDOCKER_REAL_DOCKER"
PATIENCE = 60.0


class Command:
    """The `docker` command against one daemon, with a configuration of its own; `folder` is a scratch folder."""

    def __init__(self, host: str, folder: Path) -> None:
        self.folder = folder
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "DOCKER_HOST": host,
            "DOCKER_CONFIG": str(folder / "config"),
            "DOCKER_BUILDKIT": "0",
            "DOCKER_CLI_HINTS": "false",
            "TERM": "xterm",
        }

    def __call__(self, *words: str, given: bytes = b"") -> bytes:
        """Run it to its end with something on its standard input; return all it wrote. It may fail."""
        done = subprocess.run(
            ["docker", *words],
            input=given,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=self.environment,
            cwd=self.folder,
            timeout=PATIENCE,
            check=False,
        )
        return done.stdout

    @contextlib.contextmanager
    def meanwhile(self, *words: str) -> Iterator[subprocess.Popen[bytes]]:
        """Run it while something else is done, and interrupt it if it has not ended by then."""
        process = subprocess.Popen(
            ["docker", *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=self.environment, cwd=self.folder
        )
        try:
            yield process
        finally:
            if process.poll() is None:
                process.terminate()
            process.communicate(timeout=PATIENCE)

    def type(self, *words: str, typed: list[tuple[str, str]]) -> str:
        """Run it at a terminal; type a line whenever a text has appeared. Returns all that was on the screen."""
        terminal, other = pty.openpty()
        process = subprocess.Popen(
            ["docker", *words], stdin=other, stdout=other, stderr=other, env=self.environment, start_new_session=True
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
        process.wait(PATIENCE)
        return screen


# -- sessions -----------------------------------------------------------------------------------------


def run(docker: Command) -> None:
    """Run containers to their end: output on both channels, an exit code, one that is kept and looked at."""
    docker("version")
    docker("run", "--rm", "busybox", "echo", "hello")
    docker("run", "--name", "fd-run", "busybox", "sh", "-c", "echo out; sleep 0.1; echo err >&2; exit 3")
    docker("logs", "fd-run")
    docker("ps", "--all", "--filter", "name=fd-run")
    docker("inspect", "fd-run")
    docker("rm", "fd-run")


def terminal(docker: Command) -> None:
    """Type into a shell at a terminal."""
    docker.type(
        *("run", "-it", "--rm", "--name", "fd-terminal", "--hostname", "box", "busybox", "sh"),
        typed=[("/ # ", "echo typed $((6 * 7))\n"), ("42\r\n/ # ", "exit 4\n")],
    )


def piped(docker: Command) -> None:
    """Give a container something on its standard input, whose end it has to see."""
    docker("run", "--rm", "-i", "busybox", "wc", "-l", given=b"one\ntwo\nthree\n")
    docker("run", "--rm", "-i", "busybox", "sh", "-c", "cat; echo done", given=b"\x00\xff binary \xc3\xa4\n" * 3)


def exec_in(docker: Command) -> None:
    """Run more commands in a container that runs."""
    docker("run", "-d", "--name", "fd-exec", "busybox", "sleep", "1000")
    docker("exec", "fd-exec", "sh", "-c", "echo out; echo err >&2; exit 5")
    docker("exec", "-i", "fd-exec", "cat", given=b"piped\n")
    docker("exec", "-e", "GREETING=hi", "-w", "/tmp", "-u", "1:1", "fd-exec", "sh", "-c", "echo $GREETING; pwd; id -u")
    docker("exec", "-d", "fd-exec", "true")
    docker("exec", "fd-exec", "nosuchcommand")
    docker("top", "fd-exec")
    docker("rm", "-f", "fd-exec")


def follow(docker: Command) -> None:
    """Follow the log of a container that speaks now and then, to its end and not to its end."""
    script = "for i in 1 2 3; do echo line $i; sleep 0.2; done"
    docker("run", "-d", "--name", "fd-follow", "busybox", "sh", "-c", script)
    docker("logs", "--follow", "--timestamps", "fd-follow")
    docker("start", "fd-follow")
    with docker.meanwhile("logs", "-f", "--tail", "1", "fd-follow") as following:
        assert following.stdout is not None
        following.stdout.readline()
    docker("wait", "fd-follow")
    docker("rm", "fd-follow")


def build(docker: Command) -> None:
    """Build an image, once more from the cache, and fail to build one."""
    (docker.folder / "greeting").write_text("hello\n")
    dockerfile = docker.folder / "Dockerfile"
    dockerfile.write_text("FROM busybox\nCOPY greeting /greeting\nRUN cat /greeting\nCMD cat /greeting\n")
    (docker.folder / ".dockerignore").write_text("config\n")
    docker("build", "-t", "fd-build", ".")
    docker("build", "-t", "fd-build:again", ".")
    docker("run", "--rm", "fd-build")
    docker("history", "fd-build")
    dockerfile.write_text("FROM busybox\nRUN echo before; exit 7\n")
    docker("build", "--rm", "--force-rm", ".")
    dockerfile.write_text("FROM busybox\nNOSUCH instruction\n")
    docker("build", ".")
    docker("rmi", "fd-build", "fd-build:again")


def copy(docker: Command) -> None:
    """Copy files into a container and out of it."""
    (docker.folder / "tree" / "below").mkdir(parents=True)
    (docker.folder / "tree" / "below" / "file").write_text("content\n")
    docker("create", "--name", "fd-copy", "busybox", "true")
    docker("cp", "tree", "fd-copy:/tmp/tree")
    docker("cp", "fd-copy:/tmp/tree/below", "back")
    docker("cp", "fd-copy:/etc/passwd", "-")
    docker("cp", "fd-copy:/no/such", "-")
    docker("cp", "tree", "fd-copy:/no/such/place")
    docker("diff", "fd-copy")
    docker("rm", "fd-copy")


def save_and_load(docker: Command) -> None:
    """Take a small image away as an archive and bring it back; import and export one."""
    (docker.folder / "Dockerfile").write_text("FROM scratch\nCOPY Dockerfile /file\n")
    docker("build", "-t", "fd-save", ".")
    docker("save", "-o", "image.tar", "fd-save")
    docker("rmi", "fd-save")
    docker("load", "-i", "image.tar")
    docker("create", "--name", "fd-save", "fd-save", "/file")
    docker("export", "-o", "tree.tar", "fd-save")
    docker("import", "tree.tar", "fd-import")
    docker("rm", "fd-save")
    docker("rmi", "fd-save", "fd-import")


def events(docker: Command) -> None:
    """Watch what happens while things happen, and look back at it."""
    docker("create", "--name", "fd-events", "--label", "fd=1", "busybox", "sh", "-c", "exit 6")
    with docker.meanwhile("events", "--filter", "label=fd=1", "--filter", "type=container") as watching:
        assert watching.stdout is not None
        time.sleep(0.3)  # there is no sign that it watches
        for words in (("start", "-a", "fd-events"), ("rename", "fd-events", "fd-renamed"), ("rm", "fd-renamed")):
            docker(*words)
        while b" destroy " not in watching.stdout.readline():
            pass
    now = int(time.time())
    docker("events", "--since", str(now - 2), "--until", str(now), "--filter", "label=fd=1", "--format", "{{json .}}")


def networks_and_volumes(docker: Command) -> None:
    """Make, look at, and remove a network and a volume."""
    docker("network", "create", "--internal", "--subnet", "10.213.0.0/24", "fd-net")
    docker("run", "--rm", "--network", "fd-net", "--network-alias", "me", "busybox", "true")
    docker("network", "inspect", "fd-net")
    docker("network", "ls", "--filter", "name=fd-net")
    docker("network", "rm", "fd-net")
    docker("volume", "create", "--label", "fd=1", "fd-vol")
    docker("run", "--rm", "-v", "fd-vol:/data", "busybox", "sh", "-c", "echo kept > /data/file")
    docker("run", "--rm", "-v", "fd-vol:/data:ro", "busybox", "cat", "/data/file")
    docker("volume", "inspect", "fd-vol")
    docker("volume", "rm", "fd-vol")


def errors(docker: Command) -> None:
    """Be refused, in every way there is."""
    docker("start", "fd-nosuch")
    docker("inspect", "--type", "image", "fd-nosuch")
    docker("run", "--rm", "fd-nosuch.invalid/image:tag")
    docker("create", "--name", "fd-errors", "busybox", "nosuchcommand")
    docker("create", "--name", "fd-errors", "busybox", "true")
    docker("start", "fd-errors")
    docker("kill", "fd-errors")
    docker("stop", "fd-errors")
    docker("exec", "fd-errors", "true")
    docker("run", "-d", "--name", "fd-running", "busybox", "sleep", "1000")
    docker("rm", "fd-running")
    docker("kill", "--signal", "NOSUCH", "fd-running")
    docker("pause", "fd-errors")
    docker("update", "--memory", "1k", "fd-running")
    docker("create", "--memory", "1k", "busybox")
    docker("tag", "busybox", "Fd-Upper")
    docker("network", "rm", "bridge")
    docker("rmi", "busybox")
    docker("rm", "-f", "fd-running", "fd-errors")


def secrets(docker: Command) -> None:
    """Say secrets, none of which may be on the cassette: a login, build arguments, variables, and their echoes."""
    docker("login", "-u", "me", "--password-stdin", "fd-nosuch.invalid", given=b"correct-horse-battery")
    docker("run", "--rm", "-e", "DB_PASSWORD=hunter2-hunter2", "busybox", "sh", "-c", "echo it is $DB_PASSWORD")
    (docker.folder / "Dockerfile").write_text("FROM busybox\nARG API_TOKEN\nRUN echo using $API_TOKEN\n")
    docker("build", "--build-arg", "API_TOKEN=tok-0123456789abcdef", "-t", "fd-secrets", ".")
    docker("rmi", "fd-secrets")


SAID_IN_SECRETS = ("correct-horse-battery", "hunter2-hunter2", "tok-0123456789abcdef")
SESSIONS = {
    "run": run,
    "terminal": terminal,
    "piped": piped,
    "exec": exec_in,
    "follow": follow,
    "build": build,
    "copy": copy,
    "save": save_and_load,
    "events": events,
    "networks": networks_and_volumes,
    "errors": errors,
    "secrets": secrets,
}


# -- recording ----------------------------------------------------------------------------------------


def record(name: str, real: str) -> Path:
    """Record one session; return its cassette."""
    cassette = FOLDER / f"{name}.yaml"
    with tempfile.TemporaryDirectory(prefix="fd-") as folder:
        ready = Path(folder, "ready")
        scratch = Path(folder, "scratch")
        scratch.mkdir()
        words = ["record", "--upstream", real, "-c", str(cassette), "--overwrite", "--ready-file", str(ready)]
        recorder = subprocess.Popen([sys.executable, "-m", "fakedocker", *words], stdout=subprocess.DEVNULL)
        try:
            while not ready.exists():
                if recorder.poll() is not None:
                    raise SystemExit(f"{name}: the recorder did not start")
                time.sleep(0.01)
            SESSIONS[name](Command(ready.read_text().strip(), scratch))
        finally:
            recorder.terminate()
            recorder.wait(PATIENCE)
    if recorder.returncode:
        raise SystemExit(f"{name}: the recorder ended with {recorder.returncode}")
    return cassette


def host_facts(real: str) -> list[tuple[re.Pattern[str], str]]:
    """What the daemon says of its host, and what shall stand in its place."""
    info = json.loads(Command(real, FOLDER)("info", "--format", "{{json .}}"))
    return [
        (re.compile(re.escape(info["DockerRootDir"])), "/var/lib/docker"),
        (re.compile(re.escape(info["KernelVersion"])), "6.1.0"),
        (re.compile(re.escape(info["OperatingSystem"])), "Linux"),
        (re.compile(r"(?<= SandboxKey: )\S+(?=/netns/)"), "/var/run/docker"),
        (re.compile(r"\b[0-9]+(?:\.[0-9]+){3}:53\b"), "192.0.2.53:53"),  # its name server
        (re.compile(rf"(?<= Name: ){re.escape(info['Name'])}$", re.MULTILINE), "docker-host"),
    ]


def main(names: list[str]) -> None:
    """Record the sessions of these names, or all."""
    real = os.environ.get(REAL)
    if not real or not shutil.which("docker"):
        raise SystemExit(f"this needs the docker command, and a real daemon in ${REAL}")
    facts = host_facts(real)
    for name in names or SESSIONS:
        cassette = record(name, real)
        text = cassette.read_text()
        for fact, instead in facts:
            text = fact.sub(instead, text)
        cassette.write_text(text)
        cassette.chmod(0o644)


if __name__ == "__main__":
    main(sys.argv[1:])
