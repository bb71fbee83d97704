"""JSON as Go's encoding/json writes and reads it.

Written without spaces, with `<`, `>`, `&` escaped; read into a described shape: names are matched whatever their
case, unknown ones ignored, `null` leaves a member as it was, and whatever follows the first value is not looked at.
Error texts are Go's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

#: Digits of an integer that is still read as one; Python itself refuses more than 4300.
LONGEST_INTEGER = 1000
INT64 = range(-(2**63), 2**63)
_ESCAPES = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
_ESCAPED = re.compile("[<>&\u2028\u2029]")
_ALWAYS_ESCAPED = re.compile("[\u2028\u2029]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_SPACE = re.compile(r"[ \t\r\n]*")
#: What a body can end with when it breaks off in the middle of a word.
_UNFINISHED = {word[:end] for word in ("true", "false", "null") for end in range(1, len(word))} | {"-"}
#: What Python's parser complains about, and how Go calls the place.
_PLACES = {
    "property name": "looking for beginning of object key string",
    "control character": "in string literal",
    "escape": "in string escape code",
    "':' delimiter": "after object key",
    "',' delimiter": "after object key:value pair",
}


class JsonError(Exception):
    """A body that cannot be read; `str()` is Go's text."""


def encode(value: Any, *, escapes_html: bool = True) -> bytes:
    """Return a value as JSON, in UTF-8; what is not text in the strictest sense becomes U+FFFD.

    `escapes_html`: whether `<`, `>` and `&` are escaped, which moby tells Go not to do in most of its answers. Raises
    ValueError for numbers that JSON has not: NaN and the infinities.
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    escaped = _ESCAPED if escapes_html else _ALWAYS_ESCAPED
    text = escaped.sub(lambda found: _ESCAPES[found[0]], text)
    return _SURROGATES.sub("\ufffd", text).encode()


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"invalid character '{name[0]}' looking for beginning of value")


def _integer(digits: str) -> int | float:
    return int(digits) if len(digits) <= LONGEST_INTEGER else float(digits)


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant, parse_int=_integer)


def decode(data: bytes) -> Any:
    """Return the first JSON value of a body. Raises JsonError."""
    return decode_first(data)[0]


def decode_first(data: bytes) -> tuple[Any, str]:
    """Return the first JSON value of a body, and what follows it but white space. Raises JsonError."""
    text = data.decode("utf-8", "replace")
    start = _SPACE.match(text).end()  # type: ignore[union-attr]  # it matches always
    if start == len(text):
        raise JsonError("EOF")
    try:
        value, end = _DECODER.raw_decode(text, start)
    except json.JSONDecodeError as error:
        raise JsonError(_syntax_error(text, error)) from None
    except RecursionError:
        raise JsonError("json: exceeded max depth") from None
    except ValueError as error:
        raise JsonError(str(error)) from None
    return value, text[end:].strip(" \t\r\n")


def _syntax_error(text: str, error: json.JSONDecodeError) -> str:
    if error.pos >= len(text) or "Unterminated" in error.msg or text[error.pos :] in _UNFINISHED:
        return "unexpected EOF"
    word = next((word for word in ("true", "false", "null") if text.startswith(word[0], error.pos)), "")
    if word and error.msg == "Expecting value":
        matching = next(at for at, character in enumerate(word) if text[error.pos + at] != character)
        place = f"in literal {word} (expecting '{word[matching]}')"
        return f"invalid character '{_quoted(text[error.pos + matching])}' {place}"
    place = next((place for what, place in _PLACES.items() if what in error.msg), "looking for beginning of value")
    return f"invalid character '{_quoted(text[error.pos])}' {place}"


def _quoted(character: str) -> str:
    special = {"'": "\\'", '"': '"'}
    return special.get(character, character if character.isprintable() else ascii(character)[1:-1])


@dataclass(frozen=True, slots=True)
class Struct:
    """A Go struct: its name, and its members by the names under which they are read (or those they have in JSON)."""

    name: str
    members: Mapping[str, Member]


@dataclass(frozen=True, slots=True)
class ListOf:
    """A slice: `[]T`."""

    kind: Kind


@dataclass(frozen=True, slots=True)
class MapOf:
    """A map from strings: `map[string]T`."""

    kind: Kind


#: The type of a value: one of string, bool, int, float, strings (`[]string`), set (`map[string]struct{}`), texts
#: (`map[string]string`), command (a list of strings, or one string), any (whatever it is); or something composed.
Kind = str | Struct | ListOf | MapOf


@dataclass(frozen=True, slots=True)
class Member:
    """One member of a struct: its name in Go and in JSON, and its type.

    What is not given is written as `zero`, a member that is to be left out then has the zero `ABSENT`.
    """

    name: str
    kind: Kind
    zero: Any = None


#: The zero of a member that is left out when there is nothing to say ("omitempty").
ABSENT: Any = object()

_GO_TYPES = {
    "string": "string",
    "bool": "bool",
    "int": "int64",
    "float": "float64",
    "strings": "[]string",
    "set": "map[string]struct {}",
    "texts": "map[string]string",
    "command": "string",  # what is no list is tried as a text at last (moby api/types/strslice)
}


def read_struct(value: Any, struct: str, members: Mapping[str, Member]) -> dict[str, Any]:
    """Return what a JSON object says about the members of a Go struct, by our own names.

    `members`: our name -> member. Raises JsonError when a value has the wrong type.
    """
    return _read_members(value, Struct(struct, members), "", f"value of type {struct}")


def _read_members(value: Any, struct: Struct, path: str, where: str) -> dict[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise JsonError(f"json: cannot unmarshal {_json_type(value)} into Go {where}")
    by_name = {member.name.lower(): (ours, member) for ours, member in struct.members.items()}
    name = struct.name.rpartition(".")[2]
    found: dict[str, Any] = {}
    for key, item in value.items():
        ours, member = by_name.get(key.lower(), (None, None))
        if ours is None or member is None or item is None:
            continue
        found[ours] = _read(item, member.kind, name, f"{path}{member.name}")
    return found


def _read(value: Any, kind: Kind, struct: str, path: str) -> Any:
    match kind, value:
        case "any", _:
            return value
        case "string", str():
            return _text(value)
        case "bool", bool():
            return value
        case "int", int() if not isinstance(value, bool) and value in INT64:
            return value
        case "float", int() | float() if not isinstance(value, bool):
            return value
        case "int", int() | float() if not isinstance(value, bool):
            raise JsonError(f"json: cannot unmarshal number {value} into Go {_where(struct, path)} of type int64")
        case "command", str():
            return (_text(value),)
        case "command", list() if all(item is None or isinstance(item, str) for item in value):
            return tuple(_text(item or "") for item in value)
        case "strings", list():
            return tuple("" if item is None else _read(item, "string", struct, path) for item in value)
        case "set", dict():
            return {_text(key): _empty(item, _where(struct, path)) for key, item in value.items()}
        case "texts", dict():
            return {_text(key): _read(item or "", "string", struct, path) for key, item in value.items()}
        case Struct(), _:
            return _read_members(value, kind, f"{path}.", f"{_where(struct, path)} of type {kind.name}")
        case ListOf(), list():
            return tuple(None if item is None else _read(item, kind.kind, struct, path) for item in value)
        case MapOf(), dict():
            return {
                _text(key): None if item is None else _read(item, kind.kind, struct, path)
                for key, item in value.items()
            }
    raise JsonError(
        f"json: cannot unmarshal {_json_type(value)} into Go {_where(struct, path)} of type {_go_type(kind)}"
    )


def _where(struct: str, path: str) -> str:
    return f"struct field {struct}.{path}"


def _go_type(kind: Kind) -> str:
    match kind:
        case Struct():
            return kind.name
        case ListOf():
            return f"[]{_go_type(kind.kind)}"
        case MapOf():
            return f"map[string]{_go_type(kind.kind)}"
    return _GO_TYPES.get(kind, kind)


def write_struct(values: Mapping[str, Any], struct: Struct) -> dict[str, Any]:
    """Return a struct's members as JSON has them, in Go's order; `values` by our own names, those left out are zero."""
    written: dict[str, Any] = {}
    for ours, member in struct.members.items():
        value = values.get(ours)
        if value is None:
            value = member.zero
        if value is not ABSENT:
            written[member.name] = _write(value, member.kind)
    return written


def _write(value: Any, kind: Kind) -> Any:
    match kind, value:
        case _, None:
            return None
        case Struct(), _:
            return write_struct(value, kind)
        case ListOf(), _:
            return [_write(item, kind.kind) for item in value]
        case MapOf(), _:
            return {key: _write(value[key], kind.kind) for key in sorted(value)}
        case "strings" | "command", _:
            return list(value)
        case "texts" | "set", _:
            return {key: value[key] for key in sorted(value)}
    return value


def _empty(value: Any, where: str) -> dict[str, object]:
    if value is not None and not isinstance(value, dict):
        raise JsonError(f"json: cannot unmarshal {_json_type(value)} into Go {where} of type struct {{}}")
    return {}


def _text(value: str) -> str:
    return _SURROGATES.sub("\ufffd", value)


def _json_type(value: Any) -> str:
    match value:
        case bool():
            return "bool"
        case str():
            return "string"
        case int() | float():
            return "number"
        case list():
            return "array"
    return "object"


def split(data: bytes) -> Iterator[Any]:
    """Yield the values of a stream of JSON objects, with or without white space between them."""
    text, at = data.decode("utf-8", "replace"), 0
    while (at := _SPACE.match(text, at).end()) < len(text):  # type: ignore[union-attr]  # it matches always
        value, at = _DECODER.raw_decode(text, at)
        yield value
