"""Cassettes on disk."""

from __future__ import annotations

import hashlib
import os
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from exchanges import exchange, exchanges
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fakedocker.cassettes.documents import exchange_text, header_text
from fakedocker.cassettes.model import Bytes, Exchange, File, Header, Json, Text
from fakedocker.cassettes.store import (
    CassetteError,
    CassetteExists,
    CassetteInUse,
    NotCassette,
    Writer,
    beside,
    load,
    take_place,
)

HEADER = Header("fakedocker 0.1.0", "2026-11-25T00:00:00Z", {"version": "20.10.24", "api_version": "1.41"})
PING = exchange(1, "GET", "/_ping", answer=Text("OK"))
CREATE = exchange(2, "POST", "/v1.41/containers/create", {"Image": "busybox"}, {"Id": "c" * 64}, status=201)
same_folder = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None, max_examples=50
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "session.yaml"


def write(path: Path, *recorded: Exchange) -> None:
    with Writer(path, HEADER, existing="replace") as writer:
        for one in recorded:
            writer.append(one)


def text(*parts: str) -> str:
    return header_text(HEADER) + "".join(parts)


@given(st.lists(exchanges, max_size=3, unique_by=lambda one: one.id))
@same_folder
def test_a_session_comes_back_as_it_was(tmp_path: Path, recorded: list[Exchange]) -> None:
    path = tmp_path / "session.yaml"
    write(path, *recorded)
    loaded = load(path)
    assert loaded.cassette.header == HEADER
    assert list(loaded.cassette.exchanges) == recorded
    assert not loaded.cut
    assert len(list(yaml.safe_load_all(path.read_text()))) == len(recorded) + 2  # the last mark begins an empty one


@given(exchanges)
@settings(same_folder, max_examples=20)
def test_a_file_cut_anywhere_has_what_is_whole(tmp_path: Path, recorded: Exchange) -> None:
    path = tmp_path / "session.yaml"
    one, other = replace(recorded, id=1), replace(recorded, id=2)
    head, body = header_text(HEADER).encode(), exchange_text(one).encode()
    whole = head + body + exchange_text(other).encode()
    step = max(len(whole) // 40, 1)
    for end in {*range(len(head), len(whole), step), *range(len(whole) - 8, len(whole))}:
        path.write_bytes(whole[:end])
        found = list(load(path).cassette.exchanges)
        assert found == [one, other][: len(found)]
        assert len(found) >= (end >= len(head) + len(body))
    path.write_bytes(whole)
    assert list(load(path).cassette.exchanges) == [one, other]


def test_a_real_looking_file_may_be_cut_at_every_byte(path: Path) -> None:
    whole = text(exchange_text(PING), exchange_text(CREATE)).encode()
    first = len(header_text(HEADER))
    second = first + len(exchange_text(PING))
    for end in range(first, len(whole) + 1):
        path.write_bytes(whole[:end])
        loaded = load(path)
        number = len(loaded.cassette.exchanges)
        # Without its mark, the last exchange is whole as well if all that it says is there.
        assert number == (end >= second - len("\n---\n")) + (end >= len(whole) - len("\n---\n"))
        if end in (first, second, len(whole)):
            assert not loaded.cut


def test_what_was_cut_is_made_whole_before_more_is_written(path: Path) -> None:
    whole = text(exchange_text(PING), exchange_text(CREATE)).encode()
    for cut in range(1, len(exchange_text(CREATE)) + 1):
        path.write_bytes(whole[:-cut])
        with Writer(path, HEADER, existing="append") as writer:
            more = replace(CREATE, id=writer.next_id)
            writer.append(more)
        kept = [one.id for one in load(path).cassette.exchanges]
        assert kept in ([1, 2], [1, 2, 3])


def test_each_exchange_is_in_the_file_as_soon_as_it_is_written(path: Path) -> None:
    with Writer(path, HEADER) as writer:
        writer.append(PING)
        assert list(load(path).cassette.exchanges) == [PING]
        writer.append(CREATE)
        assert list(load(path).cassette.exchanges) == [PING, CREATE]


def test_a_cassette_reads_well_in_a_review() -> None:
    assert exchange_text(CREATE) == (
        "id: 2\n"
        "connection: 1\n"
        "start: 2\n"
        "duration: 0.5\n"
        "request:\n"
        "  method: POST\n"
        "  path: /v1.41/containers/create\n"
        "  body:\n"
        "    json:\n"
        "      Image: busybox\n"
        "response:\n"
        "  status: 201\n"
        "  body:\n"
        "    json:\n"
        f"      Id: {'c' * 64}\n"
        "end: complete\n"
        "---\n"
    )


def test_a_second_writer_is_refused(path: Path) -> None:
    with Writer(path, HEADER), pytest.raises(CassetteInUse, match=r"session\.yaml is being written"):
        Writer(path, HEADER, existing="append")
    Writer(path, HEADER, existing="append").close()


def test_a_writer_that_is_killed_leaves_what_it_wrote_and_no_lock(path: Path) -> None:
    program = (
        "import sys, time\n"
        "from fakedocker.cassettes.model import Exchange, Header, Request\n"
        "from fakedocker.cassettes.store import Writer\n"
        "writer = Writer(sys.argv[1], Header())\n"
        "writer.append(Exchange(1, 1, 0, 0, Request('GET', '/_ping'), None))\n"
        "print('written', flush=True)\n"
        "time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", program, str(path)], stdout=subprocess.PIPE) as killed:
        assert killed.stdout is not None
        assert killed.stdout.readline() == b"written\n"
        with pytest.raises(CassetteInUse):
            Writer(path, HEADER, existing="append")
        killed.kill()
    assert [one.id for one in load(path).cassette.exchanges] == [1]
    with Writer(path, HEADER, existing="append") as writer:
        assert writer.next_id == 2


