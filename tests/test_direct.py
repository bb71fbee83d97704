"""The engine in a test's own hand."""

from __future__ import annotations

import threading

import pytest

from fakedocker import FakeDocker
from fakedocker.engine.containers.config import Healthcheck
from fakedocker.engine.containers.hostconfig import HostConfig, PortBinding
from fakedocker.engine.containers.lifecycle import State
from fakedocker.engine.errors import CannotStart, Conflict, DockerError, NotFound
from fakedocker.engine.files.binds import Bind
from fakedocker.engine.processes.effects import Program
from fakedocker.engine.processes.processes import Process


@pytest.fixture
def clock() -> str:
    return "manual"


def test_a_container_is_run_looked_at_and_removed(daemon: FakeDocker) -> None:
    engine = daemon.engine
    container = engine.run("base", "sh", "-c", "echo out; echo err >&2; exit 3", hostname="h")
    assert engine.containers(running_only=True) == [container]
    daemon.advance(1)
    assert engine.wait(container) == 3
    assert (engine.logs(container), engine.logs(container, "stdout"), engine.logs(container, "stderr")) == (
        b"out\nerr\n",
        b"out\n",
        b"err\n",
    )
    assert engine.container(container.id[:12]) is container
    assert engine.containers(running_only=True) == []
    engine.remove(container.id[:12])
    assert engine.containers() == []
    with pytest.raises(NotFound):
        engine.container(container.id)


def test_containers_come_newest_first(daemon: FakeDocker) -> None:
    made = [daemon.engine.create("base", "true") for _ in range(3)]
    assert daemon.engine.containers() == made[::-1]


def test_what_docker_refuses_is_an_error(daemon: FakeDocker) -> None:
    with pytest.raises(NotFound, match="No such image: nosuch"):
        daemon.engine.create("nosuch", "true")
    container = daemon.engine.run("base", "sleep", "1000")
    with pytest.raises(Conflict, match="is already running"):
        daemon.engine.start(container)


def test_kill_and_stop_end_a_container(daemon: FakeDocker) -> None:
    killed, stopped = (daemon.engine.run("base", "sleep", "1000") for _ in range(2))
    daemon.engine.kill(killed)
    daemon.engine.stop(stopped, timeout=0)
    assert (killed.exit_code, stopped.exit_code) == (137, 137)


def test_who_waits_is_woken_when_time_passes(daemon: FakeDocker) -> None:
    container = daemon.engine.run("base", "sleep", "10")
    codes: list[int] = []
    waiting = threading.Thread(target=lambda: codes.append(daemon.engine.wait(container)))
    waiting.start()
    daemon.advance(11)
    waiting.join(5)
    assert codes == [0]


def test_files_are_read_written_and_listed(daemon: FakeDocker) -> None:
    container = daemon.engine.create("base", "cat", "/greeting")
    daemon.engine.write_file(container, "/greeting", "hello")
    assert daemon.engine.read_file(container, "/greeting") == b"hello"
    assert [change.path for change in daemon.engine.changes(container)] == ["/greeting"]
    daemon.engine.start(container)
    daemon.advance(1)
    assert daemon.engine.logs(container) == b"hello"
    with pytest.raises(FileNotFoundError):
        daemon.engine.read_file(container, "/nosuch")
    with pytest.raises(FileNotFoundError):
        daemon.engine.write_file(container, "/no/such", "x")


def test_images_are_pulled_tagged_committed_and_found(daemon: FakeDocker) -> None:
    engine = daemon.engine
    before = len(engine.images())
    engine.pull("busybox")
    assert len(engine.images()) == before + 1
    engine.tag("busybox", "mine", "v1")
    assert engine.tags()["mine:v1"] == engine.image("busybox").id
    container = engine.run("mine:v1", "touch", "/new")
    daemon.advance(1)
    image = engine.commit(container, "theirs")
    assert (image.parent, engine.tags()["theirs:latest"]) == (engine.image("busybox").id, image.id)
    with pytest.raises(NotFound):
        engine.image("nosuch")


def test_the_world_outside_can_be_looked_at(daemon: FakeDocker) -> None:
    assert "busybox" in daemon.engine.registry.repositories


