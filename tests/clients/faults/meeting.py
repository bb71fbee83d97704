"""How a client meets a fault: docker-py's call and docker's command line, and what each reports."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from clients.faults.table import PATIENCE, Row

from fakedocker import FakeDocker

OUTCOMES = Path(__file__).parent / "outcomes.json"
#: Seconds until a command is ended that should have ended long ago.
LONGEST = 60


@dataclass(frozen=True)
class Outcome:
    """What a client reports: docker-py's exception, or what it returned; docker's exit code and last words."""

    docker_py: str
    docker: str


def meet(row: Row) -> tuple[Outcome, FakeDocker]:
    """Let both clients meet a fault, each on a daemon of its own; return what they report and the second daemon."""
    with world() as daemon:
        docker_py = _docker_py(row, daemon)
    with world() as daemon:
        docker = _docker(row, daemon)
        return Outcome(docker_py, docker), daemon


def world() -> FakeDocker:
    """Return a daemon with a container `web` that has said hello."""
    daemon = FakeDocker(seed=1)
    daemon.engine.pull("busybox", "latest")
    container = daemon.engine.run("busybox", "sh", "-c", "echo hello; sleep 600", name="web")
    while daemon.engine.logs(container) != b"hello\n":
        pass
    return daemon


def _docker_py(row: Row, daemon: FakeDocker) -> str:
    import docker

    with closing(docker.DockerClient(daemon.url, timeout=PATIENCE)) as client, daemon.faults.add(row.fault):
        try:
            answer = row.call(client)
        except Exception as error:  # whatever it reports is what is wanted
            return _steady(f"{type(error).__module__}.{type(error).__name__}: {error}", daemon)
        return _steady(f"returns {answer!r}", daemon)


def _docker(row: Row, daemon: FakeDocker) -> str:
    command = row.command.format(patience=PATIENCE)
    with tempfile.TemporaryDirectory() as folder, daemon.faults.add(row.fault):
        own = {
            "DOCKER_HOST": daemon.url,
            "DOCKER_CONFIG": folder,
            "DOCKER_BUILDKIT": "0",
            "DOCKER_CLI_HINTS": "false",
            "LC_ALL": "C.UTF-8",
        }
        done = subprocess.run(
            ["sh", "-c", command],
            env={"PATH": os.environ["PATH"], "HOME": folder, **own},
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=LONGEST,
        )
    words = done.stderr.strip().splitlines() or done.stdout.strip().splitlines() or ["(nothing)"]
    return _steady(f"{done.returncode}: {words[-1]}", daemon)


def _steady(text: str, daemon: FakeDocker) -> str:
    """Return what is the same in every run: without ports, ids and the version that was negotiated."""
    host, _, port = daemon.url.removeprefix("tcp://").rpartition(":")
    text = re.sub(rf"{re.escape(host)}:(?!{port}\b)\d+", "CLIENT", text)
    text = text.replace(f"{host}:{port}", "DAEMON").replace(f"host='{host}', port={port}", "DAEMON")
    text = re.sub(r"\b[0-9a-f]{64}\b", "ID", text)
    text = re.sub(r"\d+ more expected", "N more expected", text)
    return re.sub(r"/v1\.\d\d/", "/v1.NN/", text)
