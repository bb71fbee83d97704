"""`fakedocker replay`: stand in for a daemon with a recorded session, and record what is missing if the mode says so.

Exit codes: 0; 1 when a request got no answer, something could not be recorded, or (with --strict) something recorded
was not asked for; 2 when it could not begin.
"""

from __future__ import annotations

import argparse
import contextlib
import os
from pathlib import Path

from fakedocker import __version__
from fakedocker.cassettes.player import Mode
from fakedocker.cassettes.store import CassetteError
from fakedocker.proxy.upstream import STANDARD, UnreachableError, parse_upstream
from fakedocker.replay import CassetteDaemon

from . import certificates
from .listening import private_address, private_socket
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
        help=f"where to listen: tcp://HOST:PORT, unix:///path (repeatable; default {DEFAULT_HOST}, or, where a real "
        "daemon may be asked, a socket in a fresh private folder)",
    )
    add(
        "--mode",
        choices=list(Mode),
        default=Mode.NONE.value,
        help="what is recorded: none, nothing; once, all if there is no cassette; new_episodes, what is not in it; "
        "all, everything anew (default: none)",
    )
    add(
        "--upstream",
        metavar="HOST",
        help=f"the real daemon to record: unix:///path, tcp://HOST:PORT, ssh://USER@HOST (default: $DOCKER_HOST, or "
        f"{STANDARD})",
    )
    certificates.add(replay)
    add("--allow-remote", action="store_true", help="record where other machines can reach it, too")
    add("--redact", metavar="NAME|/REGEX/", action="append", default=[], help="the rules that the recording has")
    add("--speed", metavar="N", type=float, default=1.0, help="how fast: 1 as recorded, 2 twice as fast, 0 at once")
    add("--strict", action="store_true", help="fail if something recorded was not asked for")
    add("--ready-file", metavar="FILE", type=Path, help="write $DOCKER_HOST into this file once it listens")


def run(options: argparse.Namespace) -> int:
    """Replay until SIGTERM or SIGINT."""
    told = told_to_end()
    with contextlib.ExitStack() as stack:
        try:
            daemon = _daemon(options, stack).start()
        except (CassetteError, UnreachableError, ValueError) as error:
            return complain(str(error))
        except OSError as error:
            return complain(f"{error.filename}: {reason(error)}" if error.filename else reason(error))
        try:
            with ready_file(options.ready_file, daemon.url):
                print(f"fakedocker {__version__} is ready: DOCKER_HOST={daemon.url}", flush=True)
                told.wait()
        except OSError as error:
            daemon.close(complete=False)
            return complain(reason(error))
        try:
            daemon.close()
        except OSError as error:
            say(f"cannot write {options.cassette}: {reason(error)}; what was recorded is in {daemon.unfinished}")
            return DIFFERENT
    return _sum_up(daemon, options)


def _daemon(options: argparse.Namespace, stack: contextlib.ExitStack) -> CassetteDaemon:
    if options.speed < 0:
        raise ValueError("--speed must not be negative")
    hosts, upstream = options.host or [DEFAULT_HOST], None
    if options.mode != Mode.NONE:
        upstream = parse_upstream(
            options.upstream or os.environ.get("DOCKER_HOST") or STANDARD, certificates.tls_files(options)
        )
        hosts = [private_address(host, options.allow_remote) for host in options.host or [private_socket(stack)]]
    elif options.upstream:
        raise ValueError("--upstream is for a mode that records: --mode once, new_episodes or all")
    return CassetteDaemon(
        cassette=options.cassette,
        mode=options.mode,
        upstream=upstream,
        hosts=hosts,
        speed=options.speed or None,
        redact=options.redact,
    )


def _sum_up(daemon: CassetteDaemon, options: argparse.Namespace) -> int:
    if daemon.recorded:
        where = daemon.unfinished or options.cassette
        say(f"recorded: {daemon.recorded} exchange{'s' if daemon.recorded > 1 else ''} in {where}")
    for exchange in daemon.unused:
        say(f"not asked for: exchange {exchange.id}, {exchange.request.method} {exchange.request.path}")
    missed = daemon.missed
    if missed:
        what = "not recorded" if options.mode == Mode.NONE else "not answered"
        say(f"{what}: {len(missed)} request{'s' if len(missed) > 1 else ''}; the first:\n{missed[0]}")
    return DIFFERENT if missed or (options.strict and daemon.unused) else 0
