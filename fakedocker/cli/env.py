"""`fakedocker env`: print what a shell has to be told so that Docker's clients find a daemon."""

from __future__ import annotations

import argparse
import json
import shlex

from fakedocker.environment import ASTRAY, pointed_at

from .serve import DEFAULT_HOST

HELP = "print what a shell has to be told so that clients find a daemon"


def add(env: argparse.ArgumentParser) -> None:
    """Say what the subcommand understands."""
    env.add_argument("url", metavar="URL", nargs="?", default=DEFAULT_HOST, help=f"the daemon (default {DEFAULT_HOST})")
    env.add_argument("--shell", choices=SHELLS, default="sh", help="in whose words (default: sh)")
    env.add_argument("--unset", action="store_true", help="undo it")


def run(options: argparse.Namespace) -> int:
    """Print it."""
    told = pointed_at(options.url, {})
    if options.shell == "json":
        print(json.dumps({} if options.unset else told))
        return 0
    assign, forget = SHELLS[options.shell]
    for name, value in {} if options.unset else told.items():
        print(assign.format(name=name, value=_quoted(value, options.shell)))
    for name in (*told, *ASTRAY) if options.unset else ASTRAY:
        print(forget.format(name=name))
    return 0


def _quoted(value: str, shell: str) -> str:
    return "'" + value.replace("'", "''") + "'" if shell == "powershell" else shlex.quote(value)


#: Shell -> how it sets a variable, and how it forgets one.
SHELLS = {
    "sh": ("export {name}={value}", "unset {name}"),
    "fish": ("set -gx {name} {value}", "set -e {name}"),
    "powershell": ("$Env:{name} = {value}", "Remove-Item -ErrorAction Ignore Env:{name}"),
    "json": ("", ""),
}
