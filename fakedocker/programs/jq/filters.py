"""What filters give: any number of values for one input."""

from __future__ import annotations

import base64
import functools
import json
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

from fakedocker.programs.jq.parser import Fault, Node
from fakedocker.programs.regex import Regex, RegexFault, compiled

Json = Any
Path = tuple[Any, ...]
#: Steps that a filter may take for one input, and the size of one text or array.
MOST_STEPS = 1_000_000
LARGEST = 4 << 20


class JqError(Exception):
    """An error that a filter raises and `try` catches."""

    def __init__(self, value: Json) -> None:
        super().__init__(value)
        self.value = value


class Exhausted(Exception):
    """A filter went on for too long."""


def kind(value: Json) -> str:
    """Return a value's type as jq calls it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    return "string" if isinstance(value, str) else "array" if isinstance(value, list) else "object"


ORDER: Final = {"null": 0, "boolean": 1, "number": 3, "string": 4, "array": 5, "object": 6}


def compare(left: Json, right: Json) -> int:
    """Return -1, 0 or 1, in jq's order of all values."""
    one, two = kind(left), kind(right)
    if one != two:
        return -1 if ORDER[one] < ORDER[two] else 1
    if one == "array":
        for first, second in zip(left, right, strict=False):
            if order := compare(first, second):
                return order
        return (len(left) > len(right)) - (len(left) < len(right))
    if one == "object":
        keys = sorted(left), sorted(right)
        if keys[0] != keys[1]:
            return compare(*keys)
        return next((order for key in keys[0] if (order := compare(left[key], right[key]))), 0)
    if one == "null":
        return 0
    return int(left > right) - int(left < right)


sort_key = functools.cmp_to_key(compare)


def shown(value: Json, *, indent: int | None = None, sort_keys: bool = False) -> str:
    """Return a value as JSON."""
    separators = (",", ":") if indent is None else (",", ": ")
    try:
        return json.dumps(
            _plain(value), indent=indent, separators=separators, ensure_ascii=False, sort_keys=sort_keys
        ).replace("\x7f", "\\u007f")
    except RecursionError:
        raise JqError("nested too deeply") from None


def _plain(value: Json) -> Json:
    if isinstance(value, float):
        if math.isnan(value):
            return None
        value = max(min(value, 1.7976931348623157e308), -1.7976931348623157e308)
        return int(value) if value == int(value) and abs(value) < 1e17 else value
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value


def _brief(value: Json) -> str:
    text = shown(value)
    return text if len(text.encode("utf-8", "replace")) <= 11 else text[:10] + "..."


def _described(value: Json) -> str:
    return f"{kind(value)} ({_brief(value)})"


