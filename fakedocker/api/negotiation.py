"""Which version of the API a path speaks, and which dialect answers it.

A path may begin with `/v` and digits and dots. The daemons of 2013 read them as a decimal number (moby v0.4.0
api.go): 1.10 is 1.1, and what is no number at all means the newest version. Those of today read two numbers.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from werkzeug.datastructures import Headers
from werkzeug.wrappers import Response

from fakedocker.api import answers
from fakedocker.api.service import ASKED, DAEMON, SERVICE, VERDICT, VERSION, Service, Verdict
from fakedocker.engine.profiles import OLDEST_MODERN, Profile, Version, parse_version

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


@dataclass(frozen=True, slots=True)
class Way:
    """Where a request goes: the dialect (the beginning of its routes' paths), the version, the path without it."""

    dialect: str
    version: Version
    path: str
    verdict: Verdict = Verdict.SERVED


ANTIQUE, MODERN = "/antique", "/modern"


def way(path: str, profile: Profile, default: str, known_in_2013: Callable[[str], bool]) -> Way:
    """Return where a path leads with a daemon.

    `default` is the version that a path without one speaks; if that is one of 2013 and has no such route, which
    `known_in_2013` tells, the newest version answers. `/version` without one is how clients of today find out which
    version to speak: the newest answers it, too, with all that one of 2013 would say and more.
    """
    served = profile.modern_versions
    if not served:
        return Way(ANTIQUE, *negotiate(path, default))
    found = _PREFIX.match(path)
    if found is None:
        version = parse_version(default)
        if version >= OLDEST_MODERN:
            return Way(MODERN, version, path)
        if path != "/version" and known_in_2013(path):
            return Way(ANTIQUE, version, path)
        return Way(MODERN, profile.newest, path)
    version, rest = _two_numbers(found[1]), path[found.end() :]
    if version < OLDEST_MODERN and ".".join(map(str, version)) in profile.api_versions:
        return Way(ANTIQUE, version, rest)
    if version < served[0]:
        return Way(MODERN, version, rest, Verdict.TOO_OLD)
    return Way(MODERN, version, rest, Verdict.TOO_NEW if version > served[-1] else Verdict.SERVED)


def _two_numbers(text: str) -> Version:
    """Return a version's numbers; what is none counts as 0 (moby api/types/versions, compare)."""
    major, minor, *_ = [*(int(part[:9]) if part else 0 for part in text.split(".")), 0, 0]
    return major, minor


class Negotiation:
    """The WSGI layer in front of the app: cleans the path, takes the version out, chooses the dialect."""

    def __init__(self, app: WSGIApplication, known_in_2013: Callable[[str, str], bool]) -> None:
        self._app = app
        self._known_in_2013 = known_in_2013

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
        found = self._way(environ, service, path)
        environ[VERSION], environ[VERDICT] = found.version, found.verdict
        asked = _PREFIX.match(path)
        environ[ASKED] = asked[1] if asked is not None else ""
        environ["PATH_INFO"] = found.dialect + ("/" if found.path == "*" else found.path)
        return self._app(environ, start_response)

    def version_of(self, environ: WSGIEnvironment) -> Version:
        """Return the version of the API that a request speaks, before it is negotiated."""
        return self._way(environ, environ[DAEMON](), clean_path(environ.get("PATH_INFO", ""))).version

    def _way(self, environ: WSGIEnvironment, service: Service, path: str) -> Way:
        method = environ["REQUEST_METHOD"]
        return way(path, service.profile, service.api_version, lambda path: self._known_in_2013(method, path))


def clean_path(path: str) -> str:
    """Return a path without empty, `.` and `..` segments, as Go's ServeMux cleans it."""
    clean = posixpath.normpath("/" + path)
    if clean.startswith("//"):
        clean = clean[1:]
    return clean + "/" if path.endswith("/") and clean != "/" else clean
