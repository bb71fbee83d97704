"""Those who follow something."""

from __future__ import annotations

from fakedocker.engine.watch import Watch


def test_everybody_is_told_of_every_change_in_the_order_they_came() -> None:
    watch, seen = Watch(), []
    watch.subscribe(lambda: seen.append("a"))
    watch.subscribe(lambda: seen.append("b"))
    watch.notify()
    watch.notify()
    assert seen == ["a", "b", "a", "b"]


def test_who_has_cancelled_is_told_no_more() -> None:
    watch, seen = Watch(), []
    cancel = watch.subscribe(lambda: seen.append("a"))
    cancel()
    cancel()
    watch.notify()
    assert not seen
    assert len(watch) == 0


def test_the_same_callback_twice_is_two_subscriptions() -> None:
    watch, seen = Watch(), []

    def callback() -> None:
        seen.append("a")

    cancel = watch.subscribe(callback)
    watch.subscribe(callback)
    cancel()
    watch.notify()
    assert seen == ["a"]


def test_a_callback_may_cancel_another_one_that_was_not_told_yet() -> None:
    watch, seen = Watch(), []
    cancels = []
    watch.subscribe(lambda: cancels[0]())
    cancels.append(watch.subscribe(lambda: seen.append("b")))
    watch.notify()
    assert not seen


def test_who_subscribes_during_a_change_hears_of_the_next_one() -> None:
    watch, seen = Watch(), []
    watch.subscribe(lambda: watch.subscribe(lambda: seen.append("new")))
    watch.notify()
    assert not seen
    watch.notify()
    assert seen == ["new"]
