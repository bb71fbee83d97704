"""Which daemon a command would speak to."""

from __future__ import annotations

import pytest

from fakedocker.guard import commands

STANDARD = "unix:///var/run/docker.sock"


def reached(words: list[str], environ: dict[str, str]) -> str | None:
    found = commands.reached(words, environ)
    return found.address if found else None


@pytest.mark.parametrize(
    "words",
    [
        ["docker", "ps"],
        ["/usr/bin/docker", "run", "-H", "tcp://not-an-option-of-docker:1", "x"],
        ["C:\\Docker\\docker.exe", "ps"],
        ["docker-compose", "-f", "x.yaml", "up"],
        ["docker", "compose", "up"],
        ["docker", "--log-level", "debug", "--debug", "ps"],
        ["docker", "-c", "default", "ps"],
        ["sudo", "-E", "docker", "ps"],
        ["env", "X=1", "timeout", "30", "docker", "ps"],
        ["sh", "-c", "docker ps"],
        ["bash", "-euxc", "cd /tmp && docker ps | wc -l"],
        ["sh", "-c", "x=$(docker ps -q)"],
        ["sh", "-c", "set -e\nif true; then docker ps; fi"],
        ["sudo", "sh", "-c", "exec docker ps"],
    ],
)
def test_a_command_of_docker_speaks_to_the_usual_socket(words: list[str]) -> None:
    assert reached(words, {}) == STANDARD
    assert reached(words, {"DOCKER_HOST": "tcp://fake:1"}) == "tcp://fake:1"


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["ls", "docker"],
        ["echo", "docker ps"],
        ["sh", "-c", "echo docker ps"],
        ["sh", "-c", "echo 'docker"],
        ["sh", "docker"],
        ["sh"],
        ["sudo"],
        ["docker"],
        ["docker", "--version"],
        ["docker", "--config", "/tmp/x", "--help"],
        ["docker", "context", "ls"],
        ["docker", "compose", "config"],
        ["docker-compose", "version"],
        ["dockerd"],
        ["docker", "-H"],
        ["ssh", "host", "ls"],
    ],
)
def test_a_command_that_asks_no_daemon_is_free(words: list[str]) -> None:
    assert reached(words, {}) is None


@pytest.mark.parametrize(
    "words",
    [
        ["docker", "-H", "tcp://there:1", "ps"],
        ["docker", "--host=tcp://there:1", "ps"],
        ["docker", "-Htcp://there:1", "ps"],
        ["env", "DOCKER_HOST=tcp://there:1", "docker", "ps"],
        ["sh", "-c", "DOCKER_HOST=tcp://there:1 docker ps"],
    ],
)
def test_what_a_command_says_is_stronger_than_the_environment(words: list[str]) -> None:
    assert reached(words, {"DOCKER_HOST": STANDARD}) == "tcp://there:1"


def test_a_context_leads_to_where_only_its_user_knows() -> None:
    assert reached(["docker", "--context", "prod", "ps"], {"DOCKER_HOST": "tcp://fake:1"}) == "context://prod"
    assert reached(["docker", "ps"], {"DOCKER_CONTEXT": "prod"}) == "context://prod"
    assert reached(["docker", "ps"], {"DOCKER_CONTEXT": "default"}) == STANDARD


def test_docker_host_is_stronger_than_a_context_of_the_environment() -> None:
    assert reached(["docker", "ps"], {"DOCKER_CONTEXT": "prod", "DOCKER_HOST": "tcp://fake:1"}) == "tcp://fake:1"


def test_a_daemon_behind_ssh_is_reached_by_ssh() -> None:
    words = ["ssh", "-T", "-l", "me", "--", "build.example", "docker", "system", "dial-stdio"]
    assert reached(words, {}) == "ssh://build.example"


def test_the_command_is_told_without_what_may_be_a_password() -> None:
    found = commands.reached(["/usr/bin/docker", "--debug", "login", "-p", "secret"], {})
    assert found == (STANDARD, "docker login")
    assert commands.reached(["sh", "-c", "docker login -p secret"], {}) == (STANDARD, "docker login")
