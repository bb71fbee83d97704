"""Errors of today's API: their statuses, their shape, and the words of the daemon that is played."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from fakedocker.api.modern.errors import STATUSES, status_of
from fakedocker.engine import errors
from fakedocker.engine.errors import CannotExecute, DockerError, InvalidParameter, NobodyThere, NotFound

if TYPE_CHECKING:
    from modern.conftest import Dock


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (errors.InvalidParameter, 400),
        (errors.Unauthorized, 401),
        (errors.Forbidden, 403),
        (errors.NotFound, 404),
        (errors.Conflict, 409),
        (errors.Failure, 500),
        (errors.NotImplemented, 501),
        (errors.Unavailable, 503),
        (errors.NotModified, 304),
        (CannotExecute, 400),
        (NobodyThere, 500),
        (DockerError, 500),
    ],
)
def test_a_kind_of_error_has_a_status(kind: type[DockerError], status: int) -> None:
    assert status_of(kind.__new__(kind)) == status


def test_every_kind_of_error_has_a_status_of_its_own_choice() -> None:
    kinds = {kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, DockerError)}
    chosen = tuple(kind for kind, _ in STATUSES)
    # the two that are only there to have kinds below them
    assert {kind for kind in kinds if not issubclass(kind, chosen)} == {DockerError, errors.CannotStart}


def test_an_error_is_json_on_a_line(dock: Dock) -> None:
    reply = dock.get("/containers/nosuch/json")
    assert (reply.status, reply.type) == (404, "application/json")
    assert reply.text == '{"message":"No such container: nosuch"}\n'


@pytest.mark.parametrize("path", ["/v1.23/containers/nosuch/json", "/v1.12/containers/nosuch/json"])
def test_an_error_was_plain_text_once(new_dock: Callable[[str], Dock], path: str) -> None:
    reply = new_dock("20.10").get(path)
    assert (reply.status, reply.type) == (404, "text/plain; charset=utf-8")
    assert reply.fields["x-content-type-options"] == "nosniff"
    assert reply.text == "No such container: nosuch\n"


def test_nothing_to_do_is_no_error_with_a_body(dock: Dock) -> None:
    dock.create("true")
    reply = dock.post("/containers/box/stop")
    assert (reply.status, reply.body, reply.type) == (304, b"", None)


def test_a_path_or_a_method_that_there_is_not_is_not_found(dock: Dock) -> None:
    for method, path in (("GET", "/nosuch"), ("PUT", "/v1.44/info"), ("DELETE", "/version"), ("GET", "/v1.44/")):
        reply = dock.ask(method, path)
        assert (reply.status, reply.json) == (404, {"message": "page not found"})


def test_an_error_speaks_the_words_of_the_daemon() -> None:
    error = NotFound("now").formerly((1, 40), "then", InvalidParameter).formerly((1, 20), "at first")
    assert [str(error.for_daemon(version)) for version in ((1, 45), (1, 40), (1, 39), (1, 20), (1, 19))] == [
        *("now", "now", "then", "then", "at first"),
    ]
    assert isinstance(error.for_daemon((1, 39)), InvalidParameter)


@pytest.mark.parametrize(
    ("profile", "text"),
    [("20.10", "Unknown runtime specified x"), ("26", "unknown or invalid runtime name: x")],
)
def test_the_same_mistake_is_told_by_each_daemon_as_it_did(
    new_dock: Callable[[str], Dock], profile: str, text: str
) -> None:
    body = {"Image": "busybox", "Cmd": ["true"], "HostConfig": {"Runtime": "x"}}
    reply = new_dock(profile).post("/containers/create", body)
    assert (reply.status, reply.json) == (400, {"message": text})
