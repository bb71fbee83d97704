"""The sessions of `cassettes/` for tests that do them again: their scripts, their cassettes, the clients they need."""

from __future__ import annotations

import functools
import importlib
import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

FOLDER = Path(__file__).parents[1] / "cassettes"


def _script(name: str) -> ModuleType:
    """Return one of the scripts beside the cassettes; they import each other by their names."""
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, FOLDER / f"{name}.py")
        assert spec is not None
        assert spec.loader is not None
        sys.modules[name] = module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return sys.modules[name]


console = _script("console")
sessions = _script("sessions")

#: What installs a client.
INSTALL = {
    "docker": "apt-get install docker.io (20.10 in Debian 12), or https://download.docker.com/linux/static/stable/",
    "docker-compose": "apt-get install docker-compose (1.29 in Debian 12)",
    "docker compose": "apt-get install docker-compose (2.26 in Debian 13)",
    "docker-py": "pip install 'docker>=7'",
}
#: How clients call themselves.
_CALLED = {
    "docker": re.compile(r"User-Agent: Docker-Client/([0-9]+\.[0-9]+)"),
    "docker compose": re.compile(r"User-Agent: compose/v?([0-9]+\.[0-9]+)"),
    "docker-compose": re.compile(r"User-Agent: docker-compose/([0-9]+\.[0-9]+)"),
    "docker-py": re.compile(r"User-Agent: docker-sdk-python/([0-9]+)\."),
}


def cassette(name: str) -> Path:
    return FOLDER / f"{name}.yaml"


def transcript(name: str) -> list[str]:
    """Return what the clients said when a session was recorded, line by line."""
    return (FOLDER / f"{name}.txt").read_text().splitlines()


def recorded_version(name: str, client: str) -> str:
    """Return the version of a client that a session was recorded with; empty if it was not there."""
    found = _CALLED[client].search(cassette(name).read_text())
    return found[1] if found else ""


def lacking(name: str) -> str:
    """Return why a session cannot be done here by the clients that did it; empty if it can."""
    client = sessions.SESSIONS[name].client
    version = recorded_version(name, client)
    if _has(client, version, str(docker_of(name) or "")):
        return ""
    return f"no {client} of version {version}: {INSTALL[client]}"


def docker_of(name: str) -> Path | None:
    """Return the docker command that a session was recorded with; any if it took no part."""
    version = recorded_version(name, "docker")
    return _docker(version) if version else Path("docker")


@functools.cache
def _docker(version: str) -> Path | None:
    found: Path | None = console.docker_command(version)
    return found


@functools.cache
def _has(client: str, version: str, docker: str) -> bool:
    if client == "docker-py":
        try:
            return str(importlib.import_module("docker").__version__).startswith(f"{version}.")
        except (ImportError, AttributeError):
            return False
    if client == "docker":
        return bool(docker)
    command = ["docker-compose", "version", "--short"] if client == "docker-compose" else [docker, "compose", "version"]
    if client == "docker compose" and console.PLUGINS in os.environ:
        command = [str(Path(os.environ[console.PLUGINS], "docker-compose")), "version"]
    try:
        said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    except OSError:
        return False
    return re.search(rf"\b{re.escape(version)}\.", said) is not None
