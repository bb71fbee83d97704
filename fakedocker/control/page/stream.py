"""What is new, as server-sent events: a source of the server, woken when something happens and silent otherwise."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from fakedocker.control.controlled import Controlled, Watched
from fakedocker.control.page import rows

#: Milliseconds after which a browser that has lost the stream comes back.
RETRY = 1000
_ROWS: dict[str, Callable[[Any], Any]] = {"call": rows.call, "event": rows.event, "output": str}


class Stream:
    """The news of a daemon, or the output of one of its containers. Raises NotFound."""

    def __init__(self, daemon: Controlled, container: str = "") -> None:
        self._wake: Callable[[], None] = lambda: None
        self._watched: Watched = daemon.watch(lambda: self._wake(), container)
        # What the browser has is of an earlier stream: everything that is known comes anew.
        self._rest = f"retry: {RETRY}\nevent: begin\ndata: 0\n\n".encode()
        self._over = False

    def read(self, size: int) -> bytes | None:
        """Return what comes next: bytes, b"" if there are none now, None at the end."""
        if not self._rest and not self._over:
            news = self._watched.news()
            self._over = news is None
            self._rest = b"".join(message(kind, values) for kind, values in _by_kind(news or ()))
        if self._over and not self._rest:
            return None
        shown, self._rest = self._rest[:size], self._rest[size:]
        return shown

    def watch(self, wake: Callable[[], None]) -> None:
        """Have `wake` called whenever there may be more to read."""
        self._wake = wake

    def close(self) -> None:
        """It is over."""
        self._watched.close()


def message(kind: str, value: Any) -> bytes:
    """Return one event of the stream. JSON has no line breaks, and so nothing in it can begin another event."""
    return f"event: {kind}\ndata: {json.dumps(value)}\n\n".encode()


def _by_kind(news: Sequence[tuple[str, Any]]) -> list[tuple[str, list[Any]]]:
    """Return the rows of each kind, in order: one message for many."""
    found: dict[str, list[Any]] = {}
    for kind, value in news:
        found.setdefault(kind, []).append(_ROWS[kind](value))
    return [*found.items()]
