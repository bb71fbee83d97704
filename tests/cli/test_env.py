"""`fakedocker env`: what a shell has to be told."""

from __future__ import annotations

import json
import subprocess

import pytest

from fakedocker.cli import main

ODD = "unix:///tmp/it's here; rm -rf $HOME"


def test_a_shell_that_is_told_so_has_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["env", ODD]) == 0
    told = capsys.readouterr().out
    script = f'DOCKER_CONTEXT=x\n{told}\nprintf "%s|%s" "$DOCKER_HOST" "${{DOCKER_CONTEXT-none}}"'
    assert subprocess.check_output(["sh", "-c", script], text=True) == f"{ODD}|none"
    assert main(["env", "--unset", ODD]) == 0
    undone = capsys.readouterr().out
    script = f'{told}\n{undone}\nprintf "%s" "${{DOCKER_HOST-none}}"'
    assert subprocess.check_output(["sh", "-c", script], text=True) == "none"


def test_other_shells_have_their_own_words(capsys: pytest.CaptureFixture[str]) -> None:
    main(["env", "--shell", "fish", "tcp://127.0.0.1:1"])
    assert "set -gx DOCKER_HOST tcp://127.0.0.1:1\n" in capsys.readouterr().out
    main(["env", "--shell", "powershell", "unix:///it's"])
    assert "$Env:DOCKER_HOST = 'unix:///it''s'\n" in capsys.readouterr().out
    main(["env", "--shell", "json", "tcp://127.0.0.1:1"])
    assert json.loads(capsys.readouterr().out)["DOCKER_HOST"] == "tcp://127.0.0.1:1"
