"""An attached client as the server sees it, in every dialect."""

from __future__ import annotations

from collections.abc import Callable

from fakedocker.engine.containers.attachments import Attachment
from fakedocker.engine.containers.output import Channel, Chunk
from fakedocker.runtime import Runtime

#: Makes of a piece of a channel what the client gets.
Show = Callable[[Channel, bytes], bytes]


def bare(channel: Channel, data: bytes) -> bytes:
    """Show a piece as it was written: nothing tells the channels apart."""
    del channel
    return data


class AttachSession:
    """What goes over a connection that was taken over; `last_words` come behind everything else."""

    def __init__(self, runtime: Runtime, attachment: Attachment, *, show: Show = bare, last_words: bytes = b"") -> None:
        self._runtime = runtime
        self._attachment = attachment
        self._show = show
        self._rest = b""
        self._last_words = last_words

    def read(self, size: int) -> bytes | None:
        """Return what there is to show; b"" when nothing is new, None when it is over."""
        with self._runtime.engine():
            parts, length = [self._rest], len(self._rest)
            while length < size and (chunk := self._attachment.next()) is not None:
                parts.append(self._shown(chunk))
                length += len(parts[-1])
            over = length == 0 and self._attachment.ended
        shown = b"".join(parts)
        if over and self._last_words:
            shown, self._last_words, over = self._last_words, b"", False
        self._rest = shown[size:]
        return None if over else shown[:size]

    def _shown(self, chunk: Chunk) -> bytes:
        return self._show(chunk.channel, chunk.data) if chunk.data else b""

    def watch(self, wake: Callable[[], None]) -> None:
        with self._runtime.engine():
            self._attachment.watch(wake)

    def close(self) -> None:
        with self._runtime.engine():
            self._attachment.close()

    def room(self) -> int:
        with self._runtime.lock:
            return self._attachment.room

    def receive(self, data: bytes) -> None:
        with self._runtime.engine():
            self._attachment.receive(data)

    def half_close(self) -> None:
        with self._runtime.engine():
            self._attachment.half_close()
