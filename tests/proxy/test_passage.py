"""Each conversation is held twice: with the daemon directly, and with the recorder between. Nobody may notice.

A conversation is a function of both ends; what it asserts holds for a direct connection, and so has to for any other.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from typing import Any

import pytest
from toy_daemon import Peer, ToyDaemon, both_ends

Record = Callable[..., Any]

GET = b"GET /_ping HTTP/1.1\r\nHost: docker\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK"


def ordinary_requests(client: Peer, daemon: Peer) -> None:
    for _ in range(3):
        client.says(GET)
        daemon.hears(GET)
        daemon.says(OK)
        client.hears(OK)


def pipelined_requests(client: Peer, daemon: Peer) -> None:
    client.says(GET * 3)
    daemon.hears(GET * 3)
    daemon.says(OK * 3)
    client.hears(OK * 3)


def one_byte_at_a_time(client: Peer, daemon: Peer) -> None:
    for at in range(len(GET)):
        client.says(GET[at : at + 1])
        daemon.hears(GET[at : at + 1])
    for at in range(len(OK)):
        daemon.says(OK[at : at + 1])
        client.hears(OK[at : at + 1])


def odd_spelling(client: Peer, daemon: Peer) -> None:
    odd = b"gEt  /a//b?%zz&=&x HTTP/1.1\nhost:x\n x-fold:  1\r\n\t2\r\nX-\xe9: \xff\x01\r\nHost: again\r\n\n"
    client.says(odd)
    daemon.hears(odd)
    answer = b"HTTP/1.1 299 \r\nTRANSFER-encoding:  Chunked\r\n\r\n0002;x=y\r\nhi\r\n0\r\nTrailer: 1\r\n\r\n"
    daemon.says(answer)
    client.hears(answer)


def no_http_at_all(client: Peer, daemon: Peer) -> None:
    noise = random.Random(1).randbytes(10_000)
    client.says(noise)
    daemon.hears(noise)
    daemon.says(noise[::-1])
    client.hears(noise[::-1])


def broken_framing(client: Peer, daemon: Peer) -> None:
    post = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nabc"
    client.says(post)
    daemon.hears(post)
    daemon.says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnot a size\r\n")
    client.hears(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnot a size\r\n")


def another_host(client: Peer, daemon: Peer) -> None:
    asked = b"GET http://192.0.2.1:9/x HTTP/1.1\r\nHost: 192.0.2.1:9\r\n\r\n"
    client.says(asked)
    daemon.hears(asked)
    daemon.says(OK)
    client.hears(OK)


def wait_for_100_continue(client: Peer, daemon: Peer) -> None:
    head = b"POST /x HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n"
    client.says(head)
    daemon.hears(head)
    daemon.says(b"HTTP/1.1 100 Continue\r\n\r\n")
    client.hears(b"HTTP/1.1 100 Continue\r\n\r\n")
    client.says(b"abc")
    daemon.hears(b"abc")
    daemon.says(OK)
    client.hears(OK)


def answer_before_the_end_of_the_question(client: Peer, daemon: Peer) -> None:
    head = b"POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc"
    client.says(head)
    daemon.hears(head)
    daemon.says(OK)
    client.hears(OK)
    client.says(b"defghi")
    daemon.hears(b"defghi")


def head_without_a_body(client: Peer, daemon: Peer) -> None:
    client.says(b"HEAD /_ping HTTP/1.1\r\nHost: x\r\n\r\n")
    daemon.hears(b"HEAD /_ping HTTP/1.1\r\nHost: x\r\n\r\n")
    daemon.says(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n")
    client.hears(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n")
    ordinary_requests(client, daemon)


def upgrade_with_early_bytes(client: Peer, daemon: Peer) -> None:
    asked = b"POST /containers/x/attach HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\nearly"
    client.says(asked)
    daemon.hears(asked)
    daemon.says(b"HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n")
    client.hears(b"HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n")
    for number in range(10):
        client.says(b"%d\n" % number)
        daemon.hears(b"%d\n" % number)
        daemon.says(b"\1\0\0\0\0\0\0\2%d\n" % number)
        client.hears(b"\1\0\0\0\0\0\0\2%d\n" % number)


def half_close_of_the_client(client: Peer, daemon: Peer) -> None:
    client.says(b"all of it")
    client.ends()
    daemon.hears(b"all of it")
    daemon.hears_the_end()
    daemon.says(b"the answer")
    client.hears(b"the answer")
    daemon.leaves()
    client.hears_the_end()


def half_close_of_the_daemon(client: Peer, daemon: Peer) -> None:
    daemon.says(b"bye")
    daemon.ends()
    client.hears(b"bye")
    client.hears_the_end()
    client.says(b"still here")
    daemon.hears(b"still here")
    client.leaves()
    daemon.hears_the_end()


def client_that_leaves(client: Peer, daemon: Peer) -> None:
    client.says(GET)
    client.leaves()
    daemon.hears(GET)
    daemon.hears_the_end()
    daemon.cannot_say_more()


def daemon_that_leaves(client: Peer, daemon: Peer) -> None:
    daemon.says(OK[:-1])
    daemon.leaves()
    client.hears(OK[:-1])
    client.hears_the_end()
    client.cannot_say_more()


def much_both_ways_at_once(client: Peer, daemon: Peer) -> None:
    there, back = random.Random(2).randbytes(3 << 20), random.Random(3).randbytes(3 << 20)
    threads = [threading.Thread(target=client.says, args=(there,)), threading.Thread(target=daemon.says, args=(back,))]
    failed: list[BaseException] = []

    def hear() -> None:
        try:
            daemon.hears(there)
        except BaseException as error:
            failed.append(error)

    threads.append(threading.Thread(target=hear))
    for thread in threads:
        thread.start()
    client.hears(back)
    for thread in threads:
        thread.join()
    assert not failed


CONVERSATIONS: list[Callable[[Peer, Peer], None]] = [
    ordinary_requests,
    pipelined_requests,
    one_byte_at_a_time,
    odd_spelling,
    no_http_at_all,
    broken_framing,
    another_host,
    wait_for_100_continue,
    answer_before_the_end_of_the_question,
    head_without_a_body,
    upgrade_with_early_bytes,
    half_close_of_the_client,
    half_close_of_the_daemon,
    client_that_leaves,
    daemon_that_leaves,
    much_both_ways_at_once,
]


@pytest.mark.parametrize("conversation", CONVERSATIONS, ids=lambda function: function.__name__)
@pytest.mark.parametrize("way", ["directly", "recorded"])
def test_a_conversation_goes_through_unchanged(
    toy: ToyDaemon, record: Record, conversation: Callable[[Peer, Peer], None], way: str
) -> None:
    url = toy.url if way == "directly" else record(toy.url).url
    with both_ends(url, toy) as (client, daemon):
        conversation(client, daemon)


@pytest.mark.parametrize("kind", ["tcp"])
@pytest.mark.parametrize("way", ["directly", "recorded"])
def test_a_reset_is_passed_on_as_a_reset(toy: ToyDaemon, record: Record, way: str) -> None:
    url = toy.url if way == "directly" else record(toy.url).url
    with both_ends(url, toy) as (client, daemon):
        client.says(GET)
        daemon.hears(GET)
        daemon.breaks_off()
        client.hears_a_reset()
    with both_ends(url, toy) as (client, daemon):
        client.breaks_off()
        daemon.hears_a_reset()


@pytest.mark.parametrize("kind", ["unix"])
@pytest.mark.parametrize("way", ["directly", "recorded"])
def test_a_daemon_learns_at_once_that_nobody_listens(toy: ToyDaemon, record: Record, way: str) -> None:
    """Which is more than that its client has nothing more to say."""
    url = toy.url if way == "directly" else record(toy.url).url
    with both_ends(url, toy) as (client, daemon):
        client.leaves()
        daemon.sees_that_nobody_is_there()
        with pytest.raises(BrokenPipeError):
            daemon.says(b"x")


def test_connections_do_not_mix(toy: ToyDaemon, record: Record) -> None:
    recording = record(toy.url)
    pairs = [both_ends(recording.url, toy) for _ in range(8)]
    ends = [pair.__enter__() for pair in pairs]
    for number, (client, _) in enumerate(ends):
        client.says(b"%d" % number)
    for number, (_, daemon) in reversed(list(enumerate(ends))):
        daemon.hears(b"%d" % number)
    for pair in pairs:
        pair.__exit__(None, None, None)
