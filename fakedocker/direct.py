"""The engine in a test's own hand: the verbs of Docker without HTTP, for setting up and for looking.

Every method takes a container, or a name as the API takes it, holds the lock while it works and waits where Docker
waits. What is returned are the engine's own objects: to be looked at, not to be changed.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from fakedocker.engine.builds.builder import BuildOptions, build_image
from fakedocker.engine.builds.dockerignore import NAME as DOCKERIGNORE
from fakedocker.engine.builds.dockerignore import Ignored
from fakedocker.engine.containers import creation, execs
from fakedocker.engine.containers.config import Config
from fakedocker.engine.containers.containers import Container
from fakedocker.engine.containers.forcing import force
from fakedocker.engine.containers.hostconfig import HostConfig
from fakedocker.engine.containers.output import Channel
from fakedocker.engine.containers.translation import exposing, translated
from fakedocker.engine.engine import Engine
from fakedocker.engine.errors import DockerError
from fakedocker.engine.events import Happening
from fakedocker.engine.files.binds import Bind
from fakedocker.engine.files.content import Content
from fakedocker.engine.files.files import Change, Files
from fakedocker.engine.files.layers import Inode, Kind, Layer
from fakedocker.engine.files.volumes import Volume
from fakedocker.engine.images import transfers
from fakedocker.engine.images.images import Image
from fakedocker.engine.images.registry import Registry
from fakedocker.engine.jobs import BuildOutput, Until
from fakedocker.engine.networks.networks import Network
from fakedocker.runtime import Runtime

Named = Container | str


class DirectEngine:
    """Docker without HTTP. Errors are `fakedocker.engine.errors.DockerError`."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    # -- containers ----------------------------------------------------------------

    def containers(self, *, running_only: bool = False) -> list[Container]:
        """Return all containers, newest first."""
        with self._runtime.engine() as engine:
            return [one for one in engine.containers if one.running or not running_only]

    def container(self, name: Named) -> Container:
        """Return the container with this name or id, or the beginning of one. Raises NotFound."""
        with self._runtime.engine() as engine:
            return _container(engine, name)

    def create(
        self,
        image: str,
        *command: str,
        name: str = "",
        host_config: HostConfig | None = None,
        binds: Iterable[Bind] = (),
        **config: Any,
    ) -> Container:
        """Create a container; `name` "" makes one up.

        `config` are members of `fakedocker.engine.containers.config.Config`.

        A bind's source is a tree in memory, shared by all that bind it, and empty at first; see `host_tree`. With the
        profile 0.4 it is a container of 2013, which has nothing of a `host_config`.
        """
        with self._runtime.engine() as engine:
            given = Config(cmd=command or None, image=image, **config)
            if engine.today:
                given, wanted = translated(given, host_config or HostConfig(), binds)
                given = exposing(given, wanted.port_bindings or ())
                return creation.create(engine, given, wanted, name=name)
            found = engine.images.find(image)
            return engine.create(given.inheriting(found.config), found, name=name, binds=binds)

    def run(
        self,
        image: str,
        *command: str,
        name: str = "",
        host_config: HostConfig | None = None,
        binds: Iterable[Bind] = (),
        **config: Any,
    ) -> Container:
        """Create a container and start it. Raises CannotStart, and the container stays, if it has no such program."""
        container = self.create(image, *command, name=name, host_config=host_config, binds=binds, **config)
        self.start(container)
        return container

    def start(self, container: Named) -> None:
        """Start a container."""
        with self._runtime.engine() as engine:
            engine.start(_container(engine, container))

    def stop(self, container: Named, timeout: float = 10) -> None:
        """Ask a container to end, kill it after `timeout` seconds of the daemon's clock; return when it has ended."""
        with self._runtime.engine() as engine:
            job = engine.stop(_container(engine, container), timeout)
        self._runtime.run(job)

    def kill(self, container: Named) -> None:
        """End a container at once."""
        with self._runtime.engine() as engine:
            engine.kill(_container(engine, container))

    def pause(self, container: Named) -> None:
        """Let nothing in a container go on."""
        with self._runtime.engine() as engine:
            engine.pause(_container(engine, container))

    def unpause(self, container: Named) -> None:
        """Let all in a container go on."""
        with self._runtime.engine() as engine:
            engine.unpause(_container(engine, container))

    def force(self, container: Named, state: str) -> None:
        """Bring a container into a state that it seldom gets into by itself: "dead", "removing", "unhealthy" …

        See `fakedocker.engine.containers.forcing`. Raises ValueError (no such state, with the nearest).
        """
        with self._runtime.engine() as engine:
            force(engine, _container(engine, container), state)

    def fill_disk(self) -> None:
        """Let there be no room for anything: writing, creating, pulling, building and committing fail from now on."""
        with self._runtime.engine() as engine:
            engine.disk.full = True

    def free_disk(self) -> None:
        """Let there be room again."""
        with self._runtime.engine() as engine:
            engine.disk.full = False

    def rename(self, container: Named, name: str) -> None:
        """Give a container another name."""
        with self._runtime.engine() as engine:
            engine.rename(_container(engine, container), name)

    def exec(self, container: Named, *command: str, user: str = "", env: Iterable[str] = ()) -> tuple[int, bytes]:
        """Execute a command in a running container; return its exit code and what it wrote, both streams in order.

        `env`: "NAME=value". Raises CannotStart if there is no such program.
        """
        with self._runtime.engine() as engine:
            config = execs.ExecConfig(command, user=user, env=tuple(env), attach_stdout=True, attach_stderr=True)
            one = execs.create(engine, _container(engine, container), config)
            execs.start(engine, one)
        self._runtime.wait(Until(one.changed, lambda: one.exit_code is not None))
        with self._runtime.engine():
            return one.exit_code or 0, one.log.read()

    def wait(self, container: Named) -> int:
        """Wait for a container's end; return its exit code."""
        with self._runtime.engine() as engine:
            job = engine.wait(_container(engine, container))
        return self._runtime.run(job)

    def remove(self, container: Named, *, volumes: bool = False) -> None:
        """Remove a container, stopping it if it runs."""
        with self._runtime.engine() as engine:
            job = engine.remove(_container(engine, container), volumes=volumes)
        self._runtime.run(job)

    def logs(self, container: Named, *channels: Channel) -> bytes:
        """Return what a container wrote ("stdout", "stderr"; both, in order, if none is named)."""
        with self._runtime.engine() as engine:
            return _container(engine, container).log.read(*channels)

    def ports(self, container: Named) -> dict[int, int]:
        """Return the TCP ports of a running container that are published, and those of the host that lead there."""
        with self._runtime.engine() as engine:
            published = engine.published_ports(_container(engine, container)) or {}
            return {private: public for private, public in published.items() if public}

    def read_file(self, container: Named, path: str) -> bytes:
        """Return the content of a file in a container. Raises OSError."""
        with self._runtime.engine() as engine, engine.mounted(_container(engine, container)) as files:
            return files.read(path).read()

    def write_file(self, container: Named, path: str, content: bytes | str, *, mode: int = 0o644) -> None:
        """Write a file in a container; its directory must be there. Raises OSError."""
        data = content.encode() if isinstance(content, str) else content
        with self._runtime.engine() as engine, engine.mounted(_container(engine, container)) as files:
            files.write(path, data, mode=mode)

    def changes(self, container: Named) -> list[Change]:
        """Return what a container changed in its file system."""
        with self._runtime.engine() as engine:
            return engine.mount(_container(engine, container)).changes()

    def host_tree(self, source: str) -> Files:
        """Return what containers see of the host at a path that they bind."""
        with self._runtime.engine() as engine:
            return engine.host_trees.tree(source)

    # -- what they share, and what happened --------------------------------------------

    def networks(self) -> list[Network]:
        """Return all networks, oldest first; none with the profile 0.4."""
        with self._runtime.engine() as engine:
            return list(engine.networks)

    def volumes(self) -> list[Volume]:
        """Return all volumes, oldest first."""
        with self._runtime.engine() as engine:
            return list(engine.volumes)

    def events(self) -> list[Happening]:
        """Return what happened, oldest first: the last 256 events."""
        with self._runtime.engine() as engine:
            return engine.events.since(0)

    def wait_for_event(
        self,
        action: str = "",
        *,
        type: str = "",
        container: Named = "",
        actor: str = "",
        after: Happening | None = None,
        timeout: float = 5.0,
        **attributes: str,
    ) -> Happening:
        """Return the first event that fits, as soon as it is there; one that is kept from earlier counts, too.

        `action`: start, die, health_status (whatever follows a colon) …; `type`: container, network, volume, image …;
        `container`, `actor`: a name or an id, or its beginning; `after`: only what happened later; `attributes`: those
        that it has at least. `timeout`: seconds of the wall clock. Raises AssertionError, which tells what happened.
        """
        name = container if isinstance(container, str) else container.id
        wanted = Awaited(action, type or ("container" if name else ""), name or actor, attributes)
        woken = threading.Event()
        deadline = time.monotonic() + timeout
        with self._runtime.engine() as engine:
            place = 0 if after is None else after.number + 1
            events = engine.events
            cancel = events.watch.subscribe(woken.set)
        try:
            while True:
                woken.clear()
                with self._runtime.engine():
                    happened = events.since(place)
                found = next((one for one in happened if wanted.fits(one)), None)
                if found is not None:
                    return found
                if not woken.wait(max(0.0, min(deadline - time.monotonic(), threading.TIMEOUT_MAX))):
                    break
                place = happened[-1].number + 1 if happened else place
        finally:
            with self._runtime.engine():
                cancel()
        raise AssertionError(f"there was no event {wanted} within {timeout:g} s\n{_told(self.events())}")

    # -- images -----------------------------------------------------------------------

    def images(self) -> list[Image]:
        """Return all images, oldest first."""
        with self._runtime.engine() as engine:
            return list(engine.images)

    def image(self, name: str) -> Image:
        """Return an image by its name or id. Raises NotFound."""
        with self._runtime.engine() as engine:
            return engine.images.find(name)

    def tags(self) -> dict[str, str]:
        """Return every name `repository:tag` with the id it stands for."""
        with self._runtime.engine() as engine:
            return {f"{repository}:{tag}": identity for repository, tag, identity in engine.images.repositories}

    def tag(self, image: str, repository: str, tag: str = "") -> None:
        """Give an image one more name."""
        with self._runtime.engine() as engine:
            engine.images.repositories.set(repository, tag, engine.images.find(image).id)

    def pull(self, repository: str, tag: str = "") -> None:
        """Pull from the registry of the fixture."""
        with self._runtime.engine() as engine:
            job = transfers.pull(engine, repository, tag)
        self._runtime.run(job)

    def commit(self, container: Named, repository: str = "", tag: str = "") -> Image:
        """Make an image of a container's changes."""
        with self._runtime.engine() as engine:
            image = engine.commit(_container(engine, container))
            if repository:
                engine.images.repositories.set(repository, tag, image.id)
            return image

    def build(
        self,
        dockerfile: str,
        files: Mapping[str, bytes | str] = MappingProxyType({}),
        *,
        tag: str = "",
        **options: Any,
    ) -> Image:
        """Build an image as `docker build` does.

        `options` are members of `fakedocker.engine.builds.builder.BuildOptions`.

        `files`: what is in the context, by paths; a `.dockerignore` among them is obeyed. What the build said is a
        note of the error when it fails.
        """
        with self._runtime.engine() as engine:
            context = _context(engine, {"Dockerfile": dockerfile, **files})
            job = build_image(engine, context, BuildOptions(tags=(tag,) if tag else (), **options))
        said: list[str] = []
        progress = self._runtime.drive(job)
        while True:
            try:
                event = next(progress)
            except StopIteration as end:
                return self.image(end.value)
            except DockerError as error:
                error.add_note("".join(said))
                raise
            if isinstance(event, BuildOutput):
                said.append(event.text)

    @property
    def registry(self) -> Registry:
        """The world outside: what can be pulled, who may log in, what was pushed."""
        with self._runtime.engine() as engine:
            return engine.registry


