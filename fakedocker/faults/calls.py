"""A request as faults see it, and a fault's part in it: what it may do, and for how long."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any, NoReturn, Protocol

#: Where the environ has what only the server and the daemon can do.
ON_CLOSE, SEND_HEAD, ABORT = "fakedocker.on_close", "fakedocker.send_head", "fakedocker.abort"
CLOCK, DESCRIBE, RESTART = "fakedocker.clock", "fakedocker.describe", "fakedocker.restart"

Version = tuple[int, int]


class Clock(Protocol):
    """The daemon's time, in seconds."""

    def now(self) -> float:
        """Return the present moment."""

    def call_later(self, seconds: float, callback: Callable[[], None]) -> Callable[[], None]:
        """Call back when so much time has passed; return what cancels it. The callback must not block."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered in the daemon's stead."""

    status: int
    body: bytes = b""
    content_type: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asks for: the operation, its object as the client wrote it, the version it speaks."""

    operation: str
    object: str
    version: Version
    environ: dict[str, Any]

    @property
    def is_antique(self) -> bool:
        """Whether it is answered in the dialect of 2013, or one so old that errors are plain text."""
        return self.version < (1, 24)


class Call:
    """One request that one rule strikes."""

    def __init__(self, request: Request, random: Random) -> None:
        self.request = request
        self.random = random
        #: Of the daemon's answer, once it is known.
        self.status = 200
        #: Whether the connection was taken over: then its bytes are not framed in any way.
        self.hijacked = False
        self.released = False
        self.over = False
        self._woken = threading.Event()
        self._wake: Callable[[], None] = self._woken.set
        self._timers: list[Callable[[], None]] = []
        on_close = request.environ.get(ON_CLOSE)
        if on_close is not None:
            on_close(self.end)

    # -- what a fault does -------------------------------------------------------------

    def wait(self, seconds: float) -> None:
        """Let so much of the daemon's time pass, in this thread. Breaks off when client or daemon go."""
        if seconds <= 0:
            return
        late = threading.Event()

        def time_is_up() -> None:
            late.set()
            self._woken.set()

        cancel = self.clock.call_later(seconds, time_is_up)
        try:
            self._wait(late.is_set)
        finally:
            cancel()

    def hang(self) -> None:
        """Wait, in this thread, until the rule is released. Breaks off when client or daemon go."""
        self._wait(lambda: self.released)

    def _wait(self, done: Callable[[], bool]) -> None:
        while not done():
            if self.over:
                self.abort()
            self._woken.wait()
            self._woken.clear()

    def wake_later(self, seconds: float) -> None:
        """Have the body that is shaped read again when so much of the daemon's time has passed."""
        self.close()
        self._timers.append(self.clock.call_later(seconds, self.wake))

    def abort(self, *, reset: bool = False, last: bytes = b"") -> NoReturn:
        """Break the connection off, with a reset or an end; `last` is sent before as it is, behind a head."""
        hook = self.request.environ.get(ABORT)
        if hook is not None:
            hook(reset=reset, last=last)
        raise ConnectionAbortedError("a fault breaks the connection off")

    def restart(self, **how: Any) -> None:
        """Let the daemon go down and come back; see `FakeDocker.restart`."""
        self.request.environ[RESTART](**how)

    @property
    def clock(self) -> Clock:
        """The daemon's time."""
        clock: Clock = self.request.environ[CLOCK]
        return clock

    # -- what becomes of it ------------------------------------------------------------

    def on_wake(self, wake: Callable[[], None]) -> None:
        """Have this called whenever something may go on."""
        self._wake = wake

    def wake(self) -> None:
        """Something may go on: look again."""
        self._woken.set()
        self._wake()

    def release(self) -> None:
        """Let it go on if it hangs."""
        self.released = True
        self.wake()

    def end(self) -> None:
        """The client or the daemon has gone."""
        self.over = True
        self.wake()

    def close(self) -> None:
        """Nothing is waited for any more. May be called again."""
        for cancel in self._timers:
            cancel()
        self._timers.clear()


def described(environ: Mapping[str, Any], kind: str, name: str) -> Mapping[str, Any]:
    """Return what the daemon knows of an object: its `name`, `id`, `image` and `labels`; nothing if there is none."""
    hook = environ.get(DESCRIBE)
    found: Mapping[str, Any] = (hook(kind, name) if hook is not None and name else None) or {}
    return found
