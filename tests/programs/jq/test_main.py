"""The words of jq."""

from __future__ import annotations


def test_a_letter_nobody_knows_is_refused_with_the_usage(container) -> None:
    result = container.run("jq", "-Z", ".")
    assert (result.code, result.err.split("\n")[0]) == (2, "Unknown arguments")


def test_files_after_one_that_is_missing_are_read(container) -> None:
    container.files.write("/work/a", b"1\n")
    result = container.run("jq", ".", "nosuch", "a")
    assert (result.code, result.out) == (2, "1\n")
    assert result.err == "jq: error: Could not open file nosuch: No such file or directory\n"


def test_a_message_says_in_which_line_the_value_was(container) -> None:
    result = container.run("jq", ".a", stdin='{"a":1}\n5\n')
    assert (result.code, result.out) == (5, "1\n")
    assert result.err == 'jq: error (at <stdin>:2): Cannot index number with string "a"\n'
