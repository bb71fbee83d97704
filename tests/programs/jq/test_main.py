"""The words of jq."""

from __future__ import annotations


def test_a_letter_nobody_knows_is_refused_(container) -> None:
    result = container.run("jq", "-Z", ".")
    assert (result.code, result.err.split("\n")[0]) == (2, "jq: Unknown option -Z")


def test_files_after_one_that_is_missing_are_read(container) -> None:
    container.files.write("/work/a", b"1\n")
    result = container.run("jq", ".", "nosuch", "a")
    assert (result.code, result.out) == (2, "1\n")
    assert result.err == "jq: error: Could not open file nosuch: No such file or directory\n"


def test_a_message_says_in_which_line_the_value_was(container) -> None:
    result = container.run("jq", ".a", stdin='{"a":1}\n5\n')
    assert (result.code, result.out) == (5, "1\n")
    assert result.err == 'jq: error (at <stdin>:2): Cannot index number with string "a"\n'


def test_nobody_waits_for_an_input_that_is_not_asked_for(container) -> None:
    container.start("jq", "-n", "1 + 1")
    assert (container.output, container.code) == ("2\n", 0)


def test_more_inputs_are_read_where_they_are_asked_for(container) -> None:
    assert container.run("jq", "-nc", "[inputs]", stdin="1 2 3").out == "[1,2,3]\n"
    assert container.run("jq", "-c", "[., input]", stdin="1 2 3 4").out == "[1,2]\n[3,4]\n"
    assert container.run("jq", "-n", "reduce inputs as $x (0; . + $x)", stdin="1 2 3").out == "6\n"


def test_files_become_variables(container) -> None:
    container.files.write("/work/v", b'{"x": 1} 2')
    assert container.run("jq", "-nc", "--slurpfile", "v", "v", "$v").out == '[{"x":1},2]\n'
    assert container.run("jq", "-nc", "--rawfile", "v", "v", "$v").out == '"{\\"x\\": 1} 2"\n'


def test_words_behind_the_filter_may_be_arguments(container) -> None:
    assert container.run("jq", "-nc", "$ARGS.positional", "--args", "a", "1").out == '["a","1"]\n'
    assert container.run("jq", "-nc", "$ARGS.positional", "--jsonargs", "1", "[2]").out == "[1,[2]]\n"


def test_lines_are_inputs_with_raw_input(container) -> None:
    assert container.run("jq", "-R", "length", stdin="ab\nc\n").out == "2\n1\n"
    assert container.run("jq", "-Rs", ".", stdin="ab\nc\n").out == '"ab\\nc\\n"\n'


def test_an_end_is_asked_for(container) -> None:
    result = container.run("jq", "-n", '1, ("bye\n" | halt_error(3)), 2')
    assert (result.code, result.out, result.err) == (3, "1\n", "bye\n")
