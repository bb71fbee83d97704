"""A disk that is full: what writes fails with the daemon's words, what is there already goes on."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterator
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from fakedocker import FakeDocker
from fakedocker.engine.errors import Failure
from fakedocker.engine.files.layers import Disk, Space
from fakedocker.fixtures import parse

WORLD = """
images: [{name: busybox, layer: {busybox: true}, config: {Cmd: [sh]}}]
registry: {images: [{name: far, layer: {files: {/there: {text: far}}}}]}
"""
FULL = "no space left on device"


@pytest.fixture
def daemon() -> Iterator[FakeDocker]:
    with FakeDocker(parse(WORLD)) as daemon:
        daemon.engine.run("busybox", "sleep", "1000", name="web")
        daemon.engine.create("busybox", "true", name="later")
        daemon.engine.fill_disk()
        yield daemon


def test_nothing_in_a_container_can_be_written(daemon: FakeDocker) -> None:
    code, said = daemon.engine.exec("web", "sh", "-c", "echo x > /new")
    assert (code, FULL in said.decode().lower()) == (1, True)
    assert daemon.engine.exec("web", "cat", "/etc/hostname")[0] == 0
    daemon.engine.free_disk()
    assert daemon.engine.exec("web", "sh", "-c", "echo x > /new")[0] == 0


def test_what_was_created_before_starts_and_can_be_removed(daemon: FakeDocker) -> None:
    daemon.engine.start("later")
    assert daemon.engine.wait("later") == 0
    daemon.engine.remove("later")


def test_nothing_is_created_or_committed(daemon: FakeDocker) -> None:
    with pytest.raises(Failure, match=f"mkdir /var/lib/docker/overlay2/[0-9a-f]+-init: {FULL}"):
        daemon.engine.create("busybox", "true", name="no")
    with pytest.raises(Failure, match=FULL):
        daemon.engine.commit("web", "copy")
    assert [one.name for one in daemon.engine.containers()] == ["later", "web"]
    assert list(daemon.engine.tags()) == ["busybox:latest"]


def test_a_build_fails(daemon: FakeDocker) -> None:
    with pytest.raises(Failure, match=FULL):
        daemon.engine.build("FROM busybox\nRUN echo x > /x\n", tag="built")
    assert list(daemon.engine.tags()) == ["busybox:latest"]


def test_a_pull_fails_in_its_progress(daemon: FakeDocker) -> None:
    url = f"{daemon.http_url}/v1.41/images/create?fromImage=far&tag=latest"
    lines = urlopen(Request(url, method="POST")).read().splitlines()
    assert FULL in json.loads(lines[-1])["errorDetail"]["message"]
    daemon.engine.free_disk()
    daemon.engine.pull("far", "latest")
    assert "far:latest" in daemon.engine.tags()


def test_nothing_is_copied_into_a_container(daemon: FakeDocker) -> None:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        member = tarfile.TarInfo("copied")
        member.size = 4
        tar.addfile(member, io.BytesIO(b"data"))
    url = f"{daemon.http_url}/v1.41/containers/web/archive?path=/"
    with pytest.raises(HTTPError) as error:
        urlopen(Request(url, archive.getvalue(), {"Content-Type": "application/x-tar"}, method="PUT"))
    assert (error.value.code, FULL in error.value.read().decode()) == (500, True)


def test_room_that_is_given_back_is_given_back_on_a_full_disk() -> None:
    disk = Disk()
    space = Space(disk=disk)
    space.take(10, 1)
    disk.full = True
    space.take(-10, -1)
    assert (space.written, space.inodes) == (0, 0)
    with pytest.raises(OSError, match=r"(?i)no space left"):
        space.take(1)
