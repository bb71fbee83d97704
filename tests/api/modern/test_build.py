"""Builds over HTTP. Dockerfile by Dockerfile the builder is compared in `tests/conformance/build`."""

from __future__ import annotations

import base64
import io
import json
import tarfile
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from wire_client import Reply, WireClient

if TYPE_CHECKING:
    from conftest import Daemons


@pytest.fixture
def client(daemons: Daemons) -> Iterator[WireClient]:
    daemon = daemons.fresh(profile="20.10", seed=1)
    with WireClient(daemon.url) as client:
        yield client
    daemon.check()


def values(reply: Reply) -> list[Any]:
    return [json.loads(line) for line in reply.text.split("\r\n")[:-1]]


def context(dockerfile: str, **files: str) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, text in {"Dockerfile": dockerfile, **files}.items():
            member = tarfile.TarInfo(name)
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text.encode()))
    return buffer.getvalue()


def test_a_build_is_told_line_by_line(client: WireClient) -> None:
    told = values(client.post("/v1.41/build?t=mine:1", context("FROM base\nRUN echo hi\n")))
    text = "".join(one.get("stream", "") for one in told)
    assert told[:3] == [
        {"stream": "Step 1/2 : FROM base"},
        {"stream": "\n"},
        {"stream": " ---> b750fe79269d\n"},
    ]
    assert "hi\n" in text
    identity = client.get("/v1.41/images/mine:1/json").json["Id"]
    assert told[-3:] == [
        {"aux": {"ID": identity}},
        {"stream": f"Successfully built {identity[7:19]}\n"},
        {"stream": "Successfully tagged mine:1\n"},
    ]


def test_a_step_that_fails_tells_its_code(client: WireClient) -> None:
    told = values(client.post("/v1.41/build", context("FROM base\nRUN exit 3\n")))
    text = "The command '/bin/sh -c exit 3' returned a non-zero code: 3"
    assert told[-1] == {"errorDetail": {"code": 3, "message": text}, "error": text}


def test_a_quiet_build_says_only_the_id_unless_it_fails(client: WireClient) -> None:
    (only,) = values(client.post("/v1.41/build?q=1", context("FROM base\nLABEL a=b\n")))
    assert only["stream"].startswith("sha256:")
    assert only["stream"].endswith("\n")
    told = values(client.post("/v1.41/build?q=1", context("FROM base\nRUN exit 3\n")))
    assert told[0] == {"stream": "Step 1/2 : FROM base"}
    assert "error" in told[-1]


def test_parameters_are_those_of_the_builder(client: WireClient) -> None:
    query = (
        't=mine:1&buildargs={"who":"you","none":null}&labels={"l":"m"}&target=first&dockerfile=Other&rm=0&nocache=1'
        '&cachefrom=["base"]&networkmode=host&platform=linux/amd64&shmsize=1&ulimits=[]&memory=5&pull='
    )
    dockerfile = "FROM base AS first\nARG who\nENV who=$who\nFROM base\nRUN exit 1\n"
    told = values(client.post(f"/v1.41/build?{query}", context("FROM nothing", Other=dockerfile)))
    assert told[-1] == {"stream": "Successfully tagged mine:1\n"}
    config = client.get("/v1.41/images/mine:1/json").json["Config"]
    assert "who=you" in config["Env"]
    assert config["Labels"] == {"l": "m"}
    containers = client.get("/v1.41/containers/json?all=1").json
    assert containers, "rm=0 keeps what the steps ran in"
    for one in containers:
        client.delete(f"/v1.41/containers/{one['Id']}?force=1")


def test_a_base_that_is_missing_is_pulled_with_the_clients_credentials(client: WireClient) -> None:
    sent = context("FROM hannibal/secret\n")
    refused = values(client.post("/v1.41/build", sent))[-1]
    assert refused["error"].startswith("pull access denied for hannibal/secret")
    logins = {"https://index.docker.io/v1/": {"username": "hannibal", "password": "xxxx"}}
    header = {"X-Registry-Config": base64.urlsafe_b64encode(json.dumps(logins).encode()).decode()}
    told = values(client.post("/v1.41/build", sent, headers=header))
    assert {"status": "Pulling from hannibal/secret", "id": "latest"} in told
    assert "aux" in told[-2]


def test_a_context_can_lie_elsewhere(client: WireClient) -> None:
    # What the world outside has there is an archive without a Dockerfile.
    reply = client.post("/v1.41/build?remote=http://example.com/rootfs.tar")
    assert (reply.status, reply.json["message"]) == (500, "Cannot locate specified Dockerfile: Dockerfile")
    reply = client.post("/v1.41/build?remote=http://example.com/hello.txt")
    assert reply.status == 400
    reply = client.post("/v1.41/build?remote=http://nosuch.example/x")
    assert reply.json["message"].startswith("error downloading remote context http://nosuch.example/x: ")


@pytest.mark.parametrize("request_line", ["POST /v1.41/build?version=2", "POST /v1.41/session", "POST /v1.41/grpc"])
def test_who_wants_buildkit_is_told_what_to_do(client: WireClient, request_line: str) -> None:
    method, _, path = request_line.partition(" ")
    reply = client.request(method, path)
    assert reply.status == 501
    assert "DOCKER_BUILDKIT=0" in reply.json["message"]


def test_there_is_no_cache_to_prune(client: WireClient) -> None:
    assert client.post("/v1.41/build/prune?all=1").json == {"CachesDeleted": None, "SpaceReclaimed": 0}


@pytest.mark.parametrize(
    "query", ["buildargs=[]", "labels=5", "ulimits={}", "cachefrom={}", "buildargs={", "rm=perhaps"]
)
def test_no_parameter_is_a_crash(client: WireClient, query: str) -> None:
    assert client.post(f"/v1.41/build?{query}", context("FROM base\n")).status in (200, 400, 500)
