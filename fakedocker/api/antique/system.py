"""The routes of the daemon itself: version, info, login, commit, build."""

from __future__ import annotations

from typing import Any

from flask import Response

from fakedocker.api import answers
from fakedocker.api.antique.bodies import read_config, read_login
from fakedocker.api.antique.contract import terms
from fakedocker.api.antique.dockerfile import received
from fakedocker.api.antique.progress import build_error, build_line, streamed
from fakedocker.api.antique.routes import antique
from fakedocker.api.arguments import Parameters, body
from fakedocker.api.service import service
from fakedocker.engine.builds.build import build
from fakedocker.engine.containers.config import Config
from fakedocker.engine.engine import Engine
from fakedocker.engine.errors import Failure, InvalidParameter
from fakedocker.engine.ids import short
from fakedocker.engine.jobs import Begun, Job


@antique.get("/version")
def version() -> Response:
    with service().runtime.engine() as engine:
        profile = engine.profile
    members = {"Version": profile.version, "GitCommit": profile.git_commit, "GoVersion": profile.go_version}
    return answers.json({name: member for name, member in members.items() if member})


@antique.get("/info")
def info() -> Response:
    with service().runtime.engine() as engine:
        host = engine.host
        running = sum(container.running for container in engine.containers)
        members: dict[str, Any] = {
            "Debug": host.debug,
            "Containers": len(engine.containers),
            "Images": len(engine.images),
            "NFd": 11 + 3 * running,  # what a daemon holds open at rest, and for each container
            "NGoroutines": 7 + 6 * running,
        }
    limits = {"MemoryLimit": host.memory_limit, "SwapLimit": host.swap_limit}
    members |= {name: limit for name, limit in limits.items() if limit or terms().limits_always}
    return answers.json(members)


@antique.get("/auth")
def login() -> Response:
    with service().runtime.engine() as engine:
        stored = engine.accounts.login
    members = {"username": stored.username, "password": "", "email": stored.email}
    if not terms().auth_shows_password:
        del members["password"]
    return answers.json(members)


@antique.post("/auth")
def log_in() -> Response:
    given = read_login()
    with service().runtime.engine() as engine:
        said = engine.accounts.log_in(given, engine.registry)
    return answers.json({"Status": said}) if terms().auth_answers else answers.empty(200)


@antique.post("/commit")
def commit() -> Response:
    parameters = Parameters()
    config = _run_config(parameters)
    with service().runtime.engine() as engine:
        container = engine.containers.find(parameters.text("container"))
        image = engine.commit(
            container,
            comment=parameters.text("comment") or parameters.text("m"),
            author=parameters.text("author"),
            config=config,
        )
        if parameters.text("repo"):
            engine.images.repositories.set(parameters.text("repo"), parameters.text("tag"), image.id)
    return answers.json({"Id": short(image.id)}, 201, terms().commit_type)


def _run_config(parameters: Parameters) -> Config:
    """Return the configuration for containers of the image: the body's, or that of `run` in the query.

    What cannot be read is an empty configuration, silently, as in the original.
    """
    for text in (body(), parameters.text("run").encode()):
        if text:
            try:
                return read_config(text)
            except Failure:
                continue
    return Config()


@antique.post("/build")
def build_image() -> Response:
    name, _, tag = Parameters().text("t").partition(":")
    dockerfile, context = received()

    def job(engine: Engine) -> Job[None]:
        yield Begun()  # every error of a build is told in the stream
        image = yield from build(engine, dockerfile, context)
        if name:
            try:
                engine.images.repositories.set(name, tag.partition(":")[0], image)
            except InvalidParameter:
                pass  # a bad name is silently dropped (moby v0.4.0 api.go, postBuild)

    with service().runtime.engine() as engine:
        return streamed(job(engine), answers.TEXT, build_line, build_error)
