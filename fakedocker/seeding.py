"""A world made of a recorded session: what its answers tell of the daemon, so that an engine carries on from there.

Rules of this file: the last word counts, and what the session removed is gone. Nothing is invented that an answer did
not tell, except what no answer tells: an image has a small root file system, a volume is empty, a network is the same
by name and addresses but not by id. What runs in a container and is no program here is stood in for by one that waits
for its end. A recording was written by anybody: what in it cannot be is an error that names the exchange.
"""

from __future__ import annotations

import os
import posixpath
import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any

from fakedocker.api.modern import configs
from fakedocker.api.modern.shapes import CONFIG, HOST_CONFIG
from fakedocker.cassettes.model import Cassette, Exchange, Json
from fakedocker.cassettes.store import load
from fakedocker.engine.clock import EPOCH
from fakedocker.engine.containers.config import Config
from fakedocker.engine.containers.containers import Container
from fakedocker.engine.containers.hostconfig import HostConfig
from fakedocker.engine.containers.lifecycle import State
from fakedocker.engine.errors import DockerError
from fakedocker.engine.images.images import DEFAULT_TAG, Image
from fakedocker.engine.networks.endpoints import AddressConfig, EndpointSettings
from fakedocker.engine.networks.ipam import Ipam, PoolConfig
from fakedocker.engine.networks.networks import RESERVED, NetworkConfig
from fakedocker.fixtures import Fixture
from fakedocker.fixtures.busybox import root_file_system
from fakedocker.fixtures.containers import Resident
from fakedocker.fixtures.images import derived_id
from fakedocker.fixtures.moments import Moment
from fakedocker.fixtures.volumes import Store
from fakedocker.programs.services import service
from fakedocker.programs.stand_ins import StandIn
from fakedocker.wire import gojson
from fakedocker.wire.gojson import Struct

Members = dict[str, Any]

_VERSION = re.compile(r"/v\d+\.\d+(?=/)", re.ASCII)
_ID = re.compile(r"(?:sha256:)?([0-9a-f]{64})", re.ASCII)
#: What a verb that was obeyed makes of a container.
_AFTER = {
    "start": "running",
    "restart": "running",
    "unpause": "running",
    "pause": "paused",
    "stop": "exited",
    "kill": "exited",
}
#: What a container that was seen in a state has here; in others it has ended.
_STATES = {"created": State.CREATED, "running": State.RUNNING, "paused": State.RUNNING}


class SeedError(ValueError):
    """A recording tells of something that cannot be; `str()` says which exchange, and what."""


def seeded(path: str | os.PathLike[str], base: Fixture, *, until: int | None = None) -> Fixture:
    """Return the world at the end of a recorded session; `base` has what no answer tells: programs, a registry, users.

    `until`: the number of the exchange behind which it is wanted. Raises SeedError, CassetteError, and OSError when the
    cassette cannot be opened.
    """
    try:
        return world(load(path).cassette, base, until=until)
    except SeedError as error:
        raise SeedError(f"{os.fspath(path)}: {error}") from None


def world(cassette: Cassette, base: Fixture, *, until: int | None = None) -> Fixture:
    """Return the world at the end of a session, or behind an exchange of it. Raises SeedError."""
    memory = Memory(_unix(cassette.header.recorded_at))
    for exchange in cassette.exchanges:
        if until is not None and exchange.id > until:
            continue
        try:
            memory.hear(exchange)
        except (TypeError, ValueError, AttributeError, KeyError) as error:
            raise SeedError(f"exchange {exchange.id}: this is no answer of a Docker daemon: {error}") from None
    try:
        return memory.fixture(base)
    except (TypeError, ValueError, AttributeError, KeyError, gojson.JsonError, DockerError) as error:
        raise SeedError(f"what it tells is no world: {str(error).strip()}") from None


@dataclass
class Seen:
    """All that was told of one container. `asked`: what it was created of, `inspected`, `listed`: the last answers."""

    id: str
    name: str = ""
    asked: Members = field(default_factory=dict)
    inspected: Members = field(default_factory=dict)
    listed: Members = field(default_factory=dict)
    state: str = "created"
    exit_code: int = 0
    #: When it was first heard of.
    met: Moment | None = None

    @property
    def config(self) -> Members:
        return self.inspected.get("Config") or self.asked

    @property
    def host_config(self) -> Members:
        return self.inspected.get("HostConfig") or self.asked.get("HostConfig") or {}

    @property
    def image(self) -> str:
        """What its image is called: an id if one was told."""
        found = self.inspected.get("Image") or self.listed.get("ImageID") or self.config.get("Image")
        return str(found or self.listed.get("Image") or "")


