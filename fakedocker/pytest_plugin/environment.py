"""How clients find the daemon of a test, and nothing else: not the user's contexts, certificates and passwords."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from fakedocker.environment import ASTRAY

#: Variables by which clients would go elsewhere, by another version, or with secrets of the user.
OTHERS = (*ASTRAY, "DOCKER_AUTH_CONFIG")


@contextmanager
def pointed_at(
    url: str, before: Mapping[str, str], *, api_version: str | None = None, own_config: bool = True
) -> Iterator[None]:
    """Let clients find the daemon at an address, and speak a version to it. `before`: the environment of the user.

    `own_config`: docker's folder of settings is an empty one, but for the user's plugins of the command.
    """
    folder = tempfile.mkdtemp(prefix="fakedocker-") if own_config else None
    try:
        with pytest.MonkeyPatch.context() as patch:
            for name in OTHERS:
                patch.delenv(name, raising=False)
            patch.setenv("DOCKER_HOST", url)
            if api_version:
                patch.setenv("DOCKER_API_VERSION", api_version)
            if folder is not None:
                _write_config(Path(folder), before)
                patch.setenv("DOCKER_CONFIG", folder)
            yield
    finally:
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)


def _write_config(folder: Path, before: Mapping[str, str]) -> None:
    # `docker compose` is a plugin, which desktops install in the user's folder
    plugins = Path(before.get("DOCKER_CONFIG") or Path.home() / ".docker") / "cli-plugins"
    config = {"cliPluginsExtraDirs": [os.fspath(plugins)]} if plugins.is_dir() else {}
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
