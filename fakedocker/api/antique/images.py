"""The routes of images."""

from __future__ import annotations

from flask import Response

from fakedocker.api import answers
from fakedocker.api.antique import views
from fakedocker.api.antique.bodies import read_cache_question
from fakedocker.api.antique.contract import terms
from fakedocker.api.antique.progress import insert_progress, progress
from fakedocker.api.antique.routes import antique
from fakedocker.api.arguments import Parameters, spooled_body
from fakedocker.api.service import api_version, service
from fakedocker.engine import errors
from fakedocker.engine.engine import Engine
from fakedocker.engine.files import archives
from fakedocker.engine.ids import short
from fakedocker.engine.images import transfers
from fakedocker.engine.images.images import Image
from fakedocker.engine.jobs import ImageMade, Job
from fakedocker.wire import gojson


@antique.get("/images/json")
def list_images() -> Response:
    parameters = Parameters()
    intermediate, repository = parameters.flag("all"), parameters.text("filter")
    with service().runtime.engine() as engine:
        return answers.json(views.image_list(engine.images, terms(), intermediate=intermediate, repository=repository))


@antique.get("/images/viz")
def visualize() -> Response:
    with service().runtime.engine() as engine:
        graph = views.graph(engine.images, terms())
    return answers.text(graph) if graph else answers.empty(200)


@antique.get("/images/search")
def search() -> Response:
    term = Parameters().text("term")
    with service().runtime.engine() as engine:
        found = engine.registry.search(term)
    if isinstance(found, int):
        raise errors.unexpected_index_status(found)
    return answers.json([{"Name": one.name, "Description": one.description} for one in found] or None)


@antique.get("/images/<name:name>/json")
def inspect_image(name: str) -> Response:
    with service().runtime.engine() as engine:
        return answers.json(views.image(engine.images.find(name)))


@antique.get("/images/<name:name>/history")
def history(name: str) -> Response:
    with service().runtime.engine() as engine:
        return answers.json(views.history(engine.images.history(_existing(engine, name)), terms()))


def _existing(engine: Engine, name: str) -> Image:
    """Return an image by its name, with the error that history and tag give if there is none."""
    try:
        return engine.images.find(name)
    except errors.NotFound:
        if terms().unknown_image_is_404:
            raise
        raise errors.image_does_not_exist(name) from None


@antique.post("/images/create")
def create_image() -> Response:
    parameters = Parameters()
    name, tag = parameters.text("fromImage"), parameters.text("tag")
    source, repository = parameters.text("fromSrc"), parameters.text("repo")
    with service().runtime.engine() as engine:
        if name and parameters.text("registry"):
            return progress(transfers.pull_image(engine, name))
        if name:
            return progress(transfers.pull(engine, name, tag))
        if source != "-":
            return progress(transfers.import_url(engine, source, repository, tag))
    return _import_body(repository, tag)


def _import_body(repository: str, tag: str) -> Response:
    """Make an image of the archive in the body: received and unpacked first, without the lock."""
    archive = spooled_body()
    try:
        layer = archives.unpack(archive)
    except archives.ArchiveError as error:
        raise errors.bad_archive(str(error)) from None

    def job(engine: Engine) -> Job[Image]:
        image = engine.import_image(layer, archive.size, "-")
        if repository:
            engine.images.repositories.set(repository, tag, image.id)
        yield ImageMade(image.id)
        return image

    with service().runtime.engine() as engine:
        return progress(job(engine))


@antique.post("/images/<name:name>/insert")
def insert(name: str) -> Response:
    parameters = Parameters()
    url, path = parameters.text("url"), parameters.text("path")
    made: list[Image] = []

    def job(engine: Engine, image: Image) -> Job[None]:
        made.append((yield from transfers.insert(engine, image, url, path)))

    with service().runtime.engine() as engine:
        try:
            image = engine.images.find(name)
        except errors.NotFound:
            raise errors.image_does_not_exist(name) from None
        return insert_progress(job(engine, image), end=lambda: gojson.encode({"Id": short(made[0].id)}))


@antique.post("/images/<name:name>/push")
def push(name: str) -> Response:
    Parameters()
    with service().runtime.engine() as engine:
        known = engine.images.by_id(name) or engine.images.repositories.tags(name)
        if not known and terms().unknown_image_is_404:
            raise errors.no_such_image(name)
        return progress(transfers.push(engine, name))


@antique.post("/images/<name:name>/tag")
def tag(name: str) -> Response:
    parameters = Parameters()
    force = parameters.flag("force") or not terms().tag_conflicts
    with service().runtime.engine() as engine:
        image = _existing(engine, name)
        engine.images.repositories.set(parameters.text("repo"), parameters.text("tag"), image.id, force=force)
    return answers.empty(terms().tag_status)


@antique.delete("/images/<name:name>")
def remove_image(name: str) -> Response:
    with service().runtime.engine() as engine:
        if api_version() > (1, 0):
            return answers.json(views.removals(engine.images.remove(name)))
        engine.images.delete(engine.images.find(name).id)
    return answers.empty(204)


@antique.post("/images/getCache")
def cached_image() -> Response:
    parent, config = read_cache_question()
    with service().runtime.engine() as engine:
        found = engine.images.cached(parent, config)
    return answers.json({"Id": found.id}) if found else answers.empty(404)
