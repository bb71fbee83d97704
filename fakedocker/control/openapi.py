"""The description of the control API, as an OpenAPI 3.1 document made of the table of verbs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from fakedocker.control.verbs import VERBS, Argument, Verb

_TYPES = {"number": "number", "text": "string", "truth": "boolean", "object": "object"}


def document(prefix: str) -> dict[str, Any]:
    """Return the document; `prefix` is where the API begins."""
    paths: dict[str, dict[str, Any]] = {}
    for verb in VERBS.values():
        paths.setdefault(prefix + verb.path, {})[verb.method.lower()] = _operation(verb)
    return {
        "openapi": "3.1.0",
        "info": {"title": "fakedocker's control API", "version": "1"},
        "paths": paths,
    }


def _operation(verb: Verb) -> dict[str, Any]:
    in_path = re.findall(r"\{(\w+)\}", verb.path)
    others = {name: one for name, one in verb.arguments.items() if name not in in_path}
    by_query = others if verb.method in ("GET", "DELETE") else {}
    parameters = [_parameter(name, verb.arguments[name], "path") for name in in_path]
    parameters += [_parameter(name, one, "query") for name, one in by_query.items()]
    told: dict[str, Any] = {"operationId": verb.name, "summary": verb.says}
    if parameters:
        told["parameters"] = parameters
    if others and not by_query:
        told["requestBody"] = {"content": {"application/json": {"schema": _schema(others)}}}
    refused = {"description": "refused", "content": {"application/json": {"schema": _MESSAGE}}}
    return told | {"responses": {"200": {"description": "done"}, "default": refused}}


_MESSAGE = {"type": "object", "properties": {"message": {"type": "string"}}, "required": ["message"]}


def _parameter(name: str, argument: Argument, place: str) -> dict[str, Any]:
    needed = argument.default is None
    schema = {"type": _TYPES[argument.kind]}
    return {"name": name, "in": place, "required": needed, "description": argument.says, "schema": schema}


def _schema(arguments: Mapping[str, Argument]) -> dict[str, Any]:
    properties = {name: {"type": _TYPES[one.kind], "description": one.says} for name, one in arguments.items()}
    needed = [name for name, one in arguments.items() if one.default is None]
    return {"type": "object", "properties": properties, "required": needed, "additionalProperties": False}
