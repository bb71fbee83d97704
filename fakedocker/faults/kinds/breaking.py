"""Faults that end a connection too early: reset, close, cut, malformed-chunk."""

from __future__ import annotations

from dataclasses import dataclass

from fakedocker.faults.bodies import Body, Shape
from fakedocker.faults.calls import Answer, Call
from fakedocker.faults.fault import Fault, at_least, fault
from fakedocker.wire.multiplexed import CHANNELS, HEADER

#: What stands where a chunk's size should.
NO_SIZE = b"no size\r\n"


@fault("reset")
@dataclass(frozen=True, slots=True)
class Reset(Fault):
    """The connection is reset instead of an answer; on a unix socket, which has no resets, it just ends."""

    def answer(self, call: Call) -> Answer | None:
        call.abort(reset=True)


@fault("close")
@dataclass(frozen=True, slots=True)
class Close(Fault):
    """The connection ends instead of an answer."""

    def answer(self, call: Call) -> Answer | None:
        call.abort()


@fault("cut")
@dataclass(frozen=True, slots=True)
class Cut(Fault):
    """The connection ends after so many `bytes` of the body.

    `frame`: it ends in the middle of the first frame of a multiplexed stream that begins behind these bytes. `reset`:
    with a reset.
    """

    bytes: int = 0
    frame: bool = False
    reset: bool = False

    def __post_init__(self) -> None:
        at_least("bytes", self.bytes, 0)

    def shape(self, body: Body, call: Call) -> Body:
        return (
            _CutInFrame(body, call, self.bytes, self.reset) if self.frame else _Cut(body, call, self.bytes, self.reset)
        )


class _Cut(Shape):
    def __init__(self, body: Body, call: Call, left: int, reset: bool) -> None:
        super().__init__(body, call)
        self._left = left
        self._reset = reset

    def read(self, size: int) -> bytes | None:
        if not self._left:
            self.call.abort(reset=self._reset)
        data = self.body.read(min(size, self._left))
        self._left -= len(data or b"")
        return data


class _CutInFrame(Shape):
    """Reads header and payload of each frame apart, so that it always knows where it is."""

    def __init__(self, body: Body, call: Call, whole: int, reset: bool) -> None:
        super().__init__(body, call)
        self._whole = whole
        self._reset = reset
        self._passed = 0
        self._header = b""
        self._payload = 0  # bytes of the present one that are still to come
        self._is_last = False

    def read(self, size: int) -> bytes | None:
        if self._is_last and not self._payload:
            self.call.abort(reset=self._reset)
        data = self.body.read(min(size, self._payload or HEADER.size - len(self._header)))
        if not data:
            return data
        if self._payload:
            self._payload -= len(data)
        else:
            self._header += data
            if len(self._header) == HEADER.size:
                self._begin_frame()
        self._passed += len(data)
        return data

    def _begin_frame(self) -> None:
        channel, length = HEADER.unpack(self._header)
        is_frame = channel < len(CHANNELS) and not self._header[1:4].strip(b"\0")
        # Of what is no frame - a terminal's output, say - these eight bytes are all that comes.
        self._is_last = not is_frame or (self._passed + HEADER.size > self._whole and length > 0)
        self._payload = (length // 2 if self._is_last else length) if is_frame else 0
        self._header = b""


@fault("malformed-chunk")
@dataclass(frozen=True, slots=True)
class MalformedChunk(Fault):
    """Behind so many `bytes` of the body there is no chunk's size where one should be, and the connection ends."""

    changes_length = True
    bytes: int = 0

    def __post_init__(self) -> None:
        at_least("bytes", self.bytes, 0)

    def shape(self, body: Body, call: Call) -> Body:
        return body if call.hijacked else _Malformed(body, call, self.bytes)


class _Malformed(Shape):
    def __init__(self, body: Body, call: Call, left: int) -> None:
        super().__init__(body, call)
        self._left = left

    def read(self, size: int) -> bytes | None:
        data = self.body.read(min(size, self._left)) if self._left else None
        if data is None:
            self.call.abort(last=NO_SIZE)
        self._left -= len(data)
        return data
