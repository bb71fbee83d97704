"""What is mounted in containers, from a start to the end."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from fakedocker.engine import errors
from fakedocker.engine.containers.config import Config
from fakedocker.engine.containers.containers import Container
from fakedocker.engine.containers.hostconfig import HostConfig, Mount
from fakedocker.engine.processes.effects import Program, Sleep
from fakedocker.engine.processes.processes import Process
from fakedocker.engine.processes.procfs import mount_table
from fakedocker.engine.processes.runc import RUNC
from fakedocker.engine.profiles import DOCKER_26

if TYPE_CHECKING:
    from engine.conftest import World


#: A volume of a driver that nobody has.
DRIVER = {"VolumeOptions": {"DriverConfig": {"Name": "nonesuch"}}}


def sleeps(process: Process) -> Program[int]:
    yield Sleep(1000)
    return 0


@pytest.fixture
def world(new_world: Callable[..., World]) -> World:
    world = new_world(profile=DOCKER_26)
    world.shelf.bodies["program"] = sleeps
    return world


def create(world: World, volumes: tuple[str, ...] = (), **host: Any) -> Container:
    config = Config(cmd=("/bin/program",), image="base", volumes={path: {} for path in volumes})
    return world.engine.create(config, world.image, host_config=HostConfig(**host), init=RUNC)


def start(world: World, **host: Any) -> Container:
    container = create(world, **host)
    world.engine.start(container)
    return container


def text(container: Container, path: str) -> str:
    assert container.files is not None
    content = container.files.read(path)
    return content.read(0, content.size).decode()


def told(world: World) -> list[tuple[str, str]]:
    return [(one.action, one.actor) for one in world.engine.events.since(0) if one.type == "volume"]


def test_what_one_container_writes_in_a_volume_another_reads(world: World) -> None:
    one = start(world, binds=("data:/a",))
    assert one.files is not None
    one.files.write("/a/file", b"hello")
    other = start(world, mounts=(Mount("volume", "/b", "data", read_only=True),))
    assert text(other, "/b/file") == "hello"
    assert other.files is not None
    with pytest.raises(OSError, match="Read-only"):
        other.files.write("/b/file", b"")


def test_a_new_volume_begins_with_what_the_image_has_there(world: World) -> None:
    create(world, binds=("copied:/etc", "empty:/etc2:nocopy"))
    volumes = world.engine.volumes
    assert volumes.find("copied").files.exists("/passwd")
    create(world, binds=("copied:/bin",))  # it is not empty any more
    assert not volumes.find("copied").files.exists("/program")
    create(world, binds=("nothing:/etc:nocopy",))
    assert volumes.find("nothing").files.listdir("/") == []


def test_a_part_of_a_volume_can_be_seen(world: World) -> None:
    files = world.engine.volumes.create("data").files
    files.mkdir("/part")
    files.write("/part/file", b"in")
    files.write("/other", b"out")
    container = start(world, mounts=(Mount("volume", "/p", "data", options={"VolumeOptions": {"Subpath": "part"}}),))
    assert container.files is not None
    assert container.files.listdir("/p") == ["file"]
    container.files.write("/p/new", b"x")
    assert files.read("/part/new").size == 1


def test_a_part_that_is_not_there_lets_no_container_start(world: World) -> None:
    container = create(
        world, mounts=(Mount("volume", "/p", "data", options={"VolumeOptions": {"Subpath": "nonesuch"}}),)
    )
    path = "/var/lib/docker/volumes/data/_data/nonesuch"
    text = f"^cannot access path {path}: lstat {path}: no such file or directory$"
    with pytest.raises(errors.NotFound, match=text):
        world.engine.start(container)
    assert container.files is not None
    assert not container.files.mounts


def test_trees_of_the_host_are_shared_and_a_tmpfs_is_not(world: World) -> None:
    one, other = (start(world, binds=("/srv:/s",), tmpfs={"/t": ""}) for _ in range(2))
    assert one.files is not None
    assert other.files is not None
    one.files.write("/s/file", b"")
    one.files.write("/t/file", b"")
    assert other.files.exists("/s/file")
    assert not other.files.exists("/t/file")


def test_what_was_in_a_tmpfs_is_gone_after_a_restart(world: World) -> None:
    container = start(world, tmpfs={"/t": ""})
    assert container.files is not None
    container.files.write("/t/file", b"")
    world.run(world.engine.restart(container, 1))
    assert not container.files.exists("/t/file")


def test_a_volume_is_in_use_from_creation_to_removal(world: World) -> None:
    container = create(world, binds=("data:/a",))
    with pytest.raises(errors.Conflict, match=f"volume is in use - \\[{container.id}\\]"):
        world.engine.volumes.remove("data")
    world.run(world.engine.remove(container))
    world.engine.volumes.remove("data")


def test_volumes_without_a_name_go_with_their_container_if_asked(world: World) -> None:
    kept, gone = (create(world, ("/anonymous",), binds=("data:/a",)) for _ in range(2))
    assert len(world.engine.volumes) == 3
    world.run(world.engine.remove(kept))
    assert len(world.engine.volumes) == 3
    world.run(world.engine.remove(gone, volumes=True))
    assert len(world.engine.volumes) == 2
    assert "data" in world.engine.volumes


def test_a_refusal_leaves_no_volume_without_a_name(world: World) -> None:
    with pytest.raises(errors.NotFound):
        create(world, ("/z",), mounts=(Mount("volume", "/a"), Mount("volume", "/b", "x1", options=DRIVER)))
    assert len(world.engine.volumes) == 0
    assert len(world.engine.containers) == 0


def test_volumes_with_a_name_stay_when_a_later_place_is_refused(world: World) -> None:
    with pytest.raises(errors.InvalidParameter):
        create(world, binds=("data:/a", "/srv:/a"))
    world.engine.volumes.remove("data")


def test_volumes_of_another_container_are_shared(world: World) -> None:
    one = start(world, volumes=("/data",))
    assert one.files is not None
    one.files.write("/data/file", b"x")
    other = start(world, volumes_from=(one.name,))
    assert text(other, "/data/file") == "x"
    world.run(world.engine.remove(one, volumes=True, grace=0))
    assert text(other, "/data/file") == "x"  # somebody still uses it


def test_mounting_is_told_of_with_its_place(world: World) -> None:
    container = start(world, binds=("data:/a:ro",))
    world.run(world.engine.remove(container, grace=0))
    assert told(world) == [("create", "data"), ("mount", "data"), ("unmount", "data")]
    (mounted,) = (one for one in world.engine.events.since(0) if one.action == "mount")
    assert mounted.attributes == {
        "driver": "local",
        "container": container.id,
        "destination": "/a",
        "propagation": "",
        "read/write": "false",
    }


def test_places_are_known_by_path(world: World) -> None:
    container = create(world, ("/z",), binds=("data:/a",))
    points = world.engine.mounts.of(container)
    assert points["/a"].source == "/var/lib/docker/volumes/data/_data"
    assert points["/z"].driver == "local"


@pytest.mark.parametrize(
    ("wanted", "shown"),
    [
        ({"tmpfs": {"/s": ""}}, "rw,nosuid,nodev,noexec,relatime"),
        ({"tmpfs": {"/s": "exec,size=1m"}}, "rw,nosuid,nodev,relatime,size=1024k"),
        ({"mounts": (Mount("tmpfs", "/s", read_only=True),)}, "ro,nosuid,nodev,noexec,relatime"),
    ],
)
def test_a_tmpfs_is_shown_as_one(world: World, wanted: dict[str, Any], shown: str) -> None:
    container = start(world, **wanted)
    assert container.files is not None
    assert ("tmpfs", "/s", "tmpfs", shown) in mount_table(container.files)


def test_a_tmpfs_with_an_option_that_there_is_not_keeps_a_container_from_its_start(world: World) -> None:
    container = create(world, tmpfs={"/a": "", "/s": "1m"}, binds=("vol:/b",))
    with pytest.raises(errors.Failure, match='invalid tmpfs option "1m"'):
        world.engine.start(container)
    assert "volume" not in [one.type for one in world.engine.events.since(0) if one.action == "mount"]
    assert container.error == 'invalid tmpfs option "1m"'
