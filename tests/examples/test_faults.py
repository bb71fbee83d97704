import json
from http.client import HTTPConnection, RemoteDisconnected
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from fakedocker import FakeDocker

WORLD = Path(__file__).with_name("flaky.yaml")


def ask(daemon, method, path):
    connection = HTTPConnection(urlsplit(daemon.url).netloc)
    try:
        connection.request(method, f"/v1.51{path}")
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def test_a_pull_is_tried_until_it_works():
    with FakeDocker(WORLD, pull="any") as daemon:
        pulls = [ask(daemon, "POST", "/images/create?fromImage=busybox&tag=latest") for _ in range(3)]
        assert [status for status, _ in pulls] == [500, 500, 200]
        assert json.loads(pulls[0][1])["message"].startswith("toomanyrequests: You have reached")


def test_a_container_cannot_be_removed_while_the_disk_is_busy():
    with FakeDocker() as daemon:
        daemon.engine.create("base", "true", name="web")
        with daemon.faults.add("error", error="device-busy", on="ContainerDelete", name="web") as fault:
            status, body = ask(daemon, "DELETE", "/containers/web")
            assert status == 500
            assert b"device or resource busy" in body
        assert fault.hits == 1
        assert ask(daemon, "DELETE", "/containers/web") == (204, b"")


def test_a_daemon_that_restarts_drops_its_clients():
    with FakeDocker() as daemon:
        daemon.engine.run("base", "sleep", "600", name="web")
        daemon.faults.add("restart", on="ContainerTop", live_restore=True, first=1)
        with pytest.raises(RemoteDisconnected):
            ask(daemon, "GET", "/containers/web/top")
        status, _ = ask(daemon, "GET", "/containers/web/top")
        assert status == 200


def test_a_client_gives_up_on_a_daemon_that_hangs():
    with FakeDocker() as daemon, daemon.faults.add("hang", on="SystemInfo"):
        connection = HTTPConnection(urlsplit(daemon.url).netloc, timeout=0.1)
        connection.request("GET", "/v1.51/info")
        with pytest.raises(TimeoutError):
            connection.getresponse()
        daemon.faults.release()
        connection.close()
