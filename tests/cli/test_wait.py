"""`fakedocker wait`: until a daemon answers."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from fakedocker import FakeDocker
from fakedocker.cli import main


def test_it_ends_when_the_daemon_answers(tmp_path: Path) -> None:
    url = f"unix://{tmp_path}/s"
    daemon = FakeDocker(hosts=[url])
    starter = threading.Timer(0.1, daemon.start)
    starter.start()
    try:
        assert main(["wait", "--timeout", "20", url]) == 0
    finally:
        starter.join()
        daemon.close()


def test_its_patience_ends(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["wait", "--timeout", "0", f"unix://{tmp_path}/s"]) == 1
    assert "nobody answers" in capsys.readouterr().err
    assert main(["wait", "gopher://x"]) == 2


def test_what_is_no_fakedocker_is_not_waited_for() -> None:
    with FakeDocker(control=False) as daemon:
        assert main(["wait", daemon.url]) == 1