class Memory:
    """What somebody knows of a daemon who has heard all that it answered."""

    def __init__(self, begun: float = EPOCH) -> None:
        self._begun = self._now = begun
        self.containers: dict[str, Seen] = {}
        self.images: dict[str, Members] = {}
        self.names: dict[str, str] = {}
        self.networks: dict[str, Members] = {}
        self.volumes: dict[str, Members] = {}

    def hear(self, exchange: Exchange) -> None:
        """Take in one exchange. Raises what comes of an answer that is none of a daemon's."""
        request, response = exchange.request, exchange.response
        if response is None or not (200 <= response.status < 300 or response.status == 304):
            return
        parts = _VERSION.sub("", request.path, count=1).strip("/").split("/")
        room, *rest = parts
        self._now = self._begun + exchange.start
        hears: Mapping[str, Callable[[str, list[str], Members, Any, Mapping[str, str]], None]] = {
            "containers": self._container,
            "images": self._image,
            "networks": self._network,
            "volumes": self._volume,
        }
        if room in hears:
            body = request.body.value if isinstance(request.body, Json) else {}
            answer = response.body.value if isinstance(response.body, Json) else None
            hears[room](request.method, rest, body, answer, dict(request.query))

    # -- containers ------------------------------------------------------------------

    def _container(self, method: str, rest: list[str], body: Members, answer: Any, query: Mapping[str, str]) -> None:
        match method, rest:
            case "GET", ["json"]:
                for one in answer or ():
                    seen = self._seen(one["Id"])
                    seen.listed = one
                    seen.name = str(next(iter(one.get("Names") or ()), seen.name)).removeprefix("/")
                    seen.state = str(one.get("State", seen.state))
            case "POST", ["create"]:
                seen = self._seen(answer["Id"])
                seen.name, seen.asked = query.get("name", ""), body
                self._use(str(body.get("Image") or ""))
            case "GET", [_, "json"]:
                seen = self._seen(answer["Id"])
                seen.inspected, seen.name = answer, str(answer["Name"]).removeprefix("/")
                state = answer["State"]
                seen.state, seen.exit_code = str(state.get("Status", "exited")), int(state.get("ExitCode", 0))
            case _, [name, *verb]:
                found = self._find(name)
                if found is not None:
                    self._obey(found, method, verb, answer, query)

    def _obey(self, seen: Seen, method: str, verb: list[str], answer: Any, query: Mapping[str, str]) -> None:
        match method, verb:
            case "DELETE", []:
                del self.containers[seen.id]
            case "POST", ["rename"]:
                seen.name = query.get("name", seen.name).removeprefix("/")
            case "POST", ["wait"] if isinstance(answer, dict):
                seen.state, seen.exit_code = "exited", int(answer.get("StatusCode", 0))
                if seen.host_config.get("AutoRemove"):
                    del self.containers[seen.id]
            case "POST", [word] if word in _AFTER and (word != "kill" or query.get("signal", "KILL").endswith("KILL")):
                seen.state = _AFTER[word]
                seen.exit_code = 137 if word == "kill" else seen.exit_code

    def _seen(self, identity: str) -> Seen:
        found = _ID.fullmatch(identity)
        if found is None:
            raise ValueError(f"the id of a container is not {identity[:70]!r}")
        return self.containers.setdefault(found[1], Seen(found[1], met=Moment(self._now)))

    def _find(self, name: str) -> Seen | None:
        """Return the container that a path means, as the daemon finds it."""
        if name in self.containers:
            return self.containers[name]
        named = [one for one in self.containers.values() if one.name == name.removeprefix("/")]
        begun = [one for identity, one in self.containers.items() if name and identity.startswith(name)]
        return next(iter([*named, *(begun if len(begun) == 1 else [])]), None)

    # -- images, networks, volumes ---------------------------------------------------------

    def _image(self, method: str, rest: list[str], body: Members, answer: Any, query: Mapping[str, str]) -> None:
        match method, rest:
            case "GET", ["json"]:
                for one in answer or ():
                    self._know(one)
            case "GET", [*_, "json"]:
                self._know(answer)
            case "POST", ["create"] if "fromImage" in query:
                tag = query.get("tag", "")
                self._use(f"{query['fromImage']}:{tag}" if tag else query["fromImage"])
            case "DELETE", [_, *_]:
                for one in answer or ():
                    self.names.pop(one.get("Untagged", ""), None)
                    self.images.pop(_plain(one.get("Deleted", "")), None)
            case "POST", [*name, "tag"]:
                identity = self._identity("/".join(name))
                if identity:
                    self.names[f"{query.get('repo', '')}:{query.get('tag') or DEFAULT_TAG}"] = identity

    def _use(self, name: str) -> None:
        """Somebody has made something of an image: it was there, whatever its id."""
        if name and "@" not in name and not _ID.fullmatch(name) and not self._identity(name):
            name = ":".join(_split(name))
            self.names[name] = derived_id(name)

    def _know(self, one: Members) -> None:
        identity = _plain(one["Id"])
        self.images[identity] = {**self.images.get(identity, {}), **one}
        for name in [name for name, other in self.names.items() if other == identity]:
            del self.names[name]
        self.names.update({name: identity for name in one.get("RepoTags") or () if name != "<none>:<none>"})

    def _identity(self, name: str) -> str:
        """Return the id of an image by what somebody called it; "" if nothing was told of it."""
        found = _ID.fullmatch(name)
        if found is not None:
            return found[1]
        return self.names.get(name) or self.names.get(f"{name}:{DEFAULT_TAG}", "")

    def _network(self, method: str, rest: list[str], body: Members, answer: Any, query: Mapping[str, str]) -> None:
        match method, rest:
            case "GET", []:
                self.networks.update({one["Name"]: one for one in answer or ()})
            case "POST", ["create"]:
                self.networks[body["Name"]] = {**body, "Id": answer["Id"]}
            case "GET", [_]:
                self.networks[answer["Name"]] = answer
            case "DELETE", [name]:
                self.networks = {
                    key: one for key, one in self.networks.items() if name != key and not one["Id"].startswith(name)
                }

    def _volume(self, method: str, rest: list[str], body: Members, answer: Any, query: Mapping[str, str]) -> None:
        match method, rest:
            case "GET", []:
                self.volumes.update({one["Name"]: one for one in answer.get("Volumes") or ()})
            case ("POST", ["create"]) | ("GET", [_]):
                self.volumes[answer["Name"]] = answer
            case "DELETE", [name]:
                self.volumes.pop(name, None)

    # -- what becomes of it ----------------------------------------------------------------

    def fixture(self, base: Fixture) -> Fixture:
        """Return the world that is known of, with the rest of another one."""
        known = {**{identity: {} for identity in self.names.values()}, **self.images}
        images = {identity: _read_image(identity, one) for identity, one in known.items()}
        names = dict(self.names)
        residents = [self._resident(seen, images, names) for seen in self.containers.values()]
        wanted = [name for one in residents for name in one.networks]
        networks = {**{name: {"Name": name} for name in wanted}, **self.networks}
        volumes = sorted(self.volumes.items())
        return replace(
            base,
            images=tuple(images.values()),
            tags=tuple((*_split(name), identity) for name, identity in names.items()),
            networks=tuple(_read_network(one) for name, one in networks.items() if name not in RESERVED),
            volumes=tuple(Store(name, one.get("Labels") or {}) for name, one in volumes),
            residents=tuple(residents),
            programs=(*base.programs, *_stand_ins(residents)),
        )

    def _resident(self, seen: Seen, images: dict[str, Image], names: dict[str, str]) -> Resident:
        config, host = _read(seen.config, CONFIG), _read(seen.host_config, HOST_CONFIG)
        called = str(seen.config.get("Image") or seen.listed.get("Image") or seen.image)
        identity = self._identity(seen.image) or self._identity(called) or derived_id(called)
        if identity not in images:  # nobody asked for it, but the container needs one
            images[identity] = _read_image(identity, {})
        if not _ID.fullmatch(called):
            names.setdefault(":".join(_split(called)), identity)
        made = replace(configs.config(config), image=called)
        if not made.command:
            made = replace(made, cmd=tuple(shlex.split(str(seen.listed.get("Command", "")))) or ("sh",))
        state = _STATES.get(seen.state, State.EXITED)
        times = seen.inspected.get("State") or {}
        wanted = self._with_links(_host_config(host))
        return Resident(
            identity,
            made,
            seen.id,
            seen.name,
            _settled(wanted, state),
            _places(seen, wanted),
            state,
            seen.exit_code if state is State.EXITED else 0,
            created=_moment(seen.inspected.get("Created")) or _number(seen.listed.get("Created")) or seen.met,
            started_at=_moment(times.get("StartedAt")) if state is not State.CREATED else None,
            finished_at=_moment(times.get("FinishedAt")) if state is State.EXITED else None,
        )

    def _with_links(self, wanted: HostConfig) -> HostConfig:
        """Return what a container gets of its host with links as they are asked for, to those that are still there."""
        if not wanted.links:
            return wanted
        links = [link.partition(":")[::2] for link in wanted.links]
        kept = [(one.strip("/"), alias.rpartition("/")[2]) for one, alias in links if self._find(one.strip("/"))]
        return replace(wanted, links=tuple(f"{one}:{alias or one}" for one, alias in kept) or None)


