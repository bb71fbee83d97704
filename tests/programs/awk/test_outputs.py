"""Files and commands that awk writes to and reads from."""

from __future__ import annotations

import pytest

from fakedocker.programs.awk.outputs import MOST


def test_a_file_is_made_new_once_and_then_goes_on(container) -> None:
    container.files.write("/work/f", b"old\n")
    container.run("awk", 'BEGIN { print "a" > "f"; print "b" > "f" }')
    assert container.files.read("/work/f").read(0, 100) == b"a\nb\n"
    container.run("awk", 'BEGIN { print "c" >> "f" }')
    assert container.files.read("/work/f").read(0, 100) == b"a\nb\nc\n"


def test_a_closed_file_can_be_read(container) -> None:
    program = 'BEGIN { print "x" > "f"; close("f"); getline line < "f"; print "got", line }'
    assert container.run("awk", program).out == "got x\n"


def test_a_command_gets_everything_before_it_is_waited_for(container) -> None:
    program = 'BEGIN { print "b" | "sort"; print "a" | "sort"; close("sort"); print "end" }'
    assert container.run("awk", program).out == "a\nb\nend\n"


def test_output_is_in_order_with_that_of_commands(container) -> None:
    assert container.run("awk", 'BEGIN { print "one"; system("echo two"); print "three" }').out == "one\ntwo\nthree\n"


def test_a_command_is_read_line_by_line(container) -> None:
    program = 'BEGIN { while (("seq 3" | getline n) > 0) s += n; print s, close("seq 3"), close("seq 3") }'
    assert container.run("awk", program).out == "6 0 0\n"


@pytest.mark.parametrize(("command", "status"), [("exit 3", "768"), ("kill -9 $$", "9")])
def test_the_end_of_a_command_is_that_of_wait(container, command: str, status: str) -> None:
    program = f'BEGIN {{ c = "{command}"; print "" | c; print close(c) }}'
    assert container.run("awk", program).out.split() == [status]


def test_the_standard_streams_have_names(container) -> None:
    result = container.run("awk", 'BEGIN { print "o" > "/dev/stdout"; print "e" > "/dev/stderr"; print "-" > "-" }')
    assert (result.out, result.err) == ("o\n-\n", "e\n")


def test_a_file_that_cannot_be_written_ends_it(container) -> None:
    result = container.run("awk", 'BEGIN { print "x" > "/nosuch/f"; print "no" }')
    assert (result.code, result.out) == (1, "")
    assert "can't open '/nosuch/f': No such file or directory" in result.err


def test_not_too_many_are_open_at_a_time(container) -> None:
    result = container.run("awk", f'BEGIN {{ for (i = 0; i <= {MOST}; i++) print i > ("f" i) }}')
    assert result.code == 1
    assert "Too many open files" in result.err
