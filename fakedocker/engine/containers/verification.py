"""What the daemon does not accept of a container's configuration, in its own words (moby daemon/container.go).

Checked before anything is created; nothing here changes anything.
"""

from __future__ import annotations

import re
from ipaddress import ip_address

from fakedocker.engine import errors
from fakedocker.engine.containers import logdrivers
from fakedocker.engine.containers.config import Config, Healthcheck, read_signal
from fakedocker.engine.containers.hostconfig import HostConfig
from fakedocker.engine.profiles import Profile

#: Bytes that a container needs at least (moby daemon_unix.go, linuxMinMemory).
LEAST_MEMORY = 6 << 20
#: What the host has.
PROCESSORS = 2
#: Highest number of a processor or a memory node that can be written (moby pkg/parsers).
HIGHEST_IN_SET = 8192
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
#: An address of an extra host that stands for the host's own.
HOST_GATEWAY = "host-gateway"
#: What a boolean may be (Go's strconv.ParseBool).
_BOOLEANS = frozenset({"1", "t", "T", "TRUE", "true", "True", "0", "f", "F", "FALSE", "false", "False"})
_SECURITY_KINDS = frozenset({"label", "apparmor", "seccomp", "writable-cgroups"})


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
        _verify_extra_host(entry)
    verify_policy(host.with_names() if profile.names_defaults else host)
    for port, bindings in (host.port_bindings or {}).items():
        number = port.partition("/")[0]
        if not _is_port(number):
            raise errors.invalid_port_specification(number)
        for binding in bindings:
            # A protocol may be named here, too; nobody heeds it (go-connections nat/nat.go, SplitProtoPort).
            wished = binding.host_port.partition("/")[0]
            if wished and not _is_port_range(wished):
                raise errors.invalid_port_specification(binding.host_port)
    verify_resources(host)
    logdrivers.verify(host.log_config)
    others = host.others
    if others.get("ShmSize", 0) < 0:
        raise errors.negative_shm_size()
    if others.get("Runtime") not in (None, "", "runc", "io.containerd.runc.v2"):
        raise errors.unknown_runtime(str(others["Runtime"]))
    if (others.get("Isolation") or "default").lower() != "default":
        raise errors.invalid_isolation(str(others["Isolation"]))
    if not -1000 <= others.get("OomScoreAdj", 0) <= 1000:
        raise errors.invalid_oom_score(others["OomScoreAdj"])
    for member in ("CapAdd", "CapDrop"):
        for capability in others.get(member) or ():
            name = capability.upper()
            if name == "CAP_ALL" or name.removeprefix("CAP_") not in CAPABILITIES:
                raise errors.unknown_capability(member, capability)
    if others.get("CgroupnsMode") not in (None, "", "host", "private"):
        raise errors.invalid_cgroup_namespace(others["CgroupnsMode"])
    if profile.checks_modes:
        _verify_modes(host)
    for option in others.get("SecurityOpt") or ():
        _verify_security_option(option)


def verify_policy(host: HostConfig) -> None:
    """Refuse a restart policy that there is not. Raises InvalidParameter."""
    policy = host.restart_policy
    if not policy.name:
        return  # then the number of retries does not matter
    if policy.name not in POLICIES:
        raise errors.invalid_restart_policy(policy.name)
    if policy.maximum_retries and policy.name != "on-failure":
        raise errors.retries_without_failure(policy.name, policy.maximum_retries)
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
    others = host.others
    if (others.get("MemorySwappiness") or 0) > 100:
        raise errors.invalid_swappiness(others["MemorySwappiness"])
    reserved = others.get("MemoryReservation", 0)
    if 0 < reserved < LEAST_MEMORY:
        raise errors.too_little_reserved()
    if 0 < host.memory < reserved:
        raise errors.memory_below_reservation()
    if 0 < others.get("KernelMemory", 0) < LEAST_MEMORY:
        raise errors.too_little_kernel_memory()
    _verify_processors(host)


