"""What the daemon does not accept of a container's configuration, in its own words (moby daemon/container.go).

Checked before anything is created; nothing here changes anything.
"""

from __future__ import annotations

from fakedocker.engine import errors, logdrivers
from fakedocker.engine.config import Config, Healthcheck, read_signal
from fakedocker.engine.hostconfig import HostConfig
from fakedocker.engine.profiles import Profile

#: Bytes that a container needs at least (moby daemon_unix.go, linuxMinMemory).
LEAST_MEMORY = 6 << 20
#: What the host has.
PROCESSORS = 2
#: Seconds below which a health check's times are refused (moby container/health).
SHORTEST = 0.001
POLICIES = frozenset({"", "no", "always", "on-failure", "unless-stopped"})
_CAPABILITIES = """
    ALL CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE
    NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN
    SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE
    MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE
"""
CAPABILITIES = frozenset(_CAPABILITIES.split())


def verify(config: Config, host: HostConfig, profile: Profile) -> None:
    """Refuse what cannot be a container. Raises InvalidParameter, Failure."""
    if config.working_dir and not config.working_dir.startswith("/"):
        raise errors.relative_working_directory(config.working_dir)
    for variable in config.env or ():
        if variable.startswith("=") or not variable:
            raise errors.invalid_variable(variable)
    if config.stop_signal:
        read_signal(config.stop_signal)
    if config.healthcheck is not None:
        _verify_healthcheck(config.healthcheck)
    verify_host(host, profile)


def verify_host(host: HostConfig, profile: Profile) -> None:
    """Refuse what a host cannot give. Raises InvalidParameter, Failure."""
    policy = host.restart_policy
    if host.auto_remove and policy.restarts:
        raise errors.remove_and_restart()
    for entry in host.extra_hosts or ():
        if ":" not in entry:
            raise errors.invalid_extra_host(entry)
    verify_policy(host)
    for port, bindings in (host.port_bindings or {}).items():
        number = port.partition("/")[0]
        if not _is_port(number):
            raise errors.invalid_port_specification(number)
        for binding in bindings:
            if binding.host_port and not all(map(_is_port, binding.host_port.split("-", 1))):
                raise errors.invalid_port_specification(binding.host_port)
    verify_resources(host)
    logdrivers.verify(host.log_config)
    others = host.others
    if others.get("ShmSize", 0) < 0:
        raise errors.negative_shm_size()
    if others.get("Runtime") not in (None, "", "runc", "io.containerd.runc.v2"):
        raise errors.unknown_runtime(str(others["Runtime"]))
    if others.get("Isolation") not in (None, "", "default"):
        raise errors.invalid_isolation(str(others["Isolation"]))
    if not -1000 <= others.get("OomScoreAdj", 0) <= 1000:
        raise errors.invalid_oom_score(others["OomScoreAdj"])
    for member in ("CapAdd", "CapDrop"):
        for capability in others.get(member, ()):
            if capability.upper().removeprefix("CAP_") not in CAPABILITIES:
                raise errors.unknown_capability(member, capability)


def verify_policy(host: HostConfig) -> None:
    """Refuse a restart policy that there is not. Raises InvalidParameter."""
    policy = host.restart_policy
    if policy.name not in POLICIES:
        raise errors.invalid_restart_policy(policy.name)
    if policy.maximum_retries and policy.name != "on-failure":
        raise errors.retries_without_failure(policy.name)
    if policy.maximum_retries < 0:
        raise errors.negative_retries()


def verify_resources(host: HostConfig) -> None:
    """Refuse limits that make no sense. Raises InvalidParameter."""
    if host.memory and host.memory < LEAST_MEMORY:
        raise errors.too_little_memory()
    if host.memory and host.memory_swap > 0 and host.memory_swap < host.memory:
        raise errors.swap_below_memory()
    if not host.memory and host.memory_swap > 0:
        raise errors.swap_without_memory()
    if host.nano_cpus < 0 or host.nano_cpus > PROCESSORS * 1_000_000_000:
        raise errors.too_many_processors(PROCESSORS)
    if host.nano_cpus and (host.others.get("CpuPeriod") or host.others.get("CpuQuota")):
        raise errors.processors_and_quota()


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 5 and int(text) <= 65535


def _verify_healthcheck(check: Healthcheck) -> None:
    for name, value in (("Interval", check.interval), ("Timeout", check.timeout), ("StartPeriod", check.start_period)):
        if value and value < SHORTEST:
            raise errors.too_short_in_healthcheck(name)
    if check.retries < 0:
        raise errors.negative_health_retries()
