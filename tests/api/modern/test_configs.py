"""Bodies about containers, as the engine wants them."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from fakedocker.api.modern import configs


@pytest.fixture(autouse=True)
def nothing_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever has no effect is told of once in the life of a process."""
    monkeypatch.setattr(configs, "_told", set())


@pytest.mark.parametrize(
    "members",
    [
        # What docker-compose 1.29 and docker compose 2 send of what they were not asked for.
        {"LogConfig": {"Type": "", "Config": {}}, "ConsoleSize": [0, 0], "CapAdd": None, "OomScoreAdj": 0},
        {"Devices": [], "BlkioWeightDevice": [], "UTSMode": ""},
    ],
)
def test_nothing_is_told_of_what_nobody_asked_for(members: dict[str, Any], caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        configs.host_config(members)
    assert caplog.messages == []


def test_what_has_no_effect_is_told_of_once(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            configs.host_config({"CapAdd": ["NET_ADMIN"], "Ulimits": [{"Name": "core"}]})
    assert caplog.messages == [
        "HostConfig.CapAdd is kept and shown, but has no effect",
        "HostConfig.Ulimits is kept and shown, but has no effect",
    ]


def test_times_of_a_health_check_are_nanoseconds_in_a_body() -> None:
    check = configs.healthcheck({"Test": ("CMD", "true"), "Interval": 1_500_000_000, "Timeout": 1, "Retries": 3})
    assert (check.interval, check.timeout, check.start_period, check.retries) == (1.5, 1e-9, 0, 3)


def test_what_has_no_effect_is_kept_with_what_was_there_before() -> None:
    base = configs.host_config({"OomScoreAdj": 5, "CpusetCpus": "0", "memory": 7})
    changed = configs.host_config({"CpusetCpus": "1", "cpu_shares": 2}, base)
    assert changed.others == {"OomScoreAdj": 5, "CpusetCpus": "1"}
    assert (changed.memory, changed.cpu_shares) == (7, 2)


def test_what_is_ignored_is_as_if_it_had_not_been_said() -> None:
    assert configs.host_config({"KernelMemory": 1}, ignored=configs.IGNORED).others == {}


def test_a_network_without_a_name_is_the_default_one() -> None:
    assert configs.host_config({"network_mode": ""}).network_mode == "default"


@pytest.mark.parametrize(("name", "value"), [("PidsLimit", 0), ("PidsLimit", -5), ("MemorySwappiness", -1)])
def test_a_limit_that_is_none_is_kept_as_none(name: str, value: int) -> None:
    assert configs.host_config({name: value}).others == {name: None}


def test_a_port_may_be_published_without_saying_where() -> None:
    host = configs.host_config({"port_bindings": {"80/tcp": None, "81/tcp": (None,), "82/tcp": ({"host_port": "8"},)}})
    assert host.port_bindings is not None
    ports = {port: [(one.host_ip, one.host_port) for one in found] for port, found in host.port_bindings.items()}
    assert ports == {"80/tcp": [], "81/tcp": [("", "")], "82/tcp": [("", "8")]}


def test_options_of_a_mount_are_told_apart_from_what_every_mount_has() -> None:
    mounts = ({"type": "tmpfs", "target": "/run", "TmpfsOptions": {"SizeBytes": 1}}, None)
    one, empty = configs.host_config({"mounts": mounts}).mounts or ()
    assert (one.type, one.target, one.options) == ("tmpfs", "/run", {"TmpfsOptions": {"SizeBytes": 1}})
    assert (empty.type, empty.target, empty.options) == ("", "", {})


def test_wishes_for_networks_may_say_nothing() -> None:
    members = {
        "EndpointsConfig": {"front": None, "back": {"Aliases": ("db",), "IPAMConfig": {"IPv4Address": "1.2.3.4"}}}
    }
    found = configs.endpoints(members)
    assert (found["front"].ipam, found["front"].aliases) == (None, None)
    back = found["back"].ipam
    assert back is not None
    assert (found["back"].aliases, back.ipv4_address, back.link_local_ips) == (("db",), "1.2.3.4", ())
    assert configs.endpoints({}) == {}
