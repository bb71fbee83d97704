"""What happened, for those who follow it: the daemon's events, in order (moby daemon/events)."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from fakedocker.engine.clock import Clock
from fakedocker.engine.watch import Watch

#: So many events are kept for those who ask for the past (moby daemon/events/events.go, eventsLimit).
MOST_KEPT: Final = 256


@dataclass(frozen=True, slots=True)
class Happening:
    """One event. `type`: container, image, network, volume, builder, daemon, plugin …; `time`: unix seconds."""

    type: str
    action: str
    actor: str
    attributes: Mapping[str, str]
    time: float
    #: Counts all events of a daemon: a follower's place.
    number: int


class Events:
    """The last events, and who waits for the next ones."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kept: deque[Happening] = deque(maxlen=MOST_KEPT)
        self._count = 0
        #: Notified when something happened.
        self.watch = Watch()

    @property
    def end(self) -> int:
        """The number that the next event will have."""
        return self._count

    def emit(self, kind: str, action: str, actor: str, attributes: Mapping[str, str] | None = None) -> None:
        """Tell that something happened to `actor` (an id, a name), whose attributes it had at that moment."""
        self._kept.append(Happening(kind, action, actor, dict(attributes or {}), self._clock.now(), self._count))
        self._count += 1
        self.watch.notify()

    def forget(self) -> None:
        """Keep nothing of what has happened: a daemon that comes back knows no events of its earlier life."""
        self._kept.clear()

    def since(self, number: int) -> list[Happening]:
        """Return what is kept from a place on; a follower that is too slow misses what was dropped."""
        first = self._count - len(self._kept)
        return list(self._kept)[max(0, number - first) :]
