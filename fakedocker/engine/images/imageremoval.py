"""Removing images as today's daemons do: names first, then what nobody needs any more, with its layers.

A name or an id may be given; what stands against it is a conflict, hard or soft, and force overcomes a soft one. (moby
daemon/images/image_delete.go, image_prune.go.)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fakedocker.engine import errors
from fakedocker.engine.containers.containers import Container
from fakedocker.engine.ids import short
from fakedocker.engine.images import rootfs
from fakedocker.engine.images.imagenames import tell, untag
from fakedocker.engine.images.images import Image
from fakedocker.engine.images.references import Reference, find_image, is_beginning_of, parse_reference, references_to

if TYPE_CHECKING:
    from fakedocker.engine.engine import Engine


@dataclass(frozen=True, slots=True)
class Removal:
    """One thing that was done: a name was taken away, or an image or a layer is gone (`deleted`: its digest)."""

    untagged: str = ""
    deleted: str = ""


def remove_image(engine: Engine, name: str, *, force: bool = False, prune: bool = True) -> list[Removal]:
    """Remove a name of an image, or the image that an id means; return what was done, in order.

    `prune`: ancestors that nobody needs go, too. Raises NotFound, InvalidParameter, Conflict.
    """
    return _Removing(engine, _LayerStore(engine)).remove(name, force, prune)


@dataclass(frozen=True, slots=True)
class Pruned:
    """What pruning did, and how many bytes of layers are gone."""

    removals: Sequence[Removal]
    reclaimed: int


def prune_images(
    engine: Engine, *, dangling_only: bool = True, wanted: Callable[[Image], bool] = lambda image: True
) -> Pruned:
    """Remove all images without a tag that no container needs, those with one as well unless `dangling_only`."""
    images, layers = engine.images, _LayerStore(engine)
    top = [
        one
        for one in (images.heads() if dangling_only else images)
        if (references_to(images, one.id) or not images.children(one.id)) and wanted(one)
    ]
    done: list[Removal] = []
    for image in top:
        references = references_to(images, image.id)
        if dangling_only and any(not one.digest for one in references):
            continue
        for name in [one.familiar for one in references] or [image.id]:
            try:
                done += _Removing(engine, layers).remove(name, force=False, prune=True)
            except errors.DockerError:
                continue  # somebody needs it
    reclaimed = sum(layers.sizes.get(one.deleted, 0) for one in done)
    engine.events.emit("image", "prune", "", {"reclaimed": str(reclaimed)})
    return Pruned(done, reclaimed)


class _LayerStore:
    """How many images and containers need each layer; layers are known by their chain ids."""

    def __init__(self, engine: Engine) -> None:
        self._images = engine.images
        self._uses: Counter[str] = Counter()
        self.sizes: dict[str, int] = {}
        for image in engine.images:
            self._uses.update(self._chain(image))
        for container in engine.containers:
            if container.image in engine.images:
                self._uses.update(self._chain(engine.images.get(container.image)))

    def _chain(self, image: Image) -> list[str]:
        layers = [layer for layer in self._images.layers(image) if not rootfs.is_empty(layer)]
        chain = rootfs.chain_ids(rootfs.diff_ids(layers))
        self.sizes.update(zip(chain, (layer.size for layer in layers), strict=True))
        return chain

    def release(self, image: Image) -> list[str]:
        """Forget an image; return the layers that are gone with it, the highest first."""
        chain = self._chain(image)
        self._uses.subtract(chain)
        return [one for one in reversed(chain) if not self._uses[one]]


class _Removing:
    """One removal: what was done so far."""

    def __init__(self, engine: Engine, layers: _LayerStore) -> None:
        self._engine = engine
        self._images = engine.images
        self._layers = layers
        self._done: list[Removal] = []

    def remove(self, name: str, force: bool, prune: bool) -> list[Removal]:
        image = find_image(self._images, name)
        references = references_to(self._images, image.id)
        if is_beginning_of(image.id, name):
            if is_single(references):
                self._refuse(self._conflict(image, hard=True) or (None if force else self._in_use(image)))
                for one in references:
                    self._untag(image, one)
            self._delete(image, force=force, prune=prune)
            return self._done
        if not force and is_single(references) and (container := self._first(image)):
            raise errors.reference_in_use(name, container.id, image.id)
        if self._untag_by_name(image, parse_reference(name)):
            self._delete_quietly(image, force=force, prune=prune)
        return self._done

    def _untag_by_name(self, image: Image, removed: Reference) -> bool:
        """Take a name away, and digests that stood beside it; tell whether it was the last one."""
        self._untag(image, removed)
        rest = references_to(self._images, image.id)
        same = [one for one in rest if one.repository == removed.repository]
        if not removed.digest and all(one.digest for one in same):
            for one in same:
                self._engine.images.repositories.remove_digest(one.repository, one.digest)
                self._done.append(Removal(untagged=one.familiar))
            rest = [one for one in rest if one not in same]
        return not rest

    def _untag(self, image: Image, reference: Reference) -> None:
        untag(self._engine, image, reference)
        self._done.append(Removal(untagged=reference.precise))

    # -- the image itself ----------------------------------------------------------------

    def _delete(self, image: Image, *, force: bool, prune: bool) -> None:
        """Delete an image. Raises Conflict."""
        self._refuse(self._conflict(image, hard=True) or (None if force else self._conflict(image, hard=False)))
        self._delete_now(image, prune=prune)

    def _delete_quietly(self, image: Image, *, force: bool, prune: bool) -> None:
        """Delete an image unless something stands against it."""
        if self._conflict(image, hard=True) or (not force and self._conflict(image, hard=False)):
            return
        self._delete_now(image, prune=prune)

    def _delete_now(self, image: Image, *, prune: bool) -> None:
        for one in references_to(self._images, image.id):
            self._untag(image, one)
        gone, parent = self._layers.release(image), image.parent
        self._images.delete(image.id)
        tell(self._engine, "delete", image)
        self._done.append(Removal(deleted=rootfs.ALGORITHM + image.id))
        self._done += [Removal(deleted=one) for one in gone]
        if prune and parent in self._images:
            self._delete_quietly(self._images.get(parent), force=False, prune=True)

    # -- what stands against it ------------------------------------------------------------

    @staticmethod
    def _refuse(conflict: errors.Conflict | None) -> None:
        if conflict is not None:
            raise conflict

    def _conflict(self, image: Image, *, hard: bool) -> errors.Conflict | None:
        """Return what stands against deleting an image: if `hard`, what no force overcomes, else what it does."""
        if not hard:
            if references_to(self._images, image.id):
                problem = "image is referenced in multiple repositories"
                return errors.image_delete_conflict(image.id, problem, hard=False)
            return self._in_use(image)
        problem = ""
        if self._images.children(image.id):
            problem = "image has dependent child images"
        elif container := self._first(image, lambda one: one.running):
            problem = f"image is being used by running container {short(container.id)}"
        return errors.image_delete_conflict(image.id, problem, hard=True) if problem else None

    def _in_use(self, image: Image) -> errors.Conflict | None:
        container = self._first(image, lambda one: not one.running)
        if container is None:
            return None
        problem = f"image is being used by stopped container {short(container.id)}"
        return errors.image_delete_conflict(image.id, problem, hard=False)

    def _first(self, image: Image, chosen: Callable[[Container], bool] = lambda one: True) -> Container | None:
        return next((one for one in self._engine.containers if one.image == image.id and chosen(one)), None)


def is_single(references: Sequence[Reference]) -> bool:
    """Tell whether an image has at most one tag, and digests only of its repository."""
    if len(references) <= 1:
        return True
    tags = [one for one in references if not one.digest]
    digested = {one.repository for one in references if one.digest}
    if len(tags) > 1:
        return False
    return digested == {(tags or references)[0].repository}
