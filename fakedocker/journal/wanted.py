"""Which calls a tester means, and how a call differs from them."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fakedocker import operations
from fakedocker.journal.entries import Entry

#: How a truth is written in a query.
TRUTHS = {True: ("1", "true", "True"), False: ("0", "false", "False")}
#: Characters of a value that a difference shows.
LONGEST_SHOWN = 80

Status = int | Collection[int]


@dataclass(frozen=True, slots=True)
class Wanted:
    """The calls that a tester means; None, and an empty selector, fit everything.

    `operation`: as in the documents of the API. `name`: of the object, or its id, or a pattern (`web-*`). `status`:
    one, or several (`range(400, 500)`). `query`: parameters with their values; a mapping or a list fits JSON, True
    and False fit as they are written there, None one that is missing. `body`: members that it has at least. `method`,
    `path`: as asked. `version`: of the API. `answered`: whether the head of the answer has been there. `after`,
    `before`: only those that came after or before a call. Raises UnknownOperation, which names the nearest.
    """

    operation: str | None = None
    name: str | None = None
    status: Status | None = None
    query: Mapping[str, Any] | None = None
    body: Any = None
    method: str | None = None
    path: str | None = None
    version: str | None = None
    answered: bool | None = None
    after: Entry | None = None
    before: Entry | None = None

    def __post_init__(self) -> None:
        if self.operation is not None:
            operations.check(self.operation)

    def fits(self, entry: Entry) -> bool:
        """Tell whether a call is meant."""
        if self.operation is not None and entry.operation != self.operation:
            return False
        return not self.differences(entry)

    def differences(self, entry: Entry) -> list[str]:
        """Return in what a call is not what is meant, one line for each."""
        found = [
            f"{key}: {shown(getattr(entry, key))}, not {shown(wanted)}"
            for key in ("operation", "method", "path", "version")
            if (wanted := getattr(self, key)) is not None and getattr(entry, key) != wanted
        ]
        if self.name is not None and not entry.is_called(self.name):
            found.append(f"name: {shown(entry.name or entry.object)}, not {shown(self.name)}")
        if self.status is not None and not _is_status(entry.status, self.status):
            why = f" ({entry.reason})" if entry.reason else ""
            found.append(f"status: {entry.status or 'not answered yet'}{why}, not {_statuses(self.status)}")
        for key, wanted in (self.query or {}).items():
            found += _in_query(f"query {key}", entry.query.get(key), wanted)
        if self.body is not None:
            found += different("body", entry.body, self.body)
        if self.answered is not None and entry.answered != self.answered:
            found.append("answered" if entry.answered else "not answered yet")
        if self.after is not None and entry.number <= self.after.number:
            found.append(f"came before call {self.after.number} or is the same")
        if self.before is not None and entry.number >= self.before.number:
            found.append(f"came after call {self.before.number} or is the same")
        return found

    def __str__(self) -> str:
        said = [
            f"{key}={_of_call(value) if isinstance(value, Entry) else shown(value)}"
            for key in (
                *("name", "status", "query", "body", "method", "path", "version"),
                "answered",
                "after",
                "before",
            )
            if (value := getattr(self, key)) is not None
        ]
        return f"{self.operation or 'any call'}{'(' + ', '.join(said) + ')' if said else ''}"


def different(where: str, value: Any, wanted: Any) -> list[str]:
    """Return where a JSON value is not at least what is wanted."""
    if isinstance(wanted, Mapping):
        if not isinstance(value, Mapping):
            return [f"{where}: {shown(value)}, not {shown(wanted)}"]
        return [line for key, one in wanted.items() for line in _in_member(f"{where}.{key}", value, key, one)]
    same = [*value] == [*wanted] if isinstance(value, list) and isinstance(wanted, Sequence) else value == wanted
    return [] if same else [f"{where}: {shown(value)}, not {shown(wanted)}"]


def _in_member(where: str, value: Mapping[str, Any], key: str, wanted: Any) -> list[str]:
    if key not in value:
        return [] if wanted is None else [f"{where}: missing, not {shown(wanted)}"]
    return different(where, value[key], wanted)


def _in_query(where: str, values: Sequence[str] | None, wanted: Any) -> list[str]:
    if not values:
        return [] if wanted is None else [f"{where}: missing, not {shown(wanted)}"]
    if wanted is None:
        return [f"{where}: {shown(values[0])}, and should be missing"]
    if isinstance(wanted, Mapping | list | tuple):
        if [*values] == [*wanted]:
            return []
        try:
            return different(where, json.loads(values[0]), wanted)
        except (ValueError, RecursionError):
            pass
    fits = TRUTHS[wanted] if isinstance(wanted, bool) else (str(wanted), wanted)
    if any(value in fits or value == wanted for value in values):
        return []
    return [f"{where}: {', '.join(map(shown, values))}, not {shown(wanted)}"]


def _is_status(status: int | None, wanted: Status) -> bool:
    return status in wanted if isinstance(wanted, Collection) else status == wanted


def _statuses(wanted: Status) -> str:
    return str(wanted) if not isinstance(wanted, Collection) or isinstance(wanted, range) else str([*wanted])


def _of_call(entry: Entry) -> str:
    return f"call {entry.number}"


def shown(value: Any, longest: int = LONGEST_SHOWN) -> str:
    """Return a value on one line, cut if it is long."""
    text = repr(value)
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
