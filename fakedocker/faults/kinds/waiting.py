"""Faults that take time, all of it the daemon's: latency, hang, trickle."""

from __future__ import annotations

from dataclasses import dataclass

from fakedocker.faults.bodies import Body, Shape
from fakedocker.faults.calls import Call
from fakedocker.faults.fault import Fault, at_least, fault

#: Seconds between two pieces of a body that trickles, as far as a piece has a byte at all.
PIECE_SECONDS = 0.05


@fault("latency")
@dataclass(frozen=True, slots=True)
class Latency(Fault):
    """The daemon hears of the request `seconds` later, or `jitter` seconds more or less than that."""

    seconds: float
    jitter: float = 0.0

    def __post_init__(self) -> None:
        at_least("seconds", self.seconds, 0)
        at_least("jitter", self.jitter, 0)

    def before(self, call: Call) -> None:
        call.wait(max(0.0, self.seconds + call.random.uniform(-self.jitter, self.jitter)))


@fault("hang")
@dataclass(frozen=True, slots=True)
class Hang(Fault):
    """Nothing comes until the rule is released or removed, the client leaves, or the daemon is closed.

    Then the daemon hears of the request and answers. `head`: it hears at once, and the head of its answer comes, too.
    """

    head: bool = False

    def before(self, call: Call) -> None:
        if not self.head:
            call.hang()

    def shape(self, body: Body, call: Call) -> Body:
        return _Held(body, call) if self.head else body


class _Held(Shape):
    def read(self, size: int) -> bytes | None:
        if self.call.over:
            self.call.abort()
        return self.body.read(size) if self.call.released else b""


@fault("trickle")
@dataclass(frozen=True, slots=True)
class Trickle(Fault):
    """The body comes at `rate` bytes per second."""

    rate: float

    def __post_init__(self) -> None:
        at_least("rate", self.rate, 0.001)

    def shape(self, body: Body, call: Call) -> Body:
        return _Trickling(body, call, self.rate)


class _Trickling(Shape):
    """Saves up what it may let through, a second's worth at most: a body that was quiet does not come in a rush."""

    def __init__(self, body: Body, call: Call, rate: float) -> None:
        super().__init__(body, call)
        self._rate = rate
        self._piece = max(1, int(rate * PIECE_SECONDS))
        self._saved = 0.0
        self._seen = call.clock.now()

    def read(self, size: int) -> bytes | None:
        if self.call.over:
            self.call.abort()
        now = self.call.clock.now()
        self._saved += (now - self._seen) * self._rate
        self._seen = now
        if self._saved < self._piece:
            self.call.wake_later((self._piece - self._saved) / self._rate)
            return b""
        data = self.body.read(min(size, int(self._saved)))
        if data:
            self._saved -= len(data)
        elif data == b"":
            self._saved = min(self._saved, max(self._rate, 1.0))
        return data
