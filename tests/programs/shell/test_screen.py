"""A line on a terminal: what is written is enough to see it where it is, whatever is done to it."""

from __future__ import annotations

import pytest

from fakedocker.programs.shell.screen import Screen


def _screen(line: bytes, width: int = 80) -> Screen:
    screen = Screen(b"$ ", width)
    screen.insert(line)
    screen.take()
    return screen


def test_a_prompt_of_several_lines_is_shown_once_and_its_last_line_again_and_again() -> None:
    screen = Screen(b"one\ntwo ", 80)
    screen.redraw(0)
    assert screen.take() == b"one\ntwo \rtwo \x1b[J"


def test_what_is_between_the_marks_of_a_prompt_takes_no_room() -> None:
    screen = Screen(b"\1\x1b[1m\2$ ", 10)
    screen.insert(b"1234567")
    assert screen.take() == b"\x1b[1m$ 1234567"
    screen.insert(b"8")
    assert screen.take() == b"8\r\n"


def test_a_character_in_the_middle_moves_the_rest() -> None:
    screen = _screen(b"ac")
    screen.back()
    screen.insert(b"b")
    assert (screen.take(), bytes(screen.line), screen.cursor) == (b"\bbc\b", b"abc", 2)


def test_a_character_taken_away_draws_the_rest_nearer() -> None:
    screen = _screen(b"abc")
    screen.back(3)
    screen.delete()
    assert (screen.take(), bytes(screen.line)) == (b"\b\b\bbc\x1b[J\b\b", b"bc")


def test_nothing_is_taken_away_behind_the_end() -> None:
    screen = _screen(b"ab")
    screen.delete()
    assert (screen.take(), bytes(screen.line)) == (b"", b"ab")


@pytest.mark.parametrize(
    ("count", "shown"), [(1, b"\b"), (4, b"\b\b\b\b"), (5, b"\x1b[5D"), (99, b"\x1b[6D"), (0, b"")]
)
def test_the_cursor_goes_back_by_backspaces_or_by_a_sequence(count: int, shown: bytes) -> None:
    screen = _screen(b"abcdef")
    screen.back(count)
    assert screen.take() == shown


def test_a_line_goes_on_in_the_next_row_and_back_up() -> None:
    screen = _screen(b"x" * 18, width=10)
    screen.back(11)
    assert screen.take() == b"\r\x1b[2A\x1b[9C"
    screen.to_end()
    assert screen.take() == b"x\r\nxxxxxxxxxx\r\n"


def test_another_line_takes_the_place_of_one_of_several_rows() -> None:
    screen = _screen(b"x" * 12, width=10)
    screen.replace(b"short", 5)
    assert screen.take() == b"\x1b[1A\r$ short\x1b[J"


def test_the_rest_of_a_line_is_cut() -> None:
    screen = _screen(b"abcdef")
    screen.back(3)
    screen.cut()
    assert (screen.take(), bytes(screen.line)) == (b"\b\b\b\x1b[J", b"abc")


def test_a_cleared_screen_shows_the_line_with_the_cursor_where_it_was() -> None:
    screen = _screen(b"abc")
    screen.back()
    screen.take()
    screen.clear()
    assert screen.take() == b"\x1b[H\x1b[J\r$ abc\x1b[J\b"


def test_a_line_that_fills_its_row_is_left_without_an_empty_one() -> None:
    screen = _screen(b"x" * 8, width=10)
    screen.leave()
    assert screen.take() == b""


def test_a_terminal_without_a_size_is_80_wide() -> None:
    assert Screen(b"", 0).width == 80


@pytest.mark.parametrize("width", [0, 1])
def test_a_width_that_no_terminal_has_is_the_usual_one(width: int) -> None:
    screen = Screen(b"$ ", width)
    screen.insert(b"word")
    assert screen.take() == b"$ word"
