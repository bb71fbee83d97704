"""Attaching to a container: what goes over a connection that was taken over."""

from __future__ import annotations

from fakedocker.api.attaching import AttachSession
from fakedocker.engine.containers.attachments import Attachment, Wanted
from fakedocker.engine.containers.containers import Container
from fakedocker.runtime import Runtime

#: The whole head of the answer: the original writes exactly this, without date or length (moby v0.4.0 api.go).
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\n"


def session(runtime: Runtime, container: Container, wanted: Wanted) -> AttachSession:
    """Return an attached client: raw bytes in both directions, nothing to tell the outputs apart.

    The log comes first, all of stdout before all of stderr; then the streams as they are written. A refusal to attach
    is a line in the stream.
    """
    with runtime.engine():
        attachment = Attachment(container, wanted)
    refusal = attachment.refusal
    return AttachSession(runtime, attachment, last_words=f"Error: {refusal}\n".encode() if refusal else b"")
