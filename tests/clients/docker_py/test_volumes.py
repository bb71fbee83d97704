"""Volumes: made, found, filled, taken away."""

from __future__ import annotations

import docker
import pytest
from clients.docker_py.calls import LEAVES_SOCKETS, calls
from docker.errors import APIError, NotFound

pytestmark = LEAVES_SOCKETS


@calls(
    "VolumeCollection.create",
    "VolumeCollection.get",
    "VolumeCollection.list",
    "VolumeCollection.prepare_model",
    "Volume.name",
    "Volume.id",
    "Volume.short_id",
    "Volume.reload",
)
def test_a_volume_is_made_and_found(client: docker.DockerClient, label: str) -> None:
    volume = client.volumes.create(f"{label}-data", driver="local", labels={label: "yes"})

    assert volume.name == volume.id == f"{label}-data"
    assert volume.short_id == volume.id[:12]
    assert client.volumes.get(volume.id) == volume
    assert client.volumes.list(filters={"label": f"{label}=yes"}) == [volume]
    volume.reload()
    assert volume.attrs["Labels"] == {label: "yes"}
    assert volume.attrs["Mountpoint"].endswith(f"/{label}-data/_data")


def test_one_container_reads_what_another_wrote(client: docker.DockerClient, label: str) -> None:
    volume = client.volumes.create(labels={label: ""})
    where = {volume.name: {"bind": "/data", "mode": "rw"}}
    client.containers.run("busybox", "sh -c 'echo kept > /data/file'", volumes=where, remove=True, labels=[label])

    assert client.containers.run("busybox", "cat /data/file", volumes=where, remove=True, labels=[label]) == b"kept\n"


@calls("Volume.remove")
def test_a_volume_in_use_is_not_removed(client: docker.DockerClient, label: str) -> None:
    volume = client.volumes.create(labels={label: ""})
    container = client.containers.create("busybox", volumes=[f"{volume.name}:/data"], labels=[label])

    with pytest.raises(APIError, match="volume is in use") as refused:
        volume.remove()
    assert refused.value.status_code == 409

    container.remove()
    volume.remove()
    with pytest.raises(NotFound):
        client.volumes.get(volume.name)


@calls("VolumeCollection.prune")
def test_volumes_that_nobody_uses_are_pruned(client: docker.DockerClient, label: str) -> None:
    unused = client.volumes.create(f"{label}-unused", labels={label: ""})
    used = client.volumes.create(f"{label}-used", labels={label: ""})
    client.containers.create("busybox", volumes=[f"{used.name}:/data"], labels=[label])

    pruned = client.volumes.prune(filters={"label": label, "all": ["1"]} if _asks_all(client) else {"label": label})

    assert pruned["VolumesDeleted"] == [unused.name]
    assert client.volumes.get(used.name) == used


def _asks_all(client: docker.DockerClient) -> bool:
    """Since API 1.42 only volumes without a name of their own are pruned, unless one asks for all."""
    return tuple(map(int, client.api.api_version.split("."))) >= (1, 42)
