"""A cassette for people and scripts: one row for an exchange, or all of it.

What is shown was recorded, so it may hold anything: nothing here moves a cursor or rings a bell.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from fakedocker.cassettes.bodies import data_of, frame_data, stream_data
from fakedocker.cassettes.documents import MARK, compose, exchange_text
from fakedocker.cassettes.model import Body, Bytes, Empty, Exchange, Fields, File, Frame, Json, Stream, Text
from fakedocker.wire import safeyaml

#: Characters of a path in a row, and of the base64 of bytes that is shown.
LONGEST_PATH = 80
LONGEST_BASE64 = 76

HEADS: Final = ("n", "time", "method", "path", "status", "duration", "in", "out", "end")


@dataclass(frozen=True, slots=True)
class Row:
    """One exchange in a table; `received` and `sent` are bytes of bodies, seen from the daemon."""

    id: int
    connection: int
    start: float
    method: str
    path: str
    status: int | None
    duration: float
    received: int
    sent: int
    end: str


def row(exchange: Exchange) -> Row:
    """Return what a table says of an exchange."""
    request, response = exchange.request, exchange.response
    answer = response.body if response is not None else Empty()
    typed = len(stream_data(answer, "in")) if isinstance(answer, Stream) and answer.kind == "hijack" else 0
    return Row(
        exchange.id,
        exchange.connection,
        exchange.start,
        request.method,
        target(exchange),
        response.status if response is not None else None,
        exchange.duration,
        _size(request.body) + typed,
        _size(answer),
        exchange.end,
    )


def target(exchange: Exchange) -> str:
    """Return what was asked for: the path, and the query behind it."""
    query = urlencode(exchange.request.query, safe='/:@{}",[]', errors="replace")
    return f"{exchange.request.path}?{query}" if query else exchange.request.path


def _size(body: Body) -> int:
    """Return the bytes of a body; of a connection that was taken over, those of the daemon."""
    match body:
        case File(_, size):
            return size
        case Stream(kind="hijack"):
            return len(stream_data(body))
        case Stream(_, frames):
            return sum(len(frame_data(body, frame)) for frame in frames)
    return len(data_of(body))


def table(exchanges: Sequence[Exchange]) -> Iterator[str]:
    """Yield the lines of a table, its heads first."""
    rows = [HEADS, *(_cells(row(exchange)) for exchange in exchanges)]
    widths = [max(len(cells[column]) for cells in rows) for column in range(len(HEADS))]
    for cells in rows:
        aligned = [
            cell.ljust(width) if head in ("method", "path", "end") else cell.rjust(width)
            for head, cell, width in zip(HEADS, cells, widths, strict=True)
        ]
        yield "  ".join(aligned).rstrip()


def _cells(one: Row) -> tuple[str, ...]:
    path = printable(one.path)
    if len(path) > LONGEST_PATH:
        path = f"{path[: LONGEST_PATH - 1]}…"
    return (
        str(one.id),
        f"{one.start:.3f}",
        printable(one.method),
        path,
        "-" if one.status is None else str(one.status),
        f"{one.duration:.3f}",
        str(one.received),
        str(one.sent),
        one.end,
    )


def printable(text: str) -> str:
    """Return a text on one line in which no character does anything to a terminal."""
    return "".join(one if one.isprintable() else one.encode("unicode_escape", "replace").decode() for one in text)


# -- all of one --------------------------------------------------------------------------


def pages(exchange: Exchange) -> Iterator[str]:
    """Yield the lines that show everything of an exchange: `>` is what the client sent, `<` what it got."""
    request, response = exchange.request, exchange.response
    yield f"{exchange.id} {printable(request.method)} {printable(target(exchange))}"
    yield (
        f"  connection {exchange.connection}, began at {exchange.start:g} s, took {exchange.duration:g} s, "
        f"ended: {exchange.end}"
    )
    if exchange.note:
        yield f"  note: {printable(exchange.note)}"
    yield from _message(">", request.headers, request.body)
    if response is None:
        yield "< no answer"
        return
    yield f"< {response.status} {printable(response.reason)}".rstrip()
    yield from _message("<", response.headers, response.body)


def _message(sign: str, headers: Fields, body: Body) -> Iterator[str]:
    for name, value in headers:
        yield f"{sign} {printable(name)}: {printable(value)}"
    if isinstance(body, Empty):
        return
    yield sign
    if isinstance(body, Stream):
        yield f"{sign} a stream: {body.kind}, {len(body.frames)} frames"
        for frame in body.frames:
            yield _frame(frame)
        return
    for line in _lines(body):
        yield f"{sign} {line}"


def _lines(body: Json | Text | Bytes | File) -> Iterator[str]:
    match body:
        case Json(value):
            yield from map(printable, json.dumps(value, indent=2, ensure_ascii=False).split("\n"))
        case Text(text):
            yield from map(printable, text.removesuffix("\n").split("\n"))
        case Bytes(data):
            yield f"{len(data)} bytes: {_base64(data)}"
        case File(digest, size, media_type):
            yield f"{size} bytes in {digest.replace(':', '-')}" + (f", {printable(media_type)}" if media_type else "")


def _frame(frame: Frame) -> str:
    sign = ">" if frame.direction == "in" else "<"
    parts = [f"{frame.time:10.6f} {sign}"]
    if frame.channel is not None:
        parts.append(f"{frame.channel:6}")
    match frame.content:
        case Json(value):
            parts.append(printable(json.dumps(value, ensure_ascii=False)))
        case Text(text):
            parts.append(printable(text))
        case Bytes(data):
            parts.append(f"{len(data)} bytes: {_base64(data)}")
    if frame.ends:
        parts.append("(end)")
    return " ".join(parts)


def _base64(data: bytes) -> str:
    text = base64.b64encode(data[:LONGEST_BASE64]).decode()
    return text if len(text) <= LONGEST_BASE64 else f"{text[:LONGEST_BASE64]}…"


# -- for scripts -------------------------------------------------------------------------


def document(exchange: Exchange) -> Any:
    """Return an exchange as its document says it, in what JSON has."""
    return safeyaml.value_of(compose(exchange_text(exchange).removesuffix(MARK).encode()))


def summary(exchange: Exchange) -> dict[str, Any]:
    """Return a row in what JSON has."""
    one = row(exchange)
    return {
        "id": one.id,
        "connection": one.connection,
        "start": one.start,
        "duration": one.duration,
        "method": one.method,
        "path": exchange.request.path,
        "query": [list(pair) for pair in exchange.request.query],
        "status": one.status,
        "in": one.received,
        "out": one.sent,
        "end": one.end,
    }
