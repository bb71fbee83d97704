"""What was different in older versions of the API: the one dated list, newest first (see `ageing`)."""

from __future__ import annotations

from fakedocker.api.modern.ageing import Members, answer, insert, moved, question
from fakedocker.api.service import service
from fakedocker.engine import errors
from fakedocker.engine.images.imageconfig import config_members
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


@answer("listed image", until="1.51")
def _image_without_containers(members: Members) -> None:
    """Lists of images do not tell how many containers have each: `Containers` is -1."""
    members["Containers"] = -1


@answer("listed image", until="1.43")
def _summary_without_names(members: Members) -> None:
    """An image without a name is called `<none>:<none>` in lists."""
    if not members["RepoTags"] and not members["RepoDigests"]:
        members["RepoDigests"], members["RepoTags"] = ["<none>@<none>"], ["<none>:<none>"]


@answer("image summary", until="1.43")
def _summary_null(members: Members) -> None:
    """Of an image in a list that has no tags or no digests these are null."""
    for name in ("RepoDigests", "RepoTags"):
        members[name] = members[name] or None


@answer("used image", until="1.42", of="daemon")
def _used_image_without_names(members: Members) -> None:
    """An image without a name is called `<none>:<none>` in the disk's usage, too."""
    if not members["RepoTags"] and not members["RepoDigests"]:
        members["RepoDigests"], members["RepoTags"] = ["<none>@<none>"], ["<none>:<none>"]


@question("images", until="1.42")
def _shared_size_is_not_told(members: Members) -> None:
    """Lists of images do not tell what images share: `shared-size` is not known, `SharedSize` is -1."""
    members["shared"] = False


@question("images", until="1.41")
def _filter_by_name(members: Members) -> None:
    """Lists of images can be filtered by `filter`, a pattern of names."""
    members["reference"] = members.pop("filter", "")


@question("image-create", until="1.32")
def _pull_for_the_host(members: Members) -> None:
    """Images are pulled and imported for the host's platform: `platform` is not known."""
    members["platform"] = ""


# -- networks ----------------------------------------------------------------------------------------------------


@question("networks", until="1.28")
def _list_shows_containers(members: Members) -> None:
    """Lists of networks tell which containers are in each."""
    members["detailed"] = True


@answer("network", until="1.48", of="daemon")
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


# -- creating containers -----------------------------------------------------------------------------------------


def _mounts(members: Members, options: str) -> list[Members]:
    """Return the options of one kind that the mounts of a container are wished with."""
    mounts = (members.get("HostConfig") or {}).get("mounts") or ()
    return [mount[options] for mount in mounts if mount and mount.get(options)]


@question("container-create", until="1.46")
def _tmpfs_without_options(members: Members) -> None:
    """A tmpfs has no further options: `TmpfsOptions.Options` is not known."""
    for options in _mounts(members, "TmpfsOptions"):
        options.pop("Options", None)


@question("container-create", until="1.45")
def _mount_without_subpath(members: Members) -> None:
    """A mount cannot show a part of a volume: `VolumeOptions.Subpath` is refused, or by older daemons ignored."""
    for options in _mounts(members, "VolumeOptions"):
        if options.pop("Subpath", "") and service().newest >= (1, 45):
            raise errors.needs_version("VolumeOptions.Subpath", "1.45")


@question("container-create", until="1.44")
def _all_of_a_mount_is_read_only(members: Members) -> None:
    """Whether what is mounted below a bind is read-only, too, cannot be said: `ReadOnlyNonRecursive` is ignored."""
    for options in _mounts(members, "BindOptions"):
        options.pop("ReadOnlyNonRecursive", None)
        if options.pop("ReadOnlyForceRecursive", False) and service().newest >= (1, 44):
            raise errors.needs_version("BindOptions.ReadOnlyForceRecursive", "1.44")


@question("container-create", until="1.44")
def _healthcheck_in_one_rhythm(members: Members) -> None:
    """Health checks have no interval of their own while a container starts: `StartInterval` is ignored."""
    (members.get("healthcheck") or {}).pop("StartInterval", None)


