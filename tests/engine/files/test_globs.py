"""Patterns of file names."""

from __future__ import annotations

import time

import pytest

from fakedocker.engine.files.globs import BadPattern, compile_glob


@pytest.mark.parametrize(
    ("pattern", "matching", "others"),
    [
        ("a", ["a"], ["", "b", "aa", "a/a"]),
        ("*.go", [".go", "x.go"], ["x.goo", "d/x.go"]),
        ("a*b*c", ["abc", "axbxbc"], ["ab", "a/bc"]),
        ("?", ["x", "ü"], ["", "/", "xy"]),
        ("[a-cx]", ["a", "b", "x"], ["d", "-", "/"]),
        ("[^a-c]", ["d", "^"], ["a", "/"]),
        (r"[\]a]", ["]", "a"], ["\\"]),
        (r"\*", ["*"], ["a", "\\*"]),
        ("d/*", ["d/x"], ["d", "d/x/y"]),
        ("**/x", ["*x/x", "d/x"], ["x", "a/b/x"]),
        ("a.b", ["a.b"], ["axb"]),
    ],
)
def test_a_pattern_matches_names(pattern: str, matching: list[str], others: list[str]) -> None:
    glob = compile_glob(pattern)
    assert [name for name in [*matching, *others] if glob.matches(name)] == matching


@pytest.mark.parametrize(
    ("pattern", "matching", "others"),
    [
        ("**", ["", "a", "a/b"], []),
        ("**/x", ["x", "d/x", "a/b/x"], ["yx", "d/yx", "x/y"]),
        ("a/**", ["a/", "a/b", "a/b/c"], ["a", "b/a/"]),
        ("a/**/b", ["a/b", "a/x/b", "a/x/y/b"], ["a/xb", "ab"]),
        ("**/*.o", ["x.o", "d/x.o"], ["x.oo"]),
    ],
)
def test_two_stars_stand_for_directories(pattern: str, matching: list[str], others: list[str]) -> None:
    glob = compile_glob(pattern, deep=True)
    assert [name for name in [*matching, *others] if glob.matches(name)] == matching


@pytest.mark.parametrize("pattern", ["[", "[a", "[]", "[]a]", "[-]", "[a-]", "a\\", "[\\", "x" * 5000])
def test_what_is_no_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(BadPattern):
        compile_glob(pattern)


def test_no_pattern_takes_longer_than_its_length_times_that_of_the_name() -> None:
    begun = time.process_time()
    assert not compile_glob("*a" * 60 + "b").matches("a" * 250)
    assert not compile_glob("**/" * 30 + "b", deep=True).matches("a/" * 100)
    assert time.process_time() - begun < 2
