"""Where real daemons are."""

from __future__ import annotations

from pathlib import Path

import pytest

from fakedocker.guard.places import Places, is_pipe


@pytest.fixture
def usual() -> Places:
    return Places.of({"HOME": "/home/me", "XDG_RUNTIME_DIR": "/run/user/1000"})


@pytest.mark.parametrize(
    "path",
    [
        "/var/run/docker.sock",
        "/run/docker.sock",
        "/home/me/.docker/run/docker.sock",
        "/home/me/.colima/default/docker.sock",
        "/run/user/1000/docker.sock",
        "/run/user/1000/podman/podman.sock",
    ],
)
def test_the_usual_sockets_are_known(usual: Places, path: str) -> None:
    assert usual.has_socket(path)
    assert usual.has(f"unix://{path}")


def test_other_sockets_are_free(usual: Places) -> None:
    assert not usual.has_socket("/tmp/mine/docker.sock")
    assert not usual.has_socket("docker.sock")


def test_a_symbolic_link_hides_nothing(tmp_path: Path) -> None:
    real = tmp_path / "real.sock"
    real.touch()
    link = tmp_path / "link.sock"
    link.symlink_to(real)
    assert Places.of({"DOCKER_HOST": f"unix://{real}"}).has_socket(str(link))
    assert Places.of({"DOCKER_HOST": f"unix://{link}"}).has_socket(str(real))


@pytest.mark.parametrize("port", [2375, 2376, 4243])
def test_the_ports_of_docker_on_other_hosts_are_known_and_those_of_this_one_are_free(usual: Places, port: int) -> None:
    assert usual.has_port("192.0.2.1", port)
    assert usual.has(f"tcp://docker:{port}")
    assert not usual.has_port("127.0.0.1", port)
    assert not usual.has_port("::1", port)
    assert not usual.has_port("localhost", port)


def test_a_web_server_is_free(usual: Places) -> None:
    assert not usual.has_port("192.0.2.1", 443)


def test_docker_host_is_known_whatever_its_port() -> None:
    here = Places.of({"DOCKER_HOST": "tcp://127.0.0.1:12345"})
    assert here.has_port("127.0.0.1", 12345)
    assert here.has_port("localhost", 12345)
    assert not here.has_port("127.0.0.1", 12346)
    assert not here.has_port("192.0.2.1", 12345)


def test_docker_host_without_a_port_has_the_usual_one() -> None:
    assert Places.of({"DOCKER_HOST": "tcp://127.0.0.1"}).has("127.0.0.1:2375")


def test_a_host_behind_ssh_is_known() -> None:
    places = Places.of({"DOCKER_HOST": "ssh://me@192.0.2.7"})
    assert places.has_port("192.0.2.7", 22)
    assert places.has("ssh://me@192.0.2.7")
    assert not places.has_port("192.0.2.8", 22)


@pytest.mark.parametrize("nonsense", ["tcp://[", "tcp://host:port", "://", "", "fd://"])
def test_a_docker_host_without_sense_adds_nothing(nonsense: str) -> None:
    places = Places.of({"DOCKER_HOST": nonsense})
    assert places.has_socket("/var/run/docker.sock")
    assert not places.has("tcp://127.0.0.1:1")


def test_the_pipes_of_windows_are_known() -> None:
    assert is_pipe(r"\\.\pipe\docker_engine")
    assert is_pipe("//./pipe/dockerDesktopLinuxEngine")
    assert not is_pipe(r"\\.\pipe\mine")
    assert not is_pipe("/tmp/pipe/docker_engine")