@question("container-create", until="1.44", by="1.44")
def _hardware_address_of_containers(members: Members) -> None:
    """A container has a `MacAddress`, its places in networks have none of their own."""
    wishes = (members.get("NetworkingConfig") or {}).get("EndpointsConfig") or {}
    for wish in wishes.values():
        (wish or {}).pop("MacAddress", None)


@question("container-create", until="1.44", by="1.44")
def _hardware_address_needs_a_network(members: Members) -> None:
    """A `MacAddress` without a network that could have it is refused."""
    mode = (members.get("HostConfig") or {}).get("network_mode", "")
    if members.get("mac_address") and (mode in ("none", "host") or mode.startswith("container:")):
        raise errors.mac_address_without_network()


@question("container-create parameters", until="1.44")
def _no_warning_of_hardware_addresses(members: Members) -> None:
    """Nothing warns of a container's `MacAddress`."""
    members["warns of MacAddress"] = False


@question("container-create", until="1.44")
def _one_network_at_first(members: Members) -> None:
    """A container begins in one network only; others it is connected to later."""
    wishes = (members.get("NetworkingConfig") or {}).get("EndpointsConfig") or {}
    if len(wishes) > 1:
        raise errors.several_endpoints(wishes)


@question("container-create", until="1.43")
def _no_annotations(members: Members) -> None:
    """Containers have no annotations: `HostConfig.Annotations` is ignored."""
    (members.get("HostConfig") or {}).pop("Annotations", None)


@question("container-create", until="1.42")
def _no_made_mount_points(members: Members) -> None:
    """What a bind shows has to be there: `CreateMountpoint` is ignored."""
    for options in _mounts(members, "BindOptions"):
        options.pop("CreateMountpoint", None)


@question("container-create", until="1.42", by="1.42")
def _no_size_at_creation(members: Members) -> None:
    """The size of a terminal cannot be said when a container is created: `HostConfig.ConsoleSize` is ignored."""
    (members.get("HostConfig") or {}).pop("ConsoleSize", None)


@question("container-create parameters", until="1.42")
def _limited_kernel_memory(members: Members) -> None:
    """The kernel's memory can be limited: `HostConfig.KernelMemory` is not ignored."""
    members["ignored"].discard("KernelMemory")


@question("container-create parameters", until="1.41")
def _container_for_the_host(members: Members) -> None:
    """The platform of a container's image does not matter: `platform` is not known."""
    members["platform"] = ""


@question("container-create", until="1.40")
def _limits_without_kernel(members: Members) -> None:
    """`HostConfig.KernelMemoryTCP` and `BindOptions.NonRecursive` are ignored."""
    host = members.get("HostConfig") or {}
    host.pop("KernelMemoryTCP", None)
    for options in _mounts(members, "BindOptions"):
        options.pop("NonRecursive", None)


@question("container-create", until="1.40")
def _shareable_by_default(members: Members) -> None:
    """Others can join a container's IPC: `IpcMode` is shareable unless something else is said."""
    host = members.get("HostConfig")
    if host is not None and not host.get("IpcMode"):
        host["IpcMode"] = "shareable"


@question("container-create", until="1.25")
def _nothing_removes_itself(members: Members) -> None:
    """The daemon does not remove containers by itself: `AutoRemove` is ignored."""
    (members.get("HostConfig") or {}).pop("auto_remove", None)


# -- containers --------------------------------------------------------------------------------------------------


@answer("container-summary", until="1.46")
def _summary_without_annotations(members: Members) -> None:
    """Lists of containers show no annotations."""
    members["HostConfig"].pop("Annotations", None)


@answer("container", until="1.21")
def _container_in_one_network(members: Members) -> None:
    """`NetworkSettings` are of one network; `Config` has `VolumeDriver`, and what is empty there, too."""
    del members["NetworkSettings"]["Networks"]
    members["NetworkSettings"]["Ports"] = members["NetworkSettings"]["Ports"] or None
    config = members["Config"]
    empty: Members = {"MacAddress": "", "NetworkDisabled": False, "ExposedPorts": None}
    told = {name: config.pop(name, value) for name, value in empty.items()}
    config |= told | {"VolumeDriver": members["HostConfig"]["VolumeDriver"]}


