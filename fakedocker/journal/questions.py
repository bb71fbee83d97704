"""What a request says, as it may be written down: read from its environ, its body while the application reads it."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from fakedocker import operations
from fakedocker.cassettes.bodies import json_of
from fakedocker.cassettes.model import Body, Empty, Json, Request, Text
from fakedocker.cassettes.redaction import SECRET_HEADERS
from fakedocker.journal.secrets import Secrets

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer
    from _typeshed.wsgi import InputStream, WSGIEnvironment

#: Bytes of a body that are kept; of a larger one only its type and size are.
LONGEST_BODY = 65536
#: Characters of a path, and of all of a query, that are kept.
LONGEST_PATH, LONGEST_QUERY = 4096, 16384
#: Where the environ has the version that a request speaks, once it is negotiated; and the number of a connection.
VERSION, CONNECTION = "fakedocker.api_version", "fakedocker.connection"
#: Operations whose bodies are archives.
TAKE_ARCHIVES = frozenset({"ImageBuild", "ImageLoad", "PutContainerArchive", "PluginCreate"})
#: Bodies that say nothing, sent by clients that always send one.
SAY_NOTHING = len("null")
FORM = "application/x-www-form-urlencoded"
_VERSION = re.compile(r"/v([0-9.]+)(?=/)")
_HEADERS = tuple((f"HTTP_{name.upper().replace('-', '_')}", name) for name in SECRET_HEADERS)
_called = lru_cache(maxsize=512)(operations.called)


class Question:
    """One request, as it may be written down."""

    def __init__(self, environ: WSGIEnvironment, secrets: Secrets) -> None:
        self._environ = environ
        self._secrets = secrets
        self.method: str = environ["REQUEST_METHOD"]
        raw: str = environ.get("PATH_INFO", "")
        asked = _called(self.method, raw) if len(raw) <= LONGEST_PATH else None
        self.operation = asked.operation if asked else ""
        self.kind = operations.kind_of(self.operation)
        self.type: str = environ.get("CONTENT_TYPE", "")
        query = environ.get("QUERY_STRING", "")
        pairs = parse_qsl(query, keep_blank_values=True) if 0 < len(query) <= LONGEST_QUERY else ()
        headers = tuple((name, environ[key]) for key, name in _HEADERS if key in environ)
        path = raw[:LONGEST_PATH].encode("latin-1", "replace").decode("utf-8", "replace")
        #: It as it came, secrets and all: for those to be looked for. Nothing of it is ever written down.
        self._request = Request(self.method, path, tuple(pairs), headers)
        self.hidden = secrets.hidden(self._request)
        if asked is not None and self.hidden.path != raw:
            asked = operations.called(self.method, self.hidden.path)
        self.object = asked.object if asked else ""
        self._copy = self._tee()

    def _tee(self) -> Copy | None:
        environ = self._environ
        if environ.get("CONTENT_LENGTH", "0") == "0" and "HTTP_TRANSFER_ENCODING" not in environ:
            return None
        body = environ.get("wsgi.input")
        if body is None:
            return None
        length = environ.get("CONTENT_LENGTH", "")
        limit = 0 if self.operation in TAKE_ARCHIVES else LONGEST_BODY
        copy = Copy(body, limit, int(length) if length.isdecimal() else None)
        environ["wsgi.input"] = copy
        return copy

    def begin(self) -> dict[str, Any]:
        """Return what is known when it has come."""
        environ = self._environ
        query: dict[str, list[str]] = {}
        for name, value in self.hidden.query:
            query.setdefault(name, []).append(value)
        asked = _VERSION.match(self.hidden.path)
        address, port = environ.get("REMOTE_ADDR", ""), environ.get("REMOTE_PORT") or environ.get(CONNECTION, "")
        return {
            "operation": self.operation,
            "object": self.object,
            "method": self.method,
            "path": self.hidden.path,
            "version": asked[1] if asked else "",
            "query": query,
            "body_type": self.type,
            "body_size": self._size(),
            "connection": f"{address}:{port}" if port else address,
        }

    def answered(self) -> dict[str, Any]:
        """Return what else is known when it is answered: its body, the version it was found to speak."""
        told: dict[str, Any] = {}
        version = self._environ.get(VERSION)
        if version is not None and _VERSION.match(self.hidden.path) is None:
            told["version"] = ".".join(map(str, version))
        if self._copy is not None:
            told["body_size"] = self._size()
            body = self._body(self._copy.whole())
            if not isinstance(body, Empty):
                # All of it at once: what is secret in the body may stand in the path as well.
                self.hidden = self._secrets.hidden(replace(self._request, body=body))
                told["body"] = _value(self.hidden.body)
        return told

    @property
    def unread(self) -> bool:
        """Whether it has a body that says something, and nobody has looked at it."""
        return self._copy is not None and not self._copy.size and self._size() > SAY_NOTHING

    def hidden_in(self, text: str) -> str:
        """Return what its answer says without the secrets in it."""
        return self._secrets.hidden_in(text, self._request)

    def _size(self) -> int:
        if self._copy is None:
            return 0
        return self._copy.size if self._copy.length is None else self._copy.length

    def _body(self, data: bytes) -> Body:
        """Return a body as what it says; Empty if it is nothing in which secrets could be told from the rest."""
        if not data:
            return Empty()
        media = self.type.partition(";")[0].strip().lower()
        if data.lstrip()[:1] in (b"{", b"[") or media.endswith("json"):
            return json_of(data) or Empty()
        text = data.decode("utf-8", "replace")
        if media == FORM:
            pairs = tuple(parse_qsl(text, keep_blank_values=True))
            form = self._secrets.hidden(replace(self._request, query=pairs)).query
            return Json(dict(reversed(form)))
        return Text(text) if media.startswith("text/") else Empty()


class Copy(io.RawIOBase):
    """The body of a request, kept while it is read unless it is larger than `limit`.

    `length`: how long it will be, None if nobody knows; `size`: bytes read so far.
    """

    def __init__(self, body: InputStream, limit: int, length: int | None) -> None:
        self.length = length
        self._body = body
        self._limit = limit
        self._kept = bytearray()
        self._ended = False
        self.size = 0

    def whole(self) -> bytes:
        """Return the body if it was read to its end and was not too large; b"" otherwise."""
        is_whole = self._ended or self.size == self.length
        return bytes(self._kept) if is_whole and self.size <= self._limit else b""

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        wanted = -1 if size is None else size
        data = self._body.read(wanted)
        self._ended = self._ended or (not data and wanted != 0) or wanted < 0
        self._keep(data)
        return data

    def readall(self) -> bytes:
        return self.read()

    def readinto(self, target: WriteableBuffer, /) -> int:
        view = memoryview(target).cast("B")
        data = self.read(len(view))
        view[: len(data)] = data
        return len(data)

    def _keep(self, data: bytes) -> None:
        self.size += len(data)
        if self.size <= self._limit:
            self._kept += data
        else:
            self._kept.clear()


def _value(body: Body) -> Any:
    match body:
        case Json(value):
            return value
        case Text(text):
            return text
    return None
