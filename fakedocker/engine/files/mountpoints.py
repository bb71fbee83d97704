"""Places in a container's tree where something else is seen: what can be asked for (moby volume/mounts).

Binds say it in one word ("/host:/container:ro", "volume:/container"), mounts in members. Both, and the volumes of other
containers, and those that an image has, make one list; no path may be in it twice.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from fakedocker.engine import errors
from fakedocker.engine.containers.config import Config
from fakedocker.engine.containers.hostconfig import HostConfig, Mount
from fakedocker.engine.files import tmpfs

Kind = Literal["bind", "volume", "tmpfs"]
PROPAGATIONS = frozenset({"private", "rprivate", "slave", "rslave", "shared", "rshared"})
DEFAULT_PROPAGATION = "rprivate"
#: What a bind's last word may be made of, at most one of each.
_MODES = (
    frozenset({"ro", "rw"}),
    frozenset({"z", "Z"}),
    PROPAGATIONS,
    frozenset({"nocopy"}),
    frozenset({"consistent", "cached", "delegated", "default"}),
)
#: Which options go with which type of mount.
_OPTIONS = {"BindOptions": "bind", "VolumeOptions": "volume", "TmpfsOptions": "tmpfs"}


@dataclass(frozen=True, slots=True)
class MountPoint:
    """One place. `source`: the host's path; `name`: a volume, "" one that is still to be made up.

    `copies`: whether a volume that is empty is given what the image has there. `subpath`: the part of a volume that is
    seen. `labels` and `options` are for a volume that has to be made.
    """

    type: Kind
    destination: str
    source: str = ""
    name: str = ""
    driver: str = ""
    mode: str = ""
    read_only: bool = False
    propagation: str = ""
    copies: bool = True
    subpath: str = ""
    labels: Mapping[str, str] | None = None
    options: Mapping[str, str] | None = None
    #: The options of a tmpfs.
    tmpfs: str = ""
    #: Whether the place is left to itself when it is a tmpfs that nobody shows (`HostConfig.Tmpfs`).
    hidden: bool = False


def wanted(
    config: Config, host: HostConfig, mounts_of: Callable[[str], Mapping[str, MountPoint]]
) -> Iterator[MountPoint]:
    """Yield the places of a container that is to be created; of two at one path the later one counts.

    Whoever makes volumes of them has made some when a later place is refused, as the daemon has. `mounts_of` knows the
    places of another container. Raises InvalidParameter, NotFound, Failure.
    """
    for path in host.tmpfs or ():
        if not path.startswith("/"):
            raise errors.relative_mount_path(path)
    for text in host.volumes_from or ():
        yield from _from_container(text, mounts_of)
    taken: set[str] = set()
    for point in _asked_for(host):
        if point.destination in taken:
            raise errors.duplicate_mount_point(point.destination)
        taken.add(point.destination)
        yield point
    for path, options in (host.tmpfs or {}).items():
        if _cleaned(path) not in taken:
            taken.add(_cleaned(path))
            read_only = "ro" in options.split(",")
            yield MountPoint("tmpfs", _cleaned(path), read_only=read_only, tmpfs=options, hidden=True)
    for path in config.volumes or ():
        if _cleaned(path) not in taken | {"/"}:
            yield MountPoint("volume", _cleaned(path), driver=host.volume_driver)


def _asked_for(host: HostConfig) -> Iterator[MountPoint]:
    for text in host.binds or ():
        yield parse_bind(text, host.volume_driver)
    for mount in host.mounts or ():
        yield from_mount(mount)


def parse_bind(text: str, driver: str = "") -> MountPoint:
    """Return the place that a bind means. Raises Failure."""
    words = text.split(":")
    if len(words) > 3 or "" in words:
        raise errors.invalid_volume_specification(text)
    source, target, mode = (words[0], words[1], words[2]) if len(words) == 3 else (*words, "", "")[:3]
    if len(words) == 1:
        source, target = "", words[0]
    modes = mode.split(",") if mode else []
    if any(sum(one in kind for one in modes) > 1 for kind in _MODES) or set(modes) - frozenset().union(*_MODES):
        raise errors.invalid_mode(mode)
    kind: Kind = "bind" if source.startswith("/") else "volume"
    propagation = next((one for one in modes if one in PROPAGATIONS), "")
    try:
        _check_target(kind, target)
        if propagation and kind == "volume":
            raise errors.invalid_mount_config(kind, "field BindOptions must not be specified")
        if "nocopy" in modes and kind == "bind":
            raise errors.invalid_mount_config(kind, "field VolumeOptions must not be specified")
    except errors.InvalidParameter as error:
        raise errors.invalid_volume_specification(text, str(error)) from None
    common = MountPoint(kind, _cleaned(target), mode=mode, read_only="ro" in modes)
    if kind == "bind":
        return replace(common, source=_cleaned(source), propagation=propagation or DEFAULT_PROPAGATION)
    # Who says nothing of a mode has a volume labelled for sharing.
    return replace(common, name=source, driver=driver, mode=mode or "z", copies="nocopy" not in modes)


def from_mount(mount: Mount) -> MountPoint:
    """Return the place that a mount means. Raises InvalidParameter."""
    kind = mount.type
    if kind not in ("bind", "volume", "tmpfs"):
        raise errors.invalid_mount_config(kind, "mount type unknown")
    for option, only in _OPTIONS.items():
        if mount.options.get(option) and only != kind:
            raise errors.option_of_other_mount(option, kind)
    if not mount.target:
        raise errors.invalid_mount_config(kind, "field Target must not be empty")
    _check_target(kind, mount.target)
    common = MountPoint(
        "bind" if kind == "bind" else "volume" if kind == "volume" else "tmpfs",
        _cleaned(mount.target),
        read_only=mount.read_only,
    )
    if kind == "bind":
        return _bind(mount, common)
    if kind == "tmpfs":
        if mount.source:
            raise errors.invalid_mount_config(kind, "field Source must not be specified")
        return replace(common, tmpfs=tmpfs.options_of(mount.options.get("TmpfsOptions") or {}, mount.read_only))
    return _volume(mount, common)


def _bind(mount: Mount, point: MountPoint) -> MountPoint:
    options: Mapping[str, Any] = mount.options.get("BindOptions") or {}
    if not mount.source:
        raise errors.invalid_mount_config(mount.type, "field Source must not be empty")
    propagation = options.get("Propagation") or ""
    if propagation and propagation not in PROPAGATIONS:
        raise errors.invalid_mount_config(mount.type, f"invalid propagation mode: {propagation}")
    if not mount.source.startswith("/"):
        raise errors.invalid_mount_config(mount.type, str(errors.relative_mount_path(mount.source)))
    return replace(point, source=_cleaned(mount.source), propagation=propagation or DEFAULT_PROPAGATION)


def _volume(mount: Mount, point: MountPoint) -> MountPoint:
    options: Mapping[str, Any] = mount.options.get("VolumeOptions") or {}
    driver: Mapping[str, Any] = options.get("DriverConfig") or {}
    if not mount.source and mount.read_only:
        raise errors.invalid_mount_config(mount.type, "must not set ReadOnly mode when using anonymous volumes")
    subpath = options.get("Subpath") or ""
    if subpath.startswith("/") or ".." in subpath.split("/"):
        raise errors.invalid_mount_config(mount.type, "subpath must be a relative path within the volume")
    return replace(
        point,
        name=mount.source,
        driver=driver.get("Name") or "",
        mode="z",
        copies=not options.get("NoCopy"),
        subpath=subpath,
        labels=options.get("Labels"),
        options=driver.get("Options"),
    )


def _from_container(text: str, mounts_of: Callable[[str], Mapping[str, MountPoint]]) -> Iterator[MountPoint]:
    if not text:
        raise errors.empty_volumes_from()
    name, colon, mode = text.partition(":")
    if colon and mode not in ("ro", "rw", "z", "Z", "ro,z", "rw,z", "ro,Z", "rw,Z"):
        raise errors.invalid_volumes_from_mode(mode)
    try:
        places = mounts_of(name)
    except errors.NotFound as error:
        raise errors.no_container_of_volumes(error) from None
    if any(point.type == "tmpfs" and not point.hidden for point in places.values()):
        raise errors.no_such_volume("")  # the daemon looks for the volume that such a place is not
    for point in places.values():
        if not point.hidden:
            read_only = point.read_only or "ro" in mode.split(",")
            yield replace(point, mode=mode or point.mode, read_only=read_only, copies=False)


def _check_target(kind: str, target: str) -> None:
    if _cleaned(target) == "/":
        raise errors.invalid_mount_config(kind, str(errors.root_as_destination()))
    if not target.startswith("/"):
        raise errors.invalid_mount_config(kind, str(errors.relative_mount_path(target)))


def _cleaned(path: str) -> str:
    cleaned = posixpath.normpath("/" + path)
    return cleaned[1:] if cleaned.startswith("//") else cleaned
