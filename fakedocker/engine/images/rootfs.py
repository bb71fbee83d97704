"""What an image's layers are called: the digests of their tars, alone and as a chain.

A layer's *diff id* is the digest of its uncompressed tar. Its *chain id* says the same of it and all below it: two
images share a layer where their chain ids are equal. A layer that came as a tar leaves as the same tar, so that its
diff id stays; any other is packed in the one way that this package has. (OCI image-spec config.md; moby layer.go.)
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence

from fakedocker.engine.files import archives
from fakedocker.engine.files.content import Content, Spool
from fakedocker.engine.files.layers import Layer

ALGORITHM = "sha256:"


def digest(data: bytes) -> str:
    """Return the digest of some bytes: "sha256:" and 64 hexadecimal digits."""
    return ALGORITHM + hashlib.sha256(data).hexdigest()


def digest_of(content: Content) -> str:
    """Return the digest of a content."""
    return _digest(content.chunks(1 << 20))


def _digest(pieces: Iterable[bytes]) -> str:
    hashed = hashlib.sha256()
    for piece in pieces:
        hashed.update(piece)
    return ALGORITHM + hashed.hexdigest()


def is_empty(layer: Layer) -> bool:
    """Tell whether a layer changes nothing, so that an image goes without it."""
    return layer.root is None and next(layer.walk(), None) is None


def tar_of(layer: Layer) -> Iterator[bytes]:
    """Yield a frozen layer's tar: the one it came from, if it did."""
    return archives.pack_layer(layer) if layer.archive is None else layer.archive.chunks(1 << 20)


def tar_content(layer: Layer) -> Content:
    """Return a frozen layer's tar as a content."""
    if layer.archive is not None:
        return layer.archive
    spool = Spool()
    for piece in archives.pack_layer(layer):
        spool.write(piece)
    return spool.finish()


def tar_size(layer: Layer) -> int:
    """Return how many bytes `tar_of` has."""
    return archives.packed_layer_size(layer) if layer.archive is None else layer.archive.size


def diff_id(layer: Layer) -> str:
    """Return the digest of a frozen layer's tar; it is computed once."""
    if not layer.diff_id:
        layer.diff_id = _digest(tar_of(layer))
    return layer.diff_id


def diff_ids(layers: Iterable[Layer]) -> list[str]:
    """Return the diff ids of layers, those that are empty left out."""
    return [diff_id(layer) for layer in layers if not is_empty(layer)]


def chain_ids(diffs: Sequence[str]) -> list[str]:
    """Return the chain id of each layer of an image, bottom first."""
    chain: list[str] = []
    for one in diffs:
        chain.append(digest(f"{chain[-1]} {one}".encode()) if chain else one)
    return chain


def unpacked(tar: Content) -> Layer:
    """Return the frozen layer that a tar of an image describes, compressed or not. Raises ArchiveError."""
    plain = archives.decompress(tar)
    layer = archives.unpack(plain, whiteouts=True)
    layer.archive = plain
    return layer
