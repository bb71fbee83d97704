"""How clients find the daemon of a test."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from fakedocker.pytest_plugin.environment import pointed_at


def test_clients_find_the_daemon_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://before:1")
    for name in ("DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH", "DOCKER_CONTEXT", "DOCKER_API_VERSION", "DOCKER_AUTH_CONFIG"):
        monkeypatch.setenv(name, "of the user")
    before = {name: value for name, value in os.environ.items() if name.startswith("DOCKER_")}

    with pointed_at("tcp://127.0.0.1:1", before):
        assert {name for name in os.environ if name.startswith("DOCKER_")} == {"DOCKER_HOST", "DOCKER_CONFIG"}
        assert os.environ["DOCKER_HOST"] == "tcp://127.0.0.1:1"

    assert {name: value for name, value in os.environ.items() if name.startswith("DOCKER_")} == before


def test_a_version_that_is_asked_for_is_spoken() -> None:
    with pointed_at("tcp://127.0.0.1:1", {}, api_version="1.41"):
        assert os.environ["DOCKER_API_VERSION"] == "1.41"


def test_docker_has_no_settings_of_the_user_but_the_plugins_of_the_command(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"auths": {"index": {"auth": "secret"}}, "currentContext": "prod"}')
    before = {"DOCKER_CONFIG": str(tmp_path)}
    with pointed_at("tcp://127.0.0.1:1", before):
        folder = Path(os.environ["DOCKER_CONFIG"])
        assert json.loads((folder / "config.json").read_text()) == {}
    assert not folder.exists()

    plugins = tmp_path / "cli-plugins"
    plugins.mkdir()
    with pointed_at("tcp://127.0.0.1:1", before):
        config = json.loads((Path(os.environ["DOCKER_CONFIG"]) / "config.json").read_text())
        assert config == {"cliPluginsExtraDirs": [str(plugins)]}


def test_a_recording_is_made_with_the_settings_of_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_CONFIG", "/home/me/.docker")
    with pointed_at("tcp://127.0.0.1:1", {}, own_config=False):
        assert os.environ["DOCKER_CONFIG"] == "/home/me/.docker"
