"""Makes the recordings anew: works with a project at the real daemon that FAKEDOCKER_REAL_DOCKER names (unix:///…).

From the root of the project: `FAKEDOCKER_REAL_DOCKER=unix:///… PYTHONPATH=tests python -m clients.compose.record NAME`.
The table `compose-1` is recorded from a daemon of 20.10, `compose-2` from one of 26. Nobody else may use it, and it
needs an image `busybox`. `docker compose` is looked for in $FAKEDOCKER_CLI_PLUGINS, too.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from clients.cli.table import read, write
from clients.compose.desk import outcomes


def main(name: str) -> None:
    """Record one table."""
    path = Path(__file__).with_name(f"{name}.yaml")
    with tempfile.TemporaryDirectory(prefix="fd-") as folder:
        write(path, list(outcomes(read(path), os.environ["FAKEDOCKER_REAL_DOCKER"], Path(folder))))


if __name__ == "__main__":
    main(*sys.argv[1:])
