"""What a container is to get of its host: policies, log drivers, defaults by name."""

from __future__ import annotations

import pytest

from fakedocker.engine.containers.hostconfig import HostConfig, LogConfig, RestartPolicy


@pytest.mark.parametrize(
    ("policy", "code", "restarts", "expected"),
    [
        (RestartPolicy(), 1, 0, False),
        (RestartPolicy("no"), 1, 0, False),
        (RestartPolicy("always"), 0, 1000, True),
        (RestartPolicy("unless-stopped"), 0, 1000, True),
        (RestartPolicy("on-failure"), 0, 0, False),
        (RestartPolicy("on-failure"), 1, 1000, True),
        (RestartPolicy("on-failure", 3), 137, 2, True),
        (RestartPolicy("on-failure", 3), 137, 3, False),
    ],
)
def test_a_policy_knows_whether_to_start_again(policy: RestartPolicy, code: int, restarts: int, expected: bool) -> None:
    assert policy.again(code, restarts, stopped=False) is expected
    assert policy.again(code, restarts, stopped=True) is False


@pytest.mark.parametrize(
    ("driver", "readable"),
    [("", True), ("json-file", True), ("local", True), ("journald", True), ("none", False), ("syslog", False)],
)
def test_not_every_log_can_be_read_again(driver: str, readable: bool) -> None:
    assert LogConfig(driver).readable is readable


def test_what_was_left_open_gets_the_names_of_the_defaults() -> None:
    named = HostConfig(memory=7).with_names()
    assert (named.network_mode, named.restart_policy, named.memory) == ("bridge", RestartPolicy("no"), 7)


def test_what_was_chosen_keeps_its_name() -> None:
    chosen = HostConfig(network_mode="host", restart_policy=RestartPolicy("on-failure", 2))
    assert chosen.with_names() == chosen
