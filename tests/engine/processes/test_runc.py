"""How a command of today's daemons begins."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from fakedocker.engine.containers.config import Config
from fakedocker.engine.containers.containers import Container
from fakedocker.engine.errors import CannotExecute, Failure
from fakedocker.engine.files.files import Files
from fakedocker.engine.files.layers import Layer
from fakedocker.engine.processes.effects import Body, Program
from fakedocker.engine.processes.processes import Process
from fakedocker.engine.processes.runc import RUNC, Identity, check, environment, find_group, find_user, identify

if TYPE_CHECKING:
    from engine.conftest import World

PASSWD = b"root:x:0:0:root:/root:/bin/sh\nworker:x:1000:1001::/home/worker:/bin/sh\nbroken\n\nnohome:x:5:6\n"


@pytest.fixture
def files() -> Files:
    files = Files([], Layer(), lambda: 0.0)
    for directory in ("/etc", "/bin", "/dir"):
        files.mkdir(directory)
    files.write("/etc/passwd", PASSWD)
    files.write("/etc/group", b"root:x:0:\nstaff:x:50:worker\n")
    files.write("/bin/sh", b"", mode=0o755)
    files.write("/bin/data", b"")
    return files


@pytest.mark.parametrize(
    ("user", "identity"),
    [
        ("", Identity(0, 0, "/root")),
        ("root", Identity(0, 0, "/root")),
        ("worker", Identity(1000, 1001, "/home/worker", (50,))),
        ("1000", Identity(1000, 1001, "/home/worker", (50,))),
        ("worker:staff", Identity(1000, 50, "/home/worker")),
        ("worker:7", Identity(1000, 7, "/home/worker")),
        (":staff", Identity(0, 50, "/root")),
        ("4321", Identity(4321, 0, "/")),
        ("4321:9", Identity(4321, 9, "/")),
        ("nohome", Identity(5, 6, "/")),
    ],
)
def test_a_user_is_looked_up(files: Files, user: str, identity: Identity) -> None:
    assert identify(files, user) == identity


@pytest.mark.parametrize(
    ("user", "problem"),
    [
        ("nobody", "unable to find user nobody: no matching entries in passwd file"),
        ("99999999999", "unable to find user 99999999999: no matching entries in passwd file"),
        ("root:nobody", "unable to find group nobody: no matching entries in group file"),
    ],
)
def test_an_unknown_user_or_group_is_an_error(files: Files, user: str, problem: str) -> None:
    with pytest.raises(Failure) as error:
        identify(files, user)
    assert str(error.value) == problem


def test_an_image_without_passwd_knows_only_numbers() -> None:
    nothing = Files([], Layer(), lambda: 0.0)
    assert identify(nothing, "") == Identity()
    assert find_user(nothing, "7") == 7
    assert find_user(nothing, "root") is None
    assert find_group(nothing, "root") is None


def test_the_environment_has_a_home_unless_the_configuration_says_so(files: Files) -> None:
    env = environment(Config(user="worker", hostname="h", env=("A=b=c", "PATH=/x")), files)
    assert env == {"PATH": "/x", "HOSTNAME": "h", "A": "b=c", "HOME": "/home/worker"}
    assert environment(Config(env=("HOME=/mine",), tty=True), files)["HOME"] == "/mine"


@pytest.mark.parametrize(
    ("command", "problem"),
    [
        ("/nowhere", 'exec: "/nowhere": stat /nowhere: no such file or directory'),
        ("nowhere", 'exec: "nowhere": executable file not found in $PATH'),
        ("data", 'exec: "data": permission denied'),
        ("/bin/data", 'exec: "/bin/data": permission denied'),
        ("/bin", 'exec: "/bin": permission denied'),
        ("/bin/sh/x", 'exec: "/bin/sh/x": stat /bin/sh/x: not a directory'),
    ],
)
def test_what_cannot_be_started_is_found_before(files: Files, command: str, problem: str) -> None:
    with pytest.raises(CannotExecute, match="OCI runtime create failed") as error:
        check(Config(cmd=(command,)), files)
    assert str(error.value).endswith(f"{problem}: unknown")


@pytest.mark.parametrize("command", ["sh", "/bin/sh", "./sh"])
def test_what_can_be_started_is_fine(files: Files, command: str) -> None:
    check(Config(cmd=(command,), working_dir="/bin"), files)


def test_more_groups_are_asked_for_by_name_or_number(files: Files) -> None:
    assert identify(files, "worker", ("staff", "1234")) == Identity(1000, 1001, "/home/worker", (50, 1234))
    assert identify(files, "", ("root", "staff")).groups == (0, 50)
    with pytest.raises(Failure) as error:
        identify(files, "", ("nobody",))
    assert str(error.value) == "Unable to find group nobody: no matching entries in group file"


def test_a_variable_without_a_value_is_taken_away(files: Files) -> None:
    env = environment(Config(env=("A=1", "B=2", "A", "PATH")), files)
    assert env["B"] == "2"
    assert env.keys().isdisjoint({"A", "PATH"})


def test_without_a_path_programs_are_found_by_theirs_only(files: Files) -> None:
    check(Config(cmd=("/bin/sh",), env=("PATH",)), files)
    with pytest.raises(CannotExecute, match="executable file not found"):
        check(Config(cmd=("sh",), env=("PATH",)), files)


def started(command: Body, world: World) -> Container:
    container = world.create(command)
    container.init = RUNC
    world.engine.start(container)
    world.settle()
    return container


def test_a_short_command_writes_at_once_and_ends_a_little_later(new_world: Callable[..., World]) -> None:
    def short(process: Process) -> Program[int]:
        yield from process.write(1, "written\n")
        return 3

    world = new_world(start_delay=0.5)
    container = started(short, world)
    assert (container.log.read(), container.running) == (b"written\n", True)
    world.advance(0.5)
    assert (container.exit_code, container.running) == (3, False)


def test_a_long_command_ends_when_it_ends(new_world: Callable[..., World]) -> None:
    def long(process: Process) -> Program[int]:
        yield from process.sleep(1)
        return 3

    world = new_world(start_delay=0.5)
    container = started(long, world)
    world.advance(1)
    assert not container.running
