"""Where a table's lines are typed: a shell in a folder with two projects, at one daemon, with nothing of the user's.

`compose` is the client that is tried, told to be plain. What it does side by side comes in any order: the mask `order`
sorts its lines.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from clients.cli.masks import Masks
from clients.cli.table import Line, Outcome, Table

#: Seconds that a line may take.
PATIENCE = 60.0
#: How each client is called, by the name of its table.
COMMANDS = {
    "compose-1": 'docker-compose --ansi never "$@"',
    "compose-2": 'docker compose --ansi never --progress plain "$@"',
}
#: A folder of plug-ins for the docker command.
PLUGINS = "FAKEDOCKER_CLI_PLUGINS"
ORDER = "order"
_HERE = Path(__file__).parent
#: What clears a line of a terminal, and the blanks that make columns as wide as the widest name that was met.
_MOVES = re.compile(r"\x1b\[[0-9]*[A-Z]")
_BLANKS = re.compile(r" {2,}")
#: What stands before the names of services.
_LIST = "Attaching to "


class Desk:
    """Runs the lines of one table; `address`: the daemon's."""

    def __init__(self, table: str, address: str, folder: Path) -> None:
        self._folder = folder
        self._masks = Masks()
        here, commands, config = folder / "shop", folder / "bin", folder / "config"
        for one in (here, commands, config, here / "list"):
            one.mkdir()
        shutil.copy(_HERE / "shop.yaml", here / "docker-compose.yml")
        shutil.copy(_HERE / "job.yaml", here / "job.yaml")
        (here / "list" / "list").write_text("one shelf\n")
        (here / "Dockerfile").write_text("FROM busybox\nARG WORD\nRUN echo $WORD > /word\n")
        (here / ".dockerignore").write_text("*\n")
        (commands / "compose").write_text(f"#!/bin/sh\nexec {COMMANDS[table]}\n")
        (commands / "compose").chmod(0o755)
        if PLUGINS in os.environ:
            (config / "cli-plugins").symlink_to(os.environ[PLUGINS])
        self._environment = {
            "PATH": f"{commands}:{os.environ['PATH']}",
            "HOME": str(folder),
            "TZ": "UTC",
            "LC_ALL": "C.UTF-8",
            "DOCKER_HOST": address,
            "DOCKER_CONFIG": str(config),
            "DOCKER_BUILDKIT": "0",
            "DOCKER_CLI_HINTS": "false",
            "PYTHONWARNINGS": "ignore",
        }

    def do(self, line: Line) -> Outcome:
        """Run one line; return what came of it. Raises TimeoutError."""
        done = self._run(line.run)
        return Outcome(self._shown(done.stdout, line), self._shown(done.stderr, line), done.returncode)

    def close(self, afterwards: str) -> None:
        """Clean up."""
        self._run(afterwards)

    def _run(self, command: str) -> subprocess.CompletedProcess[str]:
        try:
            return subprocess.run(
                ["sh", "-c", command],
                env=self._environment,
                cwd=self._folder / "shop",
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=PATIENCE,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise TimeoutError(f"$ {command} does not end: {error.stdout!r}, {error.stderr!r}") from None

    def _shown(self, text: str, line: Line) -> str:
        text = _MOVES.sub("", text.replace(str(self._folder), "~"))
        text = self._masks(text, [name for name in line.mask if name != ORDER])
        if ORDER in line.mask:
            lines = (_ordered(_BLANKS.sub(" ", one)) for one in text.splitlines() if one.strip())
            text = "".join(f"{one}\n" for one in sorted(lines))
        return text


def _ordered(line: str) -> str:
    """Return a line with the names that it lists in their order."""
    listed, names = line[: len(_LIST)], line[len(_LIST) :]
    return listed + ", ".join(sorted(names.split(", "))) if listed == _LIST else line.rstrip()


def outcomes(table: Table, address: str, folder: Path) -> Iterator[Outcome]:
    """Yield what comes of a table's lines with a daemon, one after the other; clean up in the end."""
    desk = Desk(table.name, address, folder)
    try:
        for line in table.lines:
            yield desk.do(line)
    finally:
        desk.close(table.afterwards)
