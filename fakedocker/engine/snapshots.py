"""Snapshots: all that a daemon knows at a moment, kept so that an engine that has nothing yet can begin with it.

What cannot change is shared with the daemon it was taken of, images and their layers above all; the layer that a
container has changed, and what is in volumes, is copied. A program cannot be copied while it runs: a container that ran
runs its command from the beginning again. Its network gives it an address anew, the host a random port.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fakedocker.engine.accounts import Login
from fakedocker.engine.containers.config import Config
from fakedocker.engine.containers.containers import Container
from fakedocker.engine.containers.forcing import FORCES
from fakedocker.engine.containers.hostconfig import HostConfig
from fakedocker.engine.containers.lifecycle import State
from fakedocker.engine.containers.output import Chunk
from fakedocker.engine.engine import Engine
from fakedocker.engine.files.files import Files
from fakedocker.engine.files.layers import Layer, Space
from fakedocker.engine.images.images import Image
from fakedocker.engine.networks.endpoints import EndpointSettings
from fakedocker.engine.networks.networks import NetworkConfig
from fakedocker.engine.processes.init import Init

#: States in which a command runs.
RUNNING = (State.RUNNING, State.PAUSED, State.GHOST)


@dataclass(frozen=True, slots=True)
class _Tree:
    """The files of a volume, or of a path of the host."""

    layers: tuple[Layer, ...]
    top: Layer

    @classmethod
    def of(cls, files: Files) -> _Tree:
        return cls(files.layers, files.top.copy())

    def files(self, engine: Engine) -> Files:
        return Files(self.layers, self.top.copy(), engine.clock.now, space=Space(disk=engine.disk))


@dataclass(frozen=True, slots=True)
class _Volume:
    name: str
    created: float
    labels: Mapping[str, str] | None
    options: Mapping[str, str] | None
    anonymous: bool
    tree: _Tree


@dataclass(frozen=True, slots=True)
class _Network:
    id: str
    created: float
    config: NetworkConfig
    predefined: bool


@dataclass(frozen=True, slots=True)
class _Container:
    id: str
    created: float
    name: str
    image: str
    config: Config
    host_config: HostConfig
    init: Init
    networks: Mapping[str, EndpointSettings]
    volumes: Mapping[str, str]
    layer: Layer | None
    log: tuple[Chunk, ...]
    state: State
    exit_code: int
    oom_killed: bool
    error: str
    started_at: float
    finished_at: float
    restarts: int
    stopped_by_hand: bool


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A world; `now`: when it was taken, in unix seconds of its daemon. `name`: what its taker calls it."""

    name: str
    now: float
    _images: tuple[Image, ...]
    _tags: tuple[tuple[str, str, str], ...]
    _digests: tuple[tuple[str, str, str], ...]
    _networks: tuple[_Network, ...]
    _volumes: tuple[_Volume, ...]
    _host: Mapping[str, _Tree]
    _containers: tuple[_Container, ...]
    _login: Login

    def __repr__(self) -> str:
        return f"<snapshot {self.name!r}: {len(self._containers)} containers, {len(self._images)} images>"

    def populate(self, engine: Engine) -> None:
        """Set up the world in an engine that has nothing yet. Raises DockerError if it plays an older daemon."""
        for image in self._images:
            engine.images.add(image)
        for tag in self._tags:
            engine.images.repositories.put(*tag)
        for digest in self._digests:
            engine.images.repositories.put_digest(*digest)
        for network in self._networks:
            if network.predefined:
                engine.networks.identify(network.config.name, network.id)
            else:
                engine.networks.create(network.config, identity=network.id, created=network.created)
        for volume in self._volumes:
            made = engine.volumes.create(volume.name, labels=volume.labels, options=volume.options)
            made.created, made.anonymous, made.files = volume.created, volume.anonymous, volume.tree.files(engine)
        for source, tree in self._host.items():
            engine.host_trees.put(source, tree.files(engine))
        engine.accounts.login = self._login
        for container in self._containers:
            _settle(engine, container)
        engine.events.forget()


def take(engine: Engine, name: str = "") -> Snapshot:
    """Take a snapshot of all that an engine knows; its world outside is not part of it."""
    repositories = engine.images.repositories
    names = {repository for repository, _, _ in repositories} | set(repositories.with_digests)
    return Snapshot(
        name,
        engine.clock.now(),
        tuple(engine.images),
        tuple(repositories),
        tuple((one, digest, identity) for one in names for digest, identity in repositories.digests(one).items()),
        tuple(_Network(one.id, one.created, one.config, one.predefined) for one in engine.networks),
        tuple(
            _Volume(one.name, one.created, one.labels, one.options, one.anonymous, _Tree.of(one.files))
            for one in engine.volumes
        ),
        {source: _Tree.of(files) for source, files in engine.host_trees.written()},
        tuple(_kept(engine, one) for one in reversed([*engine.containers])),
        engine.accounts.login,
    )


def _kept(engine: Engine, container: Container) -> _Container:
    sandbox = engine.connections.sandbox(container)
    points = engine.mounts.of(container).values()
    return _Container(
        id=container.id,
        created=container.created,
        name=container.name,
        image=container.image,
        config=container.config,
        host_config=container.host_config,
        init=container.init,
        networks={endpoint.network_name: endpoint.settings for endpoint in sandbox.endpoints.values()},
        volumes={point.destination: point.name for point in points if point.type == "volume"},
        layer=container.layer.copy() if container.layer is not None else None,
        log=tuple(container.log),
        state=container.state,
        exit_code=container.exit_code,
        oom_killed=container.oom_killed,
        error=container.error,
        started_at=container.started_at,
        finished_at=container.finished_at,
        restarts=container.restarts,
        stopped_by_hand=container.stopped_by_hand,
    )


def _settle(engine: Engine, kept: _Container) -> None:
    container = engine.create(
        kept.config,
        engine.images.get(kept.image),
        name=kept.name,
        host_config=kept.host_config,
        init=kept.init,
        networks=kept.networks or None,
        identity=kept.id,
        created=kept.created,
        volumes=kept.volumes,
    )
    if kept.layer is not None:
        container.layer, container.files = kept.layer.copy(), None
        engine.mount(container)
    for chunk in kept.log:
        container.log.write(chunk.channel, chunk.time, chunk.data)
    if kept.state in RUNNING:
        engine.start(container)
    elif kept.state is not State.CREATED:
        engine.restore(
            container,
            State.EXITED,
            exit_code=kept.exit_code,
            started_at=kept.started_at,
            finished_at=kept.finished_at,
        )
    if kept.state not in (State.CREATED, State.RUNNING, State.EXITED):
        FORCES[kept.state.value](engine, container)
    container.oom_killed, container.error = kept.oom_killed, kept.error
    container.restarts, container.stopped_by_hand = kept.restarts, kept.stopped_by_hand
