"""What all subcommands have to do with whoever started them."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from fakedocker.cli.terminal import CANNOT, complain, is_private, ready_file, told_to_end
from fakedocker.server import parse_address


@pytest.mark.parametrize(
    ("host", "private"),
    [
        ("unix:///x", True),
        ("127.0.0.1:1", True),
        ("127.9.9.9:1", True),
        ("[::1]:1", True),
        ("localhost:1", True),
        ("0.0.0.0:1", False),
        ("[::]:1", False),
        ("192.0.2.1:1", False),
        ("example.com:1", False),
    ],
)
def test_it_knows_who_can_reach_an_address(host: str, private: bool) -> None:
    assert is_private(parse_address(host)) is private


def test_a_first_signal_is_noted_and_a_second_one_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    handlers: dict[int, object] = {}
    monkeypatch.setattr(signal, "signal", handlers.__setitem__)
    told = told_to_end()
    assert not told.is_set()
    note = handlers[signal.SIGTERM]
    assert callable(note)
    note(signal.SIGTERM, None)
    assert told.is_set()
    assert handlers[signal.SIGTERM] is signal.SIG_DFL


def test_a_ready_file_is_there_as_long_as_it_is_true(tmp_path: Path) -> None:
    path = tmp_path / "ready"
    with ready_file(path, "unix:///x"):
        assert path.read_text() == "unix:///x\n"
    assert not path.exists()


def test_a_ready_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    path = tmp_path / "no" / "such"
    with pytest.raises(OSError, match=f"cannot write {path}: No such file"), ready_file(path, ""):
        pass


def test_a_complaint_is_one_line_with_its_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert complain("no") == CANNOT == 2
    assert capsys.readouterr() == ("", "fakedocker: no\n")
