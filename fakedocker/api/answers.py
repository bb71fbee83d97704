"""How answers are made: JSON, text, nothing, streams, connections that are taken over.

Streams use the server's hooks where they are there; under another WSGI server or Flask's test client the same views
work with a thread, and a hijacked stream shows its output only.
"""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterable, Iterator
from http import HTTPStatus
from typing import Any, Protocol

from flask import Response, request

from fakedocker.wire import gojson

JSON = "application/json"
TEXT = "text/plain; charset=utf-8"
BYTES = "application/octet-stream"
RAW_STREAM = "application/vnd.docker.raw-stream"
MULTIPLEXED_STREAM = "application/vnd.docker.multiplexed-stream"
FOLLOW, HIJACK, ON_CLOSE = "fakedocker.follow", "fakedocker.hijack", "fakedocker.on_close"
CHUNK = 65536


class Source(Protocol):
    """Bytes that come when they come (see `fakedocker.server`)."""

    def read(self, size: int) -> bytes | None: ...
    def watch(self, wake: Callable[[], None]) -> None: ...
    def close(self) -> None: ...


def line(status: int) -> str:
    """Return a status with its reason as HTTP spells it (werkzeug shouts)."""
    return f"{status} {HTTPStatus(status).phrase}"


def json(value: Any, status: int = 200, content_type: str = JSON) -> Response:
    """Return an answer with a JSON body."""
    return Response(gojson.encode(value), line(status), content_type=content_type)


def json_line(value: Any, status: int = 200) -> Response:
    """Return an answer with a JSON body as moby's routers write it: nothing escaped for HTML, a newline at the end."""
    return Response(gojson.encode(value, escapes_html=False) + b"\n", line(status), content_type=JSON)


def text(body: str, status: int = 200) -> Response:
    """Return an answer with plain text."""
    return Response(body.encode("utf-8", "replace"), line(status), content_type=TEXT)


def empty(status: int) -> Response:
    """Return an answer without body and without type."""
    response = Response(status=line(status))
    del response.headers["Content-Type"]
    return response


def stream(chunks: Iterable[bytes], content_type: str) -> Response:
    """Return an answer that is sent chunk by chunk, each as soon as it is there."""
    return Response(chunks, content_type=content_type, direct_passthrough=True)


def follow(source: Source, content_type: str, *, head_now: bool = True) -> Response:
    """Return an answer whose body comes from a source, without a thread that waits for it."""
    hook = request.environ.get(FOLLOW)
    if hook is None:
        return Response(blocking(source), content_type=content_type, direct_passthrough=True)
    hook(source, head_now=head_now)
    return _head(content_type)


def hijack(session: Source, head: bytes, content_type: str) -> Response:
    """Return an answer after which the connection belongs to the session."""
    hook = request.environ.get(HIJACK)
    if hook is None:
        return Response(blocking(session), content_type=content_type, direct_passthrough=True)
    hook(session, head=head)
    return _head(content_type)


def _head(content_type: str) -> Response:
    """Return an answer whose body comes from elsewhere: one of which Flask does not think that it is empty."""
    return Response(iter(()), content_type=content_type)


def blocking(source: Source) -> Iterator[bytes]:
    """Yield what a source gives, waiting in this thread."""
    woken: queue.SimpleQueue[None] = queue.SimpleQueue()
    source.watch(lambda: woken.put(None))
    try:
        while (data := source.read(CHUNK)) is not None:
            if data:
                yield data
            else:
                woken.get()
    finally:
        source.close()
