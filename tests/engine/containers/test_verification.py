"""What no container can be: every refusal, as daemons 20.10 and 26 were heard to say it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from fakedocker.engine.containers.config import Config, Healthcheck
from fakedocker.engine.containers.hostconfig import HostConfig, LogConfig, PortBinding, RestartPolicy
from fakedocker.engine.containers.verification import verify, verify_host, verify_policy
from fakedocker.engine.errors import Failure, InvalidParameter
from fakedocker.engine.profiles import DOCKER_20_10, DOCKER_26, Profile

MIB = 1 << 20
COMMAND = Config(cmd=("true",), image="base")
PROFILES = pytest.mark.parametrize("profile", [DOCKER_20_10, DOCKER_26], ids=["20.10", "26"])


def refusal(host: HostConfig, profile: Profile = DOCKER_26) -> str:
    """Return what a daemon says of a host's half."""
    with pytest.raises(InvalidParameter) as caught:
        verify_host(host, profile)
    return str(caught.value.for_daemon(profile.newest))


def others(**members: Any) -> HostConfig:
    return HostConfig(others=members)


def published(host_port: str, port: str = "80/tcp") -> HostConfig:
    return HostConfig(port_bindings={port: (PortBinding("", host_port),)})


@PROFILES
def test_a_container_that_wants_nothing_special_is_fine(profile: Profile) -> None:
    verify(COMMAND, HostConfig(), profile)


# -- the container's half ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("config", "text"),
    [
        (Config(working_dir="etc"), "the working directory 'etc' is invalid, it needs to be an absolute path"),
        (Config(env=("A=1", "=x")), "invalid environment variable: =x"),
        (Config(env=("",)), "invalid environment variable: "),
        (Config(stop_signal="nosuch"), "invalid signal: nosuch"),
        (Config(healthcheck=Healthcheck(interval=1e-9)), "Interval in Healthcheck cannot be less than 1ms"),
        (Config(healthcheck=Healthcheck(interval=-1)), "Interval in Healthcheck cannot be less than 1ms"),
        (Config(healthcheck=Healthcheck(timeout=0.0009)), "Timeout in Healthcheck cannot be less than 1ms"),
        (Config(healthcheck=Healthcheck(start_period=1e-9)), "StartPeriod in Healthcheck cannot be less than 1ms"),
        (Config(healthcheck=Healthcheck(retries=-1)), "Retries in Healthcheck cannot be negative"),
    ],
)
def test_what_a_command_cannot_have_is_refused(config: Config, text: str) -> None:
    with pytest.raises(InvalidParameter) as caught:
        verify(config, HostConfig(), DOCKER_26)
    assert str(caught.value.for_daemon(DOCKER_26.newest)) == text


@pytest.mark.parametrize(
    "config",
    [
        Config(working_dir="/nosuch"),
        Config(env=("A", "B=", "C=1=2")),
        Config(stop_signal="RTMIN+3"),
        Config(healthcheck=Healthcheck(("CMD", "true"), interval=0.001, timeout=0.001, start_period=0.001)),
    ],
)
def test_what_a_command_can_have_is_not(config: Config) -> None:
    verify(config, HostConfig(), DOCKER_26)


# -- restart policies ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("policy", "old", "new"),
    [
        (
            RestartPolicy("nosuch"),
            "invalid restart policy 'nosuch'",
            "invalid restart policy: unknown policy 'nosuch'; use one of 'no', 'always', 'on-failure', or "
            "'unless-stopped'",
        ),
        (
            RestartPolicy("always", 3),
            "maximum retry count cannot be used with restart policy 'always'",
            "invalid restart policy: maximum retry count can only be used with 'on-failure'",
        ),
        (
            RestartPolicy("no", -2),
            "maximum retry count cannot be used with restart policy 'no'",
            "invalid restart policy: maximum retry count can only be used with 'on-failure' and cannot be negative",
        ),
        (
            RestartPolicy("on-failure", -1),
            "maximum retry count cannot be negative",
            "invalid restart policy: maximum retry count cannot be negative",
        ),
    ],
)
def test_a_policy_that_makes_no_sense_is_refused(policy: RestartPolicy, old: str, new: str) -> None:
    host = HostConfig(restart_policy=policy)
    assert refusal(host, DOCKER_20_10) == old
    assert refusal(host, DOCKER_26) == new


