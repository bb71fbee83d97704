"""Frames come when they are due: after their time, and after the input that they follow."""

from __future__ import annotations

from fakedocker.cassettes.model import Empty, End, Exchange, Frame, Json, Request, Stream, Text
from fakedocker.proxy.pacing import Pace
from fakedocker.proxy.playback import Playback


class ManualPace(Pace):
    """A pace whose time a test moves."""

    def __init__(self, speed: float | None) -> None:
        super().__init__(speed)
        self.time = 100.0

    def now(self) -> float:
        return self.time

    def call_at(self, moment: float, callback: object) -> None:
        self.next = moment


def play(*frames: Frame, kind: str = "hijack", end: End = "complete", pace: Pace | None = None) -> Playback:
    stream = Stream(kind, frames)  # type: ignore[arg-type]
    return Playback(Exchange(1, 1, 0, 0, Request("POST", "/x"), None, end), stream, pace or Pace())


def typed(time: float, text: str) -> Frame:
    return Frame(time, Text(text), "in", "stdin")


def shown(time: float, text: str) -> Frame:
    return Frame(time, Text(text))


def test_at_once_means_at_once_but_frame_by_frame() -> None:
    playback = play(shown(1, "a"), shown(60, "b"))
    assert [playback.read(10), playback.read(10), playback.read(10)] == [b"a", b"b", None]


def test_a_frame_longer_than_asked_for_comes_in_pieces() -> None:
    playback = play(shown(0, "abc"))
    assert [playback.read(2), playback.read(2), playback.read(2)] == [b"ab", b"c", None]


def test_output_waits_for_the_input_it_followed() -> None:
    playback = play(shown(0, "$ "), typed(1, "ls\n"), shown(1, "file\n"))
    assert [playback.read(10), playback.read(10)] == [b"$ ", b""]
    playback.receive(b"l")
    assert playback.read(10) == b""
    playback.receive(b"s\n")
    assert [playback.read(10), playback.read(10)] == [b"file\n", None]


def test_whoever_waits_is_woken_by_input() -> None:
    playback, woken = play(typed(0, "x"), shown(0, "y")), []
    playback.watch(lambda: woken.append(True))
    playback.receive(b"x")
    assert woken


def test_the_end_of_the_input_is_waited_for() -> None:
    playback = play(Frame(0, Empty(), "in", "stdin", ends=True), shown(1, "3\n"))
    assert playback.read(10) == b""
    playback.half_close()
    assert [playback.read(10), playback.read(10)] == [b"3\n", None]


def test_a_client_that_says_less_and_ends_is_not_waited_for_for_ever() -> None:
    playback = play(typed(0, "a long line\n"), shown(1, "bye"))
    playback.receive(b"no")
    playback.half_close()
    assert playback.read(10) == b"bye"


def test_the_daemon_may_end_before_the_client() -> None:
    playback = play(Frame(0, Empty(), ends=True), Frame(1, Empty(), "in", "stdin", ends=True))
    assert playback.read(10) is None


def test_what_the_client_broke_off_stays_open_until_this_one_does() -> None:
    playback = play(shown(0, "a"), end="client-left")
    assert [playback.read(10), playback.read(10)] == [b"a", b""]
    playback.half_close()
    assert playback.read(10) is None


def test_frames_keep_their_times() -> None:
    pace = ManualPace(2)
    playback = play(shown(1, "a"), shown(3, "b"), pace=pace)
    assert playback.read(10) == b""
    assert pace.next == 100.5
    pace.time = 100.5
    assert [playback.read(10), playback.read(10)] == [b"a", b""]
    pace.time = 101.5
    assert playback.read(10) == b"b"


def test_input_that_is_late_puts_the_rest_off() -> None:
    pace = ManualPace(1)
    playback = play(typed(1, "x"), shown(2, "y"), pace=pace)
    pace.time = 110.0
    playback.receive(b"x")
    assert playback.read(10) == b""
    assert pace.next == 111.0


def test_multiplexed_frames_have_their_eight_bytes() -> None:
    playback = play(Frame(0, Text("hi"), "out", "stderr"), kind="multiplexed")
    assert playback.read(100) == b"\x02\0\0\0\0\0\0\x02hi"


def test_lines_end_as_docker_ends_them() -> None:
    playback = play(Frame(0, Json({"status": "<a>"})), kind="lines")
    assert playback.read(100) == b'{"status":"\\u003ca\\u003e"}\r\n'
