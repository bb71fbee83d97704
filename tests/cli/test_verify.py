"""`fakedocker verify`: what it says, what it writes, and how it ends."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from fakedocker import FakeDocker
from fakedocker.cli import main

RUN = Path(__file__).parents[2] / "cassettes" / "run.yaml"
PATIENCE = 20


@pytest.fixture
def tampered(tmp_path: Path) -> Path:
    """The session as a daemon would have answered in which the program ends otherwise."""
    path = tmp_path / "tampered.yaml"
    path.write_text(RUN.read_text().replace("ExitCode: 3", "ExitCode: 4"))
    return path


def test_the_same_is_a_success(capsys: pytest.CaptureFixture[str]) -> None:
    with FakeDocker(cassette=RUN) as daemon:
        assert main(["verify", str(RUN), "--against", daemon.url]) == 0
    said = capsys.readouterr()
    assert said.out.splitlines()[0].split() == ["equal", "different", "not", "reached"]
    assert said.err == "fakedocker: 21 equal, 0 different, 0 not reached\n"


def test_what_differs_is_a_failure_and_said_field_by_field(tampered: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with FakeDocker(cassette=tampered) as daemon:
        assert main(["verify", str(RUN), "--against", daemon.url]) == 1
    said = capsys.readouterr().out
    first, second, *_ = said.splitlines()
    assert re.fullmatch(r"\d+ GET /v1\.41/containers/[\w-]+/json different", first)
    assert second == "  body.State.ExitCode: recorded 3, now 4"
    [row] = [line.split() for line in said.splitlines() if line.startswith("GET /containers/{name}/json")]
    assert row[2:] == ["0", "2", "0"]


def test_what_may_differ_is_a_success(tampered: Path) -> None:
    with FakeDocker(cassette=tampered) as daemon:
        assert main(["verify", str(RUN), "--against", daemon.url, "--ignore", "body.State.*"]) == 0


def test_a_secret_is_sent_in_the_place_of_its_name(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    session = tmp_path / "secret.yaml"
    session.write_text(RUN.read_text().replace("/containers/json", "/containers/{secret:way}"))
    with FakeDocker(cassette=RUN) as daemon:
        assert main(["verify", str(session), "--against", daemon.url, "--secret", "way=json"]) == 0
    assert capsys.readouterr().err.startswith("fakedocker: 21 equal")


def test_a_secret_without_a_name_is_no_secret(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["verify", str(RUN), "--against", "tcp://127.0.0.1:1", "--secret", "hunter2"])
    assert caught.value.code == 2
    said = capsys.readouterr().err
    assert "must be NAME=VALUE" in said
    assert "hunter2" not in said


def test_a_report_for_scripts(tampered: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    with FakeDocker(cassette=tampered) as daemon:
        assert main(["verify", str(RUN), "--against", daemon.url, "--json", str(report)]) == 1
    document = json.loads(report.read_text())
    assert (document["equal"], document["different"], document["not_reached"]) == (19, 2, 0)
    assert document["operations"]["GET /version"] == {"equal": 1, "different": 0, "not_reached": 0}
    [one, _] = [one for one in document["exchanges"] if one["verdict"] == "different"]
    assert one["differences"] == [{"where": "body.State.ExitCode", "recorded": 3, "live": 4}]


def test_nobody_there_is_one_complaint(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    url = f"unix://{tmp_path}/nosuch"
    assert main(["verify", str(RUN), "--against", url]) == 2
    said = capsys.readouterr()
    assert said.err == f"fakedocker: cannot reach {url}: No such file or directory\n"
    assert said.out == ""


@pytest.mark.parametrize(
    "words",
    [
        ["nosuch.yaml", "--against", "unix:///nosuch"],
        [__file__, "--against", "unix:///nosuch"],
        [str(RUN), "--against", "nowhere"],
        [str(RUN), "--against", "unix:///nosuch", "--timeout", "0"],
        [str(RUN), "--against", "unix:///nosuch", "--timeout", "nan"],
        [str(RUN), "--against", "unix:///nosuch", "--redact", "/(/"],
    ],
)
def test_what_cannot_begin_is_one_complaint(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", *words]) == 2
    assert capsys.readouterr().err.startswith("fakedocker: ")


def test_it_is_a_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "fakedocker", "verify", str(RUN), "--against", "unix:///nosuch"],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