class Filter:
    """A filter that is run on one input after the other."""

    def __init__(self, node: Node, variables: Mapping[str, Json], env: Mapping[str, str]) -> None:
        self._node = node
        self._variables = {"ENV": dict(env), "__loc__": {"file": "<top-level>", "line": 1.0}, **variables}
        self._steps = 0
        _check(node, frozenset(self._variables))

    def run(self, value: Json) -> Iterator[Json]:
        """Return the values for an input. Raises JqError, Exhausted."""
        self._steps = 0
        yield from self._values(self._node, value, self._variables)

    def _tick(self) -> None:
        self._steps += 1
        if self._steps > MOST_STEPS:
            raise Exhausted

    # -- values -------------------------------------------------------------------------

    def _values(self, node: Node, value: Json, names: Mapping[str, Json]) -> Iterator[Json]:
        self._tick()
        parts = node.parts
        match node.kind:
            case "identity":
                yield value
            case "literal":
                yield node.value
            case "variable":
                yield names[node.value]
            case "pipe":
                for left in self._values(parts[0], value, names):
                    yield from self._values(parts[1], left, names)
            case "index":
                for of in self._values(parts[0], value, names):
                    for index in self._values(parts[1], value, names):
                        yield _indexed(of, index)
            case "slice":
                for of in self._values(parts[0], value, names):
                    for end in self._values(parts[2], value, names):
                        for start in self._values(parts[1], value, names):
                            yield _sliced(of, start, end)
            case "each":
                for of in self._values(parts[0], value, names):
                    for item in _items(of):
                        self._tick()
                        yield item
            case "array":
                yield list(self._values(parts[0], value, names)) if parts else []
            case "object":
                yield from self._objects(parts, value, names)
            case "string":
                yield from self._strings(parts, value, names)
            case "format":
                yield _formatted(node.value, value)
            case "negative":
                for number in self._values(parts[0], value, names):
                    if kind(number) != "number":
                        raise JqError(f"{_described(number)} cannot be negated")
                    yield -number
            case "if":
                for test in self._values(parts[0], value, names):
                    yield from self._values(parts[1] if _is_true(test) else parts[2], value, names)
            case "try":
                yield from self._tried(parts, value, names)
            case "bind":
                for bound in self._values(parts[0], value, names):
                    yield from self._values(parts[1], value, {**names, node.value: bound})
            case "reduce":
                yield self._reduced(node, value, names)
            case "foreach":
                yield from self._each_state(node, value, names)
            case "binary":
                yield from self._binary(node, value, names)
            case "call":
                yield from self._called(node, value, names)

    def _tried(self, parts: Sequence[Node], value: Json, names: Mapping[str, Json]) -> Iterator[Json]:
        try:
            yield from self._values(parts[0], value, names)
        except JqError as error:
            if len(parts) > 1:
                yield from self._values(parts[1], error.value, names)

    def _objects(self, pairs: Sequence[Node], value: Json, names: Mapping[str, Json]) -> Iterator[Json]:
        made: list[dict[str, Json]] = [{}]
        for pair in pairs:
            more: list[dict[str, Json]] = []
            for key in self._values(pair.parts[0], value, names):
                if not isinstance(key, str):
                    raise JqError(f"Object keys must be strings, not {_described(key)}")
                for item in self._values(pair.parts[1], value, names):
                    for before in made:
                        self._tick()
                        more.append({**before, key: item})
            made = more
        yield from made

    def _strings(self, parts: Sequence[Node], value: Json, names: Mapping[str, Json]) -> Iterator[Json]:
        made = [""]
        for part in parts:
            made = [before + text for text in self._values(part, value, names) for before in made]
            if sum(map(len, made)) > LARGEST:
                raise Exhausted
        yield from made

    def _reduced(self, node: Node, value: Json, names: Mapping[str, Json]) -> Json:
        state = next(self._values(node.parts[1], value, names), None)
        for item in self._values(node.parts[0], value, names):
            states = list(self._values(node.parts[2], state, {**names, node.value: item}))
            state = states[-1] if states else None
        return state

    def _each_state(self, node: Node, value: Json, names: Mapping[str, Json]) -> Iterator[Json]:
        for state in self._values(node.parts[1], value, names):
            for item in self._values(node.parts[0], value, names):
                bound = {**names, node.value: item}
                for state in self._values(node.parts[2], state, bound):  # noqa: B020 - the state is carried on
                    yield from self._values(node.parts[3], state, bound)

    def _binary(self, node: Node, value: Json, names: Mapping[str, Json]) -> Iterator[Json]:
        operator, (left, right) = node.value, node.parts
        if operator == ",":
            yield from self._values(left, value, names)
            yield from self._values(right, value, names)
        elif operator == "//":
            found = False
            try:
                for item in self._values(left, value, names):
                    if _is_true(item):
                        found = True
                        yield item
            except JqError:
                pass
            if not found:
                yield from self._values(right, value, names)
        elif operator in ("and", "or"):
            for one in self._values(left, value, names):
                if _is_true(one) == (operator == "or"):
                    yield operator == "or"
                else:
                    yield from (_is_true(two) for two in self._values(right, value, names))
        elif operator.endswith("=") and operator not in COMPARISONS:
            yield from self._assigned(operator, left, right, value, names)
        else:
            for two in self._values(right, value, names):
                for one in self._values(left, value, names):
                    yield _operated(operator, one, two)

    def _assigned(
        self, operator: str, left: Node, right: Node, value: Json, names: Mapping[str, Json]
    ) -> Iterator[Json]:
        if operator == "|=":
            for path, item in list(self._paths(left, (), value, names)):
                new = next(self._values(right, _at(value, path, item), names), _GONE)
                value = _removed(value, [path]) if new is _GONE else _put(value, path, new)
            yield value
            return
        for new in self._values(right, value, names):
            result = value
            for path, _ in list(self._paths(left, (), value, names)):
                old = _at(result, path, None)
                if operator == "=":
                    result = _put(result, path, new)
                elif operator == "//=":
                    result = _put(result, path, old if _is_true(old) else new)
                else:
                    result = _put(result, path, _operated(operator[:-1], old, new))
            yield result

    # -- paths --------------------------------------------------------------------------

    def _paths(self, node: Node, path: Path, value: Json, names: Mapping[str, Json]) -> Iterator[tuple[Path, Json]]:
        """Return where the values of a filter stand in the input. Raises JqError if they stand nowhere."""
        self._tick()
        parts = node.parts
        match node.kind:
            case "identity":
                yield path, value
            case "pipe":
                for where, item in self._paths(parts[0], path, value, names):
                    yield from self._paths(parts[1], where, item, names)
            case "index":
                for where, item in self._paths(parts[0], path, value, names):
                    for index in self._values(parts[1], value, names):
                        yield (*where, index), _indexed(item, index)
            case "slice":
                raise JqError("Slices are not simulated as paths")
            case "each":
                for where, item in self._paths(parts[0], path, value, names):
                    for key, inner in _entries(item):
                        self._tick()
                        yield (*where, key), inner
            case "if":
                for test in self._values(parts[0], value, names):
                    yield from self._paths(parts[1] if _is_true(test) else parts[2], path, value, names)
            case "try":
                try:
                    yield from self._paths(parts[0], path, value, names)
                except JqError:
                    return
            case "bind":
                for bound in self._values(parts[0], value, names):
                    yield from self._paths(parts[1], path, value, {**names, node.value: bound})
            case "binary" if node.value == ",":
                yield from self._paths(parts[0], path, value, names)
                yield from self._paths(parts[1], path, value, names)
            case "binary" if node.value == "//":
                found = [(where, item) for where, item in self._paths(parts[0], path, value, names) if _is_true(item)]
                yield from found or self._paths(parts[1], path, value, names)
            case "call" if node.value == "select" and len(parts) == 1:
                for test in self._values(parts[0], value, names):
                    if _is_true(test):
                        yield path, value
            case "call" if node.value == "recurse" and not parts:
                yield from self._everywhere(path, value)
            case "call" if node.value == "empty":
                return
            case "call" if node.value in ("first", "last") and not parts:
                index = 0.0 if node.value == "first" else -1.0
                yield (*path, index), _indexed(value, index)
            case "call" if node.value == "getpath" and len(parts) == 1:
                for keys in self._values(parts[0], value, names):
                    yield (*path, *keys), _at(value, tuple(keys), None)
            case _:
                for item in self._values(node, value, names):
                    raise JqError(f"Invalid path expression with result {_brief(item)}")

    def _everywhere(self, path: Path, value: Json) -> Iterator[tuple[Path, Json]]:
        pending = [(path, value)]
        while pending:
            self._tick()
            where, item = pending.pop()
            yield where, item
            if isinstance(item, list | dict):
                pending += [((*where, key), inner) for key, inner in reversed(list(_entries(item)))]

    # -- functions ------------------------------------------------------------------------

    def _called(self, node: Node, value: Json, names: Mapping[str, Json]) -> Iterator[Json]:
        name, parts = node.value, node.parts
        if (simple := SIMPLE.get((name, len(parts)))) is not None:
            # The arguments of these are values: one call for each combination, the last argument outermost.
            yield from (simple(value, *arguments) for arguments in self._combined(parts, value, names))
            return
        match name, len(parts):
            case "empty", 0:
                return
            case "error", 0:
                raise JqError(value)
            case "error", 1:
                for message in self._values(parts[0], value, names):
                    raise JqError(message)
            case "env", 0:
                yield names["ENV"]
            case "recurse", 0:
                yield from (item for _, item in self._everywhere((), value))
            case "select", 1:
                for test in self._values(parts[0], value, names):
                    if _is_true(test):
                        yield value
            case name, 0 if name in KINDS:
                if kind(value) in KINDS[name]:
                    yield value
            case "map", 1:
                yield [new for item in _items(value) for new in self._values(parts[0], item, names)]
            case "map_values", 1:
                pairs = [(key, next(self._values(parts[0], item, names), _GONE)) for key, item in _entries(value)]
                kept = [(key, item) for key, item in pairs if item is not _GONE]
                yield dict(kept) if isinstance(value, dict) else [item for _, item in kept]
            case "with_entries", 1:
                entries = [new for item in _to_entries(value) for new in self._values(parts[0], item, names)]
                yield _from_entries(entries)
            case "sort_by" | "group_by" | "unique_by" | "min_by" | "max_by", 1:
                yield self._by(name, parts[0], value, names)
            case "any" | "all", 0:
                yield (any if name == "any" else all)(_is_true(item) for item in _items(value))
            case "any" | "all", 1:
                yield (any if name == "any" else all)(
                    _is_true(test) for item in _items(value) for test in self._values(parts[0], item, names)
                )
            case "first", 1:
                for item in self._values(parts[0], value, names):
                    yield item
                    return
            case "last", 1:
                found = list(self._values(parts[0], value, names))
                yield from found[-1:]
            case "limit", 2:
                for most in self._values(parts[0], value, names):
                    left = int(_number(most))
                    for item in self._values(parts[1], value, names) if left > 0 else ():
                        yield item
                        left -= 1
                        if left <= 0:
                            break
            case "range", 1 | 2:
                for ends in self._combined(parts, value, names):
                    start, end = (0.0, _number(ends[0])) if len(ends) == 1 else (_number(ends[0]), _number(ends[1]))
                    while start < end:
                        self._tick()
                        yield start
                        start += 1
            case "add", 0:
                total: Json = None
                for item in _items(value):
                    self._tick()
                    total = _operated("+", total, item)
                yield total
            case "path", 1:
                yield from (list(where) for where, _ in self._paths(parts[0], (), value, names))
            case "paths", 0:
                yield from (list(where) for where, _ in self._everywhere((), value) if where)
            case "leaf_paths", 0:
                for where, item in self._everywhere((), value):
                    if where and not isinstance(item, list | dict):
                        yield list(where)
            case "del", 1:
                yield _removed(value, [where for where, _ in self._paths(parts[0], (), value, names)])
            case "until", 2:
                while not _is_true(next(self._values(parts[0], value, names), None)):
                    value = next(self._values(parts[1], value, names), None)
                yield value
            case "input_line_number", 0:
                yield 0.0

    def _combined(self, parts: Sequence[Node], value: Json, names: Mapping[str, Json]) -> Iterator[tuple[Json, ...]]:
        if not parts:
            yield ()
            return
        for last in list(self._values(parts[-1], value, names)):
            for before in self._combined(parts[:-1], value, names):
                yield (*before, last)

    def _by(self, name: str, part: Node, value: Json, names: Mapping[str, Json]) -> Json:
        if not isinstance(value, list):
            raise JqError(f"Cannot index {kind(value)} with number")
        keyed = [(list(self._values(part, item, names)), item) for item in value]
        if name in ("min_by", "max_by"):
            best: tuple[list[Json], Json] | None = None
            for pair in keyed:
                order = 0 if best is None else compare(pair[0], best[0])
                if best is None or (order < 0 if name == "min_by" else order >= 0):
                    best = pair
            return None if best is None else best[1]
        keyed.sort(key=lambda pair: sort_key(pair[0]))
        if name == "sort_by":
            return [item for _, item in keyed]
        groups: list[list[Json]] = []
        last: list[Json] | None = None
        for key, item in keyed:
            if last is None or compare(key, last):
                groups.append([])
                last = key
            groups[-1].append(item)
        return groups if name == "group_by" else [group[0] for group in groups]


