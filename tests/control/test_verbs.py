"""The verbs: what they take, and what they refuse."""

from __future__ import annotations

from typing import Any

import pytest

from fakedocker import FakeDocker
from fakedocker.control import VERBS, CannotDo


@pytest.mark.parametrize(
    ("verb", "given", "told"),
    [
        ("advance", {}, "seconds is missing"),
        ("advance", {"seconds": "soon"}, "seconds must be a number, not 'soon'"),
        ("advance", {"seconds": True}, "seconds must be a number"),
        ("advance", {"seconds": float("nan")}, "seconds must be a number"),
        ("advance", {"seconds": -1}, "time does not go back"),
        ("advance", {"seconds": float("inf")}, "seconds must be a number"),
        ("advance", {"seconds": 1e12}, "seconds at most"),
        ("restart", {"down": 1e300}, "down must be from 0"),
        ("journal", {"operation": "ContainerStrat"}, "ContainerStart"),
        ("restore", {"name": "never"}, "there is no snapshot 'never'"),
        ("inject", {"type": "container", "action": "oom", "actor": "x", "attributes": {"n": 1}}, "must be texts"),
        ("inject", {"type": "container", "action": "oom", "actor": "x" * 70_000}, "too long"),
        ("advance", {"seconds": 1, "hours": 2}, "advance takes seconds, not 'hours'"),
        ("thaw", {}, "a manual clock does not run"),
        ("health", {"x": 1}, "health takes nothing, not 'x'"),
        ("add_fault", {"fault": []}, "fault must be a object"),
        ("add_fault", {"fault": {"kind": "latency", "seconds": 1, "on": "ContainerStrat"}}, "ContainerStart"),
        ("remove_fault", {"id": 7}, "no fault 7 is in force"),
        ("logs", {"container": "nobody"}, "nobody"),
        ("load", {"fixture": "/etc/passwd"}, "there is no fixture of this name"),
        ("load", {"fixture": "images: 3\n"}, "images"),
        ("restart", {"state": "odd"}, "state must be kept or lost"),
        ("restart", {"live_restore": "maybe"}, "live_restore must be a truth"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(verb: str, given: dict[str, Any], told: str) -> None:
    with pytest.raises(CannotDo, match=told):
        VERBS[verb](FakeDocker(clock="manual"), given)


def test_no_two_verbs_share_a_path() -> None:
    assert len({(verb.method, verb.path) for verb in VERBS.values()}) == len(VERBS)


def test_numbers_of_a_query_are_text() -> None:
    assert VERBS["advance"](FakeDocker(clock="manual"), {"seconds": "2.5"})["speed"] == 0


def test_snapshots_without_a_name_are_numbered_and_not_without_bound() -> None:
    daemon = FakeDocker(clock="manual")
    taken = [VERBS["snapshot"](daemon, {})["name"] for _ in range(64)]
    assert taken == [str(number) for number in range(1, 65)]
    with pytest.raises(CannotDo, match="as many as are kept"):
        VERBS["snapshot"](daemon, {})
    VERBS["snapshot"](daemon, {"name": "7"})
