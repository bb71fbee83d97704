"""Projects of docker-compose 1.29 and docker compose 2, brought up, changed and taken down as with real daemons.

The tables `compose-1.yaml` and `compose-2.yaml` were recorded from dockerd 20.10 and 26. With
FAKEDOCKER_REAL_DOCKER=unix:///… and the right version there, that daemon is asked, too.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from clients.cli.table import Outcome, Table, read
from clients.compose.desk import PLUGINS, outcomes

from fakedocker import FakeDocker

HERE = Path(__file__).parent
WORLD = HERE.parent / "cli" / "world.yaml"
REAL = os.environ.get("FAKEDOCKER_REAL_DOCKER", "")
#: Table -> the daemon it was recorded from, the client, and what installs that.
RECORDED = {
    "compose-1": ("20.10", "docker-compose 1.29", "apt-get install docker-compose (in Debian 12)"),
    "compose-2": (
        "26",
        "docker compose 2.26",
        f"apt-get install docker-compose (in Debian 13); ${PLUGINS} is where it may be otherwise",
    ),
}


def version(table: str, folder: Path) -> str:
    """Return what a table's client says of itself; nothing if it is not there."""
    config = folder / "asked"
    config.mkdir()
    if PLUGINS in os.environ:
        (config / "cli-plugins").symlink_to(os.environ[PLUGINS])
    command = ["docker-compose"] if table == "compose-1" else ["docker", "compose"]
    try:
        return subprocess.run(
            [*command, "version", "--short"],
            env={**os.environ, "DOCKER_CONFIG": str(config), "PYTHONWARNINGS": "ignore"},
            capture_output=True,
            text=True,
            check=False,
        ).stdout
    except OSError:
        return ""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that is seen by daemons, too, which may have a /tmp of pytest's own hidden from them."""
    with tempfile.TemporaryDirectory(prefix="fd-") as folder:
        yield Path(folder)


@pytest.fixture(params=RECORDED)
def table(request: pytest.FixtureRequest, folder: Path) -> Table:
    _, client, install = RECORDED[request.param]
    if not shutil.which("docker"):
        pytest.skip("no docker command: apt-get install docker.io")
    if not version(request.param, folder).startswith(client.rpartition(" ")[2]):
        pytest.skip(f"no {client}: {install}")
    return read(HERE / f"{request.param}.yaml")


def compare(table: Table, address: str, folder: Path) -> None:
    """Do a table's work with a daemon, and fail with all lines that did not come out as recorded."""
    wrong: list[str] = []
    for line, outcome in zip(table.lines, outcomes(table, address, folder), strict=True):
        if outcome != line.expected:
            wrong.append(f"$ {line.run}\n{_shown('recorded', line.expected)}{_shown('now', outcome)}")
    if wrong:
        pytest.fail("\n\n".join(wrong), pytrace=False)


def _shown(heading: str, outcome: Outcome) -> str:
    parts = [f"  {heading}: exit code {outcome.code}"]
    for name, text in (("stdout", outcome.stdout), ("stderr", outcome.stderr)):
        parts += [f"    {name}: {row!r}" for row in text.splitlines()]
    return "\n".join([*parts, ""])


def test_a_project_with_the_fake_is_one_with_the_real_daemon(table: Table, folder: Path) -> None:
    profile, _, _ = RECORDED[table.name]
    address = f"unix://{folder}/docker.sock"
    with FakeDocker(WORLD, profile=profile, hosts=[address], host_directories=[folder]) as fake:
        compare(table, fake.url, folder)


@pytest.mark.skipif(not REAL, reason="no real daemon: see .ci/dockerd, FAKEDOCKER_REAL_DOCKER=unix://…")
def test_a_project_with_the_real_daemon_still_is_as_recorded(table: Table, folder: Path) -> None:
    profile, _, _ = RECORDED[table.name]
    said = subprocess.check_output(["docker", "-H", REAL, "version", "--format", "{{json .Server.Version}}"])
    if not json.loads(said).startswith(f"{profile}."):
        pytest.skip(f"the table is recorded from {profile}")
    if "PYTEST_XDIST_WORKER" in os.environ:
        pytest.skip("others may use the daemon at the same time, and the table shows what is there")
    compare(table, REAL, folder)
