"""What may be written down of a request: everything but its secrets, as in a cassette.

The rules, and what was learned by them, are those of `fakedocker.cassettes.redaction`; here several threads use them.
"""

from __future__ import annotations

import threading

from fakedocker.cassettes.model import Body, Empty, Request, Response, Text
from fakedocker.cassettes.redaction import Redactor


class Secrets:
    """The secrets of a daemon's clients."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._redactor = Redactor()

    def hidden(self, request: Request) -> Request:
        """Return a request without its secrets, which are remembered."""
        with self._lock:
            return self._redactor.request(request)

    def hidden_in(self, text: str, request: Request) -> str:
        """Return what the answer to a request says without the secrets in it."""
        with self._lock:
            body: Body = self._redactor.response(Response(0, body=Text(text) if text else Empty()), request).body
        return body.text if isinstance(body, Text) else ""

    def forget(self) -> None:
        """Remember none of them any more."""
        with self._lock:
            self._redactor = Redactor()
