"""`fakedocker verify`: ask a daemon what a recorded session asked, and say what it answers otherwise.

Exit codes: 0 when every answer is the recorded one; 1 when one is not, or a request could not be asked; 2 when it could
not begin.
"""

from __future__ import annotations

import argparse
import json
import math
from pathlib import Path
from typing import Any

from fakedocker.cassettes.diff import ABSENT
from fakedocker.cassettes.store import CassetteError, load
from fakedocker.proxy.report import Outcome, Report
from fakedocker.proxy.upstream import UnreachableError, parse_upstream
from fakedocker.proxy.verifier import TIMEOUT, Verifier

from . import certificates
from .terminal import complain, reason, say

HELP = "ask a daemon what a recorded session asked, and compare the answers"
DIFFERENT = 1


def add(verify: argparse.ArgumentParser) -> None:
    """Say what the subcommand understands."""
    add = verify.add_argument
    add("cassette", metavar="FILE", type=Path, help="the recorded session")
    add(
        "--against",
        metavar="URL",
        required=True,
        help="the daemon to ask: unix:///path, tcp://HOST:PORT, ssh://USER@HOST",
    )
    add(
        "--ignore",
        metavar="PATTERN",
        action="append",
        default=[],
        help="places that may differ, as in 'body.*.Created' or 'headers.server' (repeatable)",
    )
    add(
        "--timeout",
        metavar="SECONDS",
        type=float,
        default=TIMEOUT,
        help=f"how long an answer is waited for when its turn has come (default {TIMEOUT:g})",
    )
    add("--redact", metavar="NAME|/REGEX/", action="append", default=[], help="the rules that the recording had")
    add(
        "--secret",
        metavar="NAME=VALUE",
        type=_secret,
        action="append",
        default=[],
        help="what to send in the place of '{secret:NAME}', which stands in the cassette (repeatable)",
    )
    certificates.add(verify)
    add("--json", metavar="FILE", type=Path, help="write the report into this file as well")


def run(options: argparse.Namespace) -> int:
    """Ask everything, once."""
    try:
        if not 0 < options.timeout < math.inf:
            raise ValueError("--timeout must be a positive number of seconds")
        upstream = parse_upstream(options.against, certificates.tls_files(options))
        verifier = Verifier(
            load(options.cassette), upstream, options.timeout, options.ignore, options.redact, dict(options.secret)
        )
        report = verifier.run(_show)
        _sum_up(report)
        if options.json:
            document = _document(report, str(options.cassette), str(upstream))
            options.json.write_text(json.dumps(document, indent=2, default=_plain) + "\n")
    except (CassetteError, UnreachableError, ValueError) as error:
        return complain(str(error))
    except OSError as error:
        return complain(f"{error.filename}: {reason(error)}" if error.filename else reason(error))
    except KeyboardInterrupt:
        return complain("interrupted")
    return 0 if report.is_same else DIFFERENT


def _secret(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name and equals):
        raise argparse.ArgumentTypeError("must be NAME=VALUE")  # its text stays out of the message: it is a secret
    return name, value


# -- for a person ------------------------------------------------------------------------


def _show(outcome: Outcome) -> None:
    """One line for an exchange that differs, and one below for each place."""
    if outcome.verdict == "equal":
        return
    asked = outcome.exchange.request
    why = f": {outcome.reason}" if outcome.reason else ""
    _print(f"{outcome.exchange.id} {asked.method} {asked.path} {outcome.verdict}{why}")
    for difference in outcome.differences:
        _print(f"  {difference}")


def _print(text: str) -> None:
    """Print a line; what an answer holds shall move no cursor."""
    print("".join(one if one.isprintable() else "?" for one in text), flush=True)


def _sum_up(report: Report) -> None:
    operations = report.operations()
    width = max(map(len, operations), default=0)
    if not report.is_same:
        _print("")
    _print(f"{'':{width}}  equal  different  not reached")
    for name, counts in operations.items():
        _print(f"{name:{width}}  {counts['equal']:5}  {counts['different']:9}  {counts['not reached']:11}")
    numbers = (report.count("equal"), report.count("different"), report.count("not reached"))
    say("{} equal, {} different, {} not reached".format(*numbers))


# -- for a script ------------------------------------------------------------------------


def _document(report: Report, cassette: str, against: str) -> dict[str, Any]:
    return {
        "cassette": cassette,
        "against": against,
        "equal": report.count("equal"),
        "different": report.count("different"),
        "not_reached": report.count("not reached"),
        "operations": {
            name: {verdict.replace(" ", "_"): count for verdict, count in counts.items()}
            for name, counts in report.operations().items()
        },
        "exchanges": [
            {
                "id": outcome.exchange.id,
                "method": outcome.exchange.request.method,
                "path": outcome.exchange.request.path,
                "verdict": outcome.verdict.replace(" ", "_"),
                "reason": outcome.reason,
                "differences": [
                    {"where": one.where, "recorded": one.recorded, "live": one.live} for one in outcome.differences
                ],
            }
            for outcome in report.outcomes
        ],
    }


def _plain(value: object) -> None:
    """What is not there is null."""
    if value is not ABSENT:
        raise TypeError(f"not JSON: {value!r}")
