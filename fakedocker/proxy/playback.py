"""Playing what was recorded on one answer: a body that comes over time, or both directions of a hijacked connection.

Both are sources of the server (`fakedocker.server`): pulled when there is something, never pushing.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable

from fakedocker.cassettes.bodies import frame_data
from fakedocker.cassettes.model import Exchange, Frame, Stream
from fakedocker.proxy.pacing import Pace

#: Input is never refused: what the recording did not have goes nowhere.
ROOM = 65536


class Playback:
    """The frames of one answer, each when it is due: at its time in the recording, and not before the input it follows.

    A connection that the daemon had left open when the client went away stays open until this client goes, too.
    """

    def __init__(self, exchange: Exchange, stream: Stream, pace: Pace) -> None:
        self._stream = stream
        self._pace = pace
        self._lock = threading.Lock()
        self._frames = deque(stream.frames)
        self._began = pace.now()
        self._lag = 0.0  # how much later than in the recording the client's input has come
        self._rest = b""
        self._received = 0
        self._wanted = 0
        self._input_over = False
        self._over = False
        self._stays_open = exchange.end == "client-left"
        self._wake: Callable[[], None] = lambda: None

    # -- the daemon's side ---------------------------------------------------------------

    def read(self, size: int) -> bytes | None:
        """Return what is due, b"" when nothing is yet, None at the end."""
        with self._lock:
            if not self._rest:
                self._rest = self._next()
            data, self._rest = self._rest[:size], self._rest[size:]
            ended = not data and (self._over or not self._frames) and not self._stays_open
        return None if ended else data

    def _next(self) -> bytes:
        """Return the bytes of the next frame of the daemon, b"" if it is not its turn."""
        while self._frames and not self._over:
            frame = self._frames[0]
            if frame.direction == "in":
                if not self._has_come(frame):
                    return b""
                self._frames.popleft()
                continue
            if not self._is_due(frame):
                return b""
            self._frames.popleft()
            self._over = frame.ends
            data = frame_data(self._stream, frame)
            if data:
                return data
        return b""

    def _is_due(self, frame: Frame) -> bool:
        if self._pace.speed is None:
            return True
        due = self._began + self._lag + self._pace.seconds(frame.time)
        if due <= self._pace.now():
            return True
        self._pace.call_at(due, self._woken)
        return False

    def _has_come(self, frame: Frame) -> bool:
        """Tell whether the client has sent what it had sent in the recording up to this frame."""
        wanted = self._wanted + len(frame_data(self._stream, frame))
        if self._received < wanted and not self._input_over:
            return False
        if frame.ends and not self._input_over:
            return False
        self._wanted = wanted
        self._lag = max(self._lag, self._pace.now() - self._began - self._pace.seconds(frame.time))
        return True

    def _woken(self) -> None:
        self._wake()

    def watch(self, wake: Callable[[], None]) -> None:
        """Have `wake` called when something may be due."""
        self._wake = wake

    def close(self) -> None:
        """The client has gone."""
        self._wake = lambda: None

    # -- the client's side ----------------------------------------------------------------

    def room(self) -> int:
        return ROOM

    def receive(self, data: bytes) -> None:
        """Take what the client sends; how much it is says where in the recording it stands."""
        with self._lock:
            self._received += len(data)
        self._wake()

    def half_close(self) -> None:
        """The client sends nothing more."""
        with self._lock:
            self._input_over = True
            self._stays_open = False
        self._wake()
