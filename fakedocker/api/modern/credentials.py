"""Who a client says it is to registries: the headers X-Registry-Auth and X-Registry-Config (moby api/types/auth).

Both are JSON in base64. What cannot be read is as good as not given: then nobody asks.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from flask import request

from fakedocker.api.arguments import body
from fakedocker.engine import errors
from fakedocker.engine.accounts import Login
from fakedocker.engine.images.distribution import NOBODY
from fakedocker.wire import gojson

AUTH, CONFIG = "X-Registry-Auth", "X-Registry-Config"
#: How Docker Hub has been called in the configuration of clients.
HUB = frozenset({"https://index.docker.io/v1/", "index.docker.io", "docker.io", "registry-1.docker.io"})


def given_login() -> Login:
    """Return who asks, nobody if the header is missing or makes no sense."""
    return _login(_decoded(request.headers.get(AUTH, "")))


def login_for_push() -> Login:
    """Return who pushes; without a header the body says it, as long ago. Raises InvalidParameter."""
    if AUTH in request.headers:
        return given_login()
    data = body()
    try:
        return _login(gojson.decode(data))
    except gojson.JsonError:
        raise errors.missing_registry_auth() from None


def given_logins() -> dict[str, Login]:
    """Return who asks which registry, by the registry's host."""
    members = _decoded(request.headers.get(CONFIG, ""))
    if not isinstance(members, Mapping):
        return {}
    return {_host(name): _login(one) for name, one in members.items()}


def _host(name: str) -> str:
    if name in HUB:
        return "docker.io"
    return name.partition("://")[2].partition("/")[0] if "://" in name else name.partition("/")[0]


def _decoded(text: str) -> Any:
    if not text:
        return None
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_")
        return gojson.decode(data)
    except (binascii.Error, ValueError, gojson.JsonError):
        return None


def _login(members: Any) -> Login:
    if not isinstance(members, Mapping):
        return NOBODY
    told = {str(name).lower(): value for name, value in members.items()}
    username, password = (told.get(name) for name in ("username", "password"))
    if not isinstance(username, str) or not isinstance(password, str):
        both = told.get("auth")
        return _basic(both) if isinstance(both, str) else NOBODY
    return Login(username, password) if username else NOBODY


def _basic(text: str) -> Login:
    try:
        username, colon, password = base64.b64decode(text, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return NOBODY
    return Login(username, password) if colon and username else NOBODY
