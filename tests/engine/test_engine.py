"""The verbs of Docker on the state they change."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from fakedocker.engine.clock import EPOCH
from fakedocker.engine.containers.config import Config
from fakedocker.engine.containers.containers import Container
from fakedocker.engine.containers.lifecycle import State
from fakedocker.engine.engine import GHOST_EXIT_CODE
from fakedocker.engine.errors import Conflict, DockerError, Failure, InvalidParameter, NotFound
from fakedocker.engine.networks.networks import Endpoint
from fakedocker.engine.processes.effects import Interrupted, Program, Read, Signal, Sleep
from fakedocker.engine.processes.processes import Process
from fakedocker.engine.profiles import Host

if TYPE_CHECKING:
    from engine.conftest import World


def sleeps(process: Process) -> Program[int]:
    yield Sleep(1000)
    return 0


def exits(code: int) -> Callable[[Process], Program[int]]:
    def body(process: Process) -> Program[int]:
        yield from process.write(1, "x")
        return code

    return body


def polite(process: Process) -> Program[int]:
    """A program that ends a second after TERM."""
    process.catch(Signal.TERM)
    try:
        yield Sleep(1000)
    except Interrupted:
        yield Sleep(1)
    return 7


def taken(world: World) -> tuple[int, int, int]:
    """Return how many addresses, ports and volumes are taken."""
    return len(world.engine.bridge._addresses), len(world.engine.bridge._ports), len(world.engine.volumes)


# -- create -----------------------------------------------------------------------


def test_a_new_container_is_created_and_nothing_runs(world: World) -> None:
    container = world.create(sleeps)
    assert container.state is State.CREATED
    assert (container.pid, container.exit_code, container.started_at, container.finished_at) == (0, 0, 0.0, 0.0)
    assert (container.network, container.volumes, container.layer) == (Endpoint(), None, None)
    assert (container.image, container.config.image, container.created) == (world.image.id, "base", EPOCH)
    assert world.engine.containers.find(container.id) is container


def test_a_host_name_is_invented_from_the_id(world: World) -> None:
    container = world.create()
    assert container.config.hostname == container.id[:12]
    assert world.create(hostname="mine").config.hostname == "mine"


def test_the_images_configuration_lies_below(world: World) -> None:
    world.new_image("configured", Config(cmd=("/bin/other",), env=("A=1",), user="daemon"))
    container = world.create(image="configured", cmd=None, env=("B=2",))
    assert (container.config.cmd, container.config.env, container.config.user) == (("/bin/other",), ("B=2",), "daemon")


@pytest.mark.parametrize("command", [None, ()])
def test_without_a_command_nothing_is_created(world: World, command: Any) -> None:
    with pytest.raises(Failure, match=r"^No command specified$"):
        world.create(cmd=command)
    assert len(world.engine.containers) == 0


@pytest.mark.parametrize(
    ("host", "memory", "swap", "warned"),
    [
        (Host(), 1000, 2000, False),
        (Host(swap_limit=False), 1000, -1, True),
        (Host(memory_limit=False), 0, 2000, False),
        (Host(memory_limit=False, swap_limit=False), 0, 2000, False),
    ],
)
def test_limits_that_the_host_cannot_keep_are_dropped(
    new_world: Callable[..., World], host: Host, memory: int, swap: int, warned: bool
) -> None:
    world = new_world(host=host)
    container = world.create(memory=1000, memory_swap=2000)
    assert (container.config.memory, container.config.memory_swap) == (memory, swap)
    assert world.engine.lacks_swap_limit(Config(memory=1000)) == warned
    assert not world.engine.lacks_swap_limit(Config())


def test_a_container_with_name_servers_has_its_own_file_for_them(world: World) -> None:
    assert world.create().resolv_conf_path == "/etc/resolv.conf"
    container = world.create(dns=("8.8.8.8",))
    assert container.resolv_conf_path == f"/var/lib/docker/containers/{container.id}/resolv.conf"


# -- start ------------------------------------------------------------------------


def test_a_started_container_runs_and_has_all_that_a_running_one_has(world: World) -> None:
    world.clock.advance(5)
    container = world.start(sleeps, port_specs=("80",))
    assert container.state is State.RUNNING
    assert container.pid > 0
    assert container.started_at == EPOCH + 5
    assert container.network == Endpoint("172.16.42.2", 24, "172.16.42.1", "docker0", {80: 49153})
    assert container.volumes == {}


def test_what_has_ended_gives_everything_back(world: World) -> None:
    container = world.start(exits(3), port_specs=("80",), volumes={"/data": {}})
    assert container.state is State.EXITED
    assert (container.exit_code, container.pid, container.network) == (3, 0, Endpoint())
    assert list(container.volumes or {}) == ["/data"]
    assert taken(world) == (0, 0, 1)
    assert container.files is not None
    assert not container.files.mounts
    assert container.finished_at == EPOCH


def test_a_container_can_be_started_again_with_its_files_and_its_log(world: World) -> None:
    def writes(process: Process) -> Program[int]:
        count = len(process.files.read("/count").read()) if process.files.exists("/count") else 0
        process.files.write("/count", b"x" * (count + 1))
        yield from process.write(1, f"run {count + 1}\n")
        return count

    container = world.start(writes)
    world.clock.advance(10)
    world.engine.start(container)
    assert container.exit_code == 0
    world.settle()
    assert container.log.read() == b"run 1\nrun 2\n"
    assert (container.exit_code, container.started_at) == (1, EPOCH + 10)


def test_a_running_container_is_not_started(world: World) -> None:
    container = world.start(sleeps)
    with pytest.raises(Conflict, match=f"^The container {container.id} is already running.$"):
        world.engine.start(container)
    assert taken(world) == (1, 0, 0)


@pytest.mark.parametrize(
    ("config", "kind", "text"),
    [
        ({"port_specs": (":81", "x")}, InvalidParameter, 'parsing "x": invalid syntax'),
        ({"port_specs": (":81", ":81")}, Conflict, "81"),
        ({"volumes": {"/data": {}, "/etc/passwd": {}}}, Failure, "/etc/passwd"),
        ({"volumes": {"/data": {}, "/etc/passwd/x": {}}}, Failure, "/etc/passwd"),
        ({"volumes": {"/data": {}, "/": {}}}, Failure, "/"),
        ({"volumes": {"/data": {}, "/a\0b": {}}}, Failure, ""),
        ({"volumes": {"/data": {}, "/" + "a" * 300: {}}}, Failure, "File name too long"),
        ({"volumes_from": "nosuch"}, Failure, "Impossible to mount its volumes"),
    ],
)
def test_a_start_that_fails_takes_nothing(
    world: World, config: dict[str, Any], kind: type[DockerError], text: str
) -> None:
    container = world.create(sleeps, **{"port_specs": ("80",), "volumes": {"/data": {}}, **config})
    with pytest.raises(kind) as error:
        world.engine.start(container)
    assert text in str(error.value)
    assert container.state is State.CREATED
    assert (container.pid, container.network, container.volumes) == (0, Endpoint(), None)
    assert taken(world) == (0, 0, 0)
    assert container.files is not None
    assert not container.files.mounts


def test_a_container_whose_image_is_gone_does_not_start(world: World) -> None:
    container = world.create(sleeps)
    world.engine.images.delete(world.image.id)
    with pytest.raises(NotFound, match=f"^No such id: {world.image.id}$"):
        world.engine.start(container)
    assert taken(world) == (0, 0, 0)


def test_a_program_that_fails_is_a_crash_and_the_container_ends(world: World) -> None:
    def fails(process: Process) -> Program[int]:
        yield Sleep(0)
        raise LookupError("oops")

    container = world.start(fails)
    assert container.exit_code == 139
    ((what, error),) = world.engine.crashes
    assert what == "/bin/program"
    assert isinstance(error, LookupError)


@pytest.mark.parametrize("in_child", [False, True])
def test_what_asks_for_too_much_memory_is_killed_and_the_container_is_marked(world: World, in_child: bool) -> None:
    def greedy(process: Process) -> Program[int]:
        yield from process.sleep(1)
        raise MemoryError

    def parent(process: Process) -> Program[int]:
        pid = yield from process.spawn(greedy, ("greedy",))
        return (yield from process.wait(pid))[1]

    container = world.start(parent if in_child else greedy)
    assert (container.running, container.oom_killed) == (True, False)
    world.advance(1)
    assert (container.exit_code, container.oom_killed) == (137, True)
    assert world.engine.crashes == []
    world.engine.start(container)
    assert container.oom_killed is False


def test_a_limit_of_memory_is_kept(world: World) -> None:
    def asks(process: Process) -> Program[int]:
        process.allocate(64 << 20)
        yield Sleep(0)
        return 0

    assert world.start(asks, memory=64 << 20).exit_code == 0
    small = world.start(asks, memory=32 << 20)
    assert (small.exit_code, small.oom_killed) == (137, True)


def test_a_container_cannot_fill_the_host(world: World) -> None:
    def fills(process: Process) -> Program[int]:
        process.files.write("/f", b"")
        process.files.truncate("/f", 1 << 30)
        try:
            process.files.append("/f", b"x")
        except OSError as error:
            yield from process.write(2, str(error.strerror))
        return 1

    assert world.start(fills).log.read() == b"No space left on device"


def test_a_container_is_known_by_all_names_of_its_image_and_of_those_it_is_built_on(world: World) -> None:
    container = world.start(sleeps)
    names = world.engine.images.repositories
    names.set("other", "1", world.image.id)
    assert [*world.engine.image_names(container)] == ["base", "base:latest", "other:1"]
    child = world.engine.commit(container)
    names.set("app", "2", child.id)
    assert [*world.engine.image_names(world.create(image=child.id))] == [child.id, "app:2", "base:latest", "other:1"]
    world.engine.images.delete(world.image.id)
    assert [*world.engine.image_names(container)] == ["base"]


# -- stop, kill, restart, wait ----------------------------------------------------


def test_stop_lets_a_process_end_by_itself(world: World) -> None:
    container = world.start(polite)
    world.run(world.engine.stop(container, 10))
    assert (container.state, container.exit_code, world.clock.now()) == (State.EXITED, 7, EPOCH + 1)


@pytest.mark.parametrize("seconds", [0, 10])
def test_stop_kills_what_does_not_end_in_time(world: World, seconds: float) -> None:
    container = world.start(sleeps)
    world.run(world.engine.stop(container, seconds))
    assert (container.exit_code, world.clock.now()) == (137, EPOCH + seconds)


def test_stopping_and_killing_what_does_not_run_does_nothing(world: World) -> None:
    container = world.create(sleeps)
    world.run(world.engine.stop(container, 10))
    world.engine.kill(container)
    assert container.state is State.CREATED
    container = world.start(exits(3))
    world.run(world.engine.stop(container, 10))
    world.engine.kill(container)
    assert (container.state, container.exit_code) == (State.EXITED, 3)


def test_kill_ends_at_once(world: World) -> None:
    container = world.start(polite)
    world.engine.kill(container)
    assert (container.state, container.exit_code) == (State.EXITED, 137)


def test_two_that_stop_at_the_same_time_both_come_to_an_end(world: World) -> None:
    container = world.start(polite)
    jobs = [world.engine.stop(container, 10) for _ in range(2)]
    waits = [next(job) for job in jobs]
    world.advance(1)
    assert all(wait.met() for wait in waits)  # type: ignore[union-attr]
    for job in jobs:
        world.run(job)
    assert container.exit_code == 7


def test_restart_stops_and_starts(world: World) -> None:
    container = world.start(polite)
    pid = container.pid
    world.run(world.engine.restart(container, 10))
    assert container.state is State.RUNNING
    assert container.pid != pid
    assert container.started_at == EPOCH + 1


def test_restarting_what_does_not_run_starts_it(world: World) -> None:
    container = world.create(sleeps)
    world.run(world.engine.restart(container, 10))
    assert container.state is State.RUNNING


def test_wait_gives_the_exit_code_at_the_end(world: World) -> None:
    def body(process: Process) -> Program[int]:
        yield Sleep(5)
        return 9

    container = world.start(body)
    assert world.run(world.engine.wait(container)) == 9
    assert world.clock.now() == EPOCH + 5
    assert world.run(world.engine.wait(container)) == 9
    assert world.run(world.engine.wait(world.create(body))) == 0


def test_whoever_waits_leaves_no_subscription(world: World) -> None:
    container = world.start(exits(0))
    world.run(world.engine.wait(container))
    assert len(container.changed) == 0


# -- ghosts -----------------------------------------------------------------------


@pytest.fixture
def ghost(world: World) -> Container:
    container = world.create(sleeps, port_specs=(":80",), volumes={"/data": {}})
    world.engine.restore(container, State.GHOST, started_at=EPOCH - 100, output=[("stdout", b"before")])
    return container


def test_a_ghost_holds_what_a_running_container_holds(world: World, ghost: Container) -> None:
    assert ghost.running
    assert ghost.pid > 0
    assert (ghost.started_at, ghost.log.read()) == (EPOCH - 100, b"before")
    assert taken(world) == (1, 1, 1)


@pytest.mark.parametrize("verb", ["stop", "kill"])
def test_a_ghost_that_ends_has_its_own_exit_code(world: World, ghost: Container, verb: str) -> None:
    if verb == "stop":
        world.run(world.engine.stop(ghost, 10))
    else:
        world.engine.kill(ghost)
    assert (ghost.state, ghost.exit_code) == (State.EXITED, GHOST_EXIT_CODE)
    assert taken(world) == (0, 0, 1)
    assert world.clock.now() == EPOCH


def test_a_ghost_is_not_started_but_restarted(world: World, ghost: Container) -> None:
    with pytest.raises(Conflict):
        world.engine.start(ghost)
    world.run(world.engine.restart(ghost, 10))
    assert ghost.state is State.RUNNING
    assert taken(world) == (1, 1, 1)


def test_a_container_can_be_restored_as_ended(world: World) -> None:
    container = world.create(sleeps, port_specs=(":80",))
    world.engine.restore(container, State.EXITED, exit_code=-127, started_at=EPOCH - 9, finished_at=EPOCH - 5)
    assert (container.state, container.exit_code) == (State.EXITED, -127)
    assert (container.started_at, container.finished_at) == (EPOCH - 9, EPOCH - 5)
    assert taken(world) == (0, 0, 0)


# -- remove -----------------------------------------------------------------------


def test_a_container_is_removed_and_cannot_be_used_any_more(world: World) -> None:
    container = world.start(exits(0))
    world.run(world.engine.remove(container))
    assert container.state is State.REMOVED
    assert len(world.engine.containers) == 0
    with pytest.raises(NotFound, match=f"No such container: {container.id}"):
        world.engine.start(container)
    with pytest.raises(NotFound):
        world.run(world.engine.remove(container))


@pytest.mark.parametrize(("body", "seconds"), [(polite, 1), (sleeps, 3)])
def test_a_running_container_is_stopped_within_three_seconds_and_removed(
    world: World, body: Any, seconds: float
) -> None:
    container = world.start(body, port_specs=(":80",))
    world.run(world.engine.remove(container))
    assert world.clock.now() == EPOCH + seconds
    assert taken(world) == (0, 0, 0)
    assert len(world.engine.containers) == 0


def test_two_that_remove_at_the_same_time_both_come_to_an_end(world: World) -> None:
    container = world.start(polite)
    jobs = [world.engine.remove(container) for _ in range(2)]
    for job in jobs:
        next(job)
    world.advance(1)
    for job in jobs:
        world.run(job)
    assert len(world.engine.containers) == 0


def test_whoever_waits_for_a_removed_container_is_told(world: World) -> None:
    container = world.start(sleeps)
    waiting = world.engine.wait(container)
    until = next(waiting)
    world.run(world.engine.remove(container))
    assert until.met()  # type: ignore[union-attr]
    assert world.run(waiting) == 137


# -- volumes ----------------------------------------------------------------------


def writes(path: str, text: bytes) -> Callable[[Process], Program[int]]:
    def body(process: Process) -> Program[int]:
        process.files.write(path, text)
        yield Sleep(0)
        return 0

    return body


def prints(path: str) -> Callable[[Process], Program[int]]:
    def body(process: Process) -> Program[int]:
        yield from process.write(1, process.files.read(path).read())
        return 0

    return body


def test_a_volume_outlives_the_run_and_is_no_change_of_the_container(world: World) -> None:
    container = world.start(writes("/data/f", b"kept"), volumes={"/data": {}})
    world.shelf.bodies["program"] = prints("/data/f")
    world.engine.start(container)
    world.settle()
    assert container.log.read() == b"kept"
    assert container.files is not None
    assert "/data/f" not in [change.path for change in container.files.changes()]


def test_a_volume_is_shared_by_who_takes_it_from_another_container(world: World) -> None:
    owner = world.start(writes("/data/f", b"shared"), volumes={"/data": {}})
    other = world.start(prints("/data/f"), volumes_from=owner.id[:12], volumes={"/own": {}, "/data": {}})
    assert other.log.read() == b"shared"
    assert owner.volumes is not None
    assert other.volumes is not None
    assert other.volumes["/data"] == owner.volumes["/data"]
    assert set(other.volumes) == {"/data", "/own"}


@pytest.mark.parametrize(
    "paths",
    [
        ("/a", "/a/b"),
        ("/a/b", "/a"),
        ("/a/b/c", "/a/b", "/a"),
        ("/a", "/a/"),
        ("data", "/data"),
        ("/a", "/a-b", "/a/b"),
    ],
)
def test_volumes_may_lie_in_each_other_in_any_order(world: World, paths: tuple[str, ...]) -> None:
    container = world.start(writes(f"/{paths[-1].strip('/')}/f", b"x"), volumes={path: {} for path in paths})
    assert container.state is State.EXITED
    assert container.files is not None
    assert not container.files.mounts
    world.engine.start(container)
    world.settle()
    assert container.exit_code == 0
    assert not world.engine.crashes


def test_volumes_go_with_the_container_only_if_asked_and_if_nobody_else_uses_them(world: World) -> None:
    owner = world.start(exits(0), volumes={"/data": {}, "/own": {}})
    user = world.start(exits(0), volumes_from=owner.id, volumes={"/more": {}})
    assert len(world.engine.volumes) == 3
    world.run(world.engine.remove(owner, volumes=True))
    assert len(world.engine.volumes) == 3
    world.run(world.engine.remove(user, volumes=True))
    assert len(world.engine.volumes) == 0
    kept = world.start(exits(0), volumes={"/data": {}})
    world.run(world.engine.remove(kept))
    assert len(world.engine.volumes) == 1


# -- commit and looking inside ----------------------------------------------------


def test_a_commit_is_an_image_of_what_changed(world: World) -> None:
    container = world.start(writes("/new", b"content"))
    image = world.engine.commit(container, comment="why", author="me", config=Config(cmd=("ls",)))
    assert (image.parent, image.container, image.container_config) == (world.image.id, container.id, container.config)
    assert (image.comment, image.author, image.config) == ("why", "me", Config(cmd=("ls",)))
    assert image.architecture == "x86_64"
    world.engine.images.repositories.set("made", "", image.id)
    assert world.start(prints("/new"), image="made").log.read() == b"content"


def test_an_image_does_not_change_when_its_container_goes_on(world: World) -> None:
    container = world.start(writes("/f", b"old"))
    image = world.engine.commit(container)
    world.engine.mount(container).write("/f", b"new")
    world.engine.images.repositories.set("made", "", image.id)
    assert world.start(prints("/f"), image="made").log.read() == b"old"


def test_a_running_container_can_be_committed(world: World) -> None:
    assert world.engine.commit(world.start(sleeps)).id in world.engine.images


def test_a_container_that_never_had_files_cannot_be_committed(world: World) -> None:
    container = world.create(sleeps)
    with pytest.raises(Failure, match=f"containers/{container.id}/rw"):
        world.engine.commit(container)
    assert len(world.engine.images) == 1


def test_a_commit_without_a_configuration_has_an_empty_one(world: World) -> None:
    assert world.engine.commit(world.start(exits(0))).config == Config()


def test_a_snapshot_does_not_change_any_more(world: World) -> None:
    container = world.start(writes("/f", b"old"))
    snapshot = world.engine.snapshot(container)
    world.engine.mount(container).write("/f", b"new")
    assert snapshot.read("/f").read() == b"old"


def test_a_terminal_is_resized_and_its_program_told(world: World) -> None:
    def waits(process: Process) -> Program[int]:
        process.catch(Signal.WINCH)
        return (yield from process.await_signal())

    container = world.start(waits, tty=True)
    terminal = container.terminal
    assert terminal is not None
    world.engine.resize(container, 24, 80)
    world.settle()
    assert (terminal.rows, terminal.columns, container.exit_code) == (24, 80, Signal.WINCH)
    world.engine.resize(container, 10, 10)


def test_without_a_terminal_nothing_is_resized(world: World) -> None:
    with pytest.raises(Failure, match="ptyMaster does not have Fd"):
        world.engine.resize(world.start(sleeps), 24, 80)


def test_a_container_without_input_reads_its_end_at_once(world: World) -> None:
    def reads(process: Process) -> Program[int]:
        return 5 if (yield Read(0)) == b"" else 0

    assert world.start(reads).exit_code == 5


# -- the end of the daemon --------------------------------------------------------


def test_shutting_down_ends_everything_and_tells_everybody(world: World, ghost: Container) -> None:
    containers = [world.start(sleeps), world.create(sleeps, "other"), ghost]
    told: list[Container] = []
    for container in containers:
        container.changed.subscribe(lambda container=container: told.append(container))
    world.engine.shut_down()
    world.settle()
    assert set(map(id, told)) == set(map(id, containers))
    assert {container.state for container in containers} == {State.REMOVED}
    assert world.clock.next_due() is None
