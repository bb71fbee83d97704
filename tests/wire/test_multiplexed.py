"""Docker's frames of eight bytes and a payload."""

from __future__ import annotations

import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakedocker.wire.multiplexed import LONGEST_FRAME, Decoder, Piece, encode

channels: st.SearchStrategy[Any] = st.sampled_from(["stdin", "stdout", "stderr"])


def decoded(pieces: list[bytes]) -> list[Piece]:
    decoder = Decoder()
    return [piece for data in pieces for piece in decoder.feed(data)] + decoder.finish()


def test_a_frame_is_a_channel_three_zeros_a_length_and_the_payload() -> None:
    assert encode("stderr", b"hi\n") == b"\x02\0\0\0\0\0\0\x03hi\n"


@given(st.lists(st.tuples(channels, st.binary(max_size=20)), max_size=5), st.integers(1, 30))
def test_frames_are_found_however_the_stream_is_cut(frames: list[tuple[Any, bytes]], size: int) -> None:
    data = b"".join(encode(channel, payload) for channel, payload in frames)
    cut = [data[at : at + size] for at in range(0, len(data), size)]
    assert decoded(cut) == [Piece(channel, payload) for channel, payload in frames]


@given(st.lists(st.binary(max_size=20)))
def test_no_byte_is_lost_whatever_comes(pieces: list[bytes]) -> None:
    whole = b"".join(encode(piece.channel, piece.data) if piece.channel else piece.data for piece in decoded(pieces))
    assert whole == b"".join(pieces)


@pytest.mark.parametrize("data", [b"plain text", b"\x03\0\0\0\0\0\0\x01x", b"\x01\0\x01\0\0\0\0\x01x", b"\x1b[1m"])
def test_what_is_no_frame_is_handed_on_at_once(data: bytes) -> None:
    assert Decoder().feed(data) == [Piece(None, data)]


def test_what_follows_a_broken_frame_is_raw_to_the_end() -> None:
    data = encode("stdout", b"one") + b"oops" + encode("stdout", b"two")
    assert decoded([data]) == [Piece("stdout", b"one"), Piece(None, b"oops" + encode("stdout", b"two"))]


def test_a_frame_that_never_became_whole_is_handed_on_with_its_header() -> None:
    assert decoded([encode("stdout", b"hello")[:-1]]) == [Piece(None, encode("stdout", b"hello")[:-1])]


def test_a_frame_that_claims_to_be_huge_is_not_collected() -> None:
    decoder = Decoder()
    header = struct.pack(">BxxxL", 1, LONGEST_FRAME + 5)
    assert decoder.feed(header + b"ab") == [Piece("stdout", b"ab")]
    assert decoder.feed(b"cd") == [Piece("stdout", b"cd")]
