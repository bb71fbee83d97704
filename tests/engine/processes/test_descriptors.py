"""Pipes and the other things a process can read and write."""

from __future__ import annotations

import errno
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakedocker.engine.files.files import Files
from fakedocker.engine.files.layers import Layer
from fakedocker.engine.processes.descriptors import PIPE_SIZE, Descriptor, FileDescriptor, Null, Pipe, Sink


def held() -> Pipe:
    pipe = Pipe()
    pipe.reader.hold()
    pipe.writer.hold()
    return pipe


def test_a_pipe_gives_what_was_put_into_it_in_order() -> None:
    pipe = held()
    pipe.writer.write(b"one")
    pipe.writer.write(b"two")
    assert pipe.reader.read(2) == b"on"
    assert pipe.reader.read(100) == b"e"
    assert pipe.reader.read(100) == b"two"
    assert pipe.reader.read(100) is None


@given(st.lists(st.one_of(st.binary(max_size=50), st.integers(1, 30))))
def test_whatever_the_pieces_no_byte_is_lost_or_changed(steps: list[bytes | int]) -> None:
    pipe, expected, received = Pipe(size=64), b"", b""
    for step in steps:
        if isinstance(step, bytes):
            taken = pipe.put(step)
            expected += step[:taken]
        else:
            received += pipe.take(step) or b""
        assert 0 <= pipe.room <= 64
        assert pipe.room == 64 - (len(expected) - len(received))
    pipe.writer_gone = True
    while data := pipe.take(7):
        received += data
    assert received == expected


def test_a_pipe_takes_no_more_than_it_holds() -> None:
    pipe = held()
    assert pipe.writer.write(bytes(PIPE_SIZE + 5)) == PIPE_SIZE
    assert pipe.writer.write(b"x") == 0
    pipe.reader.read(10)
    assert pipe.writer.room == 10
    assert pipe.writer.write(bytes(20)) == 10


def test_a_pipe_ends_when_the_last_holder_of_its_writing_end_lets_go() -> None:
    pipe = held()
    pipe.writer.hold()
    pipe.writer.write(b"rest")
    pipe.writer.release()
    assert pipe.reader.read(10) == b"rest"
    assert pipe.reader.read(10) is None
    pipe.writer.release()
    assert pipe.reader.read(10) == b""


def test_writing_to_a_pipe_that_nobody_reads_fails_even_when_it_is_full() -> None:
    pipe = held()
    pipe.writer.write(bytes(PIPE_SIZE))
    pipe.reader.release()
    assert pipe.writer.room > 0
    with pytest.raises(BrokenPipeError):
        pipe.writer.write(b"x")


def test_each_end_is_told_what_the_other_did() -> None:
    pipe, seen = held(), []
    pipe.reader.ready.subscribe(lambda: seen.append("readable"))
    pipe.writer.ready.subscribe(lambda: seen.append("writable"))
    pipe.writer.write(b"x")
    pipe.reader.read(1)
    pipe.writer.release()
    pipe.reader.release()
    assert seen == ["readable", "writable", "readable", "writable"]


def test_what_was_written_does_not_change_afterwards() -> None:
    pipe, taken = held(), []
    sink = Sink(taken.append)
    data = bytearray(b"abc")
    pipe.writer.write(data)  # type: ignore[arg-type]
    sink.write(data)  # type: ignore[arg-type]
    data[0] = 0
    assert (pipe.reader.read(3), taken) == (b"abc", [b"abc"])


def test_reading_byte_by_byte_takes_reasonable_time() -> None:
    pipe = held()
    pipe.writer.write(bytes(PIPE_SIZE))
    start = time.process_time()
    while pipe.reader.read(1):
        pass
    assert time.process_time() - start < 1


@pytest.mark.parametrize("descriptor", [Descriptor(), Sink(lambda data: None), Pipe().writer])
def test_what_is_not_for_reading_cannot_be_read(descriptor: Descriptor) -> None:
    with pytest.raises(OSError, match="Bad file descriptor") as error:
        descriptor.read(1)
    assert error.value.errno == errno.EBADF


@pytest.mark.parametrize("descriptor", [Descriptor(), Pipe().reader])
def test_what_is_not_for_writing_cannot_be_written(descriptor: Descriptor) -> None:
    with pytest.raises(OSError, match="Bad file descriptor"):
        descriptor.write(b"x")


def test_the_null_device_is_always_at_its_end_and_takes_everything() -> None:
    null = Null()
    assert (null.read(10), null.write(b"abc")) == (b"", 3)


def test_a_file_is_read_and_written_where_it_stands() -> None:
    files = Files([], Layer(), lambda: 0.0)
    files.write("/f", b"hello")
    descriptor = FileDescriptor(files.open("/f", read=True, write=True))
    assert descriptor.read(2) == b"he"
    assert descriptor.write(b"LL") == 2
    assert descriptor.read(10) == b"o"
    assert descriptor.read(10) == b""
    assert files.read("/f").read() == b"heLLo"
