"""The lock, waiting, and the clock's ticker, with real threads."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from fakedocker.engine.clock import Clock, ManualClock
from fakedocker.engine.engine import Engine
from fakedocker.engine.files.files import Files
from fakedocker.engine.files.layers import Layer
from fakedocker.engine.ids import Ids
from fakedocker.engine.jobs import Begun, Event, Job, Transferred, Until, pause
from fakedocker.engine.processes.effects import Body, Program, Sleep
from fakedocker.engine.processes.processes import Process, ProcessTable
from fakedocker.engine.watch import Watch
from fakedocker.runtime import Deferred, RealClock, Runtime, Stopped

#: Seconds after which a test gives up; nothing here takes nearly as long.
PATIENCE = 10


class NoPrograms:
    def load(self, process: Process, path: str, argv: tuple[str, ...]) -> Body:
        raise FileNotFoundError(path)

    def provides(self, home: object, path: str, argv: tuple[str, ...] | None) -> bool:
        return False


def new_engine(clock: Clock) -> Engine:
    return Engine(clock, Ids(random.Random(1).randbytes), NoPrograms())


@pytest.fixture
def runtime() -> Iterator[Runtime]:
    """A runtime on the real clock."""
    runtime = Runtime(new_engine(RealClock()))
    yield runtime
    runtime.close()


@pytest.fixture
def manual() -> Iterator[Runtime]:
    """A runtime on a manual clock."""
    runtime = Runtime(new_engine(ManualClock()))
    yield runtime
    runtime.close()


class Thread(threading.Thread):
    """A thread whose result, or error, can be had."""

    def __init__(self, work: Callable[[], Any]) -> None:
        super().__init__(daemon=True)
        self.work = work
        self.result: Any = None
        self.error: BaseException | None = None
        self.start()

    def run(self) -> None:
        try:
            self.result = self.work()
        except BaseException as error:
            self.error = error

    def end(self) -> Any:
        self.join(PATIENCE)
        assert not self.is_alive(), "the thread still waits"
        if self.error is not None:
            raise self.error
        return self.result


def until_waiting(watch: Watch) -> None:
    """Return when somebody waits on a watch."""
    limit = time.monotonic() + PATIENCE
    while not len(watch):
        assert time.monotonic() < limit, "nobody waits"
        time.sleep(0.001)


class Door:
    """Something to wait for."""

    def __init__(self) -> None:
        self.watch = Watch()
        self.is_open = False

    def waiting(self, timeout: float | None = None) -> Until:
        return Until(self.watch, lambda: self.is_open, timeout)

    def open(self, runtime: Runtime) -> None:
        with runtime.engine():
            self.is_open = True
            self.watch.notify()


# -- jobs -------------------------------------------------------------------------


def test_a_job_is_carried_out_and_gives_its_result(runtime: Runtime) -> None:
    def job() -> Job[int]:
        yield Begun()
        yield pause(0.001)
        return 5

    assert runtime.run(job()) == 5


def test_driving_a_job_gives_what_it_reports_and_waits_where_it_waits(manual: Runtime) -> None:
    door = Door()

    def job() -> Job[str]:
        yield Begun()
        yield door.waiting()
        yield Transferred()
        return "done"

    def drive() -> tuple[list[Event], str]:
        events: list[Event] = []
        progress = manual.drive(job())
        while True:
            try:
                events.append(next(progress))
            except StopIteration as end:
                return events, end.value

    thread = Thread(drive)
    until_waiting(door.watch)
    door.open(manual)
    assert thread.end() == ([Begun(), Transferred()], "done")
    assert len(door.watch) == 0


def test_the_lock_is_free_between_the_steps_of_a_job(manual: Runtime) -> None:
    held: list[bool] = []

    def job() -> Job[None]:
        held.append(manual.lock._is_owned())  # type: ignore[attr-defined]
        yield Begun()

    progress = manual.drive(job())
    next(progress)
    assert held == [True]
    assert Thread(lambda: manual.lock.acquire(timeout=PATIENCE) and manual.lock.release()).end() is None
    progress.close()


def test_closing_the_drive_abandons_the_job_under_the_lock(manual: Runtime) -> None:
    cleaned: list[bool] = []

    def job() -> Job[None]:
        try:
            yield Begun()
            yield Transferred()
        finally:
            cleaned.append(manual.lock._is_owned())  # type: ignore[attr-defined]

    progress = manual.drive(job())
    next(progress)
    progress.close()
    assert cleaned == [True]


def test_an_error_of_a_job_reaches_whoever_carries_it_out(manual: Runtime) -> None:
    def job() -> Job[None]:
        yield Begun()
        raise LookupError("oops")

    with pytest.raises(LookupError, match="oops"):
        manual.run(job())
    assert not manual.lock._is_owned()  # type: ignore[attr-defined]


def test_what_can_run_in_containers_has_run_when_the_lock_is_given_back(manual: Runtime) -> None:
    ran: list[bool] = []

    def body(process: Process) -> Program[int]:
        ran.append(True)
        yield Sleep(1)
        return 0

    def fail() -> None:
        with manual.engine() as engine:
            _begin(engine, body)
            assert not ran
            raise LookupError

    with pytest.raises(LookupError):  # it is given back in an error, too
        fail()
    assert ran


def _begin(engine: Engine, body: Body) -> None:
    files = Files([], Layer(), engine.clock.now)
    table = ProcessTable(engine.scheduler, files, "", NoPrograms().load, lambda *_: None, lambda *_: None)
    table.begin(body, ("x",), {}, env={}, cwd="/")


# -- waiting ----------------------------------------------------------------------


def test_what_has_happened_already_is_not_waited_for(manual: Runtime) -> None:
    door = Door()
    door.open(manual)
    manual.wait(door.waiting())
    assert len(door.watch) == 0


def test_a_change_that_is_not_the_one_goes_on_waiting(manual: Runtime) -> None:
    door = Door()
    thread = Thread(lambda: manual.wait(door.waiting()))
    until_waiting(door.watch)
    with manual.engine():
        door.watch.notify()
    thread.join(0.02)
    assert thread.is_alive()
    door.open(manual)
    thread.end()


def test_a_timeout_is_one_of_the_engines_clock(manual: Runtime) -> None:
    door = Door()
    thread = Thread(lambda: manual.wait(door.waiting(100)))
    until_waiting(door.watch)
    with manual.engine() as engine:
        engine.clock.advance(100)  # type: ignore[attr-defined]
    thread.end()
    assert not door.is_open


@pytest.mark.parametrize("how", ["run", "wait"])
def test_a_wait_of_no_time_is_over_at_once_even_if_the_clock_stands_still(manual: Runtime, how: str) -> None:
    if how == "wait":
        manual.wait(Door().waiting(0))
    else:

        def job() -> Job[int]:
            yield pause(0)
            return 1

        assert manual.run(job()) == 1


def test_what_was_waited_for_leaves_no_timer(manual: Runtime) -> None:
    door = Door()
    thread = Thread(lambda: manual.wait(door.waiting(100)))
    until_waiting(door.watch)
    door.open(manual)
    thread.end()
    with manual.engine() as engine:
        assert engine.clock.next_due() is None


@pytest.mark.parametrize("timeout", [None, 1000])
def test_closing_wakes_whoever_waits_and_refuses_who_comes_later(manual: Runtime, timeout: float | None) -> None:
    door = Door()
    threads = [Thread(lambda: manual.wait(door.waiting(timeout))) for _ in range(3)]
    until_waiting(door.watch)
    manual.close()
    manual.close()
    for thread in threads:
        with pytest.raises(Stopped):
            thread.end()
    with pytest.raises(Stopped):
        manual.wait(door.waiting(timeout))
    assert len(door.watch) == 0


# -- the clock --------------------------------------------------------------------


def test_timers_run_in_order_and_an_earlier_one_is_noticed(runtime: Runtime) -> None:
    seen: list[str] = []
    done = threading.Event()
    with runtime.engine() as engine:
        engine.clock.call_later(0.06, lambda: (seen.append("late"), done.set()))
    time.sleep(0.005)  # the ticker waits for the late one by now
    with runtime.engine() as engine:
        engine.clock.call_later(0.01, lambda: seen.append("early"))
        engine.clock.call_later(0.03, lambda: seen.append("middle"))
    assert done.wait(PATIENCE)
    assert seen == ["early", "middle", "late"]


def test_a_timer_runs_under_the_lock(runtime: Runtime) -> None:
    owned: list[bool] = []
    done = threading.Event()
    with runtime.engine() as engine:
        engine.clock.call_later(0, lambda: (owned.append(runtime.lock._is_owned()), done.set()))  # type: ignore[attr-defined]
    assert done.wait(PATIENCE)
    assert owned == [True]


def test_timers_that_were_set_before_there_was_a_runtime_run_too() -> None:
    engine, done = new_engine(RealClock()), threading.Event()
    engine.clock.call_later(0, done.set)
    runtime = Runtime(engine)
    assert done.wait(PATIENCE)
    runtime.close()


def test_a_program_that_only_naps_does_not_keep_others_from_the_lock(runtime: Runtime) -> None:
    def naps(process: Process) -> Program[int]:
        while True:
            yield Sleep(1e-6)

    def dozes(process: Process) -> Program[int]:
        while True:
            yield Sleep(0)

    with runtime.engine() as engine:
        _begin(engine, naps)
        _begin(engine, dozes)
    for _ in range(5):
        assert runtime.lock.acquire(timeout=PATIENCE)
        runtime.lock.release()


def test_a_closed_runtime_ticks_no_more(runtime: Runtime) -> None:
    with runtime.engine() as engine:
        engine.clock.call_later(1000, lambda: None)
    ticker = runtime._ticker
    assert ticker is not None
    runtime.close()
    ticker.join(PATIENCE)
    assert not ticker.is_alive()


def test_a_manual_clock_needs_no_thread(manual: Runtime) -> None:
    with manual.engine() as engine:
        engine.clock.call_later(1, lambda: None)
    assert manual._ticker is None


def test_the_real_clock_tells_the_time_and_never_goes_back() -> None:
    clock = RealClock()
    assert abs(clock.now() - time.time()) < 1
    times = [clock.now() for _ in range(100)]
    assert times == sorted(times)


# -- answers that come later ------------------------------------------------------


def test_a_deferred_answer_comes_once_and_then_the_end(manual: Runtime) -> None:
    door = Door()
    deferred = Deferred(manual, door.watch, lambda: b"answer" if door.is_open else None)
    assert deferred.read(100) == b""
    woken: list[bool] = []
    deferred.watch(lambda: woken.append(True))
    door.open(manual)
    assert woken == [True]
    assert (deferred.read(100), deferred.read(100)) == (b"answer", None)


def test_an_empty_answer_is_the_end(manual: Runtime) -> None:
    assert Deferred(manual, Watch(), lambda: b"").read(100) is None


def test_a_client_that_does_not_wait_any_more_leaves_no_subscription(manual: Runtime) -> None:
    watch = Watch()
    deferred = Deferred(manual, watch, lambda: None)
    deferred.close()
    deferred.watch(lambda: None)
    assert len(watch) == 1
    deferred.close()
    assert len(watch) == 0


def test_a_clock_runs_as_fast_as_it_is_told() -> None:
    machine = [100.0]
    clock = RealClock(60, lambda: machine[0])
    begun = clock.now()
    machine[0] += 2
    assert clock.now() == begun + 120
    clock.speed = 1
    machine[0] += 5
    assert clock.now() == begun + 125
    assert clock.real_seconds_until(begun + 130) == 5


def test_how_long_the_busy_are_held_back_is_the_machines_time_whatever_the_speed() -> None:
    clock = RealClock()
    clock.speed = 60
    assert clock.longest_break == RealClock().longest_break


def test_a_frozen_clock_moves_by_advance_only() -> None:
    machine, rang = [0.0], list[float]()
    clock = RealClock(1, lambda: machine[0])
    clock.frozen = True
    begun = clock.now()
    machine[0] += 1000
    assert clock.now() == begun
    assert clock.real_seconds_until(begun + 1) is None
    for seconds in (7, 3):
        clock.call_later(seconds, lambda: rang.append(clock.now() - begun))
    clock.advance(10)
    assert rang == [3, 7]
    clock.frozen = False
    machine[0] += 1
    assert clock.now() == begun + 11


def test_the_ticker_notices_that_time_stands_still_and_goes_on() -> None:
    clock, rang = RealClock(), threading.Event()
    runtime = Runtime(new_engine(clock))
    with runtime.engine():
        clock.frozen = True
        clock.call_later(0.01, rang.set)
    assert not rang.wait(0.05)
    with runtime.engine():
        clock.frozen = False
    assert rang.wait(PATIENCE)
    runtime.close()
