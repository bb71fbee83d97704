"""With a real daemon and real clients: what they do through the recorder comes out as it does directly.

$FAKEDOCKER_REAL_DOCKER names the daemon (`unix:///var/run/docker.sock`); it needs the image `busybox`.
"""

from __future__ import annotations

import contextlib
import gc
import os
import re
import shutil
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from fakedocker.cassettes.bodies import stream_data
from fakedocker.cassettes.model import Exchange, File, Stream

REAL = os.environ.get("FAKEDOCKER_REAL_DOCKER", "")
PATIENCE = 60

pytestmark = pytest.mark.skipif(not REAL, reason="no real daemon is named in $FAKEDOCKER_REAL_DOCKER")
with_command = pytest.mark.skipif(not shutil.which("docker"), reason="there is no docker command")


@pytest.fixture
def kind() -> str:
    return "unix"


@pytest.fixture
def name() -> Iterator[str]:
    """A name for containers and images of the test, which are removed behind it."""
    name = f"fd-{uuid.uuid4().hex[:12]}"
    yield name
    remove(name)


def remove(name: str) -> None:
    for words in (("rm", "-f", name), ("rmi", "-f", name)):
        subprocess.run(["docker", "-H", REAL, *words], capture_output=True, check=False)


class Command:
    """The docker command, directly and recorded."""

    def __init__(self, url: str, folder: Path) -> None:
        self._folder = folder
        self._environment = {**os.environ, "DOCKER_HOST": url, "DOCKER_CONFIG": str(folder), "DOCKER_BUILDKIT": "0"}

    def __call__(self, *words: str, given: bytes = b"") -> tuple[int, bytes, bytes]:
        done = subprocess.run(
            ["docker", *words],
            input=given,
            capture_output=True,
            env=self._environment,
            cwd=self._folder,
            timeout=PATIENCE,
            check=False,
        )
        return done.returncode, done.stdout, done.stderr


@pytest.fixture
def both(record: Callable[[str], Any], tmp_path: Path, name: str) -> Callable[..., list[Exchange]]:
    """Do something directly and recorded, compare, and return what was recorded."""

    def both(work: Callable[[Command], object], *, less: str = r"\A\Z") -> list[Exchange]:
        recording = record(REAL)
        said = []
        for url in (REAL, recording.url):
            said.append(re.sub(less, "", repr(work(Command(url, tmp_path)))))
            remove(name)
        assert said[0] == said[1]
        exchanges: list[Exchange] = recording.exchanges()
        assert [exchange.note for exchange in exchanges if exchange.note] == []
        return exchanges

    return both


def streams(exchanges: list[Exchange]) -> list[Stream]:
    return [
        exchange.response.body
        for exchange in exchanges
        if exchange.response and isinstance(exchange.response.body, Stream)
    ]


IDS = r"[0-9a-f]{12,64}|[0-9]{4}-\S+|[0-9.]+ ?seconds ago|[0-9.]+s"


@with_command
def test_version(both: Callable[..., list[Exchange]]) -> None:
    assert [exchange.request.method for exchange in both(lambda docker: docker("version"))] == ["HEAD", "GET"]


@with_command
def test_run(both: Callable[..., list[Exchange]]) -> None:
    exchanges = both(lambda docker: docker("run", "--rm", "busybox", "sh", "-c", "echo out; echo err >&2; exit 3"))
    [stream] = streams(exchanges)
    assert sorted((frame.channel or "", frame.ends) for frame in stream.frames if frame.direction == "out") == [
        ("", True),
        ("stderr", False),
        ("stdout", False),
    ]