class _Gone:
    pass


_GONE: Final = _Gone()
#: Filters that let values of some types through.
KINDS: Final = {
    "numbers": ("number",),
    "strings": ("string",),
    "booleans": ("boolean",),
    "nulls": ("null",),
    "arrays": ("array",),
    "objects": ("object",),
    "iterables": ("array", "object"),
    "scalars": ("null", "boolean", "number", "string"),
    "values": ("boolean", "number", "string", "array", "object"),
}
COMPLEX: Final = frozenset(
    {(name, 0) for name in KINDS}
    | {
        ("empty", 0),
        ("error", 0),
        ("error", 1),
        ("env", 0),
        ("recurse", 0),
        ("select", 1),
        ("map", 1),
        ("map_values", 1),
    }
    | {("with_entries", 1), ("sort_by", 1), ("group_by", 1), ("unique_by", 1), ("min_by", 1), ("max_by", 1)}
    | {("any", 0), ("all", 0), ("any", 1), ("all", 1), ("first", 1), ("last", 1), ("limit", 2), ("range", 1)}
    | {("range", 2), ("add", 0), ("path", 1), ("paths", 0), ("leaf_paths", 0), ("del", 1), ("until", 2)}
    | {("input_line_number", 0)}
)


def _check(node: Node, names: frozenset[str]) -> None:
    """Refuse what is not defined before anything runs. Raises Fault."""
    pending = [(node, names)]
    while pending:
        here, known = pending.pop()
        if here.kind == "call" and (here.value, len(here.parts)) not in COMPLEX | SIMPLE.keys():
            raise Fault(f"{here.value}/{len(here.parts)} is not defined at <top-level>, line 1:")
        if here.kind == "variable" and here.value not in known:
            raise Fault(f"${here.value} is not defined at <top-level>, line 1:")
        if here.kind == "format" and here.value not in FORMATS:
            raise Fault(f"{here.value[1:]} is not a valid format at <top-level>, line 1:")
        inner = known | {here.value} if here.kind in ("bind", "reduce", "foreach") else known
        pending += [(part, inner if index else known) for index, part in enumerate(here.parts)]