def test_a_cassette_that_is_there_is_not_written_over_unasked(path: Path) -> None:
    write(path, PING)
    with pytest.raises(CassetteExists):
        Writer(path, HEADER)
    assert list(load(path).cassette.exchanges) == [PING]
    Writer(path, HEADER, existing="replace").close()
    assert list(load(path).cassette.exchanges) == []


def test_only_its_owner_can_read_a_new_cassette(path: Path) -> None:
    write(path, replace(PING, response=None, request=replace(PING.request, body=Bytes(b"\0" * 100_000))))
    assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0
    folder = path.with_name("session.yaml.files")
    assert [stat.S_IMODE(one.stat().st_mode) & 0o077 for one in [folder, *folder.iterdir()]] == [0, 0]


def test_a_full_disk_leaves_the_cassette_as_it_was(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Writer(path, HEADER) as writer:
        writer.append(PING)
        real = os.pwrite

        def full(file: int, data: bytes, offset: int) -> int:
            if len(data) < 50:
                raise OSError(28, "No space left on device")
            return real(file, data[: len(data) - 49], offset)

        monkeypatch.setattr(os, "pwrite", full)
        with pytest.raises(OSError, match="No space left"):
            writer.append(CREATE)
        monkeypatch.undo()
        assert list(load(path).cassette.exchanges) == [PING]
        writer.append(CREATE)
    assert list(load(path).cassette.exchanges) == [PING, CREATE]


# -- large bodies ------------------------------------------------------------------------


def test_a_large_body_stands_beside_the_cassette(path: Path) -> None:
    data = b"\0tar" * 20_000
    large = replace(
        PING, request=replace(PING.request, headers=(("content-type", "application/x-tar"),), body=Bytes(data))
    )
    write(path, large)
    loaded = load(path)
    body = loaded.cassette.exchanges[0].request.body
    digest = hashlib.sha256(data).hexdigest()
    assert body == File(f"sha256:{digest}", len(data), "application/x-tar")
    assert loaded.files.read(body) == data
    assert [one.name for one in path.with_name("session.yaml.files").iterdir()] == [f"sha256-{digest}"]


def test_a_large_body_can_be_written_while_it_comes(path: Path) -> None:
    with Writer(path, HEADER) as writer:
        with writer.side_file("application/x-tar") as file:
            for _ in range(10):
                file.write(b"x" * 1000)
            body = file.close()
        assert body.size == 10_000
        writer.append(replace(PING, request=replace(PING.request, body=body)))
    loaded = load(path)
    with loaded.files.open(body) as opened:
        assert opened.read() == b"x" * 10_000


def test_a_body_that_never_became_whole_is_gone(path: Path) -> None:
    folder = path.with_name("session.yaml.files")
    with Writer(path, HEADER) as writer:
        with writer.side_file() as file:
            file.write(b"half")
        assert list(folder.iterdir()) == []
    (folder / "part-of-a-writer-that-was-killed").write_bytes(b"half")
    Writer(path, HEADER, existing="append").close()
    assert list(folder.iterdir()) == []


def test_a_cassette_written_anew_has_none_of_the_old_bodies_and_leaves_what_is_not_its_own(path: Path) -> None:
    write(path, replace(PING, request=replace(PING.request, body=Bytes(b"\0" * 100_000))))
    folder = path.with_name("session.yaml.files")
    (folder / "notes.txt").write_text("mine")
    write(path, PING)
    assert [one.name for one in folder.iterdir()] == ["notes.txt"]


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "sha256-" + "0" * 63, "sha256-" + "0" * 64 + "/x", "x"])
def test_a_name_that_leaves_the_folder_is_refused(path: Path, name: str) -> None:
    exchange_with = exchange_text(replace(PING, request=replace(PING.request, body=File("sha256:" + "0" * 64, 1))))
    path.write_text(text(exchange_with.replace("sha256-" + "0" * 64, name)))
    with pytest.raises(NotCassette, match="is named sha256-<64"):
        load(path)


