"""The daemon and its machine as today's API shows them."""

from __future__ import annotations

from typing import Any

from fakedocker.api.modern.views.times import fixed_timestamp
from fakedocker.engine.containers.lifecycle import State
from fakedocker.engine.engine import Engine
from fakedocker.engine.errors import InvalidParameter
from fakedocker.engine.profiles import Component, Profile
from fakedocker.wire import gojson

KERNEL = "6.1.0-13-amd64"
SYSTEM, SYSTEM_VERSION = "Debian GNU/Linux 12 (bookworm)", "12"
MEMORY, PROCESSORS = 8 << 30, 2
ID = "7TRN:IPZB:QYBB:VPBQ:UMPP:KARE:6ZNR:XE6T:7EWV:PKF4:ZOJD:TPYS"
INDEX = "https://index.docker.io/v1/"


def version_text(version: tuple[int, int]) -> str:
    """Return a version of the API as it is written."""
    return ".".join(map(str, version))


def ping(profile: Profile) -> dict[str, str]:
    """Return the headers that only a ping has."""
    return {"Builder-Version": profile.builder, "Swarm": "inactive"} if profile.builder else {}


def version(profile: Profile) -> dict[str, Any]:
    """Return which daemon this is, and of what it consists."""
    own = {
        "ApiVersion": version_text(profile.newest),
        "Arch": "amd64",
        "BuildTime": profile.build_time,
        "Experimental": "false",
        "GitCommit": profile.git_commit,
        "GoVersion": profile.go_version,
        "KernelVersion": KERNEL,
        "MinAPIVersion": version_text(profile.modern_versions[0]),
        "Os": "linux",
    }
    return {
        "Platform": {"Name": ""},
        "Components": [
            {"Name": "Engine", "Version": profile.version, "Details": own},
            *(
                {"Name": one.name, "Version": one.version, "Details": {"GitCommit": one.git_commit}}
                for one in profile.components
            ),
        ],
        "Version": profile.version,
        "ApiVersion": own["ApiVersion"],
        "MinAPIVersion": own["MinAPIVersion"],
        "GitCommit": profile.git_commit,
        "GoVersion": profile.go_version,
        "Os": "linux",
        "Arch": "amd64",
        "KernelVersion": KERNEL,
        "BuildTime": profile.build_time,
    }


def info(engine: Engine) -> dict[str, Any]:
    """Return how the daemon is doing, and what its machine can do."""
    profile, host = engine.profile, engine.host
    running = sum(one.running and one.state is not State.PAUSED for one in engine.containers)
    paused = sum(one.state is State.PAUSED for one in engine.containers)
    commits = {one.name: _commit(one) for one in profile.components}
    return {
        "ID": ID,
        "Containers": len(engine.containers),
        "ContainersRunning": running,
        "ContainersPaused": paused,
        "ContainersStopped": len(engine.containers) - running - paused,
        "Images": len(engine.images),
        "Driver": "overlay2",
        "DriverStatus": [
            ["Backing Filesystem", "extfs"],
            ["Supports d_type", "true"],
            ["Using metacopy", "false"],
            ["Native Overlay Diff", "true"],
            ["userxattr", "false"],
        ],
        "Plugins": {
            "Volume": ["local"],
            "Network": ["bridge", "host", "ipvlan", "macvlan", "null", "overlay"],
            "Authorization": None,
            "Log": ["awslogs", "fluentd", "gcplogs", "gelf", "journald", "json-file", "local", "splunk", "syslog"],
        },
        "MemoryLimit": host.memory_limit,
        "SwapLimit": host.swap_limit,
        "KernelMemoryTCP": True,
        "CpuCfsPeriod": True,
        "CpuCfsQuota": True,
        "CPUShares": True,
        "CPUSet": True,
        "PidsLimit": True,
        "IPv4Forwarding": True,
        "Debug": host.debug,
        "NFd": 26 + 3 * running,
        "OomKillDisable": True,
        "NGoroutines": 40 + 6 * running,
        "SystemTime": fixed_timestamp(engine.clock.now()),
        "LoggingDriver": "json-file",
        "CgroupDriver": "cgroupfs",
        "CgroupVersion": "1",
        "NEventsListener": len(engine.events.watch),
        "KernelVersion": KERNEL,
        "OperatingSystem": SYSTEM,
        "OSVersion": SYSTEM_VERSION,
        "OSType": "linux",
        "Architecture": "x86_64",
        "IndexServerAddress": INDEX,
        "RegistryConfig": {
            "InsecureRegistryCIDRs": ["127.0.0.0/8"],
            "IndexConfigs": {"docker.io": {"Name": "docker.io", "Mirrors": [], "Secure": True, "Official": True}},
            "Mirrors": None,
        },
        "NCPU": PROCESSORS,
        "MemTotal": MEMORY,
        "GenericResources": None,
        "DockerRootDir": profile.root,
        "HttpProxy": "",
        "HttpsProxy": "",
        "NoProxy": "",
        "Name": "fakedocker",
        "Labels": [],
        "ExperimentalBuild": False,
        "ServerVersion": profile.version,
        "Runtimes": {name: _runtime() for name in ("io.containerd.runc.v2", "runc")},
        "DefaultRuntime": "runc",
        "Swarm": {
            "NodeID": "",
            "NodeAddr": "",
            "LocalNodeState": "inactive",
            "ControlAvailable": False,
            "Error": "",
            "RemoteManagers": None,
        },
        "LiveRestoreEnabled": False,
        "Isolation": "",
        "InitBinary": "docker-init",
        "ContainerdCommit": commits["containerd"],
        "RuncCommit": commits["runc"],
        "InitCommit": commits["docker-init"],
        "SecurityOptions": ["name=seccomp,profile=builtin"],
        "FirewallBackend": {"Driver": "iptables"},
        "CDISpecDirs": [],
        "Containerd": {
            "Address": "/run/containerd/containerd.sock",
            "Namespaces": {"Containers": "moby", "Plugins": "plugins.moby"},
        },
        "Warnings": None,
    }


def _commit(component: Component) -> dict[str, str]:
    return {"ID": component.git_commit}


def _runtime() -> dict[str, Any]:
    """Return what runc says of itself, in short."""
    features = {"ociVersionMin": "1.0.0", "ociVersionMax": "1.2.0"}
    told = gojson.encode(features).decode()
    return {"path": "runc", "status": {"org.opencontainers.runtime-spec.features": told}}


def unknown_kind(kind: str) -> InvalidParameter:
    return InvalidParameter(f"unknown object type: {kind}")
