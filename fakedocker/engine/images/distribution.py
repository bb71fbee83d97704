"""Pulling and pushing as today's daemons do it, layer by layer, with what they report.

What a registry offers under a name is an `Offer`: a manifest, a document, layers. The registry of the fixture offers
what it has at once; a real one (`Upstream`) is asked by others than this module, and is waited for. Nothing
is added to the daemon's images before all of it has arrived. (moby distribution/pull_v2.go, push_v2.go.)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol, TypeVar

from fakedocker.engine import errors
from fakedocker.engine.accounts import Login
from fakedocker.engine.files.archives import ArchiveError
from fakedocker.engine.files.content import Content
from fakedocker.engine.files.layers import Layer
from fakedocker.engine.ids import short
from fakedocker.engine.images import rootfs
from fakedocker.engine.images.imageconfig import NO_LAYER, diff_ids_in, document_of, identified, image_from, read_object
from fakedocker.engine.images.imagenames import put, tell
from fakedocker.engine.images.images import Image, Images
from fakedocker.engine.images.manifests import (
    LAYER_TYPE,
    LIST_TYPE,
    PLAIN_LAYER_TYPE,
    Blob,
    Manifest,
    Platform,
    manifest_list,
    manifest_of,
)
from fakedocker.engine.images.references import DEFAULT_DOMAIN, Reference, identity_of
from fakedocker.engine.images.registry import Registry, Repository
from fakedocker.engine.jobs import Event, Job, Progress, Pushed, Said, Until, pause
from fakedocker.engine.watch import Watch

if TYPE_CHECKING:
    from fakedocker.engine.engine import Engine

T_co = TypeVar("T_co", covariant=True)
NOBODY = Login()
#: Layers that a daemon downloads at the same time (moby daemon/config, DefaultMaxConcurrentDownloads).
AT_ONCE = 3
#: A transfer is reported in so many steps at most.
MOST_STEPS = 20


class Call(Protocol[T_co]):
    """A question to a registry that is under way."""

    #: Notified when there is more to say.
    changed: Watch
    #: Bytes that have been moved so far.
    current: int

    @property
    def done(self) -> bool: ...
    def result(self) -> T_co:
        """Return the answer, once it is there. Raises DockerError."""
        ...

    def abandon(self) -> None:
        """Nobody waits for the answer any more."""
        ...


@dataclass(frozen=True, slots=True)
class Offer:
    """What a registry has under a name.

    `document`: the image's. `layers`: what it consists of, if it need not be fetched (bottom first), and then the
    `image` itself. `listing`: the list of manifests that the name stands for, if there is one for each platform.
    """

    manifest: Manifest
    document: bytes
    platforms: tuple[Platform, ...] = ()
    layers: tuple[Layer, ...] | None = None
    image: Image | None = None
    listing: bytes = b""

    @property
    def described(self) -> Blob:
        """What the name stands for: the manifest, or the list of them."""
        if not self.listing:
            return Blob(self.manifest.digest, len(self.manifest.document), self.manifest.media_type)
        return Blob(rootfs.digest(self.listing), len(self.listing), LIST_TYPE)


class Upstream(Protocol):
    """A real registry, asked by somebody who may wait for it."""

    def serves(self, reference: Reference) -> bool: ...
    def tags(self, reference: Reference, login: Login) -> Call[Sequence[str]]: ...
    def offer(self, reference: Reference, login: Login, platform: Platform | None) -> Call[Offer]: ...
    def blob(self, reference: Reference, login: Login, blob: Blob) -> Call[Content]: ...
    def has(self, reference: Reference, login: Login, digest: str) -> Call[bool]: ...
    def push_blob(self, reference: Reference, login: Login, blob: Blob, content: Content) -> Call[None]: ...
    def push_manifest(self, reference: Reference, login: Login, manifest: Manifest) -> Call[None]: ...


def _answer(call: Call[T_co]) -> Job[T_co]:
    """Wait for a registry's answer. Raises DockerError."""
    try:
        yield Until(call.changed, lambda: call.done)
        return call.result()
    finally:
        call.abandon()