@answer("container", until="1.20")
def _container_with_volumes(members: Members) -> None:
    """A container has `Volumes` and `VolumesRW` in the place of `Mounts`, and its limits are in `Config`, too."""
    host, mounts = members["HostConfig"], members["Mounts"]
    places = {
        "Volumes": {mount["Destination"]: mount["Source"] for mount in mounts},
        "VolumesRW": {mount["Destination"]: mount["RW"] for mount in mounts},
    }
    insert(members, places, before="Mounts")
    del members["Mounts"]
    members["Config"] |= {name: host[name] for name in ("Memory", "MemorySwap", "CpuShares")}
    members["Config"]["Cpuset"] = host["CpusetCpus"]


@question("stop", until="1.42")
def _stop_with_own_signal(members: Members) -> None:
    """Stopping and restarting use the container's own signal: `signal` is not known."""
    members["signal"] = ""


@question("start", until="1.24")
def _start_with_configuration(members: Members) -> None:
    """A configuration may come with the order to start, and is ignored here; later it is refused."""
    members["refuses bodies"] = False


@question("copy", until="1.42", of="daemon")
def _copies_are_gone_silently(members: Members) -> None:
    """That `POST /containers/{id}/copy` is no more is said by a 404 without a text."""
    members["silent"] = True


@question("copy", until="1.24")
def _copies_of_old(members: Members) -> None:
    """`POST /containers/{id}/copy` copies out of containers."""
    members["is known"] = True


@question("kill", until="1.20")
def _kill_what_is_not_running(members: Members) -> None:
    """Killing a container that does not run is no error."""
    members["needs a running one"] = False


@question("stats", until="1.41")
def _always_two_readings(members: Members) -> None:
    """A single reading takes a second: `one-shot` is not known."""
    members["one-shot"] = False


@answer("stats", until="1.42", of="daemon")
def _every_reading_has_a_name(members: Members) -> None:
    """A single reading without another one before it (`one-shot`) tells whose it is, too."""
    networks = {"networks": members.pop("networks")} if "networks" in members else {}
    members |= members["who"] | networks


@answer("stats", until="1.21")
def _stats_of_one_network(members: Members) -> None:
    """Statistics have one `network`, the sum of all, and no name."""
    networks = members.pop("networks", {}).values()
    for name in members["who"]:
        members.pop(name, None)
    members["network"] = {
        name: sum(one[name] for one in networks)
        for name in (
            *("rx_bytes", "rx_packets", "rx_errors", "rx_dropped", "tx_bytes", "tx_packets", "tx_errors", "tx_dropped"),
        )
    }


# -- volumes -----------------------------------------------------------------------------------------------------


@question("volumes to prune", until="1.42")
def _prune_named_volumes(members: Members) -> None:
    """Pruning removes volumes that have a name, too."""
    members["named"] = True


# -- following containers ----------------------------------------------------------------------------------------


@answer("wait", until="1.42", of="daemon")
def _wait_with_error(members: Members) -> None:
    """Waiting answers with `Error`, even if there is none."""
    code = members.pop("StatusCode")
    members |= {"Error": None, "StatusCode": code}


@question("wait", until="1.30")
def _wait_for_an_end(members: Members) -> None:
    """Waiting has no condition, and the answer begins only when it is over."""
    members |= {"condition": "not-running", "head_now": False}


@question("wait", until="1.42", of="daemon")
def _wait_for_anything(members: Members) -> None:
    """A condition that there is not means not-running."""
    if members["condition"] not in ("next-exit", "removed"):
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


@question("exec-start", until="1.42")
def _size_at_start(members: Members) -> None:
    """The size of a terminal cannot be said when a command is started."""
    members.pop("ConsoleSize", None)


@question("attach-websocket", until="1.42")
def _websocket_has_all_streams(members: Members) -> None:
    """A WebSocket has all three streams: `stdin`, `stdout` and `stderr` are not known."""
    members |= dict.fromkeys(("stdin", "stdout", "stderr"), True)


