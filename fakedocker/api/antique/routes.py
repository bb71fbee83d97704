"""The blueprint of the antique dialect: what holds for every one of its routes."""

from __future__ import annotations

from flask import Blueprint, Response, request
from werkzeug.routing import BaseConverter

from fakedocker.api import answers
from fakedocker.api.antique import errors
from fakedocker.api.negotiation import UNSUPPORTED
from fakedocker.api.service import api_version, service
from fakedocker.engine.errors import DockerError

antique = Blueprint("antique", __name__, url_prefix="/antique")

CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Headers": "Origin, X-Requested-With, Content-Type, Accept",
    "Access-Control-Allow-Methods": "GET, POST, DELETE, PUT, OPTIONS",
}


class Name(BaseConverter):
    """A name in a path: anything at all, slashes and the empty name included (moby v0.4.0 api.go, `{name:.*}`)."""

    regex = ".*"
    part_isolating = False


@antique.before_request
def refuse_unknown_versions() -> Response | None:
    """Answer 404 without a body to a version this dialect does not speak, wherever a route exists."""
    if api_version() == UNSUPPORTED and request.method != "OPTIONS":
        return answers.empty(404)
    return None


@antique.after_request
def allow_other_origins(response: Response) -> Response:
    """Add the headers for web pages from elsewhere, if the daemon was told so; never to a hijacked answer."""
    hijacked = request.path.endswith("/attach") and response.content_type == answers.RAW_STREAM
    if service().cors and not hijacked:
        response.headers.update(CORS)
    return response


@antique.errorhandler(DockerError)
def tell_error(error: DockerError) -> Response:
    """Turn what the engine refuses into an answer."""
    return errors.render(error)


@antique.route("/", defaults={"path": ""}, methods=["OPTIONS"], provide_automatic_options=False)
@antique.route("/<name:path>", methods=["OPTIONS"], provide_automatic_options=False)
def options(path: str) -> Response:
    """Answer OPTIONS on any path, even unknown ones."""
    return answers.empty(200)
