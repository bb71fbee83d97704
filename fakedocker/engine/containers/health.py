"""Whether a container is well: its health check is run again and again, and what came of it is kept.

Rules of this file: one probe at a time; the next one begins an interval after the last one has ended; a probe that
takes too long is killed. Facts: moby daemon/health.go, container/health.go; dockerd 20.10 and 26.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

from fakedocker.engine.clock import Clock, Timer
from fakedocker.engine.containers.config import Healthcheck
from fakedocker.engine.durations import spelled
from fakedocker.engine.errors import DockerError
from fakedocker.engine.watch import Callback, Watch

#: What a health check leaves open, in seconds.
INTERVAL: Final = 30.0
TIMEOUT: Final = 30.0
RETRIES: Final = 3
#: Results that are kept, and bytes of the output of one.
MOST_RESULTS: Final = 5
LONGEST_OUTPUT: Final = 4096
#: What a line to be run by a shell is given to, if the image names no other shell.
SHELL: Final = ("/bin/sh", "-c")
#: The exit code of a probe that never ended by itself.
NO_EXIT_CODE: Final = -1


class Status(StrEnum):
    """What is said of a container that has a health check."""

    STARTING = "starting"
    HEALTHY = "healthy"
    UNHEALTHY = "unhealthy"


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one probe. `start`, `end`: unix seconds. `exit_code`: 0 is well, -1 that there is none."""

    start: float
    end: float
    exit_code: int
    output: str


class Probe(Protocol):
    """A command that runs in a container."""

    #: Notified at its end.
    ended: Watch

    @property
    def code(self) -> int | None:
        """Its exit code, None while it runs."""
        ...

    @property
    def output(self) -> bytes:
        """What it has written until now, on both outputs; more than `LONGEST_OUTPUT` bytes need not be kept."""
        ...

    def kill(self) -> None:
        """End it at once."""
        ...


#: Runs a command in the container. Raises DockerError when it cannot be started.
Run = Callable[[tuple[str, ...]], Probe]


def command(check: Healthcheck | None, shell: tuple[str, ...] | None = None) -> tuple[str, ...] | None:
    """Return the command of a health check, None if nothing is to be checked; `shell` is the configuration's own."""
    match check.test if check is not None else ():
        case ("CMD", *words) if words:
            return tuple(words)
        case ("CMD-SHELL", *words) if words:
            return (*(shell or SHELL), *words)
        case _:
            return None


class Health:
    """The health of one container, over all its runs.

    `shows_slow_output`: what a probe wrote that took too long is kept (20.10 does not). A container that does not run,
    or is paused, counts as unhealthy.
    """

    def __init__(
        self, check: Healthcheck, command: tuple[str, ...], clock: Clock, *, shows_slow_output: bool = True
    ) -> None:
        self.command = command
        self.interval = check.interval or INTERVAL
        self.timeout = check.timeout or TIMEOUT
        self.retries = check.retries or RETRIES
        self.start_period = check.start_period
        self.start_interval = check.start_interval or self.interval
        self.status = Status.STARTING
        #: Probes that failed in a row, those in the start period left out.
        self.failing_streak = 0
        #: Notified when a probe has made the status another one; not when the container starts, stops or is paused.
        self.changed = Watch()
        self._shows_slow_output = shows_slow_output
        self._clock = clock
        self._results: deque[Result] = deque(maxlen=MOST_RESULTS)
        self._run: Run | None = None
        self._started_at = 0.0
        self._timer: Timer | None = None
        self._probe: Probe | None = None
        self._unwatch: Callback = lambda: None

    @property
    def results(self) -> tuple[Result, ...]:
        """What came of the last probes, oldest first; they outlive a run of the container."""
        return tuple(self._results)

    # -- the container's life ------------------------------------------------------

    def start(self, run: Run) -> None:
        """The container has started: nothing is known of it yet."""
        self.stop()
        self.status = Status.STARTING
        self.failing_streak = 0
        self._started_at = self._clock.now()
        self.resume(run)

    def resume(self, run: Run) -> None:
        """Go on after a pause; the status is told by the next probe."""
        self._run = run
        self._wait(self._next_interval, self._begin)

    def stop(self) -> None:
        """The container has ended or is paused; a probe that runs is given up, and nothing comes of it."""
        self._run = None
        self._forget_timer()
        self._unwatch()
        probe, self._probe = self._probe, None
        if probe is not None:
            probe.kill()
        self.status = Status.UNHEALTHY

    def force(self, status: Status) -> None:
        """Have a status from now on, whatever the command says: it is not run again before the container's start."""
        run = self._run
        self.stop()
        self._run = run
        self.status = status
        self.failing_streak = self.retries if status is Status.UNHEALTHY else 0
        self.changed.notify()

    # -- one probe -----------------------------------------------------------------

    def _begin(self) -> None:
        assert self._run is not None  # `stop` has forgotten the timer
        start = self._clock.now()
        try:
            probe = self._run(self.command)
        except DockerError as error:
            self._take(Result(start, self._clock.now(), NO_EXIT_CODE, _text(str(error).encode())))
            return
        self._probe = probe
        if probe.code is not None:
            self._end(probe, start)
            return
        self._unwatch = probe.ended.subscribe(lambda: self._end(probe, start))
        self._wait(self.timeout, lambda: self._give_up(probe, start))

    def _give_up(self, probe: Probe, start: float) -> None:
        self._unwatch()
        probe.kill()
        words = f"Health check exceeded timeout ({spelled(self.timeout)})"
        if self._shows_slow_output:
            words += f": {_text(probe.output)}"
        self._probe = None
        self._take(Result(start, self._clock.now(), NO_EXIT_CODE, words))

    def _end(self, probe: Probe, start: float) -> None:
        self._unwatch()
        result = Result(start, self._clock.now(), probe.code or 0, _text(probe.output))
        # Not at once: a container's end ends its probe, too, just before we are told, and that says nothing of its
        # health.
        self._wait(0, lambda: self._take(result))

    def _take(self, result: Result) -> None:
        self._probe = None
        self._results.append(result)
        before = self.status
        if result.exit_code == 0:
            self.failing_streak = 0
            self.status = Status.HEALTHY
        elif not self._may_fail(result):
            self.failing_streak += 1
            if self.failing_streak >= self.retries:
                self.status = Status.UNHEALTHY
        self._wait(self._next_interval, self._begin)
        if self.status is not before:
            self.changed.notify()

    @property
    def _next_interval(self) -> float:
        """Seconds to the next probe: another number while the container starts (moby daemon/health.go, since 25.0)."""
        starting = self.status is Status.STARTING and self._clock.now() - self._started_at < self.start_period
        return self.start_interval if starting else self.interval

    def _may_fail(self, result: Result) -> bool:
        """Tell whether a failure does not count yet: the container was never well and has only just started."""
        return self.status is Status.STARTING and result.start - self._started_at < self.start_period

    # -- waiting -------------------------------------------------------------------

    def _wait(self, seconds: float, then: Callback) -> None:
        self._forget_timer()
        self._timer = self._clock.call_later(seconds, then)

    def _forget_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def _text(output: bytes) -> str:
    """Return an output as a result shows it."""
    cut = "..." if len(output) > LONGEST_OUTPUT else ""
    return output[:LONGEST_OUTPUT].decode("utf-8", "replace") + cut
