"""Sessions as HAR 1.2 (HTTP Archive), which browsers and proxies read and write, and back.

HAR knows times, headers and bodies. What it does not know stands in members that begin with an underscore, as its
specification asks for: the frames of a stream (`_stream`), and of an exchange how it ended and what was noted
(`_fakedocker`). The bytes of a stream stand in the usual place as well, for those who do not know ours.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final, get_args
from urllib.parse import quote, urlencode

from fakedocker.cassettes.bodies import data_of, frame_data
from fakedocker.cassettes.documents import compose, read_exchange
from fakedocker.cassettes.foreign import (
    Dated,
    ForeignError,
    header,
    moment_of,
    number_of,
    read_json,
    request_of,
    response_of,
    session,
    text_of,
)
from fakedocker.cassettes.listing import document
from fakedocker.cassettes.model import (
    Body,
    Cassette,
    Empty,
    End,
    Exchange,
    Fields,
    File,
    Header,
    Request,
    Response,
    Stream,
    Text,
)
from fakedocker.cassettes.store import CassetteError, SideFiles
from fakedocker.wire import safeyaml
from fakedocker.wire.safeyaml import DocumentError

VERSIONS: Final = ("1.1", "1.2", "1.3")
#: Bytes of a body beside a cassette that is put into a HAR.
LONGEST_BODY = 256 << 20

_HOST = re.compile(r"[A-Za-z0-9.:_\[\]-]+")
#: What stands in a path as it is: all that a URL has, save what ends the path.
_OF_A_PATH = "/%:@!$&'()*+,;=[]{}|\\^`\"<>~"
_UNKNOWN_MOMENT = datetime(1970, 1, 1, tzinfo=UTC)
#: Headers that HTTP/2 has for what stands elsewhere.
_PSEUDO = frozenset({":authority", ":method", ":path", ":scheme", ":status"})

# -- writing -----------------------------------------------------------------------------


def pieces(head: Header, exchanges: Iterator[Exchange], files: SideFiles | None, creator: str) -> Iterator[str]:
    """Yield the text of a HAR, one exchange at a time. `creator`: name and version of the program.

    Raises CassetteError when a body beside the cassette cannot be read.
    """
    name, _, version = creator.partition(" ")
    own = {"recorded_with": head.recorded_with, "recorded_at": head.recorded_at, "daemon": dict(head.daemon)}
    about = {"version": "1.2", "creator": {"name": name, "version": version}, "_fakedocker": own, "pages": []}
    yield '{"log": {\n' + "".join(f"{json.dumps(key)}: {json.dumps(value)},\n" for key, value in about.items())
    yield '"entries": ['
    began = _began(head)
    for number, exchange in enumerate(exchanges):
        yield f"{',' if number else ''}\n{json.dumps(_entry(exchange, began, files), indent=1)}"
    yield "\n]}}\n"


def _began(head: Header) -> datetime:
    try:
        return moment_of(head.recorded_at, "recorded_at")
    except ForeignError:
        return _UNKNOWN_MOMENT


def _entry(exchange: Exchange, began: datetime, files: SideFiles | None) -> dict[str, Any]:
    total = round(exchange.duration * 1000, 3)
    wait = min(total, round(_first(exchange) * 1000, 3))
    own = {"id": exchange.id, "connection": exchange.connection, "end": exchange.end}
    entry: dict[str, Any] = {
        "startedDateTime": _moment(began, exchange.start),
        "time": total,
        "connection": str(exchange.connection),
        "request": _request(exchange, files),
        "response": _response(exchange, files),
        "cache": {},
        "timings": {"send": 0, "wait": wait, "receive": round(total - wait, 3)},
        "_fakedocker": own,
    }
    return entry | ({"comment": exchange.note} if exchange.note else {})


def _moment(began: datetime, start: float) -> str:
    try:
        moment = began + timedelta(seconds=start)
    except OverflowError:
        raise CassetteError(f"{start:g} seconds after {began.isoformat()} there is no date") from None
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")


def _first(exchange: Exchange) -> float:
    """Return after how many seconds the first byte of the answer's body had come."""
    if exchange.response is None or not isinstance(exchange.response.body, Stream):
        return exchange.duration
    times = (frame.time for frame in exchange.response.body.frames if frame.direction == "out")
    return next(times, exchange.duration)


def _request(exchange: Exchange, files: SideFiles | None) -> dict[str, Any]:
    request = exchange.request
    data = _data(request.body, files)
    host = header(request.headers, "host")
    query = f"?{urlencode(request.query, errors='replace')}" if request.query else ""
    origin = f"http://{host if _HOST.fullmatch(host) else 'localhost'}"
    entry: dict[str, Any] = {
        "method": request.method,
        "url": f"{origin}{quote(request.path, safe=_OF_A_PATH, errors='replace')}{query}",
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _pairs(request.headers),
        "queryString": _pairs(request.query),
        "headersSize": -1,
        "bodySize": len(data),
    }
    if not isinstance(request.body, Empty):
        said = {"mimeType": header(request.headers, "content-type"), "params": []} | _content(request.body, data)
        entry["postData"] = said | _frames(request.body, exchange, "request")
    return entry


