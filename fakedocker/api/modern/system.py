"""The routes of the daemon itself: ping, version, info, disk usage, events, login."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from fakedocker.api import answers
from fakedocker.api.arguments import Parameters
from fakedocker.api.modern import bodies, streams
from fakedocker.api.modern.ageing import aged, modernised
from fakedocker.api.modern.following import Following
from fakedocker.api.modern.questions import filters as filters_of
from fakedocker.api.modern.routes import modern
from fakedocker.api.modern.views import containers as container_views
from fakedocker.api.modern.views import daemon as views
from fakedocker.api.modern.views import images as image_views
from fakedocker.api.modern.views import volumes as volume_views
from fakedocker.api.service import service
from fakedocker.engine.accounts import Login, verify
from fakedocker.engine.filters import Filters
from fakedocker.engine.images import imagelists
from fakedocker.wire.gojson import Member, Struct

LOGIN = Struct(
    "registry.AuthConfig",
    {
        "username": Member("username", "string"),
        "password": Member("password", "string"),
        "server": Member("serveraddress", "string"),
        "identity_token": Member("identitytoken", "string"),
        "email": Member("email", "string"),
    },
)


@modern.route("/_ping", methods=["GET", "HEAD"])
def ping() -> Response:
    response = answers.text("OK" if request.method == "GET" else "")
    response.headers["Cache-Control"] = "no-cache, no-store, must-revalidate"
    response.headers["Pragma"] = "no-cache"
    for name, value in aged("ping", views.ping(service().profile)).items():
        response.headers[name] = value
    return response


@modern.get("/version")
def version() -> Response:
    return answers.json_line(aged("version", views.version(service().profile)))


@modern.get("/info")
def info() -> Response:
    with service().runtime.engine() as engine:
        return answers.json_line(aged("info", views.info(engine)))


@modern.get("/system/df")
def disk_usage() -> Response:
    kinds = modernised("disk-usage", {"kinds": request.args.getlist("type")})["kinds"]
    for kind in kinds:
        if kind not in ("container", "image", "volume", "build-cache"):
            raise views.unknown_kind(kind)
    with service().runtime.engine() as engine:
        members: dict[str, Any] = {"LayersSize": 0, "Images": None, "Containers": None, "Volumes": None}
        if _asked("image", kinds):
            listed = imagelists.listed(engine.images, Filters(), engine.clock.now())
            members["LayersSize"] = imagelists.size_of_all(engine.images)
            members["Images"] = image_views.used(engine, listed)
        if _asked("container", kinds):
            members["Containers"] = [
                aged("container-summary", container_views.listed(one, engine, size=True)) for one in engine.containers
            ]
        if _asked("volume", kinds):
            members["Volumes"] = [volume_views.used(volume) for volume in engine.volumes]
        members["BuildCache"] = [] if _asked("build-cache", kinds) else None
    return answers.json_line(aged("disk-usage", members))


def _asked(kind: str, kinds: list[str]) -> bool:
    return not kinds or kind in kinds


@modern.get("/events")
def events() -> Response:
    parameters = Parameters()
    since, until = parameters.moment("since"), parameters.moment("until")
    chosen = filters_of()
    runtime = service().runtime
    with runtime.engine() as engine:
        ends = bool(request.args.get("until"))
        past = ends or bool(request.args.get("since"))
        following = Following(engine, chosen, since=since, until=until, past=past, ends=ends)
    source = streams.PieceSource(runtime, following.next, engine.events.watch, following.due, done=following.close)
    return answers.follow(source, answers.JSON)


@modern.post("/auth")
def log_in() -> Response:
    members = bodies.read_unchecked(LOGIN)
    with service().runtime.engine() as engine:
        verify(
            Login(members.get("username", ""), members.get("password", "")), engine.registry, members.get("server", "")
        )
    return answers.json_line({"IdentityToken": "", "Status": "Login Succeeded"})
