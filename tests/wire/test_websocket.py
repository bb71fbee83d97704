"""WebSocket frames, as they come and go."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakedocker.wire import websocket
from fakedocker.wire.websocket import Decoder, Opcode, Piece, ProtocolError

MASK = b"abcd"


def masked(opcode: int, payload: bytes, *, last: bool = True, mask: bytes = MASK) -> bytes:
    """Return a frame as a client sends it."""
    head = bytearray(websocket.encode(Opcode.BINARY, payload)[: -len(payload) or None])
    head[0] = (0x80 if last else 0) | opcode
    head[1] |= 0x80
    return bytes(head) + mask + bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload))


def joined(pieces: list[Piece]) -> list[tuple[int, bytes]]:
    """Return pieces with the data that belongs together in one."""
    found: list[tuple[int, bytes]] = []
    for piece in pieces:
        if found and found[-1][0] == piece.opcode < Opcode.CLOSE:
            found[-1] = (piece.opcode, found[-1][1] + piece.data)
        else:
            found.append((piece.opcode, piece.data))
    return found


def test_the_handshake_of_the_standard() -> None:
    assert websocket.accept("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="


@pytest.mark.parametrize(
    ("size", "head"),
    [
        (0, b"\x82\x00"),
        (125, b"\x82\x7d"),
        (126, b"\x82\x7e\x00\x7e"),
        (65535, b"\x82\x7e\xff\xff"),
        (65536, b"\x82\x7f" + b"\0" * 5 + b"\x01\0\0"),
    ],
)
def test_a_frame_says_how_long_it_is(size: int, head: bytes) -> None:
    payload = b"x" * size
    assert websocket.encode(Opcode.BINARY, payload) == head + payload
    assert joined(Decoder().feed(masked(Opcode.TEXT, payload))) == ([(Opcode.TEXT, payload)] if size else [])


def test_a_farewell_says_why() -> None:
    assert websocket.close(websocket.NORMAL) == b"\x88\x02\x03\xe8"


@given(st.binary(min_size=1, max_size=300), st.lists(st.integers(1, 50), max_size=20))
def test_it_does_not_matter_how_a_stream_is_cut(payload: bytes, cuts: list[int]) -> None:
    stream = (
        masked(Opcode.BINARY, payload) + masked(Opcode.PING, b"?") + masked(Opcode.BINARY, payload[:5], mask=b"wxyz")
    )
    decoder, pieces = Decoder(), []
    for cut in [*cuts, len(stream)]:
        pieces += decoder.feed(stream[:cut])
        stream = stream[cut:]
    pieces += decoder.feed(stream)
    assert joined(pieces) == [(Opcode.BINARY, payload), (Opcode.PING, b"?"), (Opcode.BINARY, payload[:5])]


def test_data_is_handed_on_before_its_frame_is_whole() -> None:
    decoder = Decoder()
    frame = masked(Opcode.BINARY, b"0123456789")
    assert decoder.feed(frame[:9]) == [Piece(Opcode.BINARY, b"012")]
    assert decoder.feed(frame[9:]) == [Piece(Opcode.BINARY, b"3456789")]


def test_the_rest_of_a_message_is_data_too() -> None:
    frames = masked(Opcode.TEXT, b"be", last=False) + masked(0, b"gin")
    assert b"".join(piece.data for piece in Decoder().feed(frames)) == b"begin"


def test_a_control_frame_comes_whole_and_without_what_is_too_long() -> None:
    decoder = Decoder()
    frame = masked(Opcode.PING, b"p" * 130)
    assert decoder.feed(frame[:20]) == []
    assert decoder.feed(frame[20:]) == [Piece(Opcode.PING, b"p" * 125)]
    assert Decoder().feed(masked(Opcode.CLOSE, b"")) == [Piece(Opcode.CLOSE, b"")]


def test_a_frame_without_a_mask_is_refused() -> None:
    with pytest.raises(ProtocolError):
        Decoder().feed(websocket.encode(Opcode.TEXT, b"bare"))


def test_nothing_is_kept_of_a_frame_that_claims_to_be_enormous() -> None:
    decoder = Decoder()
    decoder.feed(b"\x82\xff\x7f" + b"\xff" * 7 + MASK)
    for _ in range(100):
        assert len(decoder.feed(b"x" * 1000)[0].data) == 1000
    assert len(decoder._rest) == 0
