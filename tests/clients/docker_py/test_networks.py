"""Networks: made, joined, left, taken away."""

from __future__ import annotations

import docker
import pytest
from clients.docker_py.calls import LEAVES_SOCKETS, calls
from docker.errors import APIError, NotFound
from docker.types import IPAMConfig, IPAMPool

pytestmark = LEAVES_SOCKETS


@calls(
    "NetworkCollection.create",
    "NetworkCollection.get",
    "NetworkCollection.list",
    "NetworkCollection.prepare_model",
    "Network.name",
    "Network.id",
    "Network.short_id",
    "Network.reload",
)
def test_a_network_is_made_and_found(client: docker.DockerClient, label: str) -> None:
    pool = IPAMConfig(pool_configs=[IPAMPool(subnet="10.77.0.0/24", gateway="10.77.0.254")])
    network = client.networks.create(f"{label}-net", driver="bridge", ipam=pool, labels={label: ""}, internal=True)

    assert network.name == f"{label}-net"
    assert network.short_id == network.id[:10] or network.short_id == network.id[:12]
    assert client.networks.get(network.id) == network
    assert client.networks.list(names=[f"{label}-net"]) == [network]
    assert client.networks.list(filters={"label": label}) == [network]
    network.reload()
    assert network.attrs["Internal"] is True
    assert network.attrs["IPAM"]["Config"] == [{"Subnet": "10.77.0.0/24", "Gateway": "10.77.0.254"}]


@calls("Network.connect", "Network.disconnect", "Network.containers")
def test_containers_join_and_leave(client: docker.DockerClient, label: str) -> None:
    network = client.networks.create(f"{label}-net", labels={label: ""})
    container = client.containers.run("busybox", "sleep 60", detach=True, labels=[label])

    network.connect(container, aliases=["db"])
    network.reload()
    assert network.containers == [container]
    container.reload()
    assert "db" in container.attrs["NetworkSettings"]["Networks"][network.name]["Aliases"]

    network.disconnect(container)
    network.reload()
    assert network.containers == []
    with pytest.raises(APIError, match="is not connected to"):
        network.disconnect(container)


def test_a_container_finds_another_by_its_name(client: docker.DockerClient, label: str) -> None:
    network = client.networks.create(f"{label}-net", labels={label: ""})
    client.containers.run(
        "busybox",
        "sh -c 'echo hello > index.html; httpd -f -p 8080'",
        name=f"{label}-web",
        network=network.name,
        detach=True,
        labels=[label],
    )
    fetch = f"sh -c 'for i in 1 2 3 4 5 6 7 8 9; do wget -qO- {label}-web:8080 && break; sleep 0.2; done'"
    said = client.containers.run("busybox", fetch, network=network.name, remove=True, labels=[label])
    assert said == b"hello\n"


@calls("Network.remove")
def test_a_network_in_use_is_not_removed(client: docker.DockerClient, label: str) -> None:
    network = client.networks.create(f"{label}-net", labels={label: ""})
    container = client.containers.run("busybox", "sleep 60", network=network.name, detach=True, labels=[label])

    with pytest.raises(APIError, match="has active endpoints") as refused:
        network.remove()
    assert refused.value.status_code == 403

    container.remove(force=True)
    network.remove()
    with pytest.raises(NotFound):
        client.networks.get(network.id)


@calls("NetworkCollection.prune")
def test_networks_that_nobody_is_in_are_pruned(client: docker.DockerClient, label: str) -> None:
    client.networks.create(f"{label}-empty", labels={label: ""})
    full = client.networks.create(f"{label}-full", labels={label: ""})
    client.containers.run("busybox", "sleep 60", network=full.name, detach=True, labels=[label])

    assert client.networks.prune(filters={"label": label})["NetworksDeleted"] == [f"{label}-empty"]
    assert client.networks.list(filters={"label": label}) == [full]
