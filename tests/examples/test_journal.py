import json
import threading
from http.client import HTTPConnection
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest

from fakedocker import FakeDocker, connect


def deploy(daemon, name="web"):
    """What is tested: it starts a container on a network of its own."""
    connection = HTTPConnection(urlsplit(daemon.url).netloc)

    def ask(method, path, body=None):
        connection.request(method, f"/v1.51{path}", json.dumps(body), {"Content-Type": "application/json"})
        return json.loads(connection.getresponse().read() or "null")

    try:
        ask("POST", "/networks/create", {"Name": "lan"})
        config = {"Image": "base", "Cmd": ["sleep", "600"], "Env": ["DB_PASSWORD=hunter2hunter2"]}
        web = ask("POST", f"/containers/create?name={name}", config)["Id"]
        ask("POST", "/networks/lan/connect?platfrom=linux", {"Container": web})
        ask("POST", f"/containers/{web}/start")
    finally:
        connection.close()


def test_what_was_asked():
    with FakeDocker() as daemon:
        deploy(daemon)
        daemon.journal.assert_called("ContainerCreate", name="web", body={"Image": "base"}, status=201, times=1)
        daemon.journal.assert_called("ContainerStart", name="web")  # although it said the id
        daemon.journal.assert_not_called("ContainerKill")
        daemon.journal.assert_in_order(["NetworkCreate", "ContainerCreate", ("ContainerStart", {"name": "web"})])
        assert daemon.journal.count("ContainerCreate") == 1
        assert daemon.journal.unmatched() == []


def test_no_password_is_in_it():
    with FakeDocker() as daemon:
        deploy(daemon)
        created = daemon.journal.assert_called("ContainerCreate")
        assert created.body["Env"] == ["DB_PASSWORD={secret:DB_PASSWORD}"]


def test_a_failure_says_what_was_called_instead():
    with FakeDocker() as daemon:
        deploy(daemon, "wbe")
        with pytest.raises(AssertionError, match="name: 'wbe', not 'web'"):
            daemon.journal.assert_called("ContainerStart", name="web")


def test_waiting_for_somebody_else():
    with FakeDocker() as daemon:
        elsewhere = threading.Thread(target=deploy, args=[daemon])
        elsewhere.start()
        daemon.journal.wait_for("ContainerStart", name="web", timeout=5)
        daemon.engine.wait_for_event("start", container="web", timeout=5)
        elsewhere.join()


def test_what_was_left():
    with FakeDocker() as daemon:
        deploy(daemon)
        assert str(daemon.orphans()) == "containers web; networks lan"
        daemon.engine.remove("web")
        with pytest.raises(AssertionError, match="networks lan"):
            daemon.assert_no_orphans()


def test_what_had_no_effect():
    daemon = FakeDocker(strict=True)
    with pytest.raises(AssertionError, match="NetworkConnect: query platfrom"), daemon:
        deploy(daemon)


def test_over_http():
    with FakeDocker() as daemon:
        deploy(daemon)
        url = f"{daemon.http_url}/_fakedocker/journal?operation=ContainerStart"
        [start] = json.load(urlopen(url))
        assert (start["name"], start["status"]) == ("web", 204)
        assert [one.name for one in connect(daemon.url).journal.calls("ContainerStart")] == ["web"]