# -- the daemon --------------------------------------------------------------------------------------------------


@answer("info", until="1.50")
def _bridge_netfilter(members: Members) -> None:
    """The daemon tells whether bridges pass through iptables: `BridgeNfIptables`, `BridgeNfIp6tables`."""
    insert(members, {"BridgeNfIptables": False, "BridgeNfIp6tables": False}, before="Debug")


@answer("info", until="1.49")
def _without_firewall_backend(members: Members) -> None:
    """The daemon does not tell who programs its firewall: there is no `FirewallBackend`."""
    del members["FirewallBackend"]


@answer("info", until="1.49")
def _expected_commits(members: Members) -> None:
    """The commits of containerd, runc and init come with those that were expected."""
    for name in ("ContainerdCommit", "RuncCommit", "InitCommit"):
        members[name]["Expected"] = members[name]["ID"]


@answer("info", until="1.49")
def _nondistributable_artifacts(members: Members) -> None:
    """`RegistryConfig` tells where artifacts that may not be distributed are pushed nevertheless: nowhere."""
    nowhere = {"AllowNondistributableArtifactsCIDRs": None, "AllowNondistributableArtifactsHostnames": None}
    insert(members["RegistryConfig"], nowhere, before="InsecureRegistryCIDRs")


@answer("info", until="1.48", of="daemon")
def _netfilter_at_the_start(members: Members) -> None:
    """The module that makes bridges pass through iptables is loaded when the daemon starts."""
    members |= {"BridgeNfIptables": True, "BridgeNfIp6tables": True}


@answer("info", until="1.46")
def _without_containerd(members: Members) -> None:
    """The daemon does not tell where its containerd is: there is no `Containerd`."""
    del members["Containerd"]


@answer("info", until="1.44")
def _runtimes_without_status(members: Members) -> None:
    """Runtimes do not tell what they can do: they have no `status`."""
    for runtime in members["Runtimes"].values():
        del runtime["status"]


@answer("info", until="1.42")
def _kernel_memory_in_info(members: Members) -> None:
    """The daemon tells that it can limit the kernel's memory."""
    members["KernelMemory"] = True
    moved(members, "KernelMemory", before="KernelMemoryTCP")


@answer("info", until="1.42", of="daemon")
def _info_of_old(members: Members) -> None:
    """The daemon has the log drivers and runtimes of old, empty lists are no null, and there are no `CDISpecDirs`."""
    config = members["RegistryConfig"]
    for name in ("AllowNondistributableArtifactsCIDRs", "AllowNondistributableArtifactsHostnames", "Mirrors"):
        config[name] = []
    members["Plugins"]["Log"] = sorted({*members["Plugins"]["Log"], "logentries"})
    members["Runtimes"] = dict(
        sorted({**members["Runtimes"], "io.containerd.runtime.v1.linux": {"path": "runc"}}.items())
    )
    members["SecurityOptions"] = ["name=seccomp,profile=default"]
    members.pop("CDISpecDirs", None)


@answer("info", until="1.25")
def _words_of_security(members: Members) -> None:
    """`SecurityOptions` are names only, and there is an `ExecutionDriver`."""
    members["SecurityOptions"] = [
        option.partition(",")[0].removeprefix("name=") for option in members["SecurityOptions"]
    ]
    members["ExecutionDriver"] = "<not supported>"
    if service().newest >= (1, 42):
        moved(members, "ExecutionDriver", before="Warnings")


@answer("error", until="1.24")
def _errors_in_text(members: Members) -> None:
    """Errors are plain text."""
    members["plain"] = True


@answer("disk-usage", until="1.42", of="daemon")
def _build_cache_is_null(members: Members) -> None:
    """The size of the builder's cache is told for itself; an empty cache is null."""
    members |= {"BuildCache": members["BuildCache"] or None, "BuilderSize": 0}


@question("disk-usage", until="1.42")
def _disk_usage_of_everything(members: Members) -> None:
    """Disk usage cannot be asked for kinds of things only."""
    members["kinds"] = []
