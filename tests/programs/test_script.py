"""Programs as steps."""

from __future__ import annotations

from fakedocker.engine.processes.effects import Signal
from fakedocker.programs.script import Exit, Output, ReadLine, Repeat, Script, Serve, Sleep, WriteFile


def play(container, script: Script, **start) -> None:
    container.catalogue.register("python", script.body)
    container.files.write("/bin/python", b"", mode=0o755)
    container.start("python", **start)


def test_steps_are_done_in_order_and_in_time(container) -> None:
    play(container, Script((Output("one\n"), Sleep(2), Output("two\n", fd=2), Exit(4), Output("never"))))
    assert container.output == "one\n"
    container.advance(2)
    assert (container.output, container.errors, container.code) == ("", "two\n", 4)


def test_a_script_without_an_exit_ends_well(container) -> None:
    play(container, Script((Output("x"),)))
    assert container.code == 0


def test_text_names_variables_and_nothing_more(container) -> None:
    play(
        container,
        Script((Output("$A ${A}b $HOSTNAME $nosuch $$ {A.__class__} $(A)\n"),)),
        env={"A": "1", "PATH": "/bin"},
    )
    assert container.output == "1 1b box $nosuch $ {A.__class__} $(A)\n"


def test_a_signal_with_steps_goes_on_where_it_was(container) -> None:
    play(container, Script((Sleep(10), Output("end\n")), on={Signal.USR1: (Output("usr\n"),)}))
    container.advance(4)
    container.kill(Signal.USR1)
    assert container.output == "usr\n"
    container.advance(5.9)
    assert container.code is None
    container.advance(0.1)
    assert (container.output, container.code) == ("end\n", 0)


def test_a_signal_may_end_it(container) -> None:
    play(container, Script((Serve(),), on={Signal.TERM: (Output("bye\n"), Sleep(1), Exit(5))}))
    container.kill(Signal.TERM)
    assert (container.output, container.code) == ("bye\n", None)
    container.advance(1)
    assert container.code == 5


def test_a_signal_without_steps_does_nothing_to_process_one(container) -> None:
    play(container, Script((Serve(),)))
    container.kill(Signal.TERM)
    assert container.code is None
    container.kill(Signal.KILL)
    assert container.code == 137


def test_two_signals_are_taken_one_after_the_other(container) -> None:
    play(container, Script((Serve(),), on={Signal.USR1: (Output("1"), Sleep(1)), Signal.USR2: (Output("2"),)}))
    container.kill(Signal.USR1)
    container.kill(Signal.USR2)
    container.advance(1)
    assert sorted(container.output) == ["1", "2"]


def test_repeat_counts_or_goes_on_for_ever(container) -> None:
    play(container, Script((Repeat((Output("x"), Sleep(1)), times=3), Output("!"))))
    container.advance(3)
    assert (container.output, container.code) == ("xxx!", 0)
    play(container, Script((Repeat((Sleep(0),)),)))
    container.advance(0.01)
    assert container.code is None
    container.kill(Signal.KILL)


def test_a_line_read_has_a_name(container) -> None:
    play(container, Script((Repeat((ReadLine("name"), Output("hello $name\n"))),)))
    container.type("a\nb")
    assert container.output == "hello a\n"
    container.type("c\r\n")
    assert container.output == "hello bc\n"
    container.end_input()
    assert container.code == 0


def test_files_are_written_and_added_to(container) -> None:
    play(
        container,
        Script((WriteFile("/work/$A", "1\n"), WriteFile("x", "2\n", append=True))),
        env={"A": "x", "PATH": "/bin"},
    )
    assert container.files.read("/work/x").read() == b"1\n2\n"


def test_a_file_that_cannot_be_written_ends_it(container) -> None:
    play(container, Script((WriteFile("/nosuch/x", "1"),)))
    assert container.code == 1
    assert container.errors == "python: /nosuch/x: No such file or directory\n"
