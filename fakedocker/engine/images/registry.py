"""The world outside: what the index, the registry and file servers offer. Pure data, described by a fixture."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from fakedocker.engine.files.content import Content
from fakedocker.engine.images.images import Image

if TYPE_CHECKING:
    from fakedocker.engine.images.distribution import Offer

AccountState = Literal["active", "inactive", "refused", "odd"]


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository of the index: its tags, or the status with which the index refuses it.

    `platforms`: the ids of the images that a tag means on other platforms than the first one.
    """

    name: str
    tags: Mapping[str, str] = field(default_factory=dict)
    status: int = 200
    private: bool = False
    platforms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SearchResult:
    """A line that a search finds; `stars`, `official` and `automated` are of today."""

    name: str
    description: str = ""
    stars: int = 0
    official: bool = False
    automated: bool = False


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody the index knows. `state` odd: registration answers `status` and `body`."""

    name: str
    password: str = field(repr=False)
    email: str = ""
    state: AccountState = "active"
    status: int = 201
    body: str = ""


@dataclass
class Registry:
    """Everything that pull, push, search, login, insert and import by URL can meet.

    `searches` hold the answers to exact terms, or the status with which the index fails; any other term is looked
    for in `catalogue`. `speed`: bytes per second of transfers, None for as fast as possible.
    `keeps_pushes` False: every push is accepted and forgotten. `any_image`: what is there under every
    name that nothing else is known of.
    """

    index: str = "https://index.docker.io/v1"
    endpoint: str = "registry-1.docker.io"
    images: dict[str, Image] = field(default_factory=dict)
    repositories: dict[str, Repository] = field(default_factory=dict)
    searches: dict[str, list[SearchResult] | int] = field(default_factory=dict)
    catalogue: list[SearchResult] = field(default_factory=list)
    accounts: dict[str, Account] = field(default_factory=dict)
    files: dict[str, Content | None] = field(default_factory=dict)
    speed: float | None = None
    keeps_pushes: bool = True
    any_image: Image | None = None
    #: What `distribution.offer_of` has made of images, by their ids.
    offers: dict[str, Offer] = field(default_factory=dict, repr=False)

    def search(self, term: str) -> list[SearchResult] | int:
        """Return what a search finds, or the status with which it fails."""
        if term in self.searches:
            return self.searches[term]
        return [one for one in self.catalogue if term in one.name]

    def chain(self, identity: str) -> Iterator[Image]:
        """Yield an image and its ancestors, newest first, as far as the registry has them."""
        while identity in self.images:
            image = self.images[identity]
            yield image
            identity = image.parent

    def push(self, name: str, tag: str, chain: list[Image]) -> None:
        """Take an image with its ancestors, and let a tag name it (chain newest first)."""
        for image in chain:
            self.images.setdefault(image.id, image)
        repository = self.repositories.get(name, Repository(name))
        tags = {**repository.tags, tag: chain[0].id}
        self.repositories[name] = replace(repository, tags=tags, status=200)
