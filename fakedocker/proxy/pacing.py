"""The pace at which a recording is played: as it was, faster, or at once."""

from __future__ import annotations

import heapq
import threading
import time
from collections.abc import Callable


class Pace:
    """Calls back when it is time. `speed`: 1 is that of the recording, 2 twice as fast; None: everything at once."""

    def __init__(self, speed: float | None = None) -> None:
        self.speed = speed
        self._changed = threading.Condition()
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._count = 0
        self._thread: threading.Thread | None = None
        self._closed = False

    def seconds(self, recorded: float) -> float:
        """Return how long something takes that took so many seconds."""
        return max(0.0, recorded) / self.speed if self.speed else 0.0

    def now(self) -> float:
        return time.monotonic()

    def call_at(self, moment: float, callback: Callable[[], None]) -> None:
        """Call back at a moment of `now`; from a thread of its own."""
        with self._changed:
            if self._closed:
                return
            self._count += 1
            heapq.heappush(self._due, (moment, self._count, callback))
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="fakedocker-pace", daemon=True)
                self._thread.start()
            self._changed.notify()

    def close(self) -> None:
        """Call nobody back any more."""
        with self._changed:
            self._closed = True
            self._due.clear()
            self._changed.notify()

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._closed and (not self._due or self._due[0][0] > self.now()):
                    self._changed.wait(self._due[0][0] - self.now() if self._due else None)
                if self._closed:
                    return
                callback = heapq.heappop(self._due)[2]
            callback()
