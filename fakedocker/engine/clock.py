"""Time as an argument: timers in order of their moment, on a clock that somebody else moves.

The engine never asks the operating system for the time. `ManualClock` stands still until a test advances
it; the real clock lives in `fakedocker.runtime`, which owns the thread that makes it tick.
"""

from __future__ import annotations

import heapq
import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

#: When a manual clock starts: the day the document of API 1.1 was last changed (2013-06-12 13:00:00 UTC).
EPOCH = 1371042000.0
#: How many seconds of a clock may pass in one of the machine: with more, one turn of a thread would be minutes.
FASTEST = 1_000_000
#: So many timers may stand in a queue before it is looked whether most of them are cancelled.
FEW = 64


@dataclass(eq=False, slots=True)
class Timer:
    """One callback at one moment; `cancel()` makes it never run."""

    due: float
    callback: Callable[[], None] | None

    def cancel(self) -> None:
        """Forget the callback; cancelling twice or too late does nothing."""
        self.callback = None


class Clock(ABC):
    """A time in unix seconds, and the timers that wait for it."""

    #: Machine seconds for which programs that never rest are held back at most.
    longest_break = 0.01
    #: How many of its seconds pass in one of the machine.
    rate = 1.0

    def __init__(self) -> None:
        #: A heap: (when, in which order of those due at once, what). Plain tuples compare fast.
        self._timers: list[tuple[float, int, Timer]] = []
        self._count = 0
        self._crowded = FEW
        #: Told when a timer was added that is due before all others.
        self.on_earlier: Callable[[], None] = lambda: None

    @abstractmethod
    def now(self) -> float:
        """Return the time in unix seconds; it never goes back."""

    def call_later(self, seconds: float, callback: Callable[[], None]) -> Timer:
        """Run `callback` when `seconds` have passed (never before this call returns)."""
        self._count += 1
        timer = Timer(self.now() + max(0.0, seconds), callback)
        if len(self._timers) >= self._crowded:
            self._sweep()
        heapq.heappush(self._timers, (timer.due, self._count, timer))
        if self._timers[0][2] is timer:
            self.on_earlier()
        return timer

    def _sweep(self) -> None:
        """Drop what was cancelled: a timer far away would never come to the front to be dropped there."""
        self._timers = [entry for entry in self._timers if entry[2].callback is not None]
        heapq.heapify(self._timers)
        self._crowded = max(FEW, 2 * len(self._timers))

    def __len__(self) -> int:
        """Return how many timers wait, those that were cancelled lately included."""
        return len(self._timers)

    def next_due(self) -> float | None:
        """Return when the next timer is due, in unix seconds; None when none waits."""
        while self._timers and self._timers[0][2].callback is None:
            heapq.heappop(self._timers)
        return self._timers[0][0] if self._timers else None

    def run_due(self) -> None:
        """Run what is due by now, in order of its moment."""
        limit = self.now()
        while (due := self.next_due()) is not None and due <= limit:
            self._run_next()

    def _run_next(self) -> None:
        callback = heapq.heappop(self._timers)[2].callback
        if callback is not None:
            callback()


class ManualClock(Clock):
    """A clock that moves only by `advance`, so that an hour costs nothing."""

    longest_break = math.inf

    def __init__(self, start: float = EPOCH) -> None:
        super().__init__()
        self._now = start

    def now(self) -> float:
        return self._now

    def advance(self, seconds: float) -> None:
        """Let `seconds` pass: everything due happens in order, each at its own moment."""
        if seconds < 0:
            raise ValueError("time does not go back")
        target = self._now + seconds
        while (due := self.next_due()) is not None and due <= target:
            self._now = max(self._now, due)
            self._run_next()
        self._now = target
