import json
from urllib.request import Request, urlopen

from fakedocker import FakeDocker


def test_back_to_where_it_was():
    with FakeDocker(clock="manual") as daemon:
        daemon.engine.run("base", "sleep", "600", name="web")
        before = daemon.snapshot()

        daemon.advance(3600)
        daemon.engine.remove("web")
        assert [one.name for one in daemon.engine.containers(running_only=True)] == []

        daemon.restore(before)
        assert daemon.engine.container("web").running


def test_by_its_name_over_http():
    def ask(daemon, path, **body):
        request = Request(f"{daemon.http_url}{path}", json.dumps(body).encode(), {"Content-Type": "application/json"})
        return json.load(urlopen(request))

    with FakeDocker() as daemon:
        ask(daemon, "/_fakedocker/snapshots", name="clean")
        ask(daemon, "/v1.51/volumes/create", Name="data")
        assert daemon.state()["volumes"] == ["data"]
        ask(daemon, "/_fakedocker/snapshots/restore", name="clean")
        assert daemon.state()["volumes"] == []
