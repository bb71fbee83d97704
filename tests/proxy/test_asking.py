"""One recorded exchange asked again of a toy daemon; whole sessions are in test_verifier."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from toy_daemon import Peer

from fakedocker.cassettes.model import Bytes, End, Exchange, Frame, Json, Request, Response, Stream, Text
from fakedocker.cassettes.store import SideFiles
from fakedocker.proxy.asking import PROMPT, Asking
from fakedocker.proxy.questions import Question

PATIENCE = 10
CHUNKED = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.fixture
def line() -> Iterator[tuple[socket.socket, Peer]]:
    ours, theirs = socket.socketpair()
    with Peer(theirs) as peer:
        yield ours, peer


def asking(line: socket.socket, response: Response | None, end: End = "complete") -> Asking:
    request = Request("GET", "/events")
    exchange = Exchange(1, 1, 0, 1, request, response, end)
    return Asking(exchange, line, Question.of(request, SideFiles(Path("none"))))


def test_an_answer_is_waited_for(line: tuple[socket.socket, Peer]) -> None:
    one = asking(line[0], Response(200))
    line[1].hears(b"GET /events HTTP/1.1\r\nHost: docker\r\n\r\n")
    line[1].says(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}")
    answer, trouble = one.finish(PATIENCE)
    assert trouble == ""
    assert answer is not None
    assert (answer.status, answer.body) == (200, Json({}))


def test_who_had_left_leaves_when_it_has_seen_as_much(line: tuple[socket.socket, Peer]) -> None:
    seen = Stream("lines", (Frame(0, Json({"n": 1})),), "\n")
    one = asking(line[0], Response(200, "OK", (), seen), "client-left")
    line[1].says(CHUNKED + b'8\r\n{"n":1}\n\r\n')
    answer, trouble = one.finish(PATIENCE)
    assert trouble == ""
    assert answer is not None
    assert answer.body == Json({"n": 1})
    line[1].hears_no_more()


def test_input_is_sent_behind_the_output_that_it_had_followed(line: tuple[socket.socket, Peer]) -> None:
    frames = (Frame(0, Text("$ ")), Frame(1, Text("ls\n"), "in", "stdin", ends=True), Frame(1, Bytes(b"\0")))
    one = asking(line[0], Response(101, "UPGRADED", (), Stream("hijack", frames)), "eof")
    line[1].hears(b"GET /events HTTP/1.1\r\nHost: docker\r\n\r\n")
    line[1].says(b"HTTP/1.1 101 UPGRADED\r\nUpgrade: tcp\r\n\r\n")
    line[1].says(b"$ ")
    line[1].hears(b"ls\n")
    line[1].hears_the_end()
    line[1].says(b"\0")
    line[1].ends()
    answer, trouble = one.finish(PATIENCE)
    assert trouble == ""
    assert answer is not None


def test_input_is_sent_behind_the_same_prompt_whatever_came_before_it(line: tuple[socket.socket, Peer]) -> None:
    frames = (Frame(0, Text("Welcome to this shell!\n$ ")), Frame(1, Text("ls\n"), "in", "stdin", ends=True))
    one = asking(line[0], Response(101, "UPGRADED", (), Stream("hijack", frames)), "eof")
    line[1].hears(b"GET /events HTTP/1.1\r\nHost: docker\r\n\r\n")
    began = time.monotonic()
    line[1].says(b"HTTP/1.1 101 UPGRADED\r\nUpgrade: tcp\r\n\r\nHi!\n$ ")
    line[1].hears(b"ls\n")
    assert time.monotonic() - began < PROMPT
    line[1].ends()
    one.finish(PATIENCE)


def test_an_answer_that_does_not_come_is_trouble(line: tuple[socket.socket, Peer]) -> None:
    assert asking(line[0], Response(200)).finish(0.01) == (None, "not over after 0.01 seconds")


def test_an_answer_that_breaks_off_is_trouble(line: tuple[socket.socket, Peer]) -> None:
    one = asking(line[0], Response(200))
    line[1].says(CHUNKED + b"5\r\nhel")
    line[1].ends()
    assert one.finish(PATIENCE)[1] == "the connection was closed in the middle"
