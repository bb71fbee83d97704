"""A recorded request, written as one of HTTP: what is sent to a daemon, body piece by piece."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from fakedocker.cassettes.bodies import data_of, frame_data
from fakedocker.cassettes.model import Body, Fields, File, Request, Stream
from fakedocker.cassettes.store import SideFiles

CHUNK = 65536
#: Headers of a request that say how it was sent; they are made anew.
_FRAMING = frozenset({"content-length", "transfer-encoding", "expect", "trailer", "keep-alive"})
_UNSENDABLE = re.compile(r"[\0-\x20\x7f]")
_UNSENDABLE_IN_FIELD = re.compile(r"[\0-\x08\x0a-\x1f\x7f]")


class UnaskableError(Exception):
    """A recorded request cannot be asked; `str()` says why."""


@dataclass(frozen=True, slots=True)
class Question:
    """A request as it is sent: its head, and its body in pieces."""

    head: bytes
    body: Callable[[], Iterator[bytes]]

    @classmethod
    def of(cls, request: Request, files: SideFiles) -> Question:
        """Write a request. Raises UnaskableError."""
        target = request.path + (f"?{urlencode(request.query)}" if request.query else "")
        head = head_of(request.method, target, request.headers, _size(request.body))
        return cls(head, lambda: _pieces(request.body, files))


def head_of(method: str, target: str, headers: Fields, size: int) -> bytes:
    """Return the head of a request whose body has so many bytes. Raises UnaskableError."""
    fields = [(name, value) for name, value in headers if name.lower() not in _FRAMING]
    if not any(name.lower() == "host" for name, _ in fields):
        fields.insert(0, ("Host", "docker"))
    if size or method in ("POST", "PUT"):
        fields.append(("Content-Length", str(size)))
    if not method or not target.partition("?")[0] or _UNSENDABLE.search(method + target):
        raise UnaskableError("it was no request in HTTP")
    for name, value in fields:
        if not name or _UNSENDABLE.search(name) or ":" in name or _UNSENDABLE_IN_FIELD.search(value):
            raise UnaskableError(f"its header {name!r} cannot be sent")
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in fields)]
    try:
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
    except UnicodeEncodeError:
        raise UnaskableError("its head has characters that HTTP does not have") from None


def _size(body: Body) -> int:
    return body.size if isinstance(body, File) else sum(map(len, _small_pieces(body)))


def _small_pieces(body: Body) -> Iterator[bytes]:
    match body:
        case File():
            return
        case Stream(kind="hijack"):
            return  # what the client sent without ever getting an answer was no body
        case Stream() as stream:
            yield from (frame_data(stream, frame) for frame in stream.frames)
        case _:
            yield data_of(body, ends="\n")


def _pieces(body: Body, files: SideFiles) -> Iterator[bytes]:
    if not isinstance(body, File):
        yield from _small_pieces(body)
        return
    with files.open(body) as file:
        while piece := file.read(CHUNK):
            yield piece
