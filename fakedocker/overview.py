"""What there is at a daemon, in a few words of JSON: for whoever looks at it from outside, and for its status page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fakedocker.engine.containers.containers import Container
from fakedocker.engine.engine import Engine
from fakedocker.engine.events import Happening


def overview(engine: Engine) -> dict[str, Any]:
    """Return the containers (newest first), images, networks and volumes."""
    return {
        "profile": engine.profile.name,
        "containers": [_container(engine, one) for one in engine.containers],
        "images": [{"id": image.id, "names": engine.images.repositories.names(image.id)} for image in engine.images],
        "networks": [one.name for one in engine.networks],
        "volumes": [one.name for one in engine.volumes],
    }


def _container(engine: Engine, container: Container) -> dict[str, Any]:
    return {
        "id": container.id,
        "name": container.name,
        "image": container.config.image,
        "state": container.state.value,
        "exit_code": container.exit_code,
        "health": container.health.status if container.health is not None else "",
        "since": _since(container),
        "ports": _ports(engine, container),
    }


def _since(container: Container) -> float:
    """Return since when a container has been what it is, in unix seconds."""
    return (container.started_at if container.running else container.finished_at) or container.created


def _ports(engine: Engine, container: Container) -> list[str]:
    """Return the ports as lists show them: `127.0.0.1:8080->80/tcp`, or `80/tcp` if nothing leads there."""
    told: list[str] = []
    for port, published in sorted((engine.connections.sandbox(container).ports or {}).items()):
        told += [f"{one.host_ip}:{one.public}->{one.private}/{one.protocol}" for one in published] or [port]
    return told


def happenings(engine: Engine) -> Sequence[dict[str, Any]]:
    """Return the events that are still known, oldest first."""
    return [happening(one) for one in engine.events.since(0)]


def happening(one: Happening) -> dict[str, Any]:
    """Return one event."""
    told = {"type": one.type, "action": one.action, "actor": one.actor}
    return {**told, "attributes": dict(one.attributes), "time": one.time, "number": one.number}
