"""Commands at work: children, redirections, signals, limits. What lines print is compared with busybox elsewhere."""

from __future__ import annotations

import pytest

from fakedocker.engine.processes.effects import Signal


def test_an_element_of_a_pipeline_is_a_process_of_its_own(container) -> None:
    assert container.sh("A=1; echo x | A=2; echo $A").out == "1\n"


def test_the_writer_of_a_pipe_ends_with_its_reader(container) -> None:
    assert container.sh("yes | head -n 1").out == "y\n"


def test_the_last_program_takes_the_shells_place(container) -> None:
    container.start("sh", "-c", "true; sleep 100")
    assert [process.argv for process in container.table] == [("sleep", "100")]


def test_a_shell_with_something_left_to_do_stays(container) -> None:
    container.start("sh", "-c", "sleep 100; echo done")
    assert [process.argv[0] for process in container.table] == ["sh", "sleep"]


def test_output_comes_as_time_passes(container) -> None:
    container.start("sh", "-c", "for i in 1 2 3; do echo $i; sleep 0.2; done")
    assert container.output == "1\n"
    container.advance(0.2)
    assert container.output == "2\n"
    container.advance(0.4)
    assert (container.output, container.code) == ("3\n", 0)


def test_a_trap_waits_for_the_command_in_the_foreground(container) -> None:
    container.start("sh", "-c", 'trap "exit 3" TERM; while true; do sleep 0.1; done')
    container.kill(Signal.TERM)
    assert container.code is None
    container.advance(0.1)
    assert container.code == 3


def test_a_trap_breaks_off_wait(container) -> None:
    container.start("sh", "-c", 'sleep 5 & trap "echo usr" USR1; wait; echo $?')
    container.kill(Signal.USR1)
    assert (container.output, container.code) == ("usr\n138\n", 0)


def test_a_trap_breaks_off_read(container) -> None:
    container.start("sh", "-c", 'trap "echo term" TERM; read x; echo $?')
    container.kill(Signal.TERM)
    assert (container.output, container.code) == ("term\n143\n", 0)


def test_an_ignored_signal_changes_nothing_until_kill(container) -> None:
    container.start("sh", "-c", "trap '' TERM; while true; do sleep 1; done")
    container.kill(Signal.TERM)
    container.advance(5)
    assert container.code is None
    container.kill(Signal.KILL)
    assert container.code == 137


def test_the_exit_trap_runs_after_a_trap_that_exits(container) -> None:
    container.start("sh", "-c", 'trap "echo bye" EXIT; trap "exit 4" TERM; while :; do sleep 1; done')
    container.kill(Signal.TERM)
    container.advance(1)
    assert (container.output, container.code) == ("bye\n", 4)


def test_a_loop_that_does_nothing_leaves_others_their_turn(container) -> None:
    container.start("sh", "-c", "while :; do :; done & sleep 0.1; echo still here")
    container.advance(0.2)
    assert container.output == "still here\n"
    container.kill(Signal.KILL)


def test_a_shell_that_becomes_itself_leaves_others_their_turn(container) -> None:
    container.files.write("/work/again", b"./again\n", mode=0o755)
    container.start("sh", "-c", "sleep 0.01; ./again")
    container.advance(0.015)
    assert container.code is None
    container.kill(Signal.KILL)
    assert container.code == 137


def test_a_program_may_become_another_any_number_of_times(container) -> None:
    script = b'[ "$1" = 1500 ] && exit 7\nexec ./f $(($1+1))\n'
    container.files.write("/work/f", script, mode=0o755)
    assert container.sh("exec ./f 0").code == 7


@pytest.mark.parametrize(
    "script",
    [
        "f() { f; }; f",
        "f() { if true; then for i in 1; do { f; }; done; fi; }; f",
        'a=\'eval "$a"\'; eval "$a"',
        "echo '. ./f' > f; . ./f",
        "trap 'eval \"$a\"' USR1; a='eval \"$a\"'; kill -USR1 $$",
    ],
)
def test_endless_recursion_ends_the_shell(container, script: str) -> None:
    result = container.sh(script)
    assert result.code == 2
    assert result.err.endswith("nested too deeply\n")


def test_recursion_ends_well_even_on_a_stack_that_is_nearly_full(container) -> None:
    def further_down(levels: int) -> str:
        return further_down(levels - 1) if levels else container.sh('a=\'eval "$a"\'; eval "$a"').err

    assert further_down(500).endswith("nested too deeply\n")


def test_builtins_that_call_builtins_are_no_recursion(container) -> None:
    assert container.sh("command " * 5000 + "echo ok").out == "ok\n"
    assert container.run(*["busybox"] * 5000, "echo", "ok").out == "ok\n"


def test_a_reasonable_recursion_works(container) -> None:
    script = "f() { if [ $1 -gt 1 ]; then f $(($1 - 1)) $(($1 * $2)); else echo $2; fi; }; f 15 1"
    assert container.sh(script).out == "1307674368000\n"


def test_more_processes_than_allowed_are_refused(container) -> None:
    result = container.sh("for i in $(seq 600); do sleep 10 & done; echo no")
    assert (result.code, result.out) == (2, "")
    assert result.err == "sh: can't fork: Resource temporarily unavailable\n"


def test_ended_background_processes_do_not_pile_up(container) -> None:
    assert container.sh("for i in $(seq 1500); do true & done; wait; echo ok").out == "ok\n"


def test_a_background_process_reads_nothing_and_ignores_the_keyboard(container) -> None:
    container.start("sh", "-c", "{ cat; trap; sleep 1; echo end; } & wait")
    container.type("input\n")
    (child,) = [process for process in container.table if process.pid == 2]
    child.deliver(Signal.INT)
    container.advance(1)
    assert container.output == "end\n"


def test_no_descriptor_is_left_open(container) -> None:
    script = """
    exec 3> kept; { echo a; } 4> f 2>&1; echo b > f | cat; : < f; cat <<E
text
E
    for i in 1 2; do echo $i; done > f; f() { echo x >&3; }; f > f; x=$(cat f); nosuch 2> f; cat < nosuch
    """
    container.start("sh", "-c", script + "\nread x")
    assert sorted(container.first.fds) == [0, 1, 2, 3]


def test_a_pipe_reader_sees_the_end_when_the_shell_becomes_its_last_program(container) -> None:
    assert container.sh("{ echo a; sleep 1 > f; } | cat; echo end").out == "a\nend\n"


def test_what_a_signal_did_is_told_in_the_daemons_words(container) -> None:
    result = container.sh("sh -c 'kill -9 $$'; sh -c 'kill -SEGV $$'; echo $?")
    assert (result.out, result.err) == ("139\n", "Killed\nSegmentation fault\n")


def test_an_exit_code_above_128_is_no_signal(container) -> None:
    assert container.sh("sh -c 'exit 137'; echo $?").err == ""


def test_bytes_that_are_no_text_pass_unchanged(container) -> None:
    result = container.sh("x=$(printf '\\377\\200'); echo \"$x\"; printf '\\303\\251' | cat")
    assert result.out.encode("utf-8", "surrogateescape") == b"\xff\x80\n\xc3\xa9"
