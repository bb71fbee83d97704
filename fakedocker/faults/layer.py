"""The WSGI layer that makes faults of rules: in front of the API, behind nothing that a fault may strike.

An answer comes in one of three forms - parts, a followed source, a connection that is taken over - and is shaped in
each; see `fakedocker.server` for the hooks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from fakedocker import operations
from fakedocker.faults.bodies import Body, Parts, blocking
from fakedocker.faults.calls import SEND_HEAD, Answer, Call, Request, Version
from fakedocker.faults.fault import Fault
from fakedocker.faults.faults import Faults

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

FAULTS, FOLLOW, HIJACK = "fakedocker.faults", "fakedocker.follow", "fakedocker.hijack"
#: A status that does without a body.
BODILESS = (204, 304)

Struck = list[tuple[Fault, Call]]


class Faulty:
    """The layer; `version_of` tells which version of the API a request speaks."""

    def __init__(self, app: WSGIApplication, version_of: Callable[[WSGIEnvironment], Version]) -> None:
        self._app = app
        self._version_of = version_of

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        faults: Faults | None = environ.get(FAULTS)
        struck = self._struck(faults, environ) if faults else []
        if not struck:
            return self._app(environ, start_response)
        for fault, call in struck:
            fault.before(call)
        answers = (answer for fault, call in struck if (answer := fault.answer(call)) is not None)
        answer = next(answers, None)
        app = self._app if answer is None else answered(answer)
        shaping = [(fault, call) for fault, call in struck if fault.shapes()]
        if not shaping or environ["REQUEST_METHOD"] == "HEAD":
            return app(environ, start_response)
        return Shaped(environ, start_response, shaping).body_of(app)

    def _struck(self, faults: Faults, environ: WSGIEnvironment) -> Struck:
        asked = operations.called(environ["REQUEST_METHOD"], environ.get("PATH_INFO", ""))
        if asked is None:
            return []
        request = Request(asked.operation, asked.object, self._version_of(environ), environ)
        return faults.struck_by(request)


class Shaped:
    """One answer whose body is shaped, whatever form it has."""

    def __init__(self, environ: dict[str, Any], start_response: StartResponse, struck: Struck) -> None:
        self._environ = environ
        self._start_response = start_response
        self._struck = struck
        self._taken_over = False
        self._has_body = True

    def body_of(self, app: WSGIApplication) -> Iterable[bytes]:
        """Return the body that the server gets."""
        follow, hijack = self._environ.get(FOLLOW), self._environ.get(HIJACK)
        if follow is not None and hijack is not None:
            self._environ[FOLLOW] = lambda source, **how: self._follow(follow, source, **how)
            self._environ[HIJACK] = lambda session, **how: self._hijack(hijack, session, **how)
        parts = app(self._environ, self._start)
        if self._taken_over or not self._has_body:
            return parts
        whole = Parts(parts)
        body = self._shape(whole)
        if body is whole:
            return parts
        send_head = self._environ.get(SEND_HEAD)
        if send_head is not None:
            send_head()
        return blocking(body)

    def _start(self, status: str, headers: list[tuple[str, str]], *error: Any) -> Callable[[bytes], object]:
        code = int(status[:3])
        self._has_body = code not in BODILESS
        for _, call in self._struck:
            call.status = code
        if any(fault.changes_length for fault, _ in self._struck):
            headers = [header for header in headers if header[0].lower() != "content-length"]
        return self._start_response(status, headers, *error)

    def _follow(self, hook: Callable[..., None], source: Body, *, head_now: bool = True) -> None:
        self._taken_over = True
        body = self._shape(source)
        hook(body, head_now=head_now or body is not source)

    def _hijack(self, hook: Callable[..., None], session: Body, *, head: bytes | None = None) -> None:
        self._taken_over = True
        for _, call in self._struck:
            call.hijacked = True
        hook(self._shape(session), head=head)

    def _shape(self, body: Body) -> Body:
        for fault, call in self._struck:
            body = fault.shape(body, call)
        return body


def answered(answer: Answer) -> WSGIApplication:
    """Return an application that gives an answer."""
    try:
        reason = HTTPStatus(answer.status).phrase
    except ValueError:
        reason = "Error"
    headers = [("Content-Length", str(len(answer.body)))]
    if answer.content_type:
        headers.append(("Content-Type", answer.content_type))

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response(f"{answer.status} {reason}", headers)
        return [b"" if environ["REQUEST_METHOD"] == "HEAD" else answer.body]

    return app
