"""testcontainers 4 for Python, where published ports really listen: Ryuk, and waiting for ports and for HTTP."""

from __future__ import annotations

import gc
import socket
import urllib.request
import warnings
from collections.abc import Iterator
from contextlib import suppress

import pytest

from fakedocker import FakeDocker
from fakedocker.engine.processes.effects import Program
from fakedocker.engine.processes.processes import Process
from fakedocker.programs.conversations import Reply, http

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    pytest.importorskip("testcontainers.core", reason="no testcontainers: pip install 'testcontainers>=4.9'")
    from testcontainers.core.config import ConnectionMode, testcontainers_config
    from testcontainers.core.container import DockerContainer, Reaper
    from testcontainers.core.wait_strategies import HttpWaitStrategy, PortWaitStrategy

pytestmark = pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning", "ignore::DeprecationWarning")


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeDocker]:
    """A daemon whose published ports really listen, and testcontainers as it is by default, with Ryuk."""
    with FakeDocker(publish=True, pull="any") as daemon:
        monkeypatch.setenv("DOCKER_HOST", daemon.url)
        monkeypatch.setattr(testcontainers_config, "connection_mode_override", ConnectionMode.docker_host)
        monkeypatch.setattr(testcontainers_config, "sleep_time", 0.05)
        monkeypatch.setattr(testcontainers_config, "ryuk_disabled", False)
        monkeypatch.setattr(testcontainers_config, "ryuk_docker_socket", "/var/run/docker.sock")
        yield daemon
        with suppress(Exception):
            Reaper.delete_instance()
        gc.collect()  # its clients are left to the garbage collector


def test_ryuk_is_started_and_told_what_to_clean_up(fake: FakeDocker) -> None:
    with DockerContainer("nginx").with_exposed_ports(80):
        images = [container.config.image for container in fake.engine.containers(running_only=True)]
    assert images == ["nginx", testcontainers_config.ryuk_image]
    assert Reaper._socket is not None
    Reaper._socket.settimeout(10)
    assert Reaper._socket.recv(100) == b"ACK\n"


def test_a_container_is_waited_for_by_its_port(fake: FakeDocker) -> None:
    container = DockerContainer("redis:7").with_exposed_ports(6379).waiting_for(PortWaitStrategy(6379))
    with container:
        port = int(container.get_exposed_port(6379))
        with socket.create_connection((container.get_container_host_ip(), port), 10) as client:
            client.sendall(b"PING\r\n")
            assert client.recv(100) == b"+PONG\r\n"


def test_a_container_is_waited_for_by_its_web_page(fake: FakeDocker) -> None:
    strategy = HttpWaitStrategy(80).for_status_code(200).for_response_predicate(lambda page: "Welcome to nginx" in page)
    container = DockerContainer("nginx").with_exposed_ports(80).waiting_for(strategy.with_startup_timeout(10))
    with container:
        url = f"http://{container.get_container_host_ip()}:{container.get_exposed_port(80)}/"
        with urllib.request.urlopen(url, timeout=10) as page:
            assert b"Welcome to nginx" in page.read()


def test_a_container_that_becomes_ready_late_is_waited_for(fake: FakeDocker) -> None:
    @fake.program("server")
    def server(process: Process) -> Program[int]:
        process.catch(15)
        yield from process.await_signal()
        return 0

    fake.service(8080, image="example/shop", after=0.5)(http({"/health": Reply(body="ok")}))
    strategy = HttpWaitStrategy(8080, "/health").with_poll_interval(0.05).with_startup_timeout(10)
    with DockerContainer("example/shop", command="server").with_exposed_ports(8080).waiting_for(strategy) as shop:
        started = fake.engine.container(shop.get_container_id()).started_at
        with fake._service.runtime.engine() as engine:
            assert engine.clock.now() - started >= 0.5


def test_a_container_that_is_never_ready_is_told_of(fake: FakeDocker) -> None:
    strategy = HttpWaitStrategy(80, "/nosuch").with_poll_interval(0.05).with_startup_timeout(1)
    with (
        pytest.raises(TimeoutError, match="HTTP endpoint not ready"),
        DockerContainer("nginx").with_exposed_ports(80).waiting_for(strategy),
    ):
        pass
