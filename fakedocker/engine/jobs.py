"""Engine verbs that take time.

A job is a generator: it yields what there is to report (`Event`) and what it has to wait for (`Until`), and
returns its result. The runtime drives it: each step under the lock, each wait without. A dialect turns events
into its own words; a client that has left closes the generator.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, TypeVar

from fakedocker.engine.watch import Watch


@dataclass(frozen=True, slots=True)
class Until:
    """Wait until `met()` is true, looked at whenever `watch` is notified, at most `timeout` seconds of the clock."""

    watch: Watch
    met: Callable[[], bool]
    timeout: float | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """Something a job reports."""


@dataclass(frozen=True, slots=True)
class Begun(Event):
    """A stream has begun although it says nothing yet: errors from now on belong into it."""


@dataclass(frozen=True, slots=True)
class Transferring(Event):
    """`current` of `total` bytes have been moved (`total` None: unknown); `verb` is Downloading, Importing, Pushing."""

    verb: str
    current: int
    total: int | None


@dataclass(frozen=True, slots=True)
class Transferred(Event):
    """A transfer is complete."""


@dataclass(frozen=True, slots=True)
class DownloadingFrom(Event):
    """An import fetches this URL."""

    url: str


@dataclass(frozen=True, slots=True)
class ImageMade(Event):
    """An image exists now; `full`: it is announced by its whole id."""

    id: str
    full: bool = False


@dataclass(frozen=True, slots=True)
class PullingRepository(Event):
    """A pull has asked the index for a repository."""

    name: str
    index: str


@dataclass(frozen=True, slots=True)
class PullingImage(Event):
    """One tag of the repository is pulled."""

    id: str
    tag: str
    name: str


@dataclass(frozen=True, slots=True)
class PullingMetadata(Event):
    """The description of an image is fetched."""

    id: str


@dataclass(frozen=True, slots=True)
class PullingLayer(Event):
    """The layer of an image is fetched."""

    id: str


@dataclass(frozen=True, slots=True)
class PushRefersTo(Event):
    """A push has begun; `tags` is None when a single image is pushed by its id."""

    name: str
    tags: int | None


@dataclass(frozen=True, slots=True)
class ProcessingChecksums(Event):
    """A push computes checksums."""


@dataclass(frozen=True, slots=True)
class SendingImageList(Event):
    """A push tells the index what will come."""


@dataclass(frozen=True, slots=True)
class PushingRepository(Event):
    """A push goes to this registry."""

    name: str
    endpoint: str
    tags: int


@dataclass(frozen=True, slots=True)
class PushingImage(Event):
    """One image is pushed."""

    id: str


@dataclass(frozen=True, slots=True)
class AlreadyUploaded(Event):
    """The registry has this image."""

    id: str


@dataclass(frozen=True, slots=True)
class PushingTag(Event):
    """The registry is told which image a tag names."""

    id: str
    endpoint: str
    name: str
    tag: str


@dataclass(frozen=True, slots=True)
class StepBegun(Event):
    """A build carries out an instruction, on top of `image` ("" at first)."""

    instruction: str
    arguments: str
    image: str


@dataclass(frozen=True, slots=True)
class StepDone(Event):
    """The instruction led to this image."""

    image: str


@dataclass(frozen=True, slots=True)
class InstructionSkipped(Event):
    """A build does not know the instruction."""

    instruction: str


@dataclass(frozen=True, slots=True)
class Built(Event):
    """The build has ended well."""

    image: str


@dataclass(frozen=True, slots=True)
class BuildOutput(Event):
    """Text of a build of today, as it stands in the stream."""

    text: str


@dataclass(frozen=True, slots=True)
class BuildResult(Event):
    """A stage of a build of today has led to this image (the stream's `aux`)."""

    image: str


@dataclass(frozen=True, slots=True)
class Said(Event):
    """A line about a transfer of today, or about one part of it (`id`)."""

    status: str
    id: str = ""


@dataclass(frozen=True, slots=True)
class Progress(Event):
    """What happens to one layer today (`id`): `current` of `total` bytes, no total for what is not counted."""

    id: str
    action: str
    current: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True)
class Pushed(Event):
    """A tag has arrived at the registry, with a manifest of this digest and size in bytes."""

    tag: str
    digest: str
    size: int


T = TypeVar("T")
Job = Generator[Event | Until, Any, T]


def pause(seconds: float) -> Until:
    """Return a wait for nothing but time."""
    return Until(Watch(), lambda: False, seconds)
