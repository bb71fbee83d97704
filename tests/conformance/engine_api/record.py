"""Makes the recordings anew: asks the real daemon that FAKEDOCKER_REAL_DOCKER names (unix:///…).

From the root of the project: `FAKEDOCKER_REAL_DOCKER=unix:///var/run/docker.sock PYTHONPATH=tests python -m
conformance.engine_api.record [--new | name of a file or a scenario …]`. Without arguments everything is asked, with
`--new` what nobody has asked yet. The daemon should be one that nobody else uses, of a version in `scenario.DAEMONS`,
and needs an image `busybox`. What the scenarios make is removed again.
"""

from __future__ import annotations

import os
import sys

import yaml
from conformance.engine_api.conversation import Conversation
from conformance.engine_api.scenario import DAEMONS, Daemon, Scenario, recordings_path, scenarios
from wire_client import WireClient

#: How many pools a daemon has for networks that do not say which, and the last (moby ipamutils).
POOLS, LAST_POOL = 31, "192.168.240.0/20"


def main(*wanted: str) -> None:
    """Ask what is wanted, and keep the other recordings."""
    address = os.environ["FAKEDOCKER_REAL_DOCKER"]
    daemon = known(address) or sys.exit("none of our recordings are of such a daemon")
    for scenario in scenarios():
        new = wanted == ("--new",) and scenario.recording(daemon) is None
        if daemon in scenario.daemons and (not wanted or new or {scenario.group, scenario.name} & {*wanted}):
            if scenario.takes_pools:
                rewind(address)
            keep(scenario, daemon, Conversation(address, daemon, scenario).answers())
    forget_others(daemon)


def known(address: str) -> Daemon | None:
    """Return which daemon is at an address, None if it is none of those that are recorded."""
    with WireClient(address) as client:
        version = client.get("/version").json["Version"]
    return next((daemon for daemon in DAEMONS if version.startswith(f"{daemon.name}.")), None)


def rewind(address: str) -> None:
    """Make and remove networks until the daemon will take the first of its pools next, as a fresh one does."""
    with WireClient(address) as client:
        for _ in range(2 * POOLS):
            made = client.post("/networks/create", json={"Name": "rewinding"}).json["Id"]
            subnet = client.get(f"/networks/{made}").json["IPAM"]["Config"][0]["Subnet"]
            client.delete(f"/networks/{made}")
            if subnet == LAST_POOL:
                break


def keep(scenario: Scenario, daemon: Daemon, answers: list[dict[str, object]]) -> None:
    """Write down the answers to one scenario."""
    path = recordings_path(scenario.group, daemon)
    found = (yaml.safe_load(path.read_text()) if path.exists() else None) or {}
    _write(scenario.group, daemon, {**found, scenario.name: answers})


def forget_others(daemon: Daemon) -> None:
    """Drop recordings of scenarios that are no more, and put the others into the order of the scenarios."""
    names: dict[str, list[str]] = {}
    for scenario in scenarios():
        names.setdefault(scenario.group, []).append(scenario.name)
    for group, ordered in names.items():
        path = recordings_path(group, daemon)
        if path.exists():
            found = yaml.safe_load(path.read_text()) or {}
            _write(group, daemon, {name: found[name] for name in ordered if name in found})


def _write(group: str, daemon: Daemon, recordings: dict[str, list[dict[str, object]]]) -> None:
    text = yaml.safe_dump(recordings, sort_keys=False, allow_unicode=True, width=120)
    recordings_path(group, daemon).write_text(text)


if __name__ == "__main__":
    main(*sys.argv[1:])
