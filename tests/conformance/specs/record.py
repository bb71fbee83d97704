"""Asks a real daemon what it does otherwise than the documents say, and keeps it as an excuse for the fake.

From the root of the project: `FAKEDOCKER_OPENAPI=… FAKEDOCKER_REAL_DOCKER=unix:///… PYTHONPATH=tests python -m
conformance.specs.record`. The daemon should be one that nobody else uses; containers, networks and volumes in it are
removed.
"""

from __future__ import annotations

import os
import sys

import yaml
from conformance.specs.allowed import DAEMONS, RECORDINGS, in_words
from conformance.specs.conversation import Session, converse
from conformance.specs.spec import WHERE_FROM, spec
from wire_client import WireClient


def main() -> None:
    """Ask in every version of which there is a document."""
    address = os.environ["FAKEDOCKER_REAL_DOCKER"]
    with WireClient(address) as client:
        told = client.get("/version").json["Version"]
    daemon = next((name for name in DAEMONS if told.startswith(f"{name}.")), None) or sys.exit(f"not recorded: {told}")
    found: dict[str, set[int]] = {}
    for minor in range(25, DAEMONS[daemon][1] + 1):
        if spec(f"1.{minor}") is None:
            sys.exit(WHERE_FROM)
        session = Session(address, f"1.{minor}")
        converse(session)
        for problem in session.found:
            found.setdefault(problem.partition(" ")[2], set()).add(minor)
    text = yaml.safe_dump({what: in_words(minors) for what, minors in sorted(found.items())}, width=120)
    (RECORDINGS / f"{daemon}.yaml").write_text(text)


if __name__ == "__main__":
    main()
