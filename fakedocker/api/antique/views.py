"""Engine objects as API 1.0 and 1.1 show them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from fakedocker.api.antique.contract import Terms
from fakedocker.engine.containers.config import Config
from fakedocker.engine.containers.containers import Container
from fakedocker.engine.containers.lifecycle import State
from fakedocker.engine.containers.translation import retold
from fakedocker.engine.engine import Engine
from fakedocker.engine.ids import short
from fakedocker.engine.images.images import Image, Images, Removal
from fakedocker.engine.networks.networks import Endpoint
from fakedocker.wire.gojson import Member

#: A line of /images/viz; what looks like a newline there are a backslash and an n.
_LABEL = ' "{id}" [label="{id}\\n{names}",shape=box,fillcolor="paleturquoise",style="filled,rounded"];'
ZERO_TIME = "0001-01-01T00:00:00Z"

#: The members of Config, in the order of the original's struct (moby v0.4.0 container.go).
CONFIG: Mapping[str, Member] = {
    "hostname": Member("Hostname", "string"),
    "user": Member("User", "string"),
    "memory": Member("Memory", "int"),
    "memory_swap": Member("MemorySwap", "int"),
    "cpu_shares": Member("CpuShares", "int"),
    "attach_stdin": Member("AttachStdin", "bool"),
    "attach_stdout": Member("AttachStdout", "bool"),
    "attach_stderr": Member("AttachStderr", "bool"),
    "port_specs": Member("PortSpecs", "strings"),
    "tty": Member("Tty", "bool"),
    "open_stdin": Member("OpenStdin", "bool"),
    "stdin_once": Member("StdinOnce", "bool"),
    "env": Member("Env", "strings"),
    "cmd": Member("Cmd", "strings"),
    "dns": Member("Dns", "strings"),
    "image": Member("Image", "string"),
    "volumes": Member("Volumes", "set"),
    "volumes_from": Member("VolumesFrom", "string"),
}

#: Durations: up to how many seconds which unit counts (moby v0.4.0 utils/utils.go, HumanDuration).
MINUTE, HOUR, DAY = 60, 3600, 86400
WEEK, MONTH, YEAR = 7 * DAY, 30 * DAY, 365 * DAY


def timestamp(moment: float) -> str:
    """Return unix seconds in RFC 3339, with as many digits as are needed (Go's RFC3339Nano)."""
    if not moment:
        return ZERO_TIME
    seconds, micros = divmod(round(moment * 1_000_000), 1_000_000)
    whole = datetime.fromtimestamp(seconds, UTC)
    fraction = f"{micros:06d}".rstrip("0")
    return f"{whole:%Y-%m-%dT%H:%M:%S}{'.' if fraction else ''}{fraction}Z"


def duration(seconds: float) -> str:
    """Return how long something lasts, in words."""
    whole = int(seconds)
    if whole < 1:
        return "Less than a second"
    if whole < MINUTE:
        return f"{whole} seconds"
    if whole < 2 * MINUTE:
        return "About a minute"
    if whole < HOUR:
        return f"{whole // MINUTE} minutes"
    if whole < 2 * HOUR:
        return "About an hour"
    for limit, unit, name in ((2 * DAY, HOUR, "hours"), (2 * WEEK, DAY, "days"), (90 * DAY, WEEK, "weeks")):
        if whole < limit:
            return f"{whole // unit} {name}"
    return f"{whole // MONTH} months" if whole < 2 * YEAR else f"{whole // YEAR} years"


def config(value: Config) -> dict[str, Any]:
    """Return a configuration with all its 18 members."""
    return {member.name: _plain(getattr(value, name)) for name, member in CONFIG.items()}


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else dict(value) if isinstance(value, Mapping) else value


def status(container: Container, now: float) -> str:
    """Return a container's state in words, as lists show it."""
    if container.state is State.GHOST:
        return "Ghost"
    if container.running:  # also one that is paused, or about to be started again: there were no words for that
        return f"Up {duration(now - container.started_at)}"
    return f"Exit {container.exit_code}"


def list_entry(container: Container, engine: Engine, terms: Terms) -> dict[str, Any]:
    """Return a container as lists show it."""
    return {
        "Id": short(container.id) if terms.short_ids_in_lists else container.id,
        "Image": engine.images.display_name(container.image),
        "Command": f"{container.path} {' '.join(container.args)}",
        "Created": int(container.created),
        "Status": status(container, engine.clock.now()),
        "Ports": ", ".join(
            sorted(f"{public}->{private}" for private, public in (engine.published_ports(container) or {}).items())
        ),
    }


def container(value: Container, engine: Engine, terms: Terms) -> dict[str, Any]:
    """Return all about a container."""
    return {
        "Id" if terms.documented_names else "ID": value.id,
        "Created": timestamp(value.created),
        "Path": value.path,
        "Args": list(value.args),
        "Config": config(retold(value.config, value.host_config)),
        "State": {
            "Running": value.running,
            "Pid": value.pid,
            "ExitCode": value.exit_code,
            "StartedAt": timestamp(value.started_at),
            "Ghost": value.state is State.GHOST,
        },
        "Image": value.image,
        "NetworkSettings": network(value.network, engine.published_ports(value), terms),
        "SysInitPath": engine.profile.init_path,
        "ResolvConfPath": value.resolv_conf_path,
        "Volumes": engine.volumes_of(value),
    }


def network(endpoint: Endpoint, ports: Mapping[int, int] | None, terms: Terms) -> dict[str, Any]:
    """Return a container's place in the network, and its published ports, which are texts here."""
    return {
        "IpAddress" if terms.documented_names else "IPAddress": endpoint.address,
        "IpPrefixLen" if terms.documented_names else "IPPrefixLen": endpoint.prefix_length,
        "Gateway": endpoint.gateway,
        "Bridge": endpoint.bridge,
        "PortMapping": None if ports is None else {str(private): str(public) for private, public in ports.items()},
    }


def image(value: Image) -> dict[str, Any]:
    """Return all about an image; most members are left out when they are empty."""
    members: dict[str, Any] = {
        "id": value.id,
        "parent": value.parent,
        "comment": value.comment,
        "created": timestamp(value.created),
        "container": value.container,
        "container_config": config(value.container_config),
        "docker_version": value.docker_version,
        "author": value.author,
        "config": None if value.config is None else config(value.config),
        "architecture": value.architecture,
    }
    return {name: member for name, member in members.items() if member not in ("", None)}


def image_list(images: Images, terms: Terms, *, intermediate: bool, repository: str) -> list[dict[str, Any]]:
    """Return names of images and what is nameless; `repository` keeps only that one's (moby server.go, Images)."""

    def entry(one: Image) -> dict[str, Any]:
        return {"Id": short(one.id) if terms.short_ids_in_lists else one.id, "Created": int(one.created)}

    named: set[str] = set()
    entries = []
    for name, tag, identity in images.repositories:
        if identity in images and repository in ("", name):
            named.add(identity)
            entries.append({"Repository": name, "Tag": tag, **entry(images.get(identity))})
    if not repository:
        nameless = images if intermediate else images.heads()
        entries += [entry(one) for one in nameless if one.id not in named]
    return entries


def history(chain: list[Image], terms: Terms) -> list[dict[str, Any]]:
    """Return an image's ancestry, newest first."""
    entries = []
    for one in chain:
        entry: dict[str, Any] = {"Id": short(one.id), "Created": int(one.created)}
        created_by = " ".join(one.container_config.cmd or ())
        if created_by or terms.created_by_always:
            entry["CreatedBy"] = created_by
        entries.append(entry)
    return entries


def removals(done: list[Removal]) -> list[dict[str, str]]:
    """Return what removing an image did, one object for each."""
    return [{"Untagged": short(one.untagged)} if one.untagged else {"Deleted": short(one.deleted)} for one in done]


def graph(images: Images, terms: Terms) -> str:
    """Return all images as a graph for Graphviz (moby v0.4.0 server.go, ImagesViz).

    A missing parent ends the graph with an error in its text.
    """
    if not len(images):
        return ""
    lines = ["digraph docker {"]
    for one in sorted(images, key=lambda image: image.id):
        if not one.parent:
            lines.append(f' base -> "{short(one.id)}" [style=invis]')
        elif one.parent in images:
            lines.append(f' "{short(one.parent)}" -> "{short(one.id)}"')
        else:
            return "\n".join([*lines, f"Error while getting parent image: No such id: {one.parent}", ""])
    labels: dict[str, list[str]] = {}
    for name, tag, identity in images.repositories:
        label = name if terms.bare_viz_labels else f"{name}:{tag}"
        if label not in labels.setdefault(short(identity), []):
            labels[short(identity)].append(label)
    lines += [_LABEL.format(id=identity, names="\\n".join(names)) for identity, names in labels.items()]
    return "\n".join([*lines, " base [style=invisible]", "}", ""])
