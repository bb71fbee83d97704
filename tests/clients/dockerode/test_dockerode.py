"""dockerode, the client of Node, in one conversation with each kind of daemon: all hear the same.

It is looked for in $FAKEDOCKER_NODE_MODULES.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from fakedocker import FakeDocker

SCRIPT = Path(__file__).with_name("daemon.js")
MODULES = Path(os.environ.get("FAKEDOCKER_NODE_MODULES") or Path(sys.prefix) / "dockerode" / "node_modules")
REAL = os.environ.get("FAKEDOCKER_REAL_DOCKER", "")
PATIENCE = 60  # seconds until a hanging client fails its test

pytestmark = [
    pytest.mark.skipif(not shutil.which("node"), reason="no node: apt-get install nodejs"),
    pytest.mark.skipif(
        not (MODULES / "dockerode").is_dir(),
        reason=f"no dockerode in {MODULES}: npm install --prefix {MODULES.parent} dockerode",
    ),
]

#: What dockerd 20.10 and 26 said; the members of an error that have ids in them are not here.
HEARD = {
    "ping": "OK",
    "images": True,
    "attached": ["over the wire\n", "over\n"],
    "waited": 3,
    "logs": "over the wire\n",
    "inspected": ["exited", 3, {"who": "dockerode"}],
    "again": 409,
    "exec": ["out\ngiven\n", "err\n", 4],
    "archive": True,
    "listed": [["running", "sh -c 'echo up; sleep 1000'"]],
    "followed": ["up\n", ""],
    "run": [0, "on a terminal\r\n"],
    "built": True,
    "env": "made=here",
    "missing": 404,
    "events": ["create", "attach", "start", "die", "destroy", "tag"],
}


def converse(address: str, version: str, **environment: str) -> dict[str, Any]:
    """Have the conversation; return what the client heard."""
    done = subprocess.run(
        ["node", str(SCRIPT), address, version, f"dockerode-{os.urandom(4).hex()}"],
        env={**os.environ, "NODE_PATH": str(MODULES), **environment},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    heard: dict[str, Any] = json.loads(done.stdout)
    status, text = heard.pop("gone")
    assert status == 404
    assert text.startswith("No such container: ")
    return heard


@pytest.mark.parametrize(
    ("profile", "version"), [("any", "v1.41"), ("any", "v1.51"), ("28", ""), ("26", "v1.45"), ("20.10", "v1.30")]
)
def test_it_hears_of_a_fake_daemon_what_it_hears_of_a_real_one(profile: str, version: str) -> None:
    from fakedocker import FakeDocker

    with FakeDocker(profile=profile) as daemon:
        assert converse(daemon.url, version, IMAGE="pull") == HEARD
        daemon.check()


def test_it_speaks_over_a_socket_file(tmp_path: Path) -> None:
    from fakedocker import FakeDocker

    with FakeDocker(hosts=[f"unix://{tmp_path}/d.sock"], api_version="1.51") as daemon:
        assert converse(daemon.url, "", IMAGE="pull") == HEARD


@pytest.mark.skipif(not REAL, reason="no real daemon: see .ci/dockerd, FAKEDOCKER_REAL_DOCKER=unix://…")
def test_it_still_hears_that_of_the_real_daemon() -> None:
    assert converse(REAL, "v1.41") == HEARD


def test_it_pulls_an_image_and_is_told_when_there_is_none(daemon: FakeDocker) -> None:
    heard = converse(daemon.url, "v1.41", IMAGE="pull", PULL="yes")
    assert heard["pulled"] == "Status: Downloaded newer image for hello-world:latest"
    assert heard["refused"] == 404
