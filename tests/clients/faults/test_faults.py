"""What docker-py and docker report of each fault: the table of `docs/faults.md`."""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest
from clients.faults.meeting import OUTCOMES, meet
from clients.faults.table import ROWS, Row

pytest.importorskip("docker", minversion="7", reason="docker-py 7 is not installed")

EXPECTED = json.loads(OUTCOMES.read_text())


def has_docker_28() -> bool:
    found = shutil.which("docker")
    return found is not None and "version 28." in subprocess.run([found, "-v"], capture_output=True, text=True).stdout


# docker-py leaves a socket behind when an answer breaks off.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")
@pytest.mark.skipif(not has_docker_28(), reason="docker 28 is not installed")
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_clients_report_a_fault_as_they_did(row: Row) -> None:
    outcome, daemon = meet(row)
    assert outcome.docker_py == EXPECTED[row.name]["docker_py"]
    assert outcome.docker == EXPECTED[row.name]["docker"]
    daemon.check()


def test_what_is_recorded_is_what_the_table_asks_for() -> None:
    assert [row.name for row in ROWS] == [*EXPECTED]
