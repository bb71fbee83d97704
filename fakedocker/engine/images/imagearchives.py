"""Images as one archive: what `docker save` writes and `docker load` reads.

Written as dockerd 20.10 does (`manifest.json`, documents, a directory for each layer, `repositories` for the daemons
before 1.10), or as 26 does (see `layouts`); read in the same form, in that of later daemons, which keep blobs under
their digests, and as a bare OCI layout. An archive is read whole and checked before its first image appears. (moby
image/tarexport; OCI image-spec.)
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from posixpath import dirname, join, normpath
from typing import TYPE_CHECKING, Any

from fakedocker.engine import errors
from fakedocker.engine.containers.config import Config
from fakedocker.engine.files import archives
from fakedocker.engine.files.archives import ArchiveError
from fakedocker.engine.files.content import Content
from fakedocker.engine.files.layers import Inode, Kind, Layer
from fakedocker.engine.ids import short
from fakedocker.engine.images import rootfs
from fakedocker.engine.images.imageconfig import (
    LARGEST,
    OS,
    config_members,
    diff_ids_in,
    document_of,
    encode,
    image_from,
    read_object,
    stamp,
)
from fakedocker.engine.images.imagenames import put, tell
from fakedocker.engine.images.images import Image, Images
from fakedocker.engine.images.references import Reference, find_image, identity_of, parse_reference
from fakedocker.engine.jobs import BuildOutput, Job, Progress

if TYPE_CHECKING:
    from fakedocker.engine.engine import Engine

MANIFEST, REPOSITORIES, INDEX = "manifest.json", "repositories", "index.json"
#: Where a daemon unpacks what it loads; it shows in errors.
UNPACKED_IN = "/var/lib/docker/tmp/docker-import-000000000"
#: How deep an index may be within another one.
DEEPEST = 4
MOST_LINKS = 40


#: A name in an archive, and what makes its inode when its turn has come.
Member = tuple[str, Callable[[], Inode]]

# -- saving -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Saved:
    """An image to be saved, with all that is needed of it: nothing of it changes any more."""

    image: Image
    layers: tuple[Layer, ...]
    document: bytes
    tags: tuple[Reference, ...] = ()


def chosen(images: Images, names: Iterable[str]) -> list[Saved]:
    """Return the images that are to be saved under these names.

    Raises NotFound, InvalidParameter, Failure (an image without a layer).

    A name without a tag means all tags of the repository, an id no tag at all.
    """
    found: dict[str, list[Reference]] = {}
    for name in names:
        for identity, reference in _meant(images, name):
            tags = found.setdefault(identity, [])
            if reference is not None and reference not in tags:
                tags.append(reference)
    return [_saved(images, images.get(identity), tags) for identity, tags in found.items()]


def _meant(images: Images, name: str) -> Iterator[tuple[str, Reference | None]]:
    try:
        reference = parse_reference(name)
    except errors.InvalidParameter:
        yield find_image(images, name).id, None
        return
    if reference.given_tag or reference.digest:
        identity = identity_of(images, reference)
        if identity is None and reference.repository == "sha256":
            yield find_image(images, name).id, None
            return
        if identity is None:
            raise errors.reference_does_not_exist()
        yield identity, None if reference.digest else reference
        return
    tags = {tag: one for tag, one in images.repositories.tags(reference.repository).items() if one in images}
    for tag, one in sorted(tags.items()):
        yield one, Reference(reference.repository, tag, given_tag=tag)
    if tags:
        return
    try:
        yield find_image(images, name).id, None
    except errors.NotFound:
        raise errors.no_such_image(name) from None


def _saved(images: Images, image: Image, tags: Sequence[Reference]) -> Saved:
    layers = [layer for layer in images.layers(image) if not rootfs.is_empty(layer)]
    if not layers:
        raise errors.empty_export()
    return Saved(image, tuple(layers), document_of(image, layers, images.steps(image)), tuple(tags))


def save(chosen: Sequence[Saved]) -> Iterator[bytes]:
    """Yield the archive of some images, in pieces."""
    return packed(_members(chosen))


def packed(members: Iterable[Member]) -> Iterator[bytes]:
    """Yield an archive of members, sorted by name, in pieces."""
    return archives.pack_members((name, made()) for name, made in sorted(members, key=lambda member: member[0]))


def file_of(content: bytes, moment: float) -> Callable[[], Inode]:
    return lambda: Inode(Kind.FILE, 0o644, mtime=moment, content=Content.of(content))


def tar_of(layer: Layer, moment: float) -> Callable[[], Inode]:
    return lambda: Inode(Kind.FILE, 0o644, mtime=moment, content=rootfs.tar_content(layer))


def _members(chosen: Sequence[Saved]) -> Iterator[Member]:
    """Yield the members of an archive."""
    manifest: list[dict[str, object]] = []
    repositories: dict[str, dict[str, str]] = {}
    directories: dict[str, str] = {}
    written: set[str] = set()
    ids = {one.image.id for one in chosen}
    for one in chosen:
        known = list(legacy(one))
        paths: list[str] = []
        for (identity, members), layer, chain in zip(known, one.layers, _chain(one), strict=True):
            paths.append(f"{identity}/layer.tar")
            if identity in written:
                continue
            written.add(identity)
            moment = one.image.created
            yield identity, partial(Inode, Kind.DIRECTORY, 0o755, mtime=moment)
            yield f"{identity}/VERSION", file_of(b"1.0", moment)
            yield f"{identity}/json", file_of(encode(members), moment)
            first = directories.setdefault(chain, identity)
            target = f"../{first}/layer.tar"
            link = partial(Inode, Kind.SYMLINK, 0o777, mtime=moment, target=target)
            yield f"{identity}/layer.tar", tar_of(layer, moment) if first == identity else link
        config = f"{rootfs.digest(one.document).removeprefix(rootfs.ALGORITHM)}.json"
        if config not in written:
            written.add(config)
            yield config, file_of(one.document, one.image.created)
        tags = [str(tag) for tag in one.tags]
        item: dict[str, object] = {"Config": config, "RepoTags": tags or None, "Layers": paths or None}
        if one.image.parent in ids:
            item["Parent"] = rootfs.ALGORITHM + one.image.parent
        manifest.append(item)
        for tag in one.tags:
            if known:
                repositories.setdefault(tag.repository, {})[tag.tag] = known[-1][0]
    yield MANIFEST, file_of(encode(manifest or None) + b"\n", 0)
    yield from names_of(repositories)


def names_of(repositories: Mapping[str, Mapping[str, str]]) -> Iterator[Member]:
    """Yield how daemons before 1.10 know the names of images: repository -> tag -> the id of its upper layer."""
    if repositories:
        names = {name: dict(sorted(tags.items())) for name, tags in sorted(repositories.items())}
        yield REPOSITORIES, file_of(encode(names) + b"\n", 0)


def _chain(one: Saved) -> list[str]:
    return rootfs.chain_ids(rootfs.diff_ids(one.layers))


def legacy(one: Saved) -> Iterator[tuple[str, dict[str, object]]]:
    """Yield the id and the description by which daemons before 1.10 know each layer (moby image/v1, CreateID)."""
    parent = ""
    for number, chain in enumerate(_chain(one), start=1):
        members = _v1_members(one.document if number == len(one.layers) else None)
        known = {**members, "layer_id": chain, **({"parent": rootfs.ALGORITHM + parent} if parent else {})}
        identity = rootfs.digest(encode(dict(sorted(known.items())))).removeprefix(rootfs.ALGORITHM)
        described: dict[str, object] = {"id": identity}
        if parent:
            described["parent"] = parent
        yield identity, {**described, **members, "os": one.image.os or OS}
        parent = identity


#: What daemons before 1.10 know of an image, in the order in which they write it.
_V1 = (
    *("comment", "created", "container", "container_config", "docker_version", "author", "config", "architecture"),
    *("variant", "os"),
)


def _v1_members(document: bytes | None) -> dict[str, object]:
    """Return what a description of before 1.10 says: of an image, or of a layer that has none of its own."""
    if document is None:
        return {"created": stamp(0), "container_config": config_members(Config())}
    members = read_object(document)
    return {name: members[name] for name in _V1 if members.get(name)}


# -- loading ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Packed:
    """An image in an archive: complete, but not yet the daemon's. `parent`: the id of one in the same archive."""

    image: Image
    layers: tuple[Layer, ...]
    tags: tuple[Reference, ...]
    parent: str = ""