def _response(exchange: Exchange, files: SideFiles | None) -> dict[str, Any]:
    response = exchange.response
    if response is None:  # as Chrome says it
        response, data = Response(0), b""
    else:
        data = _data(response.body, files)
    content = {"size": len(data), "mimeType": header(response.headers, "content-type")}
    return {
        "status": response.status,
        "statusText": response.reason,
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _pairs(response.headers),
        "content": content | _content(response.body, data) | _frames(response.body, exchange, "response"),
        "redirectURL": header(response.headers, "location"),
        "headersSize": -1,
        "bodySize": len(data),
    }


def _pairs(pairs: Fields) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in pairs]


def _data(body: Body, files: SideFiles | None) -> bytes:
    match body:
        case File(_, size):
            if files is None or size > LONGEST_BODY:
                raise CassetteError(f"a body of {size} bytes is too large for a HAR")
            return files.read(body)
        case Stream():
            # What the client sent on a connection that was taken over is in `_stream` only.
            ways = ("out",) if body.kind == "hijack" else ("in", "out")
            return b"".join(frame_data(body, frame) for frame in body.frames if frame.direction in ways)
    return data_of(body)


def _content(body: Body, data: bytes) -> dict[str, Any]:
    try:
        text = body.text if isinstance(body, Text) else data.decode()
    except UnicodeDecodeError:
        return {"text": base64.b64encode(data).decode(), "encoding": "base64"}
    return {"text": text}


def _frames(body: Body, exchange: Exchange, where: str) -> dict[str, Any]:
    return {"_stream": document(exchange)[where]["body"]["stream"]} if isinstance(body, Stream) else {}


# -- reading -----------------------------------------------------------------------------


def of_har(data: bytes) -> Cassette:
    """Return the session that a HAR tells of. Members that are not known are passed over, as HAR asks for.

    Raises ForeignError for what cannot be a session: another version, an encoding that is not known, WebSockets.
    """
    value = read_json(text_of(data))
    log = _mapping(value.get("log") if isinstance(value, dict) else None, "log")
    version = _text(log, "version", "log", "1.1")
    if version not in VERSIONS:
        raise ForeignError(f"this is a HAR of version {version[:20]}; those read are {', '.join(VERSIONS)}")
    entries = log.get("entries")
    if not isinstance(entries, list):
        raise ForeignError("entries of the log is no list")
    connections: dict[str, int] = {}
    dated = [_dated(entry, number, connections) for number, entry in enumerate(entries, 1)]
    own = log.get("_fakedocker")
    if isinstance(own, dict):
        return Cassette(_header(own), _numbered(_since(dated, own), entries))
    exchanges, recorded_at = session(dated)
    creator = _mapping(log.get("creator") or {}, "creator of the log")
    program = f"{_text(creator, 'name', 'creator', '')} {_text(creator, 'version', 'creator', '')}".strip()
    return Cassette(Header(program, recorded_at), exchanges)


def _header(own: Mapping[str, Any]) -> Header:
    daemon = _mapping(own.get("daemon") or {}, "daemon")
    return Header(
        _text(own, "recorded_with", "the log", ""),
        _text(own, "recorded_at", "the log", ""),
        {name: _text(daemon, name, "daemon") for name in daemon},
    )


def _since(dated: list[Dated], own: Mapping[str, Any]) -> list[Exchange]:
    """Return exchanges with their times since the recording that was written as this HAR began."""
    exchanges, first = session(dated)
    if not first:
        return exchanges
    began = _began(_header(own))
    ahead = max(0.0, (moment_of(first, "startedDateTime") - began).total_seconds())
    return [replace(exchange, start=round(exchange.start + ahead, 6)) for exchange in exchanges]


def _numbered(exchanges: list[Exchange], entries: list[Any]) -> list[Exchange]:
    """Return exchanges with the numbers that they had, if all of them say so."""
    owns = [entry.get("_fakedocker") for entry in entries]
    numbers = [(own.get("id"), own.get("connection")) for own in owns if isinstance(own, dict)]
    known = [(one, two) for one, two in numbers if isinstance(one, int) and isinstance(two, int) and min(one, two) >= 0]
    if len(known) < len(exchanges) or len(dict(known)) < len(exchanges):
        return exchanges
    return [
        replace(exchange, id=identity, connection=connection)
        for exchange, (identity, connection) in zip(exchanges, known, strict=True)
    ]


