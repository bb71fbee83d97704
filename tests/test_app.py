"""The app under another WSGI server than ours, one without our hooks: here it is werkzeug's test client."""

from __future__ import annotations

import pytest
from werkzeug.test import Client

from fakedocker import FakeDocker
from fakedocker.api.service import DAEMON
from fakedocker.app import wsgi


@pytest.fixture
def daemon() -> FakeDocker:
    return FakeDocker(seed=1, clock="manual")


@pytest.fixture
def web(daemon: FakeDocker) -> Client:
    app = wsgi()

    def with_daemon(environ, start_response):  # type: ignore[no-untyped-def]
        environ[DAEMON] = lambda: daemon._service
        return app(environ, start_response)

    return Client(with_daemon)


def test_the_app_is_built_once() -> None:
    assert wsgi() is wsgi()


def test_it_answers_as_under_our_server(web: Client, daemon: FakeDocker) -> None:
    created = web.post("/v1.1/containers/create", json={"Image": "base", "Cmd": ["echo", "hi"]})
    assert created.status == "201 Created"
    identity = created.json["Id"]
    assert web.post(f"/containers/{identity}/start").status_code == 200
    daemon.advance(1)
    assert web.post(f"/containers/{identity}/wait").json == {"StatusCode": 0}
    assert web.get("/nosuch").json == {"message": "page not found"}
    assert web.get("/v1.1//version").headers["Location"] == "/v1.1/version"


def test_streams_come_whole(web: Client, daemon: FakeDocker) -> None:
    assert web.post("/images/create?fromImage=busybox").text.startswith('{"status":"Pulling repository busybox')
    container = daemon.engine.run("base", "echo", "hi")
    daemon.advance(1)
    attached = web.post(f"/containers/{container.id}/attach?logs=1&stdout=1")
    assert (attached.content_type, attached.data) == ("application/vnd.docker.raw-stream", b"hi\n")


def test_a_closed_daemon_says_so(web: Client, daemon: FakeDocker) -> None:
    container = daemon.engine.run("base", "sleep", "1000")
    daemon._service.runtime.close()
    reply = web.post(f"/containers/{container.id}/stop?t=5")
    assert (reply.status_code, reply.text) == (503, "the daemon is shutting down\n")
