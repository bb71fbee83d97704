"""Signals by name and number, and who gets them."""

from __future__ import annotations

import pytest

from fakedocker.programs.signalling import signal_name, signal_number


@pytest.mark.parametrize(
    ("name", "number"),
    [("TERM", 15), ("SIGTERM", 15), ("term", 15), ("15", 15), ("0", 0), ("EXIT", 0), ("nosuch", None), ("999", None)],
)
def test_a_signal_goes_by_name_or_number(name: str, number: int | None) -> None:
    assert signal_number(name) == number


def test_every_number_has_a_name() -> None:
    assert [signal_name(number) for number in (1, 9, 31, 34, 64, 50)] == ["HUP", "KILL", "SYS", "RTMIN", "RTMAX", "50"]


def test_process_one_does_not_die_by_the_hand_of_its_own(container) -> None:
    assert container.sh("kill -9 1; kill -TERM $$; echo alive").out == "alive\n"


def test_killall_and_pidof_go_by_name(container) -> None:
    result = container.sh("sleep 100 & pidof sleep; killall sleep; wait $!; echo $?; pidof sleep; echo $?; killall x")
    assert result.out == "2\n143\n1\n"
    assert result.err.endswith("killall: x: no process killed\n")


def test_ps_lists_the_processes_of_the_container(container) -> None:
    lines = container.sh("sleep 5 & ps; true").out.splitlines()
    assert lines[0].split() == ["PID", "USER", "TIME", "COMMAND"]
    assert [line.split()[3] for line in lines[1:]] == ["sh", "sleep", "ps"]
