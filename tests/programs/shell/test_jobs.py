"""Children in the background: their numbers, how they are, what is told of them."""

from __future__ import annotations

import pytest


def test_jobs_tells_what_runs_and_once_what_has_ended(container) -> None:
    script = "sleep 1 & sleep 9 & jobs; sleep 2; jobs; jobs"
    done, running = "Done".ljust(27), "Running".ljust(27)
    lines = [f"[2]+  {running}", f"[1]-  {running}", f"[2]+  {running}", f"[1]-  {done}", f"[2]+  {running}"]
    assert container.sh(script, seconds=20).out.splitlines() == lines


@pytest.mark.parametrize(
    ("command", "state"),
    [("exit 3", "Done(3)"), ("sh -c 'kill -9 $$'", "Killed"), ("true", "Done")],
)
def test_an_end_has_its_words(container, command: str, state: str) -> None:
    assert container.sh(f"({command}) & wait; jobs").out.strip() == f"[1]+  {state}"


def test_a_number_is_free_again_when_its_end_was_told(container) -> None:
    assert container.sh("true & wait; jobs; sleep 9 & jobs | cut -c1-4").out.splitlines()[1:] == ["[1]+"]


def test_a_status_is_kept_for_who_asks_later(container) -> None:
    assert container.sh("(exit 5) & p=$!; wait; wait $p; echo $?; wait %1; echo $?").out == "5\n5\n"


def test_a_shell_with_many_children_remembers_a_bounded_number(container) -> None:
    script = "i=0; while [ $i -lt 400 ]; do true & i=$((i + 1)); done; sleep 1; jobs | wc -l"
    assert int(container.sh(script, seconds=60).out) <= 300


@pytest.mark.parametrize("word", ["%9", "%nosuch", "%-"])
def test_an_unknown_job_is_an_error(container, word: str) -> None:
    result = container.sh(f"sleep 9 & kill {word}; echo $?")
    assert (result.out, result.err) == ("2\n", f"sh: kill: line 0: {word}: no such job\n")


def test_a_person_is_told_at_the_next_prompt(container) -> None:
    container.start("sh", tty=True)
    container.type("sleep   1 &\r")
    assert "Done" not in container.output
    container.advance(2)
    container.type("\r")
    assert container.output == f"\r\n[1]+  {'Done':27}sleep 1\r\n/work # \x1b[6n"


def test_a_job_comes_to_the_foreground(container) -> None:
    container.start("sh", tty=True)
    container.type("sleep 60 &\r")
    container.type("fg %sl\r")
    assert container.output.endswith("fg %sl\r\nsleep 60\r\n")
    container.type("\x03")
    assert container.output == "^C\r\n/work # \x1b[6n"


def test_a_child_has_the_variables_of_the_moment_it_was_started(container) -> None:
    assert container.sh("x=1; echo $x & x=2; wait").out == "1\n"
