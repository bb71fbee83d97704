"""Exchanges for the tests of cassettes: any that a recording can hold, and one that reads well."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from fakedocker.cassettes.model import (
    Body,
    Bytes,
    Empty,
    Exchange,
    Frame,
    Json,
    Request,
    Response,
    Stream,
    Text,
)

#: The page that explains the format.
PAGE = Path(__file__).parents[1] / "docs" / "cassettes.md"

#: Text that a YAML file may stumble over.
AWKWARD = [
    *("yes", "no", "null", "~", "1:30", "0x10", "1e5", "123e4567890123", "2001-01-01", "---", "...", "<<", "=", "-"),
    *("a: b", "a #b", "#c", "- d", "!tag", "&a", "*a", "%", "@", "`", "{}", "[]", "'", '"', "\\", "\\u001b", "\ufeff"),
    *(
        "a\nb",
        "a\nb\n",
        "a\nb\n\n",
        " a\nb",
        "a \nb",
        "a\n\tb",
        "\na",
        "a\r\nb",
        "a\x85b\nc",
        "---\nid: 9\n---\n",
        "\x1b[1m",
    ),
]
texts = st.sampled_from(AWKWARD) | st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
names = st.sampled_from(["Content-Type", "X-Any", "a b", "", "n" * 2000]) | texts
times = st.integers(0, 10**12).map(lambda microseconds: microseconds / 10**6)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**80), 2**80) | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=15,
)
contents = values.map(Json) | texts.map(Text) | st.binary(max_size=40).map(Bytes)
frames = st.builds(
    Frame,
    times,
    contents | st.just(Empty()),
    st.sampled_from(["in", "out"]),
    st.sampled_from([None, "stdin", "stdout", "stderr"]),
    st.booleans(),
)
streams = st.builds(
    Stream,
    st.sampled_from(["lines", "multiplexed", "raw", "hijack"]),
    st.lists(frames, max_size=5).map(tuple),
    st.sampled_from(["\n", "\r\n"]),
)
bodies: st.SearchStrategy[Body] = contents | st.just(Empty()) | streams
fields = st.lists(st.tuples(names, texts), max_size=4).map(tuple)
requests = st.builds(Request, texts, texts, fields, fields, bodies)
responses = st.builds(Response, st.integers(100, 599), texts, fields, bodies)
exchanges = st.builds(
    Exchange,
    st.integers(1, 1000),
    st.integers(0, 1000),
    times,
    times,
    requests,
    st.none() | responses,
    st.sampled_from(["complete", "eof", "reset", "half-close", "client-left"]),
    texts,
)


def exchange(number: int, method: str, path: str, sent: Any = None, answer: Any = None, **more: Any) -> Exchange:
    """Return an exchange of JSON; `more`: query, status, connection, start, duration."""
    request = Request(method, path, tuple(more.pop("query", ())), (), Empty() if sent is None else Json(sent))
    body = answer if isinstance(answer, Stream | Text | Bytes | Empty) else Empty() if answer is None else Json(answer)
    response = Response(more.pop("status", 200), "", (), body)
    more = {"connection": 1, "start": float(number), "duration": 0.5, **more}
    return Exchange(number, more["connection"], more["start"], more["duration"], request, response)


def ndjson(*messages: Any) -> Stream:
    """Return a stream of JSON values, one frame each."""
    return Stream("lines", tuple(Frame(number / 10, Json(message)) for number, message in enumerate(messages)))
