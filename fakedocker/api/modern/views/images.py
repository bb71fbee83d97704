"""Images as today's API shows them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from fakedocker.api.modern.ageing import aged
from fakedocker.api.modern.views.times import timestamp
from fakedocker.engine.containers.config import Config
from fakedocker.engine.engine import Engine
from fakedocker.engine.images.distribution import Offer
from fakedocker.engine.images.imageconfig import (
    ARCHITECTURES,
    OS,
    config_members,
    read_object,
    stamp,
)
from fakedocker.engine.images.imagelists import Listed, history, layer_sizes, shared_sizes
from fakedocker.engine.images.imageremoval import Pruned, Removal
from fakedocker.engine.images.images import Image
from fakedocker.engine.images.manifests import Platform
from fakedocker.engine.images.references import references_to
from fakedocker.engine.images.registry import SearchResult
from fakedocker.engine.images.rootfs import ALGORITHM, chain_ids, diff_ids

DRIVER = "overlay2"
#: Where an answer keeps the image it is about, for what only older versions show.
IMAGE = "image"


def digest_of(identity: str) -> str:
    """Return an image's id as today's API has it; "" stays so."""
    return ALGORITHM + identity if identity else ""


def inspected(engine: Engine, image: Image) -> dict[str, Any]:
    """Return all about an image."""
    references = references_to(engine.images, image.id)
    layers = engine.images.layers(image)
    diffs = diff_ids(layers)
    tagged = engine.images.tagged.get(image.id, 0.0)
    members: dict[str, Any] = {
        "Id": digest_of(image.id),
        "RepoTags": [str(one) for one in references if not one.digest],
        "RepoDigests": [one.familiar for one in references if one.digest],
        "Parent": digest_of(image.parent if image.parent in engine.images else ""),
        "Comment": image.comment,
        "Created": _created(image),
        "DockerVersion": image.docker_version,
        "Author": image.author,
        "Config": None if image.config is None else _config(image.config),
        "Architecture": ARCHITECTURES.get(image.architecture, image.architecture),
        **({"Variant": image.variant} if image.variant else {}),
        "Os": image.os or OS,
        "Size": sum(layer_sizes(engine.images, image)),
        "GraphDriver": _graph_driver(engine, diffs),
        "RootFS": {"Type": "layers", **({"Layers": diffs} if diffs else {})},
        "Metadata": {"LastTagTime": timestamp(tagged)},
        IMAGE: image,
    }
    aged("image", members)
    del members[IMAGE]
    return members


#: What an image can say to its containers, in the order of OCI's and Docker's structs.
_CONFIG = (
    *("User", "ExposedPorts", "Env", "Entrypoint", "Cmd", "Volumes", "WorkingDir", "Labels", "StopSignal"),
    *("Healthcheck", "OnBuild", "Shell"),
)


def _config(config: Config) -> dict[str, Any]:
    members = config_members(config)
    return {name: members[name] for name in _CONFIG if members.get(name)}


def _created(image: Image) -> str:
    """Return when an image was made, to the nanosecond if its document says so."""
    told = read_object(image.document).get("created") if image.document else None
    return told if isinstance(told, str) else stamp(image.created)


def _graph_driver(engine: Engine, diffs: list[str]) -> dict[str, Any]:
    root = f"{engine.profile.root}/{DRIVER}"
    places = [f"{root}/{chain.removeprefix(ALGORITHM)}" for chain in reversed(chain_ids(diffs))]
    if not places:
        return {"Data": None, "Name": DRIVER}
    data = {"LowerDir": ":".join(f"{place}/diff" for place in places[1:])} if len(places) > 1 else {}
    top = places[0]
    data |= {"MergedDir": f"{top}/merged", "UpperDir": f"{top}/diff", "WorkDir": f"{top}/work"}
    return {"Data": data, "Name": DRIVER}


def listing(engine: Engine, images: Iterable[Listed], *, shared: bool) -> list[dict[str, Any]]:
    """Return images as a list shows them; `shared`: with the bytes of layers that others have, too."""
    return [aged("listed image", members) for members in _summaries(engine, images, shared=shared)]


def used(engine: Engine, images: Iterable[Listed]) -> list[dict[str, Any]]:
    """Return images as the disk's usage shows them."""
    answer = _summaries(engine, images, shared=True)
    for members in answer:
        members |= {name: members[name] or None for name in ("RepoDigests", "RepoTags")}
        aged("used image", members)
    return answer


def _summaries(engine: Engine, images: Iterable[Listed], *, shared: bool) -> list[dict[str, Any]]:
    sizes = shared_sizes(engine.images) if shared else {}
    containers = Counter(container.image for container in engine.containers)
    answer = []
    for one in images:
        image = one.image
        labels = image.config.labels if image.config is not None else None
        members: dict[str, Any] = {
            "Containers": containers[image.id],
            "Created": int(image.created),
            "Id": digest_of(image.id),
            "Labels": dict(sorted(labels.items())) if labels is not None else None,
            "ParentId": digest_of(image.parent if image.parent in engine.images else ""),
            "RepoDigests": one.digests,
            "RepoTags": one.tags,
            "SharedSize": sizes.get(image.id, -1),
            "Size": sum(layer_sizes(engine.images, image)),
        }
        answer.append(aged("image summary", members))
    return answer


def steps(engine: Engine, image: Image) -> list[dict[str, Any]]:
    """Return the history of an image."""
    answer = []
    for one in history(engine.images, image):
        tags = [str(name) for name in references_to(engine.images, one.image) if not name.digest] if one.image else []
        answer.append(
            {
                "Comment": one.step.comment,
                "Created": int(one.step.created),
                "CreatedBy": one.step.created_by,
                "Id": digest_of(one.image) or "<missing>",
                "Size": one.size,
                "Tags": tags or None,
            }
        )
    return answer


def removals(done: Iterable[Removal]) -> list[dict[str, str]]:
    """Return what removing images did, in order."""
    return [{"Untagged": one.untagged} if one.untagged else {"Deleted": one.deleted} for one in done]


def pruned(done: Pruned) -> dict[str, Any]:
    """Return what pruning images did."""
    return {"ImagesDeleted": removals(done.removals) or None, "SpaceReclaimed": done.reclaimed}


def found(results: Iterable[SearchResult]) -> list[dict[str, Any]]:
    """Return what a search found."""
    return [
        {
            "star_count": one.stars,
            "is_official": one.official,
            "name": one.name,
            "is_automated": one.automated,
            "description": one.description,
        }
        for one in results
    ]


def offer(one: Offer) -> dict[str, Any]:
    """Return what a registry has under a name."""
    described = one.described
    return {
        "Descriptor": {"mediaType": described.media_type, "digest": described.digest, "size": described.size},
        "Platforms": [_platform(platform) for platform in one.platforms],
    }


def _platform(platform: Platform) -> dict[str, str]:
    members = {"architecture": platform.architecture, "os": platform.os}
    return {**members, "variant": platform.variant} if platform.variant else members
