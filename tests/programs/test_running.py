"""Programs that run programs."""

from __future__ import annotations

from fakedocker.engine.processes.effects import Signal


def test_timeout_lets_a_program_end_in_time(container) -> None:
    started = container.clock.now()
    assert container.sh("timeout 10 sh -c 'exit 3'; echo $?").out == "3\n"
    assert container.clock.now() - started < 1


def test_timeout_ends_a_program_that_takes_too_long(container) -> None:
    container.start("sh", "-c", "timeout 2 sleep 10; echo $?")
    container.advance(1.9)
    assert container.output == ""
    container.advance(0.1)
    assert container.output == "143\n"


def test_timeout_does_not_hold_a_pipe_open(container) -> None:
    container.start("sh", "-c", "timeout 10 true | cat; echo end")
    assert container.output == "end\n"


def test_time_tells_how_long_a_program_took(container) -> None:
    result = container.sh("time sleep 61.5", seconds=100)
    assert result.err == "real\t1m 1.50s\nuser\t0m 0.00s\nsys\t0m 0.00s\n"


def test_nohup_ignores_a_hangup(container) -> None:
    container.start("sh", "-c", "nohup sleep 5; echo $?")
    (child,) = [process for process in container.table if process.pid != 1]
    child.deliver(Signal.HUP)
    container.advance(5)
    assert container.output == "0\n"


def test_xargs_divides_words_among_calls(container) -> None:
    words = " ".join(["x" * 1000] * 300)
    assert container.sh("xargs echo | wc -l", stdin=words).out == "3\n"
    assert container.run("xargs", stdin="a 'b").code == 1
