"""Containers: their life, their streams, their files."""

from __future__ import annotations

import io
import tarfile
import threading
import time
from collections.abc import Callable

import docker
import pytest
from clients.docker_py.calls import LEAVES_SOCKETS, calls
from docker.errors import APIError, ContainerError, ImageNotFound, NotFound
from docker.models.containers import Container

pytestmark = LEAVES_SOCKETS


@pytest.fixture
def sleeper(client: docker.DockerClient, label: str) -> Container:
    """A container that runs for a while."""
    return client.containers.run("busybox", "sleep 60", detach=True, labels={label: ""}, name=f"{label}-sleeper")


# -- run, create, find ------------------------------------------------------------------------


@calls("ContainerCollection.run")
def test_run_gives_what_a_command_wrote(client: docker.DockerClient, label: str) -> None:
    said = client.containers.run(
        "busybox",
        ["sh", "-c", "echo $GREETING from $(hostname); echo aside >&2"],
        environment={"GREETING": "hello"},
        hostname="inside",
        stderr=True,
        remove=True,
        labels=[label],
    )
    assert sorted(said.splitlines()) == [b"aside", b"hello from inside"]
    assert client.containers.list(all=True, filters={"label": label}) == []


def test_run_raises_with_what_a_command_complained_about(client: docker.DockerClient, label: str) -> None:
    with pytest.raises(ContainerError) as error:
        client.containers.run("busybox", "cat /nosuch", remove=True, labels=[label])
    assert error.value.exit_status == 1
    assert b"can't open '/nosuch'" in error.value.stderr


def test_run_without_its_image_or_its_program(client: docker.DockerClient, label: str) -> None:
    with pytest.raises(ImageNotFound):
        client.containers.create(f"{label}-nosuch", "true")
    with pytest.raises(APIError, match=r'exec: \\?"nosuch\\?": executable file not found in \$PATH') as error:
        client.containers.run("busybox", "nosuch", labels=[label])
    assert error.value.status_code == 400


@calls(
    "ContainerCollection.create",
    "ContainerCollection.get",
    "ContainerCollection.list",
    "ContainerCollection.prepare_model",
    "Container.id",
    "Container.short_id",
    "Container.name",
    "Container.image",
    "Container.labels",
    "Container.status",
    "Container.reload",
    "Container.start",
)
def test_a_container_is_made_found_and_started(client: docker.DockerClient, label: str) -> None:
    container = client.containers.create("busybox", "sleep 60", name=f"{label}-one", labels={label: "yes"})

    assert (container.status, container.name, container.labels) == ("created", f"{label}-one", {label: "yes"})
    assert container.short_id == container.id[:12]
    assert container.image == client.images.get("busybox")
    assert client.containers.list(filters={"label": f"{label}=yes"}) == []
    assert client.containers.list(all=True, filters={"label": f"{label}=yes"}) == [container]

    container.start()
    container.reload()
    assert container.status == "running"
    assert client.containers.list(filters={"name": f"{label}-one"}) == [container]
    assert client.containers.get(container.short_id) == container
    with pytest.raises(NotFound):
        client.containers.get(f"{label}-other")


def test_names_are_taken_once(client: docker.DockerClient, sleeper: Container) -> None:
    with pytest.raises(APIError, match=f'name "/{sleeper.name}" is already in use by container') as error:
        client.containers.create("busybox", name=sleeper.name)
    assert error.value.status_code == 409


@calls("Container.ports")
def test_published_ports_are_told(client: docker.DockerClient, label: str) -> None:
    container = client.containers.run(
        "busybox",
        "sleep 60",
        ports={"80/tcp": ("127.0.0.1", None), "53/udp": None},
        detach=True,
        labels=[label],
    )
    container.reload()
    (web,) = container.ports["80/tcp"]
    assert web["HostIp"] == "127.0.0.1"
    assert 1024 < int(web["HostPort"]) < 65536
    assert container.ports["53/udp"]


