"""Docker without HTTP: the verbs, on the state they change.

Rules of this file: every verb checks first and changes afterwards, so that a refusal leaves everything as it was;
what takes time is a job (see `fakedocker.engine.jobs`); whoever calls holds the runtime's lock.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Protocol

from fakedocker.engine import errors
from fakedocker.engine.accounts import Accounts
from fakedocker.engine.binds import Bind, HostTrees
from fakedocker.engine.clock import Clock
from fakedocker.engine.config import Config
from fakedocker.engine.containers import Container, Containers, Home, Run
from fakedocker.engine.descriptors import Descriptor, Null, Pipe, Sink, WriteEnd
from fakedocker.engine.devices import open_device
from fakedocker.engine.effects import Body, Signal
from fakedocker.engine.files import Files, single_file
from fakedocker.engine.ids import Ids, short
from fakedocker.engine.images import Image, Images
from fakedocker.engine.jobs import Job, Until
from fakedocker.engine.layers import Layer, Space
from fakedocker.engine.lifecycle import State, Verb, after
from fakedocker.engine.networks import Bridge, Endpoint, PortSpec, resolv_conf
from fakedocker.engine.output import Channel
from fakedocker.engine.outside import FileServers
from fakedocker.engine.processes import MOST_MEMORY, Process, ProcessTable, Scheduler
from fakedocker.engine.procfs import mount_kernel_files
from fakedocker.engine.profiles import DOCKER_0_4, Host, Profile
from fakedocker.engine.registry import Registry
from fakedocker.engine.sockets import Network
from fakedocker.engine.terminal import Terminal

log = logging.getLogger("fakedocker.engine")

SWAP_WARNING = "Your kernel does not support memory swap capabilities. Limitation discarded."
#: Seconds a running container has to end by itself when it is removed (moby runtime.go, Destroy).
REMOVE_GRACE = 3.0
#: The exit code of a container that was found running and then ended (moby container.go).
GHOST_EXIT_CODE = -1
FIRST_PID = 4000


class Programs(Protocol):
    """Where programs come from."""

    def load(self, process: Process, path: str, argv: tuple[str, ...]) -> Body:
        """Return the program for an executable of the container. Raises OSError."""
        ...

    def provides(self, process: Process, path: str, argv: tuple[str, ...] | None) -> bool:
        """Tell whether `load` has a program for a path where the container has no file."""
        ...


class Engine:
    """All that one daemon knows: images, containers, volumes, the network, its login, the world outside."""

    def __init__(
        self,
        clock: Clock,
        ids: Ids,
        programs: Programs,
        *,
        profile: Profile = DOCKER_0_4,
        host: Host | None = None,
        registry: Registry | None = None,
        start_delay: float | None = None,
        read_host: Callable[[str], Files | None] = lambda path: None,
    ) -> None:
        self.clock = clock
        self.ids = ids
        self.programs = programs
        self.profile = profile
        self.host = host or Host()
        self.registry = registry or Registry()
        self.start_delay = self.profile.start_delay if start_delay is None else start_delay
        self.scheduler = Scheduler(clock)
        self.images = Images()
        self.containers = Containers()
        self.volumes: dict[str, Files] = {}
        self.host_trees = HostTrees(self._new_tree, read_host)
        self.bridge = Bridge(profile)
        self.network = Network(FileServers(self.registry))
        self.accounts = Accounts()
        #: Errors in programs of ours: (what, exception); a test's `check()` raises the first.
        self.crashes: list[tuple[str, Exception]] = []
        self._next_pid = FIRST_PID

    # -- images ----------------------------------------------------------------

    def import_image(self, layer: Layer, size: int, source: str) -> Image:
        """Make an image without parent of a root file system; `size` is that of its archive in bytes."""
        image = Image(
            id=self.ids.new(),
            created=self.clock.now(),
            layer=layer.freeze(),
            comment=f"Imported from {source}",
            docker_version=self.profile.version,
            architecture=self.profile.architecture,
            size=size,
        )
        self.images.add(image)
        return image

    def commit(
        self, container: Container, *, comment: str = "", author: str = "", config: Config | None = None
    ) -> Image:
        """Make an image of what a container changed. Raises Failure if it never had a file system."""
        after(container.state, Verb.COMMIT, container.id)
        if container.files is None:
            raise errors.no_read_write_layer(container.id)
        layer = container.files.commit()
        image = Image(
            id=self.ids.new(),
            created=self.clock.now(),
            layer=layer,
            parent=container.image,
            comment=comment,
            container=container.id,
            container_config=container.config,
            docker_version=self.profile.version,
            author=author,
            config=config or Config(),
            architecture=self.profile.architecture,
            size=layer.size,
        )
        self.images.add(image)
        return image

    # -- containers --------------------------------------------------------------

    def create(
        self,
        config: Config,
        image: Image,
        *,
        binds: Iterable[Bind] = (),
        identity: str = "",
        created: float | None = None,
    ) -> Container:
        """Create a container of an image; `config` is all that it is told, what it takes over from the image included.

        `identity` and `created` are for one that an earlier daemon created: see `restore`. Raises Failure when
        nothing says which command to run.
        """
        if not config.command:
            raise errors.no_command()
        if config.memory > 0 and not self.host.memory_limit:
            config = replace(config, memory=0)
        if self.lacks_swap_limit(config):
            config = replace(config, memory_swap=-1)
        identity = identity or self.ids.new()
        if not config.hostname:
            config = replace(config, hostname=short(identity))
        own_resolv_conf = f"{self.profile.root}/containers/{identity}/resolv.conf"
        container = Container(
            id=identity,
            created=self.clock.now() if created is None else created,
            config=config,
            image=image.id,
            binds=tuple(binds),
            resolv_conf_path=own_resolv_conf if config.dns else self.profile.resolv_conf_path,
        )
        self.containers.add(container)
        return container

    def lacks_swap_limit(self, config: Config) -> bool:
        """Tell whether a limit of memory would be asked for that this host cannot keep for swap."""
        return config.memory > 0 and self.host.memory_limit and not self.host.swap_limit

    def mount(self, container: Container) -> Files:
        """Give a container its file system, if it has none yet, and return it. Raises NotFound (image gone)."""
        image = self.images.get(container.image)
        if container.files is None:
            container.layer = Layer()
            container.files = Files(self.images.layers(image), container.layer, self.clock.now, space=Space())
        return container.files

    def start(self, container: Container) -> None:
        """Run a container's command. Raises Conflict, NotFound (image gone), InvalidParameter (ports), Failure."""
        state = after(container.state, Verb.START, container.id)
        files = self._set_up(container)
        container.state = state
        container.started_at = self.clock.now()
        container.exit_code = 0
        container.oom_killed = False
        container.run = self._begin(container, files)
        container.changed.notify()

    def _set_up(self, container: Container) -> Files:
        """Give a container all that a running one has, or nothing of it; return its files. Raises as `start`."""
        files = self.mount(container)
        network = self.bridge.connect(PortSpec.parse(text) for text in container.config.port_specs or ())
        try:
            volumes = self._volumes_of(container)
            self._mount_volumes(files, volumes, container.binds)
        except errors.DockerError:
            self.bridge.disconnect(network)
            raise
        container.network = network
        container.volumes = volumes
        self._next_pid += 1
        container.pid = self._next_pid
        return files

    def restore(
        self,
        container: Container,
        state: State,
        *,
        exit_code: int = 0,
        started_at: float | None = None,
        finished_at: float | None = None,
        output: Iterable[tuple[Channel, bytes]] = (),
    ) -> None:
        """Give a container that was just created the past it had with an earlier daemon (moby runtime.go, restore).

        A RUNNING one is really started; a GHOST was found running, with nobody who holds its streams. `output` is what
        it wrote in that past. Times are unix seconds, by default those of the creation. Raises as `start`.
        """
        started_at = container.created if started_at is None else started_at
        for channel, data in output:
            container.log.write(channel, started_at, data)
        if state is State.CREATED:
            return
        if state is State.RUNNING:
            self.start(container)
        else:
            self._set_up(container)
            container.state = state
        if state is State.EXITED:
            self._release(container)
            container.exit_code = exit_code
            container.finished_at = started_at if finished_at is None else finished_at
        container.started_at = started_at

    def _begin(self, container: Container, files: Files) -> Run:
        """Start the first process with its streams."""
        processes = ProcessTable(
            self.scheduler,
            files,
            container.config.hostname,
            self.programs.load,
            open_device,
            self._crashed,
            provides=self.programs.provides,
            home=Home(container, lambda: self.image_names(container)),
            memory_limit=min(container.config.memory or MOST_MEMORY, MOST_MEMORY),
            network=self.network.join(container.config.hostname, container.network, self._names_of(container)),
        )
        self._mount_own_files(container, processes)
        stdin, fds = self._streams(container, processes)
        run = Run(processes, stdin)
        first = processes.begin(
            container.init.body(container.config, self.start_delay),
            container.config.command,
            fds,
            env=container.init.environment(container.config, files),
            cwd=container.config.working_dir or "/",
        )
        first.ended.subscribe(lambda: self._ended(container, run, first.code or 0))
        return run

    def _names_of(self, container: Container) -> tuple[str, ...]:
        """Return the names under which other containers find this one."""
        return (short(container.id), container.config.hostname)

    def _mount_own_files(self, container: Container, processes: ProcessTable) -> None:
        """Mount what the daemon and the kernel show a running container, where its image has a place for it."""
        mount_kernel_files(processes, container.config.memory)
        files = processes.files
        try:
            path = files.resolve("/etc/resolv.conf")
            if path not in files.mounts:
                servers = container.config.dns or self.host.nameservers
                files.mount(path, single_file(resolv_conf(servers), self.clock.now), read_only=True)
        except OSError:
            pass  # there is none, or it is no file

    def _streams(
        self, container: Container, processes: ProcessTable
    ) -> tuple[WriteEnd | Terminal | None, dict[int, Descriptor]]:
        def sink(channel: Channel) -> Callable[[bytes], None]:
            return lambda data: container.log.write(channel, self.clock.now(), data)

        if container.config.tty:

            def signal(number: Signal) -> None:
                for process in processes.group(terminal.foreground):  # not kill(-1), which is all but the first
                    process.deliver(number)

            terminal = Terminal(sink("stdout"), signal)
            terminal.hold()
            return terminal, {0: terminal, 1: terminal, 2: terminal}
        outputs: dict[int, Descriptor] = {1: Sink(sink("stdout")), 2: Sink(sink("stderr"))}
        if not container.config.open_stdin:
            return None, {0: Null(), **outputs}
        pipe = Pipe()
        pipe.writer.hold()
        return pipe.writer, {0: pipe.reader, **outputs}

    def _ended(self, container: Container, run: Run, code: int) -> None:
        """The first process has ended, by itself or by a signal."""
        run.close_stdin()
        run.log_end = container.log.end
        if container.state is not State.REMOVED:
            container.state = State.EXITED
        container.exit_code = code
        container.oom_killed = run.processes.oom_killed
        self._release(container)
        container.changed.notify()

    def _release(self, container: Container) -> None:
        """Give back what only a running container has."""
        container.pid = 0
        container.finished_at = self.clock.now()
        self.bridge.disconnect(container.network)
        self.network.leave(container.network)
        container.network = Endpoint()
        if container.files is not None:
            _unmount_all(container.files)

    def _crashed(self, process: Process, error: Exception) -> None:
        log.error("the simulated program %s failed", " ".join(process.argv), exc_info=error)
        self.crashes.append((" ".join(process.argv), error))

    # -- volumes -------------------------------------------------------------------

    def _volumes_of(self, container: Container) -> dict[str, str]:
        """Return the container's volumes by mount point, new ones if this is its first start."""
        if container.volumes is not None:
            return container.volumes
        volumes: dict[str, str] = {}
        if container.config.volumes_from:
            try:
                other = self.containers.find(container.config.volumes_from)
            except errors.NotFound:
                raise errors.no_volumes_from(container.id) from None
            volumes.update(other.volumes or {})
        for path in container.config.volumes or ():
            volumes.setdefault(path, self.ids.new())
        return volumes

    def _mount_volumes(self, files: Files, volumes: dict[str, str], binds: Iterable[Bind]) -> None:
        """Put volumes and binds in their places, new volumes into being; on an error nothing of it has happened."""
        mounted: dict[str, Files] = {}
        try:
            mounts = [(bind.target, self.host_trees.tree(bind.source), bind.read_only) for bind in binds]
            for path, identity in volumes.items():
                volume = mounted.setdefault(identity, self.volumes.get(identity) or self._new_tree())
                mounts.append((path, volume, False))
            # A directory before what is to be mounted in it.
            for path, tree, read_only in sorted(mounts, key=lambda mount: mount[0]):
                files.mount(path if path.startswith("/") else "/" + path, tree, read_only=read_only)
        except OSError as error:
            _unmount_all(files)
            raise errors.Failure(f"mkdir {error.filename}: {error.strerror}") from None
        self.volumes.update(mounted)

    def _new_tree(self) -> Files:
        return Files([], Layer(), self.clock.now, space=Space())

    # -- the end of containers ---------------------------------------------------------

    def signal(self, container: Container, signal: Signal) -> None:
        """Send a signal to a container's first process; nothing happens if none runs."""
        if container.state is State.GHOST:
            self._end_ghost(container)
        elif container.run is not None and not container.run.ended:
            container.run.signal(signal)

    def _end_ghost(self, container: Container) -> None:
        container.state = after(container.state, Verb.END, container.id)
        container.exit_code = GHOST_EXIT_CODE
        self._release(container)
        container.changed.notify()

    def kill(self, container: Container) -> None:
        """End a container at once; one that does not run stays as it is."""
        after(container.state, Verb.KILL, container.id)
        self.signal(container, Signal.KILL)

    def stop(self, container: Container, timeout: float) -> Job[None]:
        """Ask a container's process to end (TERM), and kill it after `timeout` seconds."""
        after(container.state, Verb.STOP, container.id)
        if not container.running:
            return
        self.signal(container, Signal.TERM)
        yield Until(container.changed, lambda: not container.running, timeout)
        if container.running:
            self.kill(container)

    def restart(self, container: Container, timeout: float) -> Job[None]:
        """Stop a container if it runs, and start it."""
        after(container.state, Verb.RESTART, container.id)
        yield from self.stop(container, timeout)
        self.start(container)

    def wait(self, container: Container) -> Job[int]:
        """Wait for a container's end; return its exit code. One that does not run has ended already."""
        yield Until(container.changed, lambda: not container.running)
        return container.exit_code

    def remove(self, container: Container, *, volumes: bool = False) -> Job[None]:
        """Remove a container, stopping it first; with its volumes if asked, unless others use them."""
        after(container.state, Verb.REMOVE, container.id)
        yield from self.stop(container, REMOVE_GRACE)
        if container.state is State.REMOVED:  # somebody else was faster while it stopped
            return
        container.state = State.REMOVED
        self.containers.remove(container)
        if volumes:
            used = {one for other in self.containers for one in (other.volumes or {}).values()}
            for identity in set((container.volumes or {}).values()) - used:
                self.volumes.pop(identity, None)
        container.changed.notify()

    def shut_down(self) -> None:
        """End everything: the daemon goes away, and whoever follows or waits is told so."""
        for container in self.containers:
            container.state = State.REMOVED
            if container.run is not None:
                container.run.signal(Signal.KILL)
            container.changed.notify()

    # -- looking inside ------------------------------------------------------------------

    def image_names(self, container: Container) -> Iterator[str]:
        """Yield all names of a container's image and of those that it is built on; first what it was created by."""
        yield container.config.image
        if container.image in self.images:
            for image in self.images.history(self.images.get(container.image)):
                yield from self.images.repositories.names(image.id)

    def resize(self, container: Container, rows: int, columns: int) -> None:
        """Change the size of a container's terminal, in characters. Raises Failure if it has none."""
        if not container.config.tty:
            raise errors.no_terminal()
        if container.terminal is not None:
            container.terminal.resize(rows, columns)

    def snapshot(self, container: Container) -> Files:
        """Return a container's tree as it is now, to be read without the lock. Raises NotFound (image gone)."""
        return self.mount(container).snapshot()


def _unmount_all(files: Files) -> None:
    for path in sorted(files.mounts, reverse=True):  # what is mounted in a volume goes before it
        files.unmount(path)
