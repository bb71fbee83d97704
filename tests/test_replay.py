"""A recorded session in the place of a daemon."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from wire_client import WireClient

from fakedocker import FakeDocker
from fakedocker.cassettes.model import (
    Bytes,
    Cassette,
    Empty,
    End,
    Exchange,
    Frame,
    Header,
    Json,
    Request,
    Response,
    Stream,
    Text,
)
from fakedocker.cassettes.redaction import Redactor
from fakedocker.cassettes.store import CassetteError, Loaded, SideFiles, Writer
from fakedocker.proxy.replayer import Replayer, ReplayError

CONTAINER = "ab" * 32
JSON = (("Content-Type", "application/json"), ("Content-Length", "999"), ("Api-Version", "1.41"))
UPGRADED = (("Connection", "Upgrade"), ("Content-Type", "application/vnd.docker.raw-stream"), ("Upgrade", "tcp"))

EXCHANGES = [
    Exchange(1, 1, 0, 0, Request("GET", "/v1.41/version"), Response(200, "OK", JSON, Json({"Version": "20.10.24"}))),
    Exchange(
        2,
        1,
        1,
        0,
        Request("POST", "/v1.41/containers/create", (("name", "test-3f9a8c"),), (), Json({"Image": "busybox"})),
        Response(201, "Created", JSON, Json({"Id": CONTAINER, "Warnings": []})),
    ),
    Exchange(
        3,
        2,
        2,
        1,
        Request("POST", f"/v1.41/containers/{CONTAINER}/attach", (("stream", "1"),)),
        Response(
            101,
            "UPGRADED",
            UPGRADED,
            Stream("hijack", (Frame(0, Text("$ ")), Frame(1, Text("hi\n"), "in", "stdin"), Frame(1, Text("hi\r\n")))),
        ),
        "eof",
    ),
    Exchange(4, 1, 4, 0, Request("DELETE", "/v1.41/containers/test-3f9a8c"), Response(204, "No Content")),
    Exchange(
        5,
        1,
        5,
        1,
        Request("GET", "/v1.41/events"),
        Response(200, "OK", JSON[:1], Stream("lines", (Frame(0, Json({"id": CONTAINER})), Frame(60, Json({"n": 2}))))),
    ),
    Exchange(6, 1, 6, 0, Request("GET", "/v1.41/tar"), Response(200, "OK", (), Bytes(b"\0\1"))),
    Exchange(7, 1, 7, 0, Request("GET", "/v1.41/dropped"), None, "eof"),
    Exchange(8, 1, 8, 0, Request("HEAD", "/_ping"), Response(200, "OK", JSON, Empty())),
]


@pytest.fixture
def cassette(tmp_path: Path) -> Path:
    path = tmp_path / "session.yaml"
    with Writer(path, Header()) as writer:
        for exchange in EXCHANGES:
            writer.append(exchange)
    return path


@pytest.fixture
def daemon(cassette: Path) -> Iterator[FakeDocker]:
    running = FakeDocker(cassette=cassette).start()
    yield running
    running.close()


@pytest.fixture
def connect(daemon: FakeDocker) -> Iterator[Callable[[], WireClient]]:
    clients: list[WireClient] = []

    def new() -> WireClient:
        clients.append(WireClient(daemon.url))
        return clients[-1]

    yield new
    for client in clients:
        client.close()


def test_an_answer_is_as_it_was_but_for_its_length(connect: Callable[[], WireClient]) -> None:
    reply = connect().get("/v1.41/version")
    assert (reply.status, reply.json) == (200, {"Version": "20.10.24"})
    assert reply.fields["api-version"] == "1.41"
    assert reply.fields["content-length"] == str(len(reply.body))


def test_the_version_in_the_path_does_not_matter(connect: Callable[[], WireClient]) -> None:
    assert connect().get("/v1.44/version").json == {"Version": "20.10.24"}


def test_a_name_that_the_client_invents_may_be_another(connect: Callable[[], WireClient]) -> None:
    client = connect()
    reply = client.post("/v1.41/containers/create?name=test-11bb22", json={"Image": "busybox"})
    assert reply.json["Id"] == CONTAINER
    assert client.delete("/v1.41/containers/test-11bb22").status == 204


def test_a_hijacked_connection_waits_for_what_is_typed(connect: Callable[[], WireClient]) -> None:
    client = connect()
    client.ask("POST", f"/v1.41/containers/{CONTAINER}/attach?stream=1", headers={"Upgrade": "tcp"})
    head = client.head()
    assert (head.status, head.fields["upgrade"]) == (101, "tcp")
    assert client.exactly(2) == b"$ "
    assert client.quiet()
    client.send(b"hi\n")
    assert client.rest() == b"hi\r\n"


def test_a_session_that_is_played_has_a_journal(daemon: FakeDocker, connect: Callable[[], WireClient]) -> None:
    client = connect()
    client.get("/v1.44/version")
    client.post("/v1.41/containers/create?name=test-11bb22", json={"Image": "busybox", "Env": ["TOKEN=hunter2hunter2"]})
    client.get("/v1.41/images/json")
    assert [(entry.operation, entry.version, entry.status) for entry in daemon.journal][::2] == [
        ("SystemVersion", "1.44", 200),
        ("ImageList", "1.41", 501),
    ]
    assert [entry.operation for entry in daemon.journal.unmatched()][-1] == "ImageList"
    assert "hunter2" not in str([*daemon.journal])
    with pytest.raises(RuntimeError, match="no engine"):
        daemon.orphans()


def test_an_attached_session_is_in_the_journal_by_its_container(
    daemon: FakeDocker, connect: Callable[[], WireClient]
) -> None:
    client = connect()
    client.post("/v1.41/containers/create?name=test-11bb22", json={"Image": "busybox"})
    client.ask("POST", f"/v1.41/containers/{CONTAINER}/attach?stream=1", headers={"Upgrade": "tcp"})
    client.head()
    daemon.journal.assert_called("ContainerAttach", name="test-11bb22", status=101)


def test_a_stream_comes_chunk_by_chunk(connect: Callable[[], WireClient]) -> None:
    reply = connect().get("/v1.41/events")
    assert [json.loads(chunk) for chunk in reply.chunks] == [{"id": CONTAINER}, {"n": 2}]


def test_bytes_and_nothing_are_answered_as_they_were(connect: Callable[[], WireClient]) -> None:
    client = connect()
    assert client.get("/v1.41/tar").body == b"\0\1"
    assert client.request("HEAD", "/_ping").status == 200


def test_an_answer_that_never_came_does_not_come(connect: Callable[[], WireClient]) -> None:
    client = connect()
    client.ask("GET", "/v1.41/dropped")
    assert client.rest() == b""


def test_an_answer_that_never_came_is_none_in_the_journal(
    daemon: FakeDocker, connect: Callable[[], WireClient]
) -> None:
    client = connect()
    client.ask("GET", "/v1.41/dropped")
    assert client.rest() == b""
    assert [entry.status for entry in daemon.journal] == [None]


def test_what_was_not_recorded_is_explained_to_client_and_test(
    daemon: FakeDocker, connect: Callable[[], WireClient]
) -> None:
    reply = connect().get("/v1.41/versions")
    assert reply.status == 501
    assert "GET /v1.41/versions: no such request" in reply.json["message"]
    assert "GET /v1.41/version" in reply.json["message"]
    with pytest.raises(ReplayError, match="no such request"):
        daemon.check()


def test_what_was_recorded_once_is_answered_once(connect: Callable[[], WireClient]) -> None:
    client = connect()
    client.get("/v1.41/version")
    reply = client.get("/v1.41/version")
    assert reply.status == 501
    assert "it was recorded once" in reply.json["message"]


def test_what_nobody_asked_for_is_known(daemon: FakeDocker, connect: Callable[[], WireClient]) -> None:
    connect().get("/v1.41/version")
    assert [one.id for one in daemon.unused] == [2, 3, 4, 5, 6, 7, 8]
    daemon.check()
    with pytest.raises(ReplayError, match="nobody asked for 2 POST"):
        daemon.check(unused=True)


def test_a_missing_cassette_is_an_error_before_anything_listens(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        FakeDocker(cassette=tmp_path / "nosuch.yaml")
    (tmp_path / "other.yaml").write_text("a: b\n")
    with pytest.raises(CassetteError):
        FakeDocker(cassette=tmp_path / "other.yaml")


def test_as_a_context_manager_it_raises_what_went_wrong(cassette: Path) -> None:
    with pytest.raises(ReplayError), FakeDocker(cassette=cassette) as daemon, WireClient(daemon.url) as client:
        client.get("/nosuch")


# -- bodies that stand beside the cassette -------------------------------------------------


def test_large_json_is_matched_by_value_and_answered_in_the_clients_own_words(tmp_path: Path) -> None:
    def asked(name: str, secret: str) -> dict[str, Any]:
        return {"Name": name, "Data": "x" * 100_000, "Labels": {"api.token": secret}}

    def answered(name: str, secret: str) -> dict[str, Any]:
        return {"Id": CONTAINER, "Name": name, "Note": [f"token {secret}"] * 5000}

    path, redactor = tmp_path / "session.yaml", Redactor()
    with Writer(path, Header()) as writer:
        request = Request("POST", "/v1.41/configs/create", (), JSON[:1], Json(asked("test-3f9a8c", "hunter2-old")))
        response = Response(201, "Created", JSON[:1], Json(answered("test-3f9a8c", "hunter2-old")))
        writer.append(redactor.exchange(Exchange(1, 1, 0, 0, request, response)))
    assert len(list(path.with_name("session.yaml.files").iterdir())) == 2
    with FakeDocker(cassette=path) as daemon, WireClient(daemon.url) as client:
        reply = client.post("/v1.41/configs/create", json=asked("test-11bb22", "hunter2-new"))
        assert reply.status == 201, reply.text
        assert reply.json == answered("test-11bb22", "hunter2-new")


def test_a_large_archive_is_answered_byte_by_byte(tmp_path: Path) -> None:
    path, data = tmp_path / "session.yaml", bytes(range(256)) * 1000
    with Writer(path, Header()) as writer:
        headers = (("Content-Type", "application/x-tar"),)
        writer.append(
            Exchange(1, 1, 0, 0, Request("GET", "/v1.41/images/get"), Response(200, "OK", headers, Bytes(data)))
        )
    with FakeDocker(cassette=path) as daemon, WireClient(daemon.url) as client:
        assert client.get("/v1.41/images/get").body == data


@pytest.mark.parametrize(("end", "then"), [("client-left", b""), ("eof", None)])
def test_a_client_that_had_left_without_an_answer_is_not_left_by_the_daemon(end: End, then: bytes | None) -> None:
    exchange = Exchange(1, 1, 0, 0, Request("POST", "/v1.41/containers/x/wait"), None, end)
    replayer = Replayer(Loaded(Cassette(Header(), [exchange]), SideFiles(Path("none.yaml"))))
    taken: list[Any] = []
    environ: Any = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/v1.41/containers/x/wait",
        "wsgi.input": io.BytesIO(),
        "fakedocker.hijack": lambda source, head: taken.append(source),
    }
    list(replayer(environ, lambda *_: lambda _: None))
    assert taken[0].read(1) == then
