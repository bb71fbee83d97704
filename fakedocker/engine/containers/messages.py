"""A container's log as the json-file driver keeps it: message by message, not as it was written.

A message is a line; one that is longer than 16 KiB is several, without an end of line but for the last; what a run left
without an end of line is a message, too. Its time is that of its end (moby daemon/logger/copier.go).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

from fakedocker.engine.containers.output import Channel, Chunk, Log, Reader

LONGEST = 16384


@dataclass(frozen=True, slots=True)
class Message:
    """One message: its channel, its time (unix seconds), its line."""

    channel: Channel
    time: float
    line: bytes


@dataclass
class Assembler:
    """Makes messages of chunks."""

    _rests: dict[Channel, bytearray] = field(default_factory=dict)

    def feed(self, chunk: Chunk) -> Iterator[Message]:
        """Yield the messages that a chunk completes; an empty one ends its channel's line."""
        rest = self._rests.setdefault(chunk.channel, bytearray())
        if not chunk.data:
            if rest:
                yield Message(chunk.channel, chunk.time, bytes(rest))
                rest.clear()
            return
        rest += chunk.data
        start = 0
        while start < len(rest):
            end = rest.find(b"\n", start, start + LONGEST) + 1
            if not end:
                if len(rest) - start < LONGEST:
                    break
                end = start + LONGEST
            yield Message(chunk.channel, chunk.time, bytes(rest[start:end]))
            start = end
        del rest[:start]


class Messages:
    """What somebody wants to see of a log, and has not seen yet.

    `since`, `until`: unix seconds, None for no limit; `tail`: only so many of the last messages, None for all: of all
    channels and times, before anything is left out. `follow`: go on behind what there is now.
    """

    def __init__(
        self,
        log: Log,
        channels: tuple[Channel, ...],
        *,
        since: float | None = None,
        until: float | None = None,
        tail: int | None = None,
        follow: bool = False,
    ) -> None:
        self._reader = Reader(log, ("stdout", "stderr"), 0, log.end)
        self._assembler = Assembler()
        self._channels = channels
        self._since, self._until = since, until
        self._waiting: deque[Message] = deque()
        #: Whether a message was met that is too late.
        self.over = False
        if tail is not None:
            last: deque[Message] = deque(maxlen=tail)
            while (chunk := self._reader.next()) is not None:
                last.extend(self._assembler.feed(chunk))
            self._waiting.extend(filter(self._fits, last))
        if follow:
            self._reader.end = None

    def _fits(self, message: Message) -> bool:
        if self._until is not None and message.time > self._until:
            self.over = True
            return False
        return message.channel in self._channels and (self._since is None or message.time >= self._since)

    def next(self) -> Message | None:
        """Return the next message, None when there is none (yet)."""
        while not self._waiting and not self.over:
            chunk = self._reader.next()
            if chunk is None:
                return None
            self._waiting.extend(filter(self._fits, self._assembler.feed(chunk)))
        return self._waiting.popleft() if self._waiting else None
