"""JSON bodies of today's API: what they may say, and what it is for the engine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import request

from fakedocker.api.arguments import BadParameter, body
from fakedocker.api.effects import tell_of_body
from fakedocker.api.modern.shapes import HOST_CONFIG, UPDATE, WITHOUT_EFFECT
from fakedocker.api.service import service
from fakedocker.engine.errors import DockerError, Failure, InvalidParameter
from fakedocker.wire import gojson
from fakedocker.wire.gojson import Struct

JSON = "application/json"


def wrong_content_type(given: str) -> BadParameter:
    text = f"unsupported Content-Type header ({given}): must be 'application/json'"
    if not given:
        text = "malformed Content-Type header (): mime: no media type"
    return BadParameter(text).formerly((1, 43), f"Content-Type specified ({given}) must be 'application/json'")


#: From here on a body that is missing says nothing (24.0).
MAY_BE_MISSING = (1, 43)
#: From here on nothing may follow the JSON of a body (24.0).
STANDS_ALONE = (1, 43)
#: Structs -> their members that are kept and shown, and change nothing here, and would on a real daemon: how large the
#: client's terminal is, no daemon on Linux asks.
HEEDLESS = dict.fromkeys((HOST_CONFIG.name, UPDATE.name), frozenset(WITHOUT_EFFECT) - {"ConsoleSize"})


Kind = Callable[[str], DockerError]


def read(
    struct: Struct, *, empty_is_nothing: bool = False, blamed: Kind = Failure, malformed: Kind = InvalidParameter
) -> dict[str, Any]:
    """Return what a JSON body says about a struct. Raises InvalidParameter, Failure.

    `empty_is_nothing`: the body may be missing. `blamed`, `malformed`: the kinds of error that a value of the wrong
    type and what is no JSON once were.
    """
    data = body()
    if not data and empty_is_nothing:
        return {}
    if data:
        check_type()
    return decode(data, struct, blamed, malformed)


def read_or_nothing(
    struct: Struct, *, blamed: Kind = InvalidParameter, malformed: Kind = InvalidParameter
) -> dict[str, Any]:
    """Return what a JSON body says about a struct, which today may be missing. Raises InvalidParameter, Failure."""
    missing = service().newest >= MAY_BE_MISSING
    return read(struct, empty_is_nothing=missing, blamed=blamed, malformed=malformed)


def read_unchecked(struct: Struct) -> dict[str, Any]:
    """Return what a body says about a struct, whatever type it claims to have. Raises Failure."""
    try:
        value = gojson.decode(body())
        members = gojson.read_struct(value, struct.name, struct.members)
    except gojson.JsonError as error:
        raise Failure(str(error)) from None
    tell_of_body(value, struct)
    return members


def check_type() -> None:
    """Refuse a body that does not say it is JSON (moby api/server/httputils). Raises BadParameter."""
    given = request.headers.get("Content-Type", "")
    if given.partition(";")[0].strip().lower() != JSON:
        raise wrong_content_type(given)


def decode(data: bytes, struct: Struct, blamed: Kind = Failure, malformed: Kind = InvalidParameter) -> dict[str, Any]:
    """Return what JSON says about a struct. Raises InvalidParameter, Failure (a value of the wrong type)."""
    try:
        value, rest = gojson.decode_first(data)
    except gojson.JsonError as error:
        text = str(error)
        if text == "EOF":
            ended = "got EOF while reading request body"
            once = malformed(ended if malformed is InvalidParameter else text)
            raise InvalidParameter(f"invalid JSON: {ended}").formerly((1, 42), str(once), malformed) from None
        raise InvalidParameter(f"invalid JSON: {text}").formerly((1, 42), text, malformed) from None
    try:
        members = gojson.read_struct(value, struct.name, struct.members)
    except gojson.JsonError as error:
        raise InvalidParameter(f"invalid JSON: {error}").formerly((1, 42), str(error), blamed) from None
    if rest and service().newest >= STANDS_ALONE:
        raise InvalidParameter("unexpected content after JSON")
    tell_of_body(value, struct, HEEDLESS)
    return members
