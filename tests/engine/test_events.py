"""The daemon's events: their order and numbers, what is kept of the past, and whom they wake."""

from __future__ import annotations

import pytest

from fakedocker.engine.clock import ManualClock
from fakedocker.engine.events import MOST_KEPT, Events, Happening


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def events(clock: ManualClock) -> Events:
    return Events(clock)


def numbers(told: list[Happening]) -> list[int]:
    return [one.number for one in told]


def test_an_event_says_what_happened_to_whom_and_when(events: Events, clock: ManualClock) -> None:
    clock.advance(2.5)
    events.emit("container", "start", "abc", {"name": "web"})
    (event,) = events.since(0)
    assert event == Happening("container", "start", "abc", {"name": "web"}, clock.now(), 0)


def test_attributes_are_those_of_the_moment(events: Events) -> None:
    labels = {"tier": "front"}
    events.emit("container", "create", "abc", labels)
    labels["tier"] = "back"
    assert events.since(0)[0].attributes == {"tier": "front"}


def test_a_follower_sees_each_event_once_and_in_order(events: Events) -> None:
    place = events.end
    for action in ("create", "start"):
        events.emit("container", action, "abc")
    assert [one.action for one in events.since(place)] == ["create", "start"]
    place = events.end
    assert events.since(place) == []
    events.emit("container", "die", "abc")
    assert [one.action for one in events.since(place)] == ["die"]


def test_only_the_last_ones_are_kept_and_their_numbers_go_on(events: Events) -> None:
    for number in range(MOST_KEPT + 10):
        events.emit("volume", "create", str(number))
    assert numbers(events.since(0)) == list(range(10, MOST_KEPT + 10))
    assert events.since(0)[0].actor == "10"
    assert events.end == MOST_KEPT + 10


def test_a_follower_that_is_too_slow_misses_what_was_dropped_and_nothing_else(events: Events) -> None:
    events.emit("volume", "create", "first")
    place = events.end
    for number in range(MOST_KEPT + 5):
        events.emit("volume", "create", str(number))
    late = events.since(place)
    assert numbers(late) == list(range(place + 5, events.end))
    assert numbers(events.since(events.end - 2)) == [events.end - 2, events.end - 1]


def test_whoever_waits_is_woken_by_each_event(events: Events) -> None:
    woken: list[int] = []
    events.watch.subscribe(lambda: woken.append(events.end))
    events.emit("network", "create", "a")
    events.emit("network", "destroy", "a")
    assert woken == [1, 2]
