"""Looks at what passes, in a thread of its own, and hands exchange by exchange to whoever keeps them.

Whatever goes wrong in here stays in here: traffic waits for the observer only when it is more than `BACKLOG` pieces
behind, which bounds the memory, and never fails because of it.
"""

from __future__ import annotations

import itertools
import logging
import queue
import threading
import time
from collections.abc import Callable

from fakedocker.cassettes.model import Direction, Request

from .conversation import Conversation, Recording
from .passage import Ending

#: How many pieces (of at most 128 KiB) may wait to be looked at.
BACKLOG = 128

_log = logging.getLogger("fakedocker.proxy")


class Observer:
    """Watches all connections. `first`: the number of the first exchange; `elapsed`: the second at which it begins."""

    def __init__(self, recording: Recording, first: int = 1, elapsed: float = 0.0) -> None:
        self._recording = recording
        self._numbers = itertools.count(first)
        self._conversations: dict[int, Conversation] = {}
        self._seen: queue.Queue[Callable[[], None] | None] = queue.Queue(BACKLOG)
        self._began = time.monotonic() - elapsed
        self._thread = threading.Thread(target=self._look, name="observer", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def finish(self) -> None:
        """Look at all that has passed; nothing may pass any more. Returns when it has been kept."""
        self._seen.put(None)
        self._thread.join()

    # -- told by the passages, in their threads -------------------------------------------

    def passes(self, number: int, direction: Direction, data: bytes) -> None:
        now = self._now()
        self._seen.put(lambda: self._passes(number, now, direction, data))

    def ends(self, number: int, direction: Direction, how: Ending) -> None:
        now = self._now()
        self._seen.put(lambda: self._conversation(number).ends(now, direction, how))

    def is_over(self, number: int) -> None:
        now = self._now()
        self._seen.put(lambda: self._is_over(number, now))

    def heard(self, request: Request) -> None:
        """Take a request that was answered elsewhere: its secrets may appear here."""
        self._seen.put(lambda: self._recording.hear(request))

    def _now(self) -> float:
        return time.monotonic() - self._began

    # -- in the observer's own thread -----------------------------------------------------

    def _look(self) -> None:
        while (look := self._seen.get()) is not None:
            try:
                look()
            except Exception:
                _log.exception("something that passed could not be recorded")

    def _passes(self, number: int, now: float, direction: Direction, data: bytes) -> None:
        conversation = self._conversation(number)
        try:
            conversation.passes(now, direction, data)
        except Exception as error:
            _log.exception("connection %d is recorded as bytes from here on", number)
            conversation.give_up(now, f"the recorder failed: {error}")

    def _is_over(self, number: int, now: float) -> None:
        conversation = self._conversations.pop(number, None)
        if conversation is not None:
            conversation.is_over(now)

    def _conversation(self, number: int) -> Conversation:
        if number not in self._conversations:
            self._conversations[number] = Conversation(number, self._recording, lambda: next(self._numbers))
        return self._conversations[number]
