"""The words in which programs ask."""

from __future__ import annotations

import signal

from fakedocker.engine.processes.effects import Signal, exit_code


def test_signals_have_their_linux_numbers() -> None:
    assert {one.name: int(one) for one in Signal if hasattr(signal, f"SIG{one.name}")} == {
        one.name: int(getattr(signal, f"SIG{one.name}")) for one in Signal if hasattr(signal, f"SIG{one.name}")
    }


def test_the_exit_code_of_a_signal_is_128_more() -> None:
    assert (exit_code(Signal.KILL), exit_code(Signal.TERM)) == (137, 143)
