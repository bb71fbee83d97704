"""`fakedocker cassette`: what its tools say, what they write, and how they end."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from exchanges import exchange

from fakedocker.cassettes.linting import lint
from fakedocker.cassettes.model import Bytes, Exchange, Header, Text
from fakedocker.cassettes.store import Writer, load
from fakedocker.cli import main

SHIPPED = Path(__file__).parents[2] / "cassettes"
RUN = SHIPPED / "run.yaml"
LOGIN = exchange(2, "POST", "/v1.41/auth", {"username": "me", "password": "hunter22"}, {"Status": "Login Succeeded"})
PING = exchange(1, "GET", "/_ping", answer=Text("OK"))
LARGE = exchange(3, "GET", "/large", answer=Bytes(b"\xff" * 100_000))
VCRPY = """interactions:
- request:
    body: '{"password": "hunter22"}'
    headers:
      Content-Type: [application/json]
    method: POST
    uri: http://docker/v1.41/auth
  response:
    body: {string: 'hello hunter22'}
    headers: {}
    status: {code: 200, message: OK}
version: 1
"""


def write(path: Path, *recorded: Exchange) -> Path:
    with Writer(path, Header("recorder", "2026-01-01T00:00:00Z")) as writer:
        for one in recorded:
            writer.append(one)
    return path


@pytest.fixture
def session(tmp_path: Path) -> Path:
    return write(tmp_path / "session.yaml", PING, LOGIN, LARGE)


def left(folder: Path) -> dict[str, bytes]:
    return {str(one.relative_to(folder)): one.read_bytes() for one in folder.rglob("*") if one.is_file()}


# -- show --------------------------------------------------------------------------------


def test_show_lists_the_exchanges(session: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cassette", "show", str(session)]) == 0
    heads, *rows = capsys.readouterr().out.splitlines()
    assert heads.split()[:3] == ["n", "time", "method"]
    assert [row.split()[3] for row in rows] == ["/_ping", "/v1.41/auth", "/large"]
    assert rows[2].split()[-3:] == ["0", "100000", "complete"]


def test_show_one_exchange_in_full(session: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cassette", "show", str(session), "--exchange", "1"]) == 0
    assert "< OK" in capsys.readouterr().out.splitlines()
    assert main(["cassette", "show", str(session), "--exchange", "1", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["response"]["body"] == {"text": "OK"}
    assert main(["cassette", "show", str(session), "--exchange", "9"]) == 2
    assert "has no exchange 9" in capsys.readouterr().err


def test_show_for_scripts(session: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cassette", "show", str(session), "--json"]) == 0
    assert [one["path"] for one in json.loads(capsys.readouterr().out)] == ["/_ping", "/v1.41/auth", "/large"]


def test_whoever_has_seen_enough_may_stop_reading() -> None:
    show = subprocess.Popen(
        [sys.executable, "-m", "fakedocker", "cassette", "show", str(RUN)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert show.stdout is not None
    assert show.stderr is not None
    show.stdout.close()
    assert show.stderr.read() == b""
    assert show.wait(20) == 0
    show.stderr.close()


# -- lint --------------------------------------------------------------------------------


def test_lint_is_silent_about_what_is_well(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cassette", "lint", *map(str, sorted(SHIPPED.glob("*.yaml")))]) == 0
    assert capsys.readouterr() == ("", "")


def test_lint_names_file_and_line_and_fails(session: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cassette", "lint", str(session)]) == 1
    said = capsys.readouterr()
    assert said.err == "fakedocker: 1 finding\n"
    line = next(number for number, line in enumerate(session.read_text().splitlines(), 1) if "hunter22" in line)
    assert said.out == (
        f"{session}:{line}: this should have been redacted: request.body.json.password is {{secret:password}}\n"
    )


# -- redact ------------------------------------------------------------------------------


def test_redact_takes_the_secrets_out_in_place(session: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cassette", "redact", str(session)]) == 0
    assert capsys.readouterr().err == "fakedocker: 1 secret taken out: 1 password\n"
    assert "hunter22" not in session.read_text()
    assert lint(session) == []
    assert len(load(session).cassette.exchanges) == 3


def test_redact_by_rules_into_another_cassette(session: Path, tmp_path: Path) -> None:
    before, new = session.read_text(), tmp_path / "new.yaml"
    assert main(["cassette", "redact", str(session), "--redact", "/^me$/", "-o", str(new)]) == 0
    assert session.read_text() == before
    assert 'username: "{secret:rule-1}"' in new.read_text()
    assert main(["cassette", "redact", str(session), "-o", str(new)]) == 2
    assert main(["cassette", "redact", str(session), "-o", str(new), "--force"]) == 0


# -- prune -------------------------------------------------------------------------------


def test_prune_drops_exchanges_and_their_files(session: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cassette", "prune", str(session), "--pings", "--path", "/large"]) == 0
    assert capsys.readouterr().err == "fakedocker: 1 of 3 exchanges kept\n"
    [one] = load(session).cassette.exchanges
    assert (one.id, one.request.path) == (1, "/v1.41/auth")
    assert list(left(session.parent)) == ["session.yaml"]


def test_prune_keeps_what_it_is_told_and_nothing_of_nothing(session: Path) -> None:
    assert main(["cassette", "prune", str(session), "--keep"]) == 2
    assert main(["cassette", "prune", str(session), "--keep", "--method", "POST"]) == 0
    assert [one.request.path for one in load(session).cassette.exchanges] == ["/v1.41/auth"]


# -- merge -------------------------------------------------------------------------------


def test_merge_makes_one_of_several(session: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other, whole = write(tmp_path / "other.yaml", exchange(1, "GET", "/other", start=2.5)), tmp_path / "whole.yaml"
    assert main(["cassette", "merge", str(session), str(other), "-o", str(whole)]) == 0
    assert capsys.readouterr().err.endswith("4 exchanges of 2 cassettes\n")
    loaded = load(whole)
    assert [one.request.path for one in loaded.cassette.exchanges] == ["/_ping", "/v1.41/auth", "/other", "/large"]
    assert [one.connection for one in loaded.cassette.exchanges] == [1, 1, 2, 1]
    assert len(loaded.files.names()) == 1


# -- convert -----------------------------------------------------------------------------


def test_convert_takes_the_secrets_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    recording, session = tmp_path / "recording.yaml", tmp_path / "session.yaml"
    recording.write_text(VCRPY)
    assert main(["cassette", "convert", str(recording), str(session)]) == 0
    assert capsys.readouterr().err == "fakedocker: 1 exchange converted; 2 secrets taken out: 2 password\n"
    [one] = load(session).cassette.exchanges
    assert one.response is not None
    assert one.response.body == Text("hello {secret:password}")
    assert lint(session) == []


def test_convert_to_har_and_back(tmp_path: Path) -> None:
    har, session = tmp_path / "run.har", tmp_path / "run.yaml"
    assert main(["cassette", "convert", str(RUN), str(har)]) == 0
    assert json.loads(har.read_text())["log"]["creator"]["name"] == "fakedocker"
    assert main(["cassette", "convert", str(har), str(session)]) == 0
    assert session.read_text() == RUN.read_text()


def test_convert_takes_the_secrets_out_of_a_har_and_its_files_in(session: Path, tmp_path: Path) -> None:
    har = tmp_path / "x"
    assert main(["cassette", "convert", str(session), str(har), "--to", "har"]) == 0
    assert "hunter22" not in har.read_text()
    assert [one["response"]["content"]["size"] for one in json.loads(har.read_text())["log"]["entries"]][2] == 100_000


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("hello: world\n", "what this is cannot be told by what is in it"),
        ("interactions: !!python/object:os.system x\n", "YAML tags are not allowed"),
        (VCRPY.replace("code: 200", "code: ok"), "no status of HTTP"),
        ('{"log": {"version": "1.2", "entries": [{"x": 1}]}}', "entry 1 has no startedDateTime"),
        ("format: 1\n---\nid: x\n---\n", "document 2"),
        ("", "cannot be told"),
    ],
    ids=lambda one: one[:20],
)
def test_what_cannot_be_converted_is_one_complaint_and_no_file(
    text: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recording = tmp_path / "recording"
    recording.write_text(text)
    for output in ("out.yaml", "out.har"):
        assert main(["cassette", "convert", str(recording), str(tmp_path / output)]) == 2
        error = capsys.readouterr().err
        assert said in error
        assert error.count("\n") == 1
    assert list(left(tmp_path)) == ["recording"]


# -- all of them -------------------------------------------------------------------------

TOOLS = (
    ["redact", "{}"],
    ["prune", "{}", "--pings"],
    ["merge", "{}", "-o", "{}", "--force"],
    ["convert", "{}", "{}", "--force"],
    ["convert", "{}", "{}", "--force", "--to", "har"],
)


@pytest.mark.parametrize("words", TOOLS, ids=" ".join)
def test_a_broken_cassette_is_left_as_it_is(
    words: list[str], session: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    [file] = (session.parent / "session.yaml.files").iterdir()
    file.write_bytes(b"\0" * 100_000)
    before = left(session.parent)
    assert main(["cassette", *(word.format(session) for word in words)]) == 2
    assert "is not what its name says" in capsys.readouterr().err
    assert left(session.parent) == before


@pytest.mark.parametrize("words", TOOLS[:-1], ids=" ".join)
def test_a_cassette_that_is_being_recorded_is_left_as_it_is(words: list[str], session: Path) -> None:
    with Writer(session, Header(), existing="append"):
        before = left(session.parent)
        assert main(["cassette", *(word.format(session) for word in words)]) == 2
        assert left(session.parent) == before


@pytest.mark.parametrize("words", [["show", "{}"], ["lint", "{}"], *TOOLS], ids=" ".join)
def test_nothing_there_is_one_complaint(words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cassette", *(word.format(tmp_path / "none.yaml") for word in words)]) == 2
    said = capsys.readouterr().err
    assert said.startswith("fakedocker: ")
    assert said.count("\n") == 1
    assert left(tmp_path) == {}


def test_a_folder_that_is_not_there_is_said(session: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for output in (tmp_path / "none" / "x.yaml", tmp_path / "none" / "x.har"):
        assert main(["cassette", "convert", str(session), str(output)]) == 2
        assert capsys.readouterr().err == f"fakedocker: {tmp_path / 'none'} is no folder\n"


def test_tools_leave_a_shipped_session_as_it_was(tmp_path: Path) -> None:
    copy = Path(shutil.copy(RUN, tmp_path / "run.yaml"))
    assert main(["cassette", "redact", str(copy)]) == 0
    assert main(["cassette", "prune", str(copy), "-o", str(tmp_path / "pruned.yaml")]) == 0
    assert copy.read_text() == RUN.read_text()
