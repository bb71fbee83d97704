"""`fakedocker record`: record what clients and a real daemon say to each other.

Exit codes: 0 when all was recorded; 1 when the cassette could not be written to its end; 2 when it could not begin.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Literal

from fakedocker import __version__
from fakedocker.cassettes.model import Exchange, Header
from fakedocker.cassettes.redaction import Redactor
from fakedocker.cassettes.store import CassetteError, Writer
from fakedocker.proxy.listener import Listener
from fakedocker.proxy.recorder import Recorder, ask_who_is_there
from fakedocker.proxy.tape import Tape
from fakedocker.proxy.upstream import STANDARD, UnreachableError, Upstream, parse_upstream
from fakedocker.server import Address, parse_address

from . import certificates
from .listening import private_address, private_socket
from .terminal import complain, ready_file, reason, say, told_to_end

HELP = "record a session with a real daemon"
INCOMPLETE = 1
#: Seconds that a thread may compute while another one wants to: bytes are carried before they are looked at.
_TURN = 0.0005


def add(record: argparse.ArgumentParser) -> None:
    """Say what the subcommand understands."""
    add = record.add_argument
    add(
        "--upstream",
        metavar="HOST",
        default=STANDARD,
        help=f"the real daemon: unix:///path, tcp://HOST:PORT, ssh://USER@HOST (default {STANDARD})",
    )
    add("-c", "--cassette", metavar="FILE", type=Path, required=True, help="where to record; the file must be new")
    add("--overwrite", action="store_true", help="record over a cassette that is there")
    add("--append", action="store_true", help="go on behind what a cassette has")
    add(
        "-H",
        "--host",
        metavar="HOST",
        action="append",
        help="where to listen: unix:///path, tcp://HOST:PORT (repeatable; default: a socket in a fresh private folder)",
    )
    add("--allow-remote", action="store_true", help="listen where other machines can reach it, too")
    add(
        "--redact",
        metavar="NAME|/REGEX/",
        action="append",
        default=[],
        help="keep more out of the cassette: values with this name, or text that matches (repeatable)",
    )
    certificates.add(record)
    add("--ready-file", metavar="FILE", type=Path, help="write $DOCKER_HOST into this file once it listens")


def run(options: argparse.Namespace) -> int:
    """Record until SIGTERM or SIGINT."""
    told = told_to_end()
    with contextlib.ExitStack() as stack:
        try:
            redactor = Redactor(options.redact)
            upstream = parse_upstream(options.upstream, certificates.tls_files(options))
            hosts = options.host or [private_socket(stack)]
            addresses = [parse_address(private_address(host, options.allow_remote)) for host in hosts]
            facts = ask_who_is_there(upstream)
            # Before the cassette: when they cannot be had, there shall not be an empty one.
            listener = stack.enter_context(contextlib.closing(Listener(addresses)))
            writer = stack.enter_context(_writer(options, Header(f"fakedocker {__version__}", _now(), facts)))
            tape = Tape(writer, redactor, on_kept=_show, on_failure=_warn(options.cassette))
            recorder = Recorder(upstream, listener, tape, on_trouble=say)
        except (ValueError, UnreachableError, CassetteError) as error:
            return complain(str(error))
        except OSError as error:
            return complain(_about(error))
        sys.setswitchinterval(_TURN)
        recorder.start()
        try:
            url = str(listener.addresses[0])
            with ready_file(options.ready_file, url):
                _announce(upstream, listener.addresses, options.cassette)
                print(f"fakedocker {__version__} is recording: DOCKER_HOST={url}", flush=True)
                told.wait()
        except OSError as error:
            return complain(reason(error))
        finally:
            recorder.close()
        _sum_up(tape, options.cassette)
        return INCOMPLETE if tape.failure else 0


@contextlib.contextmanager
def _writer(options: argparse.Namespace, header: Header) -> Iterator[Writer]:
    existing: Literal["append", "replace", "refuse"] = (
        "append" if options.append else "replace" if options.overwrite else "refuse"
    )
    try:
        writer = Writer(options.cassette, header, existing=existing)
    except OSError as error:
        raise OSError(error.errno, f"cannot write {options.cassette}: {reason(error)}") from None
    with writer:
        yield writer


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _about(error: OSError) -> str:
    return f"{error.filename}: {reason(error)}" if error.filename else reason(error)


def _announce(upstream: Upstream, addresses: Sequence[Address], cassette: Path) -> None:
    for address in addresses:
        say(f"{address} leads to {upstream}, recorded in {cassette}")


def _show(exchange: Exchange, size: int) -> None:
    """One line for one exchange."""
    response = exchange.response
    asked = f"{exchange.request.method or '?'} {exchange.request.path or '(no HTTP)'}"
    asked = "".join(character if character.isprintable() else "?" for character in asked)
    status = str(response.status) if response else "-"
    ended = "" if exchange.end == "complete" else f", {exchange.end}"
    note = f" ({exchange.note})" if exchange.note else ""
    print(f"{asked} {status} {size} B {exchange.duration:.3f} s{ended}{note}", file=sys.stderr, flush=True)


def _sum_up(tape: Tape, cassette: Path) -> None:
    totals = tape.totals
    say(f"{totals.exchanges} exchanges, {totals.streams} streams, {totals.bytes} bytes of bodies in {cassette}")
    redacted = ", ".join(f"{count} {kind}" for kind, count in sorted(tape.redacted.items()) if count)
    say(f"redacted: {redacted or 'nothing'}")
    if tape.failure:
        say(f"the recording is not complete: {tape.failure}")


def _warn(cassette: Path) -> Callable[[str], None]:
    return lambda why: say(f"cannot write {cassette}: {why}; the traffic goes on, the recording does not")