def test_retries_of_no_policy_matter_only_where_that_has_a_name() -> None:
    host = HostConfig(restart_policy=RestartPolicy("", 3))
    verify_host(host, DOCKER_20_10)
    assert "can only be used with 'on-failure'" in refusal(host, DOCKER_26)
    verify_policy(host)  # as an update is looked at


def test_what_removes_itself_is_not_started_again() -> None:
    verify_host(HostConfig(auto_remove=True, restart_policy=RestartPolicy("no")), DOCKER_26)
    host = HostConfig(auto_remove=True, restart_policy=RestartPolicy("on-failure", 1))
    assert refusal(host) == "can't create 'AutoRemove' container with restart policy"


# -- memory and processors ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("host", "text"),
    [
        (HostConfig(memory=1), "Minimum memory limit allowed is 6MB"),
        (HostConfig(memory=-1), "Minimum memory limit allowed is 6MB"),
        (
            HostConfig(memory=8 * MIB, memory_swap=7 * MIB),
            "Minimum memoryswap limit should be larger than memory limit, see usage",
        ),
        (
            HostConfig(memory_swap=8 * MIB),
            "You should always set the Memory limit when using Memoryswap limit, see usage",
        ),
        (others(MemorySwappiness=101), "Invalid value: 101, valid memory swappiness range is 0-100"),
        (others(MemoryReservation=1), "Minimum memory reservation allowed is 6MB"),
        (
            HostConfig(memory=8 * MIB, others={"MemoryReservation": 9 * MIB}),
            "Minimum memory limit can not be less than memory reservation limit, see usage",
        ),
        (others(KernelMemory=1), "Minimum kernel memory limit allowed is 6MB"),
        (
            HostConfig(nano_cpus=10**9, others={"CpuPeriod": 1000, "CpuQuota": 1000}),
            "Conflicting options: Nano CPUs and CPU Period cannot both be set",
        ),
        (
            HostConfig(nano_cpus=10**9, others={"CpuQuota": 1000}),
            "Conflicting options: Nano CPUs and CPU Quota cannot both be set",
        ),
        *(
            (
                others(CpuPeriod=period),
                "CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)",
            )
            for period in (999, 1_000_001, -1)
        ),
        (others(CpuQuota=999), "CPU cfs quota can not be less than 1ms (i.e. 1000)"),
        (others(CpusetCpus="0-77"), "Requested CPUs are not available - requested 0-77, available: 0-1"),
        (others(CpusetMems="7"), "Requested memory nodes are not available - requested 7, available: 0"),
        (others(CpusetMems="x"), "Invalid value x for cpuset mems: invalid format: x"),
        *(
            (others(CpusetCpus=text), f"Invalid value {text} for cpuset cpus: invalid format: {text}")
            for text in ("x", "0,x", "1-0", "0,", " 0", "0-", "-1")
        ),
        *(
            (others(CpusetCpus=text), f"Invalid value {text} for cpuset cpus: value of out range, maximum is 8192")
            for text in ("8193", "5000000000", "0-9999", "9" * 5000)
        ),
    ],
)
@PROFILES
def test_limits_that_make_no_sense_are_refused(host: HostConfig, text: str, profile: Profile) -> None:
    assert refusal(host, profile) == text


@pytest.mark.parametrize("count", [-1, 2_000_000_001, 10**12])
def test_there_are_not_more_processors_than_the_host_has(count: int) -> None:
    text = "Range of CPUs is from 0.01 to 2.00, as there are only 2 CPUs available"
    assert refusal(HostConfig(nano_cpus=count)) == text


