"""Dumps: streams, and the sums that busybox here was built without."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (["cksum"], "930766865 9\n"),  # the check value of POSIX cksum
        (["crc32"], "cbf43926\n"),
        (["sum"], "53615     1\n"),
        (["sum", "-s"], "477 1\n"),
    ],
)
def test_sums_are_those_that_are_published(container, words: list[str], answer: str) -> None:
    assert container.run(*words, stdin="123456789").out == answer


def test_lines_are_shown_as_they_come(container) -> None:
    container.start("od", "-An", "-c")
    container.type("0123456789abcdef01")
    assert container.output == "   0   1   2   3   4   5   6   7   8   9   a   b   c   d   e   f\n"
    container.end_input()
    assert container.output == "   0   1\n"


def test_a_dump_becomes_bytes_again(container) -> None:
    data = bytes(range(256))
    container.files.write("/work/b", data)
    assert container.sh("xxd b | xxd -r | cmp - b; xxd -p b | xxd -r -p | cmp - b; echo $?").out == "0\n"


def test_a_text_longer_than_a_block_is_one_text(container) -> None:
    container.files.write("/work/b", b"\0" * 4090 + b"across the border" + b"\0" * 10)
    assert container.sh("strings -t d b").out == "   4090 across the border\n"


@pytest.mark.parametrize("form", ['9999/8 "%x"', '"%s"', '1/3 "%x"', '"%'])
def test_a_format_that_is_none_is_refused(container, form: str) -> None:
    result = container.run("hexdump", "-e", form, stdin="abc")
    assert (result.code, result.out) == (1, "")
