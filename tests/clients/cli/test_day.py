"""A day's work with the docker command: the same lines, the same outputs and exit codes as with a real daemon.

The tables in `day/` were recorded from dockerd 20.10. With FAKEDOCKER_REAL_DOCKER=unix:///… the daemon there is asked,
too, so that they stay true.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from clients.cli.desk import outcomes
from clients.cli.record import VERSION
from clients.cli.table import Outcome, Table, tables
from recorded_sessions import INSTALL, console

from fakedocker import FakeDocker

WORLD = Path(__file__).with_name("world.yaml")
REAL = os.environ.get("FAKEDOCKER_REAL_DOCKER", "")
PROFILE = "20.10"
DOCKER = console.docker_command(VERSION)
TABLES = list(tables())

pytestmark = pytest.mark.skipif(DOCKER is None, reason=f"no docker command of version {VERSION}: {INSTALL['docker']}")


def by_name(table: Table) -> str:
    return table.name


def compare(table: Table, address: str, *, expect_differences: bool) -> None:
    """Do a table's work with a daemon, and fail with all lines that did not come out as recorded."""
    assert DOCKER is not None
    wrong: list[str] = []
    for line, outcome in zip(table.lines, outcomes(table, address, DOCKER), strict=True):
        what = line.run or f"({line.end})"
        if outcome is None:
            continue
        if line.differs and expect_differences:
            if outcome == line.expected:
                wrong.append(f"$ {what}\nis as recorded now, and said to differ: {line.differs}")
        elif outcome != line.expected:
            wrong.append(f"$ {what}\n{_shown('recorded', line.expected)}{_shown('now', outcome)}")
    if wrong:
        pytest.fail("\n\n".join(wrong), pytrace=False)


def _shown(heading: str, outcome: Outcome) -> str:
    parts = [f"  {heading}: exit code {outcome.code}"]
    for name, text in (("stdout", outcome.stdout), ("stderr", outcome.stderr)):
        parts += [f"    {name}: {row!r}" for row in text.splitlines()]
    return "\n".join([*parts, ""])


@pytest.mark.parametrize("table", TABLES, ids=by_name)
def test_a_day_with_the_fake_is_one_with_the_real_daemon(table: Table, tmp_path: Path) -> None:
    # Over TCP the docker command does not notice when somebody detaches: the recordings are of a socket file.
    with FakeDocker(WORLD, profile=PROFILE, hosts=[f"unix://{tmp_path}/docker.sock"]) as fake:
        compare(table, fake.url, expect_differences=True)


@pytest.mark.skipif(not REAL, reason="no real daemon: see .ci/dockerd, FAKEDOCKER_REAL_DOCKER=unix://…")
@pytest.mark.parametrize("table", TABLES, ids=by_name)
def test_a_day_with_the_real_daemon_still_is_as_recorded(table: Table) -> None:
    if table.needs and not shutil.which(table.needs):
        pytest.skip(f"there is no {table.needs}")
    assert DOCKER is not None
    said = subprocess.check_output([DOCKER, "-H", REAL, "version", "--format", "{{json .Server.Version}}"])
    if not json.loads(said).startswith(f"{PROFILE}."):
        pytest.skip(f"the days are recorded from {PROFILE}")
    if table.alone and "PYTEST_XDIST_WORKER" in os.environ:
        pytest.skip("others may use the daemon at the same time, and this day would show it")
    compare(table, REAL, expect_differences=False)


def test_a_day_is_long() -> None:
    assert sum(line.has_outcome for table in TABLES for line in table.lines) >= 120
