"""Docker without HTTP: the verbs, on the state they change.

Rules of this file: every verb checks first and changes afterwards, so that a refusal leaves everything as it was;
what takes time is a job (see `fakedocker.engine.jobs`); whoever calls holds the runtime's lock.
"""

from __future__ import annotations

import logging
import posixpath
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING, Protocol

from fakedocker.engine import errors
from fakedocker.engine.accounts import Accounts
from fakedocker.engine.clock import Clock
from fakedocker.engine.containers import execs, names, restarts, verification
from fakedocker.engine.containers.config import Config, stop_signal
from fakedocker.engine.containers.containers import Container, Containers, Home, Run
from fakedocker.engine.containers.execs import Execs
from fakedocker.engine.containers.health import Health
from fakedocker.engine.containers.health import command as health_command
from fakedocker.engine.containers.hostconfig import HostConfig
from fakedocker.engine.containers.inetd import Inetd, Services
from fakedocker.engine.containers.lifecycle import State, Verb, after
from fakedocker.engine.containers.output import Channel, Log
from fakedocker.engine.containers.translation import translated
from fakedocker.engine.events import Events
from fakedocker.engine.files.binds import Bind, HostTrees
from fakedocker.engine.files.files import Files, single_file
from fakedocker.engine.files.layers import Disk, Layer, Space
from fakedocker.engine.files.mounts import Mounts, unmount_all
from fakedocker.engine.files.places import places
from fakedocker.engine.files.volumes import Volumes
from fakedocker.engine.ids import Ids, short
from fakedocker.engine.images.images import Image, Images
from fakedocker.engine.images.registry import Registry
from fakedocker.engine.jobs import Job, Until
from fakedocker.engine.networks.bridge import Bridge, PortSpec
from fakedocker.engine.networks.connections import Connections, is_user_defined
from fakedocker.engine.networks.endpoints import EndpointSettings
from fakedocker.engine.networks.networks import (
    EMBEDDED_OPTION,
    EMBEDDED_SERVER,
    Endpoint,
    Network,
    Networks,
    etc_hosts,
    extra_host,
    own_names,
    resolv_conf,
)
from fakedocker.engine.networks.outside import FileServers
from fakedocker.engine.networks.ports import UserlandProxy
from fakedocker.engine.networks.sockets import Namespace
from fakedocker.engine.networks.sockets import Network as Wire
from fakedocker.engine.processes.descriptors import Descriptor, Null, Pipe, Sink, WriteEnd
from fakedocker.engine.processes.devices import open_device
from fakedocker.engine.processes.effects import Body, Signal
from fakedocker.engine.processes.init import LXC, Init, Provided
from fakedocker.engine.processes.processes import MOST_MEMORY, Process, ProcessTable, Scheduler
from fakedocker.engine.processes.procfs import mount_kernel_files
from fakedocker.engine.processes.terminal import CONSOLE, Terminal
from fakedocker.engine.profiles import DOCKER_0_4, Host, Profile

