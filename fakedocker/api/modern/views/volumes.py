"""Volumes, and the places where containers see them, as today's API shows them."""

from __future__ import annotations

from typing import Any

from fakedocker.api.modern.views.times import timestamp
from fakedocker.engine.files.mountpoints import MountPoint
from fakedocker.engine.files.volumes import Volume


def volume(value: Volume) -> dict[str, Any]:
    """Return a volume as it is inspected and listed."""
    return {
        "CreatedAt": timestamp(int(value.created)),
        "Driver": value.driver,
        "Labels": None if value.labels is None else dict(sorted(value.labels.items())),
        "Mountpoint": value.mountpoint,
        "Name": value.name,
        "Options": None if value.options is None else dict(sorted(value.options.items())),
        "Scope": value.scope,
    }


def used(value: Volume) -> dict[str, Any]:
    """Return a volume with what is in it and how many containers have it."""
    members = volume(value)
    members["UsageData"] = {"RefCount": len(value.users), "Size": value.size}
    return dict(sorted(members.items()))


def mount_point(point: MountPoint) -> dict[str, Any]:
    """Return a place in a container, `Mounts[]`."""
    members: dict[str, Any] = {"Type": point.type}
    if point.name:
        members["Name"] = point.name
    members |= {"Source": point.source, "Destination": point.destination}
    if point.driver:
        members["Driver"] = point.driver
    return members | {"Mode": point.mode, "RW": not point.read_only, "Propagation": point.propagation}
