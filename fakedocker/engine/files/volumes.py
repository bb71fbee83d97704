"""Volumes: trees of files that outlive containers, and who uses which (moby volume/service, volume/local).

A volume is in use from the creation of a container that mounts it to that container's removal.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from fakedocker.engine import errors
from fakedocker.engine.events import Events
from fakedocker.engine.files.files import Files
from fakedocker.engine.filters import NO, YES, Filters
from fakedocker.engine.profiles import Profile

LOCAL = "local"
#: Where a volume is below the daemon's own directory.
PLACE = "volumes/{name}/_data"
#: By what a volume is known that nobody gave a name (since API 1.42).
ANONYMOUS_LABEL = "com.docker.volume.anonymous"
#: Since 24.0 (API 1.43) a filter is true or false; before, who said both meant true.
ONE_TRUTH = (1, 43)
ANONYMOUS_MARKED = ONLY_ANONYMOUS_PRUNED = (1, 42)
_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]+")
#: What the driver `local` can be told, and what has to be said with it.
OPTIONS: Mapping[str, tuple[str, ...]] = {"type": ("device",), "device": ("type",), "o": ("device", "type"), "size": ()}


@dataclass(eq=False)
class Volume:
    """A volume. `labels` and `options` None: nobody spoke of them. `created`: unix seconds. `users`: container ids."""

    name: str
    created: float
    mountpoint: str
    files: Files
    driver: str = LOCAL
    labels: Mapping[str, str] | None = None
    options: Mapping[str, str] | None = None
    anonymous: bool = False
    scope: str = "local"
    users: dict[str, None] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """What it holds, in bytes."""
        return sum(inode.size for _, inode in self.files.walk() if inode.is_file)


class Volumes:
    """All volumes of a daemon. `new_tree`: makes the files of one; told the path of the host that it is, or ""."""

    def __init__(
        self,
        profile: Profile,
        new_name: Callable[[], str],
        now: Callable[[], float],
        events: Events,
        new_tree: Callable[[str], Files],
    ) -> None:
        self._profile = profile
        self._new_name = new_name
        self._now = now
        self._events = events
        self._new_tree = new_tree
        self._volumes: dict[str, Volume] = {}

    def __iter__(self) -> Iterator[Volume]:
        """Yield the volumes, oldest first."""
        return iter(list(self._volumes.values()))

    def __len__(self) -> int:
        return len(self._volumes)

    def __contains__(self, name: object) -> bool:
        return name in self._volumes

    def find(self, name: str) -> Volume:
        """Return the volume of a name. Raises NotFound."""
        try:
            return self._volumes[name]
        except KeyError:
            raise errors.no_such_volume(name) from None

    def create(
        self,
        name: str = "",
        *,
        driver: str = "",
        options: Mapping[str, str] | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> Volume:
        """Return the volume of a name, a new one if there is none; "" makes a name up.

        Raises InvalidParameter (name, options), NotFound (the driver).
        """
        anonymous = not name
        if anonymous:
            name = self._new_name()
            if self._profile.newest >= ANONYMOUS_MARKED:
                labels = {**(labels or {}), ANONYMOUS_LABEL: ""}
        if driver not in ("", LOCAL):
            raise errors.no_volume_plugin("create", name, driver)
        found = self._volumes.get(name)
        if found is None:
            _check(name, options or {})
            found = self._add(name, labels, options, anonymous)
        elif self._profile.newest >= ANONYMOUS_MARKED:
            return found
        self.tell(found, "create")
        return found

    def adopt(self, name: str, files: Files, container_id: str) -> None:
        """Note that a container uses a tree as the volume of a name, which may be a new one."""
        if name not in self._volumes:
            self._add(name, None, None, True).files = files
        self._volumes[name].users[container_id] = None

    def remove(self, name: str, *, force: bool = False) -> None:
        """Remove a volume; with `force` one that is not there will do. Raises NotFound, Conflict (it is in use)."""
        volume = self._volumes.get(name)
        if volume is None:
            if force:
                return
            raise errors.no_such_volume(name)
        if volume.users:
            raise errors.volume_in_use(name, volume.users)
        del self._volumes[name]
        self.tell(volume, "destroy")

    def leave(self, container_id: str, *, anonymous: bool = False) -> None:
        """A container is no more; with `anonymous` go its volumes without a name that nobody else uses."""
        for volume in self:
            if container_id in volume.users:
                del volume.users[container_id]
                if anonymous and volume.anonymous and not volume.users:
                    self.remove(volume.name)

    def select(self, filters: Filters) -> list[Volume]:
        """Return the volumes that filters let pass, by name. Raises InvalidParameter."""
        filters.refuse_others(("dangling", "name", "driver", "label"))
        dangling = self._dangling(filters)
        return sorted(
            (
                volume
                for volume in self
                if filters.match("name", volume.name)
                and filters.exact("driver", volume.driver)
                and filters.labels("label", volume.labels or {})
                and (dangling is None or dangling is not bool(volume.users))
            ),
            key=lambda volume: volume.name,
        )

    def prune(self, filters: Filters, *, named: bool) -> tuple[list[str], int]:
        """Remove volumes that nobody uses and filters let pass; return their names and how many bytes are free now.

        `named`: whether those go, too, that somebody gave a name, whatever the filter `all` says. Raises
        InvalidParameter.
        """
        knows_all = self._profile.newest >= ONLY_ANONYMOUS_PRUNED
        filters.refuse_others(("label", "label!", *(("all",) if knows_all else ())))
        named = _all(filters) or named
        removed, size = [], 0
        for volume in self:
            labels = volume.labels or {}
            chosen = filters.labels("label", labels) and filters.labels_unlike(labels)
            if chosen and not volume.users and (named or volume.anonymous):
                removed.append(volume.name)
                size += volume.size
                self.remove(volume.name)
        self._events.emit("volume", "prune", "", {"reclaimed": str(size)})
        return removed, size

    def tell(self, volume: Volume, action: str, **more: str) -> None:
        """Emit an event about a volume."""
        self._events.emit("volume", action, volume.name, {"driver": volume.driver, **more})

    def _dangling(self, filters: Filters) -> bool | None:
        """Return whether volumes that nobody uses are wanted, or those that somebody does. Raises InvalidParameter."""
        if "dangling" not in filters:
            return None
        values = filters.values("dangling")
        valid = bool(values) and set(values) <= YES | NO
        if not valid or (len(values) > 1 and self._profile.newest >= ONE_TRUTH):
            raise errors.invalid_truth("dangling", values)
        return bool(set(values) & YES)

    def _add(
        self, name: str, labels: Mapping[str, str] | None, options: Mapping[str, str] | None, anonymous: bool
    ) -> Volume:
        given = options or {}
        source = given.get("device", "") if "bind" in given.get("o", "").split(",") else ""
        volume = Volume(
            name,
            self._now(),
            f"{self._profile.root}/{PLACE.format(name=name)}",
            self._new_tree(source),
            labels=labels,
            options=options,
            anonymous=anonymous,
        )
        self._volumes[name] = volume
        return volume


def _check(name: str, options: Mapping[str, str]) -> None:
    """See whether the driver `local` takes a name and options. Raises InvalidParameter."""
    if len(name) < 2:
        raise errors.volume_name_too_short(name)
    if not _NAME.fullmatch(name):
        raise errors.invalid_volume_name(name)
    for option in options:
        if option not in OPTIONS:
            raise errors.invalid_volume_option(name, option)
    for option, needed in OPTIONS.items():
        for other in needed if option in options else ():
            if other not in options:
                raise errors.missing_volume_option(name, other)


def _all(filters: Filters) -> bool:
    """Tell whether volumes with a name are meant, too. Raises InvalidParameter."""
    values = filters.values("all")
    if not values:
        return False
    if len(values) > 1 or values[0] not in YES | NO:
        problem = f'strconv.ParseBool: parsing "{values[0]}": invalid syntax'
        raise errors.invalid_filter_value("all", problem)
    return values[0] in YES
