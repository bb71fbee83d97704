"""Bodies about containers, as the engine wants them."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from dataclasses import fields, replace
from typing import Any

from fakedocker.api.effects import wishes
from fakedocker.api.modern.shapes import WITHOUT_EFFECT
from fakedocker.engine.containers.config import Config, Healthcheck
from fakedocker.engine.containers.hostconfig import HostConfig, LogConfig, Mount, PortBinding, RestartPolicy
from fakedocker.engine.networks.endpoints import AddressConfig, EndpointSettings

log = logging.getLogger("fakedocker.api")

NANOSECONDS = 1_000_000_000
#: Limits -> up to which value they mean that there is none, which is then what is kept.
UNLIMITED = {"MemorySwappiness": -1, "PidsLimit": 0}
_CONFIG_FIELDS = {field.name for field in fields(Config)}
_HOST_FIELDS = {field.name for field in fields(HostConfig)} - {"others"}
_told: set[str] = set()
#: Members of HostConfig that today are not looked at.
IGNORED = frozenset({"KernelMemory"})


def config(members: Mapping[str, Any]) -> Config:
    """Return the configuration that a body's members are."""
    given = {name: value for name, value in members.items() if name in _CONFIG_FIELDS}
    if "healthcheck" in given:
        given["healthcheck"] = healthcheck(given["healthcheck"])
    return Config(**given)


def healthcheck(members: Mapping[str, Any]) -> Healthcheck:
    """Return a health check; times are nanoseconds in the body."""

    def seconds(name: str) -> float:
        return float(members.get(name, 0)) / NANOSECONDS

    return Healthcheck(
        members.get("Test", ()),
        seconds("Interval"),
        seconds("Timeout"),
        seconds("StartPeriod"),
        members.get("Retries", 0),
        seconds("StartInterval"),
    )


def host_config(
    members: Mapping[str, Any], base: HostConfig | None = None, *, ignored: Collection[str] = ()
) -> HostConfig:
    """Return the host's half of a configuration, on top of one that there is already; `ignored`: its members that
    nobody looks at.
    """
    members = {name: value for name, value in members.items() if name not in ignored}
    _tell_of_what_has_no_effect(members)
    base = base or HostConfig()
    typed = {name: value for name, value in members.items() if name in _HOST_FIELDS}
    others = {name: value for name, value in members.items() if name not in _HOST_FIELDS}
    if "restart_policy" in typed:
        typed["restart_policy"] = RestartPolicy(**typed["restart_policy"])
    if "log_config" in typed:
        typed["log_config"] = LogConfig(**typed["log_config"])
    if "port_bindings" in typed:
        typed["port_bindings"] = {
            port: tuple(PortBinding(**(one or {})) for one in bindings or ())
            for port, bindings in typed["port_bindings"].items()
        }
    if "mounts" in typed:
        typed["mounts"] = tuple(_mount(one or {}) for one in typed["mounts"])
    for name, unlimited in UNLIMITED.items():
        if name in others and others[name] is not None and others[name] <= unlimited:
            others[name] = None
    if not typed.get("network_mode", "default"):
        del typed["network_mode"]
    return replace(base, **typed, others={**base.others, **others})


def _mount(members: Mapping[str, Any]) -> Mount:
    plain = {name: value for name, value in members.items() if name[0].islower()}
    options = {name: value for name, value in members.items() if not name[0].islower()}
    return Mount(**{"type": "", "target": "", **plain}, options=options)


def _tell_of_what_has_no_effect(members: Mapping[str, Any]) -> None:
    """Log, once for each, what a client asks for that nothing follows from here."""
    for name, value in members.items():
        if name in WITHOUT_EFFECT and name not in _told and wishes(value):
            _told.add(name)
            log.warning("HostConfig.%s is kept and shown, but has no effect", name)


def endpoints(members: Mapping[str, Any]) -> dict[str, EndpointSettings]:
    """Return what a body wishes for a container's places in networks, by their names."""
    return {name: endpoint(one) for name, one in (members.get("EndpointsConfig") or {}).items()}


def endpoint(members: Mapping[str, Any] | None) -> EndpointSettings:
    """Return what a body wishes for a container's place in a network."""
    given = members or {}
    wished = given.get("IPAMConfig")
    addresses = None
    if wished is not None:
        addresses = AddressConfig(
            wished.get("IPv4Address", ""), wished.get("IPv6Address", ""), tuple(wished.get("LinkLocalIPs", ()))
        )
    return EndpointSettings(
        addresses,
        links=given.get("Links"),
        aliases=given.get("Aliases"),
        driver_opts=given.get("DriverOpts"),
        mac_address=given.get("MacAddress", ""),
    )
