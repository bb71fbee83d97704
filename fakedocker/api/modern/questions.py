"""Parameters of today's API that more than one resource has."""

from __future__ import annotations

from typing import Any

from flask import request

from fakedocker.engine import errors
from fakedocker.engine.filters import Filters
from fakedocker.wire import gojson


def filters() -> Filters:
    """Return what a list is to show. Raises InvalidParameter."""
    text = request.args.get("filters", "")
    if not text:
        return Filters()
    try:
        return Filters.read(gojson.decode(text.encode("utf-8", "replace")))
    except (gojson.JsonError, ValueError) as error:
        raise errors.malformed_filters(str(error)) from None


def flag(name: str) -> bool:
    """Return a parameter that is true unless it says no (moby api/server/httputils, BoolValue)."""
    return request.args.get(name, "").strip().lower() not in ("", "0", "no", "false", "none")


def truth(name: str, default: bool = False) -> bool:
    """Return a parameter that is true or false and nothing else. Raises InvalidParameter."""
    text = request.args.get(name, "")
    if not text:
        return default
    if text in ("1", "t", "T", "true", "TRUE", "True"):
        return True
    if text in ("0", "f", "F", "false", "FALSE", "False"):
        return False
    raise errors.invalid_parameter_value(name, text, "ParseBool")


def texts(name: str) -> list[str]:
    """Return all values of a parameter, in their order."""
    return request.args.getlist(name)


def json_parameter(name: str) -> Any:
    """Return a parameter that is JSON, None if it is not there. Raises ValueError with what Go says of it."""
    text = request.args.get(name, "")
    if not text:
        return None
    try:
        return gojson.decode(text.encode("utf-8", "replace"))
    except gojson.JsonError as error:
        raise ValueError(str(error)) from None
