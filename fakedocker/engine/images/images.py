"""Images: the graph of parents and children, and the names that point into it."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator, KeysView
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fakedocker.engine import errors
from fakedocker.engine.containers.config import Config
from fakedocker.engine.files.layers import Layer
from fakedocker.engine.ids import short

if TYPE_CHECKING:
    from fakedocker.engine.images.manifests import Blob

DEFAULT_TAG = "latest"


@dataclass(frozen=True, slots=True)
class History:
    """One step that made an image (`created`: unix seconds). `empty_layer`: it changed no file."""

    created: float
    created_by: str = ""
    author: str = ""
    comment: str = ""
    empty_layer: bool = False


@dataclass(frozen=True, slots=True)
class Image:
    """One image: its own layer on top of its parent's.

    `created`: unix seconds. `container`, `container_config`: what it was committed from. `config`: what containers
    inherit, None when the image says nothing about it. `size`: bytes of the layer's archive, and of those `below`.
    `history`: the steps that made it and its ancestors, oldest first, as far as they are known.

    An image that came as a whole has no parent but all layers that it needs `below` its own, lowest first. `document`:
    the configuration in JSON whose digest is the id (see `imageconfig`); images of 2013 have none.
    """

    id: str
    created: float
    layer: Layer
    parent: str = ""
    comment: str = ""
    container: str = ""
    container_config: Config = Config()
    docker_version: str = ""
    author: str = ""
    config: Config | None = None
    architecture: str = ""
    size: int = 0
    history: tuple[History, ...] = ()
    document: bytes = field(default=b"", repr=False)
    below: tuple[Layer, ...] = ()
    os: str = ""
    variant: str = ""


class IdIndex:
    """Finds ids by an unambiguous beginning (moby utils.go, TruncIndex)."""

    def __init__(self) -> None:
        self._ids: list[str] = []

    def add(self, identity: str) -> None:
        insort(self._ids, identity)

    def remove(self, identity: str) -> None:
        place = bisect_left(self._ids, identity)
        if place < len(self._ids) and self._ids[place] == identity:
            del self._ids[place]

    def find(self, beginning: str) -> str | None:
        """Return the only id that begins so; None when there is none, or several, or nothing was asked."""
        if not beginning:
            return None
        place = bisect_left(self._ids, beginning)
        matching = [one for one in self._ids[place : place + 2] if one.startswith(beginning)]
        return matching[0] if len(matching) == 1 else None


@dataclass
class Repositories:
    """Names of images: repository -> tag -> id. An id may name an image that is gone: a dangling tag.

    An image that was pulled or pushed also has the digest of its manifest as a name: repository -> digest -> id.
    """

    _tags: dict[str, dict[str, str]] = field(default_factory=dict)
    _names: dict[str, set[str]] = field(default_factory=dict)
    _digests: dict[str, dict[str, str]] = field(default_factory=dict)

    def __iter__(self) -> Iterator[tuple[str, str, str]]:
        """Yield (repository, tag, id), sorted."""
        for repository in sorted(self._tags):
            for tag, identity in sorted(self._tags[repository].items()):
                yield repository, tag, identity

    def get(self, repository: str, tag: str = DEFAULT_TAG) -> str | None:
        """Return the id a name stands for."""
        return self._tags.get(repository, {}).get(tag)

    def tags(self, repository: str) -> dict[str, str]:
        """Return tag -> id of one repository, empty if there is none."""
        return dict(self._tags.get(repository, {}))

    def names(self, identity: str) -> list[str]:
        """Return all names `repository:tag` of an image, in byte order."""
        return sorted(self._names.get(identity, ()))

    def tags_of(self, identity: str) -> list[tuple[str, str]]:
        """Return (repository, tag) of all names of an image."""
        split = (name.rpartition(":") for name in self.names(identity))
        return [(repository, tag) for repository, _, tag in split]

    def digests(self, repository: str) -> dict[str, str]:
        """Return digest -> id of one repository."""
        return dict(self._digests.get(repository, {}))

    def digests_of(self, identity: str) -> list[tuple[str, str]]:
        """Return (repository, digest) of all digests that are names of an image."""
        return [
            (repository, digest)
            for repository, digests in sorted(self._digests.items())
            for digest, one in sorted(digests.items())
            if one == identity
        ]

    def set(self, repository: str, tag: str, identity: str, *, force: bool = True) -> None:
        """Let a name stand for an image; `tag` "" is latest.

        Raises InvalidParameter for a bad name; Conflict if the name is taken by another image and not `force`.
        """
        tag = tag or DEFAULT_TAG
        self.check(repository, tag)
        present = self.get(repository, tag)
        if present not in (None, identity) and not force:
            raise errors.tag_conflict(repository, tag, str(present))
        self.put(repository, tag, identity)

    def put(self, repository: str, tag: str, identity: str) -> None:
        """Let a name that was checked already stand for an image."""
        present = self.get(repository, tag)
        if present is not None:
            self._forget(repository, tag, present)
        self._tags.setdefault(repository, {})[tag] = identity
        self._names.setdefault(identity, set()).add(f"{repository}:{tag}")

    @property
    def with_digests(self) -> KeysView[str]:
        """The repositories of which something is known by a digest."""
        return self._digests.keys()

    def put_digest(self, repository: str, digest: str, identity: str) -> None:
        """Let the digest of a manifest stand for an image."""
        self._digests.setdefault(repository, {})[digest] = identity

    def remove_digest(self, repository: str, digest: str) -> None:
        """Forget a digest."""
        digests = self._digests.get(repository, {})
        digests.pop(digest, None)
        if not digests:
            self._digests.pop(repository, None)

    def _forget(self, repository: str, tag: str, identity: str) -> None:
        names = self._names[identity]
        names.discard(f"{repository}:{tag}")
        if not names:
            del self._names[identity]

    @staticmethod
    def check(repository: str, tag: str) -> None:
        """Raise InvalidParameter unless the name is legal (moby tags.go, validateRepositoryName)."""
        if not repository:
            raise errors.empty_repository_name()
        if ":" in repository:
            raise errors.illegal_repository_name(repository)
        if "/" in tag or ":" in tag:
            raise errors.illegal_tag_name(tag)

    def remove(self, repository: str, tag: str = "") -> bool:
        """Remove a tag, or the whole repository when `tag` is ""; tell whether there was one."""
        tags = self._tags.get(repository, {})
        gone = [tag] if tag in tags else [] if tag else list(tags)
        for one in gone:
            self._forget(repository, one, tags.pop(one))
        if not tags:
            self._tags.pop(repository, None)
        return bool(gone)


@dataclass(frozen=True, slots=True)
class Removal:
    """One thing that removing an image did: a name was taken, or an image is gone."""

    untagged: str = ""
    deleted: str = ""


class Images:
    """All images a daemon has."""

    def __init__(self) -> None:
        self._images: dict[str, Image] = {}
        #: Parent -> its children in the order they came (a dict, to take one out of thousands at once).
        self._children: dict[str, dict[str, None]] = {}
        self._index = IdIndex()
        self.repositories = Repositories()
        #: When an image was last given a name, in unix seconds.
        self.tagged: dict[str, float] = {}
        #: How a registry keeps layers that came from it, by their diff ids.
        self.blobs: dict[str, Blob] = {}

    def __iter__(self) -> Iterator[Image]:
        return iter(list(self._images.values()))

    def __len__(self) -> int:
        return len(self._images)

    def __contains__(self, identity: object) -> bool:
        return identity in self._images

    def add(self, image: Image) -> None:
        """Take an image in; one with the same id is already there and stays."""
        if image.id in self._images:
            return
        self._images[image.id] = image
        self._children.setdefault(image.parent, {})[image.id] = None
        self._index.add(image.id)

    def get(self, identity: str) -> Image:
        """Return an image by its whole id. Raises NotFound."""
        try:
            return self._images[identity]
        except KeyError:
            raise errors.no_such_id(identity) from None

    def by_id(self, beginning: str) -> str | None:
        """Return the only id that begins so, if there is one."""
        return self._index.find(beginning)

    def find(self, name: str) -> Image:
        """Return the image that a name, an id or its beginning means. Raises NotFound.

        An id comes first; otherwise the name is split at its *first* colon, as the daemons of 2013 did
        (moby tags.go, LookupImage), so that a registry with a port cannot be part of it.
        """
        identity = self.by_id(name)
        if identity is None:
            repository, colon, tag = name.partition(":")
            identity = self.repositories.get(repository, tag if colon else DEFAULT_TAG)
        if identity not in self._images:
            raise errors.no_such_image(name)
        return self._images[identity]

    def children(self, identity: str) -> list[Image]:
        """Return the images made directly from one."""
        return [self._images[child] for child in self._children.get(identity, ())]

    def heads(self) -> list[Image]:
        """Return the images that are nobody's parent."""
        return [image for image in self if not self._children.get(image.id)]

    def history(self, image: Image) -> list[Image]:
        """Return an image and its ancestors, newest first, as far as they are still there."""
        chain = [image]
        while (parent := self._images.get(chain[-1].parent)) is not None:
            chain.append(parent)
        return chain

    def layers(self, image: Image) -> list[Layer]:
        """Return the layers an image consists of, bottom first."""
        return [layer for one in reversed(self.history(image)) for layer in (*one.below, one.layer)]

    def size(self, image: Image) -> int:
        """Return the bytes of an image with all that it is built on."""
        return sum(one.size for one in self.history(image))

    def steps(self, image: Image) -> tuple[History, ...]:
        """Return the steps that made an image, oldest first; those of 2013 are told by its ancestors."""
        told: list[History] = []
        for one in self.history(image):
            if one.history:
                return (*one.history, *reversed(told))
            command = " ".join(one.container_config.cmd or ())
            changes_nothing = not one.size and not one.layer.size
            told.append(History(one.created, command, one.author, one.comment, changes_nothing))
        return tuple(reversed(told))

    def display_name(self, identity: str) -> str:
        """Return the first name of an image in byte order, or its short id if it has none."""
        names = self.repositories.names(identity)
        return names[0] if names else short(identity)

    def cached(self, parent: str, config: Config) -> Image | None:
        """Return the newest child of `parent` that the same build step made."""
        matching = [child for child in self.children(parent) if child.container_config.same_step(config)]
        return matching[-1] if matching else None

    def delete(self, identity: str) -> None:
        """Take exactly one image away; names and children are left behind. Raises NotFound."""
        image = self.get(identity)
        del self._images[identity]
        siblings = self._children[image.parent]
        del siblings[identity]
        if not siblings:
            del self._children[image.parent]
        self._index.remove(identity)
        self.tagged.pop(identity, None)

    # -- removing as API 1.1 does it: untag, then prune what nobody needs (moby server.go, deleteImage) --------

    def remove(self, name: str) -> list[Removal]:
        """Remove a name, and what it named if nothing else does; return what was done, in order.

        Raises NotFound, or Conflict when nothing could be removed.
        """
        image = self.find(name)
        repository, _, tag = name.partition(":")
        done: list[Removal] = []
        if self.repositories.remove(repository, tag):
            done.append(Removal(untagged=image.id))
        if not self.repositories.names(image.id) and self._delete_with_children(image, done):
            self._delete_parents(image, done)
        if not done:
            raise errors.image_not_deleted(name)
        return done

    def _delete_with_children(self, image: Image, done: list[Removal]) -> bool:
        """Delete an untagged image after its untagged descendants; False when a name stands against it."""
        # Not recursive: a chain of images may be longer than Python's stack.
        order, waiting = [], [image]
        while waiting:
            one = waiting.pop()
            order.append(one)
            waiting += [child for child in self.children(one.id) if not self.repositories.names(child.id)]
        for one in reversed(order):
            if not self.repositories.names(one.id) and not self._children.get(one.id):
                self.delete(one.id)
                done.append(Removal(deleted=one.id))
        return image.id not in self._images

    def _delete_parents(self, image: Image, done: list[Removal]) -> None:
        while image.parent:
            image = self.get(image.parent)
            if self.repositories.names(image.id) or not self._delete_with_children(image, done):
                return
