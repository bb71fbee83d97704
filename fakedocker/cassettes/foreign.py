"""Recordings of others: how their files are read, and exchanges made of what they say.

Everything is read without trust: YAML by its events only, JSON as data, and no more than the limits. Three things are
allowed that a cassette of ours may not have: aliases, which PyYAML writes where a value is there twice; texts with the
tag `!binary` (Psych's) or `!!binary` (PyYAML's), which are bytes in base64; and bodies that are compressed.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import parse_qsl

import yaml
from yaml import events

from fakedocker.cassettes.bodies import StreamReader, body_of, json_of, kind_of, piece_of
from fakedocker.cassettes.model import Body, Bytes, Exchange, Fields, Json, Request, Response, Text
from fakedocker.wire import safeyaml
from fakedocker.wire.safeyaml import DocumentError, Mapping, Node, Scalar

#: Bytes of a file of others that is read, and of a body when it is decompressed.
LONGEST_FILE = 256 << 20
LONGEST_BODY = 64 << 20
#: How deep what is in such a file may be nested; bodies are texts in it.
DEEPEST = 20
LIMITS: Final = safeyaml.Limits(5_000_000, LONGEST_FILE, depth=DEEPEST, noun="recording")

_BINARY_TAGS = frozenset({"!binary", "tag:yaml.org,2002:binary"})
#: The key that stands for the tag in what is handed on.
_BINARY = "!binary"
_ORIGIN = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*")
_SPACE = re.compile(r"\s+")


class ForeignError(ValueError):
    """A recording of others cannot be converted; `str()` says where and why."""


# -- reading -----------------------------------------------------------------------------


def read(data: bytes) -> Any:
    """Return what a file in JSON or YAML says: None, text, bytes, lists, dicts. Numbers and truths stay text.

    Raises ForeignError.
    """
    text = text_of(data)
    if text.lstrip()[:1] in ("{", "["):
        return _as_text(read_json(text, number=str))
    try:
        node = safeyaml.compose(_with_binary_as_mapping(text), LIMITS)
        return None if node is None else _plain(node)
    except DocumentError as error:
        raise ForeignError(f"line {error.line}: {error.message}") from None


def text_of(data: bytes) -> str:
    """Return the text of a file, in UTF-8. Raises ForeignError."""
    if len(data) > LONGEST_FILE:
        raise ForeignError(f"a recording of more than {LONGEST_FILE >> 20} MB is not read")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ForeignError(f"line {line}: this is not text in UTF-8") from None


def read_json(text: str, number: Callable[[str], Any] | None = None) -> Any:
    """Return what a text in JSON says; `number` makes something else of one than a number. Raises ForeignError."""
    try:
        return json.loads(text, parse_constant=_refuse_constant, parse_int=number, parse_float=number)
    except json.JSONDecodeError as error:
        raise ForeignError(f"line {error.lineno}: this is not JSON: {error.msg}") from None
    except RecursionError:
        raise ForeignError("this is not JSON that is read: it is nested too deep") from None
    except ValueError:
        raise ForeignError("this is not JSON that is read: a number of too many digits") from None


def _refuse_constant(name: str) -> Any:
    raise json.JSONDecodeError(f"{name} is no number", name, 0)


def _as_text(value: Any, depth: int = DEEPEST) -> Any:
    if depth < 0:
        raise ForeignError(f"nested more than {DEEPEST} deep")
    match value:
        case bool():
            return "true" if value else "false"
        case list():
            return [_as_text(item, depth - 1) for item in value]
        case dict():
            return {key: _as_text(item, depth - 1) for key, item in value.items()}
    return value


def _with_binary_as_mapping(text: str) -> str:
    """Return a YAML text in which `!binary x` is `{"!binary": "x"}`, on the same lines: the reader knows no tags."""
    if "binary" not in text:
        return text
    parts, at = [], 0
    try:
        for event in yaml.parse(text, Loader=safeyaml.LOADER):
            if not isinstance(event, events.ScalarEvent) or event.tag not in _BINARY_TAGS:
                continue
            if event.start_mark is None or event.end_mark is None:
                continue
            start, end = event.start_mark.index, event.end_mark.index
            digits = json.dumps(_SPACE.sub("", event.value))
            anchor = f"&{event.anchor} " if event.anchor else ""
            lines = "\n" * text.count("\n", start, end)
            parts += [text[at:start], f'{anchor}{{"{_BINARY}": {digits}}}{lines}']
            at = end
    except yaml.YAMLError:
        return text  # whoever reads it says what is wrong
    return "".join([*parts, text[at:]])


def _plain(node: Node) -> Any:
    match node:
        case Scalar():
            return None if node.is_null else node.text
        case safeyaml.Sequence(items=items):
            return [_plain(item) for item in items]
        case Mapping(line=line, entries=((Scalar(text="!binary"), Scalar(text=digits)),)):
            try:
                return base64.b64decode(digits, validate=True)
            except (binascii.Error, ValueError):
                raise DocumentError(line, "this is not base64") from None
    found: dict[str, Any] = {}
    for key, item in node.entries:
        if key.text in found:
            raise DocumentError(key.line, f"{key.text} is there twice")
        found[key.text] = _plain(item)
    return found


# -- what is in it -----------------------------------------------------------------------


class Members:
    """The members of one mapping, each of them known; `where` says of what. Raises ForeignError."""

    def __init__(self, value: Any, where: str, known: Iterable[str]) -> None:
        if not isinstance(value, dict):
            raise ForeignError(f"{where} is no mapping")
        for name in value:
            if name not in known:
                raise ForeignError(f"{where} has a member that is not known: {name}")
        self._value = value
        self.where = where

    def get(self, name: str) -> Any:
        return self._value.get(name)

    def __contains__(self, name: str) -> bool:
        return name in self._value

    def text(self, name: str, default: str | None = None) -> str:
        value = self._value.get(name)
        if value is None and default is not None:
            return default
        if isinstance(value, bytes):
            value = value.decode("utf-8", "replace")
        if not isinstance(value, str):
            raise ForeignError(f"{self.where} has no {name}" if value is None else f"{name} of {self.where} is no text")
        return value

    def items(self, name: str) -> list[Any]:
        value = self._value.get(name)
        if not isinstance(value, list):
            raise ForeignError(f"{name} of {self.where} is no list")
        return value

    def status(self, name: str) -> int:
        text = self.text(name)
        if not (len(text) == 3 and text.isdecimal() and text.isascii() and text >= "100"):
            raise ForeignError(f"{name} of {self.where} is no status of HTTP: {text[:20]}")
        return int(text)


def fields(value: Any, where: str) -> Fields:
    """Return headers: a mapping of names to a text or a list of texts."""
    if value is None:
        return ()
    if not isinstance(value, dict):
        raise ForeignError(f"headers of {where} are no mapping")
    return tuple((name, text) for name, said in value.items() for text in _values(said, f"header {name} of {where}"))


def _values(said: Any, where: str) -> Iterator[str]:
    for one in said if isinstance(said, list) else [said]:
        if isinstance(one, bytes):
            yield one.decode("latin-1")
        elif isinstance(one, str):
            yield one
        elif one is not None:
            raise ForeignError(f"{where} is no text")


def target(url: str) -> tuple[str, Sequence[tuple[str, str]]]:
    """Return the path of a URL as it was sent, and its query undone."""
    rest = _ORIGIN.sub("", url, count=1).partition("#")[0]
    path, _, query = rest.partition("?")
    return path or "/", tuple(parse_qsl(query, keep_blank_values=True))


# -- bodies ------------------------------------------------------------------------------


def header(headers: Fields, name: str) -> str:
    """Return the value of a header, empty if it is not there."""
    return next((value for one, value in headers if one.lower() == name), "")


def request_of(method: str, url: str, headers: Fields, data: bytes, where: str) -> Request:
    """Return a request; a compressed body is decompressed. Raises ForeignError."""
    path, query = target(url)
    headers, data = _decompressed(headers, data, f"the body of {where}")
    return Request(method.upper(), path, query, headers, body_of(data, header(headers, "content-type")))


def response_of(status: int, reason: str, headers: Fields, data: bytes, where: str, duration: float = 0) -> Response:
    """Return an answer; a compressed body is decompressed, a streamed one taken apart. Raises ForeignError."""
    headers, data = _decompressed(headers, data, f"the body of {where}")
    return Response(status, reason, headers, _answer(data, header(headers, "content-type"), status, duration))


def _answer(data: bytes, content_type: str, status: int, duration: float) -> Body:
    """Return the body of an answer; that of a stream has come in the end, as far as anybody knows."""
    kind = kind_of(content_type, status)
    if kind == "raw" or not data:
        return body_of(data, content_type)
    if kind == "lines" and not data.endswith(b"\r\n") and (value := json_of(data)) is not None:
        return value
    reader = StreamReader(kind)
    reader.feed(duration, data)
    stream = reader.finish(duration)
    if kind == "lines" and not all(isinstance(frame.content, Json) for frame in stream.frames):
        return body_of(data, content_type)
    return body_of(data, content_type) if stream.kind == "raw" else stream


def _decompressed(headers: Fields, data: bytes, where: str) -> tuple[Fields, bytes]:
    """Undo what `Content-Encoding` says, in the headers too: secrets in compressed bytes could not be seen."""
    said = [value for name, value in headers if name.lower() == "content-encoding"]
    codings = [coding.strip().lower() for value in said for coding in value.split(",") if coding.strip()]
    for coding in reversed(codings):
        data = _undone(coding, data, where)
    if not codings:
        return headers, data
    kept = [(name, value) for name, value in headers if name.lower() != "content-encoding"]
    length = str(len(data))
    return tuple((name, length if name.lower() == "content-length" else value) for name, value in kept), data


def _undone(coding: str, data: bytes, where: str) -> bytes:
    if coding == "identity" or not data:
        return data
    if coding in ("gzip", "x-gzip") and data[:2] == b"\x1f\x8b":
        return _inflated(data, zlib.MAX_WBITS | 16, where)
    if coding == "deflate" and isinstance(piece_of(data), Bytes):
        is_zlib = data[0] & 0x0F == 8 and int.from_bytes(data[:2], "big") % 31 == 0
        return _inflated(data, zlib.MAX_WBITS if is_zlib else -zlib.MAX_WBITS, where)
    if coding in ("gzip", "x-gzip", "deflate") or isinstance(piece_of(data), Text):
        return data  # whoever recorded it undid it already
    raise ForeignError(f"{where} is compressed as {coding}, which cannot be undone here")


def _inflated(data: bytes, window: int, where: str) -> bytes:
    inflater = zlib.decompressobj(window)
    try:
        inflated = inflater.decompress(data, LONGEST_BODY)
    except zlib.error:
        raise ForeignError(f"{where} is not compressed as its headers say") from None
    if inflater.unconsumed_tail:
        raise ForeignError(f"{where} is more than {LONGEST_BODY >> 20} MB when it is decompressed")
    if not inflater.eof:
        raise ForeignError(f"{where} is compressed and was cut")
    return inflated


# -- times -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Dated:
    """An exchange and the moment at which it began, if anybody knows."""

    exchange: Exchange
    moment: datetime | None = None


def session(dated: Sequence[Dated]) -> tuple[list[Exchange], str]:
    """Return exchanges with their times since the first began, and when that was; without moments, all began at 0."""
    moments = [one.moment for one in dated if one.moment is not None]
    if len(moments) < len(dated) or not moments:
        return [one.exchange for one in dated], ""
    first = min(moments)
    exchanges = [
        replace(one.exchange, start=(moment - first).total_seconds())
        for one, moment in zip(dated, moments, strict=True)
    ]
    return exchanges, first.astimezone(UTC).isoformat().replace("+00:00", "Z")


def moment_of(text: str, where: str) -> datetime:
    """Return the moment that an ISO 8601 text means; in UTC if it does not say where. Raises ForeignError."""
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ForeignError(f"{where} is no moment: {text[:40]}") from None


def number_of(value: Any, where: str) -> float:
    """Return a number, 0 or more. Raises ForeignError."""
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise ForeignError(f"{where} is no number") from None
    if not 0 <= number < 2**53 or math.isnan(number):
        raise ForeignError(f"{where} is no number, 0 or more")
    return number
