import json
import os
import subprocess
import sys
from urllib.request import Request, urlopen

import pytest


def start(url, image):
    """What is tested."""
    body = json.dumps({"Image": image, "Cmd": ["sleep", "600"]}).encode()
    request = Request(f"{url}/v1.41/containers/create?name=web", body, {"Content-Type": "application/json"})
    web = json.load(urlopen(request))["Id"]
    urlopen(Request(f"{url}/v1.41/containers/{web}/start", method="POST"))


def test_a_container_is_started(fakedocker):
    start(fakedocker.http_url, "base")

    [web] = fakedocker.engine.containers()
    assert web.running
    fakedocker.journal.assert_called("ContainerStart", name="web", status=204)


@pytest.mark.fakedocker(clock="manual")
def test_ten_minutes_pass_in_no_time(fakedocker):
    start(fakedocker.http_url, "base")
    fakedocker.advance(601)
    assert not fakedocker.engine.containers()[0].running


def test_a_process_finds_the_daemon(fakedocker, fakedocker_env):
    code = "import os; print(os.environ['DOCKER_HOST'])"
    said = subprocess.run([sys.executable, "-c", code], env=fakedocker_env, capture_output=True, text=True)
    assert said.stdout.strip() == fakedocker.url == os.environ["DOCKER_HOST"]
