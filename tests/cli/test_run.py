"""`fakedocker run`: a command with a fake daemon of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from fakedocker.cli import main

#: Asks the daemon by its socket file, as a client without any library would.
ASK = """
import http.client, os, socket, sys
connection = http.client.HTTPConnection("docker", timeout=10)
connection.sock = socket.socket(socket.AF_UNIX)
connection.sock.connect(os.environ["DOCKER_HOST"].removeprefix("unix://"))
connection.request(sys.argv[1], sys.argv[2], sys.argv[3], {"Content-Type": "application/json"})
print(connection.getresponse().status)
"""
CREATE = ("POST", "/v1.41/containers/create?name=web", '{"Image": "base", "Cmd": ["true"]}')


def asking(*words: str) -> list[str]:
    return ["--", sys.executable, "-c", ASK, *words]


def test_the_command_finds_the_daemon_and_its_code_is_the_answer(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_CONTEXT", "elsewhere")
    assert main(["run", *asking("GET", "/_ping", "")]) == 0
    assert capfd.readouterr().out == "200\n"
    assert main(["run", "--", "sh", "-c", 'test -z "$DOCKER_CONTEXT" && exit 7']) == 7
    assert main(["run", "--", "sh", "-c", "kill -TERM $$"]) == 143


def test_what_the_daemon_was_asked_can_be_shown(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--journal", *asking(*CREATE)]) == 0
    assert "ContainerCreate  web" in capfd.readouterr().err


def test_what_was_left_behind_is_a_failure_if_it_is_to_be(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--orphans", *asking(*CREATE)]) == 1
    assert "fakedocker: left behind: containers web\n" in capfd.readouterr().err


def test_what_went_wrong_in_the_daemon_is_a_failure(capfd: pytest.CaptureFixture[str]) -> None:
    odd = ("POST", "/v1.41/containers/create", '{"Image": "base", "Cmd": ["true"], "Colour": "blue"}')
    assert main(["run", "--strict", *asking(*odd)]) == 1
    assert "Colour" in capfd.readouterr().err
    assert main(["run", *asking(*odd)]) == 0


def test_a_command_that_cannot_be_run_ends_as_in_a_shell(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--", str(tmp_path / "nothing")]) == 127
    (tmp_path / "plain").write_text("")
    assert main(["run", "--", str(tmp_path / "plain")]) == 126
    assert main(["run"]) == 2
    assert main(["run", "--fixture", "nosuch", "--", "true"]) == 2
    assert "there is no command" in capfd.readouterr().err


def test_signals_are_the_commands_to_answer() -> None:
    script = "trap 'echo told; exit 9' TERM; echo ready; while kill -0 $PPID 2>/dev/null; do sleep 0.05; done"
    words = [sys.executable, "-m", "fakedocker", "run", "--", "sh", "-c", script]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=os.environ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGTERM)
        assert process.communicate(timeout=20)[0] == "told\n"
        assert process.returncode == 9