# -- what a registry offers --------------------------------------------------------------------------------------


def inspect(engine: Engine, reference: Reference, login: Login = NOBODY) -> Job[Offer]:
    """Return what a registry has under a name. Raises NotFound, Failure."""
    return (yield from _offer(engine, reference, login, None, inspecting=True))


def _offer(
    engine: Engine, reference: Reference, login: Login, platform: Platform | None, *, inspecting: bool = False
) -> Job[Offer]:
    if engine.upstream is not None and engine.upstream.serves(reference):
        try:
            return (yield from _answer(engine.upstream.offer(reference, login, platform)))
        except errors.NotFound as error:
            raise errors.manifest_unknown() if inspecting else errors.no_such_manifest(reference.precise) from error
    try:
        repository = _repository(engine.registry, reference, login)
    except errors.NotFound:
        if inspecting:
            raise errors.inspect_denied() if reference.domain == DEFAULT_DOMAIN else errors.manifest_unknown() from None
        raise
    found = _found(engine.registry, repository, reference)
    if found is None:
        raise errors.manifest_unknown() if inspecting else errors.no_such_manifest(reference.precise)
    candidates = [offer_of(engine.registry, identity) for identity in found]
    return _fitting(candidates, platform)


def _found(registry: Registry, repository: Repository, reference: Reference) -> tuple[str, ...] | None:
    """Return the ids of the images that a name means in a repository: one for each platform."""
    if not reference.digest:
        if reference.tag in repository.tags:
            return (repository.tags[reference.tag], *repository.platforms.get(reference.tag, ()))
        return None
    for identity in {*repository.tags.values(), *(one for ids in repository.platforms.values() for one in ids)}:
        if offer_of(registry, identity).manifest.digest == reference.digest:
            return (identity,)
    for tag in repository.platforms:
        identities = (repository.tags[tag], *repository.platforms[tag])
        if _fitting([offer_of(registry, one) for one in identities], None).described.digest == reference.digest:
            return identities
    return None


def _fitting(candidates: Sequence[Offer], platform: Platform | None) -> Offer:
    """Return the first offer for a platform; the only one there is fits every platform."""
    if len(candidates) == 1:
        return candidates[0]
    platforms = tuple(one for candidate in candidates for one in candidate.platforms)
    listing = manifest_list([(candidate.described, candidate.platforms[0]) for candidate in candidates])
    for candidate in candidates:
        if platform is None or candidate.platforms[0].fits(platform):
            return replace(candidate, platforms=platforms, listing=listing)
    raise errors.no_matching_platform(str(platform))


def _repository(registry: Registry, reference: Reference, login: Login) -> Repository:
    """Return a repository that somebody may pull from. Raises NotFound, Failure."""
    known = registry.repositories.get(reference.repository)
    if login.username and not _is_known(registry, login):
        raise errors.registry_refuses_login(reference.domain, reference.path, reference.digest or reference.tag)
    if registry.any_image is not None and (known is None or reference.tag not in known.tags):
        known = _stand_in(registry, registry.any_image, reference)
    if reference.domain != DEFAULT_DOMAIN:
        if known is None or known.status == 404:
            raise errors.no_such_manifest(reference.precise)
        if known.private and not login.username:
            raise errors.no_credentials(reference.domain, reference.path, reference.digest or reference.tag)
    elif known is None or known.status in (401, 403, 404) or (known.private and not login.username):
        raise errors.pull_denied(reference.repository)
    if known.status != 200:
        raise errors.unexpected_registry_status(known.status)
    return known


def _is_known(registry: Registry, login: Login) -> bool:
    account = registry.accounts.get(login.username)
    return account is not None and account.password == login.password and account.state == "active"


