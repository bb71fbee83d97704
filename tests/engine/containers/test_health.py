"""Health checks: when they run, what comes of them, what is said of the container."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from fakedocker.engine import errors
from fakedocker.engine.clock import ManualClock
from fakedocker.engine.containers.config import Healthcheck
from fakedocker.engine.containers.health import Health, Probe, command
from fakedocker.engine.watch import Watch


@dataclass(eq=False)
class Staged:
    """A probe that ends when the stage says so."""

    began: float
    code: int | None = None
    output: bytes = b""
    killed: bool = False
    ended: Watch = field(default_factory=Watch)

    def kill(self) -> None:
        if self.code is None:
            self.killed = True
            self.end(137)

    def end(self, code: int, output: bytes = b"") -> None:
        self.code = code
        self.output += output
        self.ended.notify()


class Stage:
    """A container that is asked: what its probes do is written down beforehand, the last for ever."""

    def __init__(self, *, timeout: float = 5.0, start_period: float = 0.0, retries: int = 2) -> None:
        self.clock = ManualClock(0)
        check = Healthcheck(("CMD", "ask"), 10.0, timeout, start_period, retries)
        self.health = Health(check, ("ask",), self.clock)
        self.probes: list[Staged] = []
        #: The exit codes to come; None: the probe never ends.
        self.codes: list[int | None] = [0]
        self.news: list[str] = []
        self.health.changed.subscribe(lambda: self.news.append(str(self.health.status)))

    def run(self, words: tuple[str, ...]) -> Probe:
        assert words == ("ask",)
        probe = Staged(self.clock.now())
        self.probes.append(probe)
        code = self.codes.pop(0) if len(self.codes) > 1 else self.codes[0]
        if code is not None:
            self.clock.call_later(1, lambda: probe.end(code, f"said {code}\n".encode()))
        return probe

    def start(self, *codes: int | None) -> None:
        self.codes = list(codes) or self.codes
        self.health.start(self.run)

    @property
    def state(self) -> tuple[str, int]:
        return str(self.health.status), self.health.failing_streak

    @property
    def exit_codes(self) -> list[int]:
        return [result.exit_code for result in self.health.results]


def test_nothing_is_known_before_the_first_probe_which_comes_after_an_interval() -> None:
    stage = Stage()
    stage.start()
    stage.clock.advance(9.9)
    assert stage.state == ("starting", 0)
    assert (stage.health.results, stage.probes) == ((), [])
    stage.clock.advance(1.2)
    assert stage.state == ("healthy", 0)
    (result,) = stage.health.results
    assert (result.start, result.end, result.exit_code, result.output) == (10, 11, 0, "said 0\n")


def test_the_next_probe_comes_an_interval_after_the_end_of_the_last() -> None:
    stage = Stage()
    stage.start()
    stage.clock.advance(40)
    assert [probe.began for probe in stage.probes] == [10, 21, 32]


def test_a_container_is_unhealthy_after_as_many_failures_in_a_row_as_were_agreed() -> None:
    stage = Stage(retries=3)
    stage.start(1)
    stage.clock.advance(30)
    assert stage.state == ("starting", 2)
    stage.clock.advance(10)
    assert stage.state == ("unhealthy", 3)
    stage.clock.advance(11)
    assert stage.state == ("unhealthy", 4)
    assert stage.news == ["unhealthy"]


def test_a_health_check_that_flaps_tells_each_change_once() -> None:
    stage = Stage(retries=2)
    stage.start(0, 1, 0, 1, 1, 1, 0, 0, 1)
    seen = []
    for _ in range(9):
        stage.clock.advance(11)
        seen.append(stage.state)
    assert seen == [
        ("healthy", 0),
        ("healthy", 1),  # one failure does not count yet
        ("healthy", 0),
        ("healthy", 1),
        ("unhealthy", 2),
        ("unhealthy", 3),
        ("healthy", 0),
        ("healthy", 0),
        ("healthy", 1),
    ]
    assert stage.news == ["healthy", "unhealthy", "healthy"]
    assert stage.exit_codes == [1, 1, 0, 0, 1]  # only the last five are kept


def test_failures_in_the_start_period_do_not_count_until_it_was_healthy_once() -> None:
    stage = Stage(start_period=25, retries=1)
    stage.start(1)
    stage.clock.advance(23)
    assert (stage.state, stage.exit_codes) == (("starting", 0), [1, 1])
    stage.clock.advance(11)
    assert stage.state == ("unhealthy", 1)
    other = Stage(start_period=100, retries=1)
    other.start(0, 1)
    other.clock.advance(23)
    assert other.state == ("unhealthy", 1)


def test_a_probe_that_takes_too_long_is_killed_and_has_failed() -> None:
    stage = Stage(retries=1, timeout=1.5)
    stage.start(None)
    stage.clock.advance(10)
    stage.probes[0].output = b"still here\n"
    stage.clock.advance(2)
    assert stage.probes[0].killed
    (result,) = stage.health.results
    assert (result.start, result.end, result.exit_code) == (10, 11.5, -1)
    assert result.output == "Health check exceeded timeout (1.5s): still here\n"
    assert stage.state == ("unhealthy", 1)
    stage.clock.advance(10)
    assert [probe.began for probe in stage.probes] == [10, 21.5]


def test_20_10_does_not_show_what_a_slow_probe_wrote() -> None:
    stage = Stage()
    stage.health = Health(Healthcheck(timeout=60), ("ask",), stage.clock, shows_slow_output=False)
    stage.start(None)
    stage.clock.advance(30)
    stage.probes[0].output = b"still here\n"
    stage.clock.advance(60)
    assert stage.health.results[0].output == "Health check exceeded timeout (1m0s)"


def test_a_probe_that_cannot_be_started_has_failed_and_says_why() -> None:
    stage = Stage(retries=1)

    def run(words: tuple[str, ...]) -> Probe:
        raise errors.exec_command_failed("ask", errors.NOT_IN_PATH)

    stage.health.start(run)
    stage.clock.advance(20)
    # As dockerd 20.10 and 26 have it.
    assert [(result.exit_code, result.output) for result in stage.health.results] == [
        (
            -1,
            "OCI runtime exec failed: exec failed: unable to start container process: "
            'exec: "ask": executable file not found in $PATH: unknown',
        )
    ] * 2
    assert stage.state == ("unhealthy", 2)


def test_of_a_long_output_the_beginning_is_kept() -> None:
    stage = Stage()
    stage.start(None)
    stage.clock.advance(10)
    stage.probes[0].end(0, b"0123456789\n" * 600)
    stage.clock.advance(1)
    output = stage.health.results[0].output
    assert len(output) == 4096 + len("...")
    assert output.endswith("\n0123...")


def test_what_is_no_utf_8_does_not_break_the_result() -> None:
    stage = Stage()
    stage.start(None)
    stage.clock.advance(10)
    stage.probes[0].end(0, b"\xff\xfe!")
    stage.clock.advance(1)
    assert stage.health.results[0].output == "\ufffd\ufffd!"


def test_an_end_of_the_container_ends_the_probe_and_nothing_comes_of_that() -> None:
    stage = Stage()
    stage.start(0, None)
    stage.clock.advance(21)
    assert len(stage.probes) == 2
    stage.probes[1].end(137)  # with all processes of the container …
    stage.health.stop()  # … which the daemon notices a moment later
    stage.clock.advance(100)
    assert len(stage.probes) == 2
    assert stage.exit_codes == [0]
    assert stage.state == ("unhealthy", 0)
    assert stage.news == ["healthy"]  # a stop is no event


def test_a_probe_that_runs_when_the_container_is_stopped_is_killed() -> None:
    stage = Stage()
    stage.start(None)
    stage.clock.advance(11)
    stage.health.stop()
    assert stage.probes[0].killed
    stage.clock.advance(100)
    assert (stage.health.results, len(stage.probes)) == ((), 1)
    assert stage.clock.next_due() is None


def test_a_restart_begins_anew_but_keeps_the_results() -> None:
    stage = Stage(retries=1)
    stage.start(1)
    stage.clock.advance(11)
    stage.health.stop()
    stage.start(0)
    assert (stage.state, stage.exit_codes) == (("starting", 0), [1])
    stage.clock.advance(11)
    assert (stage.state, stage.exit_codes) == (("healthy", 0), [1, 0])


def test_a_paused_container_counts_as_unhealthy_until_the_next_probe() -> None:
    stage = Stage()
    stage.start()
    stage.clock.advance(11)
    stage.health.stop()
    stage.clock.advance(100)
    assert stage.state == ("unhealthy", 0)
    stage.health.resume(stage.run)
    assert stage.state == ("unhealthy", 0)
    stage.clock.advance(11)
    assert stage.state == ("healthy", 0)
    assert len(stage.probes) == 2


def test_what_is_left_open_has_the_daemons_values() -> None:
    health = Health(Healthcheck(("CMD", "ask")), ("ask",), ManualClock())
    assert (health.interval, health.timeout, health.retries, health.start_period) == (30, 30, 3, 0)


@pytest.mark.parametrize(
    ("check", "words"),
    [
        (None, None),
        (Healthcheck(), None),
        (Healthcheck(("NONE",)), None),
        (Healthcheck(("CMD", "test", "-f", "/ok")), ("test", "-f", "/ok")),
        (Healthcheck(("CMD-SHELL", "test -f /ok")), ("/bin/sh", "-c", "test -f /ok")),
    ],
)
def test_a_health_check_is_a_command_a_line_for_a_shell_or_nothing(
    check: Healthcheck | None, words: tuple[str, ...] | None
) -> None:
    assert command(check) == words


def test_the_line_is_given_to_the_shell_of_the_image() -> None:
    assert command(Healthcheck(("CMD-SHELL", "exit 0")), ("/bin/bash", "-ec")) == ("/bin/bash", "-ec", "exit 0")
