"""Contents are shared, drafts change, and neither disturbs the other."""

from __future__ import annotations

import gc
import os
import tempfile
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakedocker.engine.files.content import Content, Draft, Spool


def spooled(data: bytes, limit: int) -> Content:
    spool = Spool(limit)
    for start in range(0, len(data), 7):
        spool.write(data[start : start + 7])
    return spool.finish()


@pytest.mark.parametrize("limit", [0, 1000], ids=["in a file", "in memory"])
class TestContent:
    def test_what_was_spooled_is_read_back(self, limit: int) -> None:
        content = spooled(bytes(range(200)), limit)
        assert content.size == 200
        assert content.read() == bytes(range(200))

    def test_reading_stops_at_the_end(self, limit: int) -> None:
        content = spooled(b"hello", limit)
        assert content.read(3, 100) == b"lo"
        assert content.read(5) == b""
        assert content.read(99, 1) == b""

    def test_a_slice_does_not_show_what_is_around_it(self, limit: int) -> None:
        part = spooled(b"header-body-padding", limit).slice(7, 4)
        assert part.size == 4
        assert part.read() == b"body"
        assert part.read(2, 100) == b"dy"
        assert part.slice(1, 100).read() == b"ody"

    def test_chunks_are_the_whole_in_pieces(self, limit: int) -> None:
        assert list(spooled(b"abcdefgh", limit).chunks(3)) == [b"abc", b"def", b"gh"]

    def test_a_file_object_can_seek(self, limit: int) -> None:
        with spooled(b"0123456789", limit).slice(2, 6).open() as file:
            assert file.read(2) == b"23"
            file.seek(-1, os.SEEK_END)
            assert file.read() == b"7"
            file.seek(0)
            assert file.tell() == 0
            assert file.read() == b"234567"

    def test_contents_are_equal_by_their_bytes(self, limit: int) -> None:
        assert spooled(b"same", limit) == Content.of(b"same")
        assert spooled(b"same", limit) != Content.of(b"sane")
        assert spooled(b"same", limit) != Content.of(b"longer")


def test_the_file_is_closed_with_the_last_content_that_uses_it(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[Any] = []
    create = tempfile.TemporaryFile

    def remembered(*arguments: Any, **options: Any) -> Any:
        opened.append(create(*arguments, **options))
        return opened[-1]

    monkeypatch.setattr(tempfile, "TemporaryFile", remembered)
    content = spooled(b"x" * 100, limit=10)
    part = content.slice(10, 10)
    del content
    gc.collect()
    assert [file.closed for file in opened] == [False]
    assert part.read() == b"x" * 10
    del part
    gc.collect()
    assert [file.closed for file in opened] == [True]


def test_a_spool_can_be_used_again_without_changing_what_it_gave() -> None:
    spool = Spool(limit=2)
    spool.write(b"first")
    first = spool.finish()
    spool.write(b"second")
    assert (first.read(), spool.finish().read()) == (b"first", b"second")


def test_many_appends_to_a_large_draft_share_one_file_with_the_contents_given_out() -> None:
    draft = Draft(limit=4)
    draft.write(0, b"abcdef")
    early = draft.content
    draft.write(6, b"ghi")
    late = draft.content
    assert early._source is late._source
    assert (early.read(), late.read()) == (b"abcdef", b"abcdefghi")


def test_a_hole_reads_as_zeros() -> None:
    draft = Draft(limit=4)
    draft.write(6, b"x")
    assert draft.content.read() == b"\0\0\0\0\0\0x"


def test_what_was_cut_off_does_not_come_back() -> None:
    draft = Draft(limit=4)
    draft.write(0, b"abcdefgh")
    kept = draft.content
    draft.truncate(2)
    draft.truncate(8)
    assert draft.content.read() == b"ab\0\0\0\0\0\0"
    assert kept.read() == b"abcdefgh"


edits = st.one_of(
    st.tuples(st.just("write"), st.integers(0, 24), st.binary(max_size=8)),
    st.tuples(st.just("truncate"), st.integers(0, 24)),
    st.tuples(st.just("content")),
)


@given(st.binary(max_size=12), st.lists(edits, max_size=20))
def test_a_draft_behaves_as_a_byte_array_and_never_changes_what_it_gave(
    start: bytes, steps: list[tuple[object, ...]]
) -> None:
    draft = Draft(Content.of(start), limit=8)
    model = bytearray(start)
    given_out: list[tuple[Content, bytes]] = []
    for step in steps:
        match step:
            case ("write", int(offset), bytes(data)):
                draft.write(offset, data)
                if data:
                    model.extend(bytes(max(0, offset - len(model))))
                    model[offset : offset + len(data)] = data
            case ("truncate", int(size)):
                draft.truncate(size)
                model = model[:size] + bytes(max(0, size - len(model)))
            case _:
                given_out.append((draft.content, bytes(model)))
        assert draft.size == len(model)
        assert draft.read(2, 5) == model[2:7]
    assert draft.content.read() == model
    for content, expected in given_out:
        assert content.read() == expected