def _stand_in(registry: Registry, image: Image, reference: Reference) -> Repository:
    """Let a name that is not known stand for a small image of its own."""
    layers = [*image.below, image.layer]
    image = identified(replace(image, document=b""), layers, image.history, name=str(reference))
    registry.push(reference.repository, reference.tag, [image])
    return registry.repositories[reference.repository]


def offer_of(registry: Registry, identity: str) -> Offer:
    """Return an image of the fixture's registry as it is offered."""
    if identity not in registry.offers:
        chain = list(registry.chain(identity))
        layers = [layer for one in reversed(chain) for layer in (*one.below, one.layer) if not rootfs.is_empty(layer)]
        image = whole(chain, layers)
        platform = Platform(image.os or "linux", _architecture(image.document), image.variant)
        registry.offers[identity] = Offer(
            manifest_of(image.document, _here(layers)),
            image.document,
            (platform,),
            tuple(layers),
            image,
        )
    return registry.offers[identity]


def whole(chain: Sequence[Image], layers: Sequence[Layer]) -> Image:
    """Return an image that needs no parent: the first of a chain, newest first, with all its layers, bottom first."""
    holder = Images()
    for one in chain:
        holder.add(one)
    image = chain[0]
    steps = holder.steps(image)
    return replace(
        image,
        parent="",
        document=document_of(image, layers, steps),
        below=tuple(layers[:-1]),
        layer=layers[-1] if layers else NO_LAYER,
        size=sum(one.size for one in chain),
        history=steps,
    )


def _architecture(document: bytes) -> str:
    return str(read_object(document).get("architecture", ""))


# -- pull ---------------------------------------------------------------------------------------------------------


def pull(
    engine: Engine, reference: Reference, login: Login = NOBODY, platform: Platform | None = None
) -> Job[list[Image]]:
    """Pull what a name means, or all tags of a repository when it has neither a tag nor a digest; return the images."""
    wanted = [reference]
    if not (reference.given_tag or reference.digest):
        wanted = [reference.with_tag(tag) for tag in (yield from _tags(engine, reference, login))]
    pulled: list[Image] = []
    news = False
    for one in wanted:
        offer = yield from _offer(engine, one, login, platform)
        yield Said(f"Pulling from {one.path}", f"{one.name}@{one.digest}" if one.digest else one.tag)
        image = yield from _fetched(engine, one, login, offer)
        before = identity_of(engine.images, one)
        news = news or before != image.id
        engine.keep(image)
        image = engine.images.get(image.id)
        put(engine, image, one)
        put(engine, image, Reference(one.repository, digest=offer.described.digest))
        pulled.append(image)
        yield Said(f"Digest: {offer.described.digest}")
        if before != image.id:
            tell(engine, "pull", image, one.familiar)
    status = "Downloaded newer image" if news else "Image is up to date"
    yield Said(f"Status: {status} for {reference.familiar}")
    return pulled


def _tags(engine: Engine, reference: Reference, login: Login) -> Job[Sequence[str]]:
    if engine.upstream is not None and engine.upstream.serves(reference):
        return (yield from _answer(engine.upstream.tags(reference, login)))
    return sorted(_repository(engine.registry, reference, login).tags)


