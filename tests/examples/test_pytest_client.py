import docker
import pytest


def test_with_a_client_that_is_there_already(fakedocker_client):
    web = fakedocker_client.containers.run("nginx", name="web", detach=True)
    assert fakedocker_client.containers.list() == [web]


@pytest.mark.fakedocker(faults=[{"kind": "error", "error": "no-space", "on": "ContainerCreate", "first": 1}])
def test_what_fails_once_can_be_tried_again(fakedocker_client):
    with pytest.raises(docker.errors.APIError, match="no space left on device"):
        fakedocker_client.containers.create("base", "true")
    fakedocker_client.containers.create("base", "true")
