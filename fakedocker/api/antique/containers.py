"""The routes of containers."""

from __future__ import annotations

from flask import Response

from fakedocker.api import answers
from fakedocker.api.antique import attach as attaching
from fakedocker.api.antique import views
from fakedocker.api.antique.bodies import read_config
from fakedocker.api.antique.contract import terms
from fakedocker.api.antique.errors import wrapped
from fakedocker.api.antique.routes import antique
from fakedocker.api.arguments import Parameters
from fakedocker.api.service import service
from fakedocker.engine.containers.attachments import Wanted
from fakedocker.engine.containers.translation import completed
from fakedocker.engine.engine import SWAP_WARNING
from fakedocker.engine.errors import DockerError
from fakedocker.engine.files import archives
from fakedocker.engine.ids import short
from fakedocker.runtime import Deferred
from fakedocker.wire import gojson

#: Seconds between TERM and KILL when the request does not say (or says nonsense).
GRACE = 10


@antique.get("/containers/json")
@antique.get("/containers/ps")
def list_containers() -> Response:
    parameters = Parameters()
    everything = parameters.flag("all")
    limit = parameters.number("limit")
    if limit is not None and limit < 0:  # -1 is "no limit"; any other negative number lists stopped ones, too
        everything, limit = everything or limit != -1, None
    with service().runtime.engine() as engine:
        found = engine.containers.list(
            stopped=everything,
            limit=limit,
            since=_place(parameters.text("since")),
            before=_place(parameters.text("before")),
        )
        return answers.json([views.list_entry(one, engine, terms()) for one in found])


def _place(text: str) -> str | None:
    """Return the short id that `since` or `before` means, None if the request does not say."""
    if text and terms().any_id_in_since_and_before:
        with service().runtime.engine() as engine:
            try:
                return short(engine.containers.find(text).id)
            except DockerError:
                return text
    return text or None


@antique.post("/containers/create")
def create_container() -> Response:
    config = read_config()
    with service().runtime.engine() as engine:
        image = engine.images.find(config.image)
        config = completed(config, image.config) if engine.today else config.over(image.config)
        warned = engine.lacks_swap_limit(config)
        container = engine.create(config, image)
        answer: dict[str, object] = {"Id": short(container.id)}
    if warned or terms().warnings_always:
        answer["Warnings"] = [SWAP_WARNING] if warned else []
    return answers.json(answer, 201, terms().create_type)


@antique.get("/containers/<name:name>/json")
def inspect_container(name: str) -> Response:
    with service().runtime.engine() as engine:
        return answers.json(views.container(engine.containers.find(name), engine, terms()))


@antique.get("/containers/<name:name>/changes")
def changes(name: str) -> Response:
    with service().runtime.engine() as engine:
        container = engine.containers.find(name)
        engine.images.get(container.image)
        found = container.files.changes() if container.files else []
    return answers.json([{"Path": one.path, "Kind": int(one.kind)} for one in found] or None)


@antique.get("/containers/<name:name>/export")
def export(name: str) -> Response:
    with service().runtime.engine() as engine:
        files = engine.snapshot(engine.containers.find(name))
    return answers.stream(archives.pack(files), answers.BYTES)


@antique.post("/containers/<name:name>/start")
def start(name: str) -> Response:
    with service().runtime.engine() as engine:
        container = engine.containers.find(name)
        try:
            engine.start(container)
        except DockerError as error:
            raise wrapped(f"Error starting container {name}", error) from None
    return answers.empty(terms().start_status)


@antique.post("/containers/<name:name>/stop")
def stop(name: str) -> Response:
    grace = _grace(Parameters())
    runtime = service().runtime
    with runtime.engine() as engine:
        job = engine.stop(engine.containers.find(name), grace)
    runtime.run(job)
    return answers.empty(204)


@antique.post("/containers/<name:name>/restart")
def restart(name: str) -> Response:
    grace = _grace(Parameters())
    runtime = service().runtime
    with runtime.engine() as engine:
        job = engine.restart(engine.containers.find(name), grace)
    try:
        runtime.run(job)
    except DockerError as error:
        raise wrapped(f"Error restarting container {name}", error) from None
    return answers.empty(204)


def _grace(parameters: Parameters) -> int:
    grace = parameters.number("t")
    return GRACE if grace is None or grace < 0 else grace


@antique.post("/containers/<name:name>/kill")
def kill(name: str) -> Response:
    with service().runtime.engine() as engine:
        engine.kill(engine.containers.find(name))
    return answers.empty(204)


@antique.post("/containers/<name:name>/wait")
def wait(name: str) -> Response:
    runtime = service().runtime
    with runtime.engine() as engine:
        container = engine.containers.find(name)

    def answer() -> bytes | None:
        return None if container.running else gojson.encode({"StatusCode": container.exit_code})

    return answers.follow(Deferred(runtime, container.changed, answer), answers.JSON, head_now=False)


@antique.post("/containers/<name:name>/resize")
def resize(name: str) -> Response:
    parameters = Parameters()
    rows, columns = parameters.needed_number("h"), parameters.needed_number("w")
    with service().runtime.engine() as engine:
        engine.resize(engine.containers.find(name), rows, columns)
    return answers.empty(200)


@antique.post("/containers/<name:name>/attach")
def attach(name: str) -> Response:
    parameters = Parameters()
    flag = parameters.flag
    wanted = Wanted(flag("logs"), flag("stream"), flag("stdin"), flag("stdout"), flag("stderr"))
    runtime = service().runtime
    with runtime.engine() as engine:
        session = attaching.session(runtime, engine.containers.find(name), wanted)
    return answers.hijack(session, attaching.HEAD, answers.RAW_STREAM)


@antique.delete("/containers/<name:name>")
def remove(name: str) -> Response:
    volumes = Parameters().flag("v")
    runtime = service().runtime
    with runtime.engine() as engine:
        job = engine.remove(engine.containers.find(name), volumes=volumes)
    try:
        runtime.run(job)
    except DockerError as error:
        raise wrapped(f"Error destroying container {name}", error) from None
    return answers.empty(204)
