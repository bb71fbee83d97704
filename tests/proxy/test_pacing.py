"""When it is time."""

from __future__ import annotations

import threading

from fakedocker.proxy.pacing import Pace


def test_a_speed_shortens_what_was_recorded() -> None:
    assert Pace(2).seconds(3) == 1.5
    assert Pace(None).seconds(3) == 0
    assert Pace(1).seconds(-1) == 0


def test_callbacks_come_in_the_order_in_which_they_are_due() -> None:
    pace, called, done = Pace(1), [], threading.Event()
    now = pace.now()
    pace.call_at(now + 0.02, done.set)
    pace.call_at(now + 0.01, lambda: called.append("second"))
    pace.call_at(now, lambda: called.append("first"))
    assert done.wait(5)
    assert called == ["first", "second"]
    pace.close()


def test_nobody_is_called_after_the_end() -> None:
    pace, called = Pace(1), []
    pace.call_at(pace.now() + 0.01, lambda: called.append(1))
    pace.close()
    pace.call_at(pace.now(), lambda: called.append(2))
    assert called == []