@pytest.mark.parametrize(
    "host",
    [
        HostConfig(memory=6 * MIB),
        HostConfig(memory=8 * MIB, memory_swap=8 * MIB),
        HostConfig(memory=8 * MIB, memory_swap=-1),
        HostConfig(memory_swap=-1),
        others(MemorySwappiness=0),
        others(MemorySwappiness=None),
        others(MemoryReservation=6 * MIB),
        others(MemoryReservation=-1),
        HostConfig(nano_cpus=1),
        HostConfig(nano_cpus=2_000_000_000),
        others(CpuPeriod=1000, CpuQuota=1000),
        others(CpuPeriod=1_000_000, CpuQuota=-1),
        others(CpusetCpus="0", CpusetMems="0"),
        others(CpusetCpus="0-1"),
        others(CpusetCpus="00,1"),
    ],
)
@PROFILES
def test_limits_that_a_host_can_give_are_not(host: HostConfig, profile: Profile) -> None:
    verify_host(host, profile)


# -- everything else ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("host", "text"),
    [
        (HostConfig(extra_hosts=("x",)), 'bad format for add-host: "x"'),
        (HostConfig(extra_hosts=(":1.2.3.4",)), 'bad format for add-host: ":1.2.3.4"'),
        (HostConfig(extra_hosts=("x:nonsense",)), 'invalid IP address in add-host: "nonsense"'),
        (HostConfig(extra_hosts=("x:",)), 'invalid IP address in add-host: ""'),
        (HostConfig(extra_hosts=("x:[::1]",)), 'invalid IP address in add-host: "[::1]"'),
        (published("", "99999/tcp"), 'invalid port specification: "99999"'),
        (published("", "x/tcp"), 'invalid port specification: "x"'),
        (published("", "80-90/tcp"), 'invalid port specification: "80-90"'),
        (published("99999"), 'invalid port specification: "99999"'),
        (published("x/udp"), 'invalid port specification: "x/udp"'),
        (published("x"), 'invalid port specification: "x"'),
        (published("9000-8000"), 'invalid port specification: "9000-8000"'),
        (published("8000-"), 'invalid port specification: "8000-"'),
        (published("²"), 'invalid port specification: "²"'),
        (others(ShmSize=-1), "SHM size can not be less than 0"),
        (others(OomScoreAdj=1001), "Invalid value 1001, range for oom score adj is [-1000, 1000]"),
        (others(OomScoreAdj=-1001), "Invalid value -1001, range for oom score adj is [-1000, 1000]"),
        (others(CapAdd=("chown", "nosuch")), 'invalid CapAdd: unknown capability: "CAP_NOSUCH"'),
        (others(CapAdd=("CAP_ALL",)), 'invalid CapAdd: unknown capability: "CAP_ALL"'),
        (others(CapDrop=("CAP_X",)), 'invalid CapDrop: unknown capability: "CAP_X"'),
        (others(CgroupnsMode="Host"), "invalid cgroup namespace mode: Host"),
        (
            HostConfig(log_config=LogConfig("json-file", {"nosuch": "1"})),
            "unknown log opt 'nosuch' for json-file log driver",
        ),
    ],
)
@PROFILES
def test_what_a_host_cannot_give_is_refused(host: HostConfig, text: str, profile: Profile) -> None:
    assert refusal(host, profile) == text


@pytest.mark.parametrize(
    "host",
    [
        HostConfig(extra_hosts=("a:1.2.3.4", "b:::1", "c: 1.2.3.4", "d:host-gateway")),
        published("8000"),
        published("8000-8000"),
        published("8000-8010"),
        others(CapAdd=("all", "cap_chown", "NET_ADMIN"), CapDrop=("ALL",)),
        others(CgroupnsMode="private", Isolation="Default", Runtime="io.containerd.runc.v2", ShmSize=0),
        others(OomScoreAdj=-1000),
        HostConfig(log_config=LogConfig("none", {"anything": "goes"})),
    ],
)
@PROFILES
def test_what_a_host_can_give_is_not_refused(host: HostConfig, profile: Profile) -> None:
    verify_host(host, profile)