# -- parts of values ------------------------------------------------------------------------


def _is_true(value: Json) -> bool:
    return value is not None and value is not False


def _number(value: Json) -> float:
    if kind(value) != "number":
        raise JqError(f"{_described(value)} is not a number")
    return float(value)


def _indexed(value: Json, index: Json) -> Json:
    if isinstance(value, dict) and isinstance(index, str):
        return value.get(index)
    if isinstance(value, list) and kind(index) == "number":
        at = int(index) if math.isfinite(index) else len(value)
        return value[at] if -len(value) <= at < len(value) else None
    if value is None and kind(index) in ("string", "number", "null"):
        return None
    if isinstance(index, str):
        raise JqError(f'Cannot index {kind(value)} with string "{index}"')
    raise JqError(f"Cannot index {kind(value)} with {kind(index)}")


def _sliced(value: Json, start: Json, end: Json) -> Json:
    if value is None:
        return None
    if not isinstance(value, str | list):
        raise JqError(f"Cannot index {kind(value)} with object")
    first = None if start is None else math.floor(_number(start))
    last = None if end is None else math.ceil(_number(end))
    return value[first:last]


def _items(value: Json) -> list[Json]:
    if isinstance(value, list):
        return value
    if isinstance(value, dict):
        return list(value.values())
    raise JqError(f"Cannot iterate over {kind(value)}" + (f" ({_brief(value)})" if value is not None else ""))


