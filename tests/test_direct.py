"""The engine in a test's own hand."""

from __future__ import annotations

import threading

import pytest

from fakedocker import FakeDocker
from fakedocker.engine.errors import Conflict, DockerError, NotFound


@pytest.fixture
def clock() -> str:
    return "manual"


def test_a_container_is_run_looked_at_and_removed(daemon: FakeDocker) -> None:
    engine = daemon.engine
    container = engine.run("base", "sh", "-c", "echo out; echo err >&2; exit 3", hostname="h")
    assert engine.containers(running_only=True) == [container]
    daemon.advance(1)
    assert engine.wait(container) == 3
    assert (engine.logs(container), engine.logs(container, "stdout"), engine.logs(container, "stderr")) == (
        b"out\nerr\n",
        b"out\n",
        b"err\n",
    )
    assert engine.container(container.id[:12]) is container
    assert engine.containers(running_only=True) == []
    engine.remove(container.id[:12])
    assert engine.containers() == []
    with pytest.raises(NotFound):
        engine.container(container.id)


def test_containers_come_newest_first(daemon: FakeDocker) -> None:
    made = [daemon.engine.create("base", "true") for _ in range(3)]
    assert daemon.engine.containers() == made[::-1]


def test_what_docker_refuses_is_an_error(daemon: FakeDocker) -> None:
    with pytest.raises(NotFound, match="No such image: nosuch"):
        daemon.engine.create("nosuch", "true")
    container = daemon.engine.run("base", "sleep", "1000")
    with pytest.raises(Conflict, match="is already running"):
        daemon.engine.start(container)


def test_kill_and_stop_end_a_container(daemon: FakeDocker) -> None:
    killed, stopped = (daemon.engine.run("base", "sleep", "1000") for _ in range(2))
    daemon.engine.kill(killed)
    daemon.engine.stop(stopped, timeout=0)
    assert (killed.exit_code, stopped.exit_code) == (137, 137)


def test_who_waits_is_woken_when_time_passes(daemon: FakeDocker) -> None:
    container = daemon.engine.run("base", "sleep", "10")
    codes: list[int] = []
    waiting = threading.Thread(target=lambda: codes.append(daemon.engine.wait(container)))
    waiting.start()
    daemon.advance(11)
    waiting.join(5)
    assert codes == [0]


def test_files_are_read_written_and_listed(daemon: FakeDocker) -> None:
    container = daemon.engine.create("base", "cat", "/greeting")
    daemon.engine.write_file(container, "/greeting", "hello")
    assert daemon.engine.read_file(container, "/greeting") == b"hello"
    assert [change.path for change in daemon.engine.changes(container)] == ["/greeting"]
    daemon.engine.start(container)
    daemon.advance(1)
    assert daemon.engine.logs(container) == b"hello"
    with pytest.raises(FileNotFoundError):
        daemon.engine.read_file(container, "/nosuch")
    with pytest.raises(FileNotFoundError):
        daemon.engine.write_file(container, "/no/such", "x")


def test_images_are_pulled_tagged_committed_and_found(daemon: FakeDocker) -> None:
    engine = daemon.engine
    before = len(engine.images())
    engine.pull("busybox")
    assert len(engine.images()) == before + 1
    engine.tag("busybox", "mine", "v1")
    assert engine.tags()["mine:v1"] == engine.image("busybox").id
    container = engine.run("mine:v1", "touch", "/new")
    daemon.advance(1)
    image = engine.commit(container, "theirs")
    assert (image.parent, engine.tags()["theirs:latest"]) == (engine.image("busybox").id, image.id)
    with pytest.raises(NotFound):
        engine.image("nosuch")


def test_the_world_outside_can_be_looked_at(daemon: FakeDocker) -> None:
    assert "busybox" in daemon.engine.registry.repositories


def test_an_image_is_built_of_a_dockerfile_and_run(daemon: FakeDocker) -> None:
    dockerfile = """
        FROM base
        ARG who
        COPY . /app
        RUN echo "hello $who" > /app/greeting
        WORKDIR /app
        CMD ["cat", "greeting", "data"]
    """
    files = {"data": b"\x00\xff", "deep/er": "text", "secret": "x", ".dockerignore": "secret\n"}
    image = daemon.engine.build(dockerfile, files, tag="app:v1", build_args={"who": "you"})
    assert daemon.engine.tags()["app:v1"] == image.id
    container = daemon.engine.run("app:v1")
    daemon.advance(1)
    assert daemon.engine.logs(container) == b"hello you\n\x00\xff"
    assert daemon.engine.read_file(container, "/app/deep/er") == b"text"
    with pytest.raises(FileNotFoundError):
        daemon.engine.read_file(container, "/app/secret")


def test_a_build_that_fails_says_what_it_had_said(daemon: FakeDocker) -> None:
    with pytest.raises(DockerError, match="returned a non-zero code: 4") as failed:
        daemon.engine.build("FROM base\nRUN echo the reason; exit 4\n", force_remove=True)
    assert "the reason" in failed.value.__notes__[0]
    assert daemon.engine.containers() == []