@calls("Container.health")
def test_a_health_check_makes_a_container_healthy(client: docker.DockerClient, label: str) -> None:
    container = client.containers.run(
        "busybox",
        "sleep 60",
        healthcheck={"test": ["CMD-SHELL", "true"], "interval": 100_000_000, "retries": 1},
        detach=True,
        labels=[label],
    )
    seen = set()

    def healthy() -> bool:
        container.reload()
        seen.add(container.health)
        return container.health == "healthy"

    _until(healthy)
    assert seen <= {"starting", "healthy"}


# -- end ----------------------------------------------------------------------------------------


@calls("Container.wait")
def test_wait_gives_the_exit_code(client: docker.DockerClient, label: str) -> None:
    container = client.containers.run("busybox", "sh -c 'exit 7'", detach=True, labels=[label])
    assert container.wait()["StatusCode"] == 7
    assert container.wait(condition="not-running")["StatusCode"] == 7


def test_wait_until_it_is_removed(client: docker.DockerClient, label: str) -> None:
    container = client.containers.run("busybox", "sleep 60", detach=True, auto_remove=True, labels=[label])
    threading.Timer(0.1, container.kill).start()
    assert container.wait(condition="removed", timeout=20)["StatusCode"] == 137
    with pytest.raises(NotFound):
        client.containers.get(container.id)


@calls("Container.stop")
def test_stop_kills_what_does_not_listen(client: docker.DockerClient, sleeper: Container) -> None:
    sleeper.stop(timeout=0)
    sleeper.reload()
    assert (sleeper.status, sleeper.attrs["State"]["ExitCode"]) == ("exited", 137)


@calls("Container.kill")
def test_kill_sends_a_signal(client: docker.DockerClient, label: str) -> None:
    script = "trap 'echo got it; exit 3' USR1; echo ready; while true; do sleep 0.05; done"
    container = client.containers.run("busybox", ["sh", "-c", script], detach=True, labels=[label])
    lines = container.logs(stream=True, follow=True)
    assert next(lines) == b"ready\n"
    container.kill("SIGUSR1")
    assert b"".join(lines) == b"got it\n"
    assert container.wait()["StatusCode"] == 3
    with pytest.raises(APIError, match="is not running") as error:
        container.kill()
    assert error.value.status_code == 409


@calls("Container.restart")
def test_restart_runs_the_command_again(client: docker.DockerClient, label: str) -> None:
    container = client.containers.run("busybox", "sh -c 'date +%s%N >> /times; sleep 60'", detach=True, labels=[label])
    started = container.attrs["State"]["StartedAt"]
    container.restart(timeout=0)
    container.reload()
    assert container.status == "running"
    assert container.attrs["State"]["StartedAt"] > started


@calls("Container.pause", "Container.unpause")
def test_pause_holds_it(client: docker.DockerClient, sleeper: Container) -> None:
    sleeper.pause()
    sleeper.reload()
    assert sleeper.status == "paused"
    with pytest.raises(APIError, match="is already paused"):
        sleeper.pause()
    with pytest.raises(APIError, match="is paused"):
        sleeper.exec_run("true")
    sleeper.unpause()
    sleeper.reload()
    assert sleeper.status == "running"


@calls("Container.remove")
def test_what_runs_is_removed_only_by_force(client: docker.DockerClient, sleeper: Container) -> None:
    with pytest.raises(APIError, match=r"(?i)stop the container before") as error:
        sleeper.remove()
    assert error.value.status_code == 409
    sleeper.remove(force=True)
    with pytest.raises(NotFound):
        sleeper.reload()


@calls("ContainerCollection.prune")
def test_what_has_ended_is_pruned(client: docker.DockerClient, label: str, sleeper: Container) -> None:
    ended = client.containers.run("busybox", "sh -c 'echo 123 > /x'", detach=True, labels={label: ""})
    ended.wait()
    pruned = client.containers.prune(filters={"label": label})
    assert (pruned["ContainersDeleted"], pruned["SpaceReclaimed"]) == ([ended.id], 4)
    sleeper.reload()


