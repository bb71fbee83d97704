"""Answers that HTTP finds nothing wrong with."""

from __future__ import annotations

import io
import json
import tarfile
from typing import Any

import pytest
from wire_client import WireClient

from fakedocker import FakeDocker

PULL = "/images/create?fromImage=busybox&tag=latest"


def test_a_pull_fails_in_its_last_line(daemon: FakeDocker, client: WireClient) -> None:
    daemon.faults.add("stream-error", message="no space left on device", on="ImageCreate")
    reply = client.post(f"/v1.41{PULL}")
    lines = reply.body.splitlines()
    assert reply.status == 200
    assert len(lines) == 2
    assert json.loads(lines[1]) == {
        "errorDetail": {"message": "no space left on device"},
        "error": "no space left on device",
    }
    assert "busybox:latest" not in str(daemon.engine.tags()), "what it was at is given up"
    assert client.get("/v1.41/_ping").status == 200, "the connection is still good"


def test_a_pull_of_2013_fails_in_its_own_words(daemon: FakeDocker, client: WireClient) -> None:
    daemon.faults.add("stream-error", message="boom", on="ImageCreate")
    assert client.post(f"/v1.1{PULL}").objects[-1] == {"error": "boom"}


def test_all_lines_can_come_before(daemon: FakeDocker, client: WireClient) -> None:
    daemon.faults.add("stream-error", lines=1000, code=7, on="ImageCreate")
    told = [json.loads(line) for line in client.post(f"/v1.41{PULL}").body.splitlines()]
    assert told[-2]["status"].startswith("Status: Downloaded newer image")
    assert told[-1]["errorDetail"] == {"code": 7, "message": "unexpected EOF"}


def test_what_is_refused_is_refused_as_ever(daemon: FakeDocker, client: WireClient) -> None:
    refused = client.get("/v1.41/containers/none/logs?stdout=1").body
    daemon.faults.add("stream-error", on="ContainerLogs")
    daemon.faults.add("truncated-tar", on="ContainerLogs")
    reply = client.get("/v1.41/containers/none/logs?stdout=1")
    assert (reply.status, reply.body) == (404, refused)


@pytest.mark.parametrize("path", ["/containers/web/export", "/containers/web/archive?path=/big", "/images/base/get"])
def test_an_archive_ends_in_the_middle_of_a_file(daemon: FakeDocker, client: WireClient, web: str, path: str) -> None:
    daemon.engine.write_file("web", "/big", b"x" * 5000)
    whole = client.get(f"/v1.41{path}").body
    daemon.faults.add("truncated-tar")
    reply = client.get(f"/v1.41{path}")
    assert reply.status == 200
    assert whole.startswith(reply.body)
    with pytest.raises(tarfile.ReadError, match="unexpected end of data"):
        unpack(reply.body)


def test_an_archive_can_end_where_one_likes(daemon: FakeDocker, client: WireClient, web: str) -> None:
    daemon.faults.add("truncated-tar", bytes=700, on="ContainerExport")
    assert len(client.get("/v1.41/containers/web/export").body) == 700


def test_an_archive_without_files_lacks_its_end(daemon: FakeDocker, client: WireClient, web: str) -> None:
    daemon.engine.exec("web", "mkdir", "/void")
    daemon.faults.add("truncated-tar", on="ContainerArchive")
    assert client.get("/v1.41/containers/web/archive?path=/void").body[512:] in (b"", b"\0" * 512)


def unpack(data: bytes) -> list[Any]:
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        return [file.read() for member in archive if (file := archive.extractfile(member)) is not None]