def _entries(value: Json) -> list[tuple[Json, Json]]:
    if isinstance(value, dict):
        return list(value.items())
    return [(float(index), item) for index, item in enumerate(_items(value))]


def _at(value: Json, path: Path, default: Json) -> Json:
    for key in path:
        value = _indexed(value, key)
    return value if path else value if value is not None else default


def _put(value: Json, path: Path, new: Json) -> Json:
    """Return a value with another one at a path; what is missing on the way is made."""
    if not path:
        return new
    key, rest = path[0], path[1:]
    inner = _put(_indexed(value, key), rest, new)
    if isinstance(key, str):
        return {**(value or {}), key: inner}
    copy = list(value or [])
    at = int(key)
    if at < 0:
        at += len(copy)
        if at < 0:
            raise JqError("Out of bounds negative array index")
    if at > 1_000_000:
        raise Exhausted
    copy += [None] * (at + 1 - len(copy))
    copy[at] = inner
    return copy


def _removed(value: Json, paths: Sequence[Path]) -> Json:
    for path in sorted(paths, key=lambda path: sort_key(list(path)), reverse=True):
        value = _without(value, path)
    return value


def _without(value: Json, path: Path) -> Json:
    if value is None or not path:
        return None
    key, rest = path[0], path[1:]
    if rest:
        inner = _indexed(value, key)
        return value if inner is None else _put(value, (key,), _without(inner, rest))
    if isinstance(value, dict) and isinstance(key, str):
        return {name: item for name, item in value.items() if name != key}
    if isinstance(value, list) and kind(key) == "number":
        at = int(key) + (len(value) if key < 0 else 0)
        return [item for index, item in enumerate(value) if index != at]
    raise JqError(f"Cannot delete field at {'object' if isinstance(key, str) else 'array'} index of {kind(value)}")


# -- operators --------------------------------------------------------------------------------

COMPARISONS: Final[dict[str, Callable[[int], bool]]] = {
    "==": lambda order: order == 0,
    "!=": lambda order: order != 0,
    "<": lambda order: order < 0,
    "<=": lambda order: order <= 0,
    ">": lambda order: order > 0,
    ">=": lambda order: order >= 0,
}
VERBS: Final = {"+": "added", "-": "subtracted", "*": "multiplied", "/": "divided", "%": "divided"}


def _operated(operator: str, left: Json, right: Json) -> Json:
    if operator in COMPARISONS:
        return COMPARISONS[operator](compare(left, right))
    kinds = kind(left), kind(right)
    result: Json = _GONE
    match operator, *kinds:
        case "+", "null", _:
            result = right
        case "+", _, "null":
            result = left
        case "+", "string" | "array", _ if kinds[0] == kinds[1]:
            result = left + right
        case "+", "object", "object":
            result = {**left, **right}
        case "-", "array", "array":
            result = [item for item in left if not any(compare(item, other) == 0 for other in right)]
        case "*", "object", "object":
            result = _merged(left, right)
        case "*", "string", "number":
            result = None if right <= 0 else _repeated(left, right)
        case "/", "string", "string":
            result = _split(left, right)
        case _, "number", "number":
            result = _arithmetic(operator, float(left), float(right))
    if result is _GONE:
        raise JqError(f"{_described(left)} and {_described(right)} cannot be {VERBS[operator]}")
    if isinstance(result, str | list) and len(result) > LARGEST:
        raise Exhausted
    return result


