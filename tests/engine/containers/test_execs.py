"""Commands beside a container's own, without HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from fakedocker.engine import errors
from fakedocker.engine.containers import creation, execs
from fakedocker.engine.containers.config import Config
from fakedocker.engine.containers.containers import Container
from fakedocker.engine.containers.execs import CANNOT_START, KEPT, ExecConfig
from fakedocker.engine.containers.hostconfig import HostConfig
from fakedocker.engine.processes.effects import Program, Signal
from fakedocker.engine.processes.processes import Process
from fakedocker.engine.profiles import DOCKER_28

if TYPE_CHECKING:
    from engine.conftest import World

TELL = ExecConfig(("/bin/other", "word"), attach_stdout=True)


def sleeping(process: Process) -> Program[int]:
    yield from process.sleep(100_000)
    return 0


def telling(process: Process) -> Program[int]:
    env = {name: value for name, value in process.env.items() if name in ("A", "B", "HOME")}
    yield from process.write(1, f"{process.argv[1]} {process.cwd} {process.uid} {sorted(env.items())}\n")
    return 5


@pytest.fixture
def world(new_world: Callable[..., World]) -> World:
    world = new_world(profile=DOCKER_28)
    world.shelf.bodies |= {"program": sleeping, "other": telling}
    return world


@pytest.fixture
def container(world: World) -> Container:
    config = Config(cmd=("/bin/program",), image="base", env=("A=container", "B=container"), working_dir="/etc")
    container = creation.create(world.engine, config, HostConfig(), name="box")
    world.engine.start(container)
    world.settle()
    return container


def test_a_command_has_what_its_container_has(world: World, container: Container) -> None:
    one = execs.create(world.engine, container, TELL)
    execs.start(world.engine, one)
    world.settle()
    assert one.log.read() == b"word /etc 0 [('A', 'container'), ('B', 'container'), ('HOME', '/')]\n"
    assert (one.exit_code, one.running) == (5, False)


def test_a_command_can_have_its_own(world: World, container: Container) -> None:
    config = ExecConfig(TELL.command, env=("A=own",), user="daemon", working_dir="/bin")
    one = execs.create(world.engine, container, config)
    execs.start(world.engine, one)
    world.settle()
    assert one.log.read().startswith(b"word /bin 7 [('A', 'own'), ('B', 'container')")


def test_its_life_is_told(world: World, container: Container) -> None:
    before = world.engine.events.end
    one = execs.create(world.engine, container, TELL)
    execs.start(world.engine, one)
    world.settle()
    told = world.engine.events.since(before)
    assert [event.action for event in told] == [
        "exec_create: /bin/other word",
        "exec_start: /bin/other word",
        "exec_die",
    ]
    assert {event.attributes["execID"] for event in told} == {one.id}
    assert told[-1].attributes["exitCode"] == "5"


@pytest.mark.parametrize(
    "config",
    [ExecConfig(("nosuch",)), ExecConfig(TELL.command, user="nosuch"), ExecConfig(TELL.command, working_dir="/nosuch")],
)
def test_one_that_cannot_begin_has_ended(world: World, container: Container, config: ExecConfig) -> None:
    one = execs.create(world.engine, container, config)
    with pytest.raises(errors.DockerError):
        execs.start(world.engine, one)
    assert (one.exit_code, one.running, one.gone) == (CANNOT_START, False, True)
    assert world.engine.execs.present(container) == []


def test_it_is_kept_for_a_while_after_its_end(world: World, container: Container) -> None:
    one = execs.create(world.engine, container, TELL)
    execs.start(world.engine, one)
    world.advance(KEPT - 1)
    assert world.engine.execs.find(one.id) is one
    world.advance(2)
    with pytest.raises(errors.NotFound):
        world.engine.execs.find(one.id)


def test_nothing_can_be_prepared_where_nothing_runs(world: World, container: Container) -> None:
    world.engine.kill(container)
    world.settle()
    with pytest.raises(errors.Conflict):
        execs.create(world.engine, container, TELL)


def test_it_ends_with_its_container(world: World, container: Container) -> None:
    one = execs.create(world.engine, container, ExecConfig(("/bin/program",)))
    execs.start(world.engine, one)
    world.settle()
    assert one.running
    world.engine.kill(container)
    world.settle()
    assert (one.running, one.exit_code) == (False, 128 + Signal.KILL)


def test_keys_of_its_terminal_are_for_its_own_group(world: World, container: Container) -> None:
    one = execs.create(world.engine, container, ExecConfig(("/bin/program",), tty=True, attach_stdin=True))
    execs.start(world.engine, one)
    world.settle()
    assert one.run is not None
    assert one.run.leader is not None
    assert one.run.terminal is not None
    assert one.run.terminal.foreground == one.run.leader.group != 1
    one.run.terminal.type(b"\x03")
    world.settle()
    assert one.exit_code == 128 + Signal.INT
    assert container.running


def test_a_command_is_started_once(world: World, container: Container) -> None:
    one = execs.create(world.engine, container, TELL)
    execs.start(world.engine, one)
    world.settle()
    with pytest.raises(errors.Conflict):
        execs.start(world.engine, one)
    assert one.log.read().count(b"word") == 1


def test_nothing_is_started_in_a_paused_container_but_later(world: World, container: Container) -> None:
    one = execs.create(world.engine, container, TELL)
    world.engine.pause(container)
    text = "is paused, unpause the container before exec"
    with pytest.raises(errors.Conflict, match=f"Container {container.name} {text}"):
        execs.create(world.engine, container, TELL)
    with pytest.raises(errors.Conflict, match=f"Container {container.id} {text}"):
        execs.start(world.engine, one)
    world.engine.unpause(container)
    execs.start(world.engine, one)
    world.settle()
    assert one.exit_code == 5


def test_what_was_prepared_is_forgotten_when_its_container_ends_and_what_has_run_is_not(
    world: World, container: Container
) -> None:
    prepared, done, running = (
        execs.create(world.engine, container, config) for config in (TELL, TELL, ExecConfig(("/bin/program",)))
    )
    for one in (done, running):
        execs.start(world.engine, one)
        world.settle()
    world.engine.kill(container)
    world.settle()
    with pytest.raises(errors.NotFound):
        world.engine.execs.find(prepared.id)
    assert [world.engine.execs.find(one.id).exit_code for one in (done, running)] == [5, 128 + Signal.KILL]
    with pytest.raises(errors.Conflict):
        execs.start(world.engine, prepared)
    assert prepared.log.read() == b""
