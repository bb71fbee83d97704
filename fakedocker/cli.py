"""The command `fakedocker`."""

from __future__ import annotations

import argparse
import ipaddress
import logging
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from fakedocker import FakeDocker, FixtureError, __version__
from fakedocker.api.antique.contract import TERMS
from fakedocker.engine.profiles import PROFILES
from fakedocker.server import parse_address

DEFAULT_HOST = "tcp://127.0.0.1:4243"
LEVELS = ("debug", "info", "warning", "error")
#: How a command ends that cannot do what it was told, as Docker's own ends on wrong usage.
CANNOT = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    options = parser().parse_args(arguments)
    logging.basicConfig(
        level="DEBUG" if options.debug else options.log_level.upper(),
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        stream=sys.stderr,
    )
    return serve(options)


def parser() -> argparse.ArgumentParser:
    """Return what the command understands."""
    command = argparse.ArgumentParser(prog="fakedocker", description="A Docker daemon that runs no containers.")
    command.add_argument("--version", action="version", version=f"fakedocker {__version__}")
    commands = command.add_subparsers(metavar="COMMAND", required=True)
    _add_serve(commands.add_parser("serve", help="run a fake daemon until it is told to end"))
    return command


def _add_serve(serve: argparse.ArgumentParser) -> None:
    add = serve.add_argument
    add(
        "-H",
        "--host",
        metavar="HOST",
        action="append",
        help=f"where to listen: tcp://HOST:PORT, HOST:PORT, unix:///path (repeatable; default {DEFAULT_HOST})",
    )
    add("--fixture", metavar="FILE|NAME", default="default", help="the world to start from (default: default)")
    add("--contract", choices=sorted(TERMS), default="documented", help="which answers API 1.1 gives")
    add("--profile", choices=sorted(PROFILES), default="0.4", help="which real daemon to play (default: 0.4)")
    add("--api-version", metavar="X.Y", default="1.1", help="what unprefixed paths speak (default: 1.1)")
    add("--api-enable-cors", "-api-enable-cors", action="store_true", help="allow requests from web pages")
    add("-D", "--debug", action="store_true", help="say so in /info, and log everything")
    add("--seed", metavar="N", type=int, help="make ids the same every time")
    add("--log-level", choices=LEVELS, default="warning", help="what to log (default: warning)")
    add("--ready-file", metavar="FILE", type=Path, help="write $DOCKER_HOST into this file once it listens")


def serve(options: argparse.Namespace) -> int:
    """Run a daemon until SIGTERM or SIGINT."""
    told = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: told.set())
    hosts = options.host or [DEFAULT_HOST]
    try:
        daemon = FakeDocker(
            options.fixture,
            hosts=hosts,
            contract=options.contract,
            profile=options.profile,
            api_version=_served_version(options.api_version, options.profile),
            cors=options.api_enable_cors,
            debug=options.debug,
            seed=options.seed,
        )
        daemon.start()
    except (FixtureError, ValueError) as error:
        return _complain(str(error))
    except OSError as error:
        return _complain(error.strerror or str(error))  # which names the address
    try:
        _warn_of_open_doors(daemon.hosts)
        if options.ready_file:
            options.ready_file.write_text(f"{daemon.url}\n")
        print(f"fakedocker {__version__} is ready: DOCKER_HOST={daemon.url}", flush=True)
        told.wait()
    except OSError as error:
        return _complain(f"cannot write {options.ready_file}: {error.strerror or error}")
    finally:
        daemon.close()
        if options.ready_file:
            options.ready_file.unlink(missing_ok=True)
    return 0


def _served_version(text: str, profile: str) -> str:
    served = PROFILES[profile].api_versions
    if text not in served:
        raise ValueError(f"the profile {profile} serves the API {' and '.join(served)}, not {text}")
    return text


def _warn_of_open_doors(hosts: Sequence[str]) -> None:
    """Say so when others than this machine can reach the daemon: it asks nobody for a password."""
    for host in hosts:
        address = parse_address(host)
        if address.kind == "tcp" and not _is_loopback(address.host):
            print(f"fakedocker: warning: {host} can be reached from other machines", file=sys.stderr)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return host == "localhost"


def _complain(text: str) -> int:
    print(f"fakedocker: {text}", file=sys.stderr)
    return CANNOT
