"""The threads' only door to the engine: the one lock, waiting for a change, the clock's ticker.

Whoever wants to change or read the engine does it inside `with runtime.engine() as engine`; whoever has to wait
waits through `run`, `drive` or a source, never with the lock in hand. No other lock guards engine state.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from typing import TypeVar

from fakedocker.engine.clock import FASTEST, Clock
from fakedocker.engine.engine import Engine
from fakedocker.engine.jobs import Event, Job, Until
from fakedocker.engine.watch import Callback, Watch

T = TypeVar("T")
#: Seconds for which the clock's ticker leaves the engine to others between its turns. Where many timers wait, it does
#: more in fewer turns: going to sleep and waking up costs more than what most of them do.
BREATH, BREATH_OF_EACH, LONGEST_BREATH = 0.003, 0.00001, 0.015


class Stopped(Exception):
    """The daemon was closed while somebody waited."""


class RealClock(Clock):
    """The time of the machine, or one that runs `speed` times as fast from when it is made; it never goes back.

    It can stand still, and jump forward. `seconds`: a count of real seconds. Raises ValueError (no such speed).
    """

    def __init__(self, speed: float = 1.0, seconds: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._seconds = seconds
        self._moment, self._mark = time.time(), seconds()
        self._frozen = False
        self.rate = _possible(speed)

    def now(self) -> float:
        return self._moment + (0.0 if self._frozen else (self._seconds() - self._mark) * self.rate)

    @property
    def speed(self) -> float:
        """How many of its seconds pass in one of the machine, when it does not stand still."""
        return self.rate

    @speed.setter
    def speed(self, speed: float) -> None:
        speed = _possible(speed)
        self._set(self.now())
        self.rate = speed
        self.on_earlier()

    @property
    def frozen(self) -> bool:
        """Whether it stands still."""
        return self._frozen

    @frozen.setter
    def frozen(self, frozen: bool) -> None:
        self._set(self.now())
        self._frozen = frozen
        self.on_earlier()

    def advance(self, seconds: float) -> None:
        """Jump forward: everything due in between happens in order, each at its own moment."""
        if not 0 <= seconds < math.inf:
            raise ValueError("time does not go back")
        target = self.now() + seconds
        while (due := self.next_due()) is not None and due <= target:
            self._set(max(self.now(), due))
            self._run_next()
        self._set(max(self.now(), target))

    def real_seconds_until(self, moment: float) -> float | None:
        """Return how long it takes until it is so late; None: it stands still."""
        return None if self._frozen else (moment - self.now()) / self.rate

    def _set(self, moment: float) -> None:
        self._moment, self._mark = moment, self._seconds()


def _possible(speed: float) -> float:
    if not 0 < speed <= FASTEST:
        raise ValueError(f"a clock runs at most {FASTEST:,} times as fast as the machine's, and does not stand still")
    return speed


class Runtime:
    """One engine and everything that threads need around it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.lock = threading.RLock()
        self._earlier = threading.Condition(self.lock)
        self._ticker: threading.Thread | None = None
        self._closed = False
        self._waiting: set[threading.Event] = set()
        if isinstance(engine.clock, RealClock):
            engine.clock.on_earlier = self._tick_earlier
            with self.lock:
                if engine.clock.next_due() is not None:  # somebody used the engine before it came here
                    self._tick_earlier()

    @contextmanager
    def engine(self) -> Iterator[Engine]:
        """Hold the lock; when it is given back, whoever can run inside the containers has run."""
        with self.lock:
            try:
                yield self._engine
            finally:
                self._engine.scheduler.run()

    def close(self) -> None:
        """Wake everybody who waits (`Stopped` is raised there) and stop the clock. Idempotent."""
        with self.lock:
            self._closed = True
            for event in self._waiting:
                event.set()
            self._earlier.notify_all()

    # -- jobs --------------------------------------------------------------------

    def drive(self, job: Job[T]) -> Generator[Event, None, T]:
        """Carry out a job, yielding what it reports; closing this generator abandons the job."""
        try:
            while True:
                with self.engine():
                    try:
                        item = next(job)
                    except StopIteration as end:
                        result: T = end.value
                        return result
                if isinstance(item, Until):
                    self.wait(item)
                else:
                    yield item
        finally:
            with self.engine():
                job.close()

    def run(self, job: Job[T]) -> T:
        """Carry out a job to its end and return its result."""
        progress = self.drive(job)
        while True:
            try:
                next(progress)
            except StopIteration as end:
                result: T = end.value
                return result

    def wait(self, until: Until) -> None:
        """Wait as a job asks. Raises Stopped when the daemon is closed meanwhile."""
        changed = threading.Event()
        late = False

        def time_is_up() -> None:
            nonlocal late
            late = True
            changed.set()

        with self.lock:
            if until.met() or until.timeout == 0:  # no time to wait: a manual clock need not move for it
                return
            if self._closed:
                raise Stopped
            cancel = until.watch.subscribe(changed.set)
            timer = self._engine.clock.call_later(until.timeout, time_is_up) if until.timeout is not None else None
            self._waiting.add(changed)
        try:
            while True:
                changed.wait()
                with self.lock:
                    changed.clear()
                    if until.met() or late:
                        return
                    if self._closed:
                        raise Stopped
        finally:
            with self.lock:
                cancel()
                self._waiting.discard(changed)
                if timer is not None:
                    timer.cancel()

    # -- the clock -----------------------------------------------------------------

    def _tick_earlier(self) -> None:
        """The next timer is due earlier than the ticker thinks (called with the lock held)."""
        if self._ticker is None and not self._closed:
            self._ticker = threading.Thread(target=self._tick, name="fakedocker-clock", daemon=True)
            self._ticker.start()
        self._earlier.notify_all()

    def _tick(self) -> None:
        clock = self._engine.clock
        assert isinstance(clock, RealClock)
        with self.lock:
            while not self._closed:
                due = clock.next_due()
                rest = None if due is None else clock.real_seconds_until(due)
                # Even if something is due always, others have their turn: waiting gives the lock back.
                breath = min(BREATH + BREATH_OF_EACH * len(clock), LONGEST_BREATH)
                self._earlier.wait(None if rest is None else min(max(rest, breath), threading.TIMEOUT_MAX))
                clock.run_due()


class Deferred:
    """An answer that exists only when something has happened: a source of the server, no thread waits for it."""

    def __init__(self, runtime: Runtime, watch: Watch, answer: Callable[[], bytes | None]) -> None:
        self._runtime = runtime
        self._watch = watch
        self._answer = answer
        self._cancel: Callback = lambda: None
        self._given = False

    def read(self, size: int) -> bytes | None:
        """Return the answer once it is there (`answer` gives None until then), then the end."""
        if self._given:
            return None
        with self._runtime.engine():
            answer = self._answer()
        if answer is None:
            return b""
        self._given = True
        return answer or None

    def watch(self, wake: Callable[[], None]) -> None:
        """Have `wake` called at every change."""
        with self._runtime.lock:
            self._cancel = self._watch.subscribe(wake)

    def close(self) -> None:
        """Nobody waits any more."""
        with self._runtime.lock:
            self._cancel()