def test_a_runtime_that_is_not_there_is_refused_in_the_words_of_the_day() -> None:
    assert refusal(others(Runtime="nosuch"), DOCKER_20_10) == "Unknown runtime specified nosuch"
    assert refusal(others(Runtime="nosuch"), DOCKER_26) == "unknown or invalid runtime name: nosuch"


@pytest.mark.parametrize(
    ("members", "text"),
    [
        ({"Isolation": "hyperv"}, "Invalid isolation: \"hyperv\" - linux only supports 'default'"),
        ({"SecurityOpt": ("nosuch",)}, 'invalid --security-opt 1: "nosuch"'),
        ({"SecurityOpt": ("",)}, 'invalid --security-opt 1: ""'),
        ({"SecurityOpt": ("disable", "nosuch=1")}, 'invalid --security-opt 2: "nosuch=1"'),
        ({"SecurityOpt": ("no-new-privileges=x",)}, 'invalid --security-opt 2: "no-new-privileges=x"'),
        ({"SecurityOpt": ("systempaths=unconfined",)}, 'invalid --security-opt 2: "systempaths=unconfined"'),
    ],
)
@PROFILES
def test_some_refusals_are_failures_of_the_daemon(members: Mapping[str, Any], text: str, profile: Profile) -> None:
    with pytest.raises(Failure) as caught:
        verify_host(HostConfig(others=members), profile)
    assert str(caught.value.for_daemon(profile.newest)) == text


@pytest.mark.parametrize(
    "option",
    [
        *("no-new-privileges", "no-new-privileges:true", "no-new-privileges=0", "disable", "label=disable"),
        *("label:disable", "seccomp=unconfined", "seccomp={", "apparmor=unconfined"),
    ],
)
def test_security_options_that_there_are_pass(option: str) -> None:
    verify_host(others(SecurityOpt=(option,)), DOCKER_26)


@pytest.mark.parametrize(
    ("host", "text"),
    [
        (others(IpcMode="nosuch"), "invalid IPC mode: nosuch"),
        (HostConfig(pid_mode="private"), "invalid PID mode: private"),
        (HostConfig(pid_mode="container:"), "invalid PID mode: container:"),
        (others(UTSMode="private"), "invalid UTS mode: private"),
    ],
)
def test_only_newer_daemons_look_at_the_names_of_namespaces(host: HostConfig, text: str) -> None:
    verify_host(host, DOCKER_20_10)
    assert refusal(host, DOCKER_26) == text


@pytest.mark.parametrize(
    "host",
    [
        *(others(IpcMode=mode) for mode in ("", "private", "host", "shareable", "none", "container:", "container:x")),
        *(HostConfig(pid_mode=mode) for mode in ("", "host", "container:x")),
        *(others(UTSMode=mode) for mode in ("", "host")),
    ],
)
def test_namespaces_that_there_are_pass(host: HostConfig) -> None:
    verify_host(host, DOCKER_26)


def test_whatever_clients_send_that_want_nothing_is_fine() -> None:
    nothing: dict[str, Any] = {
        **dict.fromkeys(("CapAdd", "CapDrop", "SecurityOpt", "MemorySwappiness", "PidsLimit"), None),
        **dict.fromkeys(("Isolation", "Runtime", "IpcMode", "UTSMode", "CgroupnsMode", "CpusetCpus", "CpusetMems"), ""),
        **dict.fromkeys(("ShmSize", "OomScoreAdj", "CpuPeriod", "CpuQuota", "MemoryReservation", "KernelMemory"), 0),
    }
    verify_host(HostConfig(others=nothing), DOCKER_26)
