"""Giving images names and taking them away, as today's daemons do it, and telling of it.

(moby daemon/images/image_tag.go, image_delete.go.)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fakedocker.engine.images.images import Image
from fakedocker.engine.images.references import Reference
from fakedocker.engine.images.rootfs import ALGORITHM

if TYPE_CHECKING:
    from fakedocker.engine.engine import Engine


def tell(engine: Engine, action: str, image: Image, name: str = "") -> None:
    """Tell those who follow the events what happened to an image; `name`: what it was called, its id if by none."""
    identity = ALGORITHM + image.id
    labels = image.config.labels if image.config is not None else None
    engine.events.emit("image", action, identity, {**(labels or {}), "name": name or identity})


def tag(engine: Engine, image: Image, reference: Reference) -> None:
    """Let a name stand for an image from now on."""
    put(engine, image, reference)
    engine.images.tagged[image.id] = engine.clock.now()
    tell(engine, "tag", image, str(reference))


def put(engine: Engine, image: Image, reference: Reference) -> None:
    """Let a name stand for an image, as one that came along with it: nobody is told."""
    if reference.digest:
        engine.images.repositories.put_digest(reference.repository, reference.digest, image.id)
    else:
        engine.images.repositories.put(reference.repository, reference.tag, image.id)


def untag(engine: Engine, image: Image, reference: Reference) -> None:
    """Take a name away."""
    if reference.digest:
        engine.images.repositories.remove_digest(reference.repository, reference.digest)
    else:
        engine.images.repositories.remove(reference.repository, reference.tag)
    tell(engine, "untag", image)
