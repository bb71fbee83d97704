"""JSON bodies of API 1.0 and 1.1."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fakedocker.api.antique.views import CONFIG
from fakedocker.api.arguments import body
from fakedocker.engine.accounts import Login
from fakedocker.engine.containers.config import Config
from fakedocker.engine.errors import Failure
from fakedocker.wire import gojson
from fakedocker.wire.gojson import Member

_LOGIN = {
    "username": Member("Username", "string"),
    "password": Member("Password", "string"),
    "email": Member("Email", "string"),
}
_CACHE = {"id": Member("Id", "string"), **CONFIG}


def read_config(data: bytes | None = None) -> Config:
    """Return the configuration in a body, whatever its Content-Type says. Raises Failure."""
    return Config(**_struct("docker.Config", CONFIG, data))


def read_login() -> Login:
    """Return the login in the request's body. Raises Failure."""
    return Login(**_struct("auth.AuthConfig", _LOGIN))


def read_cache_question() -> tuple[str, Config]:
    """Return the parent's id and the configuration that a look-up in the build cache asks for. Raises Failure."""
    members = _struct("docker.APIImageConfig", _CACHE)
    return members.pop("id", ""), Config(**members)


def _struct(struct: str, members: Mapping[str, Member], data: bytes | None = None) -> dict[str, Any]:
    try:
        return gojson.read_struct(gojson.decode(body() if data is None else data), struct, members)
    except gojson.JsonError as error:
        raise Failure(str(error)) from None
