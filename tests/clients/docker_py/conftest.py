"""A client of docker-py 7, of a fake daemon and (with $FAKEDOCKER_REAL_DOCKER) of a real one.

What a test makes on a real daemon has the test's label, or a name that begins with it, and is gone afterwards.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    import docker

    from fakedocker import FakeDocker

REAL = os.environ.get("FAKEDOCKER_REAL_DOCKER", "")
WITHOUT = "no real daemon: import a busybox image into one and set FAKEDOCKER_REAL_DOCKER=unix://…"

pytest.importorskip("docker", minversion="7", reason="docker-py 7 is not installed")


@pytest.fixture(params=["fake", "real"])
def client(request: pytest.FixtureRequest, label: str) -> Iterator[docker.DockerClient]:
    """A client of a daemon that has busybox; the test is run with both kinds of daemons."""
    if request.param == "fake":
        yield request.getfixturevalue("fake_client")
        return
    if not REAL:
        pytest.skip(WITHOUT)
    import docker

    with closing(docker.DockerClient(REAL)) as client:
        yield client
        clear(client, label)
    gc.collect()  # here, where what it finds is expected (calls.LEAVES_SOCKETS)


@pytest.fixture
def fake_client(daemon: FakeDocker) -> Iterator[docker.DockerClient]:
    """A client of a fake daemon: for what needs a registry, or would be in the way of others on a real one."""
    import docker

    with closing(docker.DockerClient(daemon.url)) as client:
        client.images.pull("busybox", tag="latest")
        yield client
    gc.collect()


@pytest.fixture
def label() -> str:
    """What a test's containers, networks and volumes are labelled with, and how its images begin."""
    return f"docker-py-{os.urandom(4).hex()}"


def clear(client: docker.DockerClient, label: str) -> None:
    """Take away what a test made."""
    for container in client.containers.list(all=True, filters={"label": label}):
        container.remove(force=True, v=True)
    for network in client.networks.list(filters={"label": label}):
        network.remove()
    for volume in client.volumes.list(filters={"label": label}):
        volume.remove()
    for image in client.images.list():
        for tag in image.tags:
            if tag.startswith(label):
                client.images.remove(tag, force=True)
