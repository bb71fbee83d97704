"""`fakedocker serve`: run a fake daemon until it is told to end."""

from __future__ import annotations

import argparse
import logging
import secrets
import sys
from collections.abc import Sequence
from pathlib import Path

from fakedocker import FakeDocker, FixtureError, __version__
from fakedocker.api.antique.contract import TERMS
from fakedocker.engine.profiles import PROFILES
from fakedocker.server import parse_address

from .terminal import complain, is_private, ready_file, reason, say, told_to_end

HELP = "run a fake daemon until it is told to end"
DEFAULT_HOST = "tcp://127.0.0.1:4243"
LEVELS = ("debug", "info", "warning", "error")


def add(serve: argparse.ArgumentParser) -> None:
    """Say what the subcommand understands."""
    add = serve.add_argument
    add(
        "-H",
        "--host",
        metavar="HOST",
        action="append",
        help=f"where to listen: tcp://HOST:PORT, HOST:PORT, unix:///path (repeatable; default {DEFAULT_HOST})",
    )
    add_daemon(serve)
    add("--log-level", choices=LEVELS, default="warning", help="what to log (default: warning)")
    add("--ready-file", metavar="FILE", type=Path, help="write $DOCKER_HOST into this file once it listens")


def add_daemon(command: argparse.ArgumentParser) -> None:
    """Say what a subcommand understands that makes a daemon: which one it is to be."""
    add = command.add_argument
    add("--fixture", metavar="FILE|NAME", default="default", help="the world to start from (default: default)")
    add("--contract", choices=sorted(TERMS), default="documented", help="which answers API 1.1 gives")
    add("--profile", choices=PROFILES, default="any", help="which real daemon to play (default: any)")
    add(
        "--api-version", metavar="X.Y", help="what unprefixed paths speak (default: 1.1; the newest if there is no 1.1)"
    )
    add("--api-enable-cors", "-api-enable-cors", action="store_true", help="allow requests from web pages")
    add("-D", "--debug", action="store_true", help="say so in /info, and log everything")
    add("--clock-speed", metavar="N", type=float, help="let N seconds pass in one (default: the fixture's, or 1)")
    add("--seed", metavar="N", type=int, help="make ids the same every time")
    add(
        "--registry",
        metavar="URL",
        action="append",
        default=[],
        help="a real registry, http://HOST:PORT: pull and push images whose names begin with HOST:PORT (repeatable)",
    )
    add(
        "--pull",
        choices=("fixture", "any"),
        default="fixture",
        help="what can be pulled: what the fixture offers (default), or any name, as a small image",
    )
    add(
        "--publish",
        action=argparse.BooleanOptionalAction,
        help="let ports that containers publish really listen, on loopback (default: what the fixture says, else no)",
    )
    add("--strict", action="store_true", help="take it for wrong when clients say what has no effect")
    add("--no-control", action="store_true", help="do without the control API at /_fakedocker/")
    add(
        "--control-token",
        metavar="TOKEN",
        default="",
        help="what clients of other machines need for it (default: a new one)",
    )


def daemon_of(options: argparse.Namespace, hosts: Sequence[str]) -> FakeDocker:
    """Return the daemon that `add_daemon`'s options describe. Raises FixtureError, ValueError."""
    return FakeDocker(
        options.fixture,
        hosts=hosts,
        contract=options.contract,
        profile=options.profile,
        api_version=options.api_version,
        cors=options.api_enable_cors,
        debug=options.debug,
        clock_speed=options.clock_speed,
        seed=options.seed,
        registries=options.registry,
        pull=options.pull,
        publish=options.publish,
        strict=options.strict,
        control=not options.no_control,
        control_token=options.control_token or _token_for(hosts, options),
    )


def run(options: argparse.Namespace) -> int:
    """Run a daemon until SIGTERM or SIGINT, or until somebody asks for its end."""
    logging.basicConfig(
        level="DEBUG" if options.debug else options.log_level.upper(),
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        stream=sys.stderr,
    )
    told = told_to_end()
    try:
        daemon = daemon_of(options, options.host or [DEFAULT_HOST])
        daemon.on_shutdown = told.set
        daemon.start()
    except (FixtureError, ValueError) as error:
        return complain(str(error))
    except OSError as error:
        return complain(reason(error))  # which names the address
    try:
        _warn_of_open_doors(daemon.hosts)
        with ready_file(options.ready_file, daemon.url):
            print(f"fakedocker {__version__} is ready: DOCKER_HOST={daemon.url}", flush=True)
            told.wait()
    except OSError as error:
        return complain(reason(error))
    finally:
        daemon.close()
    return 0


def _token_for(hosts: Sequence[str], options: argparse.Namespace) -> str:
    """Return a new token for the control API, and tell it, if others than this machine can reach the daemon."""
    if options.no_control or all(is_private(parse_address(host)) for host in hosts):
        return ""
    token = secrets.token_urlsafe(16)
    say(f"the token for the control API is {token}")
    return token


def _warn_of_open_doors(hosts: Sequence[str]) -> None:
    """Say so when others than this machine can reach the daemon: it asks nobody for a password."""
    for host in hosts:
        if not is_private(parse_address(host)):
            say(f"warning: {host} can be reached from other machines")
