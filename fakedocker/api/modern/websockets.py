"""Attaching over a WebSocket: how it begins, and the session behind it.

The streams are bare in it, also those of a container without a terminal: nobody can tell output from error output.
"""

from __future__ import annotations

from collections.abc import Callable

from flask import Response, request

from fakedocker.api import answers
from fakedocker.api.attaching import AttachSession
from fakedocker.api.modern.ageing import aged
from fakedocker.engine.containers.attachments import Attachment
from fakedocker.engine.containers.output import Channel
from fakedocker.runtime import Runtime
from fakedocker.wire import websocket
from fakedocker.wire.websocket import Opcode


class WebSocketSession(AttachSession):
    """An attached client that speaks in frames.

    Pings are answered. A farewell ends the input; of a client that only looks on, it ends everything.
    """

    def __init__(self, runtime: Runtime, attachment: Attachment, opcode: Opcode, *, looks_on: bool) -> None:
        def show(channel: Channel, data: bytes) -> bytes:
            return websocket.encode(opcode, data)

        super().__init__(runtime, attachment, show=show, last_words=websocket.close(websocket.NORMAL))
        self._decoder = websocket.Decoder()
        self._looks_on = looks_on
        self._said_farewell = False
        #: What is to be said in between. Only the newest ping has to be answered.
        self._reply = b""
        self._wake: Callable[[], None] = lambda: None

    def read(self, size: int) -> bytes | None:
        if self._rest:
            return super().read(size)
        self._rest, self._reply = self._reply, b""
        if self._looks_on and self._said_farewell:
            self._rest += self._last_words
            self._last_words = b""
            shown, self._rest = self._rest[:size], self._rest[size:]
            return shown or None
        return super().read(size)

    def watch(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        super().watch(wake)

    def receive(self, data: bytes) -> None:
        if self._said_farewell:
            return
        try:
            for piece in self._decoder.feed(data):
                self._take(piece)
        except websocket.ProtocolError:
            self._reply = websocket.close(websocket.PROTOCOL_ERROR)
            self.half_close()
        self._wake()

    def _take(self, piece: websocket.Piece) -> None:
        match piece.opcode:
            case Opcode.PING:
                self._reply = websocket.encode(Opcode.PONG, piece.data)
            case Opcode.CLOSE:
                self.half_close()
            case Opcode.PONG:
                pass
            case _:
                super().receive(piece.data)

    def half_close(self) -> None:
        self._said_farewell = True
        super().half_close()


def refusal() -> Response | None:
    """Return why the present request opens no WebSocket (golang.org/x/net/websocket, hybi.go); None if it does."""
    headers = request.headers
    if headers.get("Upgrade", "").lower() != "websocket" or "upgrade" not in headers.get("Connection", "").lower():
        return answers.text("not websocket protocol", 400)
    if not headers.get("Sec-WebSocket-Key"):
        return answers.text("mismatch challenge/response", 400)
    if headers.get("Sec-WebSocket-Version") != websocket.VERSION:
        response = answers.text("missing or bad WebSocket Version", 400)
        response.headers["Sec-WebSocket-Version"] = websocket.VERSION
        return response
    if "," in headers.get("Sec-WebSocket-Protocol", ""):
        return answers.text("", 400)
    return None


def attach(runtime: Runtime, attachment: Attachment, *, looks_on: bool) -> Response:
    """Shake hands and hand the connection over to an attached client; `looks_on`: it asked for output only."""
    lines = [
        "HTTP/1.1 101 Switching Protocols",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Accept: {websocket.accept(request.headers['Sec-WebSocket-Key'])}",
    ]
    if "Sec-WebSocket-Protocol" in request.headers:
        lines.append(f"Sec-WebSocket-Protocol: {request.headers['Sec-WebSocket-Protocol']}")
    opcode = aged("websocket", {"opcode": Opcode.BINARY})["opcode"]
    head = "".join(f"{line}\r\n" for line in [*lines, ""]).encode("latin-1")
    session = WebSocketSession(runtime, attachment, opcode, looks_on=looks_on)
    return answers.hijack(session, head, answers.RAW_STREAM)
