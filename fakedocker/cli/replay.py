"""`fakedocker replay`: stand in for a daemon with a recorded session.

Exit codes: 0; 1 when a request was not recorded, or (with --strict) something recorded was not asked for; 2 when it
could not begin.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from fakedocker import __version__
from fakedocker.cassettes.store import CassetteError
from fakedocker.replay import CassetteDaemon

from .terminal import complain, ready_file, reason, say, told_to_end

HELP = "stand in for a daemon with a recorded session"
DEFAULT_HOST = "tcp://127.0.0.1:4243"
DIFFERENT = 1


def add(replay: argparse.ArgumentParser) -> None:
    """Say what the subcommand understands."""
    add = replay.add_argument
    add("cassette", metavar="FILE", type=Path, help="the recorded session")
    add(
        "-H",
        "--host",
        metavar="HOST",
        action="append",
        help=f"where to listen: tcp://HOST:PORT, unix:///path (repeatable; default {DEFAULT_HOST})",
    )
    add("--speed", metavar="N", type=float, default=1.0, help="how fast: 1 as recorded, 2 twice as fast, 0 at once")
    add("--strict", action="store_true", help="fail if something recorded was not asked for")
    add("--ready-file", metavar="FILE", type=Path, help="write $DOCKER_HOST into this file once it listens")


def run(options: argparse.Namespace) -> int:
    """Replay until SIGTERM or SIGINT."""
    told = told_to_end()
    try:
        if options.speed < 0:
            raise ValueError("--speed must not be negative")
        daemon = CassetteDaemon(options.cassette, hosts=options.host or [DEFAULT_HOST], speed=options.speed or None)
        daemon.start()
    except (CassetteError, ValueError) as error:
        return complain(str(error))
    except OSError as error:
        return complain(reason(error))
    try:
        with ready_file(options.ready_file, daemon.url):
            print(f"fakedocker {__version__} is ready: DOCKER_HOST={daemon.url}", flush=True)
            told.wait()
    except OSError as error:
        return complain(reason(error))
    finally:
        daemon.close()
    for exchange in daemon.unused:
        say(f"not asked for: exchange {exchange.id}, {exchange.request.method} {exchange.request.path}")
    missed = daemon.missed
    if missed:
        say(f"not recorded: {len(missed)} request{'s' if len(missed) > 1 else ''}; the first:\n{missed[0]}")
    return DIFFERENT if missed or (options.strict and daemon.unused) else 0
