"""Options as busybox reads them, and what a program says when it does not understand."""

from __future__ import annotations

import pytest

from fakedocker.programs.command import Command, Misuse, number


def options(letters: str, *words: str, **long: str):
    return Command(None, ("x", *words)).options(letters, long=long)  # type: ignore[arg-type]


def test_letters_may_be_joined_and_stand_anywhere() -> None:
    read = options("abn:", "-ab", "one", "-n5", "two", "-n", "6")
    assert (read.flags, read.words, read.get("n")) == ({"a", "b", "n"}, ["one", "two"], "6")
    assert read.repeated["n"] == ["5", "6"]


def test_a_plus_stops_at_the_first_word() -> None:
    assert options("+a", "-a", "cmd", "-b").words == ["cmd", "-b"]


def test_two_dashes_end_the_options() -> None:
    assert options("a", "--", "-a").words == ["-a"]
    assert options("a", "-").words == ["-"]


def test_long_options_may_be_cut_short_and_take_values() -> None:
    assert options("n:", "--lines=3", lines="n").get("n") == "3"
    assert options("n:", "--li", "3", lines="n").get("n") == "3"


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["-Z"], "unrecognized option: Z"),
        (["-n"], "option requires an argument: n"),
        (["--nosuch"], "unrecognized option: nosuch"),
        (["--quiet=1"], "option does not take an argument: quiet"),
        (["--lines"], "option requires an argument: lines"),
    ],
)
def test_what_is_not_understood_is_refused(words: list[str], complaint: str) -> None:
    with pytest.raises(Misuse) as misuse:
        options("n:q", *words, lines="n", quiet="q")
    assert misuse.value.text == complaint


@pytest.mark.parametrize(
    "name", ["ls", "cp", "rm", "mkdir", "head", "sort", "grep", "env", "date", "id", "uname", "cut"]
)
def test_an_unknown_option_fails_with_the_usage(container, name: str) -> None:
    result = container.run(name, "-?")
    assert result.code == (2 if name in ("grep", "sort") else 1)
    assert result.out == ""
    complaint, banner, _, usage = result.err.split("\n")[:4]
    assert complaint == f"{name}: unrecognized option: ?"
    assert banner.startswith("BusyBox v1.35.0")
    assert usage.startswith(f"Usage: {name} ")


def test_help_is_no_failure(container) -> None:
    result = container.run("ls", "--help")
    assert result.code == 0
    assert "Usage: ls " in result.err


def test_numbers_may_have_suffixes() -> None:
    assert number("3k", suffixes={"k": 1024}) == 3072
    assert number("-2", least=-1) == -2


@pytest.mark.parametrize("text", ["", "x", "1x", "-1", "1.5", "²", "9" * 40])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(Misuse, match="invalid number"):
        number(text)
