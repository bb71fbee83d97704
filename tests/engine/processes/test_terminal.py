"""The line discipline."""

from __future__ import annotations

import pytest

from fakedocker.engine.processes.effects import Signal
from fakedocker.engine.processes.terminal import COOKED, KEY_BY_KEY, LONGEST_LINE, ROOM, Terminal


class Screen:
    """A terminal, what it shows and which signals its keys sent."""

    def __init__(self) -> None:
        self.shown = bytearray()
        self.signals: list[Signal] = []
        self.terminal = Terminal(self.shown.extend, self.signals.append)

    def type(self, data: bytes) -> None:
        self.terminal.type(data)

    def read(self, size: int = 65536) -> bytes | None:
        return self.terminal.read(size)

    def take(self) -> bytes:
        """Return what was shown since the last look."""
        shown = bytes(self.shown)
        self.shown.clear()
        return shown


@pytest.fixture
def screen() -> Screen:
    return Screen()


def test_a_line_is_given_when_it_is_complete(screen: Screen) -> None:
    screen.type(b"ab")
    assert screen.read() is None
    screen.type(b"c\n")
    assert screen.read() == b"abc\n"
    assert screen.read() is None


def test_return_ends_a_line_too(screen: Screen) -> None:
    screen.type(b"one\rtwo\r")
    assert (screen.read(), screen.read()) == (b"one\n", b"two\n")


def test_what_is_typed_is_echoed(screen: Screen) -> None:
    screen.type(b"a\tb\x01\r")
    assert screen.take() == b"a\tb^A\r\n"


def test_without_echo_nothing_is_shown(screen: Screen) -> None:
    screen.terminal.echo = False
    screen.type(b"secret\n")
    assert screen.take() == b""
    assert screen.read() == b"secret\n"


@pytest.mark.parametrize("key", [b"\x7f", b"\x08"])
def test_backspace_takes_the_last_byte_back_but_not_more_than_the_line_has(screen: Screen, key: bytes) -> None:
    screen.type(b"ab" + key + b"c")
    assert screen.take() == b"ab\b \bc"
    screen.type(b"\n" + key + b"x\n")
    assert screen.read() == b"ac\n"
    assert screen.read() == b"x\n"


def test_control_u_takes_the_line_back(screen: Screen) -> None:
    screen.type(b"abc\x15xy\n")
    assert screen.read() == b"xy\n"
    assert screen.take() == b"abc" + b"\b \b" * 3 + b"xy\r\n"


def test_control_d_gives_the_line_without_its_end_and_on_an_empty_line_the_end_of_input(screen: Screen) -> None:
    screen.type(b"ab\x04\x04")
    assert screen.read() == b"ab"
    assert screen.read() == b""
    assert screen.read() is None
    assert screen.take() == b"ab"


@pytest.mark.parametrize(("key", "signal", "shown"), [(b"\x03", Signal.INT, b"^C"), (b"\x1c", Signal.QUIT, b"^\\")])
def test_some_keys_send_signals_and_throw_away_what_was_typed(
    screen: Screen, key: bytes, signal: Signal, shown: bytes
) -> None:
    screen.type(b"ahead\nab" + key + b"c\n")
    assert screen.signals == [signal]
    assert screen.take() == b"ahead\r\nab" + shown + b"c\r\n"
    assert screen.read() == b"c\n"
    assert screen.read() is None


def test_a_line_can_be_read_in_pieces(screen: Screen) -> None:
    screen.type(b"abcdef\n")
    assert [screen.read(3), screen.read(3), screen.read(3), screen.read(3)] == [b"abc", b"def", b"\n", None]


def test_a_line_has_a_greatest_length_and_can_still_be_ended(screen: Screen) -> None:
    screen.type(b"x" * 10_000 + b"\n")
    assert screen.read() == b"x" * LONGEST_LINE + b"\n"


def test_what_is_written_has_its_line_ends_made_visible(screen: Screen) -> None:
    assert screen.terminal.write(b"a\nb\n") == 4
    assert screen.take() == b"a\r\nb\r\n"


