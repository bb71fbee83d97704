"""The daemon's own words, misspellings included: clients look for them."""

from __future__ import annotations

import inspect

import pytest

from fakedocker.engine import errors
from fakedocker.engine.errors import (
    Conflict,
    DockerError,
    Failure,
    InvalidParameter,
    NotFound,
    NotModified,
    Unauthorized,
)

TEXTS: list[tuple[DockerError, type[DockerError], str]] = [
    (errors.no_such_container("x"), NotFound, "No such container: x"),
    (errors.no_such_image("a:b"), NotFound, "No such image: a:b"),
    (errors.image_does_not_exist("x"), Failure, "Image does not exist: x"),
    (errors.no_command(), Failure, "No command specified"),
    (errors.already_running("id"), NotModified, "The container id is already running."),
    (errors.no_volumes_from("id"), Failure, "Container id not found. Impossible to mount its volumes"),
    (errors.port_in_use(80), Conflict, "Port already in use: 80"),
    (errors.unexpected_index_status(500), Failure, "Unexepected status code 500"),
    (errors.no_such_tag_in_index("t", "r"), NotFound, "Tag t not found in repositoy r"),
    (errors.index_refuses(401), Failure, "Please login first (HTTP code 401)"),
    (errors.index_refuses(404), Failure, "HTTP code: 404"),
    (errors.image_not_deleted("x"), Conflict, "Conflict, x wasn't deleted"),
    (errors.wrong_login(), Unauthorized, "Wrong login/password, please try again"),
    (errors.illegal_repository_name("a:b"), InvalidParameter, "Illegal repository name: a:b"),
    (errors.command_failed(["a", "b"], 3), Failure, "The command [a b] returned a non-zero code: 3"),
]


@pytest.mark.parametrize(("error", "kind", "text"), TEXTS, ids=[text for _, _, text in TEXTS])
def test_an_error_has_its_kind_and_the_daemons_words(error: DockerError, kind: type[DockerError], text: str) -> None:
    assert type(error) is kind
    assert str(error) == text


def test_every_error_is_made_here_and_has_a_kind() -> None:
    functions = [value for _, value in inspect.getmembers(errors, inspect.isfunction)]
    ours = [function for function in functions if inspect.getmodule(function) is errors]
    made = [function for function in ours if not function.__name__.startswith("_")]
    assert made
    for function in made:
        kind = inspect.signature(function, eval_str=True).return_annotation
        assert issubclass(kind, DockerError), function.__name__


def test_a_text_that_was_changed_is_told_as_each_daemon_tells_it() -> None:
    error = Conflict("new").formerly((1, 43), "old").formerly((1, 30), "older", NotFound)
    assert str(error.for_daemon((1, 45))) == "new"
    assert str(error.for_daemon((1, 41))) == "old"
    assert isinstance(error.for_daemon((1, 24)), NotFound)
