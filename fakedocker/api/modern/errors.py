"""Errors as today's daemons send them: `{"message": ...}`, the status chosen by the kind."""

from __future__ import annotations

from flask import Response

from fakedocker.api import answers
from fakedocker.api.arguments import BrokenBody
from fakedocker.api.modern.ageing import aged
from fakedocker.api.service import service
from fakedocker.engine.errors import (
    Conflict,
    DockerError,
    Failure,
    Forbidden,
    InvalidParameter,
    NotFound,
    NotImplemented,
    NotModified,
    Unauthorized,
    Unavailable,
)

#: The first kind that fits gives the status; everything else is 500 (moby api/server/httpstatus).
STATUSES: tuple[tuple[type[DockerError], int], ...] = (
    (NotModified, 304),
    (NotFound, 404),
    (InvalidParameter, 400),
    (Conflict, 409),
    (Unauthorized, 401),
    (Unavailable, 503),
    (Forbidden, 403),
    (NotImplemented, 501),
    (Failure, 500),
)


def status_of(error: DockerError) -> int:
    """Return the status of an error."""
    return next((status for kind, status in STATUSES if isinstance(error, kind)), 500)


def render(error: DockerError) -> Response:
    """Return the answer that tells of an error, in the words of the daemon that is played."""
    told = error.for_daemon(service().newest)
    status = status_of(told)
    if status == 304:
        return answers.empty(status)
    return message(str(told), status)


def message(text: str, status: int) -> Response:
    """Return an answer with an error's text."""
    if aged("error", {"plain": False})["plain"]:
        response = answers.text(f"{text}\n", status)
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response
    return answers.json_line({"message": text}, status)


def not_routed() -> Response:
    """Return the answer to a path or a method that the API does not have."""
    return message("page not found", 404)


def broken(error: BrokenBody) -> Response:
    """Return the answer to a body that ended too early."""
    return message(str(error), 400)
