"""Words to fields, in the shell and with a container's files."""

from __future__ import annotations

import pytest

from fakedocker.programs.shell import expansion


def fields(container, words: str, setup: str = "") -> list[str]:
    """Return the fields that `words` become."""
    result = container.sh(f'{setup}\nset -- {words}\nfor i in "$@"; do printf "%s/" "$i"; done')
    assert result.err == ""
    return result.out.split("/")[:-1]


@pytest.mark.parametrize(
    ("setup", "words", "expected"),
    [
        ("A='a b'", "$A", ["a", "b"]),
        ("A='a b'", '"$A"', ["a b"]),
        ("A='a b'", "x$A'y z'", ["xa", "by z"]),
        ("A=", '$A "$A"', [""]),
        ("IFS=:; A=a::b", "$A", ["a", "", "b"]),
        ("IFS=' :'; A='a : b'", "$A", ["a", "b"]),
        ("set -- 'a b' ''", '"$@"', ["a b", ""]),
        ("set -- 'a b' ''", "$@", ["a", "b"]),
        ("set --", '"$@"', []),
        ("set --", '""', [""]),
        ("set -- a b", '"1$@2"', ["1a", "b2"]),
        ("", "${B:-a b}", ["a", "b"]),
        ("", '"${B:-a b}" ${B:-"c d"}', ["a b", "c d"]),
        ("", "$(printf 'a\\nb\\n\\n')", ["a", "b"]),
        ("", "\"$(printf 'a\\nb\\n\\n')x\" $((1+1))", ["a\nbx", "2"]),
    ],
)
def test_words_become_fields(container, setup: str, words: str, expected: list[str]) -> None:
    assert fields(container, words, setup) == expected


def test_a_pattern_finds_the_names_of_the_container(container) -> None:
    for name in ("b", "a", ".hidden", "c d"):
        container.files.write(f"/work/{name}", b"")
    assert fields(container, "* .h* nosuch* '*'") == ["a", "b", "c d", ".hidden", "nosuch*", "*"]


def test_a_pattern_goes_through_directories(container) -> None:
    container.files.mkdir("/work/d/e", parents=True)
    container.files.write("/work/d/e/x", b"")
    container.files.write("/work/f", b"")
    assert container.sh("echo */*/x /w*/*/ */f d*/./e").out == "d/e/x /work/d/ */f d/./e\n"


def test_a_pattern_that_finds_too_many_names_is_an_error(container, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expansion, "MOST_NAMES", 10)
    assert container.sh("echo /*/*; echo on").err == "sh: out of memory\n"


@pytest.mark.parametrize(
    "script",
    [
        "x=aaaa; while :; do x=$x$x; done",
        "A=abc; while :; do A=${A//[abc]/abcabc}; done",
        "set -- $(seq 3000); while :; do set -- $@ $@ $@ $@ $@ $@ $@; done",
    ],
)
def test_a_text_that_grows_without_end_ends_the_shell(container, script: str) -> None:
    assert container.sh(script) == type(container.sh("true"))(2, "", "sh: out of memory\n")
