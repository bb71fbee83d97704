"""The Go structs of containers in today's API: their members in Go's order, as bodies give them and answers show them.

What has an effect here is read by the engine's name for it (`host_config.Binds` -> `binds`), the rest by its own: it
is kept and shown, and has no effect (see `WITHOUT_EFFECT`). (moby api/types/container, v26.)
"""

from __future__ import annotations

from dataclasses import fields

from fakedocker.engine.containers.hostconfig import HostConfig
from fakedocker.wire.gojson import ABSENT, Kind, ListOf, MapOf, Member, Struct


def _plain(*members: tuple[str, Kind] | tuple[str, Kind, object]) -> dict[str, Member]:
    """Return members that are called here as they are in JSON."""
    return {member[0]: Member(*member) for member in members}


HEALTHCHECK = Struct(
    "HealthConfig",
    _plain(
        ("Test", "strings", ABSENT),
        ("Interval", "int", ABSENT),
        ("Timeout", "int", ABSENT),
        ("StartPeriod", "int", ABSENT),
        ("StartInterval", "int", ABSENT),
        ("Retries", "int", ABSENT),
    ),
)

CONFIG = Struct(
    "runconfig.ContainerConfigWrapper",
    {
        "hostname": Member("Hostname", "string"),
        "domainname": Member("Domainname", "string"),
        "user": Member("User", "string"),
        "attach_stdin": Member("AttachStdin", "bool"),
        "attach_stdout": Member("AttachStdout", "bool"),
        "attach_stderr": Member("AttachStderr", "bool"),
        "exposed_ports": Member("ExposedPorts", "set"),
        "tty": Member("Tty", "bool"),
        "open_stdin": Member("OpenStdin", "bool"),
        "stdin_once": Member("StdinOnce", "bool"),
        "env": Member("Env", "strings"),
        "cmd": Member("Cmd", "command"),
        "healthcheck": Member("Healthcheck", HEALTHCHECK),
        "image": Member("Image", "string"),
        "volumes": Member("Volumes", "set"),
        "working_dir": Member("WorkingDir", "string"),
        "entrypoint": Member("Entrypoint", "command"),
        "network_disabled": Member("NetworkDisabled", "bool"),
        "mac_address": Member("MacAddress", "string"),
        "on_build": Member("OnBuild", "strings"),
        "labels": Member("Labels", "texts"),
        "stop_signal": Member("StopSignal", "string"),
        "stop_timeout": Member("StopTimeout", "int"),
        "shell": Member("Shell", "command"),
    },
)

PORT_BINDING = Struct(
    "PortBinding", {"host_ip": Member("HostIp", "string", ""), "host_port": Member("HostPort", "string", "")}
)
RESTART_POLICY = Struct(
    "RestartPolicy",
    {"name": Member("Name", "string", ""), "maximum_retries": Member("MaximumRetryCount", "int", 0)},
)
LOG_CONFIG = Struct("LogConfig", {"driver": Member("Type", "string", ""), "options": Member("Config", "texts", {})})
MOUNT = Struct(
    "Mount",
    {
        "type": Member("Type", "string", ABSENT),
        "source": Member("Source", "string", ABSENT),
        "target": Member("Target", "string", ABSENT),
        "read_only": Member("ReadOnly", "bool", ABSENT),
        "consistency": Member("Consistency", "string", ABSENT),
        "BindOptions": Member(
            "BindOptions",
            Struct(
                "BindOptions",
                _plain(
                    ("Propagation", "string", ABSENT),
                    ("NonRecursive", "bool", ABSENT),
                    ("CreateMountpoint", "bool", ABSENT),
                    ("ReadOnlyNonRecursive", "bool", ABSENT),
                    ("ReadOnlyForceRecursive", "bool", ABSENT),
                ),
            ),
            ABSENT,
        ),
        "VolumeOptions": Member(
            "VolumeOptions",
            Struct(
                "VolumeOptions",
                _plain(
                    ("NoCopy", "bool", ABSENT),
                    ("Labels", "texts", ABSENT),
                    ("Subpath", "string", ABSENT),
                    (
                        "DriverConfig",
                        Struct("Driver", _plain(("Name", "string", ABSENT), ("Options", "texts", ABSENT))),
                        ABSENT,
                    ),
                ),
            ),
            ABSENT,
        ),
        "TmpfsOptions": Member(
            "TmpfsOptions",
            Struct(
                "TmpfsOptions",
                _plain(("SizeBytes", "int", ABSENT), ("Mode", "int", ABSENT), ("Options", ListOf("strings"), ABSENT)),
            ),
            ABSENT,
        ),
    },
)

