"""Which version of the API a path speaks, and which dialect answers it.

A path may begin with `/v` and digits and dots. The daemons of 2013 read them as a decimal number (moby v0.4.0
api.go): 1.10 is 1.1, and what is no number at all means the newest version.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import quote

from werkzeug.datastructures import Headers
from werkzeug.wrappers import Response

from fakedocker.api import answers
from fakedocker.api.service import DAEMON, SERVICE, VERSION, Service

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_PREFIX = re.compile(r"/v([0-9.]+)(?=/)")
NEWEST = (1, 1)
#: A version that no dialect serves.
UNSUPPORTED = (0, 0)


def negotiate(path: str, default: str) -> tuple[tuple[int, int], str]:
    """Return the version a path speaks, and the path without it."""
    found = _PREFIX.match(path)
    if found is None:
        return _version(default), path
    return _version(found[1]), path[found.end() :]


def _version(text: str) -> tuple[int, int]:
    try:
        number = float(text)
    except ValueError:
        return NEWEST
    if not 0 < number <= 1.1:
        return UNSUPPORTED
    return (1, 1) if number > 1.0 else (1, 0)


class Negotiation:
    """The WSGI layer in front of the app: cleans the path, takes the version out, chooses the dialect."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        clean = clean_path(path)
        if clean != path and path != "*":
            location = quote(clean.encode("latin-1"), safe="/:@!$&'()*+,;=~")
            moved = Response(status=answers.line(301), headers=Headers([("Location", location)]))
            del moved.headers["Content-Type"]
            moved.autocorrect_location_header = False
            return moved(environ, start_response)
        service: Service = environ[DAEMON]()
        environ[SERVICE] = service
        environ[VERSION], rest = negotiate(path, service.api_version)
        environ["PATH_INFO"] = "/antique" + ("/" if rest == "*" else rest)
        return self._app(environ, start_response)


def clean_path(path: str) -> str:
    """Return a path without empty, `.` and `..` segments, as Go's ServeMux cleans it."""
    clean = posixpath.normpath("/" + path)
    if clean.startswith("//"):
        clean = clean[1:]
    return clean + "/" if path.endswith("/") and clean != "/" else clean
