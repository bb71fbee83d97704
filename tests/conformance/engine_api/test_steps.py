"""The Engine API beside real daemons: the same steps, the same statuses, bodies, order of members and errors.

The recordings come from real daemons; `record.py` makes them anew. With FAKEDOCKER_REAL_DOCKER=unix:///… the daemon
there is asked, too, so that the recordings stay true. What may differ is named at the step (`scenario.py`).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from conformance.engine_api.conversation import Conversation
from conformance.engine_api.invented import without_pooled
from conformance.engine_api.record import known
from conformance.engine_api.scenario import DAEMONS, Daemon, Scenario, scenarios

from fakedocker import FakeDocker

WORLD = Path(__file__).with_name("world.yaml")
REAL = os.environ.get("FAKEDOCKER_REAL_DOCKER", "")
INSTALL = (
    "no real daemon: apt-get install docker.io busybox-static, import a busybox image, FAKEDOCKER_REAL_DOCKER=unix://…"
)
SCENARIOS = list(scenarios())
CASES = [(scenario, daemon) for scenario in SCENARIOS for daemon in scenario.daemons]


def said(case: Any) -> str:
    return case.name if isinstance(case, Daemon) else f"{case.group}: {case.name}"


def compare(scenario: Scenario, answers: list[Any], recorded: list[Any]) -> None:
    """Compare answer by answer, the order of members included."""
    for step, answer, expected in zip(scenario.steps, answers, recorded, strict=True):
        where = f"{step.method} {step.path}"
        assert answer == expected, where
        assert _order(answer) == _order(expected), f"{where}: the order of members"


def _order(value: Any) -> Any:
    """Return a value with its mappings as lists of pairs, so that their order counts."""
    if isinstance(value, dict):
        return [(key, _order(item)) for key, item in value.items()]
    return [_order(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize(("scenario", "daemon"), CASES, ids=said)
def test_the_fake_answers_as_the_real_daemon_did(
    scenario: Scenario, daemon: Daemon, request: pytest.FixtureRequest
) -> None:
    if scenario.differs:
        request.node.add_marker(pytest.mark.xfail(reason=scenario.differs, strict=True))
    recorded = scenario.recording(daemon)
    assert recorded is not None, "nobody has asked the real daemon yet: see record.py"
    with FakeDocker(WORLD, profile=daemon.name) as fake:
        compare(scenario, Conversation(fake.url, daemon, scenario).answers(), recorded)


@pytest.mark.skipif(not REAL, reason=INSTALL)
@pytest.mark.parametrize("scenario", SCENARIOS, ids=said)
def test_the_real_daemon_still_answers_as_recorded(scenario: Scenario) -> None:
    daemon = known(REAL)
    if daemon is None or daemon not in scenario.daemons:
        pytest.skip(f"this scenario is recorded from {', '.join(one.name for one in scenario.daemons)}")
    if scenario.alone:
        pytest.skip("others may use the daemon at the same time, and this scenario would show it")
    answers = Conversation(REAL, daemon, scenario).answers()
    compare(scenario, without_pooled(answers), without_pooled(scenario.recording(daemon)))


def test_every_daemon_has_recordings() -> None:
    assert {daemon for _, daemon in CASES} == set(DAEMONS)