def _arithmetic(operator: str, left: float, right: float) -> float:
    match operator:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
    whole = operator == "/"
    if right == 0 or (not whole and int(right) == 0):
        raise JqError(f"{_described(left)} and {_described(right)} cannot be divided because the divisor is zero")
    return left / right if whole else math.fmod(int(left), abs(int(right)))


def _repeated(text: str, times: float) -> str:
    if len(text) * times > LARGEST:
        raise Exhausted
    return text * max(math.ceil(times), 1)


def _merged(left: Json, right: Json) -> Json:
    if not (isinstance(left, dict) and isinstance(right, dict)):
        return right
    return {**left, **{key: _merged(left.get(key), item) for key, item in right.items()}}


def _split(text: str, separator: str) -> list[str]:
    if not text:
        return []
    return text.split(separator) if separator else list(text)


# -- functions of values ------------------------------------------------------------------------


def _text(value: Json) -> str:
    return value if isinstance(value, str) else shown(value)


def _length(value: Json) -> Json:
    match kind(value):
        case "null":
            return 0.0
        case "number":
            return abs(value)
        case "boolean":
            raise JqError(f"{_described(value)} has no length")
    return float(len(value))


def _keys(value: Json, *, ordered: bool = True) -> Json:
    if isinstance(value, dict):
        return sorted(value) if ordered else list(value)
    if isinstance(value, list):
        return [float(index) for index in range(len(value))]
    raise JqError(f"{_described(value)} has no keys")


def _has(value: Json, key: Json) -> bool:
    if isinstance(value, dict) and isinstance(key, str):
        return key in value
    if isinstance(value, list) and kind(key) == "number":
        return bool(0 <= key < len(value))
    raise JqError(f"Cannot check whether {kind(value)} has a {kind(key)} key")


def _contains(value: Json, other: Json) -> bool:
    if kind(value) != kind(other):
        raise JqError(f"{_described(value)} and {_described(other)} cannot have their containment checked")
    if isinstance(value, dict):
        return all(key in value and _holds(value[key], item) for key, item in other.items())
    if isinstance(value, list):
        return all(any(_holds(mine, item) for mine in value) for item in other)
    return bool(other in value) if isinstance(value, str) else compare(value, other) == 0


def _holds(value: Json, other: Json) -> bool:
    return kind(value) == kind(other) and _contains(value, other)


def _to_entries(value: Json) -> list[Json]:
    if not isinstance(value, dict):
        raise JqError(f"{_described(value)} has no keys")
    return [{"key": key, "value": item} for key, item in value.items()]


def _from_entries(value: Json) -> Json:
    made: dict[str, Json] = {}
    for entry in _items(value):
        key = next(
            (_indexed(entry, name) for name in ("key", "k", "name", "Name", "Key", "K") if _has(entry, name)), None
        )
        item = next((entry[name] for name in ("value", "v", "Value", "V") if name in entry), None)
        made[key if isinstance(key, str) else "null" if key is None else shown(key)] = item
    return made


def _to_number(value: Json) -> Json:
    if kind(value) == "number":
        return value
    if isinstance(value, str):
        try:
            return float(value) if re.fullmatch(r"[-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?", value) else _not_numeric(value)
        except ValueError:
            return _not_numeric(value)
    raise JqError(f"{_described(value)} cannot be parsed as a number")


def _not_numeric(value: str) -> Json:
    raise JqError(f"Invalid numeric literal at EOF at line 1, column {len(value)} (while parsing '{value[:80]}')")


def _array(value: Json, what: str) -> list[Json]:
    if not isinstance(value, list):
        raise JqError(f"{_described(value)} cannot be {what}, as it is not an array")
    return value


def _unique(value: Json) -> Json:
    ordered = sorted(_array(value, "sorted"), key=sort_key)
    return [item for index, item in enumerate(ordered) if not index or compare(item, ordered[index - 1])]


def _joined(value: Json, separator: Json) -> str:
    pieces = ["" if item is None else _text(item) for item in _items(value)]
    for item in _items(value):
        if isinstance(item, list | dict):
            raise JqError(f"{_described(separator)} and {_described(item)} cannot be added")
    if sum(map(len, pieces)) + len(pieces) * len(separator) > LARGEST:
        raise Exhausted
    return str(separator.join(pieces))


def _flat(value: Json, depth: float = 1e9) -> list[Json]:
    flat: list[Json] = []
    pending = [(item, depth) for item in reversed(_items(value))]
    while pending:
        item, left = pending.pop()
        if isinstance(item, list) and left > 0:
            pending += [(inner, left - 1) for inner in reversed(item)]
        else:
            flat.append(item)
    return flat


