"""The layer: requests over real sockets, and what is in the journal of them."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from wire_client import WireClient

from fakedocker import FakeDocker
from fakedocker.journal import JOURNAL, Entry, Journal, Journalled, Ledger
from fakedocker.journal.layer import WITHOUT_EFFECT, reason_in, status_in

ATTACH = {"Upgrade": "tcp", "Connection": "Upgrade"}


def last(daemon: FakeDocker) -> Entry:
    entry = daemon.journal.last
    assert entry is not None
    return entry


@pytest.fixture
def web(daemon: FakeDocker) -> str:
    """The id of a container that is there already, and rests."""
    return daemon.engine.run("base", "sh", "-c", "echo hello; exec cat", name="web", open_stdin=True).id


def test_a_call_is_written_with_its_answer(daemon: FakeDocker, client: WireClient) -> None:
    assert client.post("/v1.41/containers/create?name=new", json={"Image": "base", "Cmd": ["true"]}).status == 201
    entry = last(daemon)
    assert (entry.operation, entry.name, entry.version, entry.status) == ("ContainerCreate", "new", "1.41", 201)
    assert entry.body == {"Image": "base", "Cmd": ["true"]}
    assert entry.id == daemon.engine.container("new").id
    assert entry.connection == "{}:{}".format(*client.sock.getsockname())


def test_a_path_without_a_version_is_told_with_the_one_that_it_speaks(daemon: FakeDocker, client: WireClient) -> None:
    client.get("/containers/json")
    assert last(daemon).version == "1.1"
    client.get("/networks")
    assert last(daemon).version == "1.51"


def test_what_the_daemon_says_is_wrong_is_the_reason(daemon: FakeDocker, client: WireClient) -> None:
    client.get("/v1.41/containers/nobody/json")
    assert (last(daemon).status, last(daemon).reason) == (404, "No such container: nobody")
    client.get("/v1.1/containers/nobody/json")
    assert (last(daemon).status, last(daemon).reason) == (404, "No such container: nobody")


def test_what_the_api_does_not_have_is_unmatched(daemon: FakeDocker, client: WireClient) -> None:
    for path in ("/v1.41/nothing", "/v1.1/nothing", "/v1.41/containers/ps", "/v1.41/containers/nobody/json", "/info"):
        client.get(path)
    client.post("/v1.41/containers/web/checkpoints", json={})
    assert [entry.path for entry in daemon.journal.unmatched()] == [
        "/v1.41/nothing",
        "/v1.1/nothing",
        "/v1.41/containers/ps",
        "/v1.41/containers/web/checkpoints",
    ]


def test_an_object_is_known_by_its_name_whatever_the_client_calls_it(
    daemon: FakeDocker, client: WireClient, web: str
) -> None:
    created = client.post("/v1.41/containers/create?name=new", json={"Image": "base", "Cmd": ["true"]}).json["Id"]
    network = client.post("/v1.41/networks/create", json={"Name": "lan"}).json["Id"]
    for path in (f"containers/{created}", f"containers/{created[:12]}", f"containers/{web[:20]}", "containers/web"):
        client.get(f"/v1.41/{path}/json")
    client.get(f"/v1.41/networks/{network}")
    assert [entry.name for entry in daemon.journal][2:] == ["new", "new", "web", "web", "lan"]
    assert daemon.journal.count("ContainerInspect", name=web) == 2
    assert daemon.journal.count(name="lan") == 2


def test_what_is_removed_is_still_called_as_it_was(daemon: FakeDocker, client: WireClient, web: str) -> None:
    client.delete(f"/v1.41/containers/{web}?force=1")
    client.get(f"/v1.41/containers/{web}/json")
    assert [(entry.name, entry.status) for entry in daemon.journal] == [("web", 204), ("web", 404)]


def test_a_container_that_was_renamed_is_called_by_its_new_name(
    daemon: FakeDocker, client: WireClient, web: str
) -> None:
    client.post(f"/v1.41/containers/{web}/rename?name=shop")
    client.get(f"/v1.41/containers/{web}/json")
    assert [entry.name for entry in daemon.journal] == ["web", "shop"]


def test_an_exec_is_known_by_its_container(daemon: FakeDocker, client: WireClient, web: str) -> None:
    made = client.post(f"/v1.41/containers/{web}/exec", json={"Cmd": ["true"]}).json["Id"]
    client.post(f"/v1.41/exec/{made}/start", json={"Detach": True})
    daemon.journal.assert_called("ExecStart", name="web", body={"Detach": True})


def test_a_followed_answer_is_answered_with_its_head_and_ends_with_the_client(
    daemon: FakeDocker, connect: Callable[[], WireClient], web: str
) -> None:
    client = connect()
    client.ask("GET", "/v1.41/containers/web/logs?stdout=1&follow=1")
    client.head()
    entry = daemon.journal.assert_called("ContainerLogs", name="web", status=200)
    assert entry.duration is None
    client.close()
    assert ended(daemon, "ContainerLogs").duration is not None


def test_a_head_that_waits_for_its_body_is_not_answered_before(
    daemon: FakeDocker, connect: Callable[[], WireClient]
) -> None:
    daemon.engine.run("base", "sleep", "600", name="old")
    waiting = connect()
    waiting.ask("POST", "/v1.1/containers/old/wait")
    entry = daemon.journal.wait_for("ContainerWait", answered=False)
    assert (entry.status, entry.duration) == (None, None)
    daemon.engine.kill("old")
    assert waiting.reply().status == 200
    assert daemon.journal.wait_for("ContainerWait").status == 200


def test_a_client_that_leaves_without_an_answer_is_told_so(
    daemon: FakeDocker, connect: Callable[[], WireClient]
) -> None:
    daemon.engine.run("base", "sleep", "600", name="old")
    waiting = connect()
    waiting.ask("POST", "/v1.1/containers/old/wait")
    daemon.journal.wait_for("ContainerWait", answered=False)
    waiting.close()
    entry = ended(daemon, "ContainerWait")
    assert entry.status is None
    assert "no answer" in str(daemon.journal)


def test_a_hijacked_connection_is_written_with_the_status_of_its_own_head(
    daemon: FakeDocker, connect: Callable[[], WireClient], web: str
) -> None:
    client = connect()
    client.ask("POST", "/v1.41/containers/web/attach?stream=1&stdin=1&stdout=1", headers=ATTACH)
    client.head()
    assert daemon.journal.assert_called("ContainerAttach", name="web").status == 101
    client.send(b"more\n")
    client.close()
    assert ended(daemon, "ContainerAttach").duration is not None


def ended(daemon: FakeDocker, operation: str) -> Entry:
    """Return a call once it has ended."""
    seen = 0
    while True:
        for entry in daemon.journal.calls(operation):
            if entry.duration is not None:
                return entry
            seen = entry.change
        assert daemon._ledger.entries(seen, 5), "it does not end"


def test_an_upload_is_told_by_its_size(daemon: FakeDocker, client: WireClient) -> None:
    tar = b"\0" * 10240
    client.request("PUT", "/v1.41/containers/nobody/archive?path=/", tar, headers={"Content-Type": "application/x-tar"})
    entry = last(daemon)
    assert (entry.body, entry.body_type, entry.body_size) == (None, "application/x-tar", 10240)


def test_no_secret_gets_into_the_journal(daemon: FakeDocker, client: WireClient) -> None:
    password = "hunter2hunter2"
    login = {"username": "me", "password": password, "serveraddress": "https://index.docker.io/v1/"}
    header = base64.urlsafe_b64encode(json.dumps(login).encode()).decode()
    several = base64.urlsafe_b64encode(json.dumps({"index.docker.io": login}).encode()).decode()
    client.post("/v1.41/auth", json=login)
    client.post("/v1.1/auth", json=login)
    client.post("/v1.41/images/create?fromImage=nothing", headers={"X-Registry-Auth": header})
    client.post(f"/v1.41/containers/create?name={password}", json={"Image": "base", "Env": [f"API_KEY={password}"]})
    client.post(f"/v1.41/build?buildargs=%7B%22TOKEN%22%3A%22{password}%22%7D", headers={"X-Registry-Config": several})
    client.get(f"/v1.41/containers/{password}/json?{password}={password}")
    with pytest.raises(AssertionError) as failure:
        daemon.journal.assert_called("SystemAuth", status=204)
    with pytest.raises(AssertionError) as another:
        daemon.journal.assert_called("ContainerCreate", body={"Env": []})
    told = [str(daemon.journal), str(failure.value), str(another.value)]
    told += [json.dumps(entry.to_json()) for entry in daemon.journal]
    for text in told:
        assert password not in text
        assert header not in text
        assert several not in text
    assert len(daemon.journal) == 6


def test_a_new_world_begins_with_an_empty_journal(daemon: FakeDocker, client: WireClient) -> None:
    client.get("/v1.41/info")
    daemon.reset()
    assert [*daemon.journal] == []


def test_the_time_is_that_of_the_daemon() -> None:
    with FakeDocker(clock="manual") as daemon, WireClient(daemon.url) as client:
        daemon.engine.run("base", "sleep", "600", name="web")
        waiting = threading.Thread(target=lambda: client.post("/v1.41/containers/web/stop?t=60"))
        waiting.start()
        started = daemon.journal.wait_for("ContainerStop", answered=False).started
        daemon.advance(3600)
        waiting.join(5)
        entry = ended(daemon, "ContainerStop")
        assert entry.duration is not None
        assert 0 <= entry.started - started < 1
        assert entry.duration >= 60


def test_clients_of_a_unix_socket_are_told_apart(tmp_path: Path) -> None:
    with FakeDocker(hosts=[f"unix://{tmp_path}/d.sock"]) as daemon:
        for _ in range(2):
            with WireClient(daemon.url) as client:
                client.get("/v1.41/_ping")
                client.get("/v1.41/_ping")
        assert [entry.connection for entry in daemon.journal] == ["@:1", "@:1", "@:2", "@:2"]


def test_five_thousand_calls_keep_to_the_limit() -> None:
    with FakeDocker(journal_limit=50) as daemon, WireClient(daemon.url) as client:
        for start in range(0, 5000, 100):
            client.send(b"GET /v1.41/_ping HTTP/1.1\r\nHost: x\r\n\r\n" * 100)
            for _ in range(100):
                assert client.reply().status == 200, start
        assert len(daemon.journal) == 50
        assert last(daemon).number == 5000
        assert "\n" not in str(last(daemon))


# -- without a daemon ------------------------------------------------------------------


def run(app: Any, **environ: Any) -> tuple[Ledger, list[bytes]]:
    """Return the ledger of one request to an application, and what it answered."""
    ledger = Ledger()
    asked = {"REQUEST_METHOD": "GET", "PATH_INFO": "/v1.51/info", JOURNAL: ledger, **environ}
    parts = Journalled(app)(asked, lambda status, headers, *error: lambda data: None)
    try:
        return ledger, list(parts)
    finally:
        close = getattr(parts, "close", None)
        if close:
            close()


def test_without_a_ledger_nothing_is_touched() -> None:
    parts: Iterable[bytes] = iter([b"x"])
    environ: dict[str, Any] = {"REQUEST_METHOD": "GET"}
    assert Journalled(lambda asked, start: parts)(environ, lambda *_: lambda data: None) is parts
    assert environ == {"REQUEST_METHOD": "GET"}


def test_an_answer_of_parts_ends_when_they_are_closed() -> None:
    closed = []

    class Parts:
        def __iter__(self) -> Any:
            return iter([b"a", b"b"])

        def close(self) -> None:
            closed.append(True)

    def app(environ: Any, start: Any) -> Any:
        start("200 OK", [])
        return Parts()

    ledger, parts = run(app)
    assert (parts, closed) == ([b"a", b"b"], [True])
    assert ledger.entries()[0].duration is not None


def test_an_application_that_fails_leaves_a_call_without_an_answer() -> None:
    ledger = Ledger()

    def app(environ: Any, start: Any) -> Any:
        raise KeyError("x")

    asked = {"REQUEST_METHOD": "GET", "PATH_INFO": "/info", JOURNAL: ledger}
    with pytest.raises(KeyError):
        Journalled(app)(asked, lambda *_: lambda data: None)
    entry = ledger.entries()[0]
    assert (entry.status, entry.duration is None) == (None, False)


def test_a_list_is_given_on_as_it_is() -> None:
    def app(environ: Any, start: Any) -> Any:
        environ[WITHOUT_EFFECT].append("query x")
        start("400 Bad Request", [])
        return [b'{"message":"no\\n"}']

    ledger, parts = run(app)
    assert parts == [b'{"message":"no\\n"}']
    entry = Journal(ledger).calls()[0]
    assert (entry.reason, entry.without_effect) == ("no", ())  # nothing had an effect, since it was refused


def test_what_an_endless_error_says_is_not_kept_without_end() -> None:
    def app(environ: Any, start: Any) -> Any:
        start("500 Internal Server Error", [])
        return iter([b"x" * 10_000] * 3)

    ledger, parts = run(app)
    assert sum(map(len, parts)) == 30_000
    assert len(ledger.entries()[0].reason) == 2000


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b'{"message":"no such thing"}\n', "no such thing"),
        (b"404 page not found\n", "404 page not found"),
        (b'{"message":', '{"message":'),
        (b'{"message":1}', '{"message":1}'),
        (b"\xff", "\ufffd"),
        (b"", ""),
    ],
)
def test_a_reason_is_read_from_any_answer(answer: bytes, reason: str) -> None:
    assert reason_in(answer) == reason


@pytest.mark.parametrize(
    ("head", "status"), [(b"HTTP/1.1 101 UPGRADED\r\n\r\n", 101), (b"", None), (b"HTTP/1.1", None), (b"a b c", None)]
)
def test_a_head_of_its_own_tells_the_status(head: bytes, status: int | None) -> None:
    assert status_in(head) == status
