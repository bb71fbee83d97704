"""Images that are made here as today's daemons make them: of a container, of an archive.

Their ids are the digests of what they are (see `fakedocker.engine.images.imageconfig`). (moby
daemon/images/image_commit.go, image_import.go; `Engine.commit` is that of 2013.)
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fakedocker.engine.containers.config import Config
from fakedocker.engine.containers.containers import Container
from fakedocker.engine.containers.lifecycle import Verb, after
from fakedocker.engine.files.layers import Layer
from fakedocker.engine.images import rootfs
from fakedocker.engine.images.imageconfig import NO_LAYER, OS, identified
from fakedocker.engine.images.imagenames import tell
from fakedocker.engine.images.images import History, Image

if TYPE_CHECKING:
    from fakedocker.engine.engine import Engine

ARCHITECTURE = "amd64"


def keep(engine: Engine, image: Image, history: tuple[History, ...]) -> Image:
    """Take in an image that was just made, under the id that follows from what it is; return it."""
    images = engine.images
    parent = images.get(image.parent) if image.parent in images else None
    layers = [*(images.layers(parent) if parent is not None else ()), *image.below, image.layer]
    image = identified(image, layers, history)
    images.add(image)
    return image


def commit_container(engine: Engine, container: Container, *, config: Config, comment: str, author: str) -> Image:
    """Make an image of what a container changed; `config`: what containers of it will inherit.

    Raises NotFound, Conflict (the container is dead).
    """
    after(container.state, Verb.COMMIT, container.id)
    layer = engine.mount(container).commit()
    empty = rootfs.is_empty(layer)
    now = engine.clock.now()
    parent = engine.images.get(container.image) if container.image in engine.images else None
    step = History(now, " ".join(container.config.command), author, comment, empty)
    return keep(
        engine,
        Image(
            id="",
            created=now,
            layer=NO_LAYER if empty else layer,
            parent=container.image if parent is not None else "",
            comment=comment,
            container=container.id,
            container_config=container.config,
            docker_version=engine.profile.version,
            author=author,
            config=config,
            architecture=ARCHITECTURE,
            size=layer.size,
            os=OS,
        ),
        (*(engine.images.steps(parent) if parent is not None else ()), step),
    )


def import_layer(engine: Engine, layer: Layer, *, config: Config, message: str) -> Image:
    """Make an image without parent of a root file system."""
    now = engine.clock.now()
    image = Image(
        id="",
        created=now,
        layer=layer,
        comment=message,
        docker_version=engine.profile.version,
        config=config,
        architecture=ARCHITECTURE,
        size=layer.size,
        os=OS,
    )
    image = keep(engine, image, (History(now, comment=message),))
    tell(engine, "import", image)
    return image
