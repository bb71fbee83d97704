"""WebSocket frames as the daemon of Docker speaks them (RFC 6455; golang.org/x/net/websocket).

The client masks what it sends, the daemon does not. A message has no meaning here, its bytes have: what comes of one is
handed on at once, however it is cut into frames, so that nothing has to be kept until it is whole.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

MAGIC: Final = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
VERSION: Final = "13"
#: The most that a ping, a pong or a farewell carries; the rest of a longer one is dropped.
LONGEST_CONTROL: Final = 125
NORMAL, PROTOCOL_ERROR = 1000, 1002


class Opcode(IntEnum):
    """What a frame is. All others carry data, too."""

    TEXT = 1
    BINARY = 2
    CLOSE = 8
    PING = 9
    PONG = 10


class ProtocolError(ValueError):
    """A frame that no client may send."""


@dataclass(frozen=True, slots=True)
class Piece:
    """What has come of a frame: data, or a control frame as a whole."""

    opcode: int
    data: bytes


def accept(key: str) -> str:
    """Return the proof that a handshake's key was understood."""
    return base64.b64encode(hashlib.sha1(key.encode() + MAGIC).digest()).decode()


def encode(opcode: Opcode, payload: bytes) -> bytes:
    """Return one frame."""
    size = len(payload)
    if size <= LONGEST_CONTROL:
        head = bytes((0x80 | opcode, size))
    elif size < 1 << 16:
        head = bytes((0x80 | opcode, 126)) + size.to_bytes(2)
    else:
        head = bytes((0x80 | opcode, 127)) + size.to_bytes(8)
    return head + payload


def close(status: int) -> bytes:
    """Return the frame that ends a connection."""
    return encode(Opcode.CLOSE, status.to_bytes(2))


class Decoder:
    """Takes what a client sends apart, in whatever pieces it comes."""

    def __init__(self) -> None:
        self._rest = b""
        self._opcode = 0
        self._mask = b""
        self._missing = 0
        self._control: bytes | None = None  #: of a control frame, what has come of it

    def feed(self, data: bytes) -> list[Piece]:
        """Return what has come. Raises ProtocolError, after which nothing can be understood any more."""
        rest = self._rest + data
        at = 0
        pieces: list[Piece] = []
        while True:
            if self._missing == 0 and self._control is not None:
                pieces.append(Piece(self._opcode, self._control))
                self._control = None
            if at == len(rest):
                break
            if self._missing:
                part = rest[at : at + self._missing]
                at += len(part)
                self._take(part, pieces)
                continue
            size = self._head(rest, at)
            if size is None:
                break
            at += size
        self._rest = rest[at:]
        return pieces

    def _head(self, rest: bytes, at: int) -> int | None:
        """Read the head of a frame; return how long it is, None while it is not whole."""
        if len(rest) - at < 2:
            return None
        first, second = rest[at], rest[at + 1]
        if not second & 0x80:
            raise ProtocolError("a client's frames have to be masked")
        extra = {126: 2, 127: 8}.get(second & 0x7F, 0)
        size = 2 + extra + 4
        if len(rest) - at < size:
            return None
        self._opcode = first & 0x0F
        self._missing = int.from_bytes(rest[at + 2 : at + 2 + extra]) if extra else second & 0x7F
        self._mask = rest[at + 2 + extra : at + size]
        self._control = b"" if self._opcode in (Opcode.CLOSE, Opcode.PING, Opcode.PONG) else None
        return size

    def _take(self, part: bytes, pieces: list[Piece]) -> None:
        self._missing -= len(part)
        plain = _unmasked(part, self._mask)
        turn = len(part) % 4
        self._mask = self._mask[turn:] + self._mask[:turn]
        if self._control is None:
            pieces.append(Piece(self._opcode, plain))
        else:
            self._control = (self._control + plain)[:LONGEST_CONTROL]


def _unmasked(data: bytes, mask: bytes) -> bytes:
    size = len(data)
    key = (mask * (size // 4 + 1))[:size]
    return (int.from_bytes(data) ^ int.from_bytes(key)).to_bytes(size)
