"""What was different in older versions of the API: the one dated list, newest first (see `ageing`)."""

from __future__ import annotations

from fakedocker.api.modern.ageing import Members, answer, insert, moved, question
from fakedocker.api.service import service
from fakedocker.engine import errors
from fakedocker.engine.imageconfig import config_members
from fakedocker.wire.websocket import Opcode

# -- images ------------------------------------------------------------------------------------------------------


@answer("image", until="1.50")
def _image_config_of_containers(members: Members) -> None:
    """The configuration of an image has all that a container's has: `Hostname`, `Tty`, `AttachStdin` and the like."""
    image = members["image"]
    members["Config"] = None if image.config is None else config_members(image.config)


@answer("image", until="1.45")
def _image_container_config(members: Members) -> None:
    """An image tells which container it was committed from: `Container`, `ContainerConfig`."""
    image = members["image"]
    given = {"Container": image.container} if image.container or service().newest < (1, 42) else {}
    insert(members, {**given, "ContainerConfig": config_members(image.container_config)}, before="DockerVersion")


@answer("image", until="1.44")
def _image_virtual_size(members: Members) -> None:
    """An image has a `VirtualSize`, which is its size."""
    insert(members, {"VirtualSize": members["Size"]}, before="GraphDriver")


@answer("image summary", until="1.44")
def _summary_virtual_size(members: Members) -> None:
    """An image in a list has a `VirtualSize`, which is its size."""
    members["VirtualSize"] = members["Size"]


@answer("image summary", until="1.43")
def _summary_without_names(members: Members) -> None:
    """An image without a name is called `<none>:<none>` in lists."""
    if not members["RepoTags"] and not members["RepoDigests"]:
        members["RepoDigests"], members["RepoTags"] = ["<none>@<none>"], ["<none>:<none>"]


@answer("image summary", until="1.42", of="daemon")
def _summary_null(members: Members) -> None:
    """Of an image in a list that has no tags or no digests these are null."""
    for name in ("RepoDigests", "RepoTags"):
        members[name] = members[name] or None


@question("images", until="1.41")
def _filter_by_name(members: Members) -> None:
    """Lists of images can be filtered by `filter`, a pattern of names."""
    members["reference"] = members.pop("filter", "")


# -- networks ----------------------------------------------------------------------------------------------------


@question("networks", until="1.28")
def _list_shows_containers(members: Members) -> None:
    """Lists of networks tell which containers are in each."""
    members["detailed"] = True


@answer("network", until="1.47", of="daemon")
def _network_without_ipv4(members: Members) -> None:
    """Every network has IPv4, and nothing tells so: there is no `EnableIPv4`."""
    del members["EnableIPv4"]


@answer("network", until="1.44", of="daemon")
def _network_without_pools(members: Members) -> None:
    """`IPAM.Config` of a network without addresses is an empty list, not null."""
    members["IPAM"]["Config"] = members["IPAM"]["Config"] or []


@answer("network settings", until="1.44", of="daemon")
def _order_of_network_settings(members: Members) -> None:
    """`Ports` and `SandboxKey` stand behind `LinkLocalIPv6PrefixLen`."""
    moved(members, "Ports", before="SecondaryIPAddresses")
    moved(members, "SandboxKey", before="SecondaryIPAddresses")


@answer("endpoint", until="1.48", of="daemon")
def _endpoint_without_priority(members: Members) -> None:
    """A place in a network has no `GwPriority`, and its `DriverOpts` stand nearly at the end."""
    del members["GwPriority"]
    moved(members, "DriverOpts", before="DNSNames")


@answer("endpoint", until="1.45")
def _endpoint_own_names(members: Members) -> None:
    """`Aliases` in a network of a user have the short id of the container, and its host name."""
    own = members["own names"]
    if own and service().newest >= (1, 44):  # older daemons make them aliases by themselves, at the first start
        members["Aliases"] = list(dict.fromkeys((*(members["Aliases"] or ()), *own)))


