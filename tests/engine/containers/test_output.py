"""A container's log and those who read it."""

from __future__ import annotations

import pytest

from fakedocker.engine.containers import output
from fakedocker.engine.containers.output import CHUNK_WEIGHT, Chunk, Log, Reader


@pytest.fixture
def log() -> Log:
    return Log()


def read_all(reader: Reader) -> list[bytes]:
    chunks: list[bytes] = []
    while (chunk := reader.next()) is not None:
        chunks.append(chunk.data)
    return chunks


def test_a_log_keeps_what_was_written_with_its_channel_and_time(log: Log) -> None:
    log.write("stdout", 1.0, b"out")
    log.write("stderr", 2.0, b"err")
    assert list(log) == [Chunk("stdout", 1.0, b"out"), Chunk("stderr", 2.0, b"err")]


def test_a_log_can_be_read_by_channel(log: Log) -> None:
    for channel, data in (("stdout", b"a"), ("stderr", b"b"), ("stdout", b"c")):
        log.write(channel, 0.0, data)  # type: ignore[arg-type]
    assert (log.read(), log.read("stdout"), log.read("stderr")) == (b"abc", b"ac", b"b")


def test_writing_nothing_is_no_news(log: Log) -> None:
    told: list[bool] = []
    log.watch.subscribe(lambda: told.append(True))
    log.write("stdout", 0.0, b"")
    assert not told
    log.write("stdout", 0.0, b"x")
    assert told == [True]


def test_a_reader_follows_what_comes_after_its_start(log: Log) -> None:
    log.write("stdout", 0.0, b"before")
    reader = Reader(log, ("stdout", "stderr"), log.end)
    assert reader.next() is None
    log.write("stdout", 0.0, b"one")
    log.write("stdin", 0.0, b"not asked for")
    log.write("stderr", 0.0, b"two")
    assert read_all(reader) == [b"one", b"two"]


def test_a_reader_with_an_end_does_not_go_beyond_it(log: Log) -> None:
    log.write("stdout", 0.0, b"one")
    reader = Reader(log, ("stdout",), 0, log.end)
    log.write("stdout", 0.0, b"two")
    assert read_all(reader) == [b"one"]


@pytest.fixture
def short_log(monkeypatch: pytest.MonkeyPatch) -> Log:
    """A log that holds ten chunks of ten bytes."""
    monkeypatch.setattr(output, "LONGEST_LOG", 10 * (10 + CHUNK_WEIGHT))
    return Log()


def fill(log: Log, numbers: range) -> None:
    for number in numbers:
        log.write("stdout", 0.0, b"%010d" % number)


def numbers(chunks: list[bytes]) -> list[int]:
    return [int(chunk) for chunk in chunks]


def test_a_full_log_forgets_its_oldest_part_and_only_that(short_log: Log) -> None:
    fill(short_log, range(100))
    kept = numbers([chunk.data for chunk in short_log])
    assert kept == list(range(kept[0], 100))
    assert 4 <= len(kept) <= 10
    assert (short_log.start, short_log.end) == (kept[0], 100)


def test_a_reader_that_was_too_slow_goes_on_with_the_oldest_that_is_kept(short_log: Log) -> None:
    fill(short_log, range(3))
    reader = Reader(short_log, ("stdout",), 0)
    assert reader.next() is not None
    fill(short_log, range(3, 50))
    assert numbers(read_all(reader)) == list(range(short_log.start, 50))


def test_a_reader_whose_part_is_forgotten_has_nothing_more_to_read(short_log: Log) -> None:
    fill(short_log, range(3))
    part, rest = Reader(short_log, ("stdout",), 0, short_log.end), Reader(short_log, ("stdout",), short_log.end)
    fill(short_log, range(3, 50))
    assert read_all(part) == []
    assert numbers(read_all(rest)) == list(range(short_log.start, 50))


def test_very_small_chunks_are_forgotten_in_time_too(short_log: Log) -> None:
    for _ in range(1000):
        short_log.write("stdout", 0.0, b"x")
    assert len(list(short_log)) <= 11


def test_one_chunk_larger_than_the_whole_log_is_kept_alone(short_log: Log) -> None:
    fill(short_log, range(5))
    short_log.write("stdout", 0.0, bytes(100_000))
    assert [len(chunk.data) for chunk in short_log] == [100_000]
