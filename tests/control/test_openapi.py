"""The description of the control API."""

from __future__ import annotations

from fakedocker.control import VERBS
from fakedocker.control.openapi import document


def test_every_verb_is_described() -> None:
    told = document("/_fakedocker")
    operations = [one for methods in told["paths"].values() for one in methods.values()]
    assert {one["operationId"] for one in operations} == set(VERBS)


def test_arguments_stand_where_they_are_read() -> None:
    paths = document("")["paths"]
    by_path = paths["/containers/{container}/logs"]["get"]["parameters"]
    assert [(one["name"], one["in"], one["required"]) for one in by_path] == [("container", "path", True)]
    by_query = paths["/journal"]["get"]["parameters"]
    assert [(one["name"], one["in"], one["required"]) for one in by_query] == [
        ("after", "query", False),
        ("wait", "query", False),
        ("operation", "query", False),
        ("limit", "query", False),
    ]
    schema = paths["/clock/advance"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert schema["required"] == ["seconds"]
