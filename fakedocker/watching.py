"""Looking on: what is new at a daemon - calls, events, a container's output - for as long as somebody looks.

Nothing is asked of the engine before it has told that something happened. What a watcher was too slow for is left out:
a look gives the last of it.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Sequence
from typing import Any

from fakedocker.engine.containers.output import Reader
from fakedocker.engine.engine import Engine
from fakedocker.journal import Ledger
from fakedocker.overview import happening
from fakedocker.runtime import Runtime

#: Calls, and events, that one look gives at most.
MOST_AT_ONCE = 200
#: Bytes of output that one look gives, and those before the first look that it begins with.
MOST_OUTPUT = 64 << 10

News = list[tuple[str, Any]]


class Watching:
    """The calls and the events of a daemon. `is_over`: whether the daemon has another world by now."""

    def __init__(self, runtime: Runtime, ledger: Ledger, wake: Callable[[], None], is_over: Callable[[], bool]) -> None:
        self._runtime = runtime
        self._ledger = ledger
        self._is_over = is_over
        self._change = 0
        self._number = 0
        with runtime.engine() as engine:
            self._cancels = (ledger.subscribe(wake), engine.events.watch.subscribe(wake))

    def news(self) -> News | None:
        """Return what is new: `call` and `event`, each with its JSON; None, it is over."""
        if self._is_over():
            return None
        entries = self._ledger.entries(self._change)
        self._change = max([self._change, *(entry.change for entry in entries)])
        told: News = [("call", entry.to_json()) for entry in entries[-MOST_AT_ONCE:]]
        with self._runtime.engine() as engine:
            return told + [("event", happening(one)) for one in self._happened(engine)]

    def _happened(self, engine: Engine) -> Sequence[Any]:
        start, self._number = self._number, engine.events.end
        return engine.events.since(start)[-MOST_AT_ONCE:] if start < self._number else ()

    def close(self) -> None:
        """Nobody looks any more."""
        with self._runtime.engine():
            for cancel in self._cancels:
                cancel()


class WatchingOutput:
    """What a container writes, from shortly before the first look on. Raises NotFound."""

    def __init__(self, runtime: Runtime, container: str, wake: Callable[[], None], is_over: Callable[[], bool]) -> None:
        self._runtime = runtime
        self._is_over = is_over
        # A character may come in two pieces, and bytes may be none at all.
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        with runtime.engine() as engine:
            found = engine.containers.find(container)
            log = found.log
            start, size = log.end, 0
            while start > log.start and size < MOST_OUTPUT:
                start -= 1
                size += len(log.at(start).data)
            self._container, self._reader = found, Reader(log, ("stdout", "stderr"), start)
            self._cancels = (log.watch.subscribe(wake), found.changed.subscribe(wake))

    def news(self) -> News | None:
        """Return what is new: `output`, with text; None, it is over."""
        if self._is_over():
            return None
        with self._runtime.engine() as engine:
            parts, size = [], 0
            while size < MOST_OUTPUT and (chunk := self._reader.next()) is not None:
                parts.append(chunk.data)
                size += len(chunk.data)
            if not parts and self._container not in engine.containers:
                return None
        text = self._decode(b"".join(parts))
        return [("output", text)] if text else []

    def close(self) -> None:
        """Nobody looks any more."""
        with self._runtime.engine():
            for cancel in self._cancels:
                cancel()
