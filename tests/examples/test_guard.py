import socket

import pytest

from fakedocker import guard


def careless():
    """What is tested: it does not look at $DOCKER_HOST, and hides that it has failed."""
    try:
        with socket.socket(socket.AF_UNIX) as sock:
            sock.connect("/var/run/docker.sock")
    except Exception:
        pass


def test_nobody_opens_the_real_docker_unseen():
    with pytest.raises(guard.RealDockerError, match="in careless"), guard.blocked():
        careless()


@pytest.mark.fakedocker(block_real=True)  # or for all tests: --fakedocker-block-real
def test_the_fake_one_may_be_opened(fakedocker):
    host, _, port = fakedocker.url.removeprefix("tcp://").rpartition(":")
    socket.create_connection((host, int(port))).close()
