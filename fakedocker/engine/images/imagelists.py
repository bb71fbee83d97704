"""Which images a list shows, and what made an image, step by step (moby daemon/images/images.go, image_history.go)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from fakedocker.engine import errors
from fakedocker.engine.files.globs import BadPattern, Glob, compile_glob
from fakedocker.engine.filters import Filters
from fakedocker.engine.images import rootfs
from fakedocker.engine.images.images import History, Image, Images
from fakedocker.engine.images.references import Reference, find_image, references_to

ACCEPTED = ("dangling", "label", "before", "since", "reference", "until")


@dataclass(frozen=True, slots=True)
class Listed:
    """An image in a list, with those of its names that were asked for."""

    image: Image
    references: tuple[Reference, ...]

    @property
    def tags(self) -> list[str]:
        return [str(one) for one in self.references if not one.digest]

    @property
    def digests(self) -> list[str]:
        return [one.familiar for one in self.references if one.digest]


def listed(images: Images, filters: Filters, now: float, *, intermediate: bool = False) -> list[Listed]:
    """Return the images that a list shows, newest first. Raises InvalidParameter, NotFound, Failure.

    `intermediate`: those without a name that others are built on, too.
    """
    filters.refuse_others(ACCEPTED)
    dangling = dangling_only(filters)
    before = [find_image(images, name).created for name in filters.values("before")]
    since = [find_image(images, name).created for name in filters.values("since")]
    until = filters.until(now)
    patterns = _patterns(filters)
    shown: list[Listed] = []
    for image in images.heads() if dangling else images:
        if before and image.created >= before[-1]:
            continue
        if since and image.created <= since[-1]:
            continue
        if until is not None and image.created > until:
            continue
        if "label" in filters and not filters.labels("label", (image.config and image.config.labels) or {}):
            continue
        references = [one for one in references_to(images, image.id) if not patterns or _matches(patterns, one)]
        if references:
            if dangling and any(not one.digest for one in references):
                continue
        elif "reference" in filters or dangling is False or (not intermediate and images.children(image.id)):
            continue
        shown.append(Listed(image, tuple(references)))
    return sorted(shown, key=lambda one: one.image.created, reverse=True)


def dangling_only(filters: Filters) -> bool | None:
    """Return what the filter `dangling` says, None when it is not there. Raises InvalidParameter."""
    try:
        return filters.flag("dangling")
    except ValueError as error:
        raise errors.invalid_flag("dangling", error.args[0]) from None


def _patterns(filters: Filters) -> list[Glob]:
    try:
        return [compile_glob(text) for text in filters.values("reference")]
    except BadPattern:
        raise errors.bad_pattern() from None


def _matches(patterns: list[Glob], reference: Reference) -> bool:
    return any(one.matches(reference.familiar) or one.matches(reference.repository) for one in patterns)


# -- history --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Step:
    """A step of an image's history: the image it led to ("" if that is not here), the bytes of its layer."""

    step: History
    image: str
    size: int


def history(images: Images, image: Image) -> Iterator[Step]:
    """Yield the steps that made an image, newest first."""
    steps = images.steps(image)
    sizes = layer_sizes(images, image)
    of_steps: list[int] = []
    for step in steps:
        of_steps.append(0 if step.empty_layer or not sizes else sizes.pop(0))
    chain = [one.id for one in images.history(image)]
    for number, (step, size) in enumerate(zip(reversed(steps), reversed(of_steps), strict=True)):
        yield Step(step, chain[number] if number < len(chain) else "", size)


def layer_sizes(images: Images, image: Image) -> list[int]:
    """Return the bytes of each layer of an image that is not empty, bottom first."""
    sizes: list[int] = []
    for one in reversed(images.history(image)):
        if one.below or one.document:
            sizes += [layer.size for layer in (*one.below, one.layer) if not rootfs.is_empty(layer)]
        elif one.size or not rootfs.is_empty(one.layer):
            sizes.append(one.size)
    return sizes


def shared_sizes(images: Images) -> dict[str, int]:
    """Return, by an image's id, how many bytes of its layers other images have, too."""
    chains = {image.id: _chain(images, image) for image in images}
    uses = Counter(one for chain in chains.values() for one in chain)
    return {identity: sum(size for one, size in chain.items() if uses[one] > 1) for identity, chain in chains.items()}


def size_of_all(images: Images) -> int:
    """Return the bytes of all layers, each counted once, however many images have it."""
    sizes: dict[str, int] = {}
    for image in images:
        sizes |= _chain(images, image)
    return sum(sizes.values())


def _chain(images: Images, image: Image) -> dict[str, int]:
    """Return the bytes of an image's layers that are not empty, by what each is together with those below it."""
    layers = [layer for layer in images.layers(image) if not rootfs.is_empty(layer)]
    chain = rootfs.chain_ids(rootfs.diff_ids(layers))
    return dict(zip(chain, (layer.size for layer in layers), strict=True))
