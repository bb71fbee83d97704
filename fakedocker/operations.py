"""The operations of the Docker API by the names that its documents give them: `ContainerStart`, `ImageBuild`.

Faults are aimed and the journal is read by these names. They are the operation ids of the Engine API 1.51; what only
API 1.1 has, and what no document names, follows at the end under names of the same kind. A name can stand for
several paths.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from urllib.parse import unquote

_TABLE = """
ContainerList            GET    /containers/json
ContainerCreate          POST   /containers/create
ContainerInspect         GET    /containers/{name}/json
ContainerTop             GET    /containers/{name}/top
ContainerLogs            GET    /containers/{name}/logs
ContainerChanges         GET    /containers/{name}/changes
ContainerExport          GET    /containers/{name}/export
ContainerStats           GET    /containers/{name}/stats
ContainerResize          POST   /containers/{name}/resize
ContainerStart           POST   /containers/{name}/start
ContainerStop            POST   /containers/{name}/stop
ContainerRestart         POST   /containers/{name}/restart
ContainerKill            POST   /containers/{name}/kill
ContainerUpdate          POST   /containers/{name}/update
ContainerRename          POST   /containers/{name}/rename
ContainerPause           POST   /containers/{name}/pause
ContainerUnpause         POST   /containers/{name}/unpause
ContainerAttach          POST   /containers/{name}/attach
ContainerAttachWebsocket GET    /containers/{name}/attach/ws
ContainerWait            POST   /containers/{name}/wait
ContainerDelete          DELETE /containers/{name}
ContainerArchiveInfo     HEAD   /containers/{name}/archive
ContainerArchive         GET    /containers/{name}/archive
PutContainerArchive      PUT    /containers/{name}/archive
ContainerPrune           POST   /containers/prune
ImageList                GET    /images/json
ImageBuild               POST   /build
BuildPrune               POST   /build/prune
ImageCreate              POST   /images/create
ImageInspect             GET    /images/{name}/json
ImageHistory             GET    /images/{name}/history
ImagePush                POST   /images/{name}/push
ImageTag                 POST   /images/{name}/tag
ImageDelete              DELETE /images/{name}
ImageSearch              GET    /images/search
ImagePrune               POST   /images/prune
SystemAuth               POST   /auth
SystemInfo               GET    /info
SystemVersion            GET    /version
SystemPing               GET    /_ping
SystemPingHead           HEAD   /_ping
ImageCommit              POST   /commit
SystemEvents             GET    /events
SystemDataUsage          GET    /system/df
ImageGet                 GET    /images/{name}/get
ImageGetAll              GET    /images/get
ImageLoad                POST   /images/load
ContainerExec            POST   /containers/{name}/exec
ExecStart                POST   /exec/{name}/start
ExecResize               POST   /exec/{name}/resize
ExecInspect              GET    /exec/{name}/json
VolumeList               GET    /volumes
VolumeCreate             POST   /volumes/create
VolumeInspect            GET    /volumes/{name}
VolumeUpdate             PUT    /volumes/{name}
VolumeDelete             DELETE /volumes/{name}
VolumePrune              POST   /volumes/prune
NetworkList              GET    /networks
NetworkInspect           GET    /networks/{name}
NetworkDelete            DELETE /networks/{name}
NetworkCreate            POST   /networks/create
NetworkConnect           POST   /networks/{name}/connect
NetworkDisconnect        POST   /networks/{name}/disconnect
NetworkPrune             POST   /networks/prune
PluginList               GET    /plugins
GetPluginPrivileges      GET    /plugins/privileges
PluginPull               POST   /plugins/pull
PluginInspect            GET    /plugins/{name}/json
PluginDelete             DELETE /plugins/{name}
PluginEnable             POST   /plugins/{name}/enable
PluginDisable            POST   /plugins/{name}/disable
PluginUpgrade            POST   /plugins/{name}/upgrade
PluginCreate             POST   /plugins/create
PluginPush               POST   /plugins/{name}/push
PluginSet                POST   /plugins/{name}/set
NodeList                 GET    /nodes
NodeInspect              GET    /nodes/{name}
NodeDelete               DELETE /nodes/{name}
NodeUpdate               POST   /nodes/{name}/update
SwarmInspect             GET    /swarm
SwarmInit                POST   /swarm/init
SwarmJoin                POST   /swarm/join
SwarmLeave               POST   /swarm/leave
SwarmUpdate              POST   /swarm/update
SwarmUnlockkey           GET    /swarm/unlockkey
SwarmUnlock              POST   /swarm/unlock
ServiceList              GET    /services
ServiceCreate            POST   /services/create
ServiceInspect           GET    /services/{name}
ServiceDelete            DELETE /services/{name}
ServiceUpdate            POST   /services/{name}/update
ServiceLogs              GET    /services/{name}/logs
TaskList                 GET    /tasks
TaskInspect              GET    /tasks/{name}
TaskLogs                 GET    /tasks/{name}/logs
SecretList               GET    /secrets
SecretCreate             POST   /secrets/create
SecretInspect            GET    /secrets/{name}
SecretDelete             DELETE /secrets/{name}
SecretUpdate             POST   /secrets/{name}/update
ConfigList               GET    /configs
ConfigCreate             POST   /configs/create
ConfigInspect            GET    /configs/{name}
ConfigDelete             DELETE /configs/{name}
ConfigUpdate             POST   /configs/{name}/update
DistributionInspect      GET    /distribution/{name}/json
Session                  POST   /session
ContainerList            GET    /containers/ps
ImageInsert              POST   /images/{name}/insert
ImageViz                 GET    /images/viz
ImageGetCache            POST   /images/getCache
AuthGet                  GET    /auth
Grpc                     POST   /grpc
CopyFromContainer        POST   /containers/{name}/copy
BuildCancel              POST   /build/cancel
NetworkList              GET    /networks/
CheckpointList           GET    /containers/{name}/checkpoints
CheckpointCreate         POST   /containers/{name}/checkpoints
"""


class UnknownOperation(ValueError):
    """There is no operation of this name; the text names the nearest ones."""


@dataclass(frozen=True, slots=True)
class Call:
    """What a request asks for. `object`: the name or id in its path, as the client wrote it; "" if it has none."""

    operation: str
    object: str = ""


@dataclass(frozen=True, slots=True)
class _Route:
    operation: str
    method: str
    path: re.Pattern[str]


def _route(line: str) -> _Route:
    operation, method, path = line.split()
    return _Route(operation, method, re.compile(path.replace("{name}", "(?P<name>.+)")))


@cache
def _routes() -> tuple[_Route, ...]:
    """Return the table, literal paths first: `/images/search` is no image's."""
    lines = _TABLE.split("\n")[1:-1]
    return tuple(_route(line) for line in sorted(lines, key=lambda line: "{name}" in line))


