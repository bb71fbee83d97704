"""Where a value stands in another one: found, put there, taken away."""

from __future__ import annotations

import math
from collections.abc import Sequence

from fakedocker.programs.jq.values import Exhausted, JqError, Json, brief, compare, kind, number, sort_key

Path = tuple[Json, ...]
#: No array gets longer by an assignment.
LARGEST_INDEX = 1_000_000


def indexed(value: Json, index: Json) -> Json:
    """Return what is at an index of a value. Raises JqError."""
    if isinstance(value, dict) and isinstance(index, str):
        return value.get(index)
    if isinstance(value, list) and kind(index) == "number":
        if not math.isfinite(index) or index != math.floor(index):
            return None
        at = int(index)
        return value[at] if -len(value) <= at < len(value) else None
    if isinstance(index, dict) and (value is None or isinstance(value, list | str)):
        return sliced(value, index.get("start"), index.get("end"))
    if isinstance(value, list) and isinstance(index, list):
        size = len(index)
        return [float(at) for at in range(len(value) - size + 1) if size and not compare(value[at : at + size], index)]
    if value is None and kind(index) in ("string", "number", "null"):
        return None
    if isinstance(index, str):
        raise JqError(f'Cannot index {kind(value)} with string "{index}"')
    raise JqError(f"Cannot index {kind(value)} with {kind(index)}")


def sliced(value: Json, start: Json, end: Json) -> Json:
    """Return a part of an array or a string. Raises JqError."""
    if value is None:
        return None
    if not isinstance(value, str | list):
        raise JqError(f"Cannot index {kind(value)} with object")
    return value[_bounds(value, start, end)]


def _bounds(value: Sequence[Json], start: Json, end: Json) -> slice:
    for bound in (start, end):
        if bound is not None and kind(bound) != "number":
            raise JqError("Start and end indices of an array slice must be numbers")
    first = 0 if start is None else math.floor(number(start))
    last = len(value) if end is None else math.ceil(number(end))
    first, last = (bound + len(value) if bound < 0 else bound for bound in (first, last))
    first = min(max(first, 0), len(value))
    return slice(first, max(min(last, len(value)), first))


def items(value: Json) -> list[Json]:
    """Return what an array or object holds. Raises JqError."""
    if isinstance(value, list):
        return value
    if isinstance(value, dict):
        return list(value.values())
    raise JqError(f"Cannot iterate over {kind(value)}" + (f" ({brief(value)})" if value is not None else ""))


def entries(value: Json) -> list[tuple[Json, Json]]:
    """Return what an array or object holds, each with its index. Raises JqError."""
    if isinstance(value, dict):
        return list(value.items())
    return [(float(index), item) for index, item in enumerate(items(value))]


def at(value: Json, path: Path) -> Json:
    """Return what is at a path, null where there is nothing. Raises JqError."""
    for key in path:
        if value is None:
            return None
        value = indexed(value, key)
    return value


def put(value: Json, path: Path, new: Json) -> Json:
    """Return a value with another one at a path; what is missing on the way is made. Raises JqError."""
    if not path:
        return new
    key, rest = path[0], path[1:]
    inner = put(indexed(value, key), rest, new) if rest else new
    if isinstance(key, str):
        if value is not None and not isinstance(value, dict):
            indexed(value, key)
        return {**(value or {}), key: inner}
    copy = list(value or [])
    if isinstance(key, dict):
        if not isinstance(inner, list):
            raise JqError("A slice of an array can only be assigned another array")
        copy[_bounds(copy, key.get("start"), key.get("end"))] = inner
        return copy
    if kind(key) != "number" or not (value is None or isinstance(value, list)):
        raise JqError(f"Cannot update field at {kind(key)} index of {kind(value)}")
    place = int(key)
    if place < 0:
        place += len(copy)
        if place < 0:
            raise JqError("Out of bounds negative array index")
    if place > LARGEST_INDEX:
        raise Exhausted
    copy += [None] * (place + 1 - len(copy))
    copy[place] = inner
    return copy


def removed(value: Json, paths: Sequence[Path]) -> Json:
    """Return a value without what is at some paths. Raises JqError."""
    for path in sorted(paths, key=lambda path: sort_key(list(path)), reverse=True):
        value = _without(value, path)
    return value


def _without(value: Json, path: Path) -> Json:
    if value is None or not path:
        return None
    key, rest = path[0], path[1:]
    if rest:
        inner = indexed(value, key)
        return value if inner is None else put(value, (key,), _without(inner, rest))
    if isinstance(value, dict) and isinstance(key, str):
        return {name: item for name, item in value.items() if name != key}
    if isinstance(value, list) and kind(key) == "number":
        place = int(key) + (len(value) if key < 0 else 0)
        return [item for index, item in enumerate(value) if index != place]
    if isinstance(value, list) and isinstance(key, dict):
        copy = list(value)
        del copy[_bounds(copy, key.get("start"), key.get("end"))]
        return copy
    if isinstance(value, dict):
        raise JqError(f"Cannot delete field at object index of {kind(value)}")
    raise JqError(f"Cannot delete field at {'object' if isinstance(key, str) else 'array'} index of {kind(value)}")
