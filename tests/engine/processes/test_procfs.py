"""/proc and /sys: what is read there is true, and none of it belongs to the container."""

from __future__ import annotations

import errno
from collections.abc import Callable

import pytest

from fakedocker.engine.containers.containers import Container
from fakedocker.engine.files.files import Files
from fakedocker.engine.files.layers import Kind
from fakedocker.engine.processes.effects import Program
from fakedocker.engine.processes.processes import Process


def sleeper(process: Process) -> Program[int]:
    yield from process.sleep(1000)
    return 0


@pytest.fixture
def container(world) -> Container:
    """Return a container that runs a program, of an image with places for /proc and /sys."""
    return place(world)


def place(world, **config) -> Container:
    container = world.create(sleeper, **config)
    files = world.engine.mount(container)
    for path in ("/proc", "/sys", "/etc"):
        files.mkdir(path, parents=True)
    files.write("/etc/resolv.conf", b"mine")
    world.engine.start(container)
    world.settle()
    return container


def error_of(call: Callable[[], object]) -> int | None:
    """Return what a call fails with."""
    try:
        call()
    except OSError as error:
        return error.errno
    return None


def text(container: Container, path: str) -> str:
    assert container.files is not None
    return container.files.read(path).read().decode()


def test_the_processes_are_listed(world, container: Container) -> None:
    names = container.files.listdir("/proc")
    assert {"1", "cpuinfo", "meminfo", "mounts", "self", "uptime"} <= {*names}
    assert "2" not in names


def test_a_process_is_described(world, container: Container) -> None:
    assert text(container, "/proc/1/cmdline") == "/bin/program\0"
    assert text(container, "/proc/1/comm") == "program\n"
    status = text(container, "/proc/1/status")
    assert status.startswith("Name:\tprogram\nState:\t")
    assert "\nPid:\t1\nPPid:\t0\n" in status
    assert text(container, "/proc/1/stat").startswith("1 (program) ")
    assert f"HOSTNAME={container.config.hostname}\0" in text(container, "/proc/1/environ")
    assert container.files.readlink("/proc/1/exe") == "/bin/program"
    assert container.files.readlink("/proc/1/cwd") == "/"
    assert container.files.listdir("/proc/1/fd") == ["0", "1", "2"]


def test_self_is_whoever_looks(world) -> None:
    seen: list[str] = []

    def child(process: Process) -> Program[int]:
        seen.append(process.files.readlink("/proc/self"))
        seen.append(process.files.read("/proc/self/status").read().decode().split("\n")[1])
        yield from process.sleep(1)
        return 0

    def parent(process: Process) -> Program[int]:
        pid = yield from process.spawn(child, ("child",))
        seen.append(process.files.readlink("/proc/self"))
        yield from process.wait(pid)
        return 0

    container = world.create(parent)
    world.engine.mount(container).mkdir("/proc")
    world.engine.start(container)
    world.advance(5)
    assert sorted(seen) == ["1", "2", "State:\tR (running)"]


def test_a_descriptor_is_opened_once_more_by_its_path(world) -> None:
    def body(process: Process) -> Program[int]:
        process.attach(process.open("/proc/self/fd/1", write=True))
        yield from process.write(3, "said")
        return 0

    assert world.start(body).log.read("stdout") == b"said"


def test_a_process_that_has_ended_is_gone(world, container: Container) -> None:
    world.engine.kill(container)
    world.settle()
    assert not container.files.exists("/proc/1")


def test_uptime_moves_with_the_clock(world, container: Container) -> None:
    world.advance(12.5)
    assert text(container, "/proc/uptime") == "12.50 12.50\n"


def test_the_memory_limit_is_the_containers(world) -> None:
    limited = place(world, memory=33554432)
    assert text(limited, "/sys/fs/cgroup/memory.max") == "33554432\n"
    assert text(limited, "/sys/fs/cgroup/memory/memory.limit_in_bytes") == "33554432\n"
    unlimited = place(world)
    assert text(unlimited, "/sys/fs/cgroup/memory.max") == "max\n"
    assert text(unlimited, "/sys/fs/cgroup/memory/memory.limit_in_bytes") == f"{(1 << 63) - 1}\n"


def test_mounts_are_listed(world) -> None:
    container = place(world, volumes=("/data",))
    assert text(container, "/proc/mounts").splitlines() == [
        "none / aufs rw,relatime 0 0",
        "/dev/sda1 /data ext4 rw,relatime 0 0",
        "/dev/sda1 /etc/resolv.conf ext4 rw,relatime 0 0",
        "proc /proc proc ro,relatime 0 0",
        "sysfs /sys sysfs ro,relatime 0 0",
    ]


@pytest.mark.parametrize("path", ["/proc/1/comm", "/proc/new", "/sys/fs/cgroup/memory.max", "/etc/resolv.conf"])
def test_nothing_can_be_written(world, container: Container, path: str) -> None:
    assert error_of(lambda: container.files.write(path, b"x")) == errno.EROFS


@pytest.mark.parametrize("path", ["/proc", "/proc/1", "/proc/1/comm", "/etc/resolv.conf"])
def test_nothing_can_be_removed_or_moved(world, container: Container, path: str) -> None:
    refusals = (errno.EROFS, errno.EBUSY, errno.EXDEV)
    assert error_of(lambda: container.files.remove_tree(path)) in refusals
    assert error_of(lambda: container.files.rename(path, "/elsewhere")) in refusals


def test_none_of_it_is_in_the_containers_layer(world, container: Container) -> None:
    assert {change.path for change in container.files.changes()} == {"/proc", "/sys", "/etc/resolv.conf"}
    image = world.engine.commit(container)
    tree = Files(world.engine.images.layers(image), type(image.layer)(), world.clock.now)
    assert tree.listdir("/proc") == []
    assert tree.read("/etc/resolv.conf").read() == b"mine"
    assert world.engine.snapshot(container).listdir("/sys") == []


def test_the_daemons_resolv_conf_lies_over_the_containers(world) -> None:
    container = place(world, dns=("10.0.0.1", "10.0.0.2"))
    assert text(container, "/etc/resolv.conf") == "nameserver 10.0.0.1\nnameserver 10.0.0.2\n"
    world.engine.kill(container)
    world.settle()
    assert text(container, "/etc/resolv.conf") == "mine"


def test_an_image_without_places_gets_none(world) -> None:
    container = world.start(sleeper)
    assert not container.files.mounts
    assert container.files.changes() == []


def test_all_of_it_can_be_walked(world, container: Container) -> None:
    kinds = {path: inode.kind for path, inode in container.files.walk("/")}
    assert kinds["/proc/1/fd/0"] is Kind.CHARACTER
    assert kinds["/proc/mounts"] is Kind.SYMLINK
    assert kinds["/sys/class/net/eth0/address"] is Kind.FILE
    for path, kind in kinds.items():
        if kind is Kind.FILE:
            assert container.files.read(path).size == container.files.stat(path).size