def test_an_image_is_built_of_a_dockerfile_and_run(daemon: FakeDocker) -> None:
    dockerfile = """
        FROM base
        ARG who
        COPY . /app
        RUN echo "hello $who" > /app/greeting
        WORKDIR /app
        CMD ["cat", "greeting", "data"]
    """
    files = {"data": b"\x00\xff", "deep/er": "text", "secret": "x", ".dockerignore": "secret\n"}
    image = daemon.engine.build(dockerfile, files, tag="app:v1", build_args={"who": "you"})
    assert daemon.engine.tags()["app:v1"] == image.id
    container = daemon.engine.run("app:v1")
    daemon.advance(1)
    assert daemon.engine.logs(container) == b"hello you\n\x00\xff"
    assert daemon.engine.read_file(container, "/app/deep/er") == b"text"
    with pytest.raises(FileNotFoundError):
        daemon.engine.read_file(container, "/app/secret")


def test_a_build_that_fails_says_what_it_had_said(daemon: FakeDocker) -> None:
    with pytest.raises(DockerError, match="returned a non-zero code: 4") as failed:
        daemon.engine.build("FROM base\nRUN echo the reason; exit 4\n", force_remove=True)
    assert "the reason" in failed.value.__notes__[0]
    assert daemon.engine.containers() == []


def test_a_container_has_its_name_and_what_it_wants_of_the_host(daemon: FakeDocker) -> None:
    engine = daemon.engine
    bindings = {"80/tcp": (PortBinding("", "8080"),)}
    host = HostConfig(port_bindings=bindings, binds=("data:/data",))
    web = engine.run("base", "sh", "-c", "echo kept > /data/x; sleep 9", name="web", host_config=host, memory=64 << 20)
    daemon.advance(1)
    assert engine.container("web") is web
    assert engine.read_file("web", "/data/x") == b"kept\n"
    assert (web.host_config.memory, set(web.config.exposed_ports or ())) == (64 << 20, {"80/tcp"})
    with pytest.raises(DockerError, match="port is already allocated"):
        engine.run("base", "true", port_specs=("8080:81",))
    with pytest.raises(Conflict, match="already in use"):
        engine.create("base", "true", name="web")


def test_binds_are_trees_that_containers_share(daemon: FakeDocker) -> None:
    engine = daemon.engine
    engine.host_tree("/shared").write("/x", b"from the host")
    reading = engine.run("base", "cat", "/x/x", binds=[Bind("/shared", "/x", read_only=True)])
    daemon.advance(1)
    assert engine.logs(reading) == b"from the host"


def test_what_is_mounted_can_be_read_and_written_while_nothing_runs(daemon: FakeDocker) -> None:
    container = daemon.engine.create("base", "cat", "/data/x", host_config=HostConfig(binds=("data:/data",)))
    daemon.engine.write_file(container, "/data/x", "early")
    assert daemon.engine.read_file(container, "/data/x") == b"early"
    (volume,) = daemon.engine.volumes()
    assert (volume.name, volume.files.read("/x").read()) == ("data", b"early")
    daemon.engine.start(container)
    daemon.advance(1)
    assert daemon.engine.logs(container) == b"early"


def test_a_program_that_is_not_there_cannot_be_started(daemon: FakeDocker) -> None:
    with pytest.raises(CannotStart, match="executable file not found in"):
        daemon.engine.run("base", "nosuch", name="broken")
    assert daemon.engine.container("broken").exit_code == 127


@pytest.mark.parametrize("name", ["mine", "/opt/mine"])
def test_a_program_of_the_test_needs_no_file(daemon: FakeDocker, name: str) -> None:
    @daemon.program(name)
    def mine(process: Process) -> Program[int]:
        yield from process.write(1, "mine\n")
        return 0

    container = daemon.engine.run("base", name)
    daemon.advance(1)
    assert daemon.engine.logs(container) == b"mine\n"
    assert daemon.engine.exec(daemon.engine.run("base", "sleep", "9"), name) == (0, b"mine\n")


def test_a_health_check_is_run(daemon: FakeDocker) -> None:
    check = Healthcheck(("CMD", "test", "-e", "/well"), interval=1, retries=2)
    container = daemon.engine.run("base", "sleep", "100", healthcheck=check)
    daemon.advance(5)
    assert container.health is not None
    assert container.health.status == "unhealthy"
    daemon.engine.write_file(container, "/well", "")
    daemon.advance(2)
    assert container.health.status == "healthy"