def _dated(value: Any, number: int, connections: dict[str, int]) -> Dated:
    where = f"entry {number}"
    entry = _mapping(value, where)
    if "_webSocketMessages" in entry:
        raise ForeignError(f"{where} is a WebSocket, which Docker's own connections are not")
    moment = moment_of(_text(entry, "startedDateTime", where), f"startedDateTime of {where}")
    duration = round(number_of(entry.get("time") or 0, f"time of {where}") / 1000, 6)
    own = _mapping(entry.get("_fakedocker") or {}, f"_fakedocker of {where}")
    name = _text(entry, "connection", where, "")
    connection = connections.setdefault(name, len(connections) + 1)
    asked = _mapping(entry.get("request"), f"the request of {where}")
    answered = _mapping(entry.get("response"), f"the response of {where}")
    response, lost = _answer_of(answered, f"the response of {where}", duration)
    end = _text(own, "end", where, "complete" if response is not None else "reset")
    if end not in get_args(End):
        raise ForeignError(f"end of {where} is one of {', '.join(get_args(End))}")
    note = lost or _text(entry, "comment", where, "")
    exchange = Exchange(
        number,
        connection,
        0.0,
        duration,
        _request_of(asked, f"the request of {where}"),
        response,
        next(one for one in get_args(End) if one == end),
        note,
    )
    return Dated(exchange, moment)


def _request_of(asked: Mapping[str, Any], where: str) -> Request:
    post = _mapping(asked.get("postData") or {}, f"postData of {where}")
    headers = _fields(asked, where, post)
    request = request_of(_text(asked, "method", where), _text(asked, "url", where), headers, _sent(post, where), where)
    stream = _stream_of(post, where)
    return request if stream is None else replace(request, headers=headers, body=stream)


def _sent(post: Mapping[str, Any], where: str) -> bytes:
    if post.get("text") is None and post.get("params"):
        if not _text(post, "mimeType", where, "").startswith("application/x-www-form-urlencoded"):
            raise ForeignError(f"postData of {where} has parameters and no text, as of a form: that is not converted")
        params = [_mapping(one, f"a parameter of {where}") for one in _list(post, "params", where)]
        return urlencode([(_text(one, "name", where), _text(one, "value", where, "")) for one in params]).encode()
    return _bytes(post, where)


def _answer_of(answered: Mapping[str, Any], where: str, duration: float) -> tuple[Response | None, str]:
    """Return an answer, and what a reader should know of it."""
    status = number_of(answered.get("status"), f"status of {where}")
    if status == 0:
        return None, ""
    if status != int(status) or not 100 <= status <= 999:
        raise ForeignError(f"status of {where} is no status of HTTP")
    content = _mapping(answered.get("content") or {}, f"content of {where}")
    headers = _fields(answered, where, content)
    data = _bytes(content, where)
    response = response_of(int(status), _text(answered, "statusText", where, ""), headers, data, where, duration)
    stream = _stream_of(content, where)
    if stream is not None:
        response = replace(response, headers=headers, body=stream)
    size = content.get("size")
    is_lost = "text" not in content and isinstance(size, int) and size > 0
    return response, f"a body of {size} bytes was not in the HAR" if is_lost else ""


def _fields(message: Mapping[str, Any], where: str, content: Mapping[str, Any]) -> Fields:
    pairs = []
    for item in _list(message, "headers", where):
        one = _mapping(item, f"a header of {where}")
        name = _text(one, "name", f"a header of {where}")
        if name not in _PSEUDO:
            pairs.append((name, _text(one, "value", f"a header of {where}", "")))
    said = _text(content, "mimeType", where, "")
    is_there = any(name.lower() == "content-type" for name, _ in pairs)
    if said and not is_there and content.get("text") and said != "x-unknown":
        pairs.append(("Content-Type", said))
    return tuple(pairs)


def _bytes(content: Mapping[str, Any], where: str) -> bytes:
    text, encoding = _text(content, "text", where, ""), _text(content, "encoding", where, "")
    if encoding == "":
        return text.encode("utf-8", "replace")
    if encoding != "base64":
        raise ForeignError(f"the body of {where} is in an encoding that is not known: {encoding[:40]}")
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        raise ForeignError(f"the body of {where} is not base64") from None


def _stream_of(content: Mapping[str, Any], where: str) -> Stream | None:
    """Return the frames that stand in a member of ours."""
    if "_stream" not in content:
        return None
    around = {
        "id": 1,
        "connection": 1,
        "start": 0,
        "duration": 0,
        "request": {"method": "", "path": "", "body": {"stream": content["_stream"]}},
        "end": "complete",
    }
    try:
        body = read_exchange(compose(safeyaml.block(around).encode())).request.body
    except DocumentError as error:
        raise ForeignError(f"_stream of {where}: {error.message}") from None
    except (ValueError, RecursionError):
        raise ForeignError(f"_stream of {where} is nested too deep") from None
    return body if isinstance(body, Stream) else None


def _mapping(value: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise ForeignError(f"{where} is no object" if value is not None else f"there is no {where}")
    return value


def _list(mapping: Mapping[str, Any], name: str, where: str) -> list[Any]:
    value = mapping.get(name)
    if not isinstance(value, list):
        raise ForeignError(f"{name} of {where} is no list")
    return value


def _text(mapping: Mapping[str, Any], name: str, where: str, default: str | None = None) -> str:
    value = mapping.get(name)
    if value is None and default is not None:
        return default
    if not isinstance(value, str):
        raise ForeignError(f"{where} has no {name}" if value is None else f"{name} of {where} is no text")
    return str(value)
