"""`test`: what depends on a container; the rest is compared with busybox."""

from __future__ import annotations

import pytest


def test_a_terminal_is_told_from_a_pipe(container) -> None:
    assert container.run("test", "-t", "0").code == 1
    container.start("test", "-t", "0", tty=True)
    assert container.code == 0


def test_devices_are_there_without_being_files(container) -> None:
    assert container.sh("test -e /dev/null && test -c /dev/null && test -w /dev/null && echo yes").out == "yes\n"
    assert container.run("test", "-f", "/dev/null").code == 1


def test_a_mode_says_whether_a_file_can_be_run(container) -> None:
    container.files.write("/work/f", b"", mode=0o644)
    assert container.run("test", "-x", "f").code == 1
    container.files.chmod("/work/f", 0o755)
    assert container.run("test", "-x", "f").code == 0


@pytest.mark.parametrize(("word", "code"), [("(", 2), ("!", 0)])
def test_endless_nesting_has_an_answer(container, word: str, code: int) -> None:
    assert container.run("test", *[word] * 5001).code == code


def test_double_brackets_neither_split_nor_redirect(container) -> None:
    script = """A='x y'; [[ $A == "x y" ]] && echo one; [[ a < b || x ]] && echo two; [[ -n $nosuch ]] || echo three
    [[ axb == "a*b" ]] || echo four; [[ axb == a*b &&
    ( b == b ) ]] && echo five; [[ ab =~ '^a[' ]]; echo $?"""
    result = container.run("bash", "-c", script)
    assert (result.out, result.err) == ("one\ntwo\nthree\nfour\nfive\n2\n", "bash: ^a[: unmatched [\n")
    assert container.files.listdir("/work") == []
