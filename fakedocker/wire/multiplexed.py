"""Docker's multiplexed streams: frames of an eight byte header and a payload (moby pkg/stdcopy).

The header is the channel, three zero bytes and the length of the payload, big endian. What does not look like that is
handed on as it came: a decoder never refuses bytes and never waits for a payload to be whole.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final, Literal

Channel = Literal["stdin", "stdout", "stderr"]

#: By the first byte of the header. A fourth, `systemerr`, is the daemon's own and ends the stream.
CHANNELS: Final[tuple[Channel, ...]] = ("stdin", "stdout", "stderr")
HEADER: Final = struct.Struct(">BxxxL")
#: What a decoder holds back at most for a frame to become whole; a longer one is handed on in pieces.
LONGEST_FRAME = 1 << 20


def encode(channel: Channel, payload: bytes) -> bytes:
    """Return one frame."""
    return HEADER.pack(CHANNELS.index(channel), len(payload)) + payload


@dataclass(frozen=True, slots=True)
class Piece:
    """A frame's payload; without a channel, bytes that are no frame."""

    channel: Channel | None
    data: bytes


class Decoder:
    """Takes a multiplexed stream apart, in whatever pieces it comes."""

    def __init__(self) -> None:
        self._rest = b""
        self._raw = False
        #: Of a frame that is handed on in pieces: its channel and how many bytes are missing.
        self._channel: Channel | None = None
        self._missing = 0

    def feed(self, data: bytes) -> list[Piece]:
        """Return what is whole now."""
        rest = self._rest + data
        at = 0
        pieces = []
        while at < len(rest):
            if self._raw:
                pieces.append(Piece(None, rest[at:]))
                at = len(rest)
            elif self._missing:
                part = rest[at : at + self._missing]
                pieces.append(Piece(self._channel, part))
                self._missing -= len(part)
                at += len(part)
            elif not _can_begin(rest[at : at + HEADER.size]):
                self._raw = True
            elif len(rest) - at < HEADER.size:
                break
            else:
                number, size = HEADER.unpack_from(rest, at)
                start = at + HEADER.size
                if size > LONGEST_FRAME:
                    self._channel, self._missing = CHANNELS[number], size
                    at = start
                elif len(rest) < start + size:
                    break
                else:
                    pieces.append(Piece(CHANNELS[number], rest[start : start + size]))
                    at = start + size
        self._rest = rest[at:]
        return pieces

    def finish(self) -> list[Piece]:
        """Return what was left over when the stream ended: a frame that never became whole, header included."""
        rest, self._rest = self._rest, b""
        return [Piece(None, rest)] if rest else []


def _can_begin(header: bytes) -> bool:
    """Tell whether a header, or what has come of it, is one."""
    return header[0] < len(CHANNELS) and not header[1:4].strip(b"\0")
