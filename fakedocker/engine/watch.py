"""Who wants to know when something changes.

A `Watch` belongs to the thing that changes (a log, a pipe, a container's end). Callbacks run at once, under
the lock of whoever made the change, so they must be short: they note that there is something to look at.
"""

from __future__ import annotations

from collections.abc import Callable

Callback = Callable[[], None]


class Watch:
    """The callbacks of those who follow one thing."""

    __slots__ = ("_callbacks", "_next")

    def __init__(self) -> None:
        self._callbacks: dict[int, Callback] = {}
        self._next = 0

    def subscribe(self, callback: Callback) -> Callback:
        """Call `callback` at every change; return the function that ends the subscription."""
        key = self._next
        self._next += 1
        self._callbacks[key] = callback
        return lambda: self._cancel(key)

    def _cancel(self, key: int) -> None:
        self._callbacks.pop(key, None)

    def notify(self) -> None:
        """Tell everybody; a callback may cancel any subscription while this runs."""
        for key in list(self._callbacks):
            callback = self._callbacks.get(key)
            if callback is not None:
                callback()

    def __len__(self) -> int:
        return len(self._callbacks)
