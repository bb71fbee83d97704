"""Kinds of errors and their statuses."""

from __future__ import annotations

import pytest
from wire_client import WireClient

from fakedocker.api.antique.errors import status_of, wrapped
from fakedocker.api.arguments import BadParameter, BrokenBody
from fakedocker.engine import errors


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.no_such_container("x"), 404),
        (errors.no_such_image("x"), 404),
        (errors.no_such_id("x"), 404),
        (BadParameter("Bad parameter"), 400),
        (BrokenBody("unexpected EOF"), 400),
        (errors.image_not_deleted("x"), 409),
        (errors.tag_conflict("a", "b", "c"), 409),
        (errors.image_does_not_exist("x"), 500),
        (errors.illegal_tag_name("x"), 500),
        (errors.empty_repository_name(), 500),
        (errors.wrong_login(), 500),
        (errors.no_command(), 500),
        (errors.no_terminal(), 500),
    ],
)
def test_a_kind_has_its_status(error: errors.DockerError, status: int) -> None:
    assert status_of(error) == status


def test_what_failed_on_the_way_is_always_500() -> None:
    error = wrapped("Error starting container x", errors.no_such_id("y"))
    assert (status_of(error), str(error)) == (500, "Error starting container x: No such id: y")


def test_an_error_is_plain_text_with_a_newline(client: WireClient) -> None:
    reply = client.get("/containers/x/json")
    assert (reply.status, reply.type) == (404, "text/plain; charset=utf-8")
    assert reply.text == "No such container: x\n"
    assert reply.fields["content-length"] == str(len(reply.body))


@pytest.mark.parametrize(
    ("name", "shown"),
    [("%C3%BC", "ü"), ("%ff", "\ufffd"), ("%3Cb%3E", "<b>"), ("a" * 5000, "a" * 5000)],
)
def test_an_error_repeats_a_name_as_it_came(client: WireClient, name: str, shown: str) -> None:
    reply = client.get(f"/containers/{name}/json")
    assert (reply.status, reply.text) == (404, f"No such container: {shown}\n")
