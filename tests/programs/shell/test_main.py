"""Where a shell's commands come from: -c, a file, the standard input, a person at a terminal."""

from __future__ import annotations

import pytest

from fakedocker.engine.processes.effects import Signal

#: How a shell asks the terminal where its cursor is, behind every prompt that nobody has typed ahead for.
ASKS = "\x1b[6n"


@pytest.mark.parametrize("name", ["sh", "ash", "bash", "/bin/sh"])
def test_every_name_of_the_shell_runs_commands(container, name: str) -> None:
    assert container.run(name, "-c", "echo $0 $1", "a", "b").out == "a b\n"


def test_a_file_is_a_script_with_words(container) -> None:
    container.files.write("/work/f", b"echo $0 $2\nexit 3\n")
    assert container.run("sh", "f", "a", "b") == type(container.run("true"))(3, "f b\n", "")


def test_commands_on_the_standard_input_run_as_they_come(container) -> None:
    container.start("sh")
    container.type("echo a; read x\n")
    assert container.output == "a\n"
    container.type('hello\necho "<$x>"\n')
    assert container.output == "<hello>\n"
    container.type("echo no newline")
    container.end_input()
    assert (container.output, container.code) == ("no newline\n", 0)


def test_a_command_may_come_in_pieces(container) -> None:
    container.start("sh")
    for piece in ("if tr", "ue\n", "then\necho ", "yes\n", "fi\n"):
        container.type(piece)
    assert container.output == "yes\n"


def test_a_person_gets_a_prompt(container) -> None:
    container.start("sh", tty=True, cwd="/")
    assert container.output == f"/ # {ASKS}"
    container.type("echo hi\r")
    assert container.output == f"echo hi\r\nhi\r\n/ # {ASKS}"
    container.type("cd /etc\r")
    assert container.output.endswith(f"/etc # {ASKS}")
    container.type("exit 3\r")
    assert container.code == 3


def test_an_unfinished_command_gets_the_second_prompt(container) -> None:
    container.start("sh", tty=True)
    container.type("for i in 1 2\r")
    assert container.output.endswith(f"\r\n> {ASKS}")
    container.type("do echo $i; done\r")
    assert container.output.endswith(f"\r\n1\r\n2\r\n/work # {ASKS}")


def test_an_error_does_not_end_a_conversation(container) -> None:
    container.start("sh", tty=True)
    for line, message in (
        ("fi\r", 'sh: syntax error: unexpected "fi"'),
        ("nosuch\r", "sh: nosuch: not found"),
        ("echo ${A:?no}\r", "sh: A: no"),
        ("cd /nosuch\r", "sh: cd: can't cd to /nosuch: No such file or directory"),
        ("export 1x\r", "sh: export: 1x: bad variable name"),
    ):
        container.output  # noqa: B018 - what was before is of no interest
        container.type(line)
        assert container.output.endswith(f"{message}\r\n/work # {ASKS}")


def test_control_c_ends_the_program_not_the_shell(container) -> None:
    container.start("sh", tty=True)
    container.type("sleep 10\r")
    container.type("\x03")
    assert container.output.endswith(f"^C\r\n/work # {ASKS}")
    container.type("echo $?\r")
    assert container.output.endswith(f"130\r\n/work # {ASKS}")


def test_what_is_typed_ahead_is_for_the_program_that_reads_it(container) -> None:
    container.start("sh", tty=True)
    container.type("head -n 1\rfor head\recho for the shell\r")
    assert container.output.startswith(f"/work # {ASKS}head -n 1\r\nfor head\r\n")


@pytest.mark.parametrize("loop", ["while true; do sleep 1; done", "while :; do :; done", "sleep 1 | sleep 9; echo no"])
def test_control_c_ends_the_whole_line(container, loop: str) -> None:
    container.start("sh", tty=True)
    container.type(loop + "\r")
    container.advance(0.1)
    container.type("\x03")
    container.advance(0.1)
    assert container.output.endswith(f"^C\r\n/work # {ASKS}")


def test_control_c_forgets_the_line(container) -> None:
    container.start("sh", tty=True)
    container.type("echo no\x03echo yes\r")
    assert container.output.endswith(f"yes\r\n/work # {ASKS}")


def test_a_trapped_signal_does_not_end_a_conversation(container) -> None:
    container.start("sh", tty=True)
    container.type('trap "echo usr" USR1\r')
    container.kill(Signal.USR1)
    container.kill(Signal.TERM)
    container.type("echo on\r")
    assert "usr\r\n" in container.output
    assert container.code is None


def test_control_d_ends_a_conversation(container) -> None:
    container.start("sh", tty=True)
    container.type("false\r\x04")
    assert container.code == 1


def test_a_script_of_a_megabyte_runs(container) -> None:
    body = f": {'x' * 490}\n" * 2_000 + ": line\n" * 5_000
    assert container.run("sh", stdin=body + "echo end\n", seconds=3600).out == "end\n"


def test_one_command_of_megabytes_is_refused(container) -> None:
    for script in ("if true; then\n" + f": {'x' * 490}\n" * 2_000 + "fi\n", "x" * 1_000_000):
        result = container.run("sh", stdin=script, seconds=3600)
        assert (result.code, result.err) == (2, "sh: syntax error: command too long\n")


def test_arbitrary_bytes_are_at_worst_a_syntax_error(container) -> None:
    text = bytes(range(1, 256)).decode("utf-8", "surrogateescape")
    assert container.sh(text).code in (2, 127)
    assert container.run("sh", stdin=bytes(range(256))).code in (2, 127)
