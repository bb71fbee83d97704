"""`fakedocker record`, as a process of its own where that matters."""

from __future__ import annotations

import re
import resource
import signal
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from wire_client import PATIENCE, WireClient

from fakedocker import FakeDocker
from fakedocker.cassettes.model import Exchange
from fakedocker.cassettes.store import load
from fakedocker.cli import main

READY = re.compile(r"fakedocker \S+ is recording: DOCKER_HOST=(\S+)\n")


class Recording:
    """A running `fakedocker record`."""

    def __init__(self, upstream: str, cassette: Path, *arguments: str, file_size: int | None = None) -> None:
        def limit() -> None:
            if file_size is not None:
                resource.setrlimit(resource.RLIMIT_FSIZE, (file_size, file_size))

        words = ["record", "--upstream", upstream, "-c", str(cassette), *arguments]
        self.cassette = cassette
        self.process = subprocess.Popen(
            [sys.executable, "-m", "fakedocker", *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=limit,
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        found = READY.fullmatch(line)
        assert found, line or self.process.stderr.read()  # type: ignore[union-attr]
        self.url = found[1]

    def end(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
        """Tell it to end: its exit code, and what it said."""
        self.process.send_signal(number)
        _, err = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, err

    def says(self) -> str:
        """The next line it says."""
        assert self.process.stderr is not None
        return self.process.stderr.readline()

    def exchanges(self) -> list[Exchange]:
        return list(load(self.cassette).cassette.exchanges)


@pytest.fixture
def cassette() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="fd-") as folder:
        yield Path(folder, "session.yaml")


@pytest.fixture
def record(daemon: FakeDocker, cassette: Path) -> Iterator[Callable[..., Recording]]:
    """Record the fake daemon of the test."""
    running: list[Recording] = []

    def start(*arguments: str, file_size: int | None = None) -> Recording:
        running.append(Recording(daemon.url, cassette, *arguments, file_size=file_size))
        return running[-1]

    yield start
    for one in running:
        if one.process.poll() is None:
            one.process.kill()
        one.process.communicate()


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Run a command that ends by itself, in this process: its exit code, and what it wrote."""
    monkeypatch.setattr(signal, "signal", lambda *_: None)  # the handlers of this process stay what they are

    def run(*arguments: str) -> tuple[int, str, str]:
        try:
            code = main(arguments)
        except SystemExit as end:
            code = int(end.code or 0)
        return code, *capsys.readouterr()

    return run


# -- recording ------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_records_what_passes_and_sums_up_when_it_is_told_to_end(
    record: Callable[..., Recording], daemon: FakeDocker, number: signal.Signals
) -> None:
    recording = record()
    path = Path(recording.url.removeprefix("unix://"))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert recording.says() == f"fakedocker: {recording.url} leads to {daemon.url}, recorded in {recording.cassette}\n"
    with WireClient(recording.url) as client:
        assert client.get("/v1.1/images/json").status == 200
        assert re.fullmatch(r"GET /v1\.1/images/json 200 [0-9]+ B [0-9.]+ s\n", recording.says())
        assert client.get("/containers/nosuch/json").status == 404
        assert "404" in recording.says()
    code, said = recording.end(number)
    assert code == 0
    assert re.search(r"^fakedocker: 2 exchanges, 0 streams, [0-9]+ bytes of bodies in ", said, re.MULTILINE)
    assert said.endswith("fakedocker: redacted: nothing\n")
    assert [exchange.request.path for exchange in recording.exchanges()] == [
        "/v1.1/images/json",
        "/containers/nosuch/json",
    ]
    assert not path.parent.exists()


def test_secrets_are_counted_and_not_on_disk(record: Callable[..., Recording]) -> None:
    recording = record("--redact", "X-Mine", "--redact", "/base-[0-9]+/")
    with WireClient(recording.url) as client:
        client.get("/info?x=base-12345", headers={"X-Registry-Auth": "c2VjcmV0LXZhbHVl", "X-Mine": "my-own-value"})
    code, said = recording.end()
    assert code == 0
    assert "1 registry-auth" in said
    text = recording.cassette.read_text()
    assert not [secret for secret in ("c2VjcmV0LXZhbHVl", "my-own-value", "base-12345") if secret in text + said]


def test_it_writes_where_it_listens_into_a_file(record: Callable[..., Recording], tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    recording = record("-H", "tcp://127.0.0.1:0", "--ready-file", str(ready))
    assert ready.read_text() == f"{recording.url}\n"
    recording.end()
    assert not ready.exists()


def test_a_cassette_can_be_gone_on_with(record: Callable[..., Recording]) -> None:
    for arguments in ((), ("--append",)):
        recording = record(*arguments)
        with WireClient(recording.url) as client:
            client.get("/info")
        assert recording.end()[0] == 0
    assert [exchange.id for exchange in recording.exchanges()] == [1, 2]


def test_a_recorder_that_is_killed_leaves_every_exchange_that_was_over(
    record: Callable[..., Recording], daemon: FakeDocker
) -> None:
    recording = record()
    recording.says()
    container = daemon.engine.run("base", "sh", "-c", "echo hi; read line", open_stdin=True)
    with WireClient(recording.url) as client, WireClient(recording.url) as stream:
        stream.ask("POST", f"/containers/{container.id}/attach?stream=1&stdout=1&logs=1")
        stream.head()
        for _ in range(5):
            client.get("/info")
            recording.says()  # it is on disk
        recording.end(signal.SIGKILL)
        loaded = load(recording.cassette)
    assert [exchange.request.path for exchange in loaded.cassette.exchanges] == ["/info"] * 5


def test_a_full_disk_is_told_at_once_and_by_the_exit_code(record: Callable[..., Recording]) -> None:
    recording = record(file_size=3000)
    recording.says()
    with WireClient(recording.url) as client:
        said = []
        for _ in range(30):  # the traffic goes on
            assert client.get("/info").status == 200
            if not said or "cannot write" not in said[-1]:
                said.append(recording.says())
    assert said[-1] == (
        f"fakedocker: cannot write {recording.cassette}: File too large; the traffic goes on, the recording does not\n"
    )
    code, rest = recording.end()
    assert code == 1
    assert rest.endswith("fakedocker: the recording is not complete: File too large\n")
    assert len(recording.exchanges()) == len(said) - 1


# -- what it cannot do ------------------------------------------------------------------------------


def test_a_daemon_that_is_not_there_is_one_line(run: Callable[..., tuple[int, str, str]], cassette: Path) -> None:
    code, out, err = run("record", "--upstream", "unix:///no/such.sock", "-c", str(cassette))
    assert (code, out) == (2, "")
    assert err == "fakedocker: cannot reach unix:///no/such.sock: No such file or directory\n"
    assert not cassette.exists()


@pytest.mark.parametrize("host", ["tcp://0.0.0.0:0", "tcp://192.0.2.1:1", "tcp://[::]:0"])
def test_others_are_let_in_only_on_request(
    run: Callable[..., tuple[int, str, str]], daemon: FakeDocker, cassette: Path, host: str
) -> None:
    code, _, err = run("record", "--upstream", daemon.url, "-c", str(cassette), "-H", host)
    assert code == 2
    assert "can be reached from other machines" in err
    assert "--allow-remote" in err
    assert not cassette.exists()


def test_on_request_others_are_let_in(record: Callable[..., Recording]) -> None:
    recording = record("-H", "tcp://0.0.0.0:0", "--allow-remote")
    with WireClient(recording.url.replace("0.0.0.0", "127.0.0.1")) as client:
        assert client.get("/info").status == 200
    assert recording.end()[0] == 0


def test_a_cassette_that_is_there_is_not_overwritten(
    run: Callable[..., tuple[int, str, str]], daemon: FakeDocker, cassette: Path
) -> None:
    cassette.write_text("precious")
    code, _, err = run("record", "--upstream", daemon.url, "-c", str(cassette))
    assert (code, err.count("\n")) == (2, 1)
    assert str(cassette) in err
    assert cassette.read_text() == "precious"


def test_a_cassette_in_a_folder_that_is_not_there_is_one_line(
    run: Callable[..., tuple[int, str, str]], daemon: FakeDocker
) -> None:
    code, _, err = run("record", "--upstream", daemon.url, "-c", "/no/such/folder/c.yaml")
    assert (code, err) == (2, "fakedocker: cannot write /no/such/folder/c.yaml: No such file or directory\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--upstream", "ftp://x"), "invalid address 'ftp://x'"),
        (("-H", "ftp://x"), "invalid address 'ftp://x'"),
        (("-H", "unix:///no/such/s"), "cannot listen on unix:///no/such/s: No such file or directory"),
        (("--redact", "/(/"), "/(/ is no regular expression"),
        (("--tlsverify", "--tlscacert", "/no/ca.pem", "--upstream", "tcp://127.0.0.1:1"), "cannot read /no/ca.pem"),
    ],
)
def test_what_it_cannot_do_is_one_line(
    run: Callable[..., tuple[int, str, str]],
    daemon: FakeDocker,
    cassette: Path,
    arguments: tuple[str, ...],
    said: str,
) -> None:
    code, out, err = run("record", "--upstream", daemon.url, "-c", str(cassette), *arguments)
    assert (code, out) == (2, "")
    assert err.startswith(f"fakedocker: {said}")
    assert err.count("\n") == 1


def test_a_second_recorder_does_not_write_into_the_same_cassette(
    record: Callable[..., Recording], run: Callable[..., tuple[int, str, str]], daemon: FakeDocker
) -> None:
    recording = record()
    code, _, err = run("record", "--upstream", daemon.url, "-c", str(recording.cassette), "--append")
    assert (code, err.count("\n")) == (2, 1)
    assert recording.end()[0] == 0


def test_a_port_that_is_taken_is_named(
    run: Callable[..., tuple[int, str, str]], daemon: FakeDocker, cassette: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        host = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
        code, _, err = run("record", "--upstream", daemon.url, "-c", str(cassette), "-H", host)
    assert (code, err) == (2, f"fakedocker: cannot listen on {host}: Address already in use\n")
    assert not cassette.exists()  # which would be in the way of the next attempt
