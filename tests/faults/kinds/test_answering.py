"""Errors: with the real daemon's texts, in the dialect of the request."""

from __future__ import annotations

import re
from typing import Any

import pytest
from wire_client import WireClient

from fakedocker import FakeDocker
from fakedocker.faults.kinds.answering import REFUSALS


@pytest.mark.parametrize(
    ("path", "type_", "body"),
    [
        ("/v1.1/containers/web/json", "text/plain; charset=utf-8", b"no <coffee>\n"),
        ("/v1.41/containers/web/json", "application/json", b'{"message":"no <coffee>"}\n'),
        ("/containers/web/json", "text/plain; charset=utf-8", b"no <coffee>\n"),
    ],
)
def test_an_error_speaks_the_dialect_of_the_request(
    daemon: FakeDocker, client: WireClient, path: str, type_: str, body: bytes
) -> None:
    daemon.faults.add("error", status=507, message="no <coffee>", on="ContainerInspect")
    reply = client.get(path)
    assert (reply.status, reply.type, reply.body) == (507, type_, body)
    assert client.get("/v1.41/_ping").status == 200, "the connection is still good"


@pytest.mark.parametrize(
    ("error", "request_", "status", "text"),
    [
        (
            "no-space",
            ("POST", "/containers/create", {"Image": "base"}),
            500,
            "mkdir /var/lib/docker/overlay2/80b87cb3384f465cbc2f82c244b4183ea7c34090f152af26907faf914300c625-init: no "
            "space left on device",
        ),
        (
            "no-such-image",
            ("POST", "/images/create?fromImage=docker.io%2Flibrary%2Fubuntu&tag=latest", None),
            404,
            "pull access denied for ubuntu, repository does not exist or may require 'docker login': denied: requested "
            "access to the resource is denied",
        ),
        ("no-such-container", ("POST", "/containers/nope/start", None), 404, "No such container: nope"),
        (
            "unauthorized",
            ("POST", "/auth", {}),
            401,
            'Get "https://registry-1.docker.io/v2/": unauthorized: incorrect username or password',
        ),
        (
            "unauthorized",
            ("POST", "/images/create?fromImage=ubuntu&tag=latest", None),
            500,
            'Head "https://registry-1.docker.io/v2/library/ubuntu/manifests/latest": unauthorized: incorrect username '
            "or password",
        ),
        ("context-canceled", ("GET", "/containers/web/json", None), 500, "context canceled"),
    ],
)
def test_an_error_has_the_daemons_own_text(
    daemon: FakeDocker, client: WireClient, error: str, request_: tuple[str, str, Any], status: int, text: str
) -> None:
    daemon.faults.add("error", error=error)
    method, path, body = request_
    reply = client.request(method, f"/v1.41{path}", json=body)
    assert (reply.status, reply.json) == (status, {"message": text})


def test_a_conflict_reads_as_a_real_one(daemon: FakeDocker, client: WireClient, web: str) -> None:
    real = client.post("/v1.41/containers/create?name=web", json={"Image": "base", "Cmd": ["true"]})
    daemon.faults.add("error", error="conflict", on="ContainerCreate")
    played = client.post("/v1.41/containers/create?name=web", json={"Image": "base", "Cmd": ["true"]})
    assert real.status == played.status == 409
    identity = "80b87cb3384f465cbc2f82c244b4183ea7c34090f152af26907faf914300c625"
    assert played.text.replace(identity, web) == real.text


@pytest.mark.parametrize(
    ("error", "method", "path", "body"),
    [
        ("conflict", "DELETE", "/volumes/data", None),
        ("conflict", "POST", "/networks/create", {"Name": "net", "CheckDuplicate": True}),
        ("no-such-container", "POST", "/containers/nope/start", None),
        ("no-such-image", "GET", "/images/nope/json", None),
        ("no-such-image", "POST", "/containers/create", {"Image": "nope", "Cmd": ["true"]}),
        ("no-such-image", "POST", "/images/create?fromImage=nope&tag=latest", None),
        ("no-such-network", "GET", "/networks/nope", None),
        ("no-such-volume", "DELETE", "/volumes/nope", None),
    ],
)
def test_an_error_reads_as_if_it_were_none(
    daemon: FakeDocker, client: WireClient, error: str, method: str, path: str, body: Any
) -> None:
    client.post("/v1.41/networks/create", json={"Name": "net"})
    host = {"Binds": ["data:/data"]}
    client.post("/v1.41/containers/create", json={"Image": "base", "Cmd": ["true"], "HostConfig": host})
    earned = client.request(method, f"/v1.41{path}", json=body)
    daemon.faults.add("error", error=error)
    given = client.request(method, f"/v1.41{path}", json=body)
    assert earned.status == given.status >= 400
    assert re.sub("[0-9a-f]{64}", "ID", given.text) == re.sub("[0-9a-f]{64}", "ID", earned.text)


def test_an_error_names_the_object_however_the_client_does(daemon: FakeDocker, client: WireClient, web: str) -> None:
    daemon.faults.add("error", error="port-allocated", on="ContainerStart")
    told = client.post(f"/v1.41/containers/{web[:12]}/start").json["message"]
    assert told.startswith(f"driver failed programming external connectivity on endpoint web ({web}): Bind for ")


def test_status_and_message_can_differ_from_those_of_the_name(daemon: FakeDocker, client: WireClient) -> None:
    daemon.faults.add("error", error="toomanyrequests", status=429, on="ImageCreate")
    reply = client.post("/v1.41/images/create?fromImage=ubuntu&tag=latest")
    assert (reply.status, reply.reason) == (429, "Too Many Requests")
    assert reply.json["message"].startswith("toomanyrequests: You have reached your pull rate limit.")


@pytest.mark.parametrize("error", REFUSALS)
def test_every_error_can_be_told_of_every_operation(daemon: FakeDocker, client: WireClient, error: str) -> None:
    daemon.faults.add("error", error=error)
    for path in ("/containers/none/json", "/images/json", "/images/a/b:c/json", "/exec/none/json", "/volumes/none"):
        reply = client.get(f"/v1.41{path}")
        assert reply.status == REFUSALS[error].status
        assert "{" not in reply.json["message"]


def test_a_status_that_nobody_knows_has_a_reason(daemon: FakeDocker, client: WireClient) -> None:
    daemon.faults.add("error", status=599, on="SystemPing")
    assert client.get("/v1.41/_ping").line == "HTTP/1.1 599 Error"
