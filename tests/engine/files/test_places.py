"""The layer between an image and a container, and the files that a daemon mounts there."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from fakedocker.engine.containers.containers import Container
from fakedocker.engine.files.files import Files
from fakedocker.engine.files.layers import Layer
from fakedocker.engine.files.places import places
from fakedocker.engine.processes.effects import Program
from fakedocker.engine.processes.processes import Process
from fakedocker.engine.profiles import DOCKER_26


def now() -> float:
    return 5.0


def tree(prepare: Callable[[Files], object]) -> Files:
    """Return a container's tree over an image that `prepare` made."""
    image = Files([], Layer(), lambda: 0.0)
    prepare(image)
    layer = image.commit()
    return Files([layer, places([layer], now)], Layer(), now)


def test_every_container_has_the_same_places() -> None:
    files = tree(lambda image: image.mkdir("/etc"))
    found = {path: (inode.kind, inode.mode) for path, inode in files.walk() if path != "/"}
    # As `docker export` shows a fresh container of dockerd 20.10.
    assert found == {
        "/.dockerenv": ("file", 0o755),
        "/dev": ("directory", 0o755),
        "/dev/console": ("file", 0o755),
        "/dev/pts": ("directory", 0o755),
        "/dev/shm": ("directory", 0o755),
        "/etc": ("directory", 0o755),
        "/etc/hostname": ("file", 0o755),
        "/etc/hosts": ("file", 0o755),
        "/etc/mtab": ("symlink", 0o777),
        "/etc/resolv.conf": ("file", 0o755),
        "/proc": ("directory", 0o755),
        "/sys": ("directory", 0o755),
    }
    assert files.changes() == []


def test_what_is_in_the_way_makes_room() -> None:
    def odd(image: Files) -> None:
        image.mkdir("/usr/etc", parents=True)
        image.write("/usr/etc/hosts", b"own\n")
        image.symlink("usr/etc", "/etc")
        image.write("/proc", b"no directory")

    files = tree(odd)
    assert files.stat("/etc", follow=False).is_directory
    assert files.read("/etc/hosts").read() == b""
    assert files.read("/usr/etc/hosts").read() == b"own\n"
    assert files.is_directory("/proc")


def test_a_directory_keeps_what_the_image_has_in_it() -> None:
    files = tree(lambda image: (image.mkdir("/etc", 0o700), image.write("/etc/passwd", b"root")))
    assert files.listdir("/etc") == ["hostname", "hosts", "mtab", "passwd", "resolv.conf"]
    assert files.stat("/etc").mode == 0o700


def _idle(process: Process) -> Program[int]:
    yield from process.sleep(100)
    return 0


@pytest.fixture
def today(new_world):
    return new_world(profile=DOCKER_26)


@pytest.fixture
def container(today) -> Container:
    return today.start(_idle, hostname="web", domainname="example.org")


def test_a_running_container_has_the_daemons_hosts_and_host_name(container: Container) -> None:
    assert container.files is not None
    assert container.files.read("/etc/hostname").read() == b"web\n"
    lines = container.files.read("/etc/hosts").read().decode().splitlines()
    assert lines[0] == "127.0.0.1\tlocalhost"
    assert lines[-1] == f"{container.network.address}\tweb.example.org web"


def test_what_is_written_into_them_is_no_change_and_gone_after_a_restart(today, container: Container) -> None:
    assert container.files is not None
    container.files.append("/etc/hosts", b"1.2.3.4\tother\n")
    assert b"other" in container.files.read("/etc/hosts").read()
    assert container.files.changes() == []
    today.run(today.engine.stop(container, 0))
    assert container.files.read("/etc/hosts").read() == b""  # the place for it
    today.engine.start(container)
    today.settle()
    assert b"other" not in container.files.read("/etc/hosts").read()


def test_a_container_of_2013_has_no_such_places(world) -> None:
    container = world.start(_idle)
    assert not container.files.exists("/etc/hosts")
    assert not container.files.exists("/.dockerenv")
