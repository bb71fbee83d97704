"""What a daemon makes up anew each time: ids, times, ports, process numbers. Placeholders take their place.

Ids are numbered in the order in which a scenario meets them, so that the same id is the same number everywhere.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

SHORT = 12
#: Where a daemon keeps all it has, if nobody told it otherwise.
ROOT = "/var/lib/docker"
_ID = re.compile(r"(?<![0-9A-Za-z])(?:[0-9a-f]{64}|[0-9a-f]{12})(?![0-9A-Za-z])")
_TIME = re.compile(r"(?!0001)\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")
#: Where a daemon keeps what is gone after a boot.
_EXECUTION_ROOT = re.compile(r"(?:/[\w.-]+)+/netns/")
_RANDOM_PORT = re.compile(r"(?:3[2-9]|4\d|5\d|6[0-5])\d{3}")
#: Members with numbers that no two daemons have in common, by name.
_NUMBERS = {"Created": "<time>", "CreatedAt": "<time>", "time": "<time>", "timeNano": "<time>", "Pid": "<pid>"}
_PORTS = frozenset({"HostPort", "PublicPort"})
#: What depends on who else uses the same daemon: addresses from its pools, and the cards named after them.
_POOLED = re.compile(
    r"\b(?:172\.(?:1[7-9]|2\d|3[01])|192\.168)\.\d+\.\d+(?:/\d+)?|\b02:42:(?:ac|c0)(?::[0-9a-f]{2}){3}\b"
)


class Invented:
    """The placeholders of one scenario. `root`: where the daemon keeps all it has."""

    def __init__(self, root: str = ROOT) -> None:
        self._root = root
        self._ids: dict[str, str] = {}
        self._kept: dict[str, str] = {}

    def keep(self, name: str, value: str) -> None:
        """Call a value by a name from now on."""
        self._kept[name] = value

    def insert(self, text: str, **more: str) -> str:
        """Put what is kept in the place of `{name}`, or its beginning in that of `{name:12}`."""

        def value(match: re.Match[str]) -> str:
            found = {**self._kept, **more}[match[1]]
            return found[: int(match[2])] if match[2] else found

        return re.sub(r"\{(\w+)(?::(\d+))?\}", value, text)

    def mentions(self, value: Any) -> bool:
        """Tell whether something in a value is kept by this scenario."""
        if isinstance(value, Mapping):
            return any(map(self.mentions, value)) or any(map(self.mentions, value.values()))
        if isinstance(value, list):
            return any(map(self.mentions, value))
        return isinstance(value, str) and any(kept in value for kept in self._kept.values())

    def sort(self, value: Any) -> Any:
        """Return a list in an order that does not depend on what is invented."""
        if not isinstance(value, list):
            return value
        blank = re.compile(f"{_ID.pattern}|{_TIME.pattern}")
        return sorted(value, key=lambda item: blank.sub("", json.dumps(item, sort_keys=True)))

    def replace(self, value: Any, member: str = "") -> Any:
        """Return a value with placeholders for what is invented in it; `member` is what it is called."""
        if isinstance(value, Mapping):
            replaced = {self._in_text(key): self.replace(item, key) for key, item in value.items()}
            # Go sorts the keys of a map; where these are ids, chance decides.
            return dict(sorted(replaced.items())) if any(map(_ID.search, value)) else replaced
        if isinstance(value, list):
            return [self.replace(item, member) for item in value]
        if isinstance(value, str):
            return "<port>" if member in _PORTS and _RANDOM_PORT.fullmatch(value) else self._in_text(value)
        if isinstance(value, int) and not isinstance(value, bool) and value:
            if member in _PORTS and _RANDOM_PORT.fullmatch(str(value)):
                return "<port>"
            return _NUMBERS.get(member, value)
        return value

    def _in_text(self, text: str) -> str:
        for name, kept in sorted(self._kept.items(), key=lambda item: -len(item[1])):
            text = text.replace(kept, f"{{{name}}}")
        text = _EXECUTION_ROOT.sub("/var/run/docker/netns/", text.replace(f"{self._root}/", f"{ROOT}/"))
        text = _ID.sub(self._id, text)
        return _TIME.sub("<time>", text)

    def _id(self, match: re.Match[str]) -> str:
        found = match[0]
        for name, kept in self._kept.items():
            if len(found) == SHORT and kept.startswith(found):
                return f"{{{name}:12}}"
        if found.strip("0") == "":
            return found
        for known, placeholder in self._ids.items():
            if known.startswith(found):
                return placeholder if len(found) == len(known) else placeholder.replace(">", ":12>")
        return self._ids.setdefault(found, f"<id {len(self._ids) + 1}>")


def without_pooled(value: Any) -> Any:
    """Return a recorded value without what depends on who else uses the daemon."""
    if isinstance(value, Mapping):
        return {key: 0 if key == "IPPrefixLen" else without_pooled(item) for key, item in value.items()}
    if isinstance(value, list):
        return [without_pooled(item) for item in value]
    return _POOLED.sub("<pooled>", value) if isinstance(value, str) else value


# -- places in an answer -------------------------------------------------------------------------------


def steps_of(place: str) -> list[str]:
    """Split a place, `IPAM.Config[].Subnet`, into `IPAM`, `Config`, `[]`, `Subnet`."""
    return re.findall(r"\[\w*\]|[^.\[\]]+(?:\\\.[^.\[\]]+)*", place)


def at(value: Any, place: str) -> Any:
    """Return what stands at one place. Raises KeyError, IndexError, TypeError."""
    for step in steps_of(place):
        value = value[int(step[1:-1])] if step.startswith("[") else value[step]
    return value


def change(value: Any, places: Iterable[str], by: Callable[[Any], Any]) -> Any:
    """Return a value in which what stands at some places is changed; a place that is not there does not matter."""
    for place in places:
        value = _change(value, steps_of(place), by)
    return value


def _change(value: Any, steps: list[str], by: Callable[[Any], Any]) -> Any:
    if not steps:
        return by(value)
    first, *rest = steps
    if isinstance(value, list) and first.startswith("["):
        chosen = range(len(value)) if first == "[]" else range(int(first[1:-1]), int(first[1:-1]) + 1)
        return [_change(item, rest, by) if index in chosen else item for index, item in enumerate(value)]
    if isinstance(value, Mapping):
        return {key: _change(item, rest, by) if first in ("*", key) else item for key, item in value.items()}
    return value
