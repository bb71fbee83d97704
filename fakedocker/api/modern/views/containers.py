"""Containers as today's API shows them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fakedocker.api.modern.shapes import HOST_CONFIG
from fakedocker.api.modern.views import networks, volumes
from fakedocker.api.modern.views.times import duration, timestamp
from fakedocker.engine.containers.config import Config
from fakedocker.engine.containers.containers import Container
from fakedocker.engine.containers.hostconfig import HostConfig, Mount, RestartPolicy
from fakedocker.engine.containers.lifecycle import State
from fakedocker.engine.engine import Engine
from fakedocker.engine.errors import DockerError
from fakedocker.engine.images.imageconfig import config_members
from fakedocker.engine.images.references import find_image
from fakedocker.wire.gojson import write_struct

DRIVER = "overlay2"
READ_ONLY_PATHS = ("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger")


def status_of(container: Container) -> str:
    """Return a container's state in one word."""
    return "running" if container.state is State.GHOST else container.state.value


def state(container: Container) -> dict[str, Any]:
    """Return `State`."""
    members: dict[str, Any] = {
        "Status": status_of(container),
        "Running": container.running,
        "Paused": container.state is State.PAUSED,
        "Restarting": container.state is State.RESTARTING,
        "OOMKilled": container.oom_killed,
        "Dead": container.state is State.DEAD,
        "Pid": container.pid,
        "ExitCode": container.exit_code,
        "Error": container.error,
        "StartedAt": timestamp(container.started_at),
        "FinishedAt": timestamp(container.finished_at),
    }
    if container.health is not None and container.started_at:
        members["Health"] = health(container)
    return members


def health(container: Container) -> dict[str, Any]:
    """Return `State.Health`."""
    assert container.health is not None
    return {
        "Status": container.health.status,
        "FailingStreak": container.health.failing_streak,
        "Log": [
            {
                "Start": timestamp(probe.start),
                "End": timestamp(probe.end),
                "ExitCode": probe.exit_code,
                "Output": probe.output,
            }
            for probe in container.health.results
        ],
    }


def in_words(container: Container, now: float) -> str:
    """Return a container's state as lists show it (moby container/state.go, String)."""
    match container.state:
        case State.CREATED:
            return "Created"
        case State.REMOVING:
            return "Removal In Progress"
        case State.DEAD:
            return "Dead"
        case State.PAUSED:
            return f"Up {duration(now - container.started_at)} (Paused)"
        case State.RESTARTING:
            return f"Restarting ({container.exit_code}) {duration(now - container.finished_at)} ago"
        case State.RUNNING | State.GHOST:
            up = f"Up {duration(now - container.started_at)}"
            if container.health is None:
                return up
            status = container.health.status
            return f"{up} ({'health: starting' if status == 'starting' else status})"
    return f"Exited ({container.exit_code}) {duration(now - container.finished_at)} ago"


def host_config(container: Container, engine: Engine) -> dict[str, Any]:
    """Return `HostConfig`, what nobody asked for with the daemon's defaults."""
    given = container.host_config
    values: dict[str, Any] = {
        name: getattr(given, name) for name in HOST_CONFIG.members if name in HostConfig.__dataclass_fields__
    }
    values |= {
        "restart_policy": _policy(given.restart_policy),
        "port_bindings": _bindings(given),
        "mounts": None if given.mounts is None else [mount(one) for one in given.mounts],
        "log_config": {"driver": given.log_config.driver or "json-file", "options": given.log_config.options},
        "links": _links(container, engine) or None,
        "MaskedPaths": () if given.privileged else engine.profile.masked_paths,
        "ReadonlyPaths": () if given.privileged else READ_ONLY_PATHS,
    }
    if given.privileged:
        values |= {"SecurityOpt": ("label=disable",), "MaskedPaths": None, "ReadonlyPaths": None}
    chosen = {name: value for name, value in given.others.items() if not _leaves_to_daemon(name, value)}
    return write_struct({**values, **chosen}, HOST_CONFIG)


#: Members whose zero means that the daemon chooses.
_DAEMONS_CHOICE = frozenset({"ShmSize", "Runtime", "IpcMode", "CgroupnsMode"})


def _leaves_to_daemon(name: str, value: Any) -> bool:
    return name in _DAEMONS_CHOICE and not value


def _policy(policy: RestartPolicy) -> dict[str, Any]:
    return {"name": policy.name, "maximum_retries": policy.maximum_retries}


def _links(container: Container, engine: Engine) -> list[str]:
    """Return the links in the default network, by their whole names; those in others are their endpoints' own."""
    return [f"/{other.name}:/{container.name}/{alias}" for other, alias in engine.connections.partners(container)]


