"""Which containers a list shows, and which a prune removes (moby daemon/list.go, daemon/prune.go)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from fakedocker.engine import errors
from fakedocker.engine.containers.containers import Container
from fakedocker.engine.containers.lifecycle import State
from fakedocker.engine.filters import Filters

if TYPE_CHECKING:
    from fakedocker.engine.engine import Engine

LIST_FILTERS: Final = frozenset(
    {"ancestor", "before", "exited", "id", "isolation", "label", "name", "status", "health", "since", "volume"}
    | {"network", "is-task", "publish", "expose"}
)
PRUNE_FILTERS: Final = frozenset({"label", "label!", "until"})
STATES: Final = frozenset({"paused", "restarting", "removing", "running", "dead", "created", "exited"})
HEALTH: Final = frozenset({"none", "starting", "healthy", "unhealthy"})


def listed(engine: Engine, filters: Filters, *, everything: bool = False, limit: int = -1) -> list[Container]:
    """Return the containers that fit, newest first. Raises InvalidParameter, NotFound."""
    filters.refuse_others(LIST_FILTERS)
    _check_values(filters)
    everything = everything or limit > 0 or "status" in filters
    newest, oldest = _place(engine, filters, "before"), _place(engine, filters, "since")
    ancestors = _ancestors(engine, filters)
    found: list[Container] = []
    passed = newest is None
    for container in engine.containers:
        if container is oldest or len(found) == limit > 0:
            break
        if passed and (everything or container.running) and _fits(engine, container, filters, ancestors):
            found.append(container)
        passed = passed or container is newest
    return found


def _check_values(filters: Filters) -> None:
    for value in filters.values("status"):
        if value not in STATES:
            raise errors.invalid_filter(f"status={value}")
    for value in filters.values("health"):
        if value not in HEALTH:
            raise errors.unrecognised_health(value)
    for value in filters.values("exited"):
        if not value.lstrip("+-").isdecimal():
            raise errors.invalid_exited(value)
    for value in filters.values("is-task"):
        if value.lower() not in ("true", "false", "1", "0"):
            raise errors.invalid_filter(f"is-task=[{value}]")
    for key in ("publish", "expose"):
        for value in filters.values(key):
            number = value.partition("/")[0].partition("-")[0]
            if not number.isdecimal():
                raise errors.invalid_port_filter(value)


def _place(engine: Engine, filters: Filters, key: str) -> Container | None:
    place = None
    for value in filters.values(key):
        try:
            place = engine.containers.find(value)
        except errors.NotFound as error:
            raise error.formerly((1, 43), f"no such container {value}", errors.Failure) from None
    return place


def _ancestors(engine: Engine, filters: Filters) -> set[str] | None:
    """Return the images that a container may be of, None if any."""
    if "ancestor" not in filters:
        return None
    wanted: set[str] = set()
    for name in filters.values("ancestor"):
        try:
            wanted.add(engine.images.find(name).id)
        except errors.DockerError:
            continue
    return {
        image.id for image in engine.images if any(one.id in wanted for one in engine.images.history(image))
    } | wanted


def _fits(engine: Engine, container: Container, filters: Filters, ancestors: set[str] | None) -> bool:
    name = container.name
    if not (filters.match("name", name) or filters.match("name", f"/{name}")) or not filters.fuzzy("id", container.id):
        return False
    if ancestors is not None and container.image not in ancestors:
        return False
    if not filters.labels("label", container.config.labels or {}):
        return False
    if not filters.exact("status", "running" if container.state is State.GHOST else container.state.value):
        return False
    if not filters.exact("health", container.health.status if container.health else "none"):
        return False
    if "exited" in filters and not (
        container.exit_code in {int(value) for value in filters.values("exited")}
        and not container.running
        and container.started_at
    ):
        return False
    if "is-task" in filters and any(value.lower() in ("true", "1") for value in filters.values("is-task")):
        return False
    return _has_ports(engine, container, filters) and _is_connected(engine, container, filters)


def _has_ports(engine: Engine, container: Container, filters: Filters) -> bool:
    """Tell whether one of the ports that a container has while it runs is wanted."""
    if "publish" not in filters and "expose" not in filters:
        return True
    ports = engine.connections.sandbox(container).ports or {}
    outside = [f"{one.public}/{one.protocol}" for published in ports.values() for one in published]
    return any(
        _covers(value, port)
        for key, found in (("publish", outside), ("expose", list(ports)))
        for value in filters.values(key)
        for port in found
    )


def _covers(wanted: str, port: str) -> bool:
    numbers, _, protocol = wanted.partition("/")
    first, _, last = numbers.partition("-")
    number, _, kind = port.partition("/")
    return kind == (protocol or "tcp") and number.isdecimal() and int(first) <= int(number) <= int(last or first)


def _is_connected(engine: Engine, container: Container, filters: Filters) -> bool:
    if "network" in filters:
        names = set(engine.network_names(container))
        if not any(value in names for value in filters.values("network")):
            return False
    if "volume" in filters:
        places = set(engine.volume_names(container))
        if not any(value in places for value in filters.values("volume")):
            return False
    return True


def prunable(engine: Engine, filters: Filters) -> Iterator[Container]:
    """Yield the containers that a prune removes. Raises InvalidParameter."""
    filters.refuse_others(PRUNE_FILTERS)
    until = filters.until(engine.clock.now())
    for container in engine.containers:
        labels = container.config.labels or {}
        if container.running or not filters.labels("label", labels) or not filters.labels_unlike(labels):
            continue
        if until is None or container.created <= until:
            yield container
