"""Errors as the daemon of 2013 sent them: plain text, the status chosen by the kind."""

from __future__ import annotations

from flask import Response

from fakedocker.api import answers
from fakedocker.api.arguments import BadParameter
from fakedocker.engine.errors import Conflict, DockerError, Failure, NotFound

#: The first kind that fits gives the status; everything else is 500. The original decided by the beginning of the text
#: (moby v0.4.0 api.go, httpError), so that bad names of images, say, were 500, too.
STATUSES: tuple[tuple[type[DockerError], int], ...] = (
    (NotFound, 404),
    (BadParameter, 400),
    (Conflict, 409),
)
NOT_ROUTED = "404 page not found\n"


def status_of(error: DockerError) -> int:
    """Return the status of an error."""
    return next((status for kind, status in STATUSES if isinstance(error, kind)), 500)


def render(error: DockerError) -> Response:
    """Return the answer that tells of an error."""
    return answers.text(f"{error}\n", status_of(error))


def not_routed() -> Response:
    """Return the answer to a path or a method that the API does not have."""
    return answers.text(NOT_ROUTED, 404)


def wrapped(doing: str, error: DockerError) -> Failure:
    """Return an error as it is sent when a verb failed: always a 500 that says what was tried."""
    return Failure(f"{doing}: {error}")
