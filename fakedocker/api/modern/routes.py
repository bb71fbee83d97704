"""The blueprint of the modern dialect: what holds for every one of its routes."""

from __future__ import annotations

from flask import Blueprint, Response, request

from fakedocker.api import answers
from fakedocker.api.arguments import BrokenBody
from fakedocker.api.modern import errors
from fakedocker.api.service import Verdict, asked_version, service, verdict
from fakedocker.engine.errors import DockerError
from fakedocker.engine.profiles import Profile

#: The routes that know HEAD; all others have no such route.
ANSWER_HEAD = frozenset({"modern.ping", "modern.archive_head"})

modern = Blueprint("modern", __name__, url_prefix="/modern")


@modern.before_request
def refuse_other_versions() -> Response | None:
    """Refuse what this daemon is too new or too old for, in its own words (moby server/middleware/version.go)."""
    profile = service().profile
    oldest, newest = (".".join(map(str, version)) for version in (profile.modern_versions[0], profile.newest))
    asked = asked_version()
    match verdict():
        case Verdict.TOO_OLD:
            return errors.message(
                f"client version {asked} is too old. Minimum supported API version is {oldest}, "
                "please upgrade your client to a newer version",
                400,
            )
        case Verdict.TOO_NEW:
            return errors.message(f"client version {asked} is too new. Maximum supported API version is {newest}", 400)
    if request.method == "HEAD" and request.endpoint not in ANSWER_HEAD:
        return errors.not_routed()
    return None


@modern.after_request
def tell_about_the_daemon(response: Response) -> Response:
    """Add the headers that tell clients whom they talk to."""
    response.headers.update(headers_of_the_daemon())
    return response


def headers_of_the_daemon() -> dict[str, str]:
    """Return the headers that tell clients whom they talk to."""
    profile = service().profile
    experimental = {"Docker-Experimental": "false"} if verdict() is Verdict.SERVED else {}
    return {
        "Api-Version": ".".join(map(str, profile.newest)),
        **experimental,
        "Ostype": "linux",
        "Server": server_name(profile),
    }


def server_name(profile: Profile) -> str:
    """Return how a daemon calls itself in HTTP."""
    return f"Docker/{profile.version} (linux)"


@modern.errorhandler(BrokenBody)
def tell_broken_body(error: BrokenBody) -> Response:
    """A body that could not be read is the client's fault."""
    return errors.broken(error)


@modern.errorhandler(DockerError)
def tell_error(error: DockerError) -> Response:
    """Turn what the engine refuses into an answer."""
    return errors.render(error)


def no_content() -> Response:
    """Return the answer of a verb that has nothing to say."""
    return answers.empty(204)
