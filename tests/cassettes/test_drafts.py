"""Cassettes that are made of others: whole and in their place, or not at all."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from exchanges import exchange

from fakedocker.cassettes.drafts import Draft, write_text
from fakedocker.cassettes.model import Bytes, File, Header, Response, Text
from fakedocker.cassettes.redaction import Redactor
from fakedocker.cassettes.store import CassetteError, CassetteExists, CassetteInUse, Writer, load

PING = exchange(1, "GET", "/_ping", answer=Text("OK"))
LARGE = exchange(2, "GET", "/large", answer=Bytes(b"\xff" * 100_000))
OTHER = exchange(3, "GET", "/other", answer=Bytes(b"\xfe" * 100_000))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "session.yaml"
    with Writer(path, Header("recorder")) as writer:
        writer.append(PING)
        writer.append(LARGE)
    return path


def left(path: Path) -> dict[str, bytes]:
    """Return all files in the folder of a cassette."""
    return {str(one.relative_to(path.parent)): one.read_bytes() for one in path.parent.rglob("*") if one.is_file()}


def test_a_finished_draft_takes_the_place_of_the_cassette_with_its_mode(path: Path) -> None:
    path.chmod(0o644)
    with Draft(path, Header("new"), replaces=True) as draft:
        draft.append(PING)
        draft.finish()
    assert load(path).cassette.header.recorded_with == "new"
    assert path.stat().st_mode & 0o777 == 0o644
    assert list(left(path)) == ["session.yaml"]  # the body that nobody has any more is gone, and its folder


def test_bodies_beside_it_are_copied(path: Path, tmp_path: Path) -> None:
    old, new = load(path), tmp_path / "new.yaml"
    with Draft(new, Header()) as draft:
        for one in old.cassette.exchanges:
            draft.append(one, old.files)
        draft.finish()
    loaded = load(new)
    body = loaded.cassette.exchanges[1].response
    assert isinstance(body, Response)
    assert isinstance(body.body, File)
    assert loaded.files.read(body.body) == b"\xff" * 100_000


def test_a_cassette_can_be_replaced_by_one_with_its_own_bodies(path: Path) -> None:
    old = load(path)
    before = left(path)
    with Draft(path, old.cassette.header, replaces=True) as draft:
        for one in old.cassette.exchanges:
            draft.append(one, old.files)
        draft.finish()
    assert left(path) == before


def test_a_draft_that_is_not_finished_leaves_everything_as_it_was(path: Path) -> None:
    before = left(path)
    with Draft(path, Header(), replaces=True) as draft:
        draft.append(OTHER)
    assert left(path) == before


def test_a_draft_that_cannot_be_put_in_its_place_leaves_everything_as_it_was(path: Path) -> None:
    before = left(path)
    with Draft(path, Header(), replaces=True) as draft:
        draft.append(OTHER)
        path.unlink()
        path.mkdir()
        with pytest.raises(OSError, match="directory"):
            draft.finish()
    path.rmdir()
    assert left(path) == {name: data for name, data in before.items() if name != "session.yaml"}


def test_a_damaged_body_is_not_copied(path: Path, tmp_path: Path) -> None:
    old = load(path)
    [file] = (tmp_path / "session.yaml.files").iterdir()
    file.write_bytes(b"\0" * 100_000)
    with Draft(tmp_path / "new.yaml", Header()) as draft, pytest.raises(CassetteError, match="not what its name says"):
        draft.append(old.cassette.exchanges[1], old.files)
    assert not (tmp_path / "new.yaml").exists()


def test_a_cassette_that_is_there_is_refused_unless_it_shall_be_replaced(path: Path) -> None:
    with pytest.raises(CassetteExists):
        Draft(path, Header())


def test_a_cassette_that_is_being_recorded_is_not_replaced(path: Path) -> None:
    with Writer(path, Header(), existing="append"), pytest.raises(CassetteInUse):
        Draft(path, Header(), replaces=True)


def test_nothing_is_written_through_a_link(path: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.yaml"
    link.symlink_to(path)
    with pytest.raises(CassetteError, match="link"):
        Draft(link, Header(), replaces=True)
    (tmp_path / "new.yaml.files").symlink_to(tmp_path)
    with pytest.raises(CassetteError, match="link"):
        Draft(tmp_path / "new.yaml", Header())
    with pytest.raises(CassetteError, match="link"):
        write_text(link, ["x"], replaces=True)


def test_what_is_no_body_stays_beside_the_cassette(path: Path, tmp_path: Path) -> None:
    note = tmp_path / "session.yaml.files" / "README"
    note.write_text("mine")
    with Draft(path, Header(), replaces=True) as draft:
        draft.append(PING)
        draft.finish()
    assert note.read_text() == "mine"


def test_a_body_is_copied_through_a_mask(path: Path, tmp_path: Path) -> None:
    redactor = Redactor()
    redactor.learn("password", "hunter22")
    old = load(path)
    secret = exchange(1, "GET", "/x", answer=Bytes(b"\xff" * 70_000 + b"hunter22"))
    with Draft(path, Header(), replaces=True) as draft:
        draft.append(secret)
        draft.finish()
    old = load(path)
    with Draft(path, Header(), replaces=True) as draft:
        draft.append(old.cassette.exchanges[0], old.files, redactor.stream)
        draft.finish()
    [file] = (tmp_path / "session.yaml.files").iterdir()
    assert file.read_bytes() == b"\xff" * 70_000 + b"********"
    assert file.name == f"sha256-{hashlib.sha256(file.read_bytes()).hexdigest()}"


def test_a_text_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "x.har"
    write_text(path, ["a", "b"])
    assert path.read_text() == "ab"

    def breaks() -> Iterator[str]:
        yield "c"
        raise CassetteError("no")

    with pytest.raises(CassetteError, match="no"):
        write_text(path, breaks(), replaces=True)
    with pytest.raises(CassetteExists):
        write_text(path, ["d"])
    assert left(path) == {"x.har": b"ab"}


def test_exchanges_without_an_answer_are_kept(path: Path) -> None:
    with Draft(path, Header(), replaces=True) as draft:
        draft.append(replace(PING, response=None))
        draft.finish()
    assert load(path).cassette.exchanges[0].response is None
