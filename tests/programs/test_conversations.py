"""What services say to whoever is connected to them."""

from __future__ import annotations

import struct
from collections.abc import Mapping

import pytest

from fakedocker.engine.clock import ManualClock
from fakedocker.engine.files.files import Files
from fakedocker.engine.files.layers import Layer
from fakedocker.engine.networks.sockets import ANY, LOOPBACK, Connection, Namespace, Network
from fakedocker.engine.processes.effects import Body
from fakedocker.engine.processes.processes import Process, ProcessTable, Scheduler
from fakedocker.programs.conversations import (
    LONGEST_LINE,
    LONGEST_TEXT,
    MOST_KEPT,
    Line,
    Reply,
    echo,
    http,
    lines,
    postgres,
    redis,
)


class Talk:
    """A container, and clients that are connected to services in it."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.scheduler = Scheduler(self.clock)
        self.files = Files([], Layer(), self.clock.now)
        self.network = Namespace(Network(), "box")
        self.crashes: list[Exception] = []

    def load(self, process: Process, path: str, argv: tuple[str, ...]) -> Body:
        raise FileNotFoundError

    def begin(self, body: Body) -> Client:
        """Have a client connected to a service."""
        listener = self.network.listen(ANY, 0)
        client = self.network.connect(LOOPBACK, listener.local.port)
        server = listener.accept()
        listener.close()
        assert isinstance(client, Connection)
        assert server is not None
        table = ProcessTable(
            self.scheduler,
            self.files,
            "box",
            self.load,
            lambda process, path: None,
            lambda process, error: self.crashes.append(error),
            network=self.network,
        )
        table.begin(body, ("service",), {0: server, 1: server}, env={}, cwd="/")
        self.scheduler.run()
        client.hold()
        return Client(self, client)


class Client:
    """One client; `ended`: whether the service has hung up."""

    def __init__(self, talk: Talk, connection: Connection) -> None:
        self._talk = talk
        self._connection = connection
        self.ended = False

    def ask(self, data: bytes = b"") -> bytes:
        """Say something and return what is answered to it at once."""
        answer = b""
        while True:
            if data and not self.ended:
                data = data[self._connection.write(data) :]
            self._talk.scheduler.run()
            heard = self._connection.read(65536)
            self.ended = self.ended or heard == b""
            assert not self._talk.crashes, self._talk.crashes
            if not heard and (not data or self.ended):
                return answer
            answer += heard or b""

    def leave(self) -> None:
        self._connection.release()
        self._talk.scheduler.run()


@pytest.fixture
def talk() -> Talk:
    return Talk()


def test_an_echo_gives_everything_back(talk: Talk) -> None:
    client = talk.begin(echo)
    assert client.ask(b"hello\n\0") == b"hello\n\0"
    assert client.ask(bytes(200_000)) == bytes(200_000)
    client.leave()
    assert not talk.crashes


# -- lines --------------------------------------------------------------------------------


def test_lines_are_answered_by_the_first_pattern_that_fits(talk: Talk) -> None:
    answers = [Line("HELO *", "250 hello\r\n"), Line("[A-Z]*", "500 what?\r\n"), Line("quit", "221 bye\r\n", ends=True)]
    client = talk.begin(lines(answers, banner="220 ready\r\n"))
    assert client.ask() == b"220 ready\r\n"
    assert client.ask(b"HELO me\r\nDA") == b"250 hello\r\n"
    assert client.ask(b"TA\n") == b"500 what?\r\n"
    assert client.ask(b"something small\n") == b""
    assert client.ask(b"quit\nHELO again\n") == b"221 bye\r\n"
    assert client.ended


def test_lines_can_be_answered_late(talk: Talk) -> None:
    client = talk.begin(lines([Line("*", "ok\n")], delay=1.5))
    assert client.ask(b"a\n") == b""
    talk.clock.advance(1.4)
    assert client.ask() == b""
    talk.clock.advance(0.1)
    assert client.ask() == b"ok\n"


def test_whoever_never_ends_a_line_is_hung_up_on(talk: Talk) -> None:
    client = talk.begin(lines([Line("*", "ok\n")]))
    assert client.ask(b"x" * (LONGEST_LINE + 1)) == b""
    assert client.ended


def test_bytes_that_are_no_text_do_no_harm(talk: Talk) -> None:
    client = talk.begin(lines([Line("a?c", "ok\n")]))
    assert client.ask(b"a\xffc\n[\n\0\n") == b"ok\n"


# -- HTTP ---------------------------------------------------------------------------------

REPLIES: Mapping[str, Reply] = {
    "/health": Reply(body="up\n"),
    "POST /orders": Reply(201, '{"id": 1}', {"Content-Type": "application/json", "X-Own": "yes"}),
    "/gone": Reply(410, ""),
    "/slow": Reply(body="late", delay=2.0),
    "/nothing": Reply(204),
    "/odd": Reply(299, "?"),
}


def get(talk: Talk, target: str, method: str = "GET", more: bytes = b"\r\n", **how: str) -> tuple[str, str, bytes]:
    client = talk.begin(http(REPLIES, **how))
    head, _, body = client.ask(f"{method} {target} HTTP/1.1\r\nHost: x\r\n".encode() + more).partition(b"\r\n\r\n")
    status, _, headers = head.decode().partition("\r\n")
    return status, headers, body


def test_a_path_has_its_reply(talk: Talk) -> None:
    status, headers, body = get(talk, "/health?deep=1")
    assert (status, body) == ("HTTP/1.1 200 OK", b"up\n")
    assert headers.splitlines() == [
        "Date: Wed, 12 Jun 2013 13:00:00 GMT",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Length: 3",
        "Connection: close",
    ]


def test_a_reply_has_headers_of_its_own(talk: Talk) -> None:
    status, headers, body = get(talk, "/orders", "POST", b"Content-Length: 5\r\n\r\nhello")
    assert (status, body) == ("HTTP/1.1 201 Created", b'{"id": 1}')
    assert headers.splitlines()[-2:] == ["Content-Type: application/json", "X-Own: yes"]
    assert headers.count("Content-Type") == 1


@pytest.mark.parametrize(
    ("method", "target", "status", "body"),
    [
        ("GET", "/orders", "404 Not Found", b"404 Not Found\n"),  # is for POST only
        ("DELETE", "/health", "200 OK", b"up\n"),
        ("HEAD", "/health", "200 OK", b""),
        ("GET", "/he%61lth", "200 OK", b"up\n"),
        ("GET", "/gone", "410 Gone", b""),
        ("GET", "/nothing", "204 No Content", b""),
        ("GET", "/odd", "299 ", b"?"),
        ("GET", "nonsense", "404 Not Found", b"404 Not Found\n"),
    ],
)
def test_what_is_asked_for_decides(talk: Talk, method: str, target: str, status: str, body: bytes) -> None:
    assert get(talk, target, method)[::2] == (f"HTTP/1.1 {status}", body)


def test_what_has_no_reply_is_looked_for_in_the_files(talk: Talk) -> None:
    talk.files.mkdir("/www")
    talk.files.write("/www/index.html", b"<h1>hi</h1>")
    talk.files.write("/secret", b"no")
    status, headers, body = get(talk, "/", root="/www")
    assert (status, body) == ("HTTP/1.1 200 OK", b"<h1>hi</h1>")
    assert "Content-type: text/html" in headers
    assert get(talk, "/health", root="/www")[2] == b"up\n"
    assert get(talk, "/../secret", root="/www")[0] == "HTTP/1.1 400 Bad Request"
    assert get(talk, "/nosuch", root="/www")[0] == "HTTP/1.1 404 Not Found"


def test_a_reply_takes_its_time_on_the_clock_of_the_daemon(talk: Talk) -> None:
    client = talk.begin(http(REPLIES, delay=1.0))
    assert client.ask(b"GET /slow HTTP/1.1\r\n\r\n") == b""
    talk.clock.advance(2.9)
    assert client.ask() == b""
    talk.clock.advance(0.1)
    assert client.ask().endswith(b"\r\n\r\nlate")
    assert client.ended


def test_a_body_in_chunks_is_read_before_the_answer(talk: Talk) -> None:
    client = talk.begin(http(REPLIES))
    head = b"POST /health HTTP/1.1\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n"
    assert client.ask(head) == b"HTTP/1.1 100 Continue\r\n\r\n"
    assert client.ask(b"5;x=y\r\nhello\r\n1\r\n!\r\n0\r\n") == b""
    assert client.ask(b"\r\n").endswith(b"up\n")


@pytest.mark.parametrize(
    "request_",
    [
        b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 20_000,
        b"POST / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nffffffff\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1" * 5000,
    ],
    ids=["a head without end", "a body too long", "a size below nothing", "a chunk too long", "a size without end"],
)
def test_what_is_too_much_or_nonsense_is_hung_up_on(talk: Talk, request_: bytes) -> None:
    client = talk.begin(http(REPLIES))
    assert client.ask(request_) == b""
    assert client.ask(b"x") == b""  # at the latest when there is more
    assert client.ended


def test_a_request_that_does_not_come_is_not_waited_for(talk: Talk) -> None:
    client = talk.begin(http(REPLIES))
    assert client.ask(b"GET /") == b""
    talk.clock.advance(60)
    client.ask()
    assert client.ended


# -- redis --------------------------------------------------------------------------------


def command(*words: bytes) -> bytes:
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words)


def test_redis_keeps_texts(talk: Talk) -> None:
    client = talk.begin(redis())
    assert client.ask(command(b"SET", b"a b", b"1\r\n2")) == b"+OK\r\n"
    assert client.ask(command(b"get", b"a b")) == b"$4\r\n1\r\n2\r\n"
    assert client.ask(command(b"EXISTS", b"a b", b"c") + command(b"DEL", b"a b", b"c")) == b":1\r\n:1\r\n"
    assert client.ask(b"GET x\r\nINCR n\r\nINCR n\r\nDBSIZE\r\nFLUSHALL\r\nDBSIZE\r\n") == (
        b"$-1\r\n:1\r\n:2\r\n:1\r\n+OK\r\n:0\r\n"
    )


def test_redis_answers_what_clients_begin_with(talk: Talk) -> None:
    client = talk.begin(redis())
    assert client.ask(b"PING\r\nping hello\r\n") == b"+PONG\r\n$5\r\nhello\r\n"
    assert client.ask(command(b"HELLO", b"3")) == b"-ERR unknown command 'HELLO'\r\n"  # which then speak version 2
    assert client.ask(command(b"CLIENT", b"SETINFO", b"LIB-NAME", b"x") + command(b"SELECT", b"1")) == b"+OK\r\n" * 2
    assert b"redis_version:7.2.5" in client.ask(b"INFO\r\n")
    assert client.ask(b"GET\r\nSET a x\r\nINCR a\r\n") == (
        b"-ERR wrong number of arguments for 'get' command\r\n+OK\r\n-ERR value is not an integer or out of range\r\n"
    )
    assert client.ask(b"QUIT\r\nPING\r\n") == b"+OK\r\n"
    assert client.ended


def test_redis_is_one_store_for_all_clients_of_a_container(talk: Talk) -> None:
    body = redis()
    talk.begin(body).ask(b"SET a 1\r\n")
    assert talk.begin(body).ask(b"GET a\r\n") == b"$1\r\n1\r\n"
    talk.network = Namespace(Network(), "another")
    assert talk.begin(body).ask(b"GET a\r\n") == b"$-1\r\n"


def test_redis_keeps_no_more_than_fits(talk: Talk) -> None:
    client = talk.begin(redis())
    text = bytes(LONGEST_TEXT - 1000)
    answers = [client.ask(command(b"SET", b"%d" % number, text)) for number in range(MOST_KEPT // LONGEST_TEXT + 2)]
    assert answers[0] == b"+OK\r\n"
    assert answers[-1].startswith(b"-OOM")
    client.ask(command(b"DEL", b"0", b"1"))
    assert client.ask(command(b"SET", b"new", text)) == b"+OK\r\n"


@pytest.mark.parametrize("data", [b"*x\r\n", b"*99999\r\n", b"*1\r\n$9999999999\r\n", b"*1\r\n+\xb2\r\n", b"x" * 3000])
def test_redis_hangs_up_on_nonsense(talk: Talk, data: bytes) -> None:
    client = talk.begin(redis())
    assert client.ask(data) == b""
    assert client.ask(b"x") == b""  # at the latest when there is more
    assert client.ended


# -- postgres -----------------------------------------------------------------------------


def test_postgres_says_that_there_is_nothing_behind(talk: Talk) -> None:
    client = talk.begin(postgres)
    assert client.ask(struct.pack("!II", 8, 80877103)) == b"N"
    wanted = b"user\0me\0\0"
    answer = client.ask(struct.pack("!II", 8 + len(wanted), 196608) + wanted)
    assert answer[:1] == b"E"
    assert struct.unpack("!I", answer[1:5])[0] == len(answer) - 1
    assert b"SFATAL\0" in answer
    assert b"it has no databases\0" in answer
    assert client.ended


@pytest.mark.parametrize("data", [b"\0\0\0\1\0\0\0\0", b"\xff" * 8, b"GET / HTTP/1.0\r\n\r\n"])
def test_postgres_hangs_up_on_nonsense(talk: Talk, data: bytes) -> None:
    client = talk.begin(postgres)
    assert client.ask(data) == b""
    assert client.ended
