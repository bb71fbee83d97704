"""Addresses, as they are typed."""

from __future__ import annotations

import pytest

from fakedocker.server.address import Address, parse_address


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("tcp://127.0.0.1:4243", "127.0.0.1", 4243),
        ("localhost:80", "localhost", 80),
        ("docker.test", "docker.test", 4243),
        (":2375", "127.0.0.1", 2375),
        ("tcp://:2375", "127.0.0.1", 2375),
        ("tcp://0.0.0.0:0", "0.0.0.0", 0),
        ("[::1]:4243", "::1", 4243),
        ("tcp://[::1]", "::1", 4243),
        ("h:65535", "h", 65535),
    ],
)
def test_a_tcp_address_is_read(text: str, host: str, port: int) -> None:
    assert parse_address(text) == Address("tcp", host=host, port=port)


def test_a_unix_address_is_read() -> None:
    assert parse_address("unix:///run/docker.sock") == Address("unix", path="/run/docker.sock")


@pytest.mark.parametrize(
    "text",
    [
        "",
        ":",
        "tcp://",
        "http://a:1",
        "fd://",
        "unix://",
        "unix://relative",
        "unix:///dir/",
        "unix:///a\0b",
        "a:b",
        "a:-1",
        "a:65536",
        "a:999999999999",
        "a:1:2",
        "::1",
        "[::1",
        "[]:1",
        "a b:1",
        "a/b",
        "tcp://a:1/path",
        "user@host:1",
        "a:\u0661",
        "a:1\n",
        "tcp://tcp://a:1",
    ],
)
def test_nonsense_is_refused_with_one_sentence(text: str) -> None:
    with pytest.raises(ValueError, match=r"^invalid address .*: [^\n]+$"):
        parse_address(text)


@pytest.mark.parametrize("text", ["tcp://127.0.0.1:4243", "tcp://[::1]:1", "unix:///run/docker.sock"])
def test_an_address_is_written_as_it_is_read(text: str) -> None:
    assert str(parse_address(text)) == text
