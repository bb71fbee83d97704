"""Sessions as HAR 1.2 and back."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from exchanges import bodies, exchange, fields, texts, times
from hypothesis import given, settings
from hypothesis import strategies as st

from fakedocker.cassettes.bodies import data_of
from fakedocker.cassettes.documents import LONGEST_NAME
from fakedocker.cassettes.foreign import ForeignError, response_of
from fakedocker.cassettes.har import of_har, pieces
from fakedocker.cassettes.model import Body, Bytes, Empty, Exchange, File, Header, Request, Response, Stream, Text
from fakedocker.cassettes.store import load

SESSIONS = sorted((Path(__file__).parents[2] / "cassettes").glob("*.yaml"))
HEADER = Header("recorder 1", "2026-01-01T00:00:00Z", {"version": "20.10"})


def har(*recorded: Exchange, header: Header = HEADER) -> Any:
    return json.loads("".join(pieces(header, iter(recorded), None, "fakedocker 0.1.0")))


def back(value: Any) -> Sequence[Exchange]:
    return of_har(json.dumps(value).encode()).exchanges


# A target as it can stand in the first line of a request.
paths = st.text(st.characters(codec="ascii", min_codepoint=33, exclude_characters="?#\x7f"), max_size=30).map(
    lambda text: f"/{text}"
)
requests = st.builds(Request, st.sampled_from(["GET", "POST", "HEAD"]), paths, fields, fields, bodies)
responses = st.builds(Response, st.integers(100, 599).filter(lambda status: status != 101), texts, fields, bodies)


@given(requests, st.none() | responses, times)
@settings(max_examples=150, deadline=None)
def test_method_path_status_headers_and_bodies_come_back(
    request: Request, response: Response | None, start: float
) -> None:
    one = Exchange(7, 3, start, 0.5, request, response, "complete", "a note")
    [came] = back(har(one))
    asked = came.request
    assert (asked.method, asked.path, asked.query) == (request.method, request.path, request.query)
    assert asked.headers == request.headers
    assert raw(asked.body) == raw(request.body)
    assert (came.id, came.connection, came.start, came.duration) == (7, 3, start, 0.5)
    assert (came.end, came.note) == ("complete", "a note")
    if response is None:
        assert came.response is None
        return
    assert came.response is not None
    assert (came.response.status, came.response.reason) == (response.status, response.reason)
    assert came.response.headers == response.headers
    expected = expected_answer(response)
    assert raw(came.response.body) == raw(expected)


def raw(body: Body) -> object:
    """Return the bytes of a body, and of a stream its frames: what is text and what is JSON may be told otherwise."""
    if isinstance(body, Stream):
        return body
    assert not isinstance(body, File)
    return json_or_bytes(data_of(body))


def json_or_bytes(data: bytes) -> object:
    try:
        return json.loads(data)
    except ValueError:
        return data


def expected_answer(response: Response) -> Body:
    """Return a body as it is told by its bytes and type; a stream is what it was."""
    if isinstance(response.body, Stream | File):
        return response.body
    return response_of(response.status, "", response.headers, data_of(response.body), "x", 0.5).body


@pytest.mark.parametrize("path", SESSIONS, ids=lambda path: path.stem)
def test_the_sessions_that_are_shipped_come_back_as_they_were(path: Path) -> None:
    loaded = load(path)
    text = "".join(pieces(loaded.cassette.header, iter(loaded.cassette.exchanges), loaded.files, "fakedocker 0"))
    came = of_har(text.encode())
    assert came.header == loaded.cassette.header
    for one, before in zip(came.exchanges, loaded.cassette.exchanges, strict=True):
        assert without_files(one) == without_files(before)


def without_files(one: Exchange) -> Exchange:
    is_file = one.response is None or isinstance(one.response.body, File | Bytes)
    one = replace(one, response=None) if is_file else one
    return (
        replace(one, request=replace(one.request, body=Empty())) if isinstance(one.request.body, File | Bytes) else one
    )


def test_it_is_what_others_expect() -> None:
    body = {"Image": "busybox"}
    one = exchange(1, "POST", "/v1.41/containers/create", body, Bytes(b"\xff"), query=[("name", "a b")], start=1.5)
    headers = (("Host", "docker:2375"), ("Content-Type", "application/json"))
    one = replace(one, request=replace(one.request, headers=headers))
    log = har(one)["log"]
    assert log["version"] == "1.2"
    assert log["creator"] == {"name": "fakedocker", "version": "0.1.0"}
    [entry] = log["entries"]
    assert entry["startedDateTime"] == "2026-01-01T00:00:01.500000Z"
    assert entry["time"] == 500
    assert sum(entry["timings"].values()) == 500
    assert entry["request"]["url"] == "http://docker:2375/v1.41/containers/create?name=a+b"
    assert entry["request"]["queryString"] == [{"name": "name", "value": "a b"}]
    assert json.loads(entry["request"]["postData"]["text"]) == body
    assert entry["request"]["postData"]["mimeType"] == "application/json"
    assert entry["response"]["content"] == {"size": 1, "mimeType": "", "text": "/w==", "encoding": "base64"}


#: As a browser writes it.
BROWSER = {
    "log": {
        "version": "1.2",
        "creator": {"name": "WebInspector", "version": "537.36"},
        "pages": [],
        "entries": [
            {
                "startedDateTime": "2026-01-01T00:00:02.5+02:00",
                "time": 12.5,
                "connection": "4711",
                "_initiator": {"type": "other"},
                "request": {
                    "method": "GET",
                    "url": "http://localhost:2375/v1.41/info?x=%20",
                    "httpVersion": "HTTP/2.0",
                    "headers": [{"name": ":authority", "value": "x"}, {"name": "Accept", "value": "*/*"}],
                    "queryString": [],
                    "cookies": [],
                    "headersSize": -1,
                    "bodySize": 0,
                },
                "response": {
                    "status": 200,
                    "statusText": "OK",
                    "httpVersion": "HTTP/2.0",
                    "headers": [{"name": "content-encoding", "value": "gzip"}],
                    "cookies": [],
                    "content": {"size": 9, "mimeType": "application/json", "text": '{"ID":"a"}'},
                    "redirectURL": "",
                    "headersSize": -1,
                    "bodySize": -1,
                },
                "cache": {},
                "timings": {"send": 0.1, "wait": 12, "receive": 0.4},
            }
        ],
    }
}


def browser() -> Any:
    return json.loads(json.dumps(BROWSER))


def test_what_a_browser_wrote_is_a_session() -> None:
    cassette = of_har(b"\xef\xbb\xbf" + json.dumps(BROWSER).encode())
    assert (cassette.header.recorded_with, cassette.header.recorded_at) == (
        "WebInspector 537.36",
        "2025-12-31T22:00:02.500000Z",
    )
    [one] = cassette.exchanges
    assert one.request == Request("GET", "/v1.41/info", (("x", " "),), (("Accept", "*/*"),))
    assert one.duration == 0.0125
    assert one.response is not None
    assert one.response.headers == (("Content-Type", "application/json"),)


def entry_of(value: Any) -> Any:
    return value["log"]["entries"][0]


def test_what_never_got_an_answer_has_none() -> None:
    value = browser()
    entry_of(value)["response"]["status"] = 0
    [one] = back(value)
    assert (one.response, one.end) == (None, "reset")


def test_a_body_that_is_not_there_is_noted() -> None:
    value = browser()
    del entry_of(value)["response"]["content"]["text"]
    assert back(value)[0].note == "a body of 9 bytes was not in the HAR"


def test_a_form_is_what_it_was_on_the_wire() -> None:
    value = browser()
    params = [{"name": "a b", "value": "1"}]
    entry_of(value)["request"]["postData"] = {"mimeType": "application/x-www-form-urlencoded", "params": params}
    assert back(value)[0].request.body == Text("a+b=1")


@pytest.mark.parametrize(
    ("place", "new", "why"),
    [
        (["log"], None, "there is no log"),
        (["log", "version"], "2.0", "this is a HAR of version 2.0"),
        (["log", "entries"], {}, "entries of the log is no list"),
        (["log", "entries", 0, "_webSocketMessages"], [], "entry 1 is a WebSocket"),
        (["log", "entries", 0, "startedDateTime"], "now", "startedDateTime of entry 1 is no moment"),
        (["log", "entries", 0, "time"], -1, "time of entry 1 is no number"),
        (["log", "entries", 0, "request"], None, "there is no the request|the request of entry 1"),
        (["log", "entries", 0, "request", "headers"], None, "headers of .* is no list"),
        (["log", "entries", 0, "request", "url"], 7, "url of .* is no text"),
        (["log", "entries", 0, "request", "postData"], {"params": [{}]}, "parameters and no text"),
        (["log", "entries", 0, "response", "status"], 7, "no status of HTTP"),
        (["log", "entries", 0, "response", "content", "encoding"], "br", "an encoding that is not known: br"),
        (["log", "entries", 0, "response", "content"], {"text": "!", "encoding": "base64"}, "is not base64"),
        (["log", "entries", 0, "response", "content", "_stream"], {"kind": "x"}, "_stream of .*: kind is one of"),
        (["log", "entries", 0, "response", "content", "_stream"], [], "_stream of .* a stream has to be a mapping"),
        (["log", "entries", 0, "_fakedocker"], {"end": "x"}, "end of entry 1 is one of"),
        (["log", "_fakedocker"], {"daemon": {"version": 7}}, "version of daemon is no text"),
    ],
    ids=lambda one: str(one)[-40:],
)
def test_what_is_no_session_is_refused(place: list[Any], new: Any, why: str) -> None:
    value = browser()
    inner = value
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = new
    with pytest.raises(ForeignError, match=why):
        back(value)


@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=5),
        lambda one: (
            st.lists(one)
            | st.dictionaries(
                st.sampled_from(
                    ["request", "response", "status", "headers", "content", "postData", "text", "_stream", "time"]
                ),
                one,
            )
        ),
    )
)
@settings(max_examples=40, deadline=None)
def test_whatever_an_entry_is_it_is_read_or_refused(entry: Any) -> None:
    for value in (entry, {**entry_of(browser()), **entry} if isinstance(entry, dict) else entry):
        with contextlib.suppress(ForeignError):
            back({"log": {"entries": [value]}})


def test_a_name_of_any_length_comes_back() -> None:
    one = exchange(1, "GET", "/", query=[("n" * (LONGEST_NAME + 1), "1")])
    assert back(har(one))[0].request.query == one.request.query
