"""Every answer beside the official document of its version: types, members, nulls, enumerations, statuses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from conformance.specs.allowed import ALLOWED, is_allowed
from conformance.specs.conversation import Session, converse
from conformance.specs.spec import FOLDER, WHERE_FROM, Spec, spec

from fakedocker import FakeDocker

needs_documents = pytest.mark.skipif(not FOLDER, reason=WHERE_FROM)
VERSIONS = ("1.25", "1.30", "1.41", "1.44", "1.51")
WORLD = Path(__file__).parents[1] / "engine_api" / "world.yaml"
PROFILES = {"20.10": (1, 41), "26": (1, 45), "28": (1, 51)}
CASES = [
    (profile, version)
    for profile, newest in PROFILES.items()
    for version in VERSIONS
    if tuple(map(int, version.split("."))) <= newest
]


@needs_documents
@pytest.mark.parametrize(("profile", "version"), CASES)
def test_all_answers_are_what_the_document_says(profile: str, version: str) -> None:
    with FakeDocker(WORLD, profile=profile) as daemon:
        session = Session(daemon.url, version)
        converse(session)
    wrong = sorted({one for one in session.found if not is_allowed(one, profile)})
    assert not wrong, "\n".join(wrong)


def test_every_exception_has_a_reason() -> None:
    assert all(reason.strip() for _, reason in ALLOWED)


# -- the reader of documents ----------------------------------------------------------------------------------


@pytest.fixture
def document() -> Spec:
    return Spec(
        {
            "definitions": {
                "ErrorResponse": {
                    "type": "object",
                    "properties": {"message": {"type": "string"}},
                    "required": ["message"],
                },
                "Base": {"type": "object", "properties": {"Id": {"type": "string"}}, "required": ["Id"]},
                "Thing": {
                    "allOf": [
                        {"$ref": "#/definitions/Base"},
                        {
                            "type": "object",
                            "properties": {
                                "State": {"type": "string", "enum": ["on", "off"]},
                                "Port": {"type": "integer", "format": "uint16", "x-nullable": True},
                                "When": {"type": "string", "format": "dateTime"},
                                "Labels": {"type": "object", "additionalProperties": {"type": "string"}},
                                "Never": {"type": "array", "items": {"type": "string"}, "x-nullable": False},
                            },
                        },
                    ]
                },
            },
            "paths": {
                "/things/{name}": {"get": {"responses": {200: {"schema": {"$ref": "#/definitions/Thing"}}}}},
                "/things/json": {"get": {"responses": {200: {}}}},
            },
        }
    )


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({"Id": "a", "State": "on", "Port": None, "Labels": None, "When": "2020-01-01T00:00:00Z"}, []),
        ({}, [".Id: missing"]),
        ({"Id": None}, [".Id: null"]),
        ({"Id": 3}, [".Id: 3 is no string"]),
        ({"Id": "a", "State": "half"}, [".State: 'half' is none of ['on', 'off']"]),
        ({"Id": "a", "Port": 65536}, [".Port: 65536 is no uint16"]),
        ({"Id": "a", "Port": True}, [".Port: True is no integer"]),
        ({"Id": "a", "When": "today"}, [".When: 'today' is no dateTime"]),
        ({"Id": "a", "Labels": {"x": 1}}, [".Labels.*: 1 is no string"]),
        ({"Id": "a", "Never": None}, [".Never: null"]),
        ({"Id": "a", "More": 1}, [".More: unknown"]),
    ],
)
def test_an_answer_is_judged_by_its_document(document: Spec, body: Any, wrong: list[str]) -> None:
    operation = document.operation("GET", "/things/one")
    assert operation is not None
    assert list(document.problems(operation, 200, body)) == wrong


def test_a_status_that_no_document_has_is_reported(document: Spec) -> None:
    operation = document.operation("GET", "/things/one")
    assert operation is not None
    assert list(document.problems(operation, 418, None)) == ["status 418 is not documented"]
    wrong = list(document.problems(operation, 418, {"text": "I am a teapot"}))
    assert wrong == ["status 418 is not documented", ".message: missing", ".text: unknown"]


def test_a_path_without_names_goes_first(document: Spec) -> None:
    found = document.operation("GET", "/things/json")
    assert found is not None
    assert found.path == "/things/json"
    assert document.operation("POST", "/things/json") is None


@needs_documents
def test_there_is_a_document_for_every_version() -> None:
    assert all(spec(version) is not None for version in VERSIONS)