@with_command
@pytest.mark.parametrize("size", [0, 10, 3_000_000])
def test_run_with_something_on_its_input(both: Callable[..., list[Exchange]], size: int) -> None:
    given = (b"0123456789" * (size // 10))[:size]
    exchanges = both(lambda docker: docker("run", "--rm", "-i", "busybox", "cat", given=given))
    [stream] = streams(exchanges)
    assert stream_data(stream, "in") == given
    assert [exchange.end for exchange in exchanges if exchange.request.path.endswith("/attach")] == ["half-close"]


@with_command
def test_exec(both: Callable[..., list[Exchange]], name: str) -> None:
    def work(docker: Command) -> object:
        docker("run", "-d", "--name", name, "busybox", "sleep", "100")
        return [
            docker("exec", name, "sh", "-c", "echo hello; exit 4"),
            docker("exec", "-i", name, "cat", given=b"piped\n"),
        ]

    assert len(streams(both(work))) == 2


@with_command
def test_followed_logs(both: Callable[..., list[Exchange]], name: str) -> None:
    def work(docker: Command) -> object:
        docker("run", "-d", "--name", name, "busybox", "sh", "-c", "for i in 1 2 3; do echo $i; sleep 0.1; done")
        return docker("logs", "-f", name)

    [stream] = streams(both(work))
    times = [frame.time for frame in stream.frames]
    assert stream.kind == "multiplexed"
    assert times == sorted(times)


@with_command
def test_copies_both_ways(both: Callable[..., list[Exchange]], name: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(os.urandom(200_000))

    def work(docker: Command) -> object:
        docker("create", "--name", name, "busybox", "true")
        done = docker("cp", "file", f"{name}:/file"), docker("cp", f"{name}:/file", "back")
        return [code for code, *_ in done], (tmp_path / "back").read_bytes()

    exchanges = both(work)
    assert (tmp_path / "back").read_bytes() == (tmp_path / "file").read_bytes()
    assert [type(exchange.request.body) for exchange in exchanges if exchange.request.method == "PUT"] == [File]


@with_command
def test_events(both: Callable[..., list[Exchange]], name: str) -> None:
    def work(docker: Command) -> object:
        docker("run", "--name", name, "busybox", "true")
        docker("rm", name)
        until = str(int(time.time()) + 1)
        _, said, _ = docker("events", "--since", "60s", "--until", until, "--filter", f"container={name}")
        return [word for word in (b"create", b"start", b"die", b"destroy") if b" " + word + b" " in said]

    assert "lines" in [stream.kind for stream in streams(both(work))]


@with_command
def test_a_build(both: Callable[..., list[Exchange]], name: str, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM busybox\nRUN echo hello\n")
    exchanges = both(lambda docker: docker("build", "--no-cache", "-t", name, "."), less=IDS)
    assert [stream.kind for stream in streams(exchanges)] == ["lines"]


@with_command
def test_images_saved_and_loaded(both: Callable[..., list[Exchange]], tmp_path: Path) -> None:
    def work(docker: Command) -> object:
        return docker("save", "-o", "image.tar", "busybox"), docker("load", "-i", "image.tar")

    exchanges = both(work)
    [saved] = [exchange.response.body for exchange in exchanges if exchange.response and "get" in exchange.request.path]
    [loaded] = [exchange.request.body for exchange in exchanges if exchange.request.path.endswith("/load")]
    assert isinstance(saved, File)
    assert isinstance(loaded, File)
    assert saved.size == (tmp_path / "image.tar").stat().st_size


def use_docker_py(docker: Any, url: str, name: str) -> None:
    """Let docker-py do a little of everything; when this returns, nothing holds what it left open."""
    with contextlib.closing(docker.DockerClient(base_url=url)) as client:
        assert client.ping()
        assert client.containers.run("busybox", ["echo", "hello"], remove=True) == b"hello\n"
        container = client.containers.run("busybox", ["sh", "-c", "echo one; sleep 100"], name=name, detach=True)
        assert next(iter(container.logs(stream=True))) == b"one\n"
        assert container.exec_run(["echo", "in"]).output == b"in\n"
        assert container.exec_run(["sh", "-c", "echo o; echo e >&2"], demux=True).output == (b"o\n", b"e\n")
        sock = container.attach_socket(params={"stdin": 1, "stream": 1})
        sock.close()
        bits, stat = container.get_archive("/etc/passwd")
        assert b"root:" in b"".join(bits)
        assert stat["name"] == "passwd"
        container.remove(force=True)
        with pytest.raises(docker.errors.NotFound):
            client.containers.get(name)


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_docker_py(record: Callable[[str], Any], name: str) -> None:
    docker = pytest.importorskip("docker")
    if not hasattr(docker, "DockerClient"):
        pytest.skip("the docker package that is installed is not docker-py of today")
    recording = record(REAL)
    use_docker_py(docker, recording.url, name)
    gc.collect()  # what it leaves open is not the next test's
    exchanges = recording.exchanges()
    # It never closes the connection of a log that it has not read to the end.
    assert {exchange.note for exchange in exchanges} <= {"", "the recorder was ended in the middle"}
    assert {stream.kind for stream in streams(exchanges)} >= {"multiplexed", "hijack"}
