"""What a cassette records while it stands in for a daemon: none, once, new_episodes, all."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from small_daemon import SmallDaemon, say
from wire_client import WireClient

from fakedocker import FakeDocker
from fakedocker.cassettes.model import Exchange, Stream
from fakedocker.cassettes.store import Writer, beside, load
from fakedocker.proxy.replayer import ReplayError
from fakedocker.proxy.upstream import UnreachableError

#: What is asked before anything is recorded: who is there?
GREETING = "GET /version"


@pytest.fixture
def daemon() -> Iterator[SmallDaemon]:
    with SmallDaemon() as daemon:
        yield daemon


@pytest.fixture
def cassette(tmp_path: Path) -> Path:
    return tmp_path / "session.yaml"


def made(url: str, **config: Any) -> str:
    """Create a container called web and return its id."""
    with WireClient(url) as client:
        reply = client.post("/v1.41/containers/create?name=web", json={"Image": "busybox", **config})
    assert reply.status == 201, reply.text
    return str(reply.json["Id"])


def asked(url: str, method: str, path: str) -> tuple[int, Any]:
    with WireClient(url) as client:
        reply = client.request(method, path)
    return reply.status, reply.json if reply.body else None


def paths(cassette: Path) -> list[str]:
    return [f"{one.request.method} {one.request.path}" for one in load(cassette).cassette.exchanges]


@contextlib.contextmanager
def unchecked(**options: Any) -> Iterator[Any]:
    """Run a daemon, whatever it has no answer to."""
    daemon = FakeDocker(**options).start()
    yield daemon
    daemon.close()


def record(cassette: Path, daemon: SmallDaemon) -> str:
    """Record how a container is made and looked at; return its id."""
    with FakeDocker(cassette=cassette, mode="once", upstream=daemon.url) as recorder:
        identity = made(recorder.url)
        assert asked(recorder.url, "GET", "/v1.41/containers/web/json")[0] == 200
    daemon.asked.clear()
    return identity


# -- once --------------------------------------------------------------------------------


def test_once_records_where_there_is_no_cassette_and_plays_where_there_is(cassette: Path, daemon: SmallDaemon) -> None:
    identity = record(cassette, daemon)
    assert load(cassette).cassette.header.daemon == {"version": "1.2.3", "api_version": "1.41", "os": "linux"}
    assert paths(cassette) == ["POST /v1.41/containers/create", "GET /v1.41/containers/web/json"]
    with FakeDocker(cassette=cassette, mode="once", upstream=daemon.url) as replayed:
        assert made(replayed.url) == identity
        assert asked(replayed.url, "GET", "/v1.41/containers/web/json")[1]["Id"] == identity
        replayed.check(unused=True)
    assert daemon.asked == []


def test_once_refuses_what_the_cassette_does_not_have(cassette: Path, daemon: SmallDaemon) -> None:
    record(cassette, daemon)
    before = cassette.read_bytes()
    with unchecked(cassette=cassette, mode="once", upstream=daemon.url) as replayed:
        status, said = asked(replayed.url, "GET", "/v1.41/containers/json")
        with pytest.raises(ReplayError, match="no such request is in the cassette"):
            replayed.check()
    assert (status, daemon.asked, cassette.read_bytes()) == (501, [], before)
    assert "no such request" in said["message"]


def test_a_folder_for_the_cassette_is_made(tmp_path: Path, daemon: SmallDaemon) -> None:
    record(tmp_path / "cassettes" / "deep" / "session.yaml", daemon)
    assert (tmp_path / "cassettes" / "deep" / "session.yaml").exists()


# -- none --------------------------------------------------------------------------------


def test_none_never_goes_to_the_daemon(cassette: Path, daemon: SmallDaemon) -> None:
    with pytest.raises(FileNotFoundError):
        FakeDocker(cassette=cassette, upstream=daemon.url)
    record(cassette, daemon)
    with unchecked(cassette=cassette, upstream=daemon.url) as replayed:
        assert asked(replayed.url, "GET", "/v1.41/containers/json")[0] == 501
    assert daemon.asked == []


# -- all ---------------------------------------------------------------------------------


def test_all_records_anew_and_takes_the_place_of_the_cassette_in_the_end(cassette: Path, daemon: SmallDaemon) -> None:
    old = record(cassette, daemon)
    before = cassette.read_bytes()
    with FakeDocker(cassette=cassette, mode="all", upstream=daemon.url) as recorder:
        with WireClient(recorder.url) as client:
            assert client.delete("/v1.41/containers/web").status == 204
        new = made(recorder.url)
        assert cassette.read_bytes() == before
    assert new != old
    assert paths(cassette) == ["DELETE /v1.41/containers/web", "POST /v1.41/containers/create"]
    assert not beside(cassette).exists()


def test_a_recording_that_was_broken_off_leaves_the_cassette_as_it_was(cassette: Path, daemon: SmallDaemon) -> None:
    record(cassette, daemon)
    before = cassette.read_bytes()
    recorder = FakeDocker(cassette=cassette, mode="all", upstream=daemon.url)
    with contextlib.suppress(ZeroDivisionError), recorder:
        assert asked(recorder.url, "GET", "/v1.41/containers/json")[0] == 200
        raise ZeroDivisionError
    assert cassette.read_bytes() == before
    assert recorder.unfinished == beside(cassette)
    assert paths(beside(cassette)) == ["GET /v1.41/containers/json"]


def test_a_session_in_which_nothing_was_asked_is_no_recording(cassette: Path, daemon: SmallDaemon) -> None:
    record(cassette, daemon)
    before = cassette.read_bytes()
    with FakeDocker(cassette=cassette, mode="all", upstream=daemon.url):
        pass
    assert [one.name for one in cassette.parent.iterdir()] == ["session.yaml"]
    assert cassette.read_bytes() == before


def test_without_its_daemon_nothing_is_recorded_anew(cassette: Path) -> None:
    with pytest.raises(UnreachableError, match=r"cannot reach unix:///no/such\.sock"):
        FakeDocker(cassette=cassette, mode="all", upstream="unix:///no/such.sock").start()
    assert list(cassette.parent.iterdir()) == []


@pytest.mark.parametrize("mode", ["once", "all", "new_episodes"])
def test_two_recordings_of_one_cassette_at_the_same_time_are_refused(
    cassette: Path, daemon: SmallDaemon, mode: str
) -> None:
    second = FakeDocker(cassette=cassette, mode=mode, upstream=daemon.url)
    with (
        FakeDocker(cassette=cassette, mode=mode, upstream=daemon.url),
        pytest.raises(ValueError, match="is being written by another process"),
    ):
        second.start()


# -- new episodes ------------------------------------------------------------------------


def test_new_episodes_play_what_is_there_and_append_what_is_not(cassette: Path, daemon: SmallDaemon) -> None:
    identity = record(cassette, daemon)
    before = cassette.read_text()
    for _ in range(2):
        with FakeDocker(cassette=cassette, mode="new_episodes", upstream=daemon.url) as session:
            assert made(session.url) == identity
            status, found = asked(session.url, "GET", "/v1.41/containers/json")
            assert (status, found[0]["Id"]) == (200, identity)
    assert daemon.asked == ["GET /containers/json"]  # once: the second time it was played
    assert cassette.read_text().startswith(before)
    recorded = load(cassette).cassette.exchanges
    assert [one.id for one in recorded] == [1, 2, 3]
    assert recorded[2].start >= recorded[1].start + recorded[1].duration
    assert len({one.connection for one in recorded}) == 3


def test_without_a_cassette_new_episodes_are_all(cassette: Path, daemon: SmallDaemon) -> None:
    with FakeDocker(cassette=cassette, mode="new_episodes", upstream=daemon.url) as session:
        made(session.url)
    assert daemon.asked == [GREETING, "POST /containers/create"]
    assert paths(cassette) == ["POST /v1.41/containers/create"]


def test_the_daemon_is_not_needed_before_there_is_something_new(cassette: Path, daemon: SmallDaemon) -> None:
    identity = record(cassette, daemon)
    with unchecked(cassette=cassette, mode="new_episodes", upstream="unix:///no/such.sock") as session:
        assert made(session.url) == identity
        status, said = asked(session.url, "GET", "/v1.41/containers/json")
        assert status == 502
        assert "could not be recorded: cannot reach unix:///no/such.sock" in said["message"]
        with pytest.raises(ReplayError, match="cannot reach"):
            session.check()
    assert paths(cassette) == ["POST /v1.41/containers/create", "GET /v1.41/containers/web/json"]


@pytest.mark.parametrize("name", ["web", "{id}", "{short}"])
def test_what_is_in_the_recording_only_is_not_asked_of_the_daemon(
    cassette: Path, daemon: SmallDaemon, name: str
) -> None:
    identity = record(cassette, daemon)
    with unchecked(cassette=cassette, mode="new_episodes", upstream=daemon.url) as session:
        made(session.url)
        path = f"/v1.41/containers/{name.format(id=identity, short=identity[:12])}/start"
        status, said = asked(session.url, "POST", path)
    assert status == 501
    assert "is in the recording only, where exchange 1, POST /v1.41/containers/create, has made it" in said["message"]
    assert "mode all" in said["message"]
    assert daemon.asked == []


def test_what_was_made_at_the_daemon_is_asked_about_there(cassette: Path, daemon: SmallDaemon) -> None:
    old = record(cassette, daemon)
    with SmallDaemon("b") as other:
        with FakeDocker(cassette=cassette, mode="new_episodes", upstream=other.url) as session:
            new = made(session.url, Tty=True)  # another web than that of the recording
            assert new != old
            assert asked(session.url, "GET", "/v1.41/containers/web/json")[1]["Id"] == new
            assert asked(session.url, "POST", f"/v1.41/containers/{new}/start")[0] == 204
            assert asked(session.url, "DELETE", "/v1.41/containers/web")[0] == 204
        assert other.asked == [
            "POST /containers/create",
            "GET /containers/web/json",
            f"POST /containers/{new}/start",
            "DELETE /containers/web",
        ]
    assert len(paths(cassette)) == 6


def test_a_name_that_the_client_invents_is_appended_as_it_was_recorded(cassette: Path, daemon: SmallDaemon) -> None:
    with (
        FakeDocker(cassette=cassette, mode="once", upstream=daemon.url) as recorder,
        WireClient(recorder.url) as client,
    ):
        client.post("/v1.41/volumes?name=test-3f9a8c", json={})
    for name in ("test-11bb22", "test-99ffee"):
        with (
            FakeDocker(cassette=cassette, mode="new_episodes", upstream=daemon.url) as session,
            WireClient(session.url) as client,
        ):
            client.post(f"/v1.41/volumes?name={name}", json={})
            assert client.get(f"/v1.41/volumes/json?name={name}").status == 404
    assert daemon.asked[1:] == ["POST /volumes", "GET /volumes/json"]
    assert "11bb22" not in cassette.read_text()


def test_streams_and_taken_over_connections_are_recorded_in_between(cassette: Path, daemon: SmallDaemon) -> None:
    record(cassette, daemon)
    said: list[list[bytes]] = []
    for _ in range(2):
        with FakeDocker(cassette=cassette, mode="new_episodes", upstream=daemon.url) as session:
            identity = made(session.url, Tty=True)
            said.append([])
            with WireClient(session.url) as client:
                reply = client.get(f"/v1.41/containers/{identity}/logs?follow=1")
                assert reply.fields["content-type"] == "text/plain"
                said[-1] += reply.chunks
                client.ask("POST", f"/v1.41/containers/{identity}/attach", headers={"Upgrade": "tcp"})
                head = client.head()
                assert (head.status, head.fields["upgrade"]) == (101, "tcp")
                client.send(b"hello\n")
                said[-1].append(client.exactly(6))
                client.half_close()
                assert client.rest() == b""
    assert said == [[b"one\n", b"two\n", b"HELLO\n"]] * 2
    assert daemon.asked.count("POST /containers/create") == 1
    attached = load(cassette).cassette.exchanges[-1]
    assert attached.response is not None
    assert isinstance(attached.response.body, Stream)
    assert [(frame.direction, frame.ends) for frame in attached.response.body.frames] == [
        ("in", False),
        ("out", False),
        ("in", True),
        ("out", True),
    ]
    assert attached.end == "half-close"


def test_a_large_body_reaches_the_daemon_as_it_is(cassette: Path, daemon: SmallDaemon) -> None:
    record(cassette, daemon)
    data = os.urandom(3_000_000)
    with (
        FakeDocker(cassette=cassette, mode="new_episodes", upstream=daemon.url) as session,
        WireClient(session.url) as client,
    ):
        client.request("PUT", "/v1.41/images/load", data, headers={"Content-Type": "application/x-tar"})
    assert daemon.bodies[-1] == data
    assert len(list(cassette.with_name("session.yaml.files").iterdir())) == 1


def test_a_secret_of_what_was_played_is_none_in_what_is_recorded(cassette: Path, daemon: SmallDaemon) -> None:
    secret = "hunter2-hunter2"
    with FakeDocker(cassette=cassette, mode="once", upstream=daemon.url) as recorder:
        made(recorder.url, Env=[f"DB_PASSWORD={secret}"])
    daemon.answers["GET /info"] = lambda client: say(client, 200, {"Note": f"it was {secret}"})
    with FakeDocker(cassette=cassette, mode="new_episodes", upstream=daemon.url) as session:
        made(session.url, Env=[f"DB_PASSWORD={secret}"])
        assert asked(session.url, "GET", "/v1.41/info")[1] == {"Note": f"it was {secret}"}
    assert "it was {secret:DB_PASSWORD}" in cassette.read_text()
    assert secret not in cassette.read_text()


def test_a_daemon_that_dies_within_an_answer_is_told_to_client_and_test(cassette: Path, daemon: SmallDaemon) -> None:
    record(cassette, daemon)

    def half(client: Any) -> str:
        client.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
        return "close"

    daemon.answers["GET /events"] = half
    with unchecked(cassette=cassette, mode="new_episodes", upstream=daemon.url) as session:
        with WireClient(session.url) as client:
            client.ask("GET", "/v1.41/events")
            assert not client.rest().endswith(b"0\r\n\r\n")
        with pytest.raises(OSError, match="in the middle of its answer"):
            session.check()
    [*_, broken] = load(cassette).cassette.exchanges
    assert broken.end == "reset"


def test_a_client_that_leaves_a_quiet_stream_frees_the_daemon(cassette: Path, daemon: SmallDaemon) -> None:
    record(cassette, daemon)
    left: list[bytes] = []

    def quiet(client: Any) -> str:
        client.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        with contextlib.suppress(OSError):
            left.append(client.recv(1))
        return "close"

    daemon.answers["GET /events"] = quiet
    with (
        FakeDocker(cassette=cassette, mode="new_episodes", upstream=daemon.url) as session,
        WireClient(session.url) as client,
    ):
        client.ask("GET", "/v1.41/events")
        assert client.head().status == 200
    daemon.close()
    assert left == [b""]
    assert [one.end for one in load(cassette).cassette.exchanges][-1] == "client-left"


def test_a_client_that_waits_for_an_answer_may_leave(cassette: Path, daemon: SmallDaemon) -> None:
    record(cassette, daemon)
    daemon.answers["POST /wait"] = lambda client: [client.recv(1), "close"][1]
    with (
        FakeDocker(cassette=cassette, mode="new_episodes", upstream=daemon.url) as session,
        WireClient(session.url) as client,
    ):
        client.ask("POST", "/v1.41/wait")
        while "POST /wait" not in daemon.asked:
            pass
    last: Exchange = load(cassette).cassette.exchanges[-1]
    assert (last.request.path, last.response, last.end) == ("/v1.41/wait", None, "client-left")


def test_a_cassette_that_another_one_writes_is_not_spoiled(cassette: Path, daemon: SmallDaemon) -> None:
    record(cassette, daemon)
    header = load(cassette).cassette.header
    with (
        Writer(cassette, header, existing="append"),
        unchecked(cassette=cassette, mode="new_episodes", upstream=daemon.url) as session,
    ):
        status, said = asked(session.url, "GET", "/v1.41/containers/json")
    assert status == 502
    assert "is being written by another process" in said["message"]
    assert daemon.asked == []


# -- one class in the hand -----------------------------------------------------------------


def test_a_mode_that_is_not_there_is_named(cassette: Path) -> None:
    with pytest.raises(ValueError, match="there is no mode 'sometimes'; there are none, once, new_episodes, all"):
        FakeDocker(cassette=cassette, mode="sometimes")


def test_what_is_for_cassettes_is_refused_without_one() -> None:
    with pytest.raises(TypeError, match=r"FakeDocker\(cassette"):
        FakeDocker(mode="once")


def test_what_is_for_an_engine_is_refused_with_a_cassette(cassette: Path, daemon: SmallDaemon) -> None:
    record(cassette, daemon)
    with pytest.raises(TypeError, match="clock"):
        FakeDocker(cassette=cassette, clock="manual")
    replayed = FakeDocker(cassette=cassette)
    assert isinstance(replayed, FakeDocker)
    for ask in (lambda: replayed.engine, replayed.reset, lambda: replayed.advance(1), lambda: replayed.program("x")):
        with pytest.raises(RuntimeError, match="no engine behind a cassette"):
            ask()


def test_the_daemon_is_that_of_the_environment_unless_it_is_named(
    cassette: Path, daemon: SmallDaemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", daemon.url)
    monkeypatch.delenv("DOCKER_TLS_VERIFY", raising=False)
    with FakeDocker(cassette=cassette, mode="once") as recorder:
        made(recorder.url)
    assert re.search("Id: a10+", cassette.read_text())


# -- with a real daemon and the docker command ----------------------------------------------

REAL = os.environ.get("FAKEDOCKER_REAL_DOCKER", "")


@pytest.fixture
def docker(tmp_path: Path) -> Callable[..., tuple[int, bytes]]:
    def docker(url: str, *words: str, given: bytes = b"") -> tuple[int, bytes]:
        done = subprocess.run(
            ["docker", *words],
            input=given,
            capture_output=True,
            env={**os.environ, "DOCKER_HOST": url, "DOCKER_CONFIG": str(tmp_path), "DOCKER_BUILDKIT": "0"},
            timeout=60,
            check=False,
        )
        return done.returncode, done.stdout

    return docker


@pytest.mark.skipif(not REAL, reason="no real daemon is named in $FAKEDOCKER_REAL_DOCKER")
@pytest.mark.skipif(not shutil.which("docker"), reason="there is no docker command")
def test_the_docker_command_sees_the_same_in_every_mode(
    cassette: Path, docker: Callable[..., tuple[int, bytes]]
) -> None:
    run = ("run", "--rm", "-i", "busybox", "sh", "-c", "cat; echo err >&2; exit 3")
    late = ("run", "--rm", "busybox", "sh", "-c", "for i in 1 2 3; do echo $i; sleep 0.1; done")
    with FakeDocker(cassette=cassette, mode="once", upstream=REAL) as session:
        assert docker(session.url, *run, given=b"hello\n") == (3, b"hello\n")
    recorded = len(paths(cassette))
    with FakeDocker(cassette=cassette, mode="once", upstream="unix:///no/such.sock") as session:
        assert docker(session.url, *run, given=b"hello\n") == (3, b"hello\n")
        session.check(unused=True)
    with FakeDocker(cassette=cassette, mode="new_episodes", upstream=REAL) as session:
        assert docker(session.url, *run, given=b"hello\n") == (3, b"hello\n")
        assert docker(session.url, *late) == (0, b"1\n2\n3\n")
        assert docker(session.url, "exec", "nobody", "true")[0] == 1
    assert len(paths(cassette)) > recorded
    with FakeDocker(cassette=cassette) as session:
        assert docker(session.url, *run, given=b"hello\n") == (3, b"hello\n")
        assert docker(session.url, *late) == (0, b"1\n2\n3\n")
        assert docker(session.url, "exec", "nobody", "true")[0] == 1
        session.check(unused=True)
    with FakeDocker(cassette=cassette, mode="all", upstream=REAL) as session:
        assert docker(session.url, *late) == (0, b"1\n2\n3\n")
    assert len(paths(cassette)) < recorded + 10
