"""Differences: large files, sorted ones."""

from __future__ import annotations


def test_large_files_without_anything_in_common_are_compared(container) -> None:
    container.files.write("/work/a", b"".join(b"a%d\n" % i for i in range(20_000)))
    container.files.write("/work/b", b"".join(b"b%d\n" % i for i in range(20_000)))
    assert (
        container.sh("diff a b | grep -c ^-; diff a b | head -n 3 | tail -n 1").out
        == "20001\n@@ -1,20000 +1,20000 @@\n"
    )


def test_lines_that_are_all_the_same_take_a_bounded_time(container) -> None:
    container.files.write("/work/a", b"x\n" * 3000 + b"a\n" + b"x\n" * 3000)
    container.files.write("/work/b", b"b\n" + b"x\n" * 6000 + b"c\n")
    result = container.sh("diff -q a b")
    assert (result.code, result.out) == (1, "Files a and b differ\n")


def test_comm_shows_three_columns(container) -> None:
    result = container.sh("printf 'a\\nb\\nd\\n' > x; printf 'b\\nc\\nd\\n' > y; comm x y; comm -12 x y; comm -3 x y")
    assert result.out == "a\n\t\tb\n\tc\n\t\td\nb\nd\na\n\tc\n"


def test_directories_cannot_be_compared_with_the_input(container) -> None:
    assert container.sh("diff - /etc").err == "diff: can't compare stdin to a directory\n"
