"""Heads, bodies and framing, without a socket."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakedocker.server.http1 import (
    BadRequestError,
    Body,
    DateLine,
    Framing,
    Request,
    ResponseHead,
    find_end_of_head,
    parse_head,
    response_head,
)


def head(*lines: str, start: str = "GET / HTTP/1.1", host: bool = True) -> bytes:
    return "\r\n".join([start, *(["Host: h"] if host else []), *lines, "", ""]).encode("latin-1")


def refusal(data: bytes) -> str:
    with pytest.raises(BadRequestError) as caught:
        parse_head(data)
    return str(caught.value)


# --- heads ---


def test_a_head_becomes_the_names_of_wsgi() -> None:
    request = parse_head(head("X-Registry-Auth: abc", "Content-Type: a/b", "Content-Length: 3", "Empty:"))
    assert request.fields == {
        "HTTP_HOST": "h",
        "HTTP_X_REGISTRY_AUTH": "abc",
        "CONTENT_TYPE": "a/b",
        "CONTENT_LENGTH": "3",
        "HTTP_EMPTY": "",
    }
    assert request.length == 3


def test_repeated_headers_are_joined() -> None:
    fields = parse_head(head("A: 1", "a: 2", "Cookie: x", "Cookie: y", "A: 3")).fields
    assert fields["HTTP_A"] == "1, 2, 3"
    assert fields["HTTP_COOKIE"] == "x; y"


def test_a_hundred_thousand_repeated_headers_are_read_in_linear_time() -> None:
    assert len(parse_head(head(*["a: b"] * 100_000)).fields["HTTP_A"]) == 3 * 100_000 - 2


def test_a_header_with_an_underscore_cannot_pose_as_one_with_a_dash() -> None:
    assert "HTTP_X_A" not in parse_head(head("X_A: spoofed")).fields


@pytest.mark.parametrize(
    ("target", "path", "query"),
    [
        ("/", "/", ""),
        ("/a%20b%2Fc?x=%20y", "/a b/c", "x=%20y"),
        ("/%C3%A9", "/\u00c3\u00a9", ""),
        ("/a?b?c", "/a", "b?c"),
        ("//double", "//double", ""),
        ("http://host:80/a?b", "/a", "b"),
        ("HTTP://host", "/", ""),
        ("http://host?q", "/", "q"),
        ("/http://x/", "/http://x/", ""),
    ],
)
def test_a_target_is_split(target: str, path: str, query: str) -> None:
    request = parse_head(head(start=f"GET {target} HTTP/1.1"))
    assert (request.target, request.path, request.query) == (target, path, query)


def test_options_may_ask_for_the_whole_server() -> None:
    assert parse_head(head(start="OPTIONS * HTTP/1.1")).path == "*"


@pytest.mark.parametrize(
    "start",
    [
        "GET",
        "GET /",
        "GET  / HTTP/1.1",
        "GET / HTTP/1.1 ",
        "GET / b HTTP/1.1",
        " GET / HTTP/1.1",
        "G@T / HTTP/1.1",
        "GET * HTTP/1.1",
        "GET relative HTTP/1.1",
        "GET ftp://host/ HTTP/1.1",
        "GET /%zz HTTP/1.1",
        "GET /%2 HTTP/1.1",
        "GET /\x7f HTTP/1.1",
        "GET / http/1.1",
        "GET / HTTP/1.12",
        "GET / HTTP/x",
    ],
)
def test_a_malformed_request_line_is_a_bad_request(start: str) -> None:
    assert refusal(head(start=start)).startswith("400 Bad Request")


@pytest.mark.parametrize("version", ["HTTP/2.0", "HTTP/0.9", "HTTP/1.2", "HTTP/3.0"])
def test_other_versions_are_not_supported(version: str) -> None:
    assert refusal(head(start=f"PRI * {version}")).startswith("505 HTTP Version Not Supported")


@pytest.mark.parametrize(
    "line",
    [
        "no colon",
        "space before : x",
        "A : x",
        ": x",
        " folded: x",
        "A: b\0c",
        "A: b\x1fc",
        "A: b\rc",
        "A: b\nc",
        "(: x",
    ],
)
def test_a_malformed_header_is_a_bad_request(line: str) -> None:
    assert refusal(head(line)) == "400 Bad Request"
    assert refusal(head("Good: x", line, "Good: y")) == "400 Bad Request"


def test_a_tab_in_a_value_is_fine() -> None:
    assert parse_head(head("A:\tb\tc\t")).fields["HTTP_A"] == "b\tc"


def test_a_host_is_required_once_in_http_1_1() -> None:
    assert refusal(head(host=False)) == "400 Bad Request: missing required Host header"
    assert refusal(head("Host: other")) == "400 Bad Request: too many Host headers"
    assert parse_head(head(start="GET / HTTP/1.0", host=False)).version == "HTTP/1.0"
    assert parse_head(head("Host:", host=False)).fields["HTTP_HOST"] == ""


@pytest.mark.parametrize(
    "lines",
    [
        ["Content-Length: 3", "Transfer-Encoding: chunked"],
        ["Content-Length: 3", "Content-Length: 4"],
        ["Content-Length: -1"],
        ["Content-Length: +1"],
        ["Content-Length: 1, 1"],
        ["Content-Length: 1_0"],
        ["Content-Length: \xb2"],
        ["Content-Length:"],
        ["Content-Length: 0x10"],
        ["Content-Length: 9223372036854775808"],
        ["Content-Length: " + "9" * 5000],
    ],
)
def test_an_ambiguous_length_is_a_bad_request(lines: list[str]) -> None:
    assert refusal(head(*lines)) == "400 Bad Request"


def test_the_same_length_twice_is_accepted() -> None:
    assert parse_head(head("Content-Length: 3", "Content-Length: 3")).length == 3


def test_chunked_is_the_only_transfer_encoding() -> None:
    assert parse_head(head("Transfer-Encoding: Chunked")).length == -1
    for coding in ("gzip", "gzip, chunked", "identity", ""):
        assert refusal(head(f"Transfer-Encoding: {coding}")).startswith("501 Not Implemented")
    assert refusal(head("Transfer-Encoding: chunked", start="GET / HTTP/1.0")) == "400 Bad Request"


def test_the_only_known_expectation_is_100_continue() -> None:
    assert parse_head(head("Expect: 100-Continue")).expects_continue
    assert refusal(head("Expect: miracles")).startswith("417 Expectation Failed")


@pytest.mark.parametrize(
    ("version", "connection", "keep"),
    [
        ("1.1", None, True),
        ("1.1", "close", False),
        ("1.1", "Upgrade, Close", False),
        ("1.1", "Upgrade", True),
        ("1.0", None, False),
        ("1.0", "Keep-Alive", True),
    ],
)
def test_who_keeps_the_connection(version: str, connection: str | None, keep: bool) -> None:
    lines = [f"Connection: {connection}"] if connection else []
    assert parse_head(head(*lines, start=f"GET / HTTP/{version}")).keep_alive is keep


def test_the_end_of_a_head_is_found_however_it_is_split() -> None:
    whole = head("A: b") + b"body"
    for split in range(1, len(whole)):
        buffer = bytearray(whole[:split])
        end = find_end_of_head(buffer, 0, 1000)
        if end < 0:
            buffer += whole[split:]
            end = find_end_of_head(buffer, split, 1000)
        assert end == len(whole) - len(b"body")


@pytest.mark.parametrize("start", [b"\x16\x03\x01", b"GET / HTTP/1.1\nHost: x\n", b"\0", b" GET"])
def test_what_can_be_no_head_is_refused_before_it_ends(start: bytes) -> None:
    with pytest.raises(BadRequestError, match="400 Bad Request"):
        find_end_of_head(bytearray(start), 0, 1000)


def test_a_bare_line_feed_is_noticed_across_a_split() -> None:
    assert find_end_of_head(bytearray(b"GET / HTTP/1.1\r"), 0, 1000) == -1
    assert find_end_of_head(bytearray(b"GET / HTTP/1.1\r\n"), 15, 1000) == -1
    with pytest.raises(BadRequestError):
        find_end_of_head(bytearray(b"GET / HTTP/1.1x\n"), 15, 1000)


def test_a_head_above_the_limit_is_refused() -> None:
    data = head("A: " + "x" * 100)
    assert find_end_of_head(bytearray(data), 0, len(data)) == len(data)
    for piece in (data, data[:-4]):
        with pytest.raises(BadRequestError, match="431 Request Header Fields Too Large"):
            find_end_of_head(bytearray(piece), 0, len(piece) - 1)


@given(st.binary(max_size=200))
def test_no_head_raises_anything_but_a_bad_request(data: bytes) -> None:
    for candidate in (data + b"\r\n\r\n", b"GET / HTTP/1.1\r\nHost: x\r\n" + data + b"\r\n\r\n"):
        with contextlib.suppress(BadRequestError):
            assert isinstance(parse_head(candidate), Request)


# --- bodies ---


class Line:
    """The far end of a body: gives at most `step` bytes at a time and then the end of the stream."""

    def __init__(self, data: bytes, step: int) -> None:
        self.data = data
        self.step = step

    def receive(self, size: int) -> bytes:
        size = min(size, self.step)
        taken, self.data = self.data[:size], self.data[size:]
        return taken

    def receive_into(self, view: memoryview) -> int:
        data = self.receive(len(view))
        view[: len(data)] = data
        return len(data)


def body(data: bytes, length: int, step: int = 65536, early: int = 0) -> tuple[Body, bytearray, Line]:
    line = Line(data[early:], step)
    buffer = bytearray(data[:early])
    return Body(length, buffer, line.receive, line.receive_into), buffer, line


def read_all(body: Body) -> bytes:
    return body.read()


def read_in_threes(body: Body) -> bytes:
    return b"".join(iter(lambda: body.read(3), b""))


def read_into(body: Body) -> bytes:
    target, parts = bytearray(5), []
    while size := body.readinto(target):
        parts.append(bytes(target[:size]))
    return b"".join(parts)


def read_lines(body: Body) -> bytes:
    return b"".join(body)


READERS = [read_all, read_in_threes, read_into, read_lines]
CHUNKED = b"6\r\nhe\nllo\r\n0A; ext=1\r\n, world!!\n\r\n1 \r\nx\r\n0\r\nTrailer: y\r\n\r\n"
PLAIN = b"he\nllo, world!!\nx"


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("step", [1, 2, 7, 65536])
def test_a_chunked_body_reads_the_same_however_it_arrives(reader: Callable[[Body], bytes], step: int) -> None:
    for early in range(len(CHUNKED) + 1):
        subject, buffer, line = body(CHUNKED + b"NEXT", -1, step, early)
        assert reader(subject) == PLAIN
        assert subject.ended
        assert bytes(buffer) + line.data == b"NEXT"
        assert subject.read() == b""


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("early", [0, 1, 5, 17, 20])
def test_a_body_with_a_length_ends_there(reader: Callable[[Body], bytes], early: int) -> None:
    subject, buffer, line = body(PLAIN + b"NEXT", len(PLAIN), 4, early)
    assert reader(subject) == PLAIN
    assert bytes(buffer) + line.data == b"NEXT"


def test_lines_are_read_one_by_one_and_bounded() -> None:
    subject, _, _ = body(CHUNKED, -1, 3)
    assert subject.readline() == b"he\n"
    assert subject.readline(2) == b"ll"
    assert subject.readline() == b"o, world!!\n"
    assert subject.readline() == b"x"
    assert subject.readline() == b""


def test_no_body_is_read_without_waiting() -> None:
    subject = Body(0, bytearray(b"NEXT"), pytest.fail, pytest.fail)
    assert subject.read() == b""
    assert subject.readline() == b""


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"xyz\r\n", "invalid byte in chunk length"),
        (b"-5\r\nhello\r\n0\r\n\r\n", "invalid byte in chunk length"),
        (b"0x5\r\nhello\r\n0\r\n\r\n", "invalid byte in chunk length"),
        (b"5 5\r\nhello\r\n0\r\n\r\n", "invalid byte in chunk length"),
        (b"\r\n", "malformed chunked encoding"),
        (b";ext\r\n", "malformed chunked encoding"),
        (b"11111111111111111\r\n", "malformed chunked encoding"),
        (b"ffffffffffffffff\r\n", "malformed chunked encoding"),
        (b"5\nhello\r\n0\r\n\r\n", "malformed chunked encoding"),
        (b"5\r\nhelloo\r\n0\r\n\r\n", "malformed chunked encoding"),
        (b"5\r\nhello0\r\n\r\n", "malformed chunked encoding"),
        (b"5;" + b"x" * 5000 + b"\r\nhello\r\n0\r\n\r\n", "malformed chunked encoding"),
        (b"1" * 5000, "malformed chunked encoding"),
        (b"0\r\n" + b"A: b\r\n" * 20000 + b"\r\n", "malformed chunked encoding"),
        (b"5\r\nhel", "unexpected EOF"),
        (b"5\r\nhello\r\n", "unexpected EOF"),
        (b"5\r\nhello\r\n0\r\n", "unexpected EOF"),
        (b"", "unexpected EOF"),
    ],
)
@pytest.mark.parametrize("reader", READERS)
def test_a_broken_chunked_body_raises_at_every_read(reader: Callable[[Body], bytes], data: bytes, text: str) -> None:
    subject, _, _ = body(data, -1, 100)
    for _ in range(2):
        with pytest.raises(ValueError, match=f"^{text}$"):
            reader(subject)


def test_a_body_cut_short_is_an_unexpected_end() -> None:
    subject, _, _ = body(b"abc", 5)
    with pytest.raises(ValueError, match=r"^unexpected EOF$"):
        subject.read()


def test_reading_a_body_takes_bounded_memory() -> None:
    size = 1 << 40

    def endless(view: memoryview) -> int:
        return len(view)

    buffer = bytearray()
    subject = Body(size, buffer, lambda size: bytes(size), endless)
    for _ in range(20):
        assert len(subject.read(100)) == 100
        assert subject.readinto(bytearray(1 << 16)) > 0
        assert len(buffer) <= 1 << 16


def test_the_client_is_invited_once_and_only_when_somebody_waits() -> None:
    invitations: list[str] = []
    line = Line(b"cd", 100)
    subject = Body(4, bytearray(b"ab"), line.receive, line.receive_into, lambda: invitations.append("!"))
    assert not subject.invited
    assert subject.read(2) == b"ab"
    assert invitations == []
    assert subject.read(2) == b"cd"
    assert invitations == ["!"]
    assert subject.invited


def test_a_sealed_body_does_not_touch_what_comes_next() -> None:
    subject, buffer, line = body(b"bodyNEXT", 4, early=8)
    subject.read(2)
    subject.seal()
    assert subject.read() == b""
    assert subject.readline() == b""
    assert (bytes(buffer), line.data) == (b"dyNEXT", b"")


def test_draining_stops_at_its_limit() -> None:
    assert body(b"x" * 100, 100)[0].drain(100)
    assert not body(b"x" * 101, 101)[0].drain(100)
    assert not body(b"65\r\n" + b"x" * 101 + b"\r\n0\r\n\r\n", -1)[0].drain(100)
    assert not body(b"broken", -1)[0].drain(100)


# --- responses ---


def framing(
    *fields: tuple[str, str],
    status: str = "200 OK",
    method: str = "GET",
    version: str = "1.1",
    total: int | None = None,
    asked: tuple[str, ...] = (),
) -> Framing:
    request = parse_head(head(*asked, start=f"{method} / HTTP/{version}"))
    return Framing(request, ResponseHead(status, fields), total=total, keep_alive=True, date="Date: now")


def test_a_known_size_becomes_the_length() -> None:
    subject = framing(total=5)
    assert subject.head == b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nDate: now\r\n\r\n"
    assert subject.wrap(b"hello") == (b"hello",)
    assert subject.end() == b""
    assert subject.keep_alive


def test_an_unknown_size_goes_in_chunks() -> None:
    subject = framing()
    assert b"Transfer-Encoding: chunked\r\n" in subject.head
    assert b"".join(subject.wrap(b"0123456789abcdef")) == b"10\r\n0123456789abcdef\r\n"
    assert subject.wrap(b"") == ()
    assert subject.end() == b"0\r\n\r\n"


def test_http_1_0_ends_a_body_of_unknown_size_with_the_connection() -> None:
    subject = framing(version="1.0", asked=("Connection: keep-alive",))
    assert subject.head == b"HTTP/1.0 200 OK\r\nDate: now\r\nConnection: close\r\n\r\n"
    assert not subject.keep_alive
    kept = framing(version="1.0", asked=("Connection: keep-alive",), total=1)
    assert b"Connection: keep-alive\r\n" in kept.head
    assert kept.keep_alive


@pytest.mark.parametrize("status", ["204 No Content", "304 Not Modified"])
def test_some_answers_have_neither_body_nor_length(status: str) -> None:
    subject = framing(("Content-Length", "3"), status=status, total=3)
    assert b"Content-Length" not in subject.head
    assert b"Transfer-Encoding" not in subject.head
    assert subject.wrap(b"abc") == ()
    assert subject.end() == b""
    assert subject.keep_alive


def test_head_tells_the_length_and_sends_nothing() -> None:
    assert b"Content-Length: 3\r\n" in framing(("Content-Length", "3"), method="HEAD").head
    assert b"Content-Length: 3\r\n" in framing(method="HEAD", total=3).head
    for nothing_known in (framing(method="HEAD", total=0), framing(method="HEAD")):
        assert nothing_known.head == b"HTTP/1.1 200 OK\r\nDate: now\r\n\r\n"
        assert nothing_known.wrap(b"abc") == ()
        assert nothing_known.keep_alive


def test_a_body_is_cut_at_the_promised_length() -> None:
    subject = framing(("Content-Length", "3"))
    assert subject.wrap(b"ab") + subject.wrap(b"cd") == (b"ab", b"c")
    subject.end()
    assert subject.keep_alive


def test_a_body_that_falls_short_ends_the_connection() -> None:
    subject = framing(("Content-Length", "3"))
    subject.wrap(b"ab")
    subject.end()
    assert not subject.keep_alive


def test_the_server_alone_decides_about_the_connection_and_the_framing() -> None:
    subject = framing(("Transfer-Encoding", "gzip"), ("Connection", "close"), ("Date", "then"), total=0)
    assert subject.head == b"HTTP/1.1 200 OK\r\nDate: then\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    assert not subject.keep_alive


@pytest.mark.parametrize("value", ["a\r\nInjected: b", "a\nb", "a\rb", "a\0b"])
def test_a_response_header_cannot_break_out_of_its_line(value: str) -> None:
    with pytest.raises(ValueError, match="line break"):
        framing(("A", value))


@pytest.mark.parametrize("status", ["", "OK", "20 OK", "2000 OK", "099 X"])
def test_an_invalid_status_is_refused(status: str) -> None:
    with pytest.raises(ValueError, match="invalid status"):
        response_head(status, [])


def test_the_date_is_written_as_http_wants_it(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 784111777.9
    monkeypatch.setattr("time.time", lambda: now)
    date = DateLine()
    assert date() == "Date: Sun, 06 Nov 1994 08:49:37 GMT"
    assert date() is date()
    now += 1
    assert date() == "Date: Sun, 06 Nov 1994 08:49:38 GMT"
