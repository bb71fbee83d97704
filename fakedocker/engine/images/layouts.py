"""Images as an OCI layout: what `docker save` writes since 25.0, readable by earlier daemons, too.

Everything is a blob under its digest: documents, manifests, the tars of layers, and how daemons before 1.10 know each
layer. `manifest.json` and `repositories` point there for those who know no `index.json`. Observed: dockerd 26.1.5.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from fakedocker.engine.files.layers import Inode, Kind, Layer
from fakedocker.engine.images import rootfs
from fakedocker.engine.images.imagearchives import (
    INDEX,
    MANIFEST,
    Member,
    Saved,
    file_of,
    legacy,
    names_of,
    packed,
    tar_of,
)
from fakedocker.engine.images.imageconfig import encode
from fakedocker.engine.images.references import Reference

LAYOUT, BLOBS = "oci-layout", "blobs/sha256"
MEDIA_TYPE = "application/vnd.oci.image.{}"
Members = dict[str, object]


def save(chosen: Sequence[Saved], now: float) -> Iterator[bytes]:
    """Yield the archive of some images, in pieces; `now`: unix seconds."""
    return packed(_members(chosen, now))


def _members(chosen: Sequence[Saved], now: float) -> Iterator[Member]:
    blobs: dict[str, Member] = {}
    manifest: list[Members] = []
    index: list[Members] = []
    repositories: dict[str, dict[str, str]] = {}
    ids = {one.image.id for one in chosen}
    for one in chosen:
        for name, member in _blobs(one):
            blobs.setdefault(name, member)
        sources = [_described("layer.v1.tar", diff_id, rootfs.tar_size(layer)) for diff_id, layer in _layers(one)]
        config = _described("config.v1+json", rootfs.digest(one.document), len(one.document))
        whole = encode(_versioned("manifest.v1+json", {"config": config, "layers": sources}))
        digest = rootfs.digest(whole)
        blobs[digest] = (_path(digest), file_of(whole, 0))
        described = _described("manifest.v1+json", digest, len(whole))
        index += [{**described, "annotations": _annotations(tag)} for tag in one.tags] or [described]
        manifest.append(_item(one, sources, ids))
        for tag in one.tags:
            top = rootfs.diff_ids(one.layers)[-1].removeprefix(rootfs.ALGORITHM)
            repositories.setdefault(tag.repository, {})[tag.tag] = top
    for directory in ("blobs", BLOBS):
        yield directory, partial(Inode, Kind.DIRECTORY, 0o755, mtime=now)
    yield from blobs.values()
    yield INDEX, file_of(encode(_versioned("index.v1+json", {"manifests": index})), now)
    yield MANIFEST, file_of(encode(manifest) + b"\n", 0)
    yield LAYOUT, file_of(b'{"imageLayoutVersion": "1.0.0"}', 0)
    yield from names_of(repositories)


def _blobs(one: Saved) -> Iterator[tuple[str, Member]]:
    """Yield what an image consists of, by digests."""
    moment = one.image.created
    contents = [one.document, *(encode(members) for _, members in legacy(one))]
    for content in contents:
        digest = rootfs.digest(content)
        yield digest, (_path(digest), file_of(content, moment))
    for diff_id, layer in _layers(one):
        yield diff_id, (_path(diff_id), tar_of(layer, moment))


def _layers(one: Saved) -> Iterator[tuple[str, Layer]]:
    return zip(rootfs.diff_ids(one.layers), one.layers, strict=True)


def _path(digest: str) -> str:
    return f"{BLOBS}/{digest.removeprefix(rootfs.ALGORITHM)}"


def _versioned(kind: str, members: Members) -> Members:
    return {"schemaVersion": 2, "mediaType": MEDIA_TYPE.format(kind), **members}


def _described(kind: str, digest: str, size: int) -> Members:
    return {"mediaType": MEDIA_TYPE.format(kind), "digest": digest, "size": size}


def _annotations(tag: Reference) -> Members:
    name = f"{tag.name}:{tag.tag}"
    return {"io.containerd.image.name": name, "org.opencontainers.image.ref.name": tag.tag}


def _item(one: Saved, sources: Sequence[Members], ids: set[str]) -> Members:
    """Return what `manifest.json` says of an image; there the members of a source have another order."""
    tags = [str(tag) for tag in one.tags]
    digests = [str(source["digest"]) for source in sources]
    item: Members = {"Config": _path(rootfs.digest(one.document)), "RepoTags": tags or None}
    item["Layers"] = [_path(digest) for digest in digests]
    if one.image.parent in ids:
        item["Parent"] = rootfs.ALGORITHM + one.image.parent
    known = {
        digest: {member: source[member] for member in ("mediaType", "size", "digest")}
        for digest, source in zip(digests, sources, strict=True)
    }
    return {**item, "LayerSources": dict(sorted(known.items()))}
