"""The routes of images."""

from __future__ import annotations

from flask import Response

from fakedocker.api import answers
from fakedocker.api.arguments import Parameters, body, spooled_body
from fakedocker.api.modern import configs
from fakedocker.api.modern.ageing import modernised
from fakedocker.api.modern.bodies import check_type, decode
from fakedocker.api.modern.credentials import given_login, login_for_push
from fakedocker.api.modern.progress import streamed
from fakedocker.api.modern.questions import filters, texts
from fakedocker.api.modern.routes import modern
from fakedocker.api.modern.shapes import CONFIG
from fakedocker.api.modern.views import images as views
from fakedocker.api.service import service
from fakedocker.engine import errors
from fakedocker.engine.builds.builder import changed_config
from fakedocker.engine.containers.config import Config
from fakedocker.engine.engine import Engine
from fakedocker.engine.errors import Failure
from fakedocker.engine.files import archives
from fakedocker.engine.files.content import Content
from fakedocker.engine.files.layers import Layer
from fakedocker.engine.filters import Filters
from fakedocker.engine.images import distribution, imagearchives, imagelists, layouts, transfers
from fakedocker.engine.images.imagecommits import commit_container, import_layer
from fakedocker.engine.images.imagenames import tag as name_image
from fakedocker.engine.images.imagenames import tell
from fakedocker.engine.images.imageremoval import prune_images, remove_image
from fakedocker.engine.images.images import Image
from fakedocker.engine.images.manifests import Platform, parse_platform
from fakedocker.engine.images.references import Reference, find_image, parse_reference, parse_target
from fakedocker.engine.jobs import Begun, Job, Said

TAR = "application/x-tar"
#: How many results a search gives if nobody says, and how many it may give (moby registry/search.go).
USUAL_RESULTS, MOST_RESULTS = 25, 100
PRUNE_FILTERS = ("dangling", "label", "label!", "until")


@modern.get("/images/json")
def list_images() -> Response:
    parameters = Parameters()
    chosen = filters()
    members = modernised("images", {"filter": parameters.text("filter"), "shared": parameters.flag("shared-size")})
    if members.get("reference"):
        chosen = chosen.with_values("reference", members["reference"])
    with service().runtime.engine() as engine:
        shown = imagelists.listed(engine.images, chosen, engine.clock.now(), intermediate=parameters.flag("all"))
        return answers.json_line(views.listing(engine, shown, shared=members["shared"]))


@modern.get("/images/<name:name>/json")
def inspect_image(name: str) -> Response:
    with service().runtime.engine() as engine:
        try:
            image = find_image(engine.images, name)
        except errors.DockerError as error:
            raise errors.once_prefixed(error, f"no such image: {name}: ") from None
        return answers.json_line(views.inspected(engine, image))


@modern.get("/images/<name:name>/history")
def image_history(name: str) -> Response:
    with service().runtime.engine() as engine:
        return answers.json_line(views.steps(engine, find_image(engine.images, name)))


@modern.post("/images/<name:name>/tag")
def tag_image(name: str) -> Response:
    parameters = Parameters()
    with service().runtime.engine() as engine:
        image = find_image(engine.images, name)
        name_image(engine, image, _target(parameters))
    return answers.empty(201)


def _target(parameters: Parameters) -> Reference:
    """Return the name that an image is to be given."""
    repository, tag = parameters.text("repo"), parameters.text("tag")
    try:
        reference = parse_reference(repository)
        if tag:
            reference.with_tag(tag)
    except errors.InvalidParameter as error:
        raise errors.once_not_blamed(error) from None
    return parse_target(repository, tag)


@modern.delete("/images/<name:name>")
def delete_image(name: str) -> Response:
    parameters = Parameters()
    force, prune = parameters.flag("force"), not parameters.flag("noprune")
    if not name.strip():
        raise errors.InvalidParameter("image name cannot be blank")
    with service().runtime.engine() as engine:
        return answers.json_line(views.removals(remove_image(engine, name, force=force, prune=prune)))


@modern.post("/images/prune")
def prune_unused_images() -> Response:
    chosen = filters()
    chosen.refuse_others(PRUNE_FILTERS)
    with service().runtime.engine() as engine:
        now = engine.clock.now()
        dangling = imagelists.dangling_only(chosen)
        try:
            until = chosen.until(now)
        except errors.DockerError as error:
            raise errors.not_blamed(error) from None

        def wanted(image: Image) -> bool:
            labels = (image.config and image.config.labels) or {}
            young = until is not None and image.created > until
            return not young and chosen.labels("label", labels) and chosen.labels_unlike(labels)

        done = prune_images(engine, dangling_only=dangling is not False, wanted=wanted)
    return answers.json_line(views.pruned(done))


# -- from elsewhere ---------------------------------------------------------------------------------------------


@modern.get("/images/search")
def search_images() -> Response:
    parameters = Parameters()
    limit = _limit(parameters.text("limit"))
    chosen = filters()
    chosen.refuse_others(("is-automated", "is-official", "stars"))
    official, automated = _flag(chosen, "is-official"), _flag(chosen, "is-automated")
    stars = _stars(chosen)
    with service().runtime.engine() as engine:
        found = engine.registry.search(parameters.text("term"))
    if isinstance(found, int):
        raise errors.unexpected_search_status(found)
    fitting = [
        one
        for one in found
        if official in (None, one.official) and automated in (None, one.automated) and one.stars >= stars
    ]
    return answers.json_line(views.found(fitting[:limit]))


