"""What is wrong with a cassette is said, all of it, each with its line."""

from __future__ import annotations

from pathlib import Path

import pytest
from exchanges import exchange, exchanges
from hypothesis import HealthCheck, given, settings

from fakedocker.cassettes.linting import Finding, lint
from fakedocker.cassettes.model import Bytes, Exchange, Frame, Header, Stream, Text
from fakedocker.cassettes.store import Writer

SESSIONS = sorted((Path(__file__).parents[2] / "cassettes").glob("*.yaml"))
HEADER = "format: 1\n---\n"
PING = """id: {id}
connection: 1
start: {start}
duration: 0
request:
  method: GET
  path: /_ping
response:
  status: 200
end: complete
---
"""


def linted(tmp_path: Path, text: str) -> list[tuple[int, str]]:
    path = tmp_path / "session.yaml"
    path.write_text(text)
    return [(one.line, one.message) for one in lint(path)]


def recorded(tmp_path: Path, *recorded: Exchange, rules: tuple[str, ...] = ()) -> list[Finding]:
    path = tmp_path / "session.yaml"
    with Writer(path, Header()) as writer:
        for one in recorded:
            writer.append(one)
    return lint(path, rules)


@pytest.mark.parametrize("path", SESSIONS, ids=lambda path: path.stem)
def test_nothing_is_wrong_with_the_sessions_that_are_shipped(path: Path) -> None:
    assert lint(path) == []


def test_each_broken_exchange_is_said_with_its_line(tmp_path: Path) -> None:
    broken = PING.format(id=1, start=0)
    text = HEADER + broken.replace("status: 200", "status: 42") + broken.replace("path:", "pfad:") + broken
    assert linted(tmp_path, text) == [(11, "42 is no status of HTTP"), (19, "a request has no path")]


def test_a_member_that_is_not_known_is_said(tmp_path: Path) -> None:
    text = HEADER + PING.format(id=1, start=0).replace("end:", "ende: x\nend:")
    assert linted(tmp_path, text) == [(12, "an exchange has no member ende")]


def test_what_was_cut_is_said(tmp_path: Path) -> None:
    [(line, message)] = linted(tmp_path, HEADER + PING.format(id=1, start=0) + "id: 2\nconnection: 1\n")
    assert line == 14
    assert message.startswith("the last exchange was cut: ")


def test_no_header_and_no_cassette_are_said(tmp_path: Path) -> None:
    assert linted(tmp_path, "") == [(1, "a cassette begins with a header: `format: 1`")]
    assert linted(tmp_path, "hello: world\n")[0][1].startswith("this is no cassette")
    assert linted(tmp_path, "!!python/object:os.system x\n")[0][0] == 1


def test_a_number_that_is_there_twice_is_said(tmp_path: Path) -> None:
    text = HEADER + PING.format(id=1, start=0) + PING.format(id=1, start=1)
    assert linted(tmp_path, text) == [(14, "there was an exchange 1 already")]


def test_times_that_go_backwards_are_said(tmp_path: Path) -> None:
    text = HEADER + PING.format(id=1, start=2) + PING.format(id=2, start=1)
    assert linted(tmp_path, text) == [(16, "start goes backwards: 1 after 2 on connection 1")]
    frames = (Frame(0.5, Text("a")), Frame(0.25, Text("b")))
    (tmp_path / "session.yaml").unlink()
    [finding] = recorded(tmp_path, exchange(1, "GET", "/x", answer=Stream("raw", frames)))
    assert finding.message == "t goes backwards: 0.25 after 0.5"
    assert "0.25" in (tmp_path / "session.yaml").read_text().splitlines()[finding.line - 1]


def test_a_secret_is_said_by_its_place_and_not_by_its_value(tmp_path: Path) -> None:
    one = exchange(1, "POST", "/v1.41/auth", {"username": "me", "password": "hunter22"}, {"Status": "hunter22"})
    findings = recorded(tmp_path, one)
    lines = (tmp_path / "session.yaml").read_text().splitlines()
    assert [finding.message for finding in findings] == [
        "this should have been redacted: request.body.json.password is {secret:password}",
        "this should have been redacted: response.body.json.Status is {secret:password}",
    ]
    assert all("hunter22" in lines[finding.line - 1] for finding in findings)


def test_a_secret_in_a_header_is_said_by_the_name_of_the_header(tmp_path: Path) -> None:
    text = HEADER + PING.format(id=1, start=0).replace(
        "_ping\n", "_ping\n  headers:\n    - Authorization: Basic eDp5eg==\n"
    )
    [(line, message)] = linted(tmp_path, text)
    assert line == 11
    assert message.endswith("request.headers.Authorization is {secret:authorization}")


def test_rules_of_the_user_count(tmp_path: Path) -> None:
    [finding] = recorded(tmp_path, exchange(1, "GET", "/x", answer=Text("ticket-1")), rules=("/ticket-[0-9]/",))
    assert finding.message.endswith("response.body.text is {secret:rule-1}")


def test_missing_damaged_and_orphaned_files_are_said(tmp_path: Path) -> None:
    assert recorded(tmp_path, exchange(1, "GET", "/x", answer=Bytes(b"\xff" * 70_000))) == []
    folder, path = tmp_path / "session.yaml.files", tmp_path / "session.yaml"
    [file] = folder.iterdir()
    (folder / f"sha256-{'0' * 64}").write_bytes(b"")
    (folder / "notes").write_bytes(b"")
    assert [one.message for one in lint(path)] == [
        "session.yaml.files/notes: this is no body",
        f"session.yaml.files/sha256-{'0' * 64}: no exchange has this body",
    ]
    file.write_bytes(b"\xfe" * 70_000)
    assert any("is not what its name says" in one.message for one in lint(path))
    file.unlink()
    assert any("No such file" in one.message and one.line for one in lint(path))
    file.symlink_to("/etc/hostname")
    assert any(one.line and str(file) in one.message for one in lint(path))


def test_a_secret_in_a_file_is_said(tmp_path: Path) -> None:
    login = exchange(1, "POST", "/v1.41/auth", {"password": "{secret:password}"})
    readable = exchange(2, "GET", "/x", answer=Text("API_TOKEN=0123456789abc " + "x" * 70_000))
    archive = exchange(3, "GET", "/x", answer=Bytes(b"\xff" * 70_000 + b"0123456789abc"))
    findings = recorded(tmp_path, login, readable, archive)
    assert [one.message for one in findings] == [
        "this should have been redacted: a secret in the file of response.body"
    ] * 2


@given(exchanges)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_in_it_it_is_looked_at(tmp_path: Path, one: Exchange) -> None:
    path = tmp_path / "any.yaml"
    with Writer(path, Header(), existing="replace") as writer:
        writer.append(one)
    assert all(0 <= finding.line <= len(path.read_text().split("\n")) for finding in lint(path))
