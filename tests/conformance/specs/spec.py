"""The official documents of the Engine API (Swagger 2.0), read far enough to judge answers by them.

The documents are moby's, and no part of this project: FAKEDOCKER_OPENAPI names a folder with `v1.25.yaml` to
`v1.51.yaml`. They describe Go's structs loosely: a slice or a map that is nil is null in JSON without a word, so null
is taken for a list or an object unless `x-nullable: false` forbids it, and for anything else only where `x-nullable`
allows it. Members that a document does not know are reported, since a client's author will not know them either.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = os.environ.get("FAKEDOCKER_OPENAPI", "")
WHERE_FROM = (
    "no documents: take api/docs/v1.*.yaml of github.com/moby/moby (for the newest: a release's api/swagger.yaml), "
    "and name their folder in FAKEDOCKER_OPENAPI"
)
FASTEST = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
}
RANGES = {
    "int32": range(-(2**31), 2**31),
    "int64": range(-(2**63), 2**63),
    "uint16": range(2**16),
    "uint32": range(2**32),
    "uint64": range(2**64),
}
MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")
#: Beginnings of paths whose names may have slashes.
WITH_SLASHES = ("/images/", "/distribution/", "/plugins/")

Schema = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path. `path` is the template: `/containers/{id}/json`."""

    method: str
    path: str
    responses: Mapping[str, Any]


class Spec:
    """The document of one version."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._definitions: Mapping[str, Schema] = document["definitions"]
        self._operations = [
            (_pattern(path), Operation(method.upper(), path, {str(key): one for key, one in told["responses"].items()}))
            for path, methods in sorted(document["paths"].items(), key=lambda item: item[0].count("{"))
            for method, told in methods.items()
            if method in ("get", "head", "post", "put", "delete")
        ]

    def operation(self, method: str, path: str) -> Operation | None:
        """Return what the document says about a request, None if it does not know it."""
        for pattern, operation in self._operations:
            if operation.method == method and pattern.fullmatch(path):
                return operation
        return None

    def problems(self, operation: Operation, status: int, body: Any) -> Iterator[str]:
        """Yield what is wrong with an answer, each with where it stands; `body` None: there is none."""
        told = operation.responses.get(str(status), operation.responses.get("default"))
        if told is None:
            yield f"status {status} is not documented"
            if status >= 400 and body is not None:
                yield from self._judge({"$ref": "#/definitions/ErrorResponse"}, body, "")
        elif body is not None and "schema" in told:
            yield from self._judge(told["schema"], body, "")

    def _judge(self, schema: Schema, value: Any, where: str) -> Iterator[str]:
        schema = self._resolved(schema)
        if value is None:
            kind = schema.get("type", "object")
            allowed = schema.get("x-nullable", kind in ("object", "array"))
            if not allowed:
                yield f"{where}: null"
            return
        kind = schema.get("type")
        if isinstance(kind, str) and not _is(kind, value):
            yield f"{where}: {_shown(value)} is no {kind}"
            return
        yield from self._judge_text_or_number(schema, value, where)
        if isinstance(value, list):
            for item in value:
                yield from self._judge(schema.get("items", {}), item, f"{where}[]")
        if isinstance(value, dict):
            yield from self._judge_members(schema, value, where)

    def _judge_text_or_number(self, schema: Schema, value: Any, where: str) -> Iterator[str]:
        if "enum" in schema and value not in schema["enum"]:
            yield f"{where}: {value!r} is none of {schema['enum']}"
        form = str(schema.get("format", ""))
        if isinstance(value, int) and form in RANGES and value not in RANGES[form]:
            yield f"{where}: {value} is no {form}"
        if isinstance(value, str) and value and form.lower().replace("-", "") == "datetime" and not MOMENT.match(value):
            yield f"{where}: {value!r} is no {form}"

    def _judge_members(self, schema: Schema, value: Mapping[str, Any], where: str) -> Iterator[str]:
        properties, required, others = self._members(schema)
        for name in required:
            if name not in value:
                yield f"{where}.{name}: missing"
        for name, item in value.items():
            if name in properties:
                yield from self._judge(properties[name], item, f"{where}.{name}")
            elif isinstance(others, dict):
                yield from self._judge(others, item, f"{where}.*")
            elif properties and others is not True:
                yield f"{where}.{name}: unknown"

    def _members(self, schema: Schema) -> tuple[dict[str, Schema], set[str], Any]:
        """Return the members of an object, which of them it must have, and what others are."""
        schema = self._resolved(schema)
        properties = dict(schema.get("properties", {}))
        required, others = set(schema.get("required", ())), schema.get("additionalProperties")
        for part in schema.get("allOf", ()):
            more, needed, further = self._members(part)
            properties |= more
            required |= needed
            others = others if others is not None else further
        return properties, required, others

    def _resolved(self, schema: Schema) -> Schema:
        while "$ref" in schema:
            schema = self._definitions[schema["$ref"].rpartition("/")[2]]
        return schema


def _shown(value: Any) -> str:
    return {dict: "an object", list: "an array"}.get(type(value)) or repr(value)


def _is(kind: str, value: Any) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    return isinstance(value, TYPES[kind])


def _pattern(path: str) -> re.Pattern[str]:
    name = ".+" if path.startswith(WITH_SLASHES) else "[^/]+"
    return re.compile(
        "".join(name if part.startswith("{") else re.escape(part) for part in re.split(r"(\{.*?\})", path))
    )


@cache
def spec(version: str) -> Spec | None:
    """Return the document of a version, None if there is none."""
    path = Path(FOLDER) / f"v{version}.yaml"
    if not FOLDER or not path.exists():
        return None
    with path.open() as file:
        return Spec(yaml.load(file, Loader=FASTEST))  # noqa: S506  # it is a safe loader, in C where there is one
