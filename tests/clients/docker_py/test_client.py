"""The client itself: what the daemon is, how it is found, what happens in it."""

from __future__ import annotations

import json
from pathlib import Path

import docker
import pytest
from clients.docker_py.calls import LEAVES_SOCKETS, calls
from docker.errors import APIError

from fakedocker import FakeDocker

pytestmark = LEAVES_SOCKETS


@calls("DockerClient.ping", "DockerClient.version", "DockerClient.info", "DockerClient.close")
def test_the_daemon_says_what_it_is(client: docker.DockerClient) -> None:
    version, info = client.version(), client.info()

    assert client.ping() is True
    assert version["Version"] == info["ServerVersion"]
    assert (version["Os"], info["OSType"]) == ("linux", "linux")
    assert client.api.api_version <= version["ApiVersion"]
    assert info["Containers"] == info["ContainersRunning"] + info["ContainersPaused"] + info["ContainersStopped"]
    client.close()


@calls("DockerClient.from_env")
def test_a_client_finds_the_daemon_in_its_environment(daemon: FakeDocker) -> None:
    client = docker.DockerClient.from_env(environment={"DOCKER_HOST": daemon.url})
    assert client.ping()
    client.close()


@calls("DockerClient.from_context")
def test_a_client_finds_the_daemon_in_a_context(
    daemon: FakeDocker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", daemon.url)
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    (tmp_path / "config.json").write_text(json.dumps({"currentContext": "default"}))
    client = docker.DockerClient.from_context(base_url=daemon.url)
    assert client.ping()
    client.close()


@calls("DockerClient.df", "DockerClient.containers", "DockerClient.images")
def test_disk_usage_lists_what_takes_room(client: docker.DockerClient, label: str) -> None:
    container = client.containers.run("busybox", "sh -c 'echo 1234567 > /file'", detach=True, labels=[label])
    container.wait()

    usage = client.df()

    (used,) = [one for one in usage["Containers"] if one["Id"] == container.id]
    assert used["SizeRw"] == 8
    (image,) = [one for one in usage["Images"] if one["Id"] == client.images.get("busybox").id]
    assert image["Containers"] >= 1


@calls("DockerClient.events")
def test_events_tell_of_a_container_from_its_creation_to_its_removal(client: docker.DockerClient, label: str) -> None:
    events = client.events(decode=True, filters={"label": label, "type": "container"})
    container = client.containers.create("busybox", "true", labels=[label])
    container.start()
    container.wait()
    container.remove()

    actions = []
    for event in events:
        assert event["Actor"]["ID"] == container.id
        actions.append(event["Action"])
        if event["Action"] == "destroy":
            break
    events.close()

    assert actions == ["create", "start", "die", "destroy"]


@calls("DockerClient.login")
def test_a_login_is_right_or_wrong(fake_client: docker.DockerClient) -> None:
    fake_client.images.pull("busybox")

    assert fake_client.login("hannibal", "xxxx", reauth=True)["Status"] == "Login Succeeded"
    with pytest.raises(APIError) as refused:
        fake_client.login("hannibal", "wrong", reauth=True)
    assert refused.value.status_code in (401, 500)


@calls("DockerClient.networks", "DockerClient.volumes")
def test_what_is_there_from_the_start(client: docker.DockerClient) -> None:
    assert {"bridge", "host", "none"} <= {network.name for network in client.networks.list()}
    assert all(volume.name for volume in client.volumes.list())


@calls(
    "DockerClient.swarm",
    "DockerClient.nodes",
    "DockerClient.services",
    "DockerClient.secrets",
    "DockerClient.configs",
    "DockerClient.plugins",
)
def test_without_a_swarm_there_is_nothing_to_list(client: docker.DockerClient) -> None:
    for collection in (client.nodes, client.services, client.secrets, client.configs):
        with pytest.raises(APIError, match="This node is not a swarm manager") as refused:
            collection.list()
        assert refused.value.status_code == 503
    with pytest.raises(APIError, match="This node is not a swarm manager"):
        client.swarm.reload()
    assert client.plugins.list() == []
