"""Which service answers at which port of which container."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fakedocker.engine.clock import ManualClock
from fakedocker.engine.containers.config import Config
from fakedocker.engine.containers.containers import Container, Home, Run
from fakedocker.engine.files.files import Files
from fakedocker.engine.files.layers import Layer
from fakedocker.engine.networks.sockets import SocketAddress
from fakedocker.engine.processes.effects import Body, Program
from fakedocker.engine.processes.processes import Process, ProcessTable, Scheduler
from fakedocker.programs.conversations import echo
from fakedocker.programs.ports import Service, Services

AWAY = SocketAddress("127.0.0.1", 9)


def other(process: Process) -> Program[int]:
    yield from process.write(1, "another one")
    return 0


@pytest.fixture
def home() -> Home:
    container = Container("f" * 64, 0.0, Config(labels={"role": "db", "empty": ""}), "i", "", name="web")
    return Home(container, lambda: iter(("nginx:1.27", "registry:5000/own")))


def found(home: Home, *services: Service, port: int = 80, age: float = 1.0) -> Body | SocketAddress | None:
    return Services(services).find(home, port, age)


@pytest.mark.parametrize(
    ("service", "fits"),
    [
        (Service(80, echo), True),
        (Service(81, echo), False),
        (Service(80, echo, image="nginx"), True),
        (Service(80, echo, image="nginx:1.27"), True),
        (Service(80, echo, image="nginx:1.28"), False),
        (Service(80, echo, image="registry:5000/own"), True),
        (Service(80, echo, image="ngin"), False),
        (Service(80, echo, name="web"), True),
        (Service(80, echo, name="we"), False),
        (Service(80, echo, label="role"), True),
        (Service(80, echo, label="role=db"), True),
        (Service(80, echo, label="role=d"), False),
        (Service(80, echo, label="empty="), True),
        (Service(80, echo, program="nginx"), False),
        (Service(80, echo, container=lambda container: container.name == "web"), True),
        (Service(80, echo, container=lambda container: False), False),
        (Service(80, echo, after=1.0), True),
        (Service(80, echo, after=1.1), False),
        (Service(80, echo, image="nginx", label="role=web"), False),
    ],
)
def test_a_service_answers_where_all_its_conditions_hold(home: Home, service: Service, fits: bool) -> None:
    assert (found(home, service) is echo) is fits


@pytest.mark.parametrize("name", ["nginx", "/usr/sbin/nginx"])
def test_a_service_can_ask_for_a_program_that_runs(home: Home, name: str) -> None:
    clock = ManualClock()

    def load(process: Process, path: str, argv: tuple[str, ...]) -> Body:
        raise FileNotFoundError

    table = ProcessTable(
        Scheduler(clock),
        Files([], Layer(), clock.now),
        "box",
        load,
        lambda process, path: None,
        lambda process, error: None,
    )
    home.container.run = Run(table, None)
    assert found(home, Service(80, echo, program=name)) is None
    table.begin(other, ("/usr/sbin/nginx", "-g"), {}, env={}, cwd="/")
    assert found(home, Service(80, echo, program=name)) is echo


def test_the_most_particular_service_answers_and_of_equals_the_last(home: Home) -> None:
    plain, image, both = Service(80, other), Service(80, AWAY, image="nginx"), Service(80, echo, "nginx", label="role")
    assert found(home, both, image, plain) is echo
    assert found(home, image, plain) is AWAY
    assert found(home, plain, Service(80, echo)) is echo
    assert found(home, Service(80, echo), plain) is other


def test_while_the_most_particular_one_is_not_ready_nobody_answers(home: Home) -> None:
    assert found(home, Service(80, other), Service(80, echo, image="nginx", after=9)) is None


def test_a_service_that_was_removed_answers_no_more(home: Home) -> None:
    service = Service(80, echo)
    services = Services([service])
    services.remove(service)
    assert services.find(home, 80, 1) is None
    with pytest.raises(ValueError, match="not in list"):
        services.remove(service)


def test_all_services_are_listed() -> None:
    made = [Service(80, echo), Service(81, echo)]
    listed: Iterator[Service] = iter(Services(made))
    assert [*listed] == made


@pytest.mark.parametrize("port", [0, -1, 65536])
def test_a_port_that_is_none_is_refused(port: int) -> None:
    with pytest.raises(ValueError, match="1 to 65535"):
        Service(port, echo)
