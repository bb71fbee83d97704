"""The bodies of requests to the control API: JSON from programs, forms from browsers; neither larger than it may be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fakedocker.control.verbs import CannotDo

if TYPE_CHECKING:
    from wsgiref.types import WSGIEnvironment

#: Bytes that are read at a time.
CHUNK = 1 << 16


def media_type(environ: WSGIEnvironment) -> str:
    """Return the type of a body, without its parameters; "" if nobody says."""
    kind: str = environ.get("CONTENT_TYPE", "")
    return kind.partition(";")[0].strip().lower()


def read(environ: WSGIEnvironment, most: int, what: str) -> bytes:
    """Return a body of at most so many bytes; `what` it is called if it has more. Raises CannotDo."""
    data = b""
    while len(data) <= most and (more := environ["wsgi.input"].read(min(most + 1 - len(data), CHUNK))):
        data += more
    if len(data) > most:
        raise CannotDo(f"the {what} is too large", 413)
    return data
