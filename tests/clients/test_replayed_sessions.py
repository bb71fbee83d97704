"""Sessions that were recorded with the docker command and a real daemon, done again without the daemon."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from pathlib import Path
from types import ModuleType

import pytest

from fakedocker.replay import CassetteDaemon

CASSETTES = Path(__file__).parents[2] / "cassettes"

pytestmark = pytest.mark.skipif(
    shutil.which("docker") is None, reason="no docker command: install it with `apt-get install docker-cli`"
)


def recording() -> ModuleType:
    """Return the script that recorded the cassettes."""
    spec = importlib.util.spec_from_file_location("recording", CASSETTES / "record.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["recording"] = module
    spec.loader.exec_module(module)
    return module


SCRIPT = recording()


@pytest.mark.parametrize("name", SCRIPT.SESSIONS)
def test_a_session_goes_the_same_way_without_its_daemon(name: str, tmp_path: Path) -> None:
    with CassetteDaemon(CASSETTES / f"{name}.yaml") as daemon:
        SCRIPT.SESSIONS[name](SCRIPT.Command(daemon.url, tmp_path))
        daemon.check(unused=True)


def test_the_docker_command_sees_output_and_exit_code_of_then(tmp_path: Path) -> None:
    with CassetteDaemon(CASSETTES / "run.yaml") as daemon:
        docker = SCRIPT.Command(daemon.url, tmp_path)
        docker("version")
        assert docker("run", "--rm", "busybox", "echo", "hello") == b"hello\n"


def test_the_docker_command_is_told_what_was_not_recorded(tmp_path: Path) -> None:
    daemon = CassetteDaemon(CASSETTES / "run.yaml").start()
    said = SCRIPT.Command(daemon.url, tmp_path)("network", "ls").decode()
    daemon.close()
    assert "no such request is in the cassette" in said
    assert daemon.missed