def _regex(pattern: Json, flags: Json = "") -> Regex:
    if not isinstance(pattern, str):
        raise JqError(f"{_described(pattern)} cannot be matched, as it is not a string")
    try:
        return compiled(re.sub(r"\\d", "[0-9]", pattern), True, "i" in (flags or ""))
    except RegexFault as fault:
        raise JqError(f"{pattern} (at offset 0) is not a valid regex: {fault}") from None


def _subject(value: Json) -> str:
    if not isinstance(value, str):
        raise JqError(f"{_described(value)} cannot be matched, as it is not a string")
    return value


def _test(value: Json, pattern: Json, flags: Json = "") -> bool:
    try:
        return _regex(pattern, flags).search(_subject(value)) is not None
    except RegexFault as fault:
        raise JqError(str(fault)) from None


def _sub(value: Json, pattern: Json, new: Json, *, everywhere: bool = False) -> str:
    regex, subject = _regex(pattern), _subject(value)
    pieces: list[str] = []
    position = done = 0
    try:
        while position <= len(subject) and (spans := regex.search(subject, position)) and spans[0]:
            start, end = spans[0]
            pieces += [subject[done:start], str(new)]
            done, position = end, end if end > start else end + 1
            if not everywhere:
                break
    except RegexFault as fault:
        raise JqError(str(fault)) from None
    if sum(map(len, pieces)) > LARGEST:
        raise Exhausted
    return "".join(pieces) + subject[done:]


def _from_json(value: Json) -> Json:
    try:
        return read_all(_subject(value))[0]
    except (ValueError, IndexError):
        raise JqError(f"Invalid literal (while parsing '{str(value)[:80]}')") from None


def _extreme(value: Json, sign: int) -> Json:
    best: Json = _GONE
    for item in _array(value, "iterated over"):
        if best is _GONE or compare(item, best) * sign > 0 or (sign > 0 and compare(item, best) == 0):
            best = item
    return None if best is _GONE else best


def _strings(function: Callable[[str, str], Json]) -> Callable[[Json, Json], Json]:
    def applied(value: Json, other: Json) -> Json:
        if not isinstance(value, str) or not isinstance(other, str):
            raise JqError(f"{function.__name__}() requires string inputs")
        return function(value, other)

    return applied


def startswith(value: str, other: str) -> bool:
    return value.startswith(other)


def endswith(value: str, other: str) -> bool:
    return value.endswith(other)


def _index(value: Json, other: Json) -> Json:
    if value is None:
        return None
    if isinstance(value, str) and isinstance(other, str):
        at = value.find(other)
        return None if at < 0 else float(at)
    return next((float(at) for at, item in enumerate(_array(value, "searched")) if compare(item, other) == 0), None)


def _lowered(value: Json, first: int, by: int) -> str:
    return _subject(value).translate({code: code + by for code in range(first, first + 26)})


def _rounded(function: Callable[[float], float]) -> Callable[[Json], Json]:
    def applied(value: Json) -> Json:
        number = _number(value)
        try:
            return float(function(number)) if math.isfinite(number) else number
        except ValueError:
            return math.nan

    return applied


SIMPLE: Final[dict[tuple[str, int], Callable[..., Json]]] = {
    ("true", 0): lambda value: True,
    ("false", 0): lambda value: False,
    ("null", 0): lambda value: None,
    ("not", 0): lambda value: not _is_true(value),
    ("length", 0): _length,
    ("utf8bytelength", 0): lambda value: float(len(_subject(value).encode("utf-8", "replace"))),
    ("keys", 0): _keys,
    ("keys_unsorted", 0): lambda value: _keys(value, ordered=False),
    ("has", 1): _has,
    ("in", 1): lambda value, other: _has(other, value),
    ("contains", 1): _contains,
    ("inside", 1): lambda value, other: _contains(other, value),
    ("type", 0): kind,
    ("tostring", 0): _text,
    ("tonumber", 0): _to_number,
    ("tojson", 0): shown,
    ("fromjson", 0): _from_json,
    ("to_entries", 0): _to_entries,
    ("from_entries", 0): _from_entries,
    ("sort", 0): lambda value: sorted(_array(value, "sorted"), key=sort_key),
    ("unique", 0): _unique,
    ("reverse", 0): lambda value: value[::-1] if isinstance(value, str | list) else [],
    ("min", 0): lambda value: _extreme(value, -1),
    ("max", 0): lambda value: _extreme(value, 1),
    ("first", 0): lambda value: _indexed(value, 0.0),
    ("last", 0): lambda value: _indexed(value, -1.0),
    ("nth", 1): _indexed,
    ("flatten", 0): _flat,
    ("flatten", 1): lambda value, depth: _flat(value, _number(depth)),
    ("join", 1): _joined,
    ("split", 1): lambda value, separator: _split(_subject(value), _subject(separator)),
    ("startswith", 1): _strings(startswith),
    ("endswith", 1): _strings(endswith),
    ("ltrimstr", 1): lambda value, other: (
        value.removeprefix(other) if isinstance(value, str) and isinstance(other, str) else value
    ),
    ("rtrimstr", 1): lambda value, other: (
        value.removesuffix(other) if isinstance(value, str) and isinstance(other, str) else value
    ),
    ("ascii_downcase", 0): lambda value: _lowered(value, 65, 32),
    ("ascii_upcase", 0): lambda value: _lowered(value, 97, -32),
    ("test", 1): _test,
    ("test", 2): _test,
    ("sub", 2): _sub,
    ("gsub", 2): lambda value, pattern, new: _sub(value, pattern, new, everywhere=True),
    ("index", 1): _index,
    ("explode", 0): lambda value: [float(ord(character)) for character in _subject(value)],
    ("floor", 0): _rounded(math.floor),
    ("ceil", 0): _rounded(math.ceil),
    ("round", 0): _rounded(lambda value: math.floor(abs(value) + 0.5) * (1 if value >= 0 else -1)),
    ("sqrt", 0): _rounded(math.sqrt),
    ("abs", 0): lambda value: abs(_number(value)),
    ("getpath", 1): lambda value, path: _at(value, tuple(_items(path)), None),
    ("setpath", 2): lambda value, path, new: _put(value, tuple(_items(path)), new),
    ("delpaths", 1): lambda value, paths: _removed(value, [tuple(path) for path in _items(paths)]),
}


