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
            configs.host_config({"LogConfig": {"Type": "syslog", "Config": {}}, "CapAdd": ["NET_ADMIN"]})
    assert caplog.messages == [
        "HostConfig.LogConfig is kept and shown, but has no effect",
        "HostConfig.CapAdd is kept and shown, but has no effect",
    ]
