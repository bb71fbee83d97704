import json
from http.client import HTTPConnection
from urllib.parse import urlsplit

from fakedocker import FakeDocker, connect


def test_a_daemon_of_another_process():
    with FakeDocker(clock="manual") as elsewhere:  # `fakedocker serve`, say
        daemon = connect(elsewhere.url)  # without a url: that of $DOCKER_HOST
        daemon.faults.add("error", status=503, on="ContainerList")
        daemon.advance(3600)
        daemon.snapshot("before")
        daemon.journal.assert_not_called("ContainerCreate")
        daemon.restore("before")
        daemon.check()


def test_the_same_in_any_language():
    with FakeDocker(clock="manual") as daemon:
        connection = HTTPConnection(urlsplit(daemon.http_url).netloc)

        def ask(method, path, **arguments):
            body = json.dumps(arguments) if method == "POST" else None
            connection.request(method, f"/_fakedocker{path}", body, {"Content-Type": "application/json"})
            return json.loads(connection.getresponse().read())

        before = ask("GET", "/clock")["now"]
        assert ask("POST", "/clock/advance", seconds=60)["now"] == before + 60
        fault = ask("POST", "/faults", fault={"kind": "error", "error": "no-space", "on": "ImageCreate"})
        assert [one["id"] for one in ask("GET", "/faults")] == [fault["id"]]
        assert ask("GET", "/journal") == []
        connection.close()