def test_in_raw_mode_bytes_pass_as_they_are(screen: Screen) -> None:
    screen.terminal.raw = True
    screen.type(b"\x03\x04a\r")
    assert screen.read() == b"\x03\x04a\r"
    screen.terminal.write(b"a\n")
    assert screen.take() == b"a\n"
    assert not screen.signals


def test_a_new_size_is_told_to_the_programs(screen: Screen) -> None:
    screen.terminal.resize(24, 80)
    assert (screen.terminal.rows, screen.terminal.columns) == (24, 80)
    assert screen.signals == [Signal.WINCH]


def test_a_hang_up_is_the_end_of_input_behind_what_was_typed(screen: Screen) -> None:
    told: list[bool] = []
    screen.terminal.ready.subscribe(lambda: told.append(True))
    screen.type(b"last\n")
    screen.terminal.hang_up()
    assert (screen.read(), screen.read(), screen.read()) == (b"last\n", b"", b"")
    assert told


@pytest.mark.parametrize("data", [b"x" * 70 + b"\n", b"\x04"])
def test_what_is_typed_ahead_is_bounded(screen: Screen, data: bytes) -> None:
    typed = 0
    while screen.terminal.room:
        screen.type(data)
        typed += 1
        assert typed <= ROOM
    assert typed * len(data) <= ROOM + len(data)


def test_whoever_waits_for_room_is_told_when_there_is_some(screen: Screen) -> None:
    while screen.terminal.room:
        screen.type(b"x" * 99 + b"\n")
    told: list[int] = []
    screen.terminal.ready.subscribe(lambda: told.append(screen.terminal.room))
    screen.read()
    assert told
    assert told[-1] > 0


def test_all_room_comes_back_when_everything_was_read(screen: Screen) -> None:
    for data in (b"abc\n", b"\x04", b"ab\x04", b"typed\nahead\x03"):
        screen.type(data)
    while screen.read(2) is not None:
        pass
    assert screen.terminal.room == ROOM


# -- modes ------------------------------------------------------------------------------


def _terminal(shown: bytearray) -> Terminal:
    return Terminal(shown.extend, lambda signal: shown.extend(b"<%d>" % signal))


def test_key_by_key_nothing_is_echoed_edited_or_sent_as_a_signal() -> None:
    shown = bytearray()
    terminal = _terminal(shown)
    terminal.modes = KEY_BY_KEY
    terminal.type(b"a\x7f\x03\r")
    assert (terminal.read(3), terminal.read(9), bytes(shown)) == (b"a\x7f\x03", b"\n", b"")
    terminal.write(b"\n")
    assert bytes(shown) == b"\r\n"


def test_what_was_typed_ahead_is_one_piece_when_the_mode_changes() -> None:
    terminal = _terminal(bytearray())
    terminal.type(b"one\rtwo\rhal")
    terminal.modes = KEY_BY_KEY
    assert terminal.read(99) == b"one\ntwo\nhal"
    terminal.type(b"x\x04y\r")
    terminal.modes = COOKED
    assert terminal.read(99) == b"x\x04y\n"
    assert terminal.read(99) is None


def test_an_end_typed_ahead_means_nothing_key_by_key() -> None:
    terminal = _terminal(bytearray())
    terminal.type(b"\x04")
    terminal.modes = KEY_BY_KEY
    assert terminal.read(1) is None


def test_a_control_character_takes_two_columns() -> None:
    shown = bytearray()
    _terminal(shown).type(b"a\x01\x7f\x7f")
    assert bytes(shown) == b"a^A\b \b\b \b\b \b"


def test_a_word_is_letters_digits_and_underscores() -> None:
    terminal = _terminal(bytearray())
    terminal.type(b"foo.bar_1- \x17x\r")
    assert terminal.read(99) == b"foo.x\n"


def test_nobody_is_told_of_a_size_that_is_the_same() -> None:
    shown = bytearray()
    terminal = _terminal(shown)
    terminal.resize(24, 80)
    terminal.resize(24, 80)
    assert bytes(shown) == b"<28>"
