"""The guard, with real sockets and commands that never start."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from small_daemon import SmallDaemon

from fakedocker import FakeDocker, guard


@pytest.fixture
def real() -> Iterator[SmallDaemon]:
    """What this machine's environment calls its daemon."""
    with SmallDaemon() as daemon:
        yield daemon


def address_of(url: str) -> tuple[str, int]:
    host, _, port = url.removeprefix("tcp://").rpartition(":")
    return host, int(port)


def opened(url: str) -> None:
    with socket.create_connection(address_of(url), timeout=5):
        pass


def test_the_socket_of_the_real_daemon_cannot_be_opened() -> None:
    with (
        pytest.raises(guard.RealDockerError, match=r"unix:///var/run/docker\.sock"),
        guard.blocked({}),
        socket.socket(socket.AF_UNIX) as sock,
    ):
        sock.connect("/var/run/docker.sock")


def test_the_daemon_of_the_environment_is_never_reached(real: SmallDaemon) -> None:
    with pytest.raises(guard.RealDockerError, match=real.url), guard.blocked({"DOCKER_HOST": real.url}):
        opened(real.url)
    assert real.asked == []


def test_the_error_names_the_line_that_did_it(real: SmallDaemon) -> None:
    with pytest.raises(guard.RealDockerError) as caught, guard.blocked({"DOCKER_HOST": real.url}):
        opened(real.url)
    assert "test_guard.py:" in str(caught.value)
    assert "in opened: with socket.create_connection(address_of(url), timeout=5):" in str(caught.value)


def test_the_error_ends_with_the_hint(real: SmallDaemon) -> None:
    with (
        pytest.raises(guard.RealDockerError, match=r"(?s)opened.*ask the lead$"),
        guard.blocked({"DOCKER_HOST": real.url}, hint="ask the lead"),
    ):
        opened(real.url)


def test_an_attempt_that_was_swallowed_fails_at_the_end(real: SmallDaemon) -> None:
    up = guard.blocked({"DOCKER_HOST": real.url})
    with pytest.raises(guard.RealDockerError, match=real.url), up, contextlib.suppress(Exception):
        opened(real.url)
    assert len(up.attempts) == 1
    up.check()  # it was told


def test_an_attempt_does_not_hide_what_else_went_wrong(real: SmallDaemon) -> None:
    def sneak() -> None:
        with contextlib.suppress(Exception):
            opened(real.url)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), guard.blocked({"DOCKER_HOST": real.url}):
        sneak()


def test_a_fake_daemon_can_be_opened(real: SmallDaemon) -> None:
    with FakeDocker() as daemon, guard.blocked({"DOCKER_HOST": real.url}) as up:
        opened(daemon.url)
    assert up.attempts == []


def test_what_this_process_serves_itself_is_not_real(tmp_path: Path) -> None:
    path = str(tmp_path / "docker.sock")
    with guard.blocked({"DOCKER_HOST": f"unix://{path}"}) as up, FakeDocker(hosts=[f"unix://{path}"]):
        with socket.socket(socket.AF_UNIX) as sock:
            sock.connect(path)
        assert up.attempts == []


def test_nothing_is_blocked_after_the_block(real: SmallDaemon) -> None:
    with guard.blocked({"DOCKER_HOST": real.url}):
        pass
    opened(real.url)


def test_other_threads_are_blocked_as_well(real: SmallDaemon) -> None:
    def sneak() -> None:
        with contextlib.suppress(guard.RealDockerError):
            opened(real.url)

    def sneak_elsewhere() -> None:
        thread = threading.Thread(target=sneak)
        thread.start()
        thread.join()

    with pytest.raises(guard.RealDockerError, match="in opened"), guard.blocked({"DOCKER_HOST": real.url}):
        sneak_elsewhere()


def test_asyncio_is_blocked_as_well(real: SmallDaemon) -> None:
    async def sneak() -> None:
        await asyncio.open_connection(*address_of(real.url))

    with pytest.raises(guard.RealDockerError), guard.blocked({"DOCKER_HOST": real.url}):
        asyncio.run(sneak())


