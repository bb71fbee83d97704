"""A daemon behind ssh: an `ssh` command that writes down how it was called, and connects to a toy."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from toy_daemon import ToyDaemon

from fakedocker.proxy.upstream import UnreachableError, parse_upstream

SSH = """#!{python}
import os, socket, sys, threading
open({asked!r}, "w").write("\\n".join(sys.argv[1:]))
daemon = socket.socket(socket.AF_UNIX)
daemon.connect({place!r})
def there():
    while data := os.read(0, 65536):
        daemon.sendall(data)
    daemon.shutdown(socket.SHUT_WR)
threading.Thread(target=there, daemon=True).start()
while data := daemon.recv(65536):
    os.write(1, data)
"""


@pytest.fixture
def kind() -> str:
    return "unix"


@pytest.fixture
def asked(toy: ToyDaemon, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file in which the command writes down its arguments."""
    command, asked = tmp_path / "ssh", tmp_path / "asked"
    place = toy.url.removeprefix("unix://")
    command.write_text(SSH.format(python=sys.executable, asked=str(asked), place=place))
    command.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    return asked


def test_a_daemon_is_reached_through_the_command(toy: ToyDaemon, asked: Path) -> None:
    line = parse_upstream("ssh://me@example.com:2222").connect()
    daemon = toy.accepts()
    line.sendall(b"question")
    line.shutdown(1)
    daemon.hears(b"question")
    daemon.hears_the_end()
    daemon.says(b"answer")
    assert line.recv(100) == b"answer"
    daemon.leaves()
    assert line.recv(100) == b""
    line.close()
    words = asked.read_text().split("\n")
    assert words[words.index("-p") :] == ["-p", "2222", "--", "me@example.com", "docker", "system", "dial-stdio"]


def test_without_the_command_there_is_no_daemon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UnreachableError, match=r"cannot reach ssh://example\.com: No such file"):
        parse_upstream("ssh://example.com").connect()
