"""A layer in front of the app that judges every JSON answer by the document of its version.

With FAKEDOCKER_OPENAPI every test of the suite looks through it (`conftest.py`), so that each state which any test
brings about is judged.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from conformance.specs.allowed import is_allowed
from conformance.specs.spec import spec

from fakedocker.api.service import SERVICE, VERSION

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

MODERN = "/modern"


def problems(version: str, method: str, path: str, status: int, body: Any) -> list[str]:
    """Return what is wrong with an answer; nothing if there is no document that could tell."""
    document = spec(version)
    operation = document.operation(method, path) if document is not None else None
    if document is None or operation is None:
        return []
    found = dict.fromkeys(document.problems(operation, status, body))
    return [f"{version} {method} {operation.path} {status} {what}" for what in found]


class Watch:
    """The app, watched. `found`: what was wrong, in order."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app
        self.found: list[str] = []

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        head: dict[str, Any] = {}

        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            head.update({name.lower(): value for name, value in headers}, status=int(status.split(" ")[0]))
            return start_response(status, headers, *more)

        answer = self._app(environ, start)
        if head.get("content-type") != "application/json" or "content-length" not in head:
            return answer
        try:
            data = b"".join(answer)
        finally:
            close = getattr(answer, "close", None)
            if close is not None:
                close()
        self._judge(environ, head["status"], data)
        return [data]

    def _judge(self, environ: WSGIEnvironment, status: int, data: bytes) -> None:
        path = environ.get("PATH_INFO", "")
        if data and path.startswith(MODERN):
            version = ".".join(map(str, environ[VERSION]))
            method = environ["REQUEST_METHOD"]
            profile = environ[SERVICE].profile.name
            wrong = problems(version, method, path.removeprefix(MODERN), status, json.loads(data))
            self.found += [one for one in wrong if not is_allowed(one, profile)]
