"""Images over HTTP, in versions and ways that are not recorded; see `tests/conformance/engine_api` for what is."""

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
    """A connection to the newest daemon in the default world."""
    daemon = daemons.fresh(profile="any", seed=1)
    with WireClient(daemon.url) as client:
        yield client
    daemon.check()


@pytest.fixture
def old(daemons: Daemons) -> Iterator[WireClient]:
    """A connection to dockerd 20.10 in the default world."""
    daemon = daemons.fresh(profile="20.10", seed=1)
    with WireClient(daemon.url) as client:
        yield client
    daemon.check()


def values(reply: Reply) -> list[Any]:
    assert reply.type == "application/json"
    assert reply.text.endswith("\r\n")
    return [json.loads(line) for line in reply.text.split("\r\n")[:-1]]


def tar(**files: str) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(text)
            archive.addfile(member, io.BytesIO(text.encode()))
    return buffer.getvalue()


def auth(**members: str) -> dict[str, str]:
    return {"X-Registry-Auth": base64.urlsafe_b64encode(json.dumps(members).encode()).decode()}


HANNIBAL = auth(username="hannibal", password="xxxx", serveraddress="https://index.docker.io/v1/")


def test_a_pull_is_told_line_by_line(client: WireClient) -> None:
    told = values(client.post("/v1.41/images/create?fromImage=hello-world&tag=latest"))
    assert told[0] == {"status": "Pulling from library/hello-world", "id": "latest"}
    layer = told[1]["id"]
    full = f"[{'=' * 50}>]"
    assert told[1:3] == [
        {"status": "Pulling fs layer", "progressDetail": {}, "id": layer},
        {
            "status": "Downloading",
            "progressDetail": {"current": 13256, "total": 13256},
            "progress": f"{full}  13.26kB/13.26kB",
            "id": layer,
        },
    ]
    assert told[-1] == {"status": "Status: Downloaded newer image for hello-world:latest"}
    assert client.get("/v1.41/images/hello-world/json").json["RepoDigests"] == [
        f"hello-world@{told[-2]['status'].removeprefix('Digest: ')}"
    ]


def test_a_pull_that_fails_at_once_is_an_error_answer(client: WireClient) -> None:
    reply = client.post("/v1.41/images/create?fromImage=nosuch&tag=1")
    assert (reply.status, reply.json["message"]) == (
        404,
        "pull access denied for nosuch, repository does not exist or may require 'docker login': denied: requested "
        "access to the resource is denied",
    )
    reply = client.post("/v1.41/images/create?fromImage=nginx&tag=nosuch")
    assert (reply.status, reply.json["message"]) == (
        404,
        "manifest for nginx:nosuch not found: manifest unknown: manifest unknown",
    )


@pytest.mark.parametrize(
    ("headers", "status"),
    [({}, 404), (HANNIBAL, 200), (auth(username="hannibal", password="no"), 500), ({"X-Registry-Auth": "!"}, 404)],
)
def test_who_may_pull_what_is_private_is_said_by_a_header(
    client: WireClient, headers: dict[str, str], status: int
) -> None:
    assert client.post("/v1.41/images/create?fromImage=hannibal/secret&tag=latest", headers=headers).status == status


def test_a_push_is_told_line_by_line_and_its_errors_too(client: WireClient) -> None:
    client.post("/v1.41/images/base/tag?repo=hannibal/mine&tag=1")
    told = values(client.post("/v1.41/images/hannibal/mine/push?tag=1", headers=HANNIBAL))
    assert told[0] == {"status": "The push refers to repository [docker.io/hannibal/mine]"}
    assert told[-1]["progressDetail"] == {}
    digest, size = told[-1]["aux"]["Digest"], told[-1]["aux"]["Size"]
    assert told[-2] == {"status": f"1: digest: {digest} size: {size}"}
    denied = values(client.post("/v1.41/images/hannibal/mine/push?tag=1", headers=auth()))[-1]
    text = "denied: requested access to the resource is denied"
    assert denied == {"errorDetail": {"message": text}, "error": text}
    inspected = client.get("/v1.41/distribution/hannibal/mine:1/json").json
    assert inspected["Descriptor"]["digest"] == digest
    assert inspected["Platforms"] == [{"architecture": "amd64", "os": "linux"}]


def test_saved_images_are_loaded_again(client: WireClient) -> None:
    for name in ("alpine", "busybox"):
        client.post(f"/v1.41/images/create?fromImage={name}&tag=latest")
    identity = client.get("/v1.41/images/alpine/json").json["Id"]
    archive = client.get("/v1.41/images/get?names=alpine&names=busybox")
    assert archive.type == "application/x-tar"
    assert client.get("/v1.41/images/alpine/get").status == 200
    for name in ("alpine", "busybox"):
        client.delete(f"/v1.41/images/{name}")
    told = values(client.post("/v1.41/images/load", archive.body))
    assert [one["stream"] for one in told if "stream" in one] == [
        "Loaded image: alpine:latest\n",
        "Loaded image: busybox:latest\n",
    ]
    assert client.get("/v1.41/images/alpine/json").json["Id"] == identity
    assert [list(one) for one in values(client.post("/v1.41/images/load?quiet=1", archive.body))] == [["stream"]] * 2


