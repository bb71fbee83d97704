"""A log as messages: where lines end, which of them are wanted."""

from __future__ import annotations

from fakedocker.engine.containers.messages import LONGEST, Messages
from fakedocker.engine.containers.output import Channel, Log

BOTH: tuple[Channel, ...] = ("stdout", "stderr")


def log(*chunks: tuple[Channel, float, bytes]) -> Log:
    made = Log()
    for channel, time, data in chunks:
        made.write(channel, time, data)
    return made


def shown(messages: Messages) -> list[bytes]:
    return [message.line for message in iter(messages.next, None)]


def test_a_message_is_a_line_however_it_was_written() -> None:
    found = log(("stdout", 1, b"on"), ("stdout", 2, b"e\ntwo\nth"), ("stdout", 3, b"ree\n"))
    assert shown(Messages(found, BOTH)) == [b"one\n", b"two\n", b"three\n"]


def test_lines_of_two_channels_do_not_mix() -> None:
    found = log(("stdout", 1, b"ou"), ("stderr", 1, b"err\n"), ("stdout", 2, b"t\n"))
    assert shown(Messages(found, BOTH)) == [b"err\n", b"out\n"]
    assert shown(Messages(found, ("stdout",))) == [b"out\n"]


def test_the_time_of_a_message_is_that_of_its_end() -> None:
    message = Messages(log(("stdout", 1, b"one"), ("stdout", 5, b"\n")), BOTH).next()
    assert message is not None
    assert message.time == 5


def test_a_line_that_is_too_long_is_several_messages() -> None:
    lines = shown(Messages(log(("stdout", 1, b"x" * (LONGEST + 5) + b"\n")), BOTH))
    assert lines == [b"x" * LONGEST, b"xxxxx\n"]


def test_what_a_run_left_without_an_end_of_line_is_a_message() -> None:
    found = log(("stdout", 1, b"no end"))
    assert shown(Messages(found, BOTH)) == []
    found.end_run(2.0)
    assert shown(Messages(found, BOTH)) == [b"no end"]


def test_only_messages_of_a_time_are_shown_and_the_last_of_them() -> None:
    found = log(*(("stdout", float(second), b"%d\n" % second) for second in range(1, 7)))
    assert shown(Messages(found, BOTH, since=3, until=5)) == [b"3\n", b"4\n", b"5\n"]
    assert shown(Messages(found, BOTH, until=5, tail=3)) == [b"4\n", b"5\n"]
    assert shown(Messages(found, BOTH, tail=0)) == []


def test_the_last_messages_are_counted_before_any_is_left_out() -> None:
    found = log(("stdout", 1, b"out\n"), ("stderr", 2, b"err\n"))
    assert shown(Messages(found, ("stdout",), tail=1)) == []
    assert shown(Messages(found, ("stdout",), tail=2)) == [b"out\n"]
    assert shown(Messages(found, BOTH, until=1, tail=1)) == []


def test_following_goes_on_behind_the_tail() -> None:
    found = log(("stdout", 1, b"1\n"), ("stdout", 1, b"2\n"))
    messages = Messages(found, BOTH, tail=1, follow=True)
    assert shown(messages) == [b"2\n"]
    found.write("stdout", 2, b"3\n")
    assert shown(messages) == [b"3\n"]


def test_who_does_not_follow_sees_nothing_that_came_later() -> None:
    found = log(("stdout", 1, b"1\n"))
    messages = Messages(found, BOTH)
    found.write("stdout", 2, b"2\n")
    assert shown(messages) == [b"1\n"]
