import json
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from fakedocker import FakeDocker


@pytest.fixture
def daemon():
    with FakeDocker(clock="manual") as daemon:
        check = {"Test": ["CMD", "true"]}
        ask(daemon, "/v1.51/containers/create?name=web", Image="base", Cmd=["sleep", "100000"], Healthcheck=check)
        ask(daemon, "/v1.51/containers/web/start")
        yield daemon


def ask(daemon, path, **body):
    return urlopen(Request(f"{daemon.http_url}{path}", json.dumps(body).encode(), {"Content-Type": "application/json"}))


def inspect(daemon):
    return json.load(urlopen(f"{daemon.http_url}/v1.51/containers/web/json"))["State"]


def test_the_kernel_killed_it(daemon):
    daemon.force("web", "oom-killed")
    assert inspect(daemon)["OOMKilled"]
    assert inspect(daemon)["ExitCode"] == 137
    assert "oom" in [event["action"] for event in daemon.events()]


def test_it_is_ill_and_stays_ill(daemon):
    daemon.force("web", "unhealthy")
    daemon.advance(3600)
    assert inspect(daemon)["Health"]["Status"] == "unhealthy"


def test_it_is_dead_and_refuses_to_start(daemon):
    daemon.force("web", "dead")
    assert inspect(daemon)["Dead"]
    with pytest.raises(HTTPError, match="409"):
        ask(daemon, "/v1.51/containers/web/start")


def test_over_http(daemon):
    ask(daemon, "/_fakedocker/containers/web/state", state="restarting")
    assert inspect(daemon)["Restarting"]


def test_a_state_that_does_not_exist(daemon):
    with pytest.raises(ValueError, match="did you mean unhealthy"):
        daemon.force("web", "unhealty")


def test_a_disk_that_is_full(daemon):
    with daemon.faults.add("error", error="no-space", on="ContainerCreate"), pytest.raises(HTTPError) as refused:
        ask(daemon, "/v1.51/containers/create", Image="base", Cmd=["true"])
    assert "no space left on device" in refused.value.read().decode()


def test_a_pull_that_never_ends(daemon):
    request = Request(f"{daemon.http_url}/v1.51/images/create?fromImage=busybox&tag=latest", method="POST")
    with daemon.faults.add("hang", on="ImageCreate"), pytest.raises(TimeoutError):
        urlopen(request, timeout=0.1)
