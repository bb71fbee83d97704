"""Where a subcommand listens that leads to a real daemon."""

from __future__ import annotations

import contextlib
import stat
from pathlib import Path

import pytest

from fakedocker.cli.listening import private_address, private_socket


def test_a_private_socket_stands_where_only_its_owner_can_go_and_is_gone_in_the_end() -> None:
    with contextlib.ExitStack() as stack:
        folder = Path(private_socket(stack).removeprefix("unix://")).parent
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert not folder.exists()


@pytest.mark.parametrize("host", ["0.0.0.0:1", "tcp://192.0.2.1:1", "tcp://[::]:0", "tcp://example.org:1"])
def test_what_others_can_reach_has_to_be_meant(host: str) -> None:
    with pytest.raises(ValueError, match="--allow-remote"):
        private_address(host, allow_remote=False)
    assert private_address(host, allow_remote=True).startswith("tcp://")


@pytest.mark.parametrize(
    ("host", "written"),
    [("127.0.0.1:1", "tcp://127.0.0.1:1"), ("tcp://[::1]:2", "tcp://[::1]:2"), ("unix:///x", "unix:///x")],
)
def test_what_only_this_machine_can_reach_is_fine(host: str, written: str) -> None:
    assert private_address(host, allow_remote=False) == written
