"""What `ps` on the host says of a container's processes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fakedocker.engine.containers.containers import Container
from fakedocker.engine.containers.tables import process_table
from fakedocker.engine.errors import DockerError
from fakedocker.engine.processes.effects import Program
from fakedocker.engine.processes.processes import Process

if TYPE_CHECKING:
    from engine.conftest import World


def sleeping(process: Process) -> Program[int]:
    yield from process.sleep(1000)
    return 0


@pytest.fixture
def container(world: World) -> Container:
    return world.start(sleeping)


def test_the_default_is_the_full_format(world: World, container: Container) -> None:
    titles, (row,) = process_table(world.engine, container, "-ef")
    assert titles == ["UID", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD"]
    assert dict(zip(titles, row, strict=True))["CMD"] == "/bin/program"


@pytest.mark.parametrize("arguments", ["aux", "u", "ax"])
def test_options_without_a_dash_are_those_of_bsd(world: World, container: Container, arguments: str) -> None:
    assert process_table(world.engine, container, arguments)[0][0] == "USER"


@pytest.mark.parametrize("arguments", ["-o pid,args", "-opid,args", "-eo pid,args"])
def test_columns_can_be_chosen(world: World, container: Container, arguments: str) -> None:
    titles, (row,) = process_table(world.engine, container, arguments)
    assert titles == ["PID", "COMMAND"]
    assert row == [str(container.pid), "/bin/program"]


def test_a_column_can_be_called_otherwise(world: World, container: Container) -> None:
    assert process_table(world.engine, container, "-o pid,comm=NAME")[0] == ["PID", "NAME"]


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ("-o args", "Couldn't find PID field in ps output"),
        ("-o pid,nosuch", 'ps: error: unknown user-defined format specifier "nosuch"'),
        ("-nosuch", "ps: error: unsupported SysV option"),
    ],
)
def test_what_ps_refuses_is_an_error(world: World, container: Container, arguments: str, text: str) -> None:
    with pytest.raises(DockerError) as caught:
        process_table(world.engine, container, arguments)
    assert str(caught.value) == text


def test_nothing_runs_in_a_container_that_does_not(world: World) -> None:
    with pytest.raises(DockerError):
        process_table(world.engine, world.create(sleeping), "-ef")
