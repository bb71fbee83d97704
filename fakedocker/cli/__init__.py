"""The command `fakedocker`: one module for each of its subcommands, each with `add(parser)` and `run(options)`.

What it has to say goes to stderr; stdout is for what a script may want to read. It ends with 0, with 1 when it did its
work and found something wrong, with 2 (`CANNOT`) when it could not do what it was told. What the
command line leaves open, the environment may say (`variables`).
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from fakedocker import __version__

from . import cassette, doctor, env, record, replay, run, serve, verify, wait
from .variables import Parser

COMMANDS = {
    "serve": serve,
    "run": run,
    "wait": wait,
    "env": env,
    "doctor": doctor,
    "record": record,
    "replay": replay,
    "verify": verify,
    "cassette": cassette,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    options = parser().parse_args(arguments)
    code: int = options.run(options)
    return code


def parser() -> argparse.ArgumentParser:
    """Return what the command understands."""
    command = argparse.ArgumentParser(prog="fakedocker", description="A Docker daemon that runs no containers.")
    command.add_argument("--version", action="version", version=f"fakedocker {__version__}")
    commands = command.add_subparsers(metavar="COMMAND", required=True, parser_class=Parser)
    for name, module in COMMANDS.items():
        one = commands.add_parser(name, help=module.HELP)
        module.add(one)
        one.set_defaults(run=module.run)
    return command
