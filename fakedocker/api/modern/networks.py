"""The routes of networks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, request

from fakedocker.api import answers
from fakedocker.api.modern import bodies, configs
from fakedocker.api.modern.ageing import modernised
from fakedocker.api.modern.questions import filters, truth
from fakedocker.api.modern.routes import modern
from fakedocker.api.modern.shapes import ENDPOINT
from fakedocker.api.modern.views import networks as views
from fakedocker.api.service import service
from fakedocker.engine import errors
from fakedocker.engine.networks.ipam import Ipam, PoolConfig
from fakedocker.engine.networks.networks import NetworkConfig
from fakedocker.wire.gojson import ListOf, Member, Struct

POOL = Struct(
    "IPAMConfig",
    {
        "subnet": Member("Subnet", "string"),
        "ip_range": Member("IPRange", "string"),
        "gateway": Member("Gateway", "string"),
        "auxiliary": Member("AuxiliaryAddresses", "texts"),
    },
)
IPAM = Struct(
    "IPAM",
    {
        "driver": Member("Driver", "string"),
        "options": Member("Options", "texts"),
        "configs": Member("Config", ListOf(POOL)),
    },
)
CREATE = Struct(
    "types.NetworkCreateRequest",
    {
        "check_duplicate": Member("CheckDuplicate", "bool"),
        "driver": Member("Driver", "string"),
        "scope": Member("Scope", "string"),
        "enable_ipv6": Member("EnableIPv6", "bool"),
        "ipam": Member("IPAM", IPAM),
        "internal": Member("Internal", "bool"),
        "attachable": Member("Attachable", "bool"),
        "ingress": Member("Ingress", "bool"),
        "config_only": Member("ConfigOnly", "bool"),
        "config_from": Member("ConfigFrom", Struct("ConfigReference", {"network": Member("Network", "string")})),
        "options": Member("Options", "texts"),
        "labels": Member("Labels", "texts"),
        "name": Member("Name", "string"),
    },
)
CONNECT = Struct(
    "types.NetworkConnect", {"container": Member("Container", "string"), "settings": Member("EndpointConfig", ENDPOINT)}
)
DISCONNECT = Struct("NetworkDisconnect", {"container": Member("Container", "string"), "force": Member("Force", "bool")})


@modern.get("/networks")
@modern.get("/networks/")
def list_networks() -> Response:
    chosen = filters()
    detailed = modernised("networks", {"detailed": False})["detailed"]
    with service().runtime.engine() as engine:
        networks = engine.networks.select(chosen)
        return answers.json_line([views.network(one, engine, detailed=detailed) for one in networks])


@modern.get("/networks/<name:name>")
def inspect_network(name: str) -> Response:
    truth("verbose")  # there is nothing more to say
    scope = request.args.get("scope", "")
    with service().runtime.engine() as engine:
        networks = [one for one in engine.networks if scope in ("", one.config.scope)]
        return answers.json_line(views.network(engine.networks.find(name, networks), engine))


@modern.post("/networks/create")
def create_network() -> Response:
    config = _config(bodies.read_or_nothing(CREATE))
    with service().runtime.engine() as engine:
        network, warning = engine.networks.create(config)
    return answers.json_line({"Id": network.id, "Warning": warning}, 201)


@modern.post("/networks/<name:name>/connect")
def connect(name: str) -> Response:
    members = bodies.read_or_nothing(CONNECT)
    with service().runtime.engine() as engine:
        container = engine.containers.find(_named(members))
        engine.connect(engine.networks.find_to_change(name), container, configs.endpoint(members.get("settings") or {}))
    return answers.empty(200)


@modern.post("/networks/<name:name>/disconnect")
def disconnect(name: str) -> Response:
    members = bodies.read_or_nothing(DISCONNECT)
    with service().runtime.engine() as engine:
        try:
            container = engine.containers.find(_named(members))
        except errors.NotFound:
            if members.get("force"):
                raise errors.no_such_endpoint(members["container"]) from None
            raise
        engine.disconnect(engine.networks.find_to_change(name), container)
    return answers.empty(200)


@modern.delete("/networks/<name:name>")
def remove_network(name: str) -> Response:
    with service().runtime.engine() as engine:
        engine.networks.remove(engine.networks.find_to_change(name))
    return answers.empty(204)


@modern.post("/networks/prune")
def prune_networks() -> Response:
    chosen = filters()
    with service().runtime.engine() as engine:
        removed = engine.networks.prune(chosen)
    return answers.json_line({"NetworksDeleted": removed or None})


def _named(members: Mapping[str, Any]) -> str:
    """Return the container that a body names. Raises InvalidParameter: it names none."""
    name: str = members.get("container", "")
    if not name:
        raise errors.invalid_name_or_id(name)
    return name


def _config(members: dict[str, Any]) -> NetworkConfig:
    """Return what a body says a network is to be."""
    members["config_from"] = members.get("config_from", {}).get("network", "")
    ipam = members.pop("ipam", None)
    if ipam is not None:
        configs = ipam.pop("configs", None)
        pools = None if configs is None else tuple(PoolConfig(**(one or {})) for one in configs)
        members["ipam"] = Ipam(configs=pools, **ipam)
    return NetworkConfig(**{"name": "", **members})