def _fetched(engine: Engine, reference: Reference, login: Login, offer: Offer) -> Job[Image]:
    """Fetch the layers that are missing; return the image."""
    identity = offer.image.id if offer.image is not None else rootfs.digest(offer.document).removeprefix("sha256:")
    if identity in engine.images:
        return engine.images.get(identity)
    known = _layers_by_chain(engine.images)
    chain_diffs = diff_ids_in(offer.document)
    chain = rootfs.chain_ids(chain_diffs)
    blobs = offer.manifest.layers
    if len(chain) != len(blobs):
        raise errors.wrong_number_of_layers(len(blobs), len(chain))
    missing: list[int] = []
    for number, (blob, one) in enumerate(zip(blobs, chain, strict=True)):
        if one in known:
            yield Progress(_name(blob), "Already exists")
        else:
            missing.append(number)
            yield Progress(_name(blob), "Pulling fs layer")
    for number in missing[AT_ONCE:]:
        yield Progress(_name(blobs[number]), "Waiting")
    contents: dict[int, Content] = {}
    for number in missing:
        blob = blobs[number]
        if offer.layers is None:
            contents[number] = yield from _downloaded(engine, reference, login, blob)
        else:
            yield from moved(engine, _name(blob), "Downloading", blob.size)
        yield Progress(_name(blob), "Verifying Checksum")
        yield Progress(_name(blob), "Download complete")
    layers = list(offer.layers) if offer.layers is not None else [known.get(one, NO_LAYER) for one in chain]
    for number in missing:
        blob = blobs[number]
        yield Progress(_name(blob), "Extracting", blob.size, blob.size)
        if number in contents:
            layers[number] = _unpacked(contents[number])
            engine.images.blobs[chain_diffs[number]] = blob
        yield Progress(_name(blob), "Pull complete")
    return offer.image if offer.image is not None else image_from(offer.document, layers)


def _unpacked(tar: Content) -> Layer:
    try:
        return rootfs.unpacked(tar)
    except ArchiveError as error:
        raise errors.bad_layer(str(error)) from None


def _downloaded(engine: Engine, reference: Reference, login: Login, blob: Blob) -> Job[Content]:
    assert engine.upstream is not None  # whose offer it is
    call = engine.upstream.blob(reference, login, blob)
    try:
        yield from _watched(call, _name(blob), "Downloading", blob.size)
        return call.result()
    finally:
        call.abandon()


