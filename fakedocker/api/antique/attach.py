"""Attaching to a container: what goes over a connection that was taken over."""

from __future__ import annotations

from collections.abc import Callable

from fakedocker.engine.attachments import Attachment, Wanted
from fakedocker.engine.containers import Container
from fakedocker.runtime import Runtime

#: The whole head of the answer: the original writes exactly this, without date or length (moby v0.4.0 api.go).
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\n"


class AttachSession:
    """An attached client as the server sees it: raw bytes in both directions, nothing to tell the outputs apart.

    The log comes first, all of stdout before all of stderr; then the streams as they are written. A refusal to attach
    is a line in the stream.
    """

    def __init__(self, runtime: Runtime, container: Container, wanted: Wanted) -> None:
        self._runtime = runtime
        with runtime.engine():
            self._attachment = Attachment(container, wanted)
        refusal = self._attachment.refusal
        self._last_words = f"Error: {refusal}\n".encode() if refusal else b""
        self._rest = b""

    def read(self, size: int) -> bytes | None:
        """Return what there is to show; b"" when nothing is new, None when it is over."""
        with self._runtime.engine():
            parts, length = [self._rest], len(self._rest)
            while length < size and (chunk := self._attachment.next()) is not None:
                parts.append(chunk.data)
                length += len(chunk.data)
            over = length == 0 and self._attachment.ended
        shown = b"".join(parts)
        if over and self._last_words:
            shown, self._last_words, over = self._last_words, b"", False
        self._rest = shown[size:]
        return None if over else shown[:size]

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
