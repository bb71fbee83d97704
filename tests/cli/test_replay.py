"""`fakedocker replay`, as a process of its own."""

from __future__ import annotations

import resource
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from small_daemon import SmallDaemon
from wire_client import WireClient

from fakedocker.cassettes.model import Json
from fakedocker.cassettes.store import beside, load
from fakedocker.cli import main

CASSETTE = Path(__file__).parents[2] / "cassettes" / "run.yaml"
PATIENCE = 20

Start = Callable[..., tuple[subprocess.Popen[str], str]]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start a replay and return it with where it listens."""
    processes: list[subprocess.Popen[str]] = []

    def run(*words: str, file_size: int | None = None) -> tuple[subprocess.Popen[str], str]:
        def limit() -> None:
            if file_size is not None:
                resource.setrlimit(resource.RLIMIT_FSIZE, (file_size, file_size))

        ready = tmp_path / f"ready-{len(processes)}"  # a process that is killed leaves it
        if not words or words[0].startswith("-"):
            words = (str(CASSETTE), "-H", "127.0.0.1:0", *words)
        command = [sys.executable, "-m", "fakedocker", "replay"]
        process = subprocess.Popen(
            [*command, "--ready-file", str(ready), *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=limit,
        )
        processes.append(process)
        end = time.monotonic() + PATIENCE
        while not (ready.exists() and ready.read_text().endswith("\n")):
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < end
            time.sleep(0.01)
        return process, ready.read_text().strip()

    yield run
    for process in processes:
        process.kill()
        process.communicate()


def stop(process: subprocess.Popen[str]) -> tuple[int, str]:
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=PATIENCE)
    return process.returncode, said


def test_it_answers_and_says_what_nobody_asked_for(start: Start) -> None:
    process, url = start("--speed", "0")
    with WireClient(url) as client:
        assert client.request("HEAD", "/_ping").status == 200
    code, said = stop(process)
    assert code == 0
    assert "not asked for: exchange 2, GET " in said


def test_what_is_left_over_can_be_a_failure(start: Start) -> None:
    process, _ = start("--strict")
    assert stop(process)[0] == 1


def test_what_was_not_recorded_is_a_failure_and_explained(start: Start) -> None:
    process, url = start()
    with WireClient(url) as client:
        assert client.get("/nosuch").status == 501
    code, said = stop(process)
    assert code == 1
    assert "not recorded: 1 request; the first:\nGET /nosuch: no such request is in the cassette." in said


@pytest.mark.parametrize(
    "words",
    [
        ["nosuch.yaml"],
        [str(Path(__file__))],
        [str(CASSETTE), "--speed", "-1"],
        [str(CASSETTE), "--upstream", "unix:///no/such.sock"],
        [str(CASSETTE), "--mode", "all", "--upstream", "unix:///no/such.sock"],
        [str(CASSETTE), "--mode", "all", "--upstream", "ftp://x"],
        [str(CASSETTE), "--mode", "new_episodes", "--upstream", "unix:///no/such.sock", "-H", "tcp://0.0.0.0:0"],
        [str(CASSETTE), "--mode", "all", "--upstream", "tcp://127.0.0.1:1", "--tlsverify", "--tlscacert", "/no/ca.pem"],
    ],
)
def test_what_cannot_begin_is_one_complaint(
    words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(signal, "signal", lambda *_: None)  # the handlers of this process stay what they are
    assert main(["replay", *words]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("fakedocker: ")
    assert said.err.count("\n") == 1


# -- recording -----------------------------------------------------------------------------


@pytest.fixture
def daemon() -> Iterator[SmallDaemon]:
    with SmallDaemon() as daemon:
        yield daemon


def create(url: str, image: str = "busybox") -> int:
    with WireClient(url) as client:
        return client.post("/v1.41/containers/create?name=web", json={"Image": image}).status


def test_once_records_behind_a_private_socket_and_then_replays(
    start: Start, tmp_path: Path, daemon: SmallDaemon
) -> None:
    cassette = tmp_path / "session.yaml"
    words = (str(cassette), "--mode", "once", "--upstream", daemon.url)
    process, url = start(*words)
    path = Path(url.removeprefix("unix://"))
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert create(url) == 201
    assert not cassette.exists()
    assert stop(process) == (0, f"fakedocker: recorded: 1 exchange in {cassette}\n")
    assert not path.parent.exists()
    daemon.close()
    process, url = start(*words)
    assert create(url) == 201
    assert stop(process) == (0, "")


def test_new_episodes_are_appended_and_counted(start: Start, tmp_path: Path, daemon: SmallDaemon) -> None:
    cassette = tmp_path / "session.yaml"
    words = (str(cassette), "--mode", "new_episodes", "--upstream", daemon.url)
    for image in ("busybox", "alpine"):
        process, url = start(*words)
        assert create(url, image) == 201
        assert stop(process)[1].startswith(f"fakedocker: recorded: 1 exchange in {cassette}\n")
    assert [one.id for one in load(cassette).cassette.exchanges] == [1, 2]


def test_a_recording_that_is_killed_leaves_the_cassette_and_what_was_over(
    start: Start, tmp_path: Path, daemon: SmallDaemon
) -> None:
    cassette = tmp_path / "session.yaml"
    process, url = start(str(cassette), "--mode", "all", "--upstream", daemon.url)
    assert create(url) == 201
    stop(process)
    before = cassette.read_bytes()
    process, url = start(str(cassette), "--mode", "all", "--upstream", daemon.url)
    assert create(url, "alpine") == 201
    end = time.monotonic() + PATIENCE
    while not load(beside(cassette)).cassette.exchanges:
        assert time.monotonic() < end
        time.sleep(0.01)
    process.kill()
    process.wait()
    assert cassette.read_bytes() == before
    assert len(load(beside(cassette)).cassette.exchanges) == 1
    process, url = start(str(cassette), "--mode", "all", "--upstream", daemon.url)
    assert create(url, "debian") == 201
    assert stop(process)[0] == 0
    assert "debian" in cassette.read_text()
    assert not beside(cassette).exists()


@pytest.mark.parametrize("mode", ["all", "new_episodes"])
def test_a_full_disk_leaves_the_cassette_whole_and_is_a_failure(
    start: Start, tmp_path: Path, daemon: SmallDaemon, mode: str
) -> None:
    cassette = tmp_path / "session.yaml"
    process, url = start(str(cassette), "--mode", "once", "--upstream", daemon.url)
    assert create(url) == 201
    stop(process)
    before = load(cassette).cassette.exchanges
    limit = cassette.stat().st_size + 1000
    process, url = start(str(cassette), "--mode", mode, "--upstream", daemon.url, file_size=limit)
    for number in range(10):  # the traffic goes on
        assert create(url, f"image-{number}") == 201
    code, said = stop(process)
    assert code == 1
    assert f"cannot write {cassette}: File too large; what is new is not recorded" in said
    after = load(cassette).cassette.exchanges
    assert after[: len(before)] == before
    assert (len(after) > len(before)) == (mode == "new_episodes")
    assert beside(cassette).exists() == (mode == "all")


def test_new_episodes_that_are_killed_leave_what_was_over_and_can_be_gone_on_with(
    start: Start, tmp_path: Path, daemon: SmallDaemon
) -> None:
    cassette = tmp_path / "session.yaml"
    words = (str(cassette), "--mode", "new_episodes", "--upstream", daemon.url)
    process, url = start(*words)
    assert create(url) == 201
    stop(process)
    process, url = start(*words)
    assert create(url, "alpine") == 201
    with WireClient(url) as client:
        client.ask("POST", "/v1.41/containers/web/attach", headers={"Upgrade": "tcp"})
        client.head()
        client.send(b"half")
        assert client.exactly(4) == b"HALF"
        end = time.monotonic() + PATIENCE
        while len(load(cassette).cassette.exchanges) < 2:
            assert time.monotonic() < end
            time.sleep(0.01)
        process.kill()
        process.wait()
    process, url = start(*words)
    assert create(url, "debian") == 201
    assert stop(process)[0] == 0
    images = [one.request.body for one in load(cassette).cassette.exchanges]
    assert images == [Json({"Image": image}) for image in ("busybox", "alpine", "debian")]
