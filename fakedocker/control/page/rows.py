"""What the page shows, word by word: the same rows for the page as it is served and for what its script adds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

#: Digits of an id that are shown, and of a text that could be of any length.
ID_LENGTH, LONGEST_TEXT = 12, 300
Row = dict[str, Any]


def look(state: Mapping[str, Any]) -> dict[str, Any]:
    """Return the tables of what there is, and the words about the daemon itself."""
    clock = state["clock"]
    return {
        "about": {
            "hosts": ", ".join(state["hosts"]),
            "profile": state["profile"],
            "now": moment(clock["now"]),
            "speed": f"{clock['speed']:g} s in one" if clock["speed"] else "stands still",
            "calls": str(state["calls"]),
        },
        "containers": [_container(one) for one in state["containers"]],
        "images": [{"id": _short(one["id"]), "names": _cut(", ".join(one["names"]))} for one in state["images"]],
        "networks": [{"name": _cut(name)} for name in state["networks"]],
        "volumes": [{"name": _cut(name)} for name in state["volumes"]],
        "faults": [_fault(one) for one in state["faults"]],
    }


def _container(one: Mapping[str, Any]) -> Row:
    exited = f" ({one['exit_code']})" if one["state"] == "exited" else ""
    return {
        "id": one["id"],
        "name": _cut(one["name"]),
        "image": _cut(one["image"]),
        "status": f"{one['state']}{exited}",
        "health": one["health"] or "-",
        "since": moment(one["since"]),
        "ports": ", ".join(one["ports"]) or "-",
    }


def _fault(one: Mapping[str, Any]) -> Row:
    rule = {name: value for name, value in one.items() if name not in ("id", "calls", "hits")}
    told = ", ".join(f"{name}: {value}" for name, value in rule.items())
    return {"id": str(one["id"]), "rule": _cut(told), "calls": str(one["calls"]), "hits": str(one["hits"])}


def call(one: Mapping[str, Any]) -> Row:
    """Return the row of a call in the journal."""
    duration = one["duration"]
    return {
        "key": one["number"],
        "time": clock_time(one["started"]),
        "call": _cut(f"{one['method']} {one['path']}"),
        "operation": one["operation"] or "-",
        "status": "…" if one["status"] is None else str(one["status"]),
        "took": "…" if duration is None else f"{duration:.3f} s",
        "reason": _cut(one["reason"]),
    }


def event(one: Mapping[str, Any]) -> Row:
    """Return the row of an event."""
    name = one["attributes"].get("name", "")
    return {
        "key": one["number"],
        "time": clock_time(one["time"]),
        "event": _cut(f"{one['type']} {one['action']}"),
        "actor": _cut(name or _short(one["actor"])),
    }


def moment(seconds: float) -> str:
    """Return a moment of the daemon's clock in words."""
    return _when(seconds).strftime("%Y-%m-%d %H:%M:%S UTC")


def clock_time(seconds: float) -> str:
    """Return the time of day."""
    return _when(seconds).strftime("%H:%M:%S")


def _when(seconds: float) -> datetime:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):  # a clock that was advanced to the end of days
        return datetime.max.replace(tzinfo=UTC)


def _short(identity: str) -> str:
    return identity.removeprefix("sha256:")[:ID_LENGTH]


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}…"
