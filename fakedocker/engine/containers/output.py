"""A container's output: what its processes wrote, kept for those who ask later and followed by those who watch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from fakedocker.engine.watch import Watch

Channel = Literal["stdin", "stdout", "stderr"]
#: A log keeps at most this many bytes; the oldest go first. (A daemon keeps all of it, on its disk.)
LONGEST_LOG = 64 << 20
#: What a chunk weighs beside its bytes, so that very many small ones cannot fill the memory.
CHUNK_WEIGHT = 128


@dataclass(frozen=True, slots=True)
class Chunk:
    """What was written at once: on which channel, when (unix seconds), what."""

    channel: Channel
    time: float
    data: bytes


class Log:
    """Everything a container wrote, over all its runs. Positions count chunks from the first one ever."""

    def __init__(self) -> None:
        self._chunks: list[Chunk] = []
        self._first = 0
        self._size = 0
        #: On which channels the last line is not complete.
        self._unfinished: set[Channel] = set()
        #: Notified when something was written.
        self.watch = Watch()

    @property
    def end(self) -> int:
        """The position behind the last chunk."""
        return self._first + len(self._chunks)

    def write(self, channel: Channel, time: float, data: bytes) -> None:
        """Add what a process wrote."""
        if not data:
            return
        self._chunks.append(Chunk(channel, time, data))
        (self._unfinished.discard if data.endswith(b"\n") else self._unfinished.add)(channel)
        self._size += len(data) + CHUNK_WEIGHT
        if self._size > LONGEST_LOG:
            self._forget()
        self.watch.notify()

    def end_run(self, time: float) -> None:
        """Note that whoever wrote has ended: what was no whole line is one now. An empty chunk says so."""
        for channel in sorted(self._unfinished):
            self._chunks.append(Chunk(channel, time, b""))
        self._unfinished.clear()

    def _forget(self) -> None:
        """Drop the older half, so that dropping is rare."""
        dropped = 0
        while self._size > LONGEST_LOG // 2 and dropped < len(self._chunks) - 1:
            self._size -= len(self._chunks[dropped].data) + CHUNK_WEIGHT
            dropped += 1
        del self._chunks[:dropped]
        self._first += dropped

    @property
    def start(self) -> int:
        """The position of the oldest chunk that is kept."""
        return self._first

    def at(self, position: int) -> Chunk:
        """Return the chunk at a position from `start` to before `end`."""
        return self._chunks[position - self._first]

    def __iter__(self) -> Iterator[Chunk]:
        return iter(self._chunks)

    def read(self, *channels: Channel) -> bytes:
        """Return all that was written on these channels (both outputs if none is given), in order."""
        return b"".join(chunk.data for chunk in self if not channels or chunk.channel in channels)


class Reader:
    """A place in a log: what is behind it, up to `end` if that is given, is still to be read."""

    def __init__(self, log: Log, channels: tuple[Channel, ...], start: int, end: int | None = None) -> None:
        self._log = log
        self._channels = channels
        self._position = start
        self.end = end

    def next(self) -> Chunk | None:
        """Return the next chunk of the channels, None when there is none (yet)."""
        stop = self._log.end if self.end is None else self.end
        self._position = max(self._position, self._log.start)
        while self._position < stop:
            chunk = self._log.at(self._position)
            self._position += 1
            if chunk.channel in self._channels:
                return chunk
        return None
