"""What a fault may do in a request: wait, hang, be woken, break off."""

from __future__ import annotations

import threading
from random import Random
from typing import Any

import pytest

from fakedocker.engine.clock import ManualClock
from fakedocker.faults.calls import Call, Request


class Time:
    """A clock that stands still until it is told."""

    def __init__(self) -> None:
        self.manual = ManualClock()
        self.asked = threading.Event()
        self.now = self.manual.now

    def call_later(self, seconds: float, callback: Any) -> Any:
        timer = self.manual.call_later(seconds, callback)
        self.asked.set()
        return timer.cancel


def call(**environ: Any) -> Call:
    return Call(Request("ContainerStart", "web", (1, 41), {"fakedocker.clock": Time(), **environ}), Random(1))


def in_thread(work: Any) -> tuple[threading.Thread, list[BaseException | None]]:
    ended: list[BaseException | None] = []

    def run() -> None:
        try:
            work()
        except ConnectionAbortedError as error:
            ended.append(error)
        else:
            ended.append(None)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, ended


def test_who_waits_goes_on_when_the_time_has_passed() -> None:
    one = call()
    thread, ended = in_thread(lambda: one.wait(10))
    assert one.clock.asked.wait(5)  # type: ignore[attr-defined]
    one.clock.manual.advance(9)  # type: ignore[attr-defined]
    assert thread.is_alive()
    one.clock.manual.advance(1)  # type: ignore[attr-defined]
    thread.join(5)
    assert ended == [None]


@pytest.mark.parametrize("wait", [Call.hang, lambda one: one.wait(10)], ids=["hang", "wait"])
def test_who_waits_is_cut_off_when_it_is_over(wait: Any) -> None:
    one = call()
    thread, ended = in_thread(lambda: wait(one))
    one.end()
    thread.join(5)
    assert isinstance(ended[0], ConnectionAbortedError)


def test_who_hangs_goes_on_when_it_is_released_even_before() -> None:
    one = call()
    one.release()
    one.hang()


def test_no_time_is_no_wait() -> None:
    call().wait(0)


def test_a_client_that_leaves_ends_the_call() -> None:
    told: list[Any] = []
    one = call(**{"fakedocker.on_close": told.append})
    told[0]()
    assert one.over


def test_a_later_wake_takes_the_place_of_an_earlier_one() -> None:
    one = call()
    woken: list[int] = []
    one.on_wake(lambda: woken.append(1))
    one.wake_later(1)
    one.wake_later(2)
    one.clock.manual.advance(5)  # type: ignore[attr-defined]
    assert woken == [1]
    one.wake_later(1)
    one.close()
    one.clock.manual.advance(5)  # type: ignore[attr-defined]
    assert woken == [1]