def read(content: Content) -> list[Packed]:
    """Read all images of an archive. Raises Failure."""
    try:
        files = _Files(archives.members(content))
    except ArchiveError as error:
        raise errors.bad_image_archive(str(error)) from None
    if files.has(MANIFEST):
        return [_read_item(files, item) for item in files.list(MANIFEST)]
    if files.has(INDEX):
        return list(_read_index(files, files.object(INDEX), DEEPEST))
    raise errors.no_such_file(join(UNPACKED_IN, REPOSITORIES))


def load(engine: Engine, packed: Sequence[Packed], *, quiet: bool = False) -> Job[None]:
    """Take in the images of an archive, with their names."""
    known = _known_layers(engine.images)
    named = False
    ids: list[str] = []
    for one in packed:
        for layer, chain in zip(one.layers, rootfs.chain_ids(rootfs.diff_ids(one.layers)), strict=True):
            if chain not in known and not quiet:
                size = rootfs.tar_size(layer)
                yield Progress(short(rootfs.diff_id(layer).removeprefix(rootfs.ALGORITHM)), "Loading layer", size, size)
            known.add(chain)
        engine.keep(one.image)
        image = engine.images.get(one.image.id)
        ids.append(image.id)
        for tag in one.tags:
            before = identity_of(engine.images, tag)
            if before not in (None, image.id):
                yield BuildOutput(
                    f"The image {tag} already exists, renaming the old one with ID {rootfs.ALGORITHM}{before} "
                    "to empty string\n"
                )
            put(engine, image, tag)
            named = True
            yield BuildOutput(f"Loaded image: {tag}\n")
        tell(engine, "load", image)
    if not named:
        yield BuildOutput("".join(f"Loaded image ID: {rootfs.ALGORITHM}{identity}\n" for identity in ids))