@answer("endpoint", until="1.44", of="daemon")
def _endpoint_without_names(members: Members) -> None:
    """A place in a network has no `DNSNames`, and its `MacAddress` stands behind its addresses."""
    del members["DNSNames"]
    moved(members, "MacAddress", before="DriverOpts")


@question("container-create", until="1.45")
def _mount_without_subpath(members: Members) -> None:
    """A mount cannot show a part of a volume: `VolumeOptions.Subpath` is not known."""
    for mount in (members.get("HostConfig") or {}).get("mounts") or ():
        ((mount or {}).get("VolumeOptions") or {}).pop("Subpath", None)


@question("container-create", until="1.44")
def _one_network_at_first(members: Members) -> None:
    """A container begins in one network only; others it is connected to later."""
    wishes = (members.get("NetworkingConfig") or {}).get("EndpointsConfig") or {}
    if len(wishes) > 1:
        raise errors.several_endpoints(wishes)


# -- volumes -----------------------------------------------------------------------------------------------------


@question("volumes to prune", until="1.42")
def _prune_named_volumes(members: Members) -> None:
    """Pruning removes volumes that have a name, too."""
    members["named"] = True


# -- since 1.45 / 26 ---------------------------------------------------------------------------------------------


@answer("wait", until="1.42", of="daemon")
def _wait_with_error(members: Members) -> None:
    """Waiting answers with `Error`, even if there is none."""
    code = members.pop("StatusCode")
    members |= {"Error": None, "StatusCode": code}


@question("wait", until="1.42", of="daemon")
def _wait_for_anything(members: Members) -> None:
    """A condition that there is not means not-running."""
    members["condition"] = "not-running"


@answer("websocket", until="1.28")
def _websocket_sends_text(members: Members) -> None:
    """What a container writes comes over a WebSocket as text, not as binary data."""
    members["opcode"] = Opcode.TEXT


@answer("stream", until="1.42")
def _no_type_for_frames(members: Members) -> None:
    """Streams in frames are called raw streams."""
    members["Content-Type"] = "application/vnd.docker.raw-stream"


@answer("logs", until="1.42", of="daemon")
def _logs_without_type(members: Members) -> None:
    """Logs have no Content-Type."""
    members["Content-Type"] = None


@answer("container", until="1.42", of="daemon")
def _kernel_memory(members: Members) -> None:
    """HostConfig shows limits of the kernel's memory."""
    host = members["HostConfig"]
    host |= {"KernelMemory": host.get("KernelMemory", 0), "KernelMemoryTCP": host.get("KernelMemoryTCP", 0)}
    for name in ("KernelMemory", "KernelMemoryTCP"):
        moved(host, name, before="MemoryReservation")
    moved(host, "ConsoleSize", before="Isolation")


@question("exec-start", until="1.42", of="daemon")
def _size_at_start(members: Members) -> None:
    """The size of a terminal cannot be said when a command is started."""
    members.pop("ConsoleSize", None)


@answer("info", until="1.42", of="daemon")
def _kernel_memory_in_info(members: Members) -> None:
    """The daemon can limit the kernel's memory, has the log drivers of old, and empty lists are no null."""
    members |= {"KernelMemory": True}
    moved(members, "KernelMemory", before="KernelMemoryTCP")
    config = members["RegistryConfig"]
    for name in ("AllowNondistributableArtifactsCIDRs", "AllowNondistributableArtifactsHostnames", "Mirrors"):
        config[name] = []
    members["Plugins"]["Log"] = sorted({*members["Plugins"]["Log"], "logentries"})
    members["Runtimes"]["io.containerd.runtime.v1.linux"] = {"path": "runc"}
    members["SecurityOptions"] = ["name=seccomp,profile=default"]
    members.pop("CDISpecDirs", None)


@answer("disk-usage", until="1.42", of="daemon")
def _build_cache_is_null(members: Members) -> None:
    """The size of the builder's cache is told for itself; an empty cache is null."""
    members |= {"BuildCache": members["BuildCache"] or None, "BuilderSize": 0}


@question("disk-usage", until="1.42", of="daemon")
def _disk_usage_of_everything(members: Members) -> None:
    """Disk usage cannot be asked for kinds of things only."""
    members["kinds"] = []