def test_a_container_is_paused_goes_on_and_gets_another_name(daemon: FakeDocker) -> None:
    engine = daemon.engine
    container = engine.run("base", "sh", "-c", "sleep 1; echo done", name="before")
    engine.pause("before")
    daemon.advance(5)
    assert (container.state, engine.logs(container)) == (State.PAUSED, b"")
    engine.rename("before", "after")
    engine.unpause("after")
    daemon.advance(2)
    assert engine.logs("after") == b"done\n"
    with pytest.raises(Conflict):
        engine.pause("after")


def test_a_command_is_executed_in_a_container_that_runs(daemon: FakeDocker) -> None:
    engine = daemon.engine
    container = engine.run("base", "sleep", "9", env=("A=1",))
    assert engine.exec(container, "sh", "-c", "echo $A$B; echo err >&2; exit 3", env=["B=2"]) == (3, b"12\nerr\n")
    assert engine.exec(container, "id", "-u", user="7") == (0, b"7\n")
    with pytest.raises(CannotStart):
        engine.exec(container, "nosuch")
    engine.kill(container)
    with pytest.raises(Conflict, match="is not running"):
        engine.exec(container, "true")


def test_networks_volumes_and_events_can_be_looked_at(daemon: FakeDocker) -> None:
    engine = daemon.engine
    container = engine.run("base", "true", volumes={"/data": {}})
    daemon.advance(1)
    assert [network.name for network in engine.networks()] == ["bridge", "host", "none"]
    assert [list(volume.users) for volume in engine.volumes()] == [[container.id]]
    told = [event.action for event in engine.events() if event.type == "container"]
    assert told == ["create", "start", "die"]


def test_a_daemon_of_2013_starts_what_is_not_there_and_has_no_networks() -> None:
    with FakeDocker(profile="0.4", clock="manual") as daemon:
        engine = daemon.engine
        container = engine.run("base", "nosuch", name="old", port_specs=("8080:80",), binds=[Bind("/a", "/b")])
        assert (container.network.bridge, container.network.ports) == ("docker0", {80: 8080})
        daemon.advance(1)
        assert (container.exit_code, engine.container("old").host_config) == (127, HostConfig())
        assert b"Unable to locate nosuch" in engine.logs(container)
        assert engine.networks() == []


# -- waiting for events ----------------------------------------------------------------


def test_an_event_is_waited_for_without_looking_again_and_again(daemon: FakeDocker) -> None:
    engine = daemon.engine
    engine.run("base", "sleep", "9", name="db")
    found = []
    waiting = threading.Thread(target=lambda: found.append(engine.wait_for_event("die", container="web", exitCode="3")))
    waiting.start()
    engine.run("base", "sh", "-c", "exit 3", name="web")
    daemon.advance(1)
    waiting.join(5)
    assert [(one.action, one.attributes["name"]) for one in found] == [("die", "web")]
    assert not len(engine._runtime._engine.events.watch)


def test_an_event_that_has_happened_is_there_at_once(daemon: FakeDocker) -> None:
    engine = daemon.engine
    web = engine.run("base", "sleep", "9", name="web")
    first = engine.wait_for_event("start", container="web", timeout=0)
    for named in (web, web.id, web.id[:12], "/web"):
        assert engine.wait_for_event("start", container=named, timeout=0) is first
    assert engine.wait_for_event(type="network", timeout=0).action == "connect"
    engine.exec(web, "true")
    assert engine.wait_for_event("exec_start", container=web, timeout=0).action.startswith("exec_start:")


def test_an_event_that_does_not_happen_is_told_with_those_that_did(daemon: FakeDocker) -> None:
    engine = daemon.engine
    engine.run("base", "sleep", "9", name="web")
    start = engine.wait_for_event("start")
    with pytest.raises(AssertionError, match=r"(?s)no event container start web within 0.01 s.*container create web"):
        engine.wait_for_event("start", container="web", after=start, timeout=0.01)
    with pytest.raises(AssertionError, match="container die web exitCode=1"):
        engine.wait_for_event("die", container="web", timeout=0, exitCode="1")


def test_published_ports_are_told(daemon: FakeDocker) -> None:
    engine = daemon.engine
    web = engine.run("base", "sleep", "9", port_specs=("8080:80", "443"))
    assert engine.ports(web) == {80: 8080, 443: engine.ports(web)[443]}
    assert engine.ports(web)[443] > 1024
    engine.kill(web)
    assert engine.ports(web) == {}
