"""`fakedocker replay`, as a process of its own."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from wire_client import WireClient

CASSETTE = Path(__file__).parents[2] / "cassettes" / "run.yaml"
PATIENCE = 20

Start = Callable[..., tuple[subprocess.Popen[str], str]]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start a replay and return it with where it listens."""
    processes: list[subprocess.Popen[str]] = []

    def run(*words: str) -> tuple[subprocess.Popen[str], str]:
        ready = tmp_path / "ready"
        command = [sys.executable, "-m", "fakedocker", "replay", str(CASSETTE), "-H", "127.0.0.1:0"]
        process = subprocess.Popen(
            [*command, "--ready-file", str(ready), *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        processes.append(process)
        end = time.monotonic() + PATIENCE
        while not (ready.exists() and ready.read_text().endswith("\n")):
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < end
            time.sleep(0.01)
        return process, ready.read_text().strip()

    yield run
    for process in processes:
        process.kill()
        process.communicate()


def stop(process: subprocess.Popen[str]) -> tuple[int, str]:
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=PATIENCE)
    return process.returncode, said


def test_it_answers_and_says_what_nobody_asked_for(start: Start) -> None:
    process, url = start("--speed", "0")
    with WireClient(url) as client:
        assert client.request("HEAD", "/_ping").status == 200
    code, said = stop(process)
    assert code == 0
    assert "not asked for: exchange 2, GET " in said


def test_what_is_left_over_can_be_a_failure(start: Start) -> None:
    process, _ = start("--strict")
    assert stop(process)[0] == 1


def test_what_was_not_recorded_is_a_failure_and_explained(start: Start) -> None:
    process, url = start()
    with WireClient(url) as client:
        assert client.get("/nosuch").status == 501
    code, said = stop(process)
    assert code == 1
    assert "not recorded: 1 request; the first:\nGET /nosuch: no such request is in the cassette." in said


@pytest.mark.parametrize("words", [["nosuch.yaml"], [str(Path(__file__))], [str(CASSETTE), "--speed", "-1"]])
def test_what_cannot_begin_is_one_complaint(words: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "fakedocker", "replay", *words],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("fakedocker: ")
    assert "Traceback" not in done.stderr
