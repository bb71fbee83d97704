"""What a request is about: the container or image (or what else has a name) with its labels, as far as it can be told.

A client may say a name or an id, and the daemon tells which object that is. What is yet to come - a container to be
created, an image to be pulled - is known by what the request says of it.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, Protocol
from urllib.parse import parse_qs

from fakedocker import operations
from fakedocker.faults.calls import Request, described

#: Bytes of the body of a request to create something that are looked at.
MOST_READ = 1 << 20
#: Where the environ has what was found in them.
LOOKED_AT = "fakedocker.faults.config"


@dataclass(frozen=True, slots=True)
class Subject:
    """What a request is about. `image`: what a container was created from, or the image itself."""

    name: str = ""
    identity: str = ""
    image: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def tagged(self) -> str:
        """Its image as the daemon speaks of it: with a tag."""
        return next((name for name in names_of_image(self.image) if ":" in name.rpartition("/")[2]), self.image)

    def is_called(self, pattern: str, said: str) -> bool:
        """Tell whether a pattern fits its name, its id, or what the request `said`."""
        names = (self.name, self.identity, self.identity[:12], said.removeprefix("/"))
        return any(fnmatchcase(name, pattern) for name in names if name)

    def is_of_image(self, pattern: str) -> bool:
        """Tell whether a pattern fits its image: `postgres`, `postgres:16`, `*/shop:*`."""
        return any(fnmatchcase(name, bare(pattern)) for name in names_of_image(self.image))

    def has_label(self, label: str) -> bool:
        """Tell whether it has a label, `key` or `key=value`."""
        key, equals, value = label.partition("=")
        return key in self.labels and (not equals or self.labels[key] == value)


def subject_of(request: Request) -> Subject:
    """Return what a request is about."""
    query = {key: values[-1] for key, values in parse_qs(request.environ.get("QUERY_STRING", "")).items()}
    match request.operation:
        case "ContainerCreate":
            config = _config(request.environ)
            return Subject(query.get("name", ""), image=str(config.get("Image", "")), labels=_labels(config))
        case "NetworkCreate" | "VolumeCreate":
            config = _config(request.environ)
            return Subject(str(config.get("Name", "")), labels=_labels(config))
        case "ImageCreate":
            image, tag = query.get("fromImage", ""), query.get("tag", "")
            joined = f"{image}@{tag}" if tag.startswith("sha256:") else f"{image}:{tag}"
            return Subject(bare(image), image=joined if tag else image)
        case "ImageBuild":
            return Subject(query.get("t", ""), image=query.get("t", ""))
        case "ImageCommit":
            return _described(request, "container", query.get("container", ""))
    return _described(request, operations.kind_of(request.operation), request.object)


def _described(request: Request, kind: str, name: str) -> Subject:
    known = described(request.environ, kind, name)
    if not known:
        return Subject(name.removeprefix("/"), image=name if kind == "image" else "")
    return Subject(known["name"], known.get("id", ""), known.get("image", ""), known.get("labels") or {})


class _Input(Protocol):
    def read(self, size: int = -1, /) -> bytes: ...


class _PutBack(io.RawIOBase):
    """A body of which the beginning has been read, as if nobody had."""

    def __init__(self, begin: bytes, rest: _Input) -> None:
        self._begin = begin
        self._rest = rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer)
        data, self._begin = self._begin[: len(view)], self._begin[len(view) :]
        if not data:
            data = self._rest.read(len(view))
        view[: len(data)] = data
        return len(data)


def _labels(config: Mapping[str, Any]) -> Mapping[str, str]:
    labels = config.get("Labels")
    return {str(key): str(value) for key, value in labels.items()} if isinstance(labels, dict) else {}


def _config(environ: dict[str, Any]) -> Mapping[str, Any]:
    """Return the JSON object in the body of a request, which can still be read; nothing if it is too long or none."""
    if LOOKED_AT not in environ:
        environ[LOOKED_AT] = _peeked(environ)
    found: Mapping[str, Any] = environ[LOOKED_AT]
    return found


def _peeked(environ: dict[str, Any]) -> dict[str, Any]:
    body: _Input = environ["wsgi.input"]
    begin = bytearray()
    while len(begin) < MOST_READ and (data := body.read(MOST_READ - len(begin))):
        begin += data
    environ["wsgi.input"] = io.BufferedReader(_PutBack(bytes(begin), body))
    try:
        config = json.loads(begin)
    except (ValueError, RecursionError):
        return {}
    return config if isinstance(config, dict) else {}


def bare(image: str) -> str:
    """Return an image's name without what it has by default: the index, `library/`."""
    return image.removeprefix("docker.io/").removeprefix("library/")


def names_of_image(image: str) -> tuple[str, ...]:
    """Return how an image may be called: as it is, with and without its tag."""
    name = bare(image)
    repository, at, _ = name.partition("@")
    head, colon, tag = repository.rpartition(":")
    if at:
        return name, repository
    if colon and "/" not in tag:
        return name, head
    return name, f"{name}:latest"
