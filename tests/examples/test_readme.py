import docker
import pytest


def test_a_container_says_hello(fakedocker):  # $DOCKER_HOST points at it
    client = docker.from_env()
    assert client.containers.run("busybox", ["sh", "-c", "echo hello | tee /greeting"]) == b"hello\n"

    web = client.containers.run("nginx", name="web", detach=True, ports={"80/tcp": 8080})
    assert web.exec_run("cat /etc/hostname").exit_code == 0
    fakedocker.journal.assert_called("ContainerStart", name="web", status=204)


@pytest.mark.fakedocker(clock="manual")
def test_what_a_real_daemon_cannot_do(fakedocker):
    client = docker.from_env()
    fakedocker.faults.add("error", error="no-space", on="ContainerCreate", first=1)
    with pytest.raises(docker.errors.APIError, match="no space left on device"):
        client.containers.create("base")

    job = client.containers.run("base", ["sleep", "3600"], name="job", detach=True)
    before = fakedocker.snapshot()
    fakedocker.advance(3600)
    assert job.wait()["StatusCode"] == 0

    fakedocker.restore(before)
    fakedocker.force("job", "oom-killed")
    assert job.wait()["StatusCode"] == 137
