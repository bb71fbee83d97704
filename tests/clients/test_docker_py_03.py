"""docker-py 0.3.2, a client of the days of API 1.1, against a fake daemon.

It has the name of today's docker-py and needs a `requests` of its own time, so it runs in a process of its own, with
a path of its own: $FAKEDOCKER_DOCKER_PY_03 (`make clients` fills .venv/antique-clients).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from fakedocker import FakeDocker

CLIENTS = Path(os.environ.get("FAKEDOCKER_DOCKER_PY_03") or Path(sys.prefix) / "antique-clients")
#: Stands in for what Python 3.12 took away.
SHIMS = Path(__file__).parent / "antique"
PATIENCE = 60  # seconds until a hanging client fails its test

pytestmark = pytest.mark.skipif(
    not (CLIENTS / "docker").is_dir(), reason=f"no docker-py 0.3.2 in {CLIENTS}: install it with `make clients`"
)

Talk = Callable[[str], Any]


def converse(script: str, base_url: str, home: Path) -> Any:
    """Run a script that has a client as `client` and leaves its `result`; return that, by way of JSON."""
    program = "\n".join(
        (
            "import json, sys",
            "import docker",
            "client = docker.Client(base_url=sys.argv[1], version='1.1', timeout=30)",
            script,
            "print(json.dumps(result, default=bytes.decode))",
        )
    )
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join((str(SHIMS), str(CLIENTS))),
        "PYTHONWARNINGS": "ignore",
        "SETUPTOOLS_USE_DISTUTILS": "stdlib",  # lest setuptools put its own distutils in the place of ours
        "HOME": str(home),  # it reads ~/.dockercfg
        "NO_PROXY": "*",
    }
    done = subprocess.run(
        [sys.executable, "-c", program, base_url],
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture
def talk(daemon: FakeDocker, tmp_path: Path) -> Talk:
    """Talk to the daemon of the test through docker-py 0.3.2."""
    return lambda script: converse(script, daemon.url, tmp_path)


def test_the_old_client_asks_for_the_version_and_the_state(talk: Talk) -> None:
    version, info = talk("result = client.version(), client.info()")
    assert "Version" in version
    assert info["Containers"] == 0


def test_the_old_client_runs_a_container_from_its_making_to_its_end(talk: Talk) -> None:
    code, logs, left = talk(
        """
made = client.create_container('base', ['sh', '-c', 'echo hello; exit 3'])
client.start(made)
code = client.wait(made)
logs = client.logs(made)
client.remove_container(made)
result = code, logs, client.containers(all=True)
"""
    )
    assert (code, logs, left) == (3, "hello\n", [])


def test_the_old_client_is_told_that_a_container_does_not_exist(talk: Talk) -> None:
    status, text = talk(
        """
try:
    client.inspect_container('nosuch')
except docker.errors.APIError as error:
    result = error.response.status_code, error.explanation
"""
    )
    assert status == 404
    assert text.strip() == "No such container: nosuch"


def test_the_old_client_follows_the_output_of_a_container(talk: Talk) -> None:
    lines = talk(
        """
made = client.create_container('base', ['sh', '-c', 'sleep 0.2; echo one; echo two'])
client.start(made)
result = list(client.attach(made, stream=True, logs=True))
"""
    )
    assert lines == ["one", "two"]


def test_the_old_client_talks_over_a_unix_socket(tmp_path: Path) -> None:
    from fakedocker import FakeDocker

    with FakeDocker(hosts=[f"unix://{tmp_path}/docker.sock"]) as daemon:
        assert converse("result = client.containers()", daemon.url, tmp_path) == []


@pytest.mark.parametrize("contract", ["observed"])
def test_the_old_client_does_a_days_work(talk: Talk) -> None:
    """Pull, run, look, commit, tag, push, search, export, remove. It wants the daemon's statuses."""
    result = talk(
        """
result = {}
result['pulled'] = client.pull('busybox')
script = 'echo kept > /kept; rm /etc/group'
made = client.create_container('busybox', ['sh', '-c', script], environment={'A': 'b'})['Id']
client.start(made)
client.wait(made)
result['running'] = client.inspect_container(made)['State']['Running']
result['changes'] = client.diff(made)
result['exported'] = len(client.export(made).read()) > 0
image = client.commit(made, repository='hannibal/work', message='a day', author='me')['Id']
result['tagged'] = client.tag(image, 'hannibal/work', 'second')
result['inspected'] = client.inspect_image('hannibal/work')['author']
result['history'] = json.loads(client.history('hannibal/work'))
result['pushed'] = client.push('hannibal/work')
result['found'] = client.search('sshd')
result['images'] = sorted(one['Tag'] for one in client.images('hannibal/work'))
client.remove_container(made)
client.remove_image('hannibal/work')
result['left'] = client.containers(all=True), client.images('hannibal/work')
"""
    )
    assert '{"status":"Downloading","progress":"' in result["pulled"]
    assert result["running"] is False
    assert {"Path": "/kept", "Kind": 1} in result["changes"]
    assert {"Path": "/etc/group", "Kind": 2} in result["changes"]
    assert result["exported"] is True
    assert result["tagged"] is True
    assert result["inspected"] == "me"
    assert result["history"][0]["CreatedBy"] == "sh -c echo kept > /kept; rm /etc/group"
    assert "Pushing tags for rev" in result["pushed"]
    assert {"Name": "cespare/sshd", "Description": ""} in result["found"]
    assert result["images"] == ["latest", "second"]
    assert result["left"] == [[], []]
