"""What is compared of configurations and histories: all that they say but ids and times."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conformance.build.case import without_hashes


def said(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a configuration says: members that say nothing, and ids, are left out."""
    members = {name: value for name, value in config.items() if value and name not in ("Image", "Hostname")}
    if "Cmd" in members:
        members["Cmd"] = [without_hashes(word) for word in members["Cmd"]]
    return dict(sorted(members.items()))


def entry(history: Mapping[str, Any]) -> dict[str, Any]:
    """Return an entry of a history without its time."""
    members = {name: value for name, value in history.items() if name != "created"}
    return {**members, "created_by": without_hashes(members.get("created_by", ""))}