#: What the paths of the API begin with -> the kind of object that they are about.
_KINDS = {
    "containers": "container",
    "exec": "exec",
    "images": "image",
    "distribution": "image",
    "networks": "network",
    "volumes": "volume",
}


@cache
def _kinds() -> Mapping[str, str]:
    """Return operation -> the kind of its object."""
    rows = (line.split() for line in _TABLE.split("\n")[1:-1])
    return {operation: _KINDS.get(path.split("/")[1], "") for operation, _, path in rows}


def kind_of(operation: str) -> str:
    """Return of which kind an operation's object is: container, image …; "" if of none that has names."""
    return _kinds().get(operation, "")


@cache
def names() -> tuple[str, ...]:
    """Return the names of all operations, sorted."""
    return tuple(sorted({route.operation for route in _routes()}))


def check(name: str) -> str:
    """Return an operation's name if there is one. Raises UnknownOperation."""
    if name in names():
        return name
    near = difflib.get_close_matches(name.lower(), [known.lower() for known in names()], n=3, cutoff=0.5)
    likely = [known for known in names() if known.lower() in near]
    hint = f"; did you mean {' or '.join(likely)}?" if likely else ""
    raise UnknownOperation(f"the Docker API has no operation {name!r}{hint}")


_VERSION = re.compile(r"/v[0-9.]+(?=/)")


def called(method: str, path: str) -> Call | None:
    """Return what a request asks for, by its path with or without a version; None if the API has nothing like it."""
    bare = path[found.end() :] if (found := _VERSION.match(path)) else path
    for route in _routes():
        if route.method == method and (match := route.path.fullmatch(bare)):
            return Call(route.operation, unquote(match.groupdict().get("name") or ""))
    return None
