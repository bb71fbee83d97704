"""What a daemon gives the layers in front of its API, through the environ: its time, and what it knows of an object.

The layers know nothing of the engine; what they are told are plain values.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fakedocker.engine.engine import Engine
from fakedocker.engine.errors import DockerError
from fakedocker.runtime import Runtime

Described = dict[str, Any]


class DaemonClock:
    """The time of the daemon's engine, whichever it has now."""

    def __init__(self, runtime: Callable[[], Runtime]) -> None:
        self._runtime = runtime

    def now(self) -> float:
        """Return the present moment in unix seconds."""
        with self._runtime().engine() as engine:
            return engine.clock.now()

    def call_later(self, seconds: float, callback: Callable[[], None]) -> Callable[[], None]:
        """Call back when so many seconds have passed, with the engine's lock held; return what cancels it."""
        with self._runtime().engine() as engine:
            return engine.clock.call_later(seconds, callback).cancel


def describe(engine: Engine, kind: str, name: str) -> Described | None:
    """Return an object's `name`, `id`, `image` and `labels`; None if there is none of this name or id.

    `kind`: container, exec (of its container is told), image, network, volume. Of a container also its
    `anonymous_volumes`: their names.
    """
    describes = _DESCRIBES.get(kind)
    try:
        return describes(engine, name) if describes is not None else None
    except DockerError:
        return None


def _container(engine: Engine, name: str) -> Described:
    found = engine.containers.find(name)
    labels = dict(found.config.labels or {})
    volumes = [point.name for point in engine.mounts.of(found).values() if point.type == "volume"]
    return {
        "name": found.name,
        "id": found.id,
        "image": found.config.image,
        "labels": labels,
        "anonymous_volumes": [
            name for name in volumes if name in engine.volumes and engine.volumes.find(name).anonymous
        ],
    }


def _exec(engine: Engine, name: str) -> Described:
    return _container(engine, engine.execs.find(name).container.id)


def _image(engine: Engine, name: str) -> Described:
    found = engine.images.find(name)
    own = engine.images.repositories.names(found.id)
    shown = name if name in own or not own else own[0]
    labels = dict((found.config.labels if found.config else None) or {})
    return {"name": shown, "id": found.id, "image": shown, "labels": labels}


def _network(engine: Engine, name: str) -> Described:
    found = engine.networks.find(name)
    return {"name": found.name, "id": found.id, "image": "", "labels": dict(found.config.labels)}


def _volume(engine: Engine, name: str) -> Described:
    found = engine.volumes.find(name)
    return {"name": found.name, "id": found.name, "image": "", "labels": dict(found.labels or {})}


_DESCRIBES: dict[str, Callable[[Engine, str], Described]] = {
    "container": _container,
    "exec": _exec,
    "image": _image,
    "network": _network,
    "volume": _volume,
}
