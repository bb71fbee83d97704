"""The bodies of answers: sources that are pulled, as the server knows them, and shapes around them.

A body gives bytes when it is asked (`read`), b"" when there are none now - then it calls what `watch` was given when
it is worth asking again -, and None at its end. That of a connection that was taken over takes input as well.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from fakedocker.faults.calls import Call

#: Bytes that are asked for at a time.
CHUNK = 65536


class Body(Protocol):
    """What the server pulls an answer from; see `fakedocker.server`."""

    def read(self, size: int) -> bytes | None: ...
    def watch(self, wake: Callable[[], None]) -> None: ...
    def close(self) -> None: ...


class Shape:
    """A body around a body; a kind of fault overrides `read`, and `self.body` is what the daemon says."""

    def __init__(self, body: Body, call: Call) -> None:
        self.body = body
        self.call = call

    def read(self, size: int) -> bytes | None:
        """Return what the client gets now; `call.abort` breaks the connection off instead."""
        return self.body.read(size)

    def watch(self, wake: Callable[[], None]) -> None:
        """Have `wake` called whenever it is worth reading again."""
        self.call.on_wake(wake)
        self.body.watch(wake)

    def close(self) -> None:
        """It is over. Called once."""
        self.call.close()
        self.body.close()

    def __getattr__(self, name: str) -> Any:
        """Take input as the body does, if it does: `room`, `receive`, `half_close`."""
        return getattr(self.body, name)


class Parts:
    """The parts of an answer as WSGI gives them, as a body; reading waits for the next one."""

    def __init__(self, parts: Iterable[bytes]) -> None:
        self._parts = parts
        self._next: Iterator[bytes] | None = None
        self._rest = b""

    def read(self, size: int) -> bytes | None:
        """Return the next part, or what fits of it."""
        if self._next is None:
            self._next = iter(self._parts)
        while not self._rest:
            part = next(self._next, None)
            if part is None:
                return None
            self._rest = part
        data, self._rest = self._rest[:size], self._rest[size:]
        return data

    def watch(self, wake: Callable[[], None]) -> None:
        """Do nothing: a part is there when it is asked for."""

    def close(self) -> None:
        """Give up what has not been read."""
        close = getattr(self._parts, "close", None)
        if close is not None:
            close()


def blocking(body: Body) -> Iterator[bytes]:
    """Yield what a body gives, waiting in this thread."""
    woken = threading.Event()
    body.watch(woken.set)
    try:
        while (data := body.read(CHUNK)) is not None:
            if data:
                yield data
            else:
                woken.wait()
                woken.clear()
    finally:
        body.close()