_WEIGHT = Struct("WeightDevice", _plain(("Path", "string", ""), ("Weight", "int", 0)))
_THROTTLE = Struct("ThrottleDevice", _plain(("Path", "string", ""), ("Rate", "int", 0)))
_DEVICE = Struct(
    "DeviceMapping",
    _plain(("PathOnHost", "string", ""), ("PathInContainer", "string", ""), ("CgroupPermissions", "string", "")),
)
_DEVICE_REQUEST = Struct(
    "DeviceRequest",
    _plain(
        ("Driver", "string", ""),
        ("Count", "int", 0),
        ("DeviceIDs", "strings"),
        ("Capabilities", ListOf("strings")),
        ("Options", "texts"),
    ),
)
_ULIMIT = Struct("Ulimit", _plain(("Name", "string", ""), ("Hard", "int", 0), ("Soft", "int", 0)))

HOST_CONFIG = Struct(
    "HostConfig",
    {
        "binds": Member("Binds", "strings"),
        "ContainerIDFile": Member("ContainerIDFile", "string", ""),
        "log_config": Member("LogConfig", LOG_CONFIG),
        "network_mode": Member("NetworkMode", "string", ""),
        "port_bindings": Member("PortBindings", MapOf(ListOf(PORT_BINDING))),
        "restart_policy": Member("RestartPolicy", RESTART_POLICY),
        "auto_remove": Member("AutoRemove", "bool", False),
        "volume_driver": Member("VolumeDriver", "string", ""),
        "volumes_from": Member("VolumesFrom", "strings"),
        "ConsoleSize": Member("ConsoleSize", ListOf("int"), (0, 0)),
        "Annotations": Member("Annotations", "texts", ABSENT),
        "CapAdd": Member("CapAdd", "command"),
        "CapDrop": Member("CapDrop", "command"),
        "CgroupnsMode": Member("CgroupnsMode", "string", "host"),
        "dns": Member("Dns", "strings"),
        "dns_options": Member("DnsOptions", "strings"),
        "dns_search": Member("DnsSearch", "strings"),
        "extra_hosts": Member("ExtraHosts", "strings"),
        "group_add": Member("GroupAdd", "strings"),
        "IpcMode": Member("IpcMode", "string", "private"),
        "Cgroup": Member("Cgroup", "string", ""),
        "links": Member("Links", "strings"),
        "OomScoreAdj": Member("OomScoreAdj", "int", 0),
        "pid_mode": Member("PidMode", "string", ""),
        "privileged": Member("Privileged", "bool", False),
        "publish_all_ports": Member("PublishAllPorts", "bool", False),
        "read_only_rootfs": Member("ReadonlyRootfs", "bool", False),
        "SecurityOpt": Member("SecurityOpt", "strings"),
        "StorageOpt": Member("StorageOpt", "texts", ABSENT),
        "tmpfs": Member("Tmpfs", "texts", ABSENT),
        "UTSMode": Member("UTSMode", "string", ""),
        "UsernsMode": Member("UsernsMode", "string", ""),
        "ShmSize": Member("ShmSize", "int", 64 << 20),
        "Sysctls": Member("Sysctls", "texts", ABSENT),
        "Runtime": Member("Runtime", "string", "runc"),
        "Isolation": Member("Isolation", "string", ""),
        "cpu_shares": Member("CpuShares", "int", 0),
        "memory": Member("Memory", "int", 0),
        "nano_cpus": Member("NanoCpus", "int", 0),
        "CgroupParent": Member("CgroupParent", "string", ""),
        "BlkioWeight": Member("BlkioWeight", "int", 0),
        "BlkioWeightDevice": Member("BlkioWeightDevice", ListOf(_WEIGHT)),
        "BlkioDeviceReadBps": Member("BlkioDeviceReadBps", ListOf(_THROTTLE)),
        "BlkioDeviceWriteBps": Member("BlkioDeviceWriteBps", ListOf(_THROTTLE)),
        "BlkioDeviceReadIOps": Member("BlkioDeviceReadIOps", ListOf(_THROTTLE)),
        "BlkioDeviceWriteIOps": Member("BlkioDeviceWriteIOps", ListOf(_THROTTLE)),
        "CpuPeriod": Member("CpuPeriod", "int", 0),
        "CpuQuota": Member("CpuQuota", "int", 0),
        "CpuRealtimePeriod": Member("CpuRealtimePeriod", "int", 0),
        "CpuRealtimeRuntime": Member("CpuRealtimeRuntime", "int", 0),
        "CpusetCpus": Member("CpusetCpus", "string", ""),
        "CpusetMems": Member("CpusetMems", "string", ""),
        "Devices": Member("Devices", ListOf(_DEVICE)),
        "DeviceCgroupRules": Member("DeviceCgroupRules", "strings"),
        "DeviceRequests": Member("DeviceRequests", ListOf(_DEVICE_REQUEST)),
        "KernelMemory": Member("KernelMemory", "int", ABSENT),
        "KernelMemoryTCP": Member("KernelMemoryTCP", "int", ABSENT),
        "MemoryReservation": Member("MemoryReservation", "int", 0),
        "memory_swap": Member("MemorySwap", "int", 0),
        "MemorySwappiness": Member("MemorySwappiness", "int"),
        "OomKillDisable": Member("OomKillDisable", "bool", False),
        "PidsLimit": Member("PidsLimit", "int"),
        "Ulimits": Member("Ulimits", ListOf(_ULIMIT)),
        "CpuCount": Member("CpuCount", "int", 0),
        "CpuPercent": Member("CpuPercent", "int", 0),
        "IOMaximumIOps": Member("IOMaximumIOps", "int", 0),
        "IOMaximumBandwidth": Member("IOMaximumBandwidth", "int", 0),
        "mounts": Member("Mounts", ListOf(MOUNT), ABSENT),
        "MaskedPaths": Member("MaskedPaths", "strings"),
        "ReadonlyPaths": Member("ReadonlyPaths", "strings"),
        "Init": Member("Init", "bool", ABSENT),
    },
)