def test_what_cannot_be_loaded_is_told_in_the_stream(client: WireClient, old: WireClient) -> None:
    for one, text in ((client, "unexpected EOF"), (old, "Error processing tar file(exit status 1): unexpected EOF")):
        reply = one.post("/v1.41/images/load", b"nonsense")
        assert reply.status == 200
        assert values(reply) == [{"errorDetail": {"message": text}, "error": text}]


def test_an_image_is_imported_from_a_url(client: WireClient) -> None:
    told = values(client.post("/v1.41/images/create?fromSrc=http://example.com/rootfs.tar&repo=mine&tag=1"))
    assert told[0] == {"status": "Downloading from http://example.com/rootfs.tar"}
    assert told[-1] == {"status": client.get("/v1.41/images/mine:1/json").json["Id"]}


def test_older_versions_see_more_of_an_image(client: WireClient) -> None:
    client.post("/v1.41/images/create?fromImage=nginx&tag=latest")
    by_version = {version: client.get(f"/v1.{version}/images/nginx/json").json for version in (43, 44, 45, 50)}
    assert "VirtualSize" in by_version[43]
    assert "VirtualSize" not in by_version[44]
    assert "ContainerConfig" in by_version[44]
    assert "ContainerConfig" not in by_version[45]
    assert "Hostname" in by_version[45]["Config"]
    assert by_version[50]["Config"].keys() == {
        *("ExposedPorts", "Env", "Entrypoint", "Cmd", "Labels", "StopSignal"),
    }


def test_an_image_without_a_name_was_called_none(client: WireClient) -> None:
    client.post("/v1.41/images/create?fromSrc=-&changes=LABEL+nameless=1", tar(a="x"))
    path = 'images/json?filters={"label":["nameless"]}'
    assert client.get(f"/v1.42/{path}").json[0]["RepoTags"] == ["<none>:<none>"]
    assert client.get(f"/v1.43/{path}").json[0]["RepoTags"] == []


def test_the_filter_of_long_ago_is_a_pattern_of_names(client: WireClient) -> None:
    client.post("/v1.40/images/base/tag?repo=filtered")
    assert [one["RepoTags"] for one in client.get("/v1.40/images/json?filter=filtered").json] == [["filtered:latest"]]
    assert len(client.get("/v1.41/images/json?filter=filtered").json[0]["RepoTags"]) > 1


def test_shared_sizes_are_counted_when_asked_for(client: WireClient) -> None:
    for name in ("alpine", "nginx"):
        client.post(f"/v1.41/images/create?fromImage={name}&tag=latest")
    path = 'images/json?filters={"reference":["alpine"]}'
    assert client.get(f"/v1.45/{path}").json[0]["SharedSize"] == -1
    assert client.get(f"/v1.45/{path}&shared-size=1").json[0]["SharedSize"] > 0


def test_a_history_is_not_escaped_for_html(client: WireClient) -> None:
    client.post("/v1.41/images/create?fromImage=nginx&tag=latest")
    reply = client.get("/v1.41/images/nginx/history")
    assert "<missing>" in reply.text
    assert "&&" in reply.text


def test_a_search_is_filtered_and_limited(client: WireClient) -> None:
    def names(query: str) -> list[str]:
        return [one["name"] for one in client.get(f"/v1.41/images/search?term={query}").json]

    assert "nginx" in names("n")
    assert len(names("n&limit=1")) == 1
    assert names('o&filters={"is-official":["false"]}') == []
    assert names('n&filters={"stars":["19000"]}') == ["nginx"]
    assert names("nonesuch") == []
    found = client.get("/v1.41/images/search?term=redis").json
    assert list(found[0]) == ["star_count", "is_official", "name", "is_automated", "description"]


def test_a_container_is_committed_with_a_body_or_without(client: WireClient) -> None:
    created = client.post("/v1.41/containers/create", json={"Image": "base", "Cmd": ["true"], "Env": ["A=1"]}).json[
        "Id"
    ]
    for body, env in ((None, ["A=1"]), ({"Env": ["B=2"]}, ["B=2", "A=1"])):
        identity = client.post(f"/v1.41/commit?container={created}", json=body).json["Id"]
        assert client.get(f"/v1.41/images/{identity}/json").json["Config"]["Env"] == env


def test_both_dialects_see_the_same_images(client: WireClient) -> None:
    client.post("/v1.41/images/create?fromImage=alpine&tag=latest")
    today = client.get("/v1.41/images/alpine/json").json
    then = client.get("/v1.1/images/alpine/json").json
    assert today["Id"] == f"sha256:{then['id']}"
    assert client.post("/v1.1/images/create?fromImage=test").status == 200
    assert client.get("/v1.41/images/test/json").json["Author"].startswith("John Hannibal Smith")
    assert client.delete("/v1.1/images/alpine").status == 200
    assert client.get("/v1.41/images/alpine/json").status == 404
