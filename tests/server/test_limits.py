"""What the server puts up with: the numbers, and that each of them is one that can be set."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import fields
from typing import Any

from fakedocker.server import Limits

Serve = Callable[..., Any]


def hello(environ: Any, start_response: Any) -> list[bytes]:
    start_response("200 OK", [])
    return [b"hello"]


def test_the_usual_limits_are_those_of_a_daemon_that_nobody_has_tuned() -> None:
    limits = Limits()
    assert limits.head_bytes == (1 << 20) + 4096  # net/http, DefaultMaxHeaderBytes and its slop
    assert all(getattr(limits, field.name) > 0 for field in fields(Limits))
    assert limits.hijack_gap_seconds < limits.linger_seconds < limits.head_seconds < limits.stall_seconds


def test_each_server_has_its_own(serve: Serve) -> None:
    strict, usual = serve(hello, limits=Limits(head_bytes=200)), serve(hello)
    long = "X-Long: " + "x" * 300
    assert strict.connect().get("/", long).status.startswith("431 ")
    assert usual.connect().get("/", long).status == "200 OK"
    assert strict.connect().get("/").status == "200 OK"


def test_what_nobody_reads_of_a_body_costs_the_connection_above_the_limit(serve: Serve) -> None:
    serving = serve(hello, limits=Limits(drain_bytes=10))
    client = serving.connect()
    assert client.request("POST", "/", "Content-Length: 10", body=b"x" * 10).body == b"hello"
    assert client.request("POST", "/", "Content-Length: 11", body=b"x" * 11).body == b"hello"
    assert client.rest() == b""


def test_a_worker_without_work_ends(serve: Serve) -> None:
    serving = serve(hello, limits=Limits(idle_thread_seconds=0.01))
    before = {*threading.enumerate()}
    serving.connect().get("/")
    for worker in {*threading.enumerate()} - before:
        worker.join(5)
        assert not worker.is_alive()