def _host_config(members: Members) -> HostConfig:
    """Return the host's half of a container; what has no effect here is no news of whoever recorded it."""
    effective = {one.name for one in fields(HostConfig)}
    typed = {name: value for name, value in members.items() if name in effective}
    others = {name: value for name, value in members.items() if name not in effective}
    return replace(configs.host_config(typed), others=others)


def _settled(wanted: HostConfig, state: State) -> HostConfig:
    """Return what a container gets of its host; one that has ended and is still there does not remove itself."""
    return replace(wanted, auto_remove=False) if state is State.EXITED else wanted


def _stand_ins(residents: list[Resident]) -> Iterator[StandIn]:
    """Yield what runs in containers where the small root file system has no such program."""
    there = root_file_system()
    for one in residents:
        path = one.config.command[0]
        places = [path] if "/" in path else [f"/bin/{path}", f"/usr/bin/{path}"]
        if one.state is State.RUNNING and not any(there.find(place) for place in places):
            name = path if path.startswith("/") else posixpath.basename(path)
            yield StandIn(name, service(), container=_only(one.id))


def _only(identity: str) -> Callable[[Container], bool]:
    return lambda container: container.id == identity


def _read(members: Members, struct: Struct) -> Members:
    return gojson.read_struct(members, struct.name, struct.members)