def _verify_processors(host: HostConfig) -> None:
    others = host.others
    period, quota = others.get("CpuPeriod", 0), others.get("CpuQuota", 0)
    for member, value in (("Period", period), ("Quota", quota)):
        if host.nano_cpus > 0 and value > 0:
            raise errors.processors_and(member)
    if host.nano_cpus < 0 or host.nano_cpus > PROCESSORS * 1_000_000_000:
        raise errors.too_many_processors(PROCESSORS)
    if period and not 1000 <= period <= 1_000_000:
        raise errors.invalid_period()
    if 0 < quota < 1000:
        raise errors.invalid_quota()
    for kind, what, count in (("cpus", "CPUs", PROCESSORS), ("mems", "memory nodes", 1)):
        text = others.get(f"Cpuset{kind.capitalize()}", "")
        if text and _highest(kind, text) >= count:
            raise errors.unavailable_set(what, text, f"0-{count - 1}" if count > 1 else "0")


def _highest(kind: str, text: str) -> int:
    """Return the highest number of a set such as "0-2,4" (moby pkg/parsers, ParseUintList). Raises InvalidParameter."""
    highest = 0
    for part in text.split(","):
        found = re.fullmatch(r"([0-9]+)(?:-([0-9]+))?", part)
        if found is None:
            raise errors.invalid_set(kind, text, f"invalid format: {text}")
        # what is longer is too much, whatever it is
        first, last = (int((number or found[1]).lstrip("0")[:6] or 0) for number in found.groups())
        if last > HIGHEST_IN_SET:
            raise errors.invalid_set(kind, text, f"value of out range, maximum is {HIGHEST_IN_SET}")
        if first > last:
            raise errors.invalid_set(kind, text, f"invalid format: {text}")
        highest = max(highest, last)
    return highest


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 5 and int(text) <= 65535


def _is_port_range(text: str) -> bool:
    first, _, last = text.partition("-")
    if "-" not in text:
        return _is_port(text)
    return _is_port(first) and _is_port(last) and int(first) <= int(last)


def _verify_extra_host(entry: str) -> None:
    """Refuse what is not a name and an address (moby opts/hosts.go)."""
    name, separator, address = entry.partition(":")
    if not name or not separator:
        raise errors.invalid_extra_host(entry)
    if address == HOST_GATEWAY:
        return
    try:
        ip_address(address.strip())
    except ValueError:
        raise errors.invalid_extra_address(address) from None


def _verify_modes(host: HostConfig) -> None:
    """Refuse namespaces that there are not (moby api/types/container/hostconfig.go, Valid)."""
    ipc, uts = host.others.get("IpcMode") or "", host.others.get("UTSMode") or ""
    if ipc not in ("", "private", "host", "shareable", "none") and not ipc.startswith("container:"):
        raise errors.invalid_namespace("IPC", ipc)
    pid = host.pid_mode
    if pid not in ("", "host") and not (pid.startswith("container:") and pid != "container:"):
        raise errors.invalid_namespace("PID", pid)
    if uts not in ("", "host"):
        raise errors.invalid_namespace("UTS", uts)


def _verify_security_option(option: str) -> None:
    """Refuse what is no security option (moby daemon/daemon_unix.go, parseSecurityOpt)."""
    if option in ("no-new-privileges", "disable"):
        return
    found = re.match(r"([^=]*)=(.*)|([^:]*):(.*)", option, re.DOTALL)
    if found is None:
        raise errors.invalid_security_option(1, option)
    kind, value = (found[1], found[2]) if found[1] is not None else (found[3], found[4])
    if kind not in _SECURITY_KINDS and not (kind == "no-new-privileges" and value in _BOOLEANS):
        raise errors.invalid_security_option(2, option)


def _verify_healthcheck(check: Healthcheck) -> None:
    for name, value in (("Interval", check.interval), ("Timeout", check.timeout), ("StartPeriod", check.start_period)):
        if value and value < SHORTEST:
            raise errors.too_short_in_healthcheck(name)
    if check.retries < 0:
        raise errors.negative_health_retries()
