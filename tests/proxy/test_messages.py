"""Reading HTTP as it passes by."""

from __future__ import annotations

import pytest

from fakedocker.proxy.messages import (
    CHUNKED,
    NO_MORE_HTTP,
    UNTIL_CLOSE,
    Data,
    End,
    Event,
    Head,
    MessageReader,
    UnreadableError,
)

CHUNKS = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=1\r\nde\r\n0\r\nT: 1\r\n\r\n"
LENGTH = b"POST /a?b HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nabcde"


def by_fields(head: Head) -> int:
    return head.length or 0


def read(data: bytes, step: int = 1 << 20) -> list[Event]:
    """Read messages that come in pieces; what belongs together is joined."""
    reader = MessageReader(by_fields)
    events: list[Event] = []
    for at in range(0, len(data), step):
        for event in reader.feed(data[at : at + step]):
            last = events[-1] if events else None
            if isinstance(event, Data) and isinstance(last, Data) and not (event.begins and step == 1 << 20):
                events[-1] = Data(last.data + event.data, last.begins)
            else:
                events.append(event)
    assert not reader.in_message
    return events


def test_a_body_of_known_length_ends_there() -> None:
    head, body, end, following, _ = read(LENGTH + b"GET /b HTTP/1.1\r\n\r\n")
    assert isinstance(head, Head)
    assert head.request_line == ("POST", "/a?b")
    assert (body, end) == (Data(b"abcde", True), End())
    assert isinstance(following, Head)
    assert following.request_line == ("GET", "/b")


def test_chunks_are_told_apart_and_trailers_read() -> None:
    head, *rest = read(CHUNKS)
    assert isinstance(head, Head)
    assert head.status == (200, "OK")
    assert rest == [Data(b"abc", True), Data(b"de", True), End((("T", "1"),))]


def test_a_chunk_that_comes_in_pieces_is_one() -> None:
    reader = MessageReader(by_fields)
    middle = CHUNKS.index(b"abc") + 1
    events = [*reader.feed(CHUNKS[:middle]), *reader.feed(CHUNKS[middle:])]
    assert [event for event in events if isinstance(event, Data)][:2] == [Data(b"a", True), Data(b"bc", False)]


@pytest.mark.parametrize("step", range(1, 12))
@pytest.mark.parametrize("data", [CHUNKS, LENGTH, LENGTH + CHUNKS + LENGTH, CHUNKS.replace(b"\r\n", b"\n")])
def test_it_does_not_matter_how_the_bytes_come(data: bytes, step: int) -> None:
    whole = [event for event in read(data) if not isinstance(event, Data)]
    bodies = b"".join(event.data for event in read(data) if isinstance(event, Data))
    assert [event for event in read(data, step) if not isinstance(event, Data)] == whole
    assert b"".join(event.data for event in read(data, step) if isinstance(event, Data)) == bodies


def test_what_follows_a_head_without_more_http_is_left() -> None:
    reader = MessageReader(lambda _: NO_MORE_HTTP)
    events = reader.feed(b"HTTP/1.1 101 UPGRADED\r\n\r\nraw")
    assert isinstance(next(events), Head)
    assert reader.no_more_http
    assert reader.rest() == b"raw"


def test_a_body_may_end_with_its_connection() -> None:
    reader = MessageReader(lambda _: UNTIL_CLOSE)
    _, data = reader.feed(b"HTTP/1.1 200 OK\r\n\r\nab")
    assert data == Data(b"ab", True)
    assert [*reader.feed(b"cd")] == [Data(b"cd", True)]


def test_names_and_values_stay_as_they_were_written() -> None:
    [head, _] = read(b"GET / HTTP/1.1\r\nhOST:  a b \r\nX: 1\r\n  2\r\nX: 3\r\n\r\n")
    assert isinstance(head, Head)
    assert head.fields == (("hOST", "a b"), ("X", "1 2"), ("X", "3"))
    assert head.value("x") == "1 2, 3"


@pytest.mark.parametrize(
    ("fields", "length"),
    [
        ("", None),
        ("Content-Length: 7", 7),
        ("Content-Length: 7\r\nContent-Length: 7", 7),
        ("Transfer-Encoding: gzip, Chunked", CHUNKED),
        ("Transfer-Encoding: chunked\r\nContent-Length: 7", CHUNKED),
        ("Transfer-Encoding: gzip", UNTIL_CLOSE),
    ],
)
def test_the_fields_say_how_long_a_body_is(fields: str, length: int | None) -> None:
    heads: list[Head] = []
    reader = MessageReader(lambda head: heads.append(head) or 0)  # type: ignore[func-returns-value]
    [*reader.feed(f"GET / HTTP/1.1\r\n{fields}\r\n\r\n".encode())]
    assert heads[0].length == length


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        b"GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n",
        b"GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n",
        b"GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1" * 100_000,
        b"GET / HTTP/1.1\r\n" + b"x" * 2_000_000,
    ],
)
def test_what_cannot_be_followed_is_said(data: bytes) -> None:
    with pytest.raises(UnreadableError):
        [*MessageReader(by_fields).feed(data)]


@pytest.mark.parametrize("line", ["", "GET", "GET /", "GET / HTTP/2.0", "HTTP/1.1 200 OK"])
def test_a_first_line_that_is_no_request_is_refused(line: str) -> None:
    with pytest.raises(UnreadableError):
        _ = Head(line, ()).request_line


def test_a_status_needs_no_reason() -> None:
    assert Head("HTTP/1.1 204", ()).status == (204, "")
    with pytest.raises(UnreadableError):
        _ = Head("GET / HTTP/1.1", ()).status