def _bindings(given: HostConfig) -> dict[str, list[dict[str, str]]] | None:
    if given.port_bindings is None:
        return None
    return {
        port: [{"host_ip": one.host_ip, "host_port": one.host_port} for one in bindings]
        for port, bindings in given.port_bindings.items()
    }


def mount(one: Mount) -> Mapping[str, Any]:
    """Return a mount's members as its struct wants them; what is empty is left out."""
    members = {
        "type": one.type,
        "source": one.source,
        "target": one.target,
        "read_only": one.read_only,
        "consistency": one.consistency,
    }
    options = {name: value for name, value in one.options.items() if value is not None}
    return {name: value for name, value in members.items() if value} | options


def config(value: Config) -> dict[str, Any]:
    """Return `Config` of a container: its labels are never null."""
    members = config_members(value)
    members["Labels"] = members["Labels"] or {}
    return members


def inspected(container: Container, engine: Engine, *, size: bool) -> dict[str, Any]:
    """Return all about a container."""
    home = f"{engine.profile.root}/containers/{container.id}"
    started = container.prepared or bool(container.started_at)
    members: dict[str, Any] = {
        "Id": container.id,
        "Created": timestamp(container.created),
        "Path": container.path,
        "Args": list(container.args),
        "State": state(container),
        "Image": f"sha256:{container.image}",
        "ResolvConfPath": f"{home}/resolv.conf" if started else "",
        "HostnamePath": f"{home}/hostname" if started else "",
        "HostsPath": f"{home}/hosts" if started else "",
        "LogPath": f"{home}/{container.id}-json.log" if started else "",
        "Name": f"/{container.name}",
        "RestartCount": container.restarts,
        "Driver": DRIVER,
        "Platform": container.platform,
        "MountLabel": "",
        "ProcessLabel": "",
        "AppArmorProfile": "",
        "ExecIDs": engine.execs.present(container) or None,
        "HostConfig": host_config(container, engine),
        "GraphDriver": graph_driver(container, engine),
    }
    if size:
        members |= {"SizeRw": 0, **sizes(container, engine)}
    members |= {
        "Mounts": mounts(container, engine),
        "Config": config(container.config),
        "NetworkSettings": networks.settings(container, engine),
    }
    return members


def graph_driver(container: Container, engine: Engine) -> dict[str, Any]:
    """Return where the driver of the file system would keep a container's layers."""
    root = f"{engine.profile.root}/{DRIVER}"
    return {
        "Data": {
            "LowerDir": f"{root}/{container.id}-init/diff:{root}/{container.image}/diff",
            "MergedDir": f"{root}/{container.id}/merged",
            "UpperDir": f"{root}/{container.id}/diff",
            "WorkDir": f"{root}/{container.id}/work",
        },
        "Name": DRIVER,
    }


def sizes(container: Container, engine: Engine) -> dict[str, Any]:
    """Return the bytes of what a container changed, and of all that it sees."""
    own = container.layer.size if container.layer is not None else 0
    image = engine.images.size(engine.images.get(container.image)) if container.image in engine.images else 0
    return {"SizeRw": own, "SizeRootFs": image + own}


def mounts(container: Container, engine: Engine) -> list[dict[str, Any]]:
    """Return the places where something else than the container's own layers is seen."""
    return [volumes.mount_point(point) for point in engine.mounts.of(container).values() if not point.hidden]


def _image_name(container: Container, engine: Engine) -> str:
    """Return the name by which a container asked for its image, if that is still the image's."""
    name = container.config.image
    try:
        return name if find_image(engine.images, name).id == container.image else f"sha256:{container.image}"
    except DockerError:
        return f"sha256:{container.image}"


def _annotations(container: Container) -> dict[str, Any]:
    given = container.host_config.others.get("Annotations")
    return {"Annotations": dict(sorted(given.items()))} if given else {}


def listed(container: Container, engine: Engine, *, size: bool) -> dict[str, Any]:
    """Return a container as lists show it."""
    arguments = (f"'{argument}'" if " " in argument else argument for argument in container.args)
    command = " ".join((container.path, *arguments))
    members: dict[str, Any] = {
        "Id": container.id,
        "Names": [f"/{container.name}"],
        "Image": _image_name(container, engine),
        "ImageID": f"sha256:{container.image}",
        "Command": command,
        "Created": int(container.created),
        "Ports": networks.ports(container, engine),
    }
    if size:
        members |= {name: size for name, size in sizes(container, engine).items() if size}
    return members | {
        "Labels": dict(sorted((container.config.labels or {}).items())),
        "State": status_of(container),
        "Status": in_words(container, engine.clock.now()),
        "HostConfig": {"NetworkMode": networks.mode(container, engine), **_annotations(container)},
        "NetworkSettings": networks.summary(container, engine),
        "Mounts": mounts(container, engine),
    }
