"""`fakedocker doctor`: look whether a fake daemon can be started and found here, and what might be in its way."""

from __future__ import annotations

import argparse
import importlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal, NamedTuple

from fakedocker import FakeDocker, __version__, connect
from fakedocker.environment import ASTRAY, pointed_at

HELP = "look whether a fake daemon can be started and found here"
#: Seconds that a client may take.
PATIENCE = 20


class Finding(NamedTuple):
    """What was looked at, how it is, and in a few words why."""

    what: str
    how: Literal["ok", "warning", "wrong"]
    why: str


def add(doctor: argparse.ArgumentParser) -> None:
    """Say what the subcommand understands."""
    doctor.add_argument("--json", action="store_true", help="for a program to read")


def run(options: argparse.Namespace) -> int:
    """Print one line for each thing that was looked at; 1 if one of them is wrong."""
    findings = [finding for look in LOOKS for finding in look()]
    if options.json:
        print(json.dumps([finding._asdict() for finding in findings], indent=2))
    else:
        for finding in findings:
            print(f"{finding.how:<8} {finding.what}: {finding.why}")
    return 1 if any(finding.how == "wrong" for finding in findings) else 0


def _python() -> Iterator[Finding]:
    found = ".".join(map(str, sys.version_info[:3]))
    yield Finding("python", "ok", f"{found}, fakedocker {__version__}")
    for package in ("flask", "werkzeug", "pyyaml", "pytest"):
        try:
            yield Finding(package, "ok", version(package))
        except PackageNotFoundError:
            needed = package != "pytest"  # only the plugin wants it
            yield Finding(package, "wrong" if needed else "warning", f"is not installed: pip install {package}")


def _environment() -> Iterator[Finding]:
    for name in ("DOCKER_HOST", *ASTRAY):
        if value := os.environ.get(name):
            yield Finding(f"${name}", "warning", f"is set to {value!r}: clients that are not told otherwise follow it")
    folder = Path(os.environ.get("DOCKER_CONFIG") or Path.home() / ".docker")
    try:
        context = json.loads((folder / "config.json").read_text()).get("currentContext", "")
    except (OSError, ValueError, AttributeError):
        context = ""
    if context and context != "default":
        yield Finding("docker context", "warning", f"{context!r} is in use; $DOCKER_HOST wins over it")


def _places() -> Iterator[Finding]:
    for path in ("/var/run/docker.sock", "/run/docker.sock"):
        if Path(path).exists():
            yield Finding(path, "warning", "there is a real daemon: clients that are not told otherwise reach it")
            break
    with socket.socket() as probe:
        taken = probe.connect_ex(("127.0.0.1", 4243)) == 0
    why = "somebody listens there: choose another with -H" if taken else "is free"
    yield Finding("port 4243", "warning" if taken else "ok", why)
    folder = tempfile.gettempdir()
    fits = len(folder) < 60  # a path of a socket has 107 characters, and tests make long names
    why = "sockets fit in" if fits else "is so long a path that sockets may not fit in: set $TMPDIR"
    yield Finding(folder, "ok" if fits else "warning", why)


def _daemon() -> Iterator[Finding]:
    with tempfile.TemporaryDirectory(prefix="fakedocker-") as folder:
        hosts = [f"unix://{folder}/docker.sock", "tcp://127.0.0.1:0"]
        try:
            with FakeDocker(hosts=hosts) as daemon:
                for host in daemon.hosts:
                    connect(host)
                    yield Finding("a fake daemon", "ok", f"answers at {host.partition('://')[0]}")
                yield _docker_py(daemon)
                yield _docker_command(daemon)
        except OSError as error:
            yield Finding("a fake daemon", "wrong", f"cannot be started: {error}")


def _docker_py(daemon: FakeDocker) -> Finding:
    try:
        docker = importlib.import_module("docker")
    except ImportError:
        return Finding("docker-py", "warning", "is not installed: pip install docker")
    try:
        client = docker.DockerClient(base_url=daemon.url, timeout=PATIENCE)
        said = client.containers.run("base", ["echo", "hi"], remove=True)
        client.close()
    except Exception as error:  # whatever it is, it is what the user is to know
        return Finding("docker-py", "wrong", str(error))
    return Finding("docker-py", "ok" if said == b"hi\n" else "wrong", f"{docker.__version__} runs a container")


def _docker_command(daemon: FakeDocker) -> Finding:
    command = shutil.which("docker")
    if command is None:
        return Finding("docker", "warning", "there is no such command here")
    words = [command, "run", "--rm", "base", "echo", "hi"]
    try:
        done = subprocess.run(
            words, env=pointed_at(daemon.url), capture_output=True, text=True, timeout=PATIENCE, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return Finding("docker", "wrong", str(error))
    if done.stdout != "hi\n":
        return Finding("docker", "wrong", done.stderr.strip() or f"said {done.stdout!r}")
    return Finding("docker", "ok", f"{command} runs a container")


LOOKS: tuple[Callable[[], Iterator[Finding]], ...] = (_python, _environment, _places, _daemon)
