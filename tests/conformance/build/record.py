"""Makes the recordings anew: asks the real daemon that FAKEDOCKER_REAL_DOCKER names (unix:///…).

From the root of the project: `FAKEDOCKER_REAL_DOCKER=unix:///var/run/docker.sock PYTHONPATH=tests python -m
conformance.build.record [--new | name of a case …]`. Without arguments all cases are asked, with `--new` those that
nobody asked yet. The daemon needs an image `busybox` and the command `docker`; nothing of a case stays in it.
"""

from __future__ import annotations

import os
import sys
from typing import Any

import yaml
from conformance.build.case import RECORDINGS, Case, cases, recording
from conformance.build.real import RealDaemon


def main(*wanted: str) -> None:
    """Ask the cases that are wanted, and keep the other recordings."""
    daemon = RealDaemon(os.environ["FAKEDOCKER_REAL_DOCKER"])
    for case in cases():
        if not wanted or case.name in wanted or recording(case) is None:
            keep(case, daemon.answer(case))


def keep(case: Case, answer: list[dict[str, Any]]) -> None:
    """Write down the answer to one case, without what is loose: it says more of the place than of the daemon."""
    answer = [{part: value for part, value in one.items() if part not in case.loose} for one in answer]
    group, _, name = case.name.partition("-")
    path = RECORDINGS / f"{group}.yaml"
    answers = yaml.safe_load(path.read_text()) if path.exists() else {}
    text = yaml.safe_dump({**answers, name: answer}, sort_keys=False, allow_unicode=True, width=120)
    path.write_text(text)


if __name__ == "__main__":
    main(*sys.argv[1:])
