"""What passes on one connection becomes exchanges: no sockets, only who said what, and when."""

from __future__ import annotations

import itertools

import pytest

from fakedocker.cassettes.bodies import stream_data
from fakedocker.cassettes.model import Body, Bytes, Empty, Exchange, File, Frame, Json, Request, Stream, Text
from fakedocker.proxy.conversation import HELD_LIMIT, Conversation
from fakedocker.proxy.gathering import READABLE_LIMIT

GET = b"GET /_ping HTTP/1.1\r\nHost: docker\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nOK"
ATTACH = b"POST /containers/x/attach?stdin=1 HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"
UPGRADED = b"HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"
RAW = b"HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\n"
HELLO = b"\1\0\0\0\0\0\0\6hello\n"


class InMemory:
    """A file beside the cassette that is none."""

    def __init__(self) -> None:
        self.data = b""

    def write(self, data: bytes) -> None:
        self.data += data

    def close(self) -> Body:
        return File("sha256:" + "0" * 64, len(self.data))


class Talk:
    """A conversation of which each step takes a second."""

    def __init__(self) -> None:
        self.exchanges: list[Exchange] = []
        self.sizes: list[int] = []
        self.files: list[InMemory] = []
        self.time = 0.0
        numbers = itertools.count(1)
        self.heard: list[Request] = []
        self.conversation = Conversation(7, self, lambda: next(numbers))

    def hear(self, request: Request) -> None:
        self.heard.append(request)

    def keep(self, exchange: Exchange, size: int) -> None:
        self.exchanges.append(exchange)
        self.sizes.append(size)

    def side_file(self, _: str) -> InMemory:
        self.files.append(InMemory())
        return self.files[-1]

    def client(self, data: bytes) -> Talk:
        self.time += 1
        self.conversation.passes(self.time, "in", data)
        return self

    def daemon(self, data: bytes) -> Talk:
        self.time += 1
        self.conversation.passes(self.time, "out", data)
        return self

    def end(self, direction: str, how: str = "eof") -> Talk:
        self.time += 1
        self.conversation.ends(self.time, "in" if direction == "in" else "out", how)  # type: ignore[arg-type]
        return self

    def over(self) -> Exchange:
        self.conversation.is_over(self.time)
        [exchange] = self.exchanges
        return exchange


@pytest.fixture
def talk() -> Talk:
    return Talk()


def frames(exchange: Exchange) -> list[Frame]:
    assert exchange.response is not None
    assert isinstance(exchange.response.body, Stream)
    return list(exchange.response.body.frames)


# -- ordinary exchanges ----------------------------------------------------------------


def test_a_request_and_its_answer_are_an_exchange(talk: Talk) -> None:
    talk.client(b"POST /v1.41/x/create?name=a%20b&y HTTP/1.1\r\nHost: d\r\nContent-Length: 7\r\n\r\n").client(
        b'{"a":1}'
    )
    talk.daemon(b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n").daemon(
        b'{"Id":2}\n'
    )
    [exchange] = talk.exchanges
    request, response = exchange.request, exchange.response
    assert (exchange.id, exchange.connection, exchange.start, exchange.duration) == (1, 7, 1, 3)
    assert (request.method, request.path) == ("POST", "/v1.41/x/create")
    assert request.query == (("name", "a b"), ("y", ""))
    assert request.headers == (("Host", "d"), ("Content-Length", "7"))
    assert request.body == Json({"a": 1})
    assert response is not None
    assert (response.status, response.reason, response.body) == (201, "Created", Json({"Id": 2}))
    assert (exchange.end, exchange.note) == ("complete", "")
    assert talk.sizes == [16]


def test_a_request_is_heard_before_it_is_answered(talk: Talk) -> None:
    talk.client(b"POST /x HTTP/1.1\r\nX: 1\r\nContent-Length: 7\r\n\r\n")
    assert [(request.path, request.body) for request in talk.heard] == [("/x", Empty())]
    talk.client(b'{"a":1}')
    assert talk.heard[-1].body == Json({"a": 1})


