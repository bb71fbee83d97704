"""Lines edited key by key at a terminal; what a real busybox shows is in tests/conformance/shell/sessions.yaml."""

from __future__ import annotations

import pytest

from fakedocker.engine.processes.effects import Signal
from fakedocker.programs.shell.editing import MOST_LINES, History


@pytest.fixture
def shell(container):
    """A container with a shell at its terminal, whose prompt was seen."""
    container.start("sh", tty=True, cwd="/")
    assert container.output.startswith("/ # ")
    return container


@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ("echo ac\x02b", "abc"),
        ("cho x\x01e", "x"),
        ("echo xy\x01\x06\x06\x06\x06\x06\x04", "y"),
        ("echo one two\x17three", "one three"),
        ("junk\x15echo clean", "clean"),
        ("echo a b\x1bb\x0bc", "a c"),
        ("echo a-b\x1b\x7fc", "a-c"),
        ("echo one two\x1b[1;5D\x1bdx", "one x"),
        ("echo a\x1b[Hx\x1b[D\x1b[3~\x1b[Fb", "ab"),
        ("echo é\x7f\x7fe", "e"),
    ],
)
def test_keys_change_the_line(shell, typed: str, line: str) -> None:
    shell.type(typed)
    shell.type("\r")
    assert f"\r\n{line}\r\n/ # " in shell.output


def test_nothing_is_echoed_but_by_the_shell(shell) -> None:
    shell.type("ab")
    shell.type("\x1b[D")
    assert shell.output == "ab\b"


def test_a_lone_escape_waits_for_what_may_follow_and_is_then_forgotten(shell) -> None:
    shell.type("echo a\x1b")
    shell.advance(0.1)
    shell.type("b\r")
    assert "\r\nab\r\n" in shell.output


def test_an_unknown_sequence_takes_what_came_with_it(shell) -> None:
    shell.type("echo a\x1b[99z")
    shell.advance(0.1)
    shell.type("b\r")
    assert "\r\nab\r\n" in shell.output


def test_the_answer_where_the_cursor_is_is_no_input(shell) -> None:
    shell.type("\x1b[5;5Recho a\r")
    assert "\r\na\r\n" in shell.output


def test_earlier_lines_come_back(shell) -> None:
    shell.type("echo one\r")
    shell.type("echo two\r")
    assert shell.output
    shell.type("\x1b[A\x1b[A\r")
    assert shell.output.endswith("\r\none\r\n/ # \x1b[6n")


def test_the_line_is_not_asked_for_what_a_program_has_to_read(shell) -> None:
    shell.type("cat\r")
    shell.type("a\x7fb\r")
    assert shell.output.endswith("a\b \bb\r\nb\r\n")


def test_a_terminal_of_another_width_gets_the_line_anew(shell) -> None:
    shell.type("echo " + "x" * 40)
    assert shell.output
    shell.terminal.resize(24, 20)
    shell.scheduler.run()
    assert shell.output == "\r/ # echo " + "x" * 11 + "\r\r\n" + "x" * 20 + "\r\r\n" + "x" * 9 + "\x1b[J"


def test_a_line_has_an_end(shell) -> None:
    shell.type("#" + "x" * 5000)
    shell.advance(10)
    assert shell.output.replace("\r\r\n", "").count("x") == 1022


def test_a_trap_waits_for_the_line(shell) -> None:
    shell.type("trap 'echo caught' USR1\recho a")
    shell.kill(Signal.USR1)
    assert "caught" not in shell.output.replace("'echo caught'", "")
    shell.type("\r")
    assert shell.output.startswith("\r\ncaught\r\na\r\n")


def test_a_client_that_leaves_ends_the_input(shell) -> None:
    shell.type("echo half")
    shell.terminal.hang_up()
    shell.scheduler.run()
    assert shell.code == 0


def test_a_line_is_remembered_once() -> None:
    history = History()
    for line in (b"a", b"a", b"", b"b"):
        history.add(line)
    history.begin()
    assert [history.move(-1, b"") for _ in range(3)] == [b"b", b"a", None]


def test_what_was_changed_looking_back_stays_changed() -> None:
    history = History()
    history.add(b"old")
    history.begin()
    assert history.move(-1, b"new") == b"old"
    assert history.move(1, b"old and more") == b"new"
    assert history.move(-1, b"") == b"old and more"
    assert history.move(1, b"") == b"new"
    assert history.move(1, b"") is None


def test_only_so_many_lines_are_remembered() -> None:
    history = History()
    for number in range(1000):
        history.add(b"%d" % number)
    history.begin()
    lines = 0
    while history.move(-1, b"") is not None:
        lines += 1
    assert lines == MOST_LINES
