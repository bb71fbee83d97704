"""Moving images between the daemon and the world outside: pull, push, import, insert.

Each is a job that reports its progress in the order of the original (moby v0.4.0 server.go). Nothing is added to
the daemon's images before all of it has arrived.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fakedocker.engine import errors
from fakedocker.engine.containers.config import Config
from fakedocker.engine.files import archives
from fakedocker.engine.files.content import Content
from fakedocker.engine.images.images import Image
from fakedocker.engine.jobs import (
    AlreadyUploaded,
    Begun,
    DownloadingFrom,
    ImageMade,
    Job,
    ProcessingChecksums,
    PullingImage,
    PullingLayer,
    PullingMetadata,
    PullingRepository,
    PushingImage,
    PushingRepository,
    PushingTag,
    PushRefersTo,
    SendingImageList,
    Transferred,
    Transferring,
    pause,
)

if TYPE_CHECKING:
    from fakedocker.engine.engine import Engine

#: Progress is reported this often at least, in bytes; the original does so every 4096 bytes or 1 %.
SMALLEST_STEP = 4096
MOST_STEPS = 100
#: What an archive without any content weighs: the two blocks that end a tar.
SMALLEST_ARCHIVE = 1024


def transfer(engine: Engine, verb: str, total: int) -> Job[None]:
    """Report the way of `total` bytes, at the registry's speed."""
    step = max(SMALLEST_STEP, -(-total // MOST_STEPS))
    begun = engine.clock.now()
    for current in [*range(step, total, step), total]:
        if engine.registry.speed:  # reckoned from the beginning, so that whoever wakes late catches up
            yield pause(max(0.0, begun + current / engine.registry.speed - engine.clock.now()))
        yield Transferring(verb, current, total)
    yield Transferred()


# -- pull -------------------------------------------------------------------------------------------------


def pull(engine: Engine, name: str, tag: str = "") -> Job[None]:
    """Pull one tag of a repository, or all of them; the names are set at the end."""
    registry = engine.registry
    yield PullingRepository(name, registry.index)
    repository = registry.repositories.get(name)
    if repository is None:
        raise errors.index_refuses(404)
    if repository.private and not engine.accounts.login.username:
        raise errors.index_refuses(401)
    if repository.status != 200:
        raise errors.index_refuses(repository.status)
    if tag and tag not in repository.tags:
        raise errors.no_such_tag_in_index(tag, name)
    wanted = {tag: repository.tags[tag]} if tag else dict(repository.tags)
    arrived: dict[str, Image] = {}
    for one, identity in wanted.items():
        yield PullingImage(identity, one, name)
        yield from _fetch(engine, identity, arrived)
    _keep(engine, arrived)
    for one, identity in wanted.items():
        engine.images.repositories.set(name, one, identity)


def pull_image(engine: Engine, identity: str) -> Job[None]:
    """Pull one image with its ancestors by its id, straight from a registry; nothing is tagged."""
    if identity not in engine.registry.images:
        raise errors.no_remote_history(404, identity)
    arrived: dict[str, Image] = {}
    yield from _fetch(engine, identity, arrived)
    _keep(engine, arrived)


def _fetch(engine: Engine, identity: str, arrived: dict[str, Image]) -> Job[None]:
    """Fetch what is missing of an image's chain, newest first."""
    for image in engine.registry.chain(identity):
        if image.id in engine.images or image.id in arrived:
            continue
        yield PullingMetadata(image.id)
        yield PullingLayer(image.id)
        yield from transfer(engine, "Downloading", max(image.size, SMALLEST_ARCHIVE))
        arrived[image.id] = image


def _keep(engine: Engine, arrived: dict[str, Image]) -> None:
    for image in reversed(arrived.values()):
        engine.keep(image)


# -- push -------------------------------------------------------------------------------------------------


def push(engine: Engine, name: str) -> Job[None]:
    """Push an image by its id, or else a repository with all its tags. Raises NotFound, Unauthorized."""
    identity = engine.images.by_id(name)
    if identity is not None:
        yield PushRefersTo(name, None)
        _must_be_logged_in(engine)
        yield from _push_image(engine, engine.images.get(identity))
        return
    tags = engine.images.repositories.tags(name)
    yield PushRefersTo(name, len(tags))
    if not tags:
        raise errors.no_such_id(name)
    yield ProcessingChecksums()
    yield SendingImageList()
    _must_be_logged_in(engine)
    chains = {tag: engine.images.history(engine.images.get(identity)) for tag, identity in tags.items()}
    endpoint = engine.registry.endpoint
    yield PushingRepository(name, endpoint, len(tags))
    for image, tag in _oldest_first(chains):
        if image.id in engine.registry.images:
            yield AlreadyUploaded(image.id)
        else:
            yield from _push_image(engine, image)
            yield PushingTag(image.id, endpoint, name, tag)
    if engine.registry.keeps_pushes:
        for tag, chain in chains.items():
            engine.registry.push(name, tag, chain)


def _oldest_first(chains: dict[str, list[Image]]) -> Iterator[tuple[Image, str]]:
    """Yield every image that the tags need, ancestors first, with the tag on whose account it is needed."""
    seen: set[str] = set()
    for tag, chain in chains.items():
        for image in reversed(chain):
            if image.id not in seen:
                seen.add(image.id)
                yield image, tag


def _push_image(engine: Engine, image: Image) -> Job[None]:
    yield PushingImage(image.id)
    yield from transfer(engine, "Pushing", max(image.size, SMALLEST_ARCHIVE))


def _must_be_logged_in(engine: Engine) -> None:
    if not engine.accounts.login.username:
        raise errors.push_without_login()


# -- import and insert ---------------------------------------------------------------------------------------


def import_url(engine: Engine, source: str, repository: str, tag: str) -> Job[Image]:
    """Make an image of the archive at a URL.

    A source without a scheme is taken as a host as a whole, slashes and all, as the original does.
    """
    has_scheme = "://" in source
    url = source if has_scheme else f"http://{source.replace('/', '%2F')}" if source else "http:"
    yield DownloadingFrom(url)
    if not has_scheme and "/" in source:
        raise errors.invalid_url(url, 'invalid URL escape "%2F"')
    archive = download(engine, url)
    yield from transfer(engine, "Importing", archive.size)
    image = engine.import_image(archives.unpack(archive), archive.size, source)
    if repository:
        engine.images.repositories.set(repository, tag, image.id)
    yield ImageMade(image.id)
    return image


def insert(engine: Engine, image: Image, url: str, path: str) -> Job[Image]:
    """Make an image that has the file at a URL as `path`, on top of another image."""
    file = download(engine, url)
    config = Config(cmd=("echo", "insert", url, path), image=image.id).over(image.config)
    container = engine.create(config, image)
    yield Begun()
    files = engine.mount(container)
    target = "/" + path.lstrip("/")
    if files.is_directory(target):
        raise errors.insert_over_directory(container.id)
    yield from transfer(engine, "Downloading", file.size)
    try:
        files.mkdir(target.rpartition("/")[0] or "/", mode=0o755, parents=True)
        files.write(target, file, mode=0o700)
    except OSError as error:
        raise errors.Failure(f"open {path}: {error.strerror}") from None
    made = engine.commit(container, comment=image.comment, author=image.author)
    yield ImageMade(made.id, full=True)
    return made


def download(engine: Engine, url: str) -> Content:
    """Return what the world outside has at a URL. Raises Failure: nothing is ever fetched from a real network."""
    scheme, _, rest = url.partition("://")
    host = rest.partition("/")[0]
    if scheme not in ("http", "https", "http:"):
        raise errors.download_unsupported(url)
    if not host:
        raise errors.download_without_host(url)
    content = engine.registry.files.get(url)
    if content is not None:
        return content
    hosts = {known.partition("://")[2].partition("/")[0] for known in engine.registry.files}
    if host not in hosts:
        raise errors.download_no_such_host(host, url)
    raise errors.download_failed(404, "Not Found")