def test_pipelined_requests_get_their_own_answers(talk: Talk) -> None:
    talk.client(GET + GET.replace(b"_ping", b"info") + GET[:9]).daemon(OK + OK.replace(b"OK", b"NO")[:-2]).daemon(b"!!")
    talk.client(GET[9:]).daemon(OK)
    assert [exchange.request.path for exchange in talk.exchanges] == ["/_ping", "/info", "/_ping"]
    assert [exchange.response and exchange.response.body for exchange in talk.exchanges] == [
        Text("OK"),
        Text("!!"),
        Text("OK"),
    ]


@pytest.mark.parametrize("step", [1, 2, 7, 50])
def test_it_does_not_matter_how_the_bytes_come(step: int) -> None:
    talk = Talk()
    for at in range(0, 2 * len(GET), step):
        talk.client((GET + GET)[at : at + step])
    for at in range(0, 2 * len(OK), step):
        talk.daemon((OK + OK)[at : at + step])
    assert [exchange.response and exchange.response.body for exchange in talk.exchanges] == [Text("OK")] * 2


def test_an_answer_to_head_has_no_body(talk: Talk) -> None:
    talk.client(GET.replace(b"GET", b"HEAD")).daemon(OK[:-2]).client(GET).daemon(OK)
    assert [exchange.response and exchange.response.body for exchange in talk.exchanges] == [Empty(), Text("OK")]


@pytest.mark.parametrize("status", [b"204 No Content", b"304 Not Modified"])
def test_some_answers_have_no_body_whatever_their_fields_say(talk: Talk, status: bytes) -> None:
    talk.client(GET).daemon(b"HTTP/1.1 " + status + b"\r\nContent-Length: 5\r\n\r\n").client(GET).daemon(OK)
    assert len(talk.exchanges) == 2


def test_100_continue_is_not_the_answer(talk: Talk) -> None:
    talk.client(b"POST /x HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n")
    talk.daemon(b"HTTP/1.1 100 Continue\r\n\r\n").client(b"x").daemon(OK)
    [exchange] = talk.exchanges
    assert exchange.response is not None
    assert (exchange.request.body, exchange.response.status) == (Text("x"), 200)


def test_an_answer_may_come_before_the_question_is_over(talk: Talk) -> None:
    talk.client(b"POST /x HTTP/1.1\r\nContent-Length: 4\r\n\r\nab").daemon(OK)
    assert talk.exchanges == []
    talk.client(b"cd" + GET).daemon(OK)
    assert [exchange.request.body for exchange in talk.exchanges] == [Text("abcd"), Empty()]


