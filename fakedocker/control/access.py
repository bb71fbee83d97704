"""Who may control a daemon: this machine's users, or who knows the token; no page that a browser happens to show.

A page of another site can send requests to a loopback address. It cannot send them without an `Origin` or a
`Sec-Fetch-Site` that says so, and if its host name is made to resolve to this machine, `Host` still has that name.
"""

from __future__ import annotations

import hmac
import ipaddress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from fakedocker.control.bodies import media_type

if TYPE_CHECKING:
    from wsgiref.types import WSGIEnvironment

#: Where the environ carries the token that others than this machine's users need; "" or missing: nobody else may.
TOKEN = "fakedocker.control_token"
_UNIX = "@"


def refusal(environ: WSGIEnvironment) -> str:
    """Return why a request may not control the daemon, "" if it may."""
    if _has_token(environ):
        return ""
    peer = environ.get("REMOTE_ADDR", "")
    if peer == _UNIX:
        return ""
    if not _is_loopback(peer):
        return "only this machine may control the daemon, or who sends its token as X-Fakedocker-Token"
    if not _is_local(environ.get("HTTP_HOST", "")):
        return "this host name is not one of this machine's own"
    origin = environ.get("HTTP_ORIGIN", "")
    if (origin and urlsplit(origin).netloc != environ.get("HTTP_HOST", "")) or not _is_same_site(environ):
        return "pages of other sites may not control the daemon"
    if environ.get("REQUEST_METHOD") == "POST" and not _cannot_be_a_form(environ):
        return "pages of other sites may not control the daemon: say Content-Type: application/json"
    return ""


def _cannot_be_a_form(environ: WSGIEnvironment) -> bool:
    """Tell whether a page needs our leave to send this, or is ours: old browsers do not say where a form is from."""
    return media_type(environ) == "application/json" or environ.get("HTTP_SEC_FETCH_SITE") == "same-origin"


def _has_token(environ: WSGIEnvironment) -> bool:
    token: str = environ.get(TOKEN) or ""
    sent: str = environ.get("HTTP_X_FAKEDOCKER_TOKEN", "")
    sent = sent or environ.get("HTTP_AUTHORIZATION", "").removeprefix("Bearer ")
    return bool(token) and hmac.compare_digest(sent.encode("latin-1", "replace"), token.encode())


def _is_same_site(environ: WSGIEnvironment) -> bool:
    return environ.get("HTTP_SEC_FETCH_SITE", "none") in ("none", "same-origin")


def _is_loopback(address: str) -> bool:
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)
    return (mapped or found).is_loopback


def _is_local(host: str) -> bool:
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return False
    return name == "localhost" or _is_loopback(name)
