"""The environment in which clients find a daemon."""

from __future__ import annotations

from fakedocker.environment import ASTRAY, pointed_at


def test_nothing_leads_clients_elsewhere() -> None:
    before = {"HOME": "/home/me", "DOCKER_HOST": "tcp://far:1", **dict.fromkeys(ASTRAY, "x")}
    told = pointed_at("unix:///s", before)
    assert told["DOCKER_HOST"] == "unix:///s"
    assert told["HOME"] == "/home/me"
    assert not set(told) & set(ASTRAY)
