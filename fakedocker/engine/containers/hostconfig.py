"""What a container is to get of the machine, and of the daemon: the host's half of its configuration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class PortBinding:
    """Where on the host a port is to be published; no port: any free one; "8000-8010": one of these."""

    host_ip: str = ""
    host_port: str = ""


@dataclass(frozen=True, slots=True)
class RestartPolicy:
    """When the daemon starts a container again: "", no, always, unless-stopped, on-failure (0 retries: no limit)."""

    name: str = ""
    maximum_retries: int = 0

    @property
    def restarts(self) -> bool:
        """Whether it ever does."""
        return self.name not in ("", "no")

    def again(self, exit_code: int, restarts: int, *, stopped: bool) -> bool:
        """Tell whether it does after an end (moby restartmanager); `stopped`: somebody asked for the end."""
        if stopped or not self.restarts:
            return False
        if self.name == "on-failure":
            return exit_code != 0 and not 0 < self.maximum_retries <= restarts
        return True


@dataclass(frozen=True, slots=True)
class Mount:
    """A place in a container's tree, as `HostConfig.Mounts` gives it.

    `type`: bind, volume, tmpfs, npipe or cluster. `options`: the members BindOptions, VolumeOptions, TmpfsOptions in
    the API's words.
    """

    type: str
    target: str
    source: str = ""
    read_only: bool = False
    consistency: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LogConfig:
    """Where a container's output is kept: the log driver ("": the daemon's own, json-file) and its options."""

    driver: str = ""
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def readable(self) -> bool:
        """Whether the daemon can give back what was written."""
        return self.driver in ("", "json-file", "local", "journald")


@dataclass(frozen=True, slots=True)
class HostConfig:
    """What has an effect here, by its own name; `others` are the rest of the API's members, kept and shown only.

    `binds`: "/host:/container[:options]" or "volume:/container". `port_bindings`: "80/tcp" -> bindings. `links`:
    "container:alias". `volumes_from`: "container[:ro]". `memory`: bytes. `extra_hosts`: "name:address". `tmpfs`:
    path -> options. `network_mode`: default, bridge, host, none, container:NAME, or a network's name. `group_add`:
    groups, by name or id, to which the command belongs, too.
    """

    binds: tuple[str, ...] | None = None
    network_mode: str = "default"
    port_bindings: Mapping[str, tuple[PortBinding, ...]] | None = None
    restart_policy: RestartPolicy = RestartPolicy()
    auto_remove: bool = False
    volume_driver: str = ""
    volumes_from: tuple[str, ...] | None = None
    dns: tuple[str, ...] | None = None
    dns_options: tuple[str, ...] | None = None
    dns_search: tuple[str, ...] | None = None
    extra_hosts: tuple[str, ...] | None = None
    links: tuple[str, ...] | None = None
    pid_mode: str = ""
    privileged: bool = False
    publish_all_ports: bool = False
    read_only_rootfs: bool = False
    mounts: tuple[Mount, ...] | None = None
    tmpfs: Mapping[str, str] | None = None
    memory: int = 0
    memory_swap: int = 0
    cpu_shares: int = 0
    nano_cpus: int = 0
    log_config: LogConfig = LogConfig()
    group_add: tuple[str, ...] | None = None
    others: Mapping[str, Any] = field(default_factory=dict)

    def with_names(self) -> HostConfig:
        """Return what is asked for with the defaults by their names."""
        policy = self.restart_policy
        return replace(
            self,
            network_mode="bridge" if self.network_mode == "default" else self.network_mode,
            restart_policy=replace(policy, name=policy.name or "no"),
        )