def _known_layers(images: Images) -> set[str]:
    return {chain for image in images for chain in rootfs.chain_ids(rootfs.diff_ids(images.layers(image)))}


class _Files:
    """The files of an archive by their paths; links are followed."""

    def __init__(self, members: Iterable[archives.Member]) -> None:
        self._contents: dict[str, Content] = {}
        self._links: dict[str, str] = {}
        for member in members:
            if member.link is not None:
                self._links[member.path] = member.link
            elif member.inode.kind is Kind.SYMLINK:
                self._links[member.path] = normpath(join(dirname(member.path), member.inode.target))
            elif member.inode.is_file:
                self._contents[member.path] = member.inode.content

    def _find(self, name: str) -> Content | None:
        path = normpath("/" + name)
        for _ in range(MOST_LINKS):
            if path in self._contents:
                return self._contents[path]
            if path not in self._links:
                return None
            path = self._links[path]
        return None

    def has(self, name: str) -> bool:
        return self._find(name) is not None

    def content(self, name: str) -> Content:
        """Return what a file contains. Raises Failure."""
        found = self._find(name)
        if found is None:
            raise errors.no_such_file(join(UNPACKED_IN, name))
        return found

    def document(self, name: str) -> bytes:
        """Return a file that should be a small one. Raises Failure."""
        content = self.content(name)
        if content.size > LARGEST:
            raise errors.Failure(f"{name} is larger than {LARGEST} bytes")
        return content.read()

    def object(self, name: str) -> dict[str, Any]:
        return read_object(self.document(name))

    def list(self, name: str) -> Sequence[Any]:
        """Return a file's JSON list. Raises Failure."""
        document = self.document(name)
        try:
            value = json.loads(document)
        except (ValueError, RecursionError):
            raise errors.bad_json(document) from None
        if value is None:
            return []
        if not isinstance(value, list):
            raise errors.Failure("json: cannot unmarshal object into Go value of type []tarexport.manifestItem")
        return value


def _read_item(files: _Files, item: object) -> Packed:
    """Read an image of `manifest.json`. Raises Failure."""
    if not isinstance(item, Mapping) or not isinstance(item.get("Config"), str):
        raise errors.Failure("invalid manifest: an image without Config")
    document = files.document(item["Config"])
    paths = [one for one in item.get("Layers") or () if isinstance(one, str)]
    tags: list[Reference] = []
    for text in item.get("RepoTags") or ():
        tags.append(_tag(text))
    parent = item.get("Parent")
    said = diff_ids_in(document)
    if len(said) != len(paths):
        raise errors.wrong_number_of_layers(len(paths), len(said))
    packed = _packed(document, [files.content(path) for path in paths], tags)
    return Packed(packed.image, packed.layers, packed.tags, parent if isinstance(parent, str) else "")


def _tag(text: object) -> Reference:
    if not isinstance(text, str):
        raise errors.invalid_reference()
    tag = parse_reference(text)
    if not tag.given_tag or tag.digest:
        raise errors.invalid_loaded_tag(text)
    return tag


def _packed(document: bytes, tars: Sequence[Content], tags: Sequence[Reference]) -> Packed:
    said = diff_ids_in(document)
    if len(said) != len(tars):
        raise errors.wrong_number_of_layers(len(tars), len(said))
    try:
        layers = [rootfs.unpacked(tar) for tar in tars]
    except ArchiveError as error:
        raise errors.bad_layer(str(error)) from None
    return Packed(image_from(document, layers), tuple(layers), tuple(tags))


def _read_index(files: _Files, index: Mapping[str, Any], deepest: int) -> Iterator[Packed]:
    """Read the images of an OCI layout. Raises Failure."""
    for descriptor in index.get("manifests") or ():
        if not isinstance(descriptor, Mapping):
            continue
        members = files.object(_blob(descriptor))
        if "manifests" in members:
            if deepest:
                yield from _read_index(files, members, deepest - 1)
            continue
        config = members.get("config")
        if not isinstance(config, Mapping):
            raise errors.Failure("invalid manifest: no config")
        tars = [files.content(_blob(layer)) for layer in members.get("layers") or () if isinstance(layer, Mapping)]
        yield _packed(files.document(_blob(config)), tars, _annotated(descriptor))


def _blob(descriptor: Mapping[str, Any]) -> str:
    """Return where the blob of a descriptor lies in an OCI layout."""
    algorithm, _, digits = str(descriptor.get("digest", "")).partition(":")
    return f"blobs/{algorithm}/{digits}"


def _annotated(descriptor: Mapping[str, Any]) -> list[Reference]:
    """Return the name that an OCI layout gives an image."""
    annotations = descriptor.get("annotations")
    if not isinstance(annotations, Mapping):
        return []
    for key in ("io.containerd.image.name", "org.opencontainers.image.ref.name"):
        text = annotations.get(key)
        if isinstance(text, str) and (":" in text or "/" in text):
            reference = parse_reference(text)
            return [Reference(reference.repository, reference.tag, given_tag=reference.tag)]
    return []
