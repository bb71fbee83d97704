import docker


def test_a_container_says_hello(fakedocker):  # $DOCKER_HOST points at it
    client = docker.from_env()

    assert client.containers.run("busybox", ["sh", "-c", "echo hello | tee /greeting"]) == b"hello\n"

    web = client.containers.run("nginx", name="web", detach=True, ports={"80/tcp": 8080})
    assert web.exec_run("cat /etc/hostname").exit_code == 0
    assert client.containers.list(filters={"status": "running"}) == [web]