@calls("Container.rename", "Container.update")
def test_a_container_is_renamed_and_its_limits_changed(client: docker.DockerClient, sleeper: Container) -> None:
    sleeper.rename(f"{sleeper.name}-2")
    sleeper.update(mem_limit="64m", memswap_limit="128m", restart_policy={"Name": "on-failure", "MaximumRetryCount": 2})
    before = sleeper.name
    sleeper.reload()
    host = sleeper.attrs["HostConfig"]
    assert sleeper.name == f"{before}-2"
    assert (host["Memory"], host["MemorySwap"]) == (64 << 20, 128 << 20)
    assert host["RestartPolicy"] == {"Name": "on-failure", "MaximumRetryCount": 2}


# -- look at it ---------------------------------------------------------------------------------


@calls("Container.logs")
def test_logs_by_stream_by_tail_by_time(client: docker.DockerClient, label: str) -> None:
    container = client.containers.run(
        "busybox", ["sh", "-c", "echo one; sleep 0.2; echo two >&2; sleep 0.2; echo three"], detach=True, labels=[label]
    )
    container.wait()
    assert container.logs(stdout=True, stderr=False) == b"one\nthree\n"
    assert container.logs(stdout=False, stderr=True) == b"two\n"
    assert container.logs(tail=1) == b"three\n"
    assert container.logs(tail=2, stderr=False) == b"three\n"
    stamp, _, word = container.logs(timestamps=True, stderr=False, tail=1).partition(b" ")
    assert (len(stamp), stamp[-1:], word) == (30, b"Z", b"three\n")
    assert list(container.logs(stream=True, follow=True, stderr=False)) == [b"one\n", b"three\n"]
    assert container.logs(since=int(time.time()) + 3600) == b""


@calls("Container.top")
def test_top_lists_the_processes(client: docker.DockerClient, sleeper: Container) -> None:
    top = sleeper.top(ps_args="-o pid,args")
    assert top["Titles"] == ["PID", "COMMAND"]
    assert [row[1] for row in top["Processes"]] == ["sleep 60"]


@calls("Container.stats")
def test_stats_come_once_or_as_a_stream(client: docker.DockerClient, sleeper: Container) -> None:
    once = sleeper.stats(stream=False)
    assert once["id"] == sleeper.id
    assert once["pids_stats"]["current"] == 1
    stream = sleeper.stats(decode=True, stream=True)
    first, second = next(stream), next(stream)
    stream.close()
    assert first["read"] < second["read"]
    assert second["precpu_stats"]["cpu_usage"]["total_usage"] <= second["cpu_stats"]["cpu_usage"]["total_usage"]


@calls("Container.diff")
def test_diff_tells_what_was_changed(client: docker.DockerClient, label: str) -> None:
    container = client.containers.run(
        "busybox", "sh -c 'mkdir /new; touch /new/file; rm /etc/passwd'", detach=True, labels=[label]
    )
    container.wait()
    changes = {change["Path"]: change["Kind"] for change in container.diff()}
    assert changes == {"/new": 1, "/new/file": 1, "/etc": 0, "/etc/passwd": 2}


# -- streams ------------------------------------------------------------------------------------


@calls("Container.attach")
def test_attach_shows_what_comes_or_the_log(client: docker.DockerClient, label: str) -> None:
    script = "echo before; read line; echo out $line; echo err >&2"
    container = client.containers.create("busybox", ["sh", "-c", script], stdin_open=True, labels=[label])
    sock = container.attach_socket(params={"stdin": 1, "stream": 1})
    container.start()
    _until(lambda: container.logs() == b"before\n")
    stream = container.attach(stream=True, demux=True)
    sock._sock.sendall(b"there\n") if hasattr(sock, "_sock") else sock.sendall(b"there\n")
    parts = list(stream)
    sock.close()
    assert b"".join(out for out, _ in parts if out) == b"out there\n"
    assert b"".join(err for _, err in parts if err) == b"err\n"
    _until(lambda: container.attach(stream=False, logs=True, stderr=False) == b"before\nout there\n")


