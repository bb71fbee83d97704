"""Manifests: what a registry says an image consists of (docker image manifest v2 schema 2, OCI image manifest)."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from fakedocker.engine import errors
from fakedocker.engine.images import rootfs

MANIFEST_TYPE = "application/vnd.docker.distribution.manifest.v2+json"
LIST_TYPE = "application/vnd.docker.distribution.manifest.list.v2+json"
OCI_MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json"
OCI_INDEX_TYPE = "application/vnd.oci.image.index.v1+json"
CONFIG_TYPE = "application/vnd.docker.container.image.v1+json"
LAYER_TYPE = "application/vnd.docker.image.rootfs.diff.tar.gzip"
#: Docker's own type for a layer that is not compressed.
PLAIN_LAYER_TYPE = "application/vnd.docker.image.rootfs.diff.tar"
#: How other systems call what Docker calls otherwise (containerd platforms/database.go).
ARCHITECTURES = {
    "x86_64": "amd64",
    "x86-64": "amd64",
    "aarch64": "arm64",
    "i386": "386",
    "armhf": "arm",
    "armel": "arm",
}


#: What Go compiles for (go tool dist list): the only words that may stand alone (containerd platforms/database.go).
_SYSTEM = re.compile(
    "aix|android|darwin|dragonfly|freebsd|hurd|illumos|ios|js|linux|nacl|netbsd|openbsd|plan9|solaris|windows|zos"
)
_MACHINE = re.compile(
    "386|amd64|amd64p32|arm|armbe|arm64|arm64be|ppc64|ppc64le|loong64|mips|mipsle|mips64|mips64le|mips64p32|"
    "mips64p32le|ppc|riscv|riscv64|s390|s390x|sparc|sparc64|wasm"
)
_COMPONENT = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Platform:
    """What an image is made for: "linux", "arm64", "v8"."""

    os: str
    architecture: str
    variant: str = ""

    def __str__(self) -> str:
        return "/".join(part for part in (self.os, self.architecture, self.variant) if part)

    def fits(self, wanted: Platform) -> bool:
        """Tell whether this is what was asked for; what was not asked for does not matter."""
        return (
            wanted.os in ("", self.os)
            and wanted.architecture in ("", self.architecture)
            and wanted.variant in ("", self.variant)
        )


def parse_platform(text: str) -> Platform:
    """Read `os[/architecture[/variant]]`, or an architecture alone. Raises InvalidParameter."""
    parts = text.lower().split("/")
    if len(parts) > 3:
        raise errors.invalid_platform(text)
    for part in text.split("/"):
        if not _COMPONENT.fullmatch(part):
            raise errors.invalid_platform_component(text, part)
    if len(parts) == 1:
        system, machine = "darwin" if parts[0] == "macos" else parts[0], ARCHITECTURES.get(parts[0], parts[0])
        if _SYSTEM.fullmatch(system):
            return Platform(system, "")
        if not _MACHINE.fullmatch(machine):
            raise errors.unknown_platform(text)
        return Platform("linux", machine)
    return Platform(parts[0], ARCHITECTURES.get(parts[1], parts[1]), parts[2] if len(parts) == 3 else "")


@dataclass(frozen=True, slots=True)
class Blob:
    """Something that a registry keeps under its digest; `size` in bytes."""

    digest: str
    size: int
    media_type: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """The parts of an image in a registry; `document` is the manifest itself, `layers` are bottom first."""

    document: bytes
    config: Blob
    layers: tuple[Blob, ...]
    media_type: str = MANIFEST_TYPE

    @property
    def digest(self) -> str:
        return rootfs.digest(self.document)


def manifest_of(document: bytes, layers: Sequence[Blob]) -> Manifest:
    """Return the manifest of an image: its document, and its layers, bottom first."""
    config = Blob(rootfs.digest(document), len(document), CONFIG_TYPE)
    members = {
        "schemaVersion": 2,
        "mediaType": MANIFEST_TYPE,
        "config": _descriptor(config),
        "layers": [_descriptor(blob) for blob in layers],
    }
    return Manifest(json.dumps(members, indent=3).encode(), config, tuple(layers))


def manifest_list(manifests: Sequence[tuple[Blob, Platform]]) -> bytes:
    """Return the list that stands for several manifests, one for each platform."""
    entries = [
        {
            **_descriptor(blob),
            "platform": {
                "architecture": platform.architecture,
                "os": platform.os,
                **({"variant": platform.variant} if platform.variant else {}),
            },
        }
        for blob, platform in manifests
    ]
    return json.dumps({"schemaVersion": 2, "mediaType": LIST_TYPE, "manifests": entries}, indent=3).encode()


def _descriptor(blob: Blob) -> dict[str, object]:
    return {"mediaType": blob.media_type, "size": blob.size, "digest": blob.digest}
