"""Programs that run until they are told to end."""

from __future__ import annotations

from fakedocker.engine.processes.effects import Signal
from fakedocker.programs.services import service


def test_a_service_serves_until_a_signal(container) -> None:
    container.catalogue.register("cat", service("ready\n", farewell="bye\n", code=3))
    container.start("cat")
    container.advance(1000)
    assert (container.output, container.code) == ("ready\n", None)
    container.kill(Signal.TERM)
    assert (container.output, container.code) == ("bye\n", 3)


def test_a_service_may_take_no_notice_of_a_signal(container) -> None:
    container.catalogue.register("cat", service(ends_on=(Signal.QUIT,)))
    container.start("cat")
    container.kill(Signal.TERM)
    assert container.code is None
    container.kill(Signal.QUIT)
    assert container.code == 0
