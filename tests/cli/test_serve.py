"""`fakedocker serve`, as a process of its own where that matters."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from wire_client import PATIENCE, WireClient

from fakedocker import FakeDocker, __version__
from fakedocker.cli import main

READY = re.compile(r"fakedocker \S+ is ready: DOCKER_HOST=(\S+)\n")
CORS = "access-control-allow-origin"


class Serving:
    """A running `fakedocker serve`."""

    def __init__(self, *arguments: str) -> None:
        command = [sys.executable, "-m", "fakedocker", "serve", *arguments]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        found = READY.fullmatch(line)
        assert found, line or self.process.stderr.read()  # type: ignore[union-attr]
        self.url = found[1]

    def end(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, str, str]:
        """Tell it to end: its exit code, and what else it wrote."""
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, out, err


@pytest.fixture
def serve() -> Iterator[Callable[..., Serving]]:
    """Run `fakedocker serve ARGUMENTS` until the test is over."""
    running: list[Serving] = []

    def start(*arguments: str) -> Serving:
        running.append(Serving(*arguments))
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


# -- serving ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_says_when_it_is_ready_serves_and_ends_when_told(
    serve: Callable[..., Serving], tmp_path: Path, number: signal.Signals
) -> None:
    ready, sock = tmp_path / "ready", tmp_path / "docker.sock"
    serving = serve("-H", "127.0.0.1:0", "-H", f"unix://{sock}", "--ready-file", str(ready), "-D")
    assert re.fullmatch(r"tcp://127\.0\.0\.1:[1-9][0-9]*", serving.url)
    assert ready.read_text() == f"{serving.url}\n"
    with WireClient(serving.url) as client, WireClient(f"unix://{sock}") as stream:
        assert client.get("/info").json["Debug"] is True
        body = {"Image": "base", "Cmd": ["sleep", "1000"]}
        identity = client.post("/containers/create", json=body).json["Id"]
        client.post(f"/containers/{identity}/start")
        stream.ask("POST", f"/containers/{identity}/attach?stream=1&stdout=1")
        stream.head()
        code, out, _ = serving.end(number)
        assert (code, out) == (0, "")
        assert stream.rest() == b""
    assert not sock.exists()
    assert not ready.exists()


@pytest.mark.parametrize("flag", ["-api-enable-cors", "--api-enable-cors"])
def test_it_takes_the_options_of_a_daemon(serve: Callable[..., Serving], flag: str) -> None:
    serving = serve(
        "-H=tcp://127.0.0.1:0",
        flag,
        "--fixture",
        "empty",
        "--contract",
        "observed",
        "--api-version",
        "1.0",
        "--seed",
        "7",
    )
    with WireClient(serving.url) as client:
        reply = client.get("/auth")
        assert reply.fields[CORS] == "*"
        assert list(reply.json) == ["username", "password", "email"]
        assert client.get("/images/json").text == "[]"
        assert client.post("/images/create?fromImage=x").type == "text/plain; charset=utf-8"
    assert serving.end() == (0, "", "")


def test_it_warns_when_others_can_reach_it(serve: Callable[..., Serving]) -> None:
    code, _, err = serve("-H", "tcp://0.0.0.0:0").end()
    assert code == 0
    warning = r"^fakedocker: warning: tcp://0\.0\.0\.0:[0-9]+ can be reached from other machines$"
    assert re.search(warning, err, re.MULTILINE)


# -- what it cannot do ---------------------------------------------------------------------------------


def test_an_address_that_is_taken_is_one_line(run: Callable[..., tuple[int, str, str]]) -> None:
    with FakeDocker() as daemon:
        code, out, err = run("serve", "-H", daemon.url)
    assert (code, out) == (2, "")
    assert err == f"fakedocker: cannot listen on {daemon.url}: Address already in use\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--fixture", "nosuch"), "nosuch: there is no fixture of this name"),
        (("--fixture", "/no/such.yaml"), "/no/such.yaml: No such file or directory"),
        (("--profile", "0.4", "--api-version", "1.24"), "the profile 0.4 serves the API 1.0 to 1.1, not 1.24"),
        (("-H", "ftp://x"), "invalid address 'ftp://x'"),
        (
            ("-H", "unix:///no/such/directory/s"),
            "cannot listen on unix:///no/such/directory/s: No such file or directory",
        ),
    ],
)
def test_what_it_cannot_do_is_one_line(
    run: Callable[..., tuple[int, str, str]], arguments: tuple[str, ...], said: str
) -> None:
    code, out, err = run("serve", "-H", "127.0.0.1:0", *arguments)
    assert (code, out) == (2, "")
    assert err.startswith(f"fakedocker: {said}")
    assert err.count("\n") == 1


def test_a_broken_fixture_is_told_with_its_line(run: Callable[..., tuple[int, str, str]], tmp_path: Path) -> None:
    fixture = tmp_path / "world.yaml"
    fixture.write_text("images:\n  - name: base\n    layr: {}\n")
    code, _, err = run("serve", "-H", "127.0.0.1:0", "--fixture", str(fixture))
    assert code == 2
    assert f"{fixture}:3: " in err
    assert "Traceback" not in err


def test_a_ready_file_that_cannot_be_written_is_one_line(
    run: Callable[..., tuple[int, str, str]], tmp_path: Path
) -> None:
    code, _, err = run("serve", "-H", "127.0.0.1:0", "--ready-file", str(tmp_path / "no" / "such"))
    assert (code, err.count("\n")) == (2, 1)
    assert "No such file or directory" in err


@pytest.mark.parametrize(
    "arguments", [(), ("serve", "--nonsense"), ("serve", "--contract", "x"), ("serve", "--seed", "x")]
)
def test_wrong_usage_is_explained(run: Callable[..., tuple[int, str, str]], arguments: tuple[str, ...]) -> None:
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith("usage: fakedocker")


def test_it_knows_its_version(run: Callable[..., tuple[int, str, str]]) -> None:
    assert run("--version") == (0, f"fakedocker {__version__}\n", "")


def test_any_image_can_be_pulled_if_that_is_wanted(serve: Callable[..., Serving]) -> None:
    serving = serve("-H", "127.0.0.1:0", "--pull", "any")
    with WireClient(serving.url) as client:
        assert client.post("/v1.41/images/create?fromImage=what/ever&tag=7").status == 200
        assert client.get("/v1.41/images/what/ever:7/json").status == 200


def test_a_registry_that_is_none_is_refused(run: Callable[..., tuple[int, str, str]]) -> None:
    code, _, err = run("serve", "-H", "127.0.0.1:0", "--registry", "localhost:5000")
    assert code != 0
    assert "a registry is http://HOST:PORT" in err


@pytest.mark.parametrize(("option", "listens"), [("--publish", True), ("--no-publish", False)])
def test_published_ports_listen_if_it_is_told_so(
    serve: Callable[..., Serving], tmp_path: Path, option: str, listens: bool
) -> None:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
    world = tmp_path / "world.yaml"
    world.write_text(
        "publish: true\n"
        "images: [{name: base, layer: {busybox: true}}]\n"
        f"containers: [{{image: base, cmd: [sleep, '1000'], state: running, config: {{PortSpecs: ['{port}:7']}}}}]\n"
    )
    serving = serve("-H", "tcp://127.0.0.1:0", "--fixture", str(world), option)
    with socket.socket() as client:
        assert (client.connect_ex(("127.0.0.1", port)) == 0) is listens
    assert serving.end()[0] == 0


def test_a_world_whose_ports_another_program_has_is_refused(
    run: Callable[..., tuple[int, str, str]], tmp_path: Path
) -> None:
    world = tmp_path / "world.yaml"
    with socket.create_server(("127.0.0.1", 0)) as taken:
        world.write_text(
            "images: [{name: base, layer: {busybox: true}}]\n"
            "containers: [{image: base, cmd: [sleep, '1000'], state: running, "
            f"config: {{PortSpecs: ['{taken.getsockname()[1]}:7']}}}}]\n"
        )
        code, _, err = run("serve", "-H", "tcp://127.0.0.1:0", "--fixture", str(world), "--publish")
    assert code == 2
    assert "bind: address already in use" in err
    assert "Traceback" not in err


def test_other_machines_need_a_token_for_the_control_api(serve: Callable[..., Serving]) -> None:
    open_to_all = serve("-H", "tcp://0.0.0.0:0")
    _, _, err = open_to_all.end()
    [token] = re.findall(r"^fakedocker: the token for the control API is (\S+)$", err, re.MULTILINE)
    assert len(token) > 16
    _, _, err = serve("-H", "tcp://127.0.0.1:0").end()
    assert "token" not in err
    _, _, err = serve("-H", "tcp://0.0.0.0:0", "--control-token", "s3cret-of-ours").end()
    assert "token" not in err
    assert "s3cret" not in err