@calls("Container.attach_socket", "Container.resize")
def test_a_terminal_is_typed_into_and_resized(client: docker.DockerClient, label: str) -> None:
    container = client.containers.create("busybox", "sh", tty=True, stdin_open=True, labels=[label])
    socket = container.attach_socket(params={"stdin": 1, "stdout": 1, "stream": 1})
    container.start()
    container.resize(height=33, width=77)
    raw = getattr(socket, "_sock", socket)
    raw.settimeout(20)
    raw.sendall(b"stty size; exit 4\n")
    said = b""
    while chunk := raw.recv(4096):
        said += chunk
    socket.close()
    assert b"33 77\r\n" in said
    assert container.wait()["StatusCode"] == 4


@calls("Container.exec_run")
def test_commands_are_executed_inside(client: docker.DockerClient, sleeper: Container) -> None:
    assert sleeper.exec_run("echo hello") == (0, b"hello\n")
    assert sleeper.exec_run(["sh", "-c", "echo out; echo err >&2; exit 3"], demux=True) == (3, (b"out\n", b"err\n"))
    assert sleeper.exec_run("sh -c 'pwd; echo $X'", workdir="/tmp", environment={"X": "y"}) == (0, b"/tmp\ny\n")
    assert sleeper.exec_run("tty", tty=True).output.strip().startswith(b"/dev/pts/")
    code, stream = sleeper.exec_run("seq 3", stream=True)
    assert (code, b"".join(stream)) == (None, b"1\n2\n3\n")
    assert sleeper.exec_run("touch /detached", detach=True).exit_code in (None, 0)
    _until(lambda: not sleeper.exec_run("test -e /detached").exit_code)
    assert sleeper.exec_run("ls /detached") == (0, b"/detached\n")


def test_a_command_that_is_not_there_is_told_in_its_output(client: docker.DockerClient, sleeper: Container) -> None:
    code, output = sleeper.exec_run("nosuch")
    assert code in (126, 127)
    assert b'exec: "nosuch": executable file not found in $PATH' in output


# -- files --------------------------------------------------------------------------------------


@calls("Container.put_archive", "Container.get_archive")
def test_files_go_in_and_come_out(client: docker.DockerClient, sleeper: Container) -> None:
    assert sleeper.put_archive("/tmp", _tar("in.txt", b"carried in"))
    assert sleeper.exec_run("cat /tmp/in.txt") == (0, b"carried in")

    stream, stat = sleeper.get_archive("/tmp/in.txt")
    assert (stat["name"], stat["size"]) == ("in.txt", 10)
    with tarfile.open(fileobj=io.BytesIO(b"".join(stream))) as tar:
        member = tar.extractfile("in.txt")
        assert member is not None
        assert member.read() == b"carried in"

    with pytest.raises(NotFound, match="Could not find the file /nosuch in container"):
        sleeper.get_archive("/nosuch")
    with pytest.raises(NotFound):
        sleeper.put_archive("/nosuch", _tar("x", b""))


@calls("Container.export")
def test_export_gives_the_whole_tree(client: docker.DockerClient, label: str) -> None:
    container = client.containers.create("busybox", labels=[label])
    container.put_archive("/etc", _tar("mine", b"x"))
    with tarfile.open(fileobj=io.BytesIO(b"".join(container.export()))) as tar:
        assert {"bin/busybox", "etc/mine"} <= set(tar.getnames())


@calls("Container.commit")
def test_commit_makes_an_image(client: docker.DockerClient, label: str) -> None:
    container = client.containers.run("busybox", "sh -c 'echo kept > /kept'", detach=True, labels=[label])
    container.wait()
    image = container.commit(label, tag="v1", message="kept it", author="me", changes=["CMD cat /kept", "ENV A=b"])

    assert image.tags == [f"{label}:v1"]
    assert (image.attrs["Comment"], image.attrs["Author"]) == ("kept it", "me")
    assert "A=b" in image.attrs["Config"]["Env"]
    assert client.containers.run(f"{label}:v1", remove=True) == b"kept\n"


def _tar(name: str, content: bytes) -> bytes:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        member = tarfile.TarInfo(name)
        member.size = len(content)
        tar.addfile(member, io.BytesIO(content))
    return archive.getvalue()


def _until(met: Callable[[], bool]) -> None:
    """Wait for what a real daemon does in its own time."""
    deadline = time.monotonic() + 20
    while not met():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.02)
