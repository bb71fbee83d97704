"""The builder beside a real daemon: the same Dockerfiles, the same lines, images, histories, files and errors.

The recordings come from dockerd 20.10 with its classic builder; `record.py` makes them anew. With
FAKEDOCKER_REAL_DOCKER=unix:///… the daemon there is asked, too. What may differ is named at the case.
"""

from __future__ import annotations

import os
from typing import Any

import pytest
from conformance.build.case import Case, cases, recording
from conformance.build.fake import FakeDaemon
from conformance.build.real import RealDaemon

CASES = list(cases())
REAL = os.environ.get("FAKEDOCKER_REAL_DOCKER", "")
INSTALL = (
    "no real daemon: apt-get install docker.io busybox-static, import a busybox image, FAKEDOCKER_REAL_DOCKER=unix://…"
)


def compared(answer: list[dict[str, Any]], case: Case) -> list[dict[str, Any]]:
    """Return what of an answer counts: a refusal's status is the dialect's, what is loose is said at the case."""
    return [{part: value for part, value in one.items() if part not in ("status", *case.loose)} for one in answer]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_builder_does_as_the_real_daemon_did(case: Case) -> None:
    recorded = recording(case)
    assert recorded is not None, "nobody has asked a real daemon yet: see record.py"
    assert compared(FakeDaemon().answer(case), case) == compared(recorded, case)


@pytest.mark.skipif(not REAL, reason=INSTALL)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_real_daemon_still_does_as_recorded(case: Case) -> None:
    assert compared(RealDaemon(REAL).answer(case), case) == compared(recording(case), case)


def test_who_is_to_blame_is_told_by_the_kind_of_the_error() -> None:
    statuses = {
        case.name: answer[-1]["status"] for case in CASES if "status" in (answer := recording(case) or [{}])[-1]
    }
    assert set(statuses.values()) == {400, 500}
    kinds = {case.name: FakeDaemon().answer(case)[-1]["status"] for case in CASES if case.name in statuses}
    assert kinds == statuses