def test_a_body_may_end_with_the_connection(talk: Talk) -> None:
    talk.client(GET).daemon(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nab").end("out")
    [exchange] = talk.exchanges
    assert exchange.response is not None
    assert (exchange.response.body, exchange.end) == (Text("ab"), "eof")


# -- streams ---------------------------------------------------------------------------


def chunked(content_type: str, *chunks: bytes) -> list[bytes]:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
    return [head, *(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks), b"0\r\n\r\n"]


def test_progress_is_a_stream_of_values_with_their_times(talk: Talk) -> None:
    talk.client(GET)
    for piece in chunked("application/json", b'{"status":"a"}\r\n', b'{"status":"b"}\r\n'):
        talk.daemon(piece)
    assert frames(talk.exchanges[0]) == [Frame(2, Json({"status": "a"})), Frame(3, Json({"status": "b"}))]


def test_a_long_answer_in_chunks_is_still_one_value(talk: Talk) -> None:
    talk.client(GET)
    for piece in chunked("application/json", b'[{"Id":', b'"x"}]\n'):
        talk.daemon(piece)
    [exchange] = talk.exchanges
    assert exchange.response is not None
    assert exchange.response.body == Json([{"Id": "x"}])


@pytest.mark.parametrize("content_type", ["application/octet-stream", "application/vnd.docker.multiplexed-stream"])
def test_logs_are_taken_apart_by_channel(talk: Talk, content_type: str) -> None:
    talk.client(GET)
    for piece in chunked(content_type, HELLO, HELLO.replace(b"\1", b"\2")):
        talk.daemon(piece)
    assert [(frame.channel, frame.content) for frame in frames(talk.exchanges[0])] == [
        ("stdout", Text("hello\n")),
        ("stderr", Text("hello\n")),
    ]


def test_followed_logs_end_when_their_client_leaves(talk: Talk) -> None:
    talk.client(GET)
    for piece in chunked("application/octet-stream", HELLO)[:-1]:
        talk.daemon(piece)
    talk.end("in").end("in", "gone")
    exchange = talk.over()
    assert exchange.end == "client-left"
    assert frames(exchange)[0].content == Text("hello\n")


def test_a_large_archive_goes_to_a_file_as_it_passes(talk: Talk) -> None:
    piece = bytes(range(256)) * 256
    talk.client(GET)
    for one in chunked("application/x-tar", *[piece] * 4):
        talk.daemon(one)
    [exchange] = talk.exchanges
    assert exchange.response is not None
    assert exchange.response.body == File("sha256:" + "0" * 64, 4 * len(piece))
    assert talk.files[0].data == piece * 4


def test_large_text_is_cut_and_says_so(talk: Talk) -> None:
    line = b"x" * 65535 + b"\n"
    talk.client(GET).daemon(chunked("text/plain")[0])
    for _ in range(READABLE_LIMIT // len(line) + 9):
        talk.daemon(b"%x\r\n%s\r\n" % (len(line), line))
    talk.daemon(b"0\r\n\r\n")
    [exchange] = talk.exchanges
    assert "was cut" in exchange.note
    assert not talk.files


# -- taken over ------------------------------------------------------------------------


@pytest.mark.parametrize("head", [UPGRADED, RAW])
def test_a_connection_that_is_taken_over_has_frames_both_ways(talk: Talk, head: bytes) -> None:
    talk.client(ATTACH + b"ear").client(b"ly").daemon(head).client(b"hi\n").daemon(HELLO + HELLO[:3]).daemon(HELLO[3:])
    exchange = talk.end("in").end("out").over()
    assert frames(exchange) == [
        Frame(0, Text("ear"), "in", "stdin"),
        Frame(1, Text("ly"), "in", "stdin"),
        Frame(3, Text("hi\n"), "in", "stdin"),
        Frame(4, Text("hello\n"), "out", "stdout"),
        Frame(5, Text("hello\n"), "out", "stdout"),
        Frame(6, Empty(), "in", "stdin", ends=True),
        Frame(7, Empty(), "out", ends=True),
    ]
    assert exchange.end == "half-close"
    assert talk.sizes == [8 + 2 * len(HELLO)]


def test_a_refused_upgrade_leaves_http_as_it_was(talk: Talk) -> None:
    talk.client(ATTACH).daemon(OK.replace(b"200 OK", b"404 Not Found")).client(GET).daemon(OK)
    assert [exchange.response and exchange.response.status for exchange in talk.exchanges] == [404, 200]


def test_bytes_behind_a_request_are_the_next_one_unless_it_was_taken_over(talk: Talk) -> None:
    talk.client(ATTACH + GET).daemon(OK).daemon(OK)
    assert [exchange.request.path for exchange in talk.exchanges] == ["/containers/x/attach", "/_ping"]


def test_other_protocols_pass_as_bytes(talk: Talk) -> None:
    h2c = ATTACH.replace(b"tcp", b"h2c")
    noise = b"\0\0\x12\4\0\0\0\0\0\xff"
    talk.client(h2c).daemon(UPGRADED).client(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").daemon(noise)
    exchange = talk.end("in", "gone").over()
    assert exchange.response is not None
    assert isinstance(exchange.response.body, Stream)
    assert stream_data(exchange.response.body) == noise
    assert stream_data(exchange.response.body, "in") == b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
    assert exchange.end == "client-left"


@pytest.mark.parametrize(
    ("endings", "end"),
    [
        ([("in", "eof"), ("out", "eof")], "half-close"),
        ([("out", "eof"), ("in", "eof")], "eof"),
        ([("out", "eof"), ("in", "gone")], "eof"),
        ([("out", "eof"), ("out", "gone")], "eof"),
        ([("out", "reset")], "reset"),
        ([("in", "eof"), ("in", "gone")], "client-left"),
        ([("in", "reset")], "client-left"),
        ([("in", "cut"), ("out", "cut")], "reset"),
        ([("in", "eof"), ("out", "cut")], "reset"),
        ([("out", "eof"), ("in", "cut")], "eof"),
        ([("in", "eof"), ("out", "eof"), ("in", "cut")], "half-close"),
    ],
)
def test_how_a_stream_ended_is_told(talk: Talk, endings: list[tuple[str, str]], end: str) -> None:
    talk.client(ATTACH).daemon(UPGRADED)
    for direction, how in endings:
        talk.end(direction, how)
    assert talk.over().end == end


# -- broken off, and not understood ----------------------------------------------------


def test_a_daemon_that_dies_within_a_frame_leaves_what_came(talk: Talk) -> None:
    exchange = talk.client(ATTACH).daemon(UPGRADED + HELLO + HELLO[:10]).end("out", "reset").over()
    assert exchange.response is not None
    assert isinstance(exchange.response.body, Stream)
    assert stream_data(exchange.response.body) == HELLO + HELLO[:10]
    assert exchange.end == "reset"


def test_a_daemon_that_dies_within_a_body_leaves_what_came(talk: Talk) -> None:
    exchange = talk.client(GET).daemon(OK[:-1]).end("out").over()
    assert exchange.response is not None
    assert (exchange.response.body, exchange.end) == (Text("O"), "reset")


def test_a_daemon_that_never_answers_leaves_no_answer(talk: Talk) -> None:
    exchange = talk.client(GET).end("out").over()
    assert (exchange.response, exchange.end) == (None, "reset")


def test_a_client_that_dies_within_its_question_leaves_what_came(talk: Talk) -> None:
    exchange = talk.client(b"POST /x HTTP/1.1\r\nContent-Length: 9\r\n\r\nabc").end("in", "gone").over()
    assert (exchange.request.body, exchange.response, exchange.end) == (Text("abc"), None, "client-left")


def test_what_is_no_http_is_kept_as_bytes_with_a_note(talk: Talk) -> None:
    exchange = talk.client(b"\x16\3\1\0\xa5\r\n\r\n").daemon(b"\x15\3\1\0\2\2F").end("out").over()
    assert (exchange.request.method, exchange.response) == ("", None)
    assert isinstance(exchange.request.body, Stream)
    assert stream_data(exchange.request.body, "in") == b"\x16\3\1\0\xa5\r\n\r\n"
    assert stream_data(exchange.request.body) == b"\x15\3\1\0\2\2F"
    assert exchange.note.startswith("recorded as bytes: not a request")


def test_a_head_that_never_ends_is_kept(talk: Talk) -> None:
    exchange = talk.client(GET[:-3]).end("in").over()
    assert isinstance(exchange.request.body, Stream)
    assert stream_data(exchange.request.body, "in") == GET[:-3]


def test_an_answer_that_cannot_be_read_is_kept_behind_its_question(talk: Talk) -> None:
    exchange = talk.client(GET).daemon(b"SSH-2.0-x\r\n\r\n").end("out").over()
    assert exchange.request.path == "/_ping"
    assert isinstance(exchange.request.body, Stream)
    assert stream_data(exchange.request.body) == b"SSH-2.0-x\r\n\r\n"
    assert "not an answer" in exchange.note


def test_broken_chunks_do_not_end_the_recording(talk: Talk) -> None:
    talk.client(GET)
    for piece in chunked("text/plain", b"good")[:-1]:
        talk.daemon(piece)
    exchange = talk.daemon(b"no size\r\nmore").end("out").over()
    assert exchange.response is not None
    assert isinstance(exchange.response.body, Stream)
    assert stream_data(exchange.response.body) == b"goodno size\r\nmore"
    assert "not the size of a chunk" in exchange.note


def test_an_answer_without_a_question_is_kept(talk: Talk) -> None:
    exchange = talk.daemon(OK).end("out").over()
    assert "without a question" in exchange.note
    assert isinstance(exchange.request.body, Stream)
    assert stream_data(exchange.request.body) == OK


def test_what_stands_behind_a_request_is_bounded(talk: Talk) -> None:
    talk.client(GET)
    piece = bytes(1 << 20)
    for _ in range(2 + HELD_LIMIT // len(piece)):
        talk.client(piece)
    exchange = talk.end("in").over()
    assert "too much" in exchange.note


def test_bytes_are_bytes(talk: Talk) -> None:
    exchange = talk.client(ATTACH).daemon(UPGRADED).daemon(b"\xff\xfe").end("out").over()
    assert frames(exchange)[0].content == Bytes(b"\xff\xfe")
