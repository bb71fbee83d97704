"""Volumes and places in containers as they are shown."""

from __future__ import annotations

from fakedocker.api.modern.views import volumes as views
from fakedocker.engine.files.files import Files
from fakedocker.engine.files.layers import Layer
from fakedocker.engine.files.mountpoints import MountPoint
from fakedocker.engine.files.volumes import Volume


def test_a_volume_has_its_members_in_the_order_of_the_daemon() -> None:
    files = Files([], Layer(), lambda: 0.0)
    volume = Volume("data", 1136073600.75, "/place", files, labels={"z": "1", "a": "2"})
    assert list(views.volume(volume).items()) == [
        ("CreatedAt", "2006-01-01T00:00:00Z"),
        ("Driver", "local"),
        ("Labels", {"a": "2", "z": "1"}),
        ("Mountpoint", "/place"),
        ("Name", "data"),
        ("Options", None),
        ("Scope", "local"),
    ]


def test_a_bind_has_no_name_and_no_driver() -> None:
    point = MountPoint("bind", "/a", "/srv", mode="ro", read_only=True, propagation="rprivate")
    assert list(views.mount_point(point).items()) == [
        ("Type", "bind"),
        ("Source", "/srv"),
        ("Destination", "/a"),
        ("Mode", "ro"),
        ("RW", False),
        ("Propagation", "rprivate"),
    ]


def test_a_volume_in_its_place_has_both() -> None:
    point = MountPoint("volume", "/a", "/place", "data", "local", "z")
    assert views.mount_point(point) == {
        "Type": "volume",
        "Name": "data",
        "Source": "/place",
        "Destination": "/a",
        "Driver": "local",
        "Mode": "z",
        "RW": True,
        "Propagation": "",
    }
