"""The clock that a test moves, and the timers on it."""

from __future__ import annotations

import pytest

from fakedocker.engine.clock import EPOCH, FEW, ManualClock


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


def test_a_manual_clock_stands_still(clock: ManualClock) -> None:
    assert clock.now() == clock.now() == EPOCH


def test_time_does_not_go_back(clock: ManualClock) -> None:
    with pytest.raises(ValueError, match="back"):
        clock.advance(-1)


def test_timers_run_in_the_order_of_their_moments_each_at_its_own(clock: ManualClock) -> None:
    seen: list[tuple[str, float]] = []
    for name, seconds in (("late", 3), ("early", 1), ("middle", 2)):
        clock.call_later(seconds, lambda name=name: seen.append((name, clock.now() - EPOCH)))
    clock.advance(10)
    assert seen == [("early", 1), ("middle", 2), ("late", 3)]
    assert clock.now() == EPOCH + 10


def test_timers_of_one_moment_run_in_the_order_they_were_set(clock: ManualClock) -> None:
    seen: list[int] = []
    for number in range(20):
        clock.call_later(1, lambda number=number: seen.append(number))
    clock.advance(1)
    assert seen == list(range(20))


def test_a_timer_that_is_due_later_waits(clock: ManualClock) -> None:
    seen: list[str] = []
    clock.call_later(5, lambda: seen.append("x"))
    clock.advance(4.999)
    assert not seen
    clock.advance(0.001)
    assert seen == ["x"]


def test_a_timer_never_runs_before_the_call_that_sets_it_returns(clock: ManualClock) -> None:
    seen: list[str] = []
    clock.call_later(-5, lambda: seen.append("x"))
    assert not seen
    clock.advance(0)
    assert seen == ["x"]


def test_a_cancelled_timer_never_runs_and_is_not_due(clock: ManualClock) -> None:
    seen: list[str] = []
    timer = clock.call_later(1, lambda: seen.append("x"))
    timer.cancel()
    timer.cancel()
    assert clock.next_due() is None
    clock.advance(2)
    assert not seen


def test_a_timer_set_by_a_timer_runs_in_the_same_advance_if_it_is_due(clock: ManualClock) -> None:
    seen: list[float] = []

    def again() -> None:
        seen.append(clock.now() - EPOCH)
        clock.call_later(1, again)

    clock.call_later(1, again)
    clock.advance(3.5)
    assert seen == [1, 2, 3]


def test_run_due_runs_what_is_due_and_nothing_else(clock: ManualClock) -> None:
    seen: list[str] = []
    clock.call_later(0, lambda: seen.append("now"))
    clock.call_later(1, lambda: seen.append("later"))
    clock.run_due()
    assert seen == ["now"]


def test_the_owner_is_told_only_of_timers_before_all_others(clock: ManualClock) -> None:
    told: list[float | None] = []
    clock.on_earlier = lambda: told.append(clock.next_due())
    for seconds in (5, 7, 3):
        clock.call_later(seconds, lambda: None)
    assert told == [EPOCH + 5, EPOCH + 3]


def test_cancelled_timers_far_away_do_not_pile_up(clock: ManualClock) -> None:
    for _ in range(10_000):
        clock.call_later(1e9, lambda: None).cancel()
    assert len(clock._timers) <= 2 * FEW


def test_clearing_away_what_was_cancelled_keeps_the_rest_in_order(clock: ManualClock) -> None:
    seen: list[int] = []
    for number in range(500, 0, -1):
        clock.call_later(number, lambda number=number: seen.append(number))
        clock.call_later(number, lambda: seen.append(-1)).cancel()
    clock.advance(1000)
    assert seen == list(range(1, 501))