def test_docker_py_is_blocked_as_well(real: SmallDaemon) -> None:
    docker = pytest.importorskip("docker")
    with pytest.raises(guard.RealDockerError, match=real.url), guard.blocked({"DOCKER_HOST": real.url}):
        docker.DockerClient(base_url=real.url, version="1.41").ping()
    assert real.asked == []


def test_a_command_that_leads_to_the_real_daemon_is_not_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    monkeypatch.delenv("DOCKER_CONTEXT", raising=False)
    with pytest.raises(guard.RealDockerError, match=r"`docker ps`\)\n  by .*test_guard\.py"), guard.blocked({}):
        subprocess.run(["docker", "ps"], check=False)
    with pytest.raises(guard.RealDockerError, match="docker ps"), guard.blocked({}):
        subprocess.run("docker ps", shell=True, check=False)
    with pytest.raises(guard.RealDockerError, match="docker ps"), guard.blocked({}):
        os.system("docker ps")
    with pytest.raises(guard.RealDockerError, match="context://prod"), guard.blocked({}):
        subprocess.run(["docker", "-c", "prod", "ps"], env={"DOCKER_HOST": "tcp://127.0.0.1:1"}, check=False)


def test_a_command_that_leads_to_a_fake_daemon_is_started(tmp_path: Path) -> None:
    said = tmp_path / "said"
    fake = tmp_path / "docker"
    fake.write_text(f'#!/bin/sh\necho "$@" >{said}\n')
    fake.chmod(0o755)
    with guard.blocked({}) as up:
        subprocess.run([fake, "ps"], env={"DOCKER_HOST": "tcp://127.0.0.1:1"}, check=True)
    assert said.read_text() == "ps\n"
    assert up.attempts == []


def test_a_pipe_of_windows_is_blocked() -> None:
    with pytest.raises(guard.RealDockerError, match="docker_engine"), guard.blocked({}):
        sys.audit("_winapi.CreateFile", r"\\.\pipe\docker_engine", 0, 0, 0, 0)
    with pytest.raises(guard.RealDockerError, match="docker_engine"), guard.blocked({}):
        Path(r"\\.\pipe\docker_engine").read_bytes()


@pytest.mark.parametrize(
    ("event", "given"),
    [
        ("socket.connect", (None, None)),
        ("socket.connect", (None, ())),
        ("socket.connect", (None, (b"x", "y", "z"))),
        ("socket.bind", (None, 3)),
        ("subprocess.Popen", (None, None, None, None)),
        ("subprocess.Popen", ("docker", [3], None, None)),
        ("subprocess.Popen", ("docker", ["docker", "ps"], None, [3])),
        ("os.posix_spawn", (b"ls", (b"ls",), {b"A": b"b"})),
        ("os.system", (b"ls",)),
        ("open", (3, None, None)),
    ],
)
def test_an_event_without_sense_does_no_harm(event: str, given: tuple[object, ...]) -> None:
    with contextlib.suppress(guard.RealDockerError), guard.blocked({}):
        sys.audit(event, *given)


def test_a_client_that_tries_for_ever_fills_no_memory(real: SmallDaemon) -> None:
    def persist() -> None:
        for _ in range(200):
            with contextlib.suppress(guard.RealDockerError):
                opened(real.url)

    up = guard.blocked({"DOCKER_HOST": real.url})
    with pytest.raises(guard.RealDockerError) as caught, up:
        persist()
    assert len(up.attempts) == 50
    assert len(str(caught.value).splitlines()) == 2  # the same line, once


def test_a_recorder_that_was_told_to_goes_through(real: SmallDaemon, tmp_path: Path) -> None:
    recording = FakeDocker(cassette=tmp_path / "x.yaml", mode="all", upstream=real.url)
    with guard.blocked({"DOCKER_HOST": real.url}) as up, recording as daemon:
        opened(daemon.url)
    assert real.asked == ["GET /version"]
    assert up.attempts == []


def test_two_guards_stand_beside_each_other(real: SmallDaemon) -> None:
    with guard.blocked({}) as outer, pytest.raises(guard.RealDockerError), guard.blocked({"DOCKER_HOST": real.url}):
        opened(real.url)
    assert outer.attempts == []