#: Events that a failure shows.
MOST_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Awaited:
    """Which event somebody waits for; what is empty fits everything."""

    action: str
    type: str
    actor: str
    attributes: Mapping[str, str]

    def fits(self, one: Happening) -> bool:
        """Tell whether it is this one."""
        if self.type not in ("", one.type) or self.action not in ("", one.action, one.action.partition(":")[0]):
            return False
        actor = self.actor.removeprefix("/")
        if not one.actor.startswith(actor) and one.attributes.get("name") != actor:
            return False
        return all(one.attributes.get(name) == value for name, value in self.attributes.items())

    def __str__(self) -> str:
        words = [self.type, self.action, self.actor, *(f"{name}={value}" for name, value in self.attributes.items())]
        return " ".join(word for word in words if word) or "at all"


def _told(happened: Sequence[Happening]) -> str:
    """Return the last events, one on each line."""
    if not happened:
        return "nothing happened"
    lines = [f"  {one.type} {one.action} {one.attributes.get('name', one.actor)}" for one in happened[-MOST_SHOWN:]]
    return "\n".join([f"what happened, {len(lines)} of {len(happened)}:", *lines])


def _context(engine: Engine, contents: Mapping[str, bytes | str]) -> Layer:
    """Return what a client would send of these files."""
    context = Files([], Layer(), engine.clock.now)
    for path, content in contents.items():
        inode = Inode(Kind.FILE, 0o644, mtime=engine.clock.now())
        inode.content = Content.of(content.encode() if isinstance(content, str) else content)
        context.place("/" + path.lstrip("/"), inode)
    ignored = contents.get(DOCKERIGNORE)
    if ignored is not None:
        text = ignored if isinstance(ignored, str) else ignored.decode()
        context = Ignored.read(text).taken(context)
    return context.top.freeze()


def _container(engine: Engine, name: Named) -> Container:
    return engine.containers.find(name) if isinstance(name, str) else name
