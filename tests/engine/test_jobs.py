"""The vocabulary of verbs that take time."""

from __future__ import annotations

from fakedocker.engine.jobs import Until, pause


def test_a_pause_waits_for_nothing_but_time() -> None:
    waiting = pause(2.5)
    assert isinstance(waiting, Until)
    assert waiting.timeout == 2.5
    assert not waiting.met()
