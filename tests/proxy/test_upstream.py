"""Where the daemon is, and that nobody is there."""

from __future__ import annotations

from pathlib import Path

import pytest
from toy_daemon import ToyDaemon

from fakedocker.proxy.tls import TlsFiles
from fakedocker.proxy.upstream import UnreachableError, parse_upstream


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("unix:///run/docker.sock", "unix:///run/docker.sock"),
        ("tcp://127.0.0.1:2375", "tcp://127.0.0.1:2375"),
        ("tcp://docker.example", "tcp://docker.example:2375"),
        ("tcp://[::1]:1", "tcp://[::1]:1"),
        ("ssh://me@example.com", "ssh://me@example.com"),
        ("ssh://example.com:2222", "ssh://example.com:2222"),
    ],
)
def test_an_address_is_read_as_docker_writes_it(text: str, said: str) -> None:
    assert str(parse_upstream(text)) == said


def test_the_port_for_tls_is_another() -> None:
    assert parse_upstream("tcp://docker.example", TlsFiles()).port == 2376


@pytest.mark.parametrize(
    "text",
    [
        "",
        "docker.sock",
        "/run/docker.sock",
        "unix://relative",
        "http://x",
        "tcp://",
        "tcp://a:b",
        "tcp://a:0",
        "tcp://a:99999",
        "ssh://",
        "ssh://-oProxyCommand=x",
        "ssh://a b",
        "ssh://me@-x",
        "ssh://x/path",
        "fd://",
    ],
)
def test_what_is_no_address_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(ValueError, match="invalid address") as caught:
        parse_upstream(text)
    assert "\n" not in str(caught.value)


def test_a_missing_certificate_is_named() -> None:
    with pytest.raises(ValueError, match=r"cannot read /no/such/ca\.pem"):
        parse_upstream("tcp://x", TlsFiles(True, "/no/such/ca.pem"))


def test_a_certificate_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("not a certificate")
    with pytest.raises(ValueError, match="no usable certificates"):
        parse_upstream("tcp://x", TlsFiles(True, str(tmp_path / "ca.pem")))


@pytest.mark.parametrize("url", ["unix:///no/such/docker.sock", "tcp://127.0.0.1:1"])
def test_a_daemon_that_is_not_there_is_one_line(url: str) -> None:
    with pytest.raises(UnreachableError, match=f"cannot reach {url}: (No such file|Connection refused)"):
        parse_upstream(url).connect()


def test_a_connection_leads_to_the_daemon(toy: ToyDaemon) -> None:
    line = parse_upstream(toy.url).connect()
    line.sendall(b"hello")
    with toy.accepts() as daemon:
        daemon.hears(b"hello")
    line.close()
