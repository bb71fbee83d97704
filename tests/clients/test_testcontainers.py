"""testcontainers 4 for Python: what its users do with containers, networks and images, with a fake daemon.

What needs nothing but a busybox is done with the real daemon of FAKEDOCKER_REAL_DOCKER=unix:///…, too. Ryuk, which
removes what a test run leaves behind, is off, as its users turn it off; with published ports that really listen it is
on, see `test_testcontainers_services.py`.
"""

from __future__ import annotations

import gc
import os
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fakedocker.engine.processes.effects import Program
from fakedocker.engine.processes.processes import Process

if TYPE_CHECKING:
    from testcontainers.core.container import DockerContainer

    from fakedocker import FakeDocker

REAL = os.environ.get("FAKEDOCKER_REAL_DOCKER", "")
WITHOUT = "no real daemon: see .ci/dockerd, FAKEDOCKER_REAL_DOCKER=unix://…"

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    pytest.importorskip("testcontainers.core", reason="no testcontainers: pip install 'testcontainers>=4.9'")
    from testcontainers.core.config import ConnectionMode, testcontainers_config

pytestmark = pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning", "ignore::DeprecationWarning")


@pytest.fixture
def quiet(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """testcontainers without Ryuk, without a second between two looks, and with no guess at where the test runs."""
    monkeypatch.setattr(testcontainers_config, "ryuk_disabled", True)
    monkeypatch.setattr(testcontainers_config, "connection_mode_override", ConnectionMode.docker_host)
    monkeypatch.setattr(testcontainers_config, "sleep_time", 0.05)
    yield
    gc.collect()  # its clients are left to the garbage collector


@pytest.fixture(params=["fake", "real"])
def either(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, quiet: None) -> str:
    """Run the test with a fake daemon, and with a real one if there is one."""
    if request.param == "real" and not REAL:
        pytest.skip(WITHOUT)
    url: str = REAL if request.param == "real" else request.getfixturevalue("daemon").url
    monkeypatch.setenv("DOCKER_HOST", url)
    return url


@pytest.fixture
def fake(daemon: FakeDocker, monkeypatch: pytest.MonkeyPatch, quiet: None) -> FakeDocker:
    """Run the test with a fake daemon, whose registry has more images."""
    monkeypatch.setenv("DOCKER_HOST", daemon.url)
    return daemon


def busybox(script: str, **how: object) -> DockerContainer:
    """Return a container that is to run a script, and ends at once when it is stopped."""
    from testcontainers.core.container import DockerContainer

    return DockerContainer("busybox", command=["sh", "-c", f"trap 'exit 0' TERM; {script}"], **how)


STAYS = "while true; do sleep 0.1; done"


def test_a_container_is_waited_for_by_what_it_says(either: str) -> None:
    from testcontainers.core.wait_strategies import LogMessageWaitStrategy

    container = busybox(f"echo starting; sleep 0.2; echo ready for $WHOM; echo a warning >&2; {STAYS}")
    container.with_env("WHOM", "you").waiting_for(LogMessageWaitStrategy(r"ready for y.u").with_startup_timeout(10))
    with container:
        assert container.status in ("created", "running")
        container.reload()
        assert container.status == "running"
        stdout, _ = container.get_logs()
        assert stdout == b"starting\nready for you\n"


def test_a_container_that_does_not_become_ready_is_told_of_with_its_log(either: str) -> None:
    from testcontainers.core.wait_strategies import LogMessageWaitStrategy

    container = busybox(f"echo never ever; {STAYS}")
    container.waiting_for(LogMessageWaitStrategy("ready").with_startup_timeout(1))
    with pytest.raises(TimeoutError) as raised, container:
        pass
    assert "never ever" in "".join(raised.value.__notes__)


def test_a_container_is_waited_for_until_it_is_healthy(either: str) -> None:
    from testcontainers.core.wait_strategies import HealthcheckWaitStrategy

    every = {"test": ["CMD", "test", "-e", "/tmp/up"], "interval": 100_000_000, "timeout": 5_000_000_000}
    container = busybox(f"sleep 0.3; touch /tmp/up; {STAYS}").with_kwargs(healthcheck=every)
    with container.waiting_for(HealthcheckWaitStrategy().with_startup_timeout(10)):
        info = container.get_container_info()
        assert info is not None
        assert info.State is not None
        assert info.State.Health is not None
        assert info.State.Health.Status == "healthy"


def test_a_container_is_waited_for_by_a_command_in_it(either: str) -> None:
    from testcontainers.core.wait_strategies import CompositeWaitStrategy, ExecWaitStrategy, LogMessageWaitStrategy

    ready = CompositeWaitStrategy(LogMessageWaitStrategy("begun"), ExecWaitStrategy(["test", "-e", "/tmp/up"]))
    with busybox(f"echo begun; sleep 0.3; touch /tmp/up; {STAYS}").waiting_for(ready) as container:
        assert container.exec(["cat", "/tmp/up"]).exit_code == 0


def test_commands_run_in_a_container_as_they_are_told_to(either: str) -> None:
    from testcontainers.core.container import ExecConfig

    with busybox(STAYS) as container:
        done = container.exec("echo hello there")
        assert (done.exit_code, done.output) == (0, b"hello there\n")
        assert container.exec(["sh", "-c", "echo bad >&2; exit 3"]) == (3, b"bad\n")
        told = ExecConfig(["sh", "-c", "id -u; pwd; echo $WHAT"], user="1", environment={"WHAT": "it"}, workdir="/tmp")
        assert container.exec(told).output == b"1\n/tmp\nit\n"
        assert container.exec("nosuchcommand").exit_code in (126, 127)


def test_a_container_that_ends_says_how(either: str) -> None:
    with busybox("echo failing >&2; exit 7") as container:
        assert container.wait() == 7
        assert container.get_logs() == (b"", b"failing\n")


def test_ports_are_looked_up(either: str) -> None:
    with busybox(STAYS, ports=[80, 443]).with_bind_ports("53/udp") as container:
        web, tls = container.get_exposed_port(80), container.get_exposed_port(443)
        assert {web, tls} <= set(range(1024, 65536))
        assert web != tls
        assert container.get_container_host_ip() in ("localhost", "127.0.0.1")
        ports = container.get_wrapped_container().ports
        assert ports["80/tcp"][0]["HostPort"] == str(web)
        assert ports["53/udp"]
        with pytest.raises(ConnectionError, match="8080"):
            container.get_exposed_port(8080)


def test_files_go_into_a_container_and_come_out(either: str, tmp_path: Path) -> None:
    (tmp_path / "settings").write_text("by file")
    container = busybox(STAYS, transferables=[(b"at once", "/etc/first", 0o600)]).with_tmpfs_mount(
        "/scratch", "size=1m"
    )
    with container.with_copy_into_container(tmp_path / "settings", "/etc/second"):
        container.copy_into_container(b"later", "/tmp/third")
        assert container.exec("cat /etc/first /etc/second /tmp/third").output == b"at onceby filelater"
        assert container.exec("stat -c %a /etc/first").output == b"600\n"
        assert b"tmpfs" in container.exec(["grep", " /scratch ", "/proc/mounts"]).output
        container.exec(["sh", "-c", "echo made > /made"])
        container.copy_from_container("/made", tmp_path / "made")
    assert (tmp_path / "made").read_text() == "made\n"


def test_containers_find_each_other_in_a_network(either: str) -> None:
    from testcontainers.core.network import Network
    from testcontainers.core.wait_strategies import ExecWaitStrategy

    serve = "mkdir -p /www; echo found > /www/index.html; exec httpd -f -h /www"
    listens = ExecWaitStrategy(["wget", "-q", "-O", "/dev/null", "http://127.0.0.1/"])
    web = busybox(serve).waiting_for(listens).with_network_aliases("web", "www")
    with Network() as network, web.with_network(network), busybox(STAYS).with_network(network) as other:
        assert other.exec("wget -q -O - http://www/").output == b"found\n"
        assert other.get_docker_client().network_name(other.get_container_id()) == network.name


def test_an_image_is_built_run_and_removed(either: str, tmp_path: Path) -> None:
    from docker.errors import ImageNotFound
    from testcontainers.core.container import DockerContainer
    from testcontainers.core.image import DockerImage

    (tmp_path / "Dockerfile").write_text("FROM busybox\nARG WORD=none\nRUN echo $WORD > /word\nCMD cat /word\n")
    tag = f"testcontainers-{os.urandom(4).hex()}:built"
    with DockerImage(tmp_path, tag=tag, buildargs={"WORD": "given"}) as image:
        assert any("Successfully built" in str(line) for line in image.get_logs())
        with DockerContainer(str(image)) as container:
            assert container.wait() == 0
            assert container.get_logs()[0] == b"given\n"
        client = image.get_docker_client().client
    with pytest.raises(ImageNotFound):
        client.images.get(tag)
    client.close()


def test_a_stopped_container_is_gone_with_its_volumes(either: str) -> None:
    from docker.types import Mount

    container = busybox(STAYS).with_kwargs(mounts=[Mount("/data", None)]).start()
    wrapped = container.get_wrapped_container()
    client, volume = wrapped.client, wrapped.attrs["Mounts"][0]["Name"]
    assert volume in [one.name for one in client.volumes.list()]
    container.stop()
    assert wrapped.id not in [one.id for one in client.containers.list(all=True)]
    assert volume not in [one.name for one in client.volumes.list()]
    client.close()


def test_images_are_pulled_when_they_are_not_there(fake: FakeDocker) -> None:
    from docker.errors import ImageNotFound
    from testcontainers.core.container import DockerContainer

    with DockerContainer("hello-world") as container:
        container.wait()
        assert b"Hello from Docker!" in container.get_logs()[0]
    with pytest.raises(ImageNotFound, match="nosuch"):
        DockerContainer("nosuch/image").start()


def test_a_module_for_a_database_starts_with_a_program_that_answers_it(fake: FakeDocker) -> None:
    from testcontainers.community.postgres import PostgresContainer

    asked: list[str] = []

    @fake.program("psql", image="postgres")
    def psql(process: Process) -> Program[int]:
        asked.append(" ".join(process.argv))
        yield from process.write(1, "PostgreSQL 16.3\n")
        return 0

    with PostgresContainer("postgres:16", username="me", password="it's", dbname="shop") as postgres:
        port = postgres.get_exposed_port(5432)
        assert postgres.get_connection_url(driver=None) == f"postgresql://me:it%27s@127.0.0.1:{port}/shop"
    assert asked == ["psql --username me --dbname shop --host 127.0.0.1 -c select version();"]