def _watched(call: Call[object], name: str, action: str, total: int) -> Iterator[Event | Until]:
    """Report how far a call has come, until it is done."""
    seen = 0
    step = max(total // MOST_STEPS, 1)
    while not call.done:
        yield Until(call.changed, lambda seen=seen: call.done or call.current >= seen + step)  # type: ignore[misc]
        if call.current != seen:
            seen = call.current
            yield Progress(name, action, seen, total)


def moved(engine: Engine, name: str, action: str, total: int) -> Job[None]:
    """Report the way of `total` bytes from or to the fixture's registry, at its speed."""
    speed = engine.registry.speed
    if not speed:
        yield Progress(name, action, total, total)
        return
    begun = engine.clock.now()
    step = max(total // MOST_STEPS, 1)
    for current in [*range(step, total, step), total]:
        yield pause(max(0.0, begun + current / speed - engine.clock.now()))
        yield Progress(name, action, current, total)


def _layers_by_chain(images: Images) -> dict[str, Layer]:
    known: dict[str, Layer] = {}
    for image in images:
        layers = [layer for layer in images.layers(image) if not rootfs.is_empty(layer)]
        known.update(zip(rootfs.chain_ids(rootfs.diff_ids(layers)), layers, strict=True))
    return known


def _name(blob: Blob) -> str:
    return short(blob.digest.removeprefix(rootfs.ALGORITHM))


# -- push ----------------------------------------------------------------------------------------------------------


def push(engine: Engine, reference: Reference, login: Login = NOBODY) -> Job[None]:
    """Push a tag of a repository, or all its tags when the name has none."""
    yield Said(f"The push refers to repository [{reference.name}]")
    tags = engine.images.repositories.tags(reference.repository)
    present = {tag: identity for tag, identity in sorted(tags.items()) if identity in engine.images}
    if not present:
        raise errors.nothing_to_push(reference.repository)
    if reference.given_tag and reference.tag not in present:
        raise errors.tag_does_not_exist(str(reference))
    wanted: Mapping[str, str] = {reference.tag: present[reference.tag]} if reference.given_tag else present
    for tag, identity in wanted.items():
        yield from _push_tag(engine, reference.with_tag(tag), engine.images.get(identity), login)


def _push_tag(engine: Engine, reference: Reference, image: Image, login: Login) -> Job[None]:
    layers = [layer for layer in engine.images.layers(image) if not rootfs.is_empty(layer)]
    pushed = whole(engine.images.history(image), layers)
    names = [short(rootfs.diff_id(layer).removeprefix(rootfs.ALGORITHM)) for layer in layers]
    for name in reversed(names):
        yield Progress(name, "Preparing")
    for name in list(reversed(names))[5:]:
        yield Progress(name, "Waiting")
    if engine.upstream is not None and engine.upstream.serves(reference):
        manifest = yield from _push_upstream(engine, engine.upstream, reference, pushed.document, layers, login)
    else:
        manifest = yield from _push_here(engine, reference, pushed, layers, login)
    put(engine, image, Reference(reference.repository, digest=manifest.digest))
    yield Said(f"{reference.tag}: digest: {manifest.digest} size: {len(manifest.document)}")
    yield Pushed(reference.tag, manifest.digest, len(manifest.document))
    tell(engine, "push", image, reference.familiar)


def _push_here(
    engine: Engine, reference: Reference, image: Image, layers: Sequence[Layer], login: Login
) -> Job[Manifest]:
    """Push to the fixture's registry. Raises Failure."""
    registry = engine.registry
    if login.username and not _is_known(registry, login):
        raise errors.wrong_credentials()
    if not login.username and (reference.domain == DEFAULT_DOMAIN or _is_private(registry, reference)):
        raise errors.push_denied() if reference.domain == DEFAULT_DOMAIN else errors.no_credentials_to_push()
    there = {digest for one in registry.images for digest in rootfs.diff_ids(_own_layers(registry.images[one]))}
    for layer in reversed(layers):
        digest = rootfs.diff_id(layer)
        name = short(digest.removeprefix(rootfs.ALGORITHM))
        if digest in there:
            yield Progress(name, "Layer already exists")
            continue
        yield from moved(engine, name, "Pushing", max(layer.size, 1))
        yield Progress(name, "Pushed")
    if registry.keeps_pushes:
        registry.push(reference.repository, reference.tag, [image])
    return manifest_of(image.document, _here(layers))


def _here(layers: Sequence[Layer]) -> list[Blob]:
    """Return how the fixture's registry, which compresses nothing, keeps layers; it says otherwise, as all do."""
    return [Blob(rootfs.diff_id(one), one.size, LAYER_TYPE) for one in layers]


def _own_layers(image: Image) -> tuple[Layer, ...]:
    return (*image.below, image.layer)


def _is_private(registry: Registry, reference: Reference) -> bool:
    known = registry.repositories.get(reference.repository)
    return known is not None and known.private


def _push_upstream(
    engine: Engine,
    upstream: Upstream,
    reference: Reference,
    document: bytes,
    layers: Sequence[Layer],
    login: Login,
) -> Job[Manifest]:
    """Push to a real registry: layers, then the document, then the manifest. Raises Failure."""
    blobs: list[Blob] = []
    for layer in layers:
        diff = rootfs.diff_id(layer)
        name = short(diff.removeprefix(rootfs.ALGORITHM))
        plain = Blob(diff, rootfs.tar_size(layer), PLAIN_LAYER_TYPE)
        blob = engine.images.blobs.get(diff, plain)
        there = yield from _answer(upstream.has(reference, login, blob.digest))
        if not there and blob is not plain:
            blob, there = plain, (yield from _answer(upstream.has(reference, login, plain.digest)))
        blobs.append(blob)
        if there:
            yield Progress(name, "Layer already exists")
            continue
        call = upstream.push_blob(reference, login, blob, rootfs.tar_content(layer))
        try:
            yield from _watched(call, name, "Pushing", blob.size)
            call.result()
        finally:
            call.abandon()
        yield Progress(name, "Pushed")
    manifest = manifest_of(document, blobs)
    if not (yield from _answer(upstream.has(reference, login, manifest.config.digest))):
        yield from _answer(upstream.push_blob(reference, login, manifest.config, Content.of(document)))
    yield from _answer(upstream.push_manifest(reference, login, manifest))
    return manifest