# -- formats --------------------------------------------------------------------------------------


def _cells(value: Json, name: str) -> list[Json]:
    if not isinstance(value, list):
        raise JqError(f"{_described(value)} cannot be {name}-formatted, only an array can be")
    for cell in value:
        if isinstance(cell, list | dict):
            raise JqError(f"{_described(cell)} is not valid in a {name} row")
    return ["" if cell is None else cell for cell in value]


def _csv(value: Json) -> str:
    cells = _cells(value, "csv")
    return ",".join(
        '"' + cell.replace('"', '""') + '"' if isinstance(cell, str) and cell else _text(cell) for cell in cells
    )


def _tsv(value: Json) -> str:
    escapes = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}
    return "\t".join("".join(escapes.get(one, one) for one in _text(cell)) for cell in _cells(value, "tsv"))


def _sh(value: Json) -> str:
    def quoted(one: Json) -> str:
        if isinstance(one, list | dict):
            raise JqError(f"{_described(one)} can not be escaped for shell")
        return "'" + one.replace("'", "'\\''") + "'" if isinstance(one, str) else shown(one)

    return " ".join(quoted(one) for one in value) if isinstance(value, list) else quoted(value)


def _unbase64(value: Json) -> str:
    text = _text(value)
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4)).decode("utf-8", "replace")
    except ValueError:
        raise JqError(f"{_described(value)} is not valid base64 data") from None


HTML: Final = {"<": "&lt;", ">": "&gt;", "&": "&amp;", "'": "&#39;", '"': "&quot;"}
FORMATS: Final[dict[str, Callable[[Json], str]]] = {
    "@text": _text,
    "@json": shown,
    "@csv": _csv,
    "@tsv": _tsv,
    "@sh": _sh,
    "@html": lambda value: "".join(HTML.get(one, one) for one in _text(value)),
    "@uri": lambda value: quote(_text(value), safe="-_.~"),
    "@base64": lambda value: base64.b64encode(_text(value).encode("utf-8", "replace")).decode(),
    "@base64d": _unbase64,
}


def _formatted(name: str, value: Json) -> str:
    return FORMATS[name](value)


# -- reading --------------------------------------------------------------------------------------


def read_all(text: str) -> list[Json]:
    """Read values that stand one after the other. Raises ValueError (JSONDecodeError where it knows the place)."""
    return [value for value, _ in read(text)]


def read(text: str) -> Iterator[tuple[Json, int]]:
    """Read values that stand one after the other, and where each ends. Raises as `read_all`."""
    decoder = json.JSONDecoder(parse_int=float, parse_constant=_constant)
    position = 0
    blank = re.compile(r"[ \t\r\n]*")
    while True:
        found = blank.match(text, position)
        position = found.end() if found else position
        if position >= len(text):
            return
        try:
            value, position = decoder.raw_decode(text, position)
        except RecursionError:
            raise ValueError("Exceeds depth limit for parsing") from None
        yield value, position


def _constant(text: str) -> float:
    return math.nan if text == "NaN" else math.copysign(1.7976931348623157e308, -1 if text[0] == "-" else 1)
