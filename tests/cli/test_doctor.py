"""`fakedocker doctor`: what is looked at, and what is said of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fakedocker.cli import doctor, main


def findings(capsys: pytest.CaptureFixture[str]) -> dict[str, dict[str, Any]]:
    main(["doctor", "--json"])
    return {one["what"]: one for one in json.loads(capsys.readouterr().out)}


def test_a_daemon_is_started_and_asked(capsys: pytest.CaptureFixture[str]) -> None:
    found = findings(capsys)
    assert found["a fake daemon"]["how"] == "ok"
    assert found["docker-py"]["how"] in ("ok", "warning")
    assert found["docker"]["how"] in ("ok", "warning")


def test_what_leads_clients_elsewhere_is_told(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "config.json").write_text('{"currentContext": "colima"}')
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    monkeypatch.setenv("DOCKER_HOST", "tcp://far:2375")
    found = findings(capsys)
    assert "tcp://far:2375" in found["$DOCKER_HOST"]["why"]
    assert found["docker context"]["how"] == "warning"


def test_what_is_wrong_is_its_exit_code(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    one = doctor.Finding("the moon", "wrong", "is made of cheese")
    monkeypatch.setattr(doctor, "LOOKS", (lambda: iter([one]),))
    assert main(["doctor"]) == 1
    assert capsys.readouterr().out == "wrong    the moon: is made of cheese\n"
