"""The routes of volumes."""

from __future__ import annotations

from flask import Response

from fakedocker.api import answers
from fakedocker.api.modern import bodies
from fakedocker.api.modern.ageing import modernised
from fakedocker.api.modern.questions import filters, flag
from fakedocker.api.modern.routes import modern
from fakedocker.api.modern.views import volumes as views
from fakedocker.api.service import service
from fakedocker.engine import errors
from fakedocker.wire.gojson import Member, Struct

CREATE = Struct(
    "volume.CreateOptions",
    {
        "driver": Member("Driver", "string"),
        "options": Member("DriverOpts", "texts"),
        "labels": Member("Labels", "texts"),
        "name": Member("Name", "string"),
    },
)


@modern.get("/volumes")
def list_volumes() -> Response:
    try:
        chosen = filters()
    except errors.DockerError as error:
        raise errors.volume_filters(error.for_daemon(service().newest)) from None
    with service().runtime.engine() as engine:
        found = [views.volume(volume) for volume in engine.volumes.select(chosen)]
    return answers.json_line({"Volumes": found, "Warnings": None})


@modern.get("/volumes/<name:name>")
def inspect_volume(name: str) -> Response:
    with service().runtime.engine() as engine:
        return answers.json_line(views.volume(engine.volumes.find(name)))


@modern.post("/volumes/create")
def create_volume() -> Response:
    members = bodies.read_or_nothing(CREATE)
    with service().runtime.engine() as engine:
        volume = engine.volumes.create(
            members.get("name", ""),
            driver=members.get("driver", ""),
            options=members.get("options"),
            labels=members.get("labels"),
        )
        return answers.json_line(views.volume(volume), 201)


@modern.delete("/volumes/<name:name>")
def remove_volume(name: str) -> Response:
    force = flag("force")
    with service().runtime.engine() as engine:
        engine.volumes.remove(name, force=force)
    return answers.empty(204)


@modern.put("/volumes/<name:name>")
def update_volume(name: str) -> Response:
    raise errors.only_cluster_volumes()


@modern.post("/volumes/prune")
def prune_volumes() -> Response:
    chosen = filters()
    named = modernised("volumes to prune", {"named": False})["named"]
    with service().runtime.engine() as engine:
        removed, size = engine.volumes.prune(chosen, named=named)
    return answers.json_line({"VolumesDeleted": removed, "SpaceReclaimed": size})