def _read_image(identity: str, told: Members) -> Image:
    layer = root_file_system()
    return Image(
        identity,
        _unix(told.get("Created")),
        layer,
        comment=str(told.get("Comment") or ""),
        docker_version=str(told.get("DockerVersion") or ""),
        author=str(told.get("Author") or ""),
        config=configs.config(_read(told.get("Config") or {}, CONFIG)) if told.get("Config") else Config(),
        architecture=str(told.get("Architecture") or "amd64"),
        size=int(told.get("Size") or layer.size),
        os=str(told.get("Os") or "linux"),
    )


def _read_network(told: Members) -> NetworkConfig:
    ipam = told.get("IPAM") or {}
    pools = tuple(
        PoolConfig(one.get("Subnet", ""), one.get("IPRange", ""), one.get("Gateway", ""), one.get("AuxAddress") or {})
        for one in ipam.get("Config") or ()
    )
    return NetworkConfig(
        told["Name"],
        driver=told.get("Driver", ""),
        internal=bool(told.get("Internal")),
        attachable=bool(told.get("Attachable")),
        enable_ipv6=bool(told.get("EnableIPv6")),
        ipam=Ipam(ipam.get("Driver", ""), ipam.get("Options"), pools) if pools else None,
        options=told.get("Options") or {},
        labels=told.get("Labels") or {},
    )


def _places(seen: Seen, wanted: HostConfig) -> dict[str, EndpointSettings]:
    """Return a container's places in the networks that somebody has made."""
    shown = (seen.inspected.get("NetworkSettings") or {}).get("Networks")
    asked = (seen.asked.get("NetworkingConfig") or {}).get("EndpointsConfig")
    places = {}
    for name, told in (shown or asked or {}).items():
        told = told or {}
        if name in RESERVED:
            continue
        ipam = told.get("IPAMConfig")
        addresses = AddressConfig(ipam.get("IPv4Address", ""), ipam.get("IPv6Address", "")) if ipam else None
        aliases = tuple(one for one in told.get("Aliases") or () if not seen.id.startswith(one)) or None
        places[name] = EndpointSettings(addresses, aliases=aliases)
    return places


# -- words ---------------------------------------------------------------------------------


def _plain(identity: str) -> str:
    return identity.removeprefix("sha256:")


def _split(name: str) -> tuple[str, str]:
    """Return repository and tag; a colon before a slash is that of a port. A digest is no tag."""
    name = name.partition("@")[0]
    repository, colon, tag = name.rpartition(":")
    return (repository, tag) if colon and "/" not in tag else (name, DEFAULT_TAG)


def _unix(told: object) -> float:
    """Return unix seconds of a time as the API writes it, in words or as a number."""
    found = _number(told) or _moment(told)
    return found.seconds if found is not None else EPOCH


def _number(told: object) -> Moment | None:
    return Moment(float(told)) if isinstance(told, int | float) and told > 0 else None


def _moment(told: object) -> Moment | None:
    if not isinstance(told, str) or told.startswith("0001-"):  # the zero of Go: never
        return None
    return Moment(datetime.fromisoformat(told).timestamp())