def test_a_link_is_not_followed(path: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("x")
    folder = path.with_name("session.yaml.files")
    folder.mkdir()
    (folder / ("sha256-" + "0" * 64)).symlink_to(tmp_path / "elsewhere")
    path.write_text(
        text(exchange_text(replace(PING, request=replace(PING.request, body=File("sha256:" + "0" * 64, 1)))))
    )
    with pytest.raises(CassetteError, match=r"sha256-0+: "):
        load(path)


def test_a_body_that_is_missing_or_another_is_noticed(path: Path) -> None:
    write(path, replace(PING, request=replace(PING.request, body=Bytes(b"\0" * 100_000))))
    loaded = load(path)
    body = loaded.cassette.exchanges[0].request.body
    assert isinstance(body, File)
    [file] = path.with_name("session.yaml.files").iterdir()
    file.write_bytes(b"\1" * 100_000)
    with pytest.raises(CassetteError, match="is not what its name says"):
        loaded.files.read(body)
    file.write_bytes(b"short")
    with pytest.raises(CassetteError, match="has not the 100000 bytes"):
        load(path)
    file.unlink()
    with pytest.raises(CassetteError, match="No such file"):
        load(path)


# -- what anybody may have written -------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "document", "message"),
    [
        ("format: 1", "format: 2", 1, "this is a cassette of format 2; format 1 can be read"),
        ("format: 1", "interactions: []", 1, "this is no cassette: it has no format"),
        ("id: 2", "id: 1", 3, "there was an exchange 1 already"),
        ("id: 2", "id: two", 3, "id has to be a number"),
        ("status: 201", "status: 42", 3, "42 is no status of HTTP"),
        ("status: 201", "statsu: 201", 3, "a response has no status"),
        ("  status: 201", "  status: 201\n  stauts: 1", 3, "a response has no member stauts"),
        (
            "  method: POST",
            "  method: POST\n  query: {a: b}",
            3,
            "query has to be a list of `- name: value`",
        ),
        ("json:", "yaml:", 3, "a body has to have one of json, text, base64, file, stream"),
        ("Image: busybox", "Image: !!python/name:os.system ls", 3, "tags are not allowed in a cassette"),
        ("Image: busybox", "Image: *anchor", 3, "aliases are not allowed in a cassette"),
        ("end: complete\n---\nid: 2", "end: maybe\n---\nid: 2", 2, "end is one of complete, eof"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(
    path: Path, old: str, new: str, document: int, message: str
) -> None:
    whole = text(exchange_text(PING), exchange_text(CREATE))
    assert old in whole
    path.write_text(whole.replace(old, new))
    with pytest.raises(NotCassette) as caught:
        load(path)
    assert str(caught.value).startswith(f"{path}:{caught.value.line}: document {document}: ")
    assert message in str(caught.value)


def test_an_error_names_the_line_of_the_file(path: Path) -> None:
    path.write_text(text(exchange_text(PING), exchange_text(CREATE).replace("status: 201", "status: many")))
    with pytest.raises(NotCassette) as caught:
        load(path)
    assert path.read_text().splitlines()[caught.value.line - 1] == "  status: many"


@pytest.mark.parametrize("content", ["", "---\n", "# nothing\n", "[]\n", "just text\n", "\x00\x01", "format: [\n"])
def test_what_is_no_cassette_at_all_is_refused(path: Path, content: str) -> None:
    path.write_text(content)
    with pytest.raises(NotCassette):
        load(path)


@given(st.binary(max_size=200))
@same_folder
def test_anything_is_read_or_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "any.yaml"
    path.write_bytes(header_text(HEADER).encode() + content)
    try:
        load(path)
    except CassetteError:
        pass


def test_a_cassette_written_by_hand_may_begin_with_a_mark(path: Path) -> None:
    path.write_text("# by hand\n---\nformat: 1\n---\n" + exchange_text(PING).removesuffix("---\n"))
    assert list(load(path).cassette.exchanges) == [PING]


@pytest.mark.parametrize("body", [Text("x" * 70_000 + "\xe4"), Json({"Id": "ab" * 32, "more": ["\xe4" * 70_000]})])
def test_a_large_body_that_a_person_can_read_comes_back_as_what_it_was(path: Path, body: Text | Json) -> None:
    kind = "application/json" if isinstance(body, Json) else "text/plain"
    write(path, replace(CREATE, request=replace(CREATE.request, headers=(("Content-Type", kind),), body=body)))
    assert len(list(path.with_name("session.yaml.files").iterdir())) == 1
    assert load(path).cassette.exchanges[0].request.body == body


# -- recorded anew -----------------------------------------------------------------------


def test_a_complete_recording_takes_the_place_of_a_cassette_with_its_files(path: Path) -> None:
    both, only_old, only_new = (Bytes(bytes([0, number]) * 50_000) for number in range(3))
    for where, bodies in ((path, (both, only_old)), (beside(path), (both, only_new))):
        requests = (replace(PING.request, body=body) for body in bodies)
        write(where, *(replace(PING, id=number, request=request) for number, request in enumerate(requests, 1)))
    take_place(beside(path), path)
    loaded = load(path)
    found = [one.request.body for one in loaded.cassette.exchanges]
    assert [loaded.files.read(body) for body in found if isinstance(body, File)] == [both.data, only_new.data]
    assert len(list(path.with_name("session.yaml.files").iterdir())) == 2
    assert {one.name for one in path.parent.iterdir()} == {"session.yaml", "session.yaml.files"}


def test_a_recording_becomes_the_cassette_where_there_was_none(path: Path) -> None:
    write(beside(path), PING)
    take_place(beside(path), path)
    assert [one.name for one in path.parent.iterdir()] == ["session.yaml"]
    assert list(load(path).cassette.exchanges) == [PING]


def test_what_is_appended_comes_behind_what_is_there(path: Path) -> None:
    write(path, replace(PING, id=3, connection=5, start=1.0, duration=2.5))
    with Writer(path, HEADER, existing="append") as writer:
        assert (writer.next_id, writer.next_connection, writer.elapsed) == (4, 6, 3.5)
