"""Following the daemon's events: those of the past that are kept, then what comes, until it is late enough."""

from __future__ import annotations

from typing import Any

from fakedocker.api.modern.ageing import Age
from fakedocker.api.modern.views.times import nanoseconds
from fakedocker.engine.engine import Engine
from fakedocker.engine.events import Happening
from fakedocker.engine.filters import Filters
from fakedocker.engine.watch import Watch
from fakedocker.wire import gojson

#: Types of events whose actors can be named by a filter of the same name.
NAMED = ("container", "image", "plugin", "volume", "network", "daemon", "service", "node", "secret", "config")


class Following:
    """One client that follows. `due`: notified when it is late enough.

    `past`: it wants what is kept, too, as everybody does who says when to begin or to end. `ends`: not for ever;
    without `until` at once. None as `since` or `until` is no limit.
    """

    def __init__(
        self, engine: Engine, filters: Filters, *, since: float | None, until: float | None, past: bool, ends: bool
    ) -> None:
        self._engine = engine
        self._filters = filters
        self._age = Age.of_request()
        self._since, self._until = since, until
        self._end = (until or 0.0) if ends else None
        self._next = 0 if past else engine.events.end
        self.due = Watch()
        self._timer = None
        if self._end is not None and self._end > engine.clock.now():
            self._timer = engine.clock.call_later(self._end - engine.clock.now(), self.due.notify)

    def close(self) -> None:
        """Follow no more."""
        if self._timer is not None:
            self._timer.cancel()

    def next(self) -> bytes | None:
        """Return what is new, None when it is late enough."""
        events = self._engine.events
        new = events.since(self._next)
        self._next = events.end
        shown = b"".join(self._line(one) for one in new if self._fits(one))
        if shown or self._end is None or self._engine.clock.now() < self._end:
            return shown
        return None

    def _fits(self, one: Happening) -> bool:
        if self._since is not None and one.time < self._since:
            return False
        if self._until is not None and one.time > self._until:
            return False
        return fits(self._filters, one)

    def _line(self, one: Happening) -> bytes:
        return gojson.encode(self._age.aged("event", event(one))) + b"\n"


def fits(filters: Filters, one: Happening) -> bool:
    """Tell whether a filter lets an event pass (moby daemon/events/filter.go)."""
    if "event" in filters and not any(
        one.action == value or one.action.startswith(f"{value}:") for value in filters.values("event")
    ):
        return False
    if not filters.exact("type", one.type) or not filters.exact("scope", "local"):
        return False
    if not filters.labels("label", one.attributes):
        return False
    return all(_is_about(filters, kind, one) for kind in NAMED if kind in filters)


def _is_about(filters: Filters, kind: str, one: Happening) -> bool:
    name = one.attributes.get("name", "")
    if kind == "image":
        actor = one.actor if one.type == "image" else one.attributes.get("image", "")
        names = {actor, name if one.type == "image" else actor}
        return any(
            filters.exact("image", one_name) or filters.exact("image", one_name.partition(":")[0]) for one_name in names
        )
    # Of whichever type it is: an image `web:latest` is not told from a container `web`.
    return filters.fuzzy(kind, one.actor) or filters.fuzzy(kind, name)


def event(one: Happening) -> dict[str, Any]:
    """Return an event as the newest version tells it; containers and images have members of old beside them."""
    members: dict[str, Any] = {}
    if one.type in ("container", "image"):
        members = {"status": one.action, "id": one.actor}
        if one.type == "container" and one.attributes.get("image"):
            members["from"] = one.attributes["image"]
        if not one.actor:
            members = {"status": one.action}
    time = nanoseconds(one.time)
    return members | {
        "Type": one.type,
        "Action": one.action,
        "Actor": {"ID": one.actor, "Attributes": dict(sorted(one.attributes.items()))},
        "scope": "local",
        "time": time // 1_000_000_000,
        "timeNano": time,
    }
