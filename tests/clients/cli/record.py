"""Makes the recordings anew: does the day's work with the real daemon that FAKEDOCKER_REAL_DOCKER names (unix:///…).

With FAKEDOCKER_REAL_DOCKER, from the root of the project: `PYTHONPATH=tests python -m clients.cli.record [table …]`.
The daemon has to be one of 20.10 that nobody else uses, with an image `busybox`; `.ci/dockerd` starts one, and the
registry beside it that `registry` needs.
"""

from __future__ import annotations

import os
import sys

from clients.cli.desk import STALLED, outcomes
from clients.cli.table import DAY, read, write
from recorded_sessions import console

#: Of the docker command that is recorded.
VERSION = "28"


def main(*wanted: str) -> None:
    """Record what is wanted, or all."""
    address = os.environ["FAKEDOCKER_REAL_DOCKER"]
    docker = console.docker_command(VERSION) or sys.exit(f"there is no docker command of version {VERSION}")
    for path in sorted(DAY.glob("*.yaml")):
        if not wanted or path.stem in wanted:
            came = list(outcomes(read(path), address, docker))
            stalled = [outcome.stderr for outcome in came if outcome is not None and outcome.stderr.startswith(STALLED)]
            if stalled:
                sys.exit(f"{path.stem}: {stalled}")
            write(path, came)


if __name__ == "__main__":
    main(*sys.argv[1:])
