"""Record the sessions of this folder anew, with a real daemon:

    FAKEDOCKER_REAL_DOCKER=unix:///var/run/docker.sock python cassettes/record.py [NAME...]

Each session of `sessions.py` that belongs to the daemon's version is recorded into a cassette of its name; beside it,
in a text of its name, is what the clients said. The daemon needs the image `busybox`; `registry` needs the registry
that `.ci/dockerd` starts, `compose-2` and `buildkit` the plugins of the docker command, installed or in the folder that
$FAKEDOCKER_CLI_PLUGINS names. The docker command is one of the daemon's version, if there is one.

What a daemon says of its host (its name, its folders) is replaced afterwards, so that a cassette looks the same
wherever it was made.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from console import PATIENCE, Console, commands, docker_command
from sessions import SESSIONS, sessions_of

FOLDER = Path(__file__).resolve().parent
REAL = "FAKEDOCKER_REAL_DOCKER"

Facts = list[tuple[re.Pattern[str], str]]


@contextmanager
def recorder(real: str, cassette: Path) -> Iterator[str]:
    """Record into a cassette; yields where."""
    with tempfile.TemporaryDirectory(prefix="fd-") as folder:
        ready = Path(folder, "ready")
        words = ["record", "--upstream", real, "-c", str(cassette), "--overwrite", "--ready-file", str(ready)]
        process = subprocess.Popen([sys.executable, "-m", "fakedocker", *words], stdout=subprocess.DEVNULL)
        try:
            while not ready.exists():
                if process.poll() is not None:
                    raise SystemExit(f"{cassette.stem}: the recorder did not start")
                time.sleep(0.01)
            yield ready.read_text().strip()
        finally:
            process.terminate()
            process.wait(PATIENCE)
    if process.returncode:
        raise SystemExit(f"{cassette.stem}: the recorder ended with {process.returncode}")


def record(name: str, real: str, docker: Path, facts: Facts) -> None:
    """Record one session."""
    cassette, transcript = FOLDER / f"{name}.yaml", FOLDER / f"{name}.txt"
    with recorder(real, cassette) as host, Console(host, docker) as console:
        SESSIONS[name].work(console)
    transcript.write_text("\n".join([*console.transcript, ""]))
    for path in (cassette, transcript):
        text = path.read_text()
        for fact, instead in facts:
            text = fact.sub(instead, text)
        path.write_text(text)
        path.chmod(0o644)


def host_facts(info: dict[str, str]) -> Facts:
    """What the daemon says of its host, and what shall stand in its place."""
    return [
        (re.compile(re.escape(info["DockerRootDir"])), "/var/lib/docker"),
        (re.compile(re.escape(info["KernelVersion"])), "6.1.0"),
        (re.compile(re.escape(info["OperatingSystem"])), "Linux"),
        (re.compile(r'(SandboxKey"?: "?)\S+(?=/netns/)'), r"\1/var/run/docker"),
        (re.compile(r"\b[0-9]+(?:\.[0-9]+){3}:53\b"), "192.0.2.53:53"),  # its name server
        (re.compile(rf"(?<= Name: ){re.escape(info['Name'])}$", re.MULTILINE), "docker-host"),
    ]


def main(names: list[str]) -> None:
    """Record the sessions of these names, or all that belong to the daemon."""
    real = os.environ.get(REAL)
    docker = next(commands("docker"), None)
    if not real or not docker:
        raise SystemExit(f"this needs the docker command, and a real daemon in ${REAL}")
    info = json.loads(subprocess.check_output([docker, "-H", real, "info", "--format", "{{json .}}"]))
    version = info["ServerVersion"]
    docker = docker_command(".".join(version.split(".")[:2])) or docker
    for name in names or sessions_of(version):
        record(name, real, docker, host_facts(info))


if __name__ == "__main__":
    main(sys.argv[1:])
