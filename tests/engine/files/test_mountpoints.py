"""Places in a container's tree: what can be asked for, and what it means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from fakedocker.engine import errors
from fakedocker.engine.containers.config import Config
from fakedocker.engine.containers.hostconfig import HostConfig, Mount
from fakedocker.engine.files.mountpoints import MountPoint, from_mount, parse_bind, wanted


def nobody(name: str) -> Mapping[str, MountPoint]:
    raise errors.no_such_container(name)


def places(volumes: tuple[str, ...] = (), **host: Any) -> dict[str, MountPoint]:
    return by_path(wanted(Config(volumes={path: {} for path in volumes}), HostConfig(**host), nobody))


def by_path(points: Iterable[MountPoint]) -> dict[str, MountPoint]:
    return {point.destination: point for point in points}


def refused(**host: Any) -> str:
    with pytest.raises(errors.DockerError) as refusal:
        places(**host)
    return f"{type(refusal.value).__name__}: {refusal.value}"


@pytest.mark.parametrize(
    ("text", "point"),
    [
        ("data:/a", MountPoint("volume", "/a", name="data", mode="z")),
        ("data:/a:rw", MountPoint("volume", "/a", name="data", mode="rw")),
        ("data:/a:ro,z", MountPoint("volume", "/a", name="data", mode="ro,z", read_only=True)),
        ("data:/a:nocopy", MountPoint("volume", "/a", name="data", mode="nocopy", copies=False)),
        ("/a", MountPoint("volume", "/a", mode="z")),
        ("/srv:/a", MountPoint("bind", "/a", "/srv", propagation="rprivate")),
        ("/srv:/a:ro", MountPoint("bind", "/a", "/srv", mode="ro", read_only=True, propagation="rprivate")),
        ("/srv:/a:rshared", MountPoint("bind", "/a", "/srv", mode="rshared", propagation="rshared")),
        ("/srv/z/../w:/h/../i/", MountPoint("bind", "/i", "/srv/w", propagation="rprivate")),
        ("/srv:/a:cached", MountPoint("bind", "/a", "/srv", mode="cached", propagation="rprivate")),
    ],
)
def test_a_bind_is_read(text: str, point: MountPoint) -> None:
    assert parse_bind(text) == point


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "invalid volume specification: ''"),
        (":/b", "invalid volume specification: ':/b'"),
        ("a:", "invalid volume specification: 'a:'"),
        ("a:b:c:d", "invalid volume specification: 'a:b:c:d'"),
        ("data:/b:nonsense", "invalid mode: nonsense"),
        ("data:/b:ro,rw", "invalid mode: ro,rw"),
        ("data:/b:z,Z", "invalid mode: z,Z"),
        (
            "data:/",
            "invalid volume specification: 'data:/': invalid mount config for type \"volume\": "
            "invalid specification: destination can't be '/'",
        ),
        (
            "data:b",
            "invalid volume specification: 'data:b': invalid mount config for type \"volume\": "
            "invalid mount path: 'b' mount path must be absolute",
        ),
        (
            "data:/b:rshared",
            "invalid volume specification: 'data:/b:rshared': invalid mount config for type \"volume\": "
            "field BindOptions must not be specified",
        ),
        (
            "/srv:/b:nocopy",
            "invalid volume specification: '/srv:/b:nocopy': invalid mount config for type \"bind\": "
            "field VolumeOptions must not be specified",
        ),
    ],
)
def test_a_bind_that_is_none_is_refused(text: str, problem: str) -> None:
    assert refused(binds=(text,)) == f"Failure: {problem}"


def test_a_mount_says_the_same_in_members() -> None:
    assert from_mount(Mount("bind", "/a", "/srv", read_only=True)) == MountPoint(
        "bind", "/a", "/srv", read_only=True, propagation="rprivate"
    )
    assert from_mount(Mount("tmpfs", "/a")) == MountPoint("tmpfs", "/a")
    options = {
        "VolumeOptions": {
            "NoCopy": True,
            "Labels": {"x": "y"},
            "DriverConfig": {"Name": "local", "Options": {"type": "tmpfs"}},
            "Subpath": "part",
        }
    }
    assert from_mount(Mount("volume", "/a", "data", options=options)) == MountPoint(
        "volume",
        "/a",
        name="data",
        driver="local",
        mode="z",
        copies=False,
        subpath="part",
        labels={"x": "y"},
        options={"type": "tmpfs"},
    )


@pytest.mark.parametrize(
    ("mount", "problem"),
    [
        (Mount("nonsense", "/a"), "mount type unknown"),
        (Mount("", "/a"), "mount type unknown"),
        (Mount("volume", ""), "field Target must not be empty"),
        (Mount("volume", "/", "data"), "invalid specification: destination can't be '/'"),
        (Mount("volume", "a", "data"), "invalid mount path: 'a' mount path must be absolute"),
        (Mount("volume", "/a", read_only=True), "must not set ReadOnly mode when using anonymous volumes"),
        (Mount("bind", "/a"), "field Source must not be empty"),
        (Mount("bind", "/a", "rel"), "invalid mount path: 'rel' mount path must be absolute"),
        (Mount("bind", "/a", "/b", options={"BindOptions": {"Propagation": "x"}}), "invalid propagation mode: x"),
        (Mount("tmpfs", "/a", "x"), "field Source must not be specified"),
        (
            Mount("volume", "/a", "data", options={"VolumeOptions": {"Subpath": "../x"}}),
            "subpath must be a relative path within the volume",
        ),
    ],
)
def test_a_mount_that_makes_no_sense_is_refused(mount: Mount, problem: str) -> None:
    assert refused(mounts=(mount,)) == f'InvalidParameter: invalid mount config for type "{mount.type}": {problem}'


def test_options_of_another_type_are_refused() -> None:
    mount = Mount("bind", "/a", "/srv", options={"VolumeOptions": {"NoCopy": True}})
    assert refused(mounts=(mount,)) == 'InvalidParameter: VolumeOptions must not be specified on mount type "bind"'


def test_no_path_is_there_twice() -> None:
    assert refused(binds=("data:/b", "/srv:/b/")) == "InvalidParameter: Duplicate mount point: /b"
    both = {"binds": ("data:/a",), "mounts": (Mount("volume", "/a", "other"),)}
    assert refused(**both) == "InvalidParameter: Duplicate mount point: /a"


def test_volumes_of_the_image_come_where_nothing_else_is() -> None:
    found = places(("/a", "/z/"), binds=("data:/a",), volume_driver="local")
    assert [(point.destination, point.name) for point in found.values()] == [("/a", "data"), ("/z", "")]
    assert found["/z"].mode == ""


def test_a_tmpfs_by_its_path_is_not_shown() -> None:
    found = places(tmpfs={"/t": "size=1m", "/u": "ro"})
    assert [(point.type, point.hidden, point.read_only) for point in found.values()] == [
        ("tmpfs", True, False),
        ("tmpfs", True, True),
    ]
    assert refused(tmpfs={"rel": ""}) == "InvalidParameter: invalid mount path: 'rel' mount path must be absolute"


def test_volumes_of_another_container_come_with_their_places() -> None:
    theirs = {"/a": MountPoint("volume", "/a", name="data"), "/t": MountPoint("tmpfs", "/t", hidden=True)}
    found = by_path(wanted(Config(), HostConfig(volumes_from=("web:ro",), binds=("more:/b",)), lambda name: theirs))
    assert {path: (point.name, point.read_only) for path, point in found.items()} == {
        "/a": ("data", True),
        "/b": ("more", False),
    }


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "volumes-from specification cannot be an empty string"),
        ("a:nonsense", "invalid mode: nonsense"),
        ("a:b:c", "invalid mode: b:c"),
        ("nobody", "No such container: nobody"),
    ],
)
def test_volumes_of_nobody_are_refused(text: str, problem: str) -> None:
    assert refused(volumes_from=(text,)) == f"InvalidParameter: {problem}"


def test_a_place_without_volume_cannot_be_taken_over() -> None:
    theirs = {"/d": MountPoint("tmpfs", "/d")}
    with pytest.raises(errors.NotFound, match=r"^get: no such volume$"):
        by_path(wanted(Config(), HostConfig(volumes_from=("web",)), lambda name: theirs))
