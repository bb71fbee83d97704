"""The layer over real sockets: routes, bodies, and that it is in nobody's way."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from wire_client import WireClient

from fakedocker import FakeDocker


@pytest.fixture
def daemon() -> Iterator[FakeDocker]:
    with FakeDocker(clock="manual") as daemon:
        yield daemon


def ask(daemon: FakeDocker, method: str, path: str, body: str | None = None, **headers: str) -> tuple[int, Any]:
    kind = {"Content-Type": "application/json"} if method == "POST" else {}
    local = {"Host": daemon.url.removeprefix("tcp://"), **kind}
    with WireClient(daemon.url) as client:
        given = {name.replace("_", "-"): text for name, text in headers.items()}
        reply = client.request(method, path, body or "", headers=local | given)
    return reply.status, json.loads(reply.body or "null")


def test_a_verb_is_done_by_its_path(daemon: FakeDocker) -> None:
    before = daemon.now
    status, told = ask(daemon, "POST", "/_fakedocker/clock/advance", '{"seconds": 60}')
    assert (status, told["now"] - before) == (200, 60)
    assert ask(daemon, "GET", "/_fakedocker/clock") == (200, {"now": before + 60, "speed": 0})


def test_the_state_tells_what_there_is(daemon: FakeDocker) -> None:
    daemon.engine.run("base", "sleep", "9", name="web")
    status, told = ask(daemon, "GET", "/_fakedocker/state")
    assert status == 200
    assert [(one["name"], one["state"]) for one in told["containers"]] == [("web", "running")]
    assert {"bridge", "host", "none"} <= set(told["networks"])
    assert ask(daemon, "GET", "/_fakedocker")[1]["containers"] == told["containers"]


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/_fakedocker/nothing", None, 404),
        ("PUT", "/_fakedocker/state", None, 405),
        ("POST", "/_fakedocker/clock/advance", "{", 400),
        ("POST", "/_fakedocker/clock/advance", "[1]", 400),
        ("POST", "/_fakedocker/clock/advance", "[" * 100_000, 400),
        ("POST", "/_fakedocker/snapshots", '{"name": "\\ud800"}', 400),
        ("GET", "/_fakedocker/containers/nobody/logs", None, 404),
        ("DELETE", "/_fakedocker/faults/1", None, 404),
    ],
)
def test_what_cannot_be_done_is_told_as_json(
    daemon: FakeDocker, method: str, path: str, body: str | None, status: int
) -> None:
    found, told = ask(daemon, method, path, body)
    assert found == status
    assert set(told) == {"message"}


def test_what_a_form_of_a_page_could_send_is_refused(daemon: FakeDocker) -> None:
    status, told = ask(daemon, "POST", "/_fakedocker/clock/advance", '{"seconds": 60}', Content_Type="text/plain")
    assert status == 403
    assert "application/json" in told["message"]
    status, _ = ask(daemon, "POST", "/_fakedocker/reset", Content_Type="application/x-www-form-urlencoded")
    assert status == 403


def test_only_json_is_a_body(daemon: FakeDocker) -> None:
    headers = {"Content_Type": "text/plain", "Sec_Fetch_Site": "same-origin"}
    told = ask(daemon, "POST", "/_fakedocker/clock/advance", '{"seconds": 60}', **headers)
    assert told == (415, {"message": "the body must be application/json"})


def test_bodies_are_bounded(daemon: FakeDocker) -> None:
    status, told = ask(daemon, "POST", "/_fakedocker/faults", '"' + "x" * (1 << 20))
    assert (status, told) == (413, {"message": "the body is too large"})


def test_a_question_for_calls_waits_for_the_one_it_is_for(daemon: FakeDocker) -> None:
    def later() -> None:
        ask(daemon, "GET", "/v1.41/version")
        ask(daemon, "GET", "/v1.41/info")

    caller = threading.Timer(0.05, later)
    caller.start()
    status, told = ask(daemon, "GET", "/_fakedocker/journal?operation=SystemInfo&wait=9&limit=1")
    caller.join()
    assert status == 200
    assert [one["operation"] for one in told] == ["SystemInfo"]


def test_a_daemon_ends_although_somebody_waits_for_calls() -> None:
    with FakeDocker() as daemon:
        connection = http.client.HTTPConnection(urlsplit(daemon.http_url).netloc, timeout=10)
        connection.request("GET", "/_fakedocker/journal?wait=30")
        ask(daemon, "GET", "/_fakedocker/health")  # by when the other question is being answered, too
        begun = time.monotonic()
    assert time.monotonic() - begun < 10
    connection.close()


def test_what_is_asked_here_is_neither_journalled_nor_struck_by_faults(daemon: FakeDocker) -> None:
    daemon.faults.add("error", status=500, on="*")
    assert ask(daemon, "GET", "/_fakedocker/health") == (200, {"status": "ok"})
    assert len(daemon.journal) == 0


def test_similar_paths_are_the_docker_apis(daemon: FakeDocker) -> None:
    connection = http.client.HTTPConnection(urlsplit(daemon.http_url).netloc, timeout=10)
    connection.request("GET", "/_fakedockers")
    assert connection.getresponse().status == 404
    connection.close()
    assert len(daemon.journal) == 1


def test_it_can_be_switched_off() -> None:
    with FakeDocker(control=False) as daemon:
        connection = http.client.HTTPConnection(urlsplit(daemon.http_url).netloc, timeout=10)
        connection.request("GET", "/_fakedocker/health")
        assert connection.getresponse().status == 404
        connection.close()


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Sec_Fetch_Site": "cross-site"},
    ],
)
def test_pages_of_other_sites_may_not_control_it(daemon: FakeDocker, headers: dict[str, str]) -> None:
    status, told = ask(daemon, "POST", "/_fakedocker/reset", **headers)
    assert status == 403
    assert "may not" in told["message"] or "own" in told["message"]


def test_its_own_page_may(daemon: FakeDocker) -> None:
    headers = {"Origin": daemon.http_url, "Sec_Fetch_Site": "same-origin"}
    assert ask(daemon, "POST", "/_fakedocker/reset", **headers) == (200, None)
