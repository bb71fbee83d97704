"""Functions of values: one result for one input, whatever their arguments are."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Final

from fakedocker.programs.jq import dates
from fakedocker.programs.jq.matching import captured, matches
from fakedocker.programs.jq.operators import divided
from fakedocker.programs.jq.paths import indexed, items, put, removed
from fakedocker.programs.jq.reading import place, read_all
from fakedocker.programs.jq.values import (
    LARGEST,
    Exhausted,
    JqError,
    Json,
    array,
    compare,
    described,
    is_true,
    kind,
    number,
    shown,
    sort_key,
    string,
    text_of,
)


def _length(value: Json) -> Json:
    match kind(value):
        case "null":
            return 0.0
        case "number":
            return abs(value)
        case "boolean":
            raise JqError(f"{described(value)} has no length")
    return float(len(value))


def _keys(value: Json, *, ordered: bool = True) -> Json:
    if isinstance(value, dict):
        return sorted(value) if ordered else list(value)
    if isinstance(value, list):
        return [float(index) for index in range(len(value))]
    raise JqError(f"{described(value)} has no keys")


def _has(value: Json, key: Json) -> bool:
    if isinstance(value, dict) and isinstance(key, str):
        return key in value
    if isinstance(value, list) and kind(key) == "number":
        return bool(0 <= key < len(value))
    raise JqError(f"Cannot check whether {kind(value)} has a {kind(key)} key")


def _contains(value: Json, other: Json) -> bool:
    if kind(value) != kind(other):
        raise JqError(f"{described(value)} and {described(other)} cannot have their containment checked")
    if isinstance(value, dict):
        return all(key in value and _holds(value[key], item) for key, item in other.items())
    if isinstance(value, list):
        return all(any(_holds(mine, item) for mine in value) for item in other)
    return bool(other in value) if isinstance(value, str) else compare(value, other) == 0


def _holds(value: Json, other: Json) -> bool:
    return kind(value) == kind(other) and _contains(value, other)


#: What the key of an entry may be called.
KEYS: Final = ("key", "k", "name", "Name", "K", "Key")


def to_entries(value: Json) -> list[Json]:
    """Return an object as an array of keys and values. Raises JqError."""
    if not isinstance(value, dict):
        raise JqError(f"{described(value)} has no keys")
    return [{"key": key, "value": item} for key, item in value.items()]


def from_entries(value: Json) -> Json:
    """Return an array of keys and values as an object. Raises JqError."""
    made: dict[str, Json] = {}
    for entry in items(value):
        if not isinstance(entry, dict):
            raise JqError(f'Cannot index {kind(entry)} with string "key"')
        key = next((entry[name] for name in KEYS if is_true(entry.get(name))), None)
        if key is None or isinstance(key, list | dict):
            raise JqError(f"Cannot use {described(key)} as object key")
        made[text_of(key)] = next((entry[name] for name in ("value", "v", "Value", "V") if name in entry), None)
    return made


def _to_number(value: Json) -> Json:
    if kind(value) == "number":
        return value
    if isinstance(value, str):
        if re.fullmatch(r"\s*[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?\s*", value):
            return float(value)
        raise JqError(f"Invalid numeric literal at EOF at line 1, column {len(value)} (while parsing '{value[:80]}')")
    raise JqError(f"{described(value)} cannot be parsed as a number")


def _unique(value: Json) -> Json:
    return first_of_each(sorted(array(value, "sorted"), key=sort_key))


def first_of_each(ordered: list[Json]) -> list[Json]:
    """Return ordered values without those that are there twice."""
    return [item for index, item in enumerate(ordered) if not index or compare(item, ordered[index - 1])]


def _joined(value: Json, separator: Json) -> Json:
    pieces: list[str] = []
    size = 0
    for item in items(value):
        if not isinstance(separator, str):
            raise JqError(f"{described(''.join(pieces))} and {described(separator)} cannot be added")
        if isinstance(item, list | dict):
            so_far = "".join(f"{piece}{separator}" for piece in pieces[:10])
            raise JqError(f"{described(so_far)} and {described(item)} cannot be added")
        pieces.append("" if item is None else text_of(item))
        size += len(pieces[-1]) + len(separator)
        if size > LARGEST:
            raise Exhausted
    return separator.join(pieces) if pieces else ""


def _flat(value: Json, depth: float = 1e9) -> list[Json]:
    if depth < 0:
        raise JqError("flatten depth must not be negative")
    flat: list[Json] = []
    pending = [(item, depth) for item in reversed(items(value))]
    while pending:
        item, left = pending.pop()
        if isinstance(item, list) and left > 0:
            pending += [(inner, left - 1) for inner in reversed(item)]
        else:
            flat.append(item)
    return flat


def _from_json(value: Json) -> Json:
    text = string(value, "parsed as JSON")
    try:
        return next(iter(read_all(text)), None)
    except ValueError as error:
        raise JqError(f"{place(error)} (while parsing '{text[:80]}')") from None


def _extreme(value: Json, sign: int) -> Json:
    best: Json = None
    for index, item in enumerate(array(value, "iterated over")):
        order = compare(item, best) * sign
        if not index or order > 0 or (sign > 0 and order == 0):
            best = item
    return best


def _places(value: Json, other: Json) -> Json:
    """Return all places of one value in another."""
    if value is None:
        return None
    if isinstance(value, str) and isinstance(other, str):
        return [float(place) for place in range(len(value)) if other and value.startswith(other, place)] or None
    if isinstance(value, list) and isinstance(other, list):
        return indexed(value, other) or None
    if isinstance(value, list):
        return [float(place) for place, item in enumerate(value) if compare(item, other) == 0] or None
    return indexed(value, other)


def _affix(name: str, test: Callable[[str, str], bool]) -> Callable[[Json, Json], bool]:
    def applied(value: Json, other: Json) -> bool:
        if not isinstance(value, str) or not isinstance(other, str):
            raise JqError(f"{name}() requires string inputs")
        return test(value, other)

    return applied


def _trimmed(trim: Callable[[str, str], str]) -> Callable[[Json, Json], Json]:
    def applied(value: Json, other: Json) -> Json:
        return trim(value, other) if isinstance(value, str) and isinstance(other, str) else value

    return applied


def _cased(first: int, by: int, name: str) -> Callable[[Json], str]:
    table = {code: code + by for code in range(first, first + 26)}

    def applied(value: Json) -> str:
        if not isinstance(value, str):
            raise JqError(f"{name} input must be a string")
        return value.translate(table)

    return applied


def _implode(value: Json) -> str:
    if not isinstance(value, list):
        raise JqError(f"{described(value)} cannot be imploded, must be an array of codepoints")
    try:
        return "".join(chr(int(number(code))) for code in value)
    except (ValueError, OverflowError):
        raise JqError("Invalid codepoint literal") from None


def _explode(value: Json) -> list[Json]:
    if not isinstance(value, str):
        raise JqError(f"{described(value)} cannot be exploded, as it is not a string")
    return [float(ord(character)) for character in value]


def _transposed(value: Json) -> list[Json]:
    rows = [items(row) for row in array(value, "transposed")]
    width = max(map(len, rows), default=0)
    if width * len(rows) > LARGEST:
        raise Exhausted
    return [[row[column] if column < len(row) else None for row in rows] for column in range(width)]


def _split_by(value: Json, pattern: Json, flags: Json) -> list[Json]:
    pieces: list[Json] = []
    done = 0
    text = string(value)
    for match in matches(value, pattern, flags, everywhere=True):
        pieces.append(text[done : int(match["offset"])])
        done = int(match["offset"] + match["length"])
    return [*pieces, text[done:]]


def _split(value: Json, separator: Json) -> list[Json]:
    if not isinstance(value, str) or not isinstance(separator, str):
        raise JqError("split input and separator must be strings")
    return list(divided(value, separator))


def _scanned(match: Json) -> Json:
    return [one["string"] for one in match["captures"]] if match["captures"] else match["string"]


def _of_number(function: Callable[[float], float]) -> Callable[[Json], Json]:
    def applied(value: Json) -> Json:
        try:
            return float(function(number(value)))
        except ValueError:
            return math.nan
        except OverflowError:
            return math.inf

    return applied


def _of_numbers(function: Callable[[float, float], float]) -> Callable[[Json, Json, Json], Json]:
    def applied(value: Json, one: Json, two: Json) -> Json:
        try:
            return float(function(number(one), number(two)))
        except (ValueError, ZeroDivisionError):
            return math.nan
        except OverflowError:
            return math.inf

    return applied


def _whole(function: Callable[[float], float]) -> Callable[[float], float]:
    return lambda value: function(value) if math.isfinite(value) else value


def _logarithm(function: Callable[[float], float]) -> Callable[[float], float]:
    return lambda value: -math.inf if value == 0 else function(value)


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
FUNCTIONS: Final[dict[tuple[str, int], Callable[..., Json]]] = {
    ("true", 0): lambda value: True,
    ("false", 0): lambda value: False,
    ("null", 0): lambda value: None,
    ("nan", 0): lambda value: math.nan,
    ("infinite", 0): lambda value: math.inf,
    ("isinfinite", 0): lambda value: math.isinf(number(value)),
    ("isnan", 0): lambda value: math.isnan(number(value)),
    ("isnormal", 0): lambda value: math.isfinite(number(value)) and abs(value) >= 2.2250738585072014e-308,
    ("not", 0): lambda value: not is_true(value),
    ("length", 0): _length,
    ("utf8bytelength", 0): lambda value: float(len(string(value, "measured").encode("utf-8", "replace"))),
    ("keys", 0): _keys,
    ("keys_unsorted", 0): lambda value: _keys(value, ordered=False),
    ("has", 1): _has,
    ("in", 1): lambda value, other: _has(other, value),
    ("contains", 1): _contains,
    ("inside", 1): lambda value, other: _contains(other, value),
    ("type", 0): kind,
    ("tostring", 0): text_of,
    ("tonumber", 0): _to_number,
    ("tojson", 0): shown,
    ("fromjson", 0): _from_json,
    ("to_entries", 0): to_entries,
    ("from_entries", 0): from_entries,
    ("unique", 0): _unique,
    ("reverse", 0): lambda value: [] if value is None else array(value, "reversed")[::-1],
    ("min", 0): lambda value: _extreme(value, -1),
    ("max", 0): lambda value: _extreme(value, 1),
    ("flatten", 0): _flat,
    ("flatten", 1): lambda value, depth: _flat(value, number(depth)),
    ("join", 1): _joined,
    ("split", 1): _split,
    ("split", 2): _split_by,
    ("startswith", 1): _affix("startswith", str.startswith),
    ("endswith", 1): _affix("endswith", str.endswith),
    ("ltrimstr", 1): _trimmed(str.removeprefix),
    ("rtrimstr", 1): _trimmed(str.removesuffix),
    ("ascii_downcase", 0): _cased(65, 32, "ascii_downcase"),
    ("ascii_upcase", 0): _cased(97, -32, "ascii_upcase"),
    ("explode", 0): _explode,
    ("implode", 0): _implode,
    ("transpose", 0): _transposed,
    ("test", 1): lambda value, pattern: bool(matches(value, pattern)),
    ("test", 2): lambda value, pattern, flags: bool(matches(value, pattern, flags)),
    ("indices", 1): lambda value, other: _places(value, other) or ([] if value is not None else None),
    ("index", 1): lambda value, other: next(iter(_places(value, other) or [None])),
    ("rindex", 1): lambda value, other: [*(_places(value, other) or [None])][-1],
    ("floor", 0): _of_number(_whole(math.floor)),
    ("ceil", 0): _of_number(_whole(math.ceil)),
    ("trunc", 0): _of_number(_whole(math.trunc)),
    ("round", 0): _of_number(_whole(lambda value: math.copysign(math.floor(abs(value) + 0.5), value))),
    ("fabs", 0): _of_number(abs),
    ("sqrt", 0): _of_number(math.sqrt),
    ("cbrt", 0): _of_number(lambda value: math.copysign(abs(value) ** (1 / 3), value)),
    ("exp", 0): _of_number(math.exp),
    ("exp2", 0): _of_number(lambda value: 2.0**value),
    ("exp10", 0): _of_number(lambda value: 10.0**value),
    ("log", 0): _of_number(_logarithm(math.log)),
    ("log2", 0): _of_number(_logarithm(math.log2)),
    ("log10", 0): _of_number(_logarithm(math.log10)),
    ("sin", 0): _of_number(math.sin),
    ("cos", 0): _of_number(math.cos),
    ("tan", 0): _of_number(math.tan),
    ("pow", 2): _of_numbers(math.pow),
    ("atan2", 2): _of_numbers(math.atan2),
    ("fmin", 2): _of_numbers(min),
    ("fmax", 2): _of_numbers(max),
    ("fmod", 2): _of_numbers(math.fmod),
    ("abs", 0): lambda value: abs(number(value)),
    ("setpath", 2): lambda value, path, new: put(value, tuple(array(path, "used as a path")), new),
    ("delpaths", 1): lambda value, paths: removed(
        value, [tuple(array(path, "used as a path")) for path in array(paths, "used as paths")]
    ),
    ("gmtime", 0): dates.broken_down,
    ("localtime", 0): dates.broken_down,
    ("mktime", 0): dates.seconds,
    ("strftime", 1): dates.formatted,
    ("strflocaltime", 1): dates.formatted,
    ("strptime", 1): dates.parsed,
    ("fromdate", 0): dates.from_iso,
    ("fromdateiso8601", 0): dates.from_iso,
    ("todate", 0): dates.to_iso,
    ("todateiso8601", 0): dates.to_iso,
    ("input_line_number", 0): lambda value: 0.0,
    ("ascii", 0): lambda value: _implode([value]),
}
#: Functions that give any number of values.
MANY: Final[dict[tuple[str, int], Callable[..., list[Json]]]] = {
    ("match", 1): matches,
    ("match", 2): matches,
    ("capture", 1): lambda value, pattern: [captured(match) for match in matches(value, pattern)],
    ("capture", 2): lambda value, pattern, flags: [captured(match) for match in matches(value, pattern, flags)],
    ("scan", 1): lambda value, pattern: [_scanned(match) for match in matches(value, pattern, everywhere=True)],
    ("splits", 1): lambda value, pattern: _split_by(value, pattern, None),
    ("splits", 2): _split_by,
}
