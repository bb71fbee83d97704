"""What ps shows."""

from __future__ import annotations

import pytest

from fakedocker.programs.processlist import elapsed


def test_the_processes_of_the_container_are_listed(container) -> None:
    lines = container.sh("sleep 5 & ps; true").out.splitlines()
    assert lines[0] == "PID   USER     TIME  COMMAND"
    assert lines[2] == "    2 root      0:00 sleep 5"


@pytest.mark.parametrize(
    ("options", "lines"),
    [
        # As busybox 1.35 in a container of dockerd 20.10 has them.
        ("-o pid,comm", ["PID   COMMAND", "    1 sh", "    2 sleep", "    3 ps"]),
        ("-o pid -o comm", ["PID   COMMAND", "    1 sh", "    2 sleep", "    3 ps"]),
        ("-o pid,args=", ["PID   ", "    1 sh -c X", "    2 sleep 5", "    3 ps -o pid,args="]),
        ("-o pid=X -o user=WHO", ["X WHO", "1 roo", "2 roo", "3 roo"]),
        (
            "-o comm,ppid",
            ["COMMAND          PPID", "sh                   0", "sleep                1", "ps    " + " " * 15 + "1"],
        ),
        (
            "-o group,nice,sid,comm",
            ["GROUP    NI    SID   COMMAND", *(f"root         0     1 {name}" for name in ("sh", "sleep", "ps"))],
        ),
    ],
)
def test_columns_can_be_chosen(container, options: str, lines: list[str]) -> None:
    script = f"sleep 5 & ps {options}; true"
    out = container.sh(script).out.replace(script, "X")
    assert out.splitlines() == lines


def test_a_column_that_is_not_known_is_refused_with_those_that_are(container) -> None:
    result = container.sh("ps -o pid,nosuch")
    assert result.code == 1
    assert result.err.startswith("ps: bad -o argument 'nosuch', supported arguments: user,group,comm,args,pid,ppid,")


def test_habits_from_other_systems_change_nothing(container) -> None:
    plain = container.sh("ps | wc -l").out
    for options in ("aux", "-ef", "-A", "x"):
        assert container.sh(f"ps {options} | wc -l").out == plain


def test_the_age_of_a_process_is_shown_and_who_runs_just_now(container) -> None:
    lines = container.sh("sleep 100 & sleep 50; ps -o etime,stat,comm; true").out.splitlines()
    assert lines == ["ELAPSED STAT COMMAND", " 0:50   S    sh", " 0:50   S    sleep", " 0:00   R    ps"]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(7, " 0:07"), (3599, "59:59"), (3720, " 1h02"), (86400 * 3 + 3600 * 14, " 3d14"), (86400 * 400, " 400d")],
)
def test_a_length_of_time_takes_five_characters(seconds: int, text: str) -> None:
    assert elapsed(seconds) == text
