"""What happens before a container's command runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from fakedocker.engine.containers.config import Config
from fakedocker.engine.processes.effects import Pause, Program
from fakedocker.engine.processes.init import PATH, environment
from fakedocker.engine.processes.processes import Process

if TYPE_CHECKING:
    from engine.conftest import World


def runs(process: Process) -> Program[int]:
    yield from process.write(1, f"{process.uid}:{process.gid} {process.cwd} {' '.join(process.argv)}")
    return 0


def test_the_command_runs_as_root_in_the_root_directory(world: World) -> None:
    assert world.start(runs, cmd=("program", "a", "b")).log.read() == b"0:0 / program a b"


@pytest.mark.parametrize("user", ["daemon", "7"])
def test_a_user_is_known_by_name_or_number(world: World, user: str) -> None:
    assert world.start(runs, user=user).log.read("stdout") == b"7:8 / /bin/program"


@pytest.mark.parametrize("user", ["nosuch", "99", "daemon:daemon", ":", "8"])
def test_an_unknown_user_is_logged_and_ends_with_1(world: World, user: str) -> None:
    container = world.start(runs, user=user)
    assert container.exit_code == 1
    assert container.log.read("stdout") == b""
    assert (
        container.log.read("stderr").decode()
        == f"2013/06/12 13:00:00 Unable to find user {user}: user: unknown user {user}\n"
    )


def test_an_image_without_a_list_of_users_has_none(world: World) -> None:
    container = world.create(runs, user="daemon")
    world.engine.mount(container).unlink("/etc/passwd")
    world.engine.start(container)
    world.settle()
    assert container.exit_code == 1


@pytest.mark.parametrize("line", ["", "daemon", "daemon:x", "daemon:x:y:z", "daemon:x::", "\xff\xfe", "daemon:x:²:8"])
def test_a_damaged_list_of_users_is_no_crash(world: World, line: str) -> None:
    container = world.create(runs, user="daemon")
    world.engine.mount(container).write("/etc/passwd", line.encode("latin-1", "replace") + b"\n")
    world.engine.start(container)
    world.settle()
    assert container.exit_code == 1
    assert not world.engine.crashes


@pytest.mark.parametrize("name", ["nosuch", "/nosuch", "/etc/passwd", "/bin", "./x", "", "a" * 5000, "a\0b"])
def test_an_unknown_program_is_logged_and_ends_with_127(world: World, name: str) -> None:
    container = world.start(cmd=(name,))
    assert container.exit_code == 127
    assert container.log.read("stderr").decode() == f"2013/06/12 13:00:00 Unable to locate {name}\n"
    assert not world.engine.crashes


def test_an_executable_that_nobody_can_run_is_not_located(world: World) -> None:
    assert world.start(cmd=("other",)).exit_code == 127


def test_the_command_begins_after_the_delay(new_world: Callable[..., World]) -> None:
    world = new_world(start_delay=0.5)
    container = world.start(runs)
    world.advance(0.4)
    assert container.log.read() == b""
    world.advance(0.1)
    assert container.log.read() != b""


@pytest.mark.parametrize(
    ("config", "added"),
    [
        ({}, {}),
        ({"tty": True}, {"TERM": "xterm"}),
        ({"env": ("A=1", "B=x=y", "C=", "D")}, {"A": "1", "B": "x=y", "C": "", "D": ""}),
        ({"env": ("HOME=/root", "PATH=/x", "HOSTNAME=other")}, {"HOME": "/root", "PATH": "/x", "HOSTNAME": "other"}),
        ({"env": ("A=1", "A=2")}, {"A": "2"}),
        ({"tty": True, "env": ("TERM=vt100",)}, {"TERM": "vt100"}),
    ],
)
def test_the_environment_is_the_daemons_below_the_configurations(config: dict[str, Any], added: dict[str, str]) -> None:
    usual = {"HOME": "/", "PATH": PATH, "container": "lxc", "HOSTNAME": "box"}
    assert environment(Config(hostname="box", **config)) == {**usual, **added}


def test_the_command_gets_the_environment_and_the_host_name(world: World) -> None:
    seen: list[tuple[str, str]] = []

    def looks(process: Process) -> Program[int]:
        seen.append((process.env["A"], process.hostname))
        yield Pause()
        return 0

    world.start(looks, env=("A=1",), hostname="box")
    assert seen == [("1", "box")]
