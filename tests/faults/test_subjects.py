"""What a request is about: by name or id, by image, by label; also what is yet to come."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from fakedocker.faults.calls import Request
from fakedocker.faults.subjects import MOST_READ, Subject, subject_of

KNOWN = {
    ("container", "abc"): {"name": "web", "id": "abc" + "0" * 61, "image": "postgres:16", "labels": {"tier": "db"}},
    ("exec", "e1"): {"name": "web", "id": "abc", "image": "postgres:16", "labels": {}},
}


def subject(operation: str, path: str, name: str = "", query: str = "", body: bytes = b"") -> Subject:
    environ: dict[str, Any] = {
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "wsgi.input": io.BytesIO(body),
        "fakedocker.describe": lambda kind, name: KNOWN.get((kind, name)),
    }
    found = subject_of(Request(operation, name, (1, 41), environ))
    assert environ["wsgi.input"].read() == body, "the API must be able to read it, too"
    return found


def test_a_container_is_known_by_its_name_however_it_was_asked_for() -> None:
    found = subject("ContainerStart", "/v1.41/containers/abc/start", "abc")
    assert found.is_called("web", "abc")
    assert found.is_called("abc", "abc")
    assert found.is_called("abc000000000", "abc")
    assert not found.is_called("other", "abc")
    assert subject("ExecStart", "/exec/e1/start", "e1").is_called("web", "e1")


def test_one_that_is_not_there_is_called_as_it_was_asked_for() -> None:
    assert subject("ContainerStart", "/containers/none/start", "none").is_called("none", "none")


@pytest.mark.parametrize(
    ("pattern", "fits"),
    [
        ("postgres", True),
        ("postgres:16", True),
        ("docker.io/library/postgres:16", True),
        ("post*", True),
        ("postgres:15", False),
        ("gres", False),
    ],
)
def test_an_image_is_meant_with_or_without_its_tag(pattern: str, fits: bool) -> None:
    assert subject("ContainerStart", "/containers/abc/start", "abc").is_of_image(pattern) is fits


def test_a_registry_with_a_port_is_no_tag() -> None:
    assert Subject(image="localhost:5000/shop").is_of_image("localhost:5000/shop:latest")


def test_a_label_is_meant_with_or_without_its_value() -> None:
    found = subject("ContainerStart", "/containers/abc/start", "abc")
    assert found.has_label("tier")
    assert found.has_label("tier=db")
    assert not found.has_label("tier=front")
    assert not found.has_label("db")


def test_a_container_that_is_to_be_created_is_what_the_request_says() -> None:
    body = json.dumps({"Image": "postgres", "Labels": {"tier": "db"}}).encode()
    found = subject("ContainerCreate", "/v1.41/containers/create", query="name=new", body=body)
    assert (found.name, found.image, found.labels) == ("new", "postgres", {"tier": "db"})


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"Labels": 3}', b"[" * 100_000, b" " * (MOST_READ + 10)])
def test_a_body_that_says_nothing_is_of_no_image(body: bytes) -> None:
    assert subject("ContainerCreate", "/containers/create", body=body).image == ""


def test_an_image_that_is_to_be_pulled_is_what_the_request_says() -> None:
    found = subject("ImageCreate", "/images/create", query="fromImage=docker.io%2Flibrary%2Fubuntu&tag=22.04")
    assert found.is_called("ubuntu", "")
    assert found.is_of_image("ubuntu:22.04")
    assert not found.is_of_image("ubuntu:20.04")
