"""The docker command and curl, where published ports really listen."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator

import pytest

from fakedocker import FakeDocker

pytestmark = pytest.mark.skipif(
    not (shutil.which("docker") and shutil.which("curl")), reason="no docker command, or no curl"
)
#: Seconds after which a command hangs.
PATIENCE = 30.0

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def docker() -> Iterator[Run]:
    """Run a docker command with a daemon whose published ports listen."""
    with FakeDocker(publish=True) as daemon:
        environment = {**os.environ, "DOCKER_HOST": daemon.url}
        environment.pop("DOCKER_CONTEXT", None)

        def run(*words: str) -> subprocess.CompletedProcess[str]:
            return subprocess.run(
                ["docker", *words], env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False
            )

        yield run


def curl(url: str) -> subprocess.CompletedProcess[str]:
    """Ask for a page, again while nobody is there yet."""
    again = ("--retry", "50", "--retry-delay", "0", "--retry-all-errors", "--retry-max-time", "10")
    return subprocess.run(
        ["curl", "-sS", "-i", "--noproxy", "*", *again, url],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def test_a_web_server_is_reached_at_the_port_that_docker_tells(docker: Run) -> None:
    assert docker("run", "-d", "--name", "web", "-P", "nginx").returncode == 0
    place = docker("port", "web", "80").stdout.splitlines()[0]
    port = place.rpartition(":")[2]
    assert place == f"0.0.0.0:{port}"
    assert f"0.0.0.0:{port}->80/tcp" in docker("ps").stdout
    page = curl(f"http://localhost:{port}/").stdout
    assert page.startswith("HTTP/1.1 200 OK")
    assert "Welcome to nginx!" in page
    assert docker("rm", "-f", "web").returncode == 0
    with socket.socket() as client:
        assert client.connect_ex(("127.0.0.1", int(port))) != 0


def test_a_port_that_another_program_has_is_refused_as_by_the_daemon(docker: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        started = docker("run", "-d", "--name", "web", "-p", f"{port}:80", "nginx")
    assert started.returncode == 125
    assert f"Error starting userland proxy: listen tcp4 0.0.0.0:{port}: bind: address already in use" in started.stderr
    seen = docker("inspect", "-f", "{{.State.Status}} {{.State.ExitCode}}", "web")
    assert seen.stdout == "created 128\n"


def test_what_is_changed_inside_is_seen_outside(docker: Run) -> None:
    docker("run", "-d", "--name", "web", "-p", "127.0.0.1::80", "nginx")
    place = docker("port", "web", "80/tcp").stdout.strip()
    docker("exec", "web", "sh", "-c", "echo changed > /usr/share/nginx/html/new.txt")
    assert curl(f"http://{place}/new.txt").stdout.endswith("\n\nchanged\n")
    docker("stop", "web")
    docker("start", "web")
    again = docker("port", "web", "80/tcp").stdout.strip()
    assert curl(f"http://{again}/new.txt").stdout.endswith("\n\nchanged\n")
