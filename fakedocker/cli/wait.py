"""`fakedocker wait`: wait until a daemon answers."""

from __future__ import annotations

import argparse
import time

from fakedocker import RemoteError, connect

from .serve import DEFAULT_HOST
from .terminal import complain, say

HELP = "wait until a fake daemon answers"
#: Seconds between two questions.
PAUSE = 0.05


def add(wait: argparse.ArgumentParser) -> None:
    """Say what the subcommand understands."""
    add = wait.add_argument
    add("url", metavar="URL", nargs="?", default=DEFAULT_HOST, help=f"the daemon (default {DEFAULT_HOST})")
    add("--timeout", metavar="SECONDS", type=float, default=30.0, help="for how long (default: 30)")


def run(options: argparse.Namespace) -> int:
    """Wait; 0: it answers, 1: not in time."""
    deadline = time.monotonic() + options.timeout
    while True:
        try:
            connect(options.url)
        except ValueError as error:
            return complain(str(error))
        except RemoteError as error:
            if error.status or time.monotonic() >= deadline:  # who answers otherwise will not do better
                say(str(error))
                return 1
            time.sleep(PAUSE)
        else:
            return 0