def _limit(text: str) -> int:
    if not text:
        return USUAL_RESULTS
    try:
        limit = int(text)
    except ValueError:
        raise errors.invalid_limit(text) from None
    if not 1 <= limit <= MOST_RESULTS:
        raise errors.limit_out_of_range(limit)
    return limit


def _flag(chosen: Filters, key: str) -> bool | None:
    try:
        return chosen.flag(key)
    except ValueError as error:
        raise errors.invalid_flag(key, error.args[0]) from None


def _stars(chosen: Filters) -> int:
    least = 0
    for text in chosen.values("stars"):
        if not text.isascii() or not text.isdecimal() or len(text) > 9:
            raise errors.invalid_stars(text)
        least = max(least, int(text))
    return least


@modern.post("/images/create")
def create_image() -> Response:
    """Pull, or import from a URL or the body."""
    parameters = Parameters()
    name, tag_or_digest = parameters.text("fromImage"), parameters.text("tag")
    platform = _platform(parameters)
    if name:
        reference = parse_reference(name)
        if tag_or_digest:
            reference = reference.with_tag(tag_or_digest)
        login = given_login()
        return streamed(lambda engine: distribution.pull(engine, reference, login, platform))
    return _import(parameters)


def _platform(parameters: Parameters) -> Platform | None:
    text = modernised("image-create", {"platform": parameters.text("platform")})["platform"]
    return parse_platform(text) if text else None


def _import(parameters: Parameters) -> Response:
    source, repository = parameters.text("fromSrc"), parameters.text("repo")
    target = parse_target(repository, parameters.text("tag")) if repository else None
    changes, message = texts("changes"), parameters.text("message")
    archive = spooled_body() if source == "-" else None
    if archive is not None:
        layer = _unpacked(archive)

    def job(engine: Engine) -> Job[None]:
        config = changed_config(engine, Config(), changes)
        if archive is not None:
            image = import_layer(engine, layer, config=config, message=message or "Imported from -")
        else:
            content = yield from _downloaded(engine, source)
            image = import_layer(
                engine, _unpacked(content), config=config, message=message or f"Imported from {source}"
            )
        if target is not None:
            name_image(engine, image, target)
        yield Said(views.digest_of(image.id))

    return streamed(job)


def _unpacked(archive: Content) -> Layer:
    try:
        return archives.unpack(archive)
    except archives.ArchiveError as error:
        raise errors.bad_layer(str(error)) from None


def _downloaded(engine: Engine, source: str) -> Job[Content]:
    """Return what lies at a URL, which may lack its scheme."""
    if not source:
        raise errors.download_without_host("http:")
    url = source if "://" in source else f"http://{source}"
    content = transfers.download(engine, url)
    yield Said(f"Downloading from {url}")
    yield from distribution.moved(engine, "", "Importing", content.size)
    return content


@modern.post("/images/<name:name>/push")
def push_image(name: str) -> Response:
    parameters = Parameters()
    login = login_for_push()
    try:
        reference = parse_reference(name)
        if parameters.text("tag"):
            reference = reference.with_tag(parameters.text("tag"))
    except errors.InvalidParameter as error:
        raise errors.once_not_blamed(error) from None
    return streamed(lambda engine: distribution.push(engine, reference, login))


@modern.get("/distribution/<name:name>/json")
def inspect_distribution(name: str) -> Response:
    reference = parse_reference(name)
    with service().runtime.engine() as engine:
        job = distribution.inspect(engine, reference, given_login())
    return answers.json_line(views.offer(service().runtime.run(job)))


# -- as archives ------------------------------------------------------------------------------------------------


@modern.get("/images/get")
def save_images() -> Response:
    return _saved(texts("names"))


@modern.get("/images/<name:name>/get")
def save_image(name: str) -> Response:
    return _saved([name])


def _saved(names: list[str]) -> Response:
    with service().runtime.engine() as engine:
        chosen = imagearchives.chosen(engine.images, names)
        for one in chosen:
            tell(engine, "save", one.image)
        now = engine.clock.now()
    layout = service().profile.saves_layouts
    return answers.stream(layouts.save(chosen, now) if layout else imagearchives.save(chosen), TAR)


@modern.post("/images/load")
def load_images() -> Response:
    quiet = Parameters().flag("quiet")
    content = spooled_body()
    packed: list[imagearchives.Packed] = []
    problem: errors.DockerError | None = None
    try:
        packed = imagearchives.read(content)  # without the lock: it may be large
    except errors.DockerError as error:
        problem = error

    def job(engine: Engine) -> Job[None]:
        yield Begun()
        if problem is not None:
            raise problem
        yield from imagearchives.load(engine, packed, quiet=quiet)

    return streamed(job)


@modern.post("/commit")
def commit_to_image() -> Response:
    parameters = Parameters()
    given = body()
    if given:
        check_type()
    members = decode(given, CONFIG, Failure, Failure) if given.strip() else {}
    with service().runtime.engine() as engine:
        container = engine.containers.find(parameters.text("container"))
        target = _target(parameters) if parameters.text("repo") else None
        own = configs.config(members) if members else container.config
        config = changed_config(engine, own, texts("changes")).inheriting(container.config)
        image = commit_container(
            engine,
            container,
            config=config,
            comment=parameters.text("comment"),
            author=parameters.text("author"),
        )
        if target is not None:
            name_image(engine, image, target)
        engine.tell(
            container,
            "commit",
            comment=image.comment,
            imageID=views.digest_of(image.id),
            imageRef="" if target is None else str(target),
        )
    return answers.json_line({"Id": views.digest_of(image.id)}, 201)
