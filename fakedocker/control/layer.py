"""The WSGI layer that answers what begins with `/_fakedocker`; everything else is for the layers behind it."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterable
from contextlib import closing
from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from fakedocker.control import bodies
from fakedocker.control.access import refusal
from fakedocker.control.controlled import Controlled
from fakedocker.control.openapi import document
from fakedocker.control.page import Pages, Reply
from fakedocker.control.page.pages import SAFE
from fakedocker.control.page.stream import Stream
from fakedocker.control.verbs import VERBS, CannotDo, Verb

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

log = logging.getLogger("fakedocker.control")

#: Where the environ carries the daemon; missing: it is not to be controlled.
CONTROL = "fakedocker.control"
PREFIX = "/_fakedocker"
#: Where the environ has what lets a source be the body of an answer.
FOLLOW = "fakedocker.follow"
_PAGES = Pages(PREFIX)


class Control:
    """The layer."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path: str = environ.get("PATH_INFO", "")
        daemon: Controlled | None = environ.get(CONTROL)
        if daemon is None or not (path == PREFIX or path.startswith(f"{PREFIX}/")):
            return self._app(environ, start_response)
        try:
            refused = refusal(environ)
            if refused:
                raise CannotDo(refused, 403)
            below = path.removeprefix(PREFIX) or "/"
            reply = _PAGES.answer(daemon, environ, below) or _told(_answer(daemon, environ, below))
        except CannotDo as error:
            reply = _told({"message": str(error)}, error.status)
        except Exception:  # the daemon's own fault: told without its insides
            log.exception("%s %s failed", environ["REQUEST_METHOD"], path)
            reply = _told({"message": "Internal Server Error"}, 500)
        return _sent(reply, environ, start_response)


def _told(answer: Any, status: int = 200) -> Reply:
    return Reply("application/json", json.dumps(answer).encode() + b"\n", status)


def _sent(reply: Reply, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    headers = [("Content-Type", reply.type), *SAFE, *reply.headers]
    if reply.stream is None:
        headers.append(("Content-Length", str(len(reply.body))))
    start_response(f"{reply.status} {HTTPStatus(reply.status).phrase}", headers)
    if reply.stream is None:
        return [reply.body] if environ["REQUEST_METHOD"] != "HEAD" else []
    follow: Callable[[Stream], None] | None = environ.get(FOLLOW)
    if follow is None:  # another server: it can have what is there now
        with closing(reply.stream) as stream:
            return [*iter(lambda: stream.read(1 << 16) or b"", b"")]
    follow(reply.stream)
    return []


def _answer(daemon: Controlled, environ: WSGIEnvironment, path: str) -> Any:
    method = environ["REQUEST_METHOD"]
    if path == "/openapi.json" and method == "GET":
        return document(PREFIX)
    if path == "/" and method == "GET":
        return daemon.state()
    verb, named = _found(method, path)
    if method in ("GET", "DELETE"):
        return verb(daemon, {**dict(parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True)), **named})
    return verb(daemon, {**_body(environ, verb.largest_body), **named})


def _found(method: str, path: str) -> tuple[Verb, dict[str, str]]:
    """Return the verb of a path, and the arguments in it. Raises CannotDo."""
    known = False
    for pattern, verb in _paths():
        match = pattern.fullmatch(path)
        if match is not None:
            if verb.method == method:
                return verb, match.groupdict()
            known = True
    raise CannotDo("this method is not for this path" if known else "page not found", 405 if known else 404)


@cache
def _paths() -> tuple[tuple[re.Pattern[str], Verb], ...]:
    """Return a pattern for the path of every verb; literal paths first."""
    verbs = sorted(VERBS.values(), key=lambda verb: "{" in verb.path)
    return tuple((re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", verb.path)), verb) for verb in verbs)


def _body(environ: WSGIEnvironment, largest: int) -> dict[str, Any]:
    """Return the arguments in a body. Raises CannotDo."""
    data = bodies.read(environ, largest, "body")
    if not data.strip():
        return {}
    if bodies.media_type(environ) != "application/json":
        raise CannotDo("the body must be application/json", 415)
    try:
        found = json.loads(data)
        json.dumps(found, ensure_ascii=False).encode()  # half a character is a text that nobody could be told of
    except (ValueError, RecursionError):
        raise CannotDo("the body is no JSON") from None
    if not isinstance(found, dict):
        raise CannotDo("the body must be a JSON object")
    return found