if TYPE_CHECKING:
    from fakedocker.engine.images.distribution import Upstream

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

    def provides(self, home: Home | None, path: str, argv: tuple[str, ...] | None) -> bool:
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
        #: Whether it speaks the API of today: then all its containers are in networks, and have mounts, as today's.
        self.today = bool(profile.modern_versions)
        self.host = host or Host()
        self.registry = registry or Registry()
        self.start_delay = self.profile.start_delay if start_delay is None else start_delay
        #: Real registries beside that of the fixture, if there are any.
        self.upstream: Upstream | None = None
        #: What answers at ports of containers where no program listens, if anything does.
        self.services: Services | None = None
        #: Where containers and volumes write and images are kept.
        self.disk = Disk()
        self.scheduler = Scheduler(clock)
        self.events = Events(clock)
        self.images = Images()
        self.containers = Containers()
        self.execs = Execs()
        self.host_trees = HostTrees(self._new_tree, read_host)
        self.volumes = Volumes(profile, ids.new, clock.now, self.events, self._new_volume)
        self.mounts = Mounts(self.volumes, self.host_trees, self.containers, self._new_tree)
        self.bridge = Bridge(profile)  # where the containers of a daemon of 2013 are
        self.network = Wire(FileServers(self.registry))
        self.networks = Networks(profile, ids.new, clock.now, self.events)
        self.connections = Connections(profile, ids, self.events, self.networks, self.network, self.containers)
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
        self.keep(image)
        return image

    def keep(self, image: Image) -> None:
        """Take in an image that has come from outside or was made here. Raises Failure (no room)."""
        if self.disk.full and image.id not in self.images:
            raise errors.no_space_for_image()
        self.images.add(image)

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
        self.keep(image)
        return image

    # -- containers --------------------------------------------------------------

    def create(
        self,
        config: Config,
        image: Image,
        *,
        name: str = "",
        host_config: HostConfig | None = None,
        init: Init = LXC,
        binds: Iterable[Bind] = (),
        networks: Mapping[str, EndpointSettings] | None = None,
        identity: str = "",
        created: float | None = None,
        volumes: Mapping[str, str] | None = None,
    ) -> Container:
        """Create a container of an image; `config` is all that it is told, what it takes over from the image included.

        `name` "" makes one up. `networks`: what is wished for its places in networks, by their names. `identity`,
        `created` and `volumes` (path -> name) are for one that an earlier daemon created: see `restore`. Raises Failure
        when nothing says which command to run or a bind is none, InvalidParameter (the name, a place, a port), Conflict
        (the name), NotFound.
        """
        if not config.command:
            raise errors.no_command()
        if config.memory > 0 and not self.host.memory_limit:
            config = replace(config, memory=0)
        if self.lacks_swap_limit(config):
            config = replace(config, memory_swap=-1)
        wanted = host_config or HostConfig()
        if self.today:
            config, wanted = translated(config, wanted, binds)
            wanted = wanted.with_names() if self.profile.names_defaults else wanted
        if name:
            name = names.check(name)
            self.containers.reserve(name)
        identity = identity or self.ids.new()
        if not config.hostname:
            config = replace(config, hostname=short(identity))
        if self.disk.full:
            raise errors.no_space_for_container(identity)
        own_resolv_conf = f"{self.profile.root}/containers/{identity}/resolv.conf"
        container = Container(
            id=identity,
            created=self.clock.now() if created is None else created,
            config=config,
            image=image.id,
            binds=tuple(binds),
            resolv_conf_path=own_resolv_conf if config.dns else self.profile.resolv_conf_path,
            name=name or names.generate(self.ids.random_bytes, self.containers.names),
            host_config=wanted,
            init=init,
        )
        if self.today:
            self._make_working_directory(container)
            self.mounts.prepare(container, lambda: self.mount(container), volumes)
        self.connections.prepare(container, networks)
        self._watch_health(container)
        self.containers.add(container)
        self.tell(container, "create")
        return container

    def _make_working_directory(self, container: Container) -> None:
        """Make the directory that a container's command begins in. Raises Failure (moby SetupWorkingDirectory)."""
        if not container.config.working_dir:
            return
        path = posixpath.normpath(posixpath.join("/", container.config.working_dir))
        try:
            self.mount(container).mkdir(path, parents=True)
        except OSError as error:
            raise errors.cannot_make_working_directory(path, error) from None

    def _watch_health(self, container: Container) -> None:
        check = container.config.healthcheck
        command = health_command(check, container.config.shell)
        if check is None or command is None or not self.today:
            return
        shows = self.profile.shows_slow_output
        container.health = found = Health(check, command, self.clock, shows_slow_output=shows)
        found.changed.subscribe(lambda: self.tell(container, f"health_status: {found.status}"))

    def _check_health(self, container: Container) -> None:
        """Begin to check a container that has started."""
        if container.health is not None:
            container.health.start(lambda command: execs.probe(self, container, command))

    def tell(self, container: Container, action: str, **more: str) -> None:
        """Emit an event about a container, with its labels, its image and its name."""
        about = {"image": container.config.image, "name": container.name}
        self.events.emit("container", action, container.id, {**(container.config.labels or {}), **about, **more})

    def lacks_swap_limit(self, config: Config) -> bool:
        """Tell whether a limit of memory would be asked for that this host cannot keep for swap."""
        return config.memory > 0 and self.host.memory_limit and not self.host.swap_limit

    def mount(self, container: Container) -> Files:
        """Give a container its file system, if it has none yet, and return it. Raises NotFound (image gone)."""
        image = self.images.get(container.image)
        if container.files is None:
            container.layer = container.layer or Layer()
            layers = self.images.layers(image)
            if self.today:
                layers = [*layers, places(layers, self.clock.now)]
            container.files = Files(layers, container.layer, self.clock.now, space=Space(disk=self.disk))
        return container.files

    @contextmanager
    def mounted(self, container: Container) -> Iterator[Files]:
        """Have a container's files with all that is mounted in them when it runs. Raises NotFound, Failure."""
        files = self.mount(container)
        runs = container.pid != 0
        if not runs and container in self.mounts:
            self.mounts.mount(container, files)
        try:
            yield files
        finally:
            if not runs and container in self.mounts:
                self.mounts.unmount(container, files)

    def start(self, container: Container) -> None:
        """Run a container's command. Raises Conflict, NotFound (image gone), InvalidParameter (ports), Failure."""
        state = after(container.state, Verb.START, container.id)
        restarts.forget(container)
        container.stopped_by_hand = False
        self.launch(container, state)

    def launch(self, container: Container, state: State = State.RUNNING) -> None:
        """Run a container's command, whoever asks for it. Raises as `start`."""
        try:
            files = self._set_up(container)
            try:
                container.init.check(container.config, files, self.provided(container))
            except errors.CannotStart:
                container.prepared = True
                self._release(container)
                raise
        except errors.DockerError as error:
            self._failed_to_start(container, error)
            raise
        container.state = state
        container.started_at = self.clock.now()
        container.exit_code = 0
        container.error = ""
        container.oom_killed = False
        container.run = self._begin(container, files)
        self.tell(container, "start")
        self._check_health(container)
        container.changed.notify()

    def _failed_to_start(self, container: Container, error: errors.DockerError) -> None:
        """Keep what was wrong, and let go of whoever waits for the output (moby daemon/start.go, containerStart)."""
        if not self.today:  # the daemon of 2013 did not remember it
            return
        fallback = container.exit_code or errors.CannotStart.code
        container.exit_code = error.code if isinstance(error, errors.CannotStart) else fallback
        container.error = str(error.for_daemon(self.profile.newest))
        container.failed_starts += 1
        container.changed.notify()
        if container.host_config.auto_remove:
            self._forget(container, volumes=True)

    def _set_up(self, container: Container) -> Files:
        """Give a container all that a running one has, or nothing of it; return its files. Raises as `start`."""
        files = self.mount(container)
        self._plug(container)
        try:
            if container in self.mounts:
                self.mounts.mount(container, files)
            else:
                volumes = self._volumes_of(container)
                self._mount_volumes(container, files, volumes)
                container.volumes = volumes
        except errors.DockerError:
            self._unplug(container)
            raise
        container.pid = self.next_pid()
        return files

    def _plug(self, container: Container) -> None:
        """Give a container its place in its networks. Raises as `start`."""
        if self.today:
            container.network = self.connections.start(container).endpoint
        else:
            specs = [PortSpec.parse(text) for text in container.config.port_specs or ()]
            container.network = self.bridge.connect(specs)

    def _unplug(self, container: Container) -> None:
        if self.today:
            self.connections.stop(container)
        else:
            self.bridge.disconnect(container.network)
            self.network.leave(container.network)
        container.network = Endpoint()

    def _namespace(self, container: Container) -> Namespace:
        """Return who a container that is being started is on the wire."""
        found = self.connections.sandbox(container).namespace
        if found is not None:
            return found
        names = (short(container.id), container.config.hostname)
        return self.network.join(container.config.hostname, container.network, names)

    def next_pid(self) -> int:
        """Return the number by which the host knows one more process."""
        self._next_pid += 1
        return self._next_pid

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
            home=self._home(container),
            memory_limit=min(container.config.memory or MOST_MEMORY, MOST_MEMORY),
            network=self._namespace(container),
        )
        self._mount_own_files(container, processes)
        files.remount(read_only=container.host_config.read_only_rootfs)
        stdin, fds = self.streams(processes, container.log, tty=container.tty, open_stdin=container.open_stdin)
        run = Run(processes, stdin)
        environment = container.init.environment(self._with_links(container), files)
        run.inetd = self._inetd(container, processes, environment)
        run.leader = processes.begin(
            container.init.body(container.config, self.start_delay),
            container.config.command,
            fds,
            env=environment,
            cwd=container.config.working_dir or "/",
        )
        first = run.leader
        first.ended.subscribe(lambda: self._ended(container, run, first.code or 0))
        return run

    def _inetd(self, container: Container, processes: ProcessTable, environment: Mapping[str, str]) -> Inetd | None:
        """Have services answer at a container's own ports, if there are any services."""
        network = processes.network
        if self.services is None or network is self.network.host or self.connections.sandbox(container).shared:
            return None

        def table() -> ProcessTable:
            files, name, home = processes.files, container.config.hostname, processes.home
            return ProcessTable(
                self.scheduler, files, name, self.programs.load, open_device, self._crashed, home=home, network=network
            )

        inetd = network.inetd = Inetd(self.services, self._home(container), environment, table, self.clock.now)
        return inetd

    def publish(self, proxy: UserlandProxy) -> None:
        """Have somebody really listen at the ports that containers publish from now on."""
        self.connections.ports.proxy = proxy
        self.bridge.proxy = proxy

    def behind(self, host_ip: str, port: int) -> tuple[Namespace, str, int] | None:
        """Return who has published a TCP port of the host, and the address and port to which it leads."""
        if self.today:
            return self.connections.behind(host_ip, port)
        found = self.network.published(port)
        return (found[0], found[1].address, found[2]) if found is not None else None

    def _home(self, container: Container) -> Home:
        return Home(container, lambda: self.image_names(container))

    def provided(self, container: Container) -> Provided:
        """Return what tells which programs there are for a container even if it has no file for them."""
        home = self._home(container)

        def provided(path: str, words: tuple[str, ...]) -> bool:
            try:
                return self.programs.provides(home, path, words)
            except Exception:  # a condition of the user's failed: told of when the program is loaded, as everywhere
                return True

        return provided

    def _with_links(self, container: Container) -> Config:
        """Return a container's configuration with what it is told of those it is linked to."""
        told = [variable for link in self.connections.links(container) for variable in link.environment()]
        return replace(container.config, env=(*told, *(container.config.env or ()))) if told else container.config

    def _mount_own_files(self, container: Container, processes: ProcessTable) -> None:
        """Mount what the daemon and the kernel show a running container, where its image has a place for it."""
        mount_kernel_files(processes, container.config.memory)
        servers = self._resolv_conf(container)
        self._mount_file(processes.files, "/etc/resolv.conf", servers, read_only=not self.today)
        if self.today:
            config = container.config
            hosts = [extra_host(text, self.profile.gateway) for text in container.host_config.extra_hosts or ()]
            hosts += self.connections.hosts(container)
            names = own_names(config.hostname, config.domainname)
            hosts += [(place.address, names) for place in processes.network.endpoints if place.address]
            self._mount_file(processes.files, "/etc/hosts", etc_hosts(hosts))
            self._mount_file(processes.files, "/etc/hostname", f"{config.hostname}\n".encode())

    def _resolv_conf(self, container: Container) -> bytes:
        config, wanted = container.config, container.host_config
        if not self.today:
            return resolv_conf(config.dns or self.host.nameservers)
        servers, options = wanted.dns or self.host.nameservers, wanted.dns_options or ()
        if is_user_defined(wanted.network_mode):
            servers = (EMBEDDED_SERVER,)
            if not any(option.startswith("ndots:") for option in options):
                options = (*options, EMBEDDED_OPTION)
        return resolv_conf(servers, wanted.dns_search or (), options)

    def _mount_file(self, files: Files, path: str, data: bytes, *, read_only: bool = False) -> None:
        try:
            path = files.resolve(path)
            if path not in files.mounts:
                files.mount(path, single_file(data, self.clock.now), read_only=read_only)
        except OSError:
            pass  # there is none, or it is no file

    def streams(
        self, processes: ProcessTable, output: Log, *, tty: bool, open_stdin: bool
    ) -> tuple[WriteEnd | Terminal | None, dict[int, Descriptor]]:
        """Return where a run takes its input, and the descriptors that its first process begins with."""

        def sink(channel: Channel) -> Callable[[bytes], None]:
            return lambda data: output.write(channel, self.clock.now(), data)

        if tty:

            def signal(number: Signal) -> None:
                for process in processes.group(terminal.foreground):  # not kill(-1), which is all but the first
                    process.deliver(number)

            terminal = Terminal(sink("stdout"), signal, self._terminal_name(processes))
            terminal.hold()
            return terminal, {0: terminal, 1: terminal, 2: terminal}
        outputs: dict[int, Descriptor] = {1: Sink(sink("stdout")), 2: Sink(sink("stderr"))}
        if not open_stdin:
            return None, {0: Null(), **outputs}
        pipe = Pipe()
        pipe.writer.hold()
        return pipe.writer, {0: pipe.reader, **outputs}

    def _terminal_name(self, processes: ProcessTable) -> str:
        """Return what the next terminal of a container is called in it: today the first number that is free."""
        if not self.today:
            return CONSOLE
        taken = {file.name for one in processes for file in one.fds.values() if isinstance(file, Terminal)}
        return next(name for number in count() if (name := f"/dev/pts/{number}") not in taken)

    def _ended(self, container: Container, run: Run, code: int) -> None:
        """The first process has ended, by itself or by a signal."""
        run.close_stdin()
        if run.inetd is not None:
            run.inetd.close()
        if container.health is not None:
            container.health.stop()
        container.log.end_run(self.clock.now())
        run.log_end = container.log.end
        self.execs.forget_prepared(container)
        container.exit_code = code
        container.oom_killed = run.processes.oom_killed
        if container.oom_killed:
            self.tell(container, "oom")
        again = container.state is not State.REMOVED and restarts.wanted(container)
        if container.state is not State.REMOVED:
            container.state = State.RESTARTING if again else State.EXITED
        container.finished_at = self.clock.now()
        self._let_go(container)
        if again:
            restarts.schedule(self, container)
        container.changed.notify()
        if not again and container.host_config.auto_remove and container.state is State.EXITED:
            self._forget(container, volumes=True)

    def _let_go(self, container: Container) -> None:
        """Give back what a container that has died had, and tell of both, in the daemon's order."""
        died = {"exitCode": str(container.exit_code)}
        if self.profile.dies_last:
            self._release(container)
            died["execDuration"] = str(int(container.finished_at - container.started_at))
        self.tell(container, "die", **died)
        if not self.profile.dies_last:
            self._release(container)

    def _release(self, container: Container) -> None:
        """Give back what only a running container has."""
        container.pid = 0
        self._unplug(container)
        if container.files is not None:
            container.files.remount(read_only=False)
            self.mounts.unmount(container, container.files)

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

    def _mount_volumes(self, container: Container, files: Files, volumes: dict[str, str]) -> None:
        """Put volumes and binds in their places, new volumes into being; on an error nothing of it has happened."""
        mounted: dict[str, Files] = {}
        try:
            mounts = [(bind.target, self.host_trees.tree(bind.source), bind.read_only) for bind in container.binds]
            for path, identity in volumes.items():
                known = identity in self.volumes
                tree = self.volumes.find(identity).files if known else self._new_tree()
                volume = mounted.setdefault(identity, tree)
                mounts.append((path, volume, False))
            # A directory before what is to be mounted in it.
            for path, tree, read_only in sorted(mounts, key=lambda mount: mount[0]):
                files.mount(path if path.startswith("/") else "/" + path, tree, read_only=read_only)
        except OSError as error:
            unmount_all(files)
            raise errors.Failure(f"mkdir {error.filename}: {error.strerror}") from None
        for identity, tree in mounted.items():
            self.volumes.adopt(identity, tree, container.id)

    def _new_tree(self) -> Files:
        return Files([], Layer(), self.clock.now, space=Space(disk=self.disk))

    def _new_volume(self, source: str) -> Files:
        return self.host_trees.tree(source) if source else self._new_tree()

    # -- networks ------------------------------------------------------------------

    def connect(self, network: Network, container: Container, settings: EndpointSettings) -> None:
        """Put a container in one more network. Raises InvalidParameter, Forbidden, Failure."""
        self.connections.connect(network, container, settings)
        self._update_network(container)

    def disconnect(self, network: Network, container: Container) -> None:
        """Take a container out of a network. Raises InvalidParameter, Failure."""
        self.connections.disconnect(network, container)
        self._update_network(container)

    def _update_network(self, container: Container) -> None:
        namespace = self.connections.sandbox(container).namespace
        container.network = namespace.endpoint if namespace is not None else Endpoint()

    # -- the end of containers ---------------------------------------------------------

    def signal(self, container: Container, signal: int) -> None:
        """Send a signal to a container's first process; nothing happens if none runs."""
        if container.state is State.GHOST:
            self._end_ghost(container)
        elif container.state is State.RESTARTING:
            restarts.give_up(container)
        elif container.run is not None and not container.run.ended:
            self.tell(container, "kill", signal=str(int(signal)))
            run = container.run
            if container.state is State.PAUSED:  # it arrives as soon as it goes on
                container.state = State.RUNNING
                run.thaw()
            run.signal(signal)

    def _end_ghost(self, container: Container) -> None:
        container.state = after(container.state, Verb.END, container.id)
        container.exit_code = GHOST_EXIT_CODE
        container.finished_at = self.clock.now()
        self._let_go(container)
        container.changed.notify()

    def kill(self, container: Container, signal: int = Signal.KILL) -> None:
        """Send a signal, the one that ends it at once by default; a container that does not run stays as it is."""
        after(container.state, Verb.KILL, container.id)
        if signal in (Signal.KILL, stop_signal(container.config)):
            container.stopped_by_hand = True
        self.signal(container, signal)

    def stop(self, container: Container, timeout: float, signal: int | None = None) -> Job[None]:
        """Ask a container's process to end, and kill it after `timeout` seconds (less than 0: never).

        `signal` asks, if it is not to be the one that the container is configured for.
        """
        after(container.state, Verb.STOP, container.id)
        if not container.running:
            return
        yield from self._end(container, timeout, signal)
        self.tell(container, "stop")

    def _end(self, container: Container, timeout: float, signal: int | None = None) -> Job[None]:
        container.stopped_by_hand = True
        run = container.run
        self.signal(container, stop_signal(container.config) if signal is None else signal)
        yield Until(
            container.changed,
            lambda: not container.running or container.run is not run,
            None if timeout < 0 else timeout,
        )
        if container.running and container.run is run:
            self.signal(container, Signal.KILL)
            yield Until(container.changed, lambda: not container.running)

    def restart(self, container: Container, timeout: float, signal: int | None = None) -> Job[None]:
        """Stop a container if it runs, and start it."""
        after(container.state, Verb.RESTART, container.id)
        yield from self.stop(container, timeout, signal)
        self.start(container)
        self.tell(container, "restart")

    def pause(self, container: Container) -> None:
        """Let no process of a container have its turn. Raises Conflict."""
        container.state = after(container.state, Verb.PAUSE, container.id)
        assert container.run is not None
        container.run.freeze()
        if container.health is not None:
            container.health.stop()
        self.tell(container, "pause")
        container.changed.notify()

    def unpause(self, container: Container) -> None:
        """Let a container's processes go on. Raises Failure."""
        container.state = after(container.state, Verb.UNPAUSE, container.id)
        assert container.run is not None
        container.run.thaw()
        if container.health is not None:
            container.health.resume(lambda command: execs.probe(self, container, command))
        self.tell(container, "unpause")
        container.changed.notify()

    def rename(self, container: Container, name: str) -> None:
        """Give a container another name. Raises InvalidParameter, Conflict."""
        if not name:
            raise errors.no_new_name()
        if name.removeprefix("/") == container.name:
            raise errors.same_name()
        try:
            checked = names.check(f"/{name.removeprefix('/')}")
        except errors.InvalidParameter as error:
            raise errors.cannot_rename(error) from None
        before = container.name
        try:
            self.containers.rename(container, checked)
        except errors.Conflict as error:
            raise errors.cannot_rename(error) from None
        self.connections.rename(container)
        self.tell(container, "rename", oldName=f"/{before}")

    def wait(self, container: Container) -> Job[int]:
        """Wait for a container's end; return its exit code. One that does not run has ended already."""
        yield Until(container.changed, lambda: not container.running)
        return container.exit_code

    def update(self, container: Container, wanted: HostConfig, changed: Collection[str]) -> None:
        """Change what a container gets of the host. Raises InvalidParameter, Conflict."""
        if container.state in (State.REMOVING, State.DEAD):
            raise errors.cannot_update(container.id, 'Container is marked for removal and cannot be "update".')
        if "memory" in changed or "memory_swap" in changed:
            swap = container.host_config.memory_swap
            if "memory_swap" not in changed and 0 < swap < wanted.memory:
                raise errors.swap_already_smaller(container.id)
        verification.verify_resources(wanted)
        container.host_config = wanted
        self.tell(container, "update")

    def remove_link(self, name: str) -> None:
        """Remove the alias that a link gave to a container ("web/db"). Raises Failure, NotFound."""
        parent, slash, alias = name.strip("/").partition("/")
        container = self.containers.find(parent)
        if not slash:
            raise errors.default_link()
        links = container.host_config.links or ()
        kept = tuple(link for link in links if link.rpartition(":")[2].strip("/").rpartition("/")[2] != alias)
        if len(kept) == len(links):
            raise errors.no_such_link(name)
        container.host_config = replace(container.host_config, links=kept)

    def network_names(self, container: Container) -> Iterator[str]:
        """Yield names and ids of the networks that a container is in."""
        for name, endpoint in self.connections.sandbox(container).endpoints.items():
            yield from (name, endpoint.network_id)

    def volume_names(self, container: Container) -> Iterator[str]:
        """Yield names and places of what is mounted in a container."""
        for point in self.mounts.of(container).values():
            yield from (point.name, point.destination)

    def refuse_removal(self, container: Container) -> None:
        """Raise the daemon's error if a container is in a state in which only force removes it."""
        refusals = {
            State.PAUSED: errors.remove_paused,
            State.RESTARTING: errors.remove_restarting,
            State.RUNNING: errors.remove_running,
            State.GHOST: errors.remove_running,
        }
        refusal = refusals.get(container.state)
        if refusal is not None:
            raise refusal(container.id, container.name)

    def remove(self, container: Container, *, volumes: bool = False, grace: float = REMOVE_GRACE) -> Job[None]:
        """Remove a container; with its volumes if asked, unless others use them.

        One that runs is stopped first, or killed at once if `grace`, seconds, is 0.
        """
        after(container.state, Verb.REMOVE, container.id)
        if container.running and grace:
            yield from self._end(container, grace)
        elif container.running:
            container.stopped_by_hand = True
            self.signal(container, Signal.KILL)
        self._forget(container, volumes=volumes)

    def _forget(self, container: Container, *, volumes: bool) -> None:
        """Let a container that has ended be no more."""
        if container.state is State.REMOVED:  # somebody else was faster while it stopped
            return
        restarts.forget(container)
        container.state = State.REMOVED
        self.containers.remove(container)
        self.execs.forget(container)
        self.connections.forget(container)
        self.mounts.forget(container, anonymous=volumes)
        self.tell(container, "destroy")
        container.changed.notify()

    def shut_down(self) -> None:
        """End everything: the daemon goes away, and whoever follows or waits is told so."""
        for container in self.containers:
            restarts.forget(container)
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

    def published_ports(self, container: Container) -> dict[int, int] | None:
        """Return the TCP ports of a container and those of the host that lead there; None while it does not run."""
        if not self.today:
            return container.network.ports
        sandbox = self.connections.sandbox(container)
        if sandbox.namespace is None:
            return None
        published = [one for ports in (sandbox.ports or {}).values() for one in ports if one.protocol == "tcp"]
        return {one.private: one.public for one in reversed(published)}  # of several the first counts

    def volumes_of(self, container: Container) -> dict[str, str] | None:
        """Return a container's volumes by their places; None as long as it has none because it never started."""
        if not self.today:
            return container.volumes
        points = self.mounts.of(container).values()
        return {point.destination: point.name for point in points if point.type == "volume"}

    def resize(self, container: Container, rows: int, columns: int) -> None:
        """Change the size of a container's terminal, in characters. Raises Failure if it has none."""
        if not container.config.tty:
            raise errors.no_terminal()
        if container.terminal is not None:
            container.terminal.resize(rows, columns)
            self.tell(container, "resize", height=str(rows), width=str(columns))

    def snapshot(self, container: Container) -> Files:
        """Return a container's tree as it is now, to be read without the lock. Raises NotFound (image gone)."""
        return self.mount(container).snapshot()
