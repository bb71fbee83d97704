"""TLS to a daemon: which files are used, and every subcommand that connects to one."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import pytest
from certificates import daemons_side, make_certificates
from small_daemon import SmallDaemon

from fakedocker import FakeDocker
from fakedocker.cassettes.model import Exchange, Header, Json, Request, Response
from fakedocker.cassettes.store import Writer
from fakedocker.cli import certificates, main
from fakedocker.proxy.tls import TlsFiles


def options(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    certificates.add(parser)
    return parser.parse_args(words)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder with nothing in it."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("DOCKER_CERT_PATH", raising=False)
    return tmp_path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What docker looks for: ca.pem, cert.pem, key.pem."""
    folder = make_certificates(tmp_path_factory.mktemp("certificates"))
    (folder / "cert.pem").write_bytes((folder / "client.pem").read_bytes())
    (folder / "key.pem").write_bytes((folder / "client-key.pem").read_bytes())
    return folder


@pytest.fixture
def daemon(folder: Path) -> Iterator[SmallDaemon]:
    with SmallDaemon(context=daemons_side(folder)) as daemon:
        yield daemon


def test_without_an_option_there_is_no_tls() -> None:
    assert certificates.tls_files(options()) is None
    assert certificates.tls_files(options("--tlscacert", "ca.pem")) is None


def test_files_are_those_that_are_named_or_those_of_docker_if_they_are_there(
    home: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert certificates.tls_files(options("--tls")) == TlsFiles(False)
    assert certificates.tls_files(options("--tlsverify", "--tlscacert", "/x")) == TlsFiles(True, "/x")
    monkeypatch.setenv("DOCKER_CERT_PATH", str(folder))
    assert certificates.tls_files(options("--tlsverify", "--tlscacert", "/x")) == TlsFiles(
        True, "/x", str(folder / "cert.pem"), str(folder / "key.pem")
    )


def test_a_daemon_behind_tls_is_verified(
    folder: Path, daemon: SmallDaemon, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cassette = tmp_path / "session.yaml"
    with Writer(cassette, Header()) as writer:
        answer = Response(200, "X", (("Content-Type", "application/json"),), Json({"Version": "1.2.3"}))
        writer.append(Exchange(1, 1, 0, 0, Request("GET", "/v1.41/version"), answer))
    words = ["verify", str(cassette), "--against", daemon.url, "--ignore", "body.*", "--ignore", "headers.*"]
    named = [
        *("--tlscacert", str(folder / "ca.pem")),
        *("--tlscert", str(folder / "client.pem"), "--tlskey", str(folder / "client-key.pem")),
    ]
    assert main([*words, "--tlsverify", *named]) == 0
    assert daemon.asked == ["GET /version"]
    assert main([*words, "--tlsverify"]) == 2
    assert "certificate verify failed" in capsys.readouterr().err


def test_the_daemon_of_the_environment_may_be_behind_tls(
    folder: Path, daemon: SmallDaemon, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("HOST", daemon.url), ("TLS_VERIFY", "1"), ("CERT_PATH", str(folder))):
        monkeypatch.setenv(f"DOCKER_{name}", value)
    with FakeDocker(cassette=tmp_path / "session.yaml", mode="all"):
        pass
    assert daemon.asked == ["GET /version"]