IPAM_CONFIG = Struct(
    "EndpointIPAMConfig",
    _plain(("IPv4Address", "string", ABSENT), ("IPv6Address", "string", ABSENT), ("LinkLocalIPs", "strings", ABSENT)),
)
ENDPOINT = Struct(
    "EndpointSettings",
    _plain(
        ("IPAMConfig", IPAM_CONFIG),
        ("Links", "strings"),
        ("Aliases", "strings"),
        ("MacAddress", "string", ""),
        ("NetworkID", "string", ""),
        ("EndpointID", "string", ""),
        ("Gateway", "string", ""),
        ("IPAddress", "string", ""),
        ("IPPrefixLen", "int", 0),
        ("IPv6Gateway", "string", ""),
        ("GlobalIPv6Address", "string", ""),
        ("GlobalIPv6PrefixLen", "int", 0),
        ("DriverOpts", "texts"),
        ("DNSNames", "strings"),
    ),
)
NETWORKING = Struct("NetworkingConfig", _plain(("EndpointsConfig", MapOf(ENDPOINT))))

#: The body of POST /containers/create: a configuration, and the host's half of it.
CREATE = Struct(
    CONFIG.name,
    {
        **CONFIG.members,
        "HostConfig": Member("HostConfig", HOST_CONFIG),
        "NetworkingConfig": Member("NetworkingConfig", NETWORKING),
    },
)
#: The body of POST /containers/{name}/update: what can be changed later.
UPDATE = Struct(
    "container.UpdateConfig",
    {
        name: HOST_CONFIG.members[name]
        for name in (
            *("cpu_shares", "memory", "nano_cpus", "CgroupParent", "BlkioWeight", "BlkioWeightDevice"),
            *("BlkioDeviceReadBps", "BlkioDeviceWriteBps", "BlkioDeviceReadIOps", "BlkioDeviceWriteIOps"),
            *("CpuPeriod", "CpuQuota", "CpuRealtimePeriod", "CpuRealtimeRuntime", "CpusetCpus", "CpusetMems"),
            *("Devices", "DeviceCgroupRules", "DeviceRequests", "KernelMemory", "KernelMemoryTCP"),
            *("MemoryReservation", "memory_swap", "MemorySwappiness", "OomKillDisable", "PidsLimit", "Ulimits"),
            *("CpuCount", "CpuPercent", "IOMaximumIOps", "IOMaximumBandwidth", "restart_policy"),
        )
    },
)
EXEC = Struct(
    "types.ExecConfig",
    {
        "user": Member("User", "string"),
        "privileged": Member("Privileged", "bool"),
        "tty": Member("Tty", "bool"),
        "ConsoleSize": Member("ConsoleSize", ListOf("int")),
        "attach_stdin": Member("AttachStdin", "bool"),
        "attach_stderr": Member("AttachStderr", "bool"),
        "attach_stdout": Member("AttachStdout", "bool"),
        "detach_keys": Member("DetachKeys", "string"),
        "env": Member("Env", "strings"),
        "working_dir": Member("WorkingDir", "string"),
        "Detach": Member("Detach", "bool"),
        "command": Member("Cmd", "strings"),
    },
)
EXEC_START = Struct("types.ExecStartCheck", _plain(("Detach", "bool"), ("Tty", "bool"), ("ConsoleSize", ListOf("int"))))

_EFFECTIVE = {field.name for field in fields(HostConfig)}
#: Members of HostConfig that are kept and shown, and change nothing here.
WITHOUT_EFFECT = tuple(member.name for name, member in HOST_CONFIG.members.items() if name not in _EFFECTIVE)
