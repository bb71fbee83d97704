"""What flows in answers of today's API: attached streams, logs, and whatever else comes piece by piece."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, Protocol

from flask import Response, request

from fakedocker.api import answers
from fakedocker.api.attaching import AttachSession
from fakedocker.api.modern.ageing import aged
from fakedocker.api.modern.views.times import fixed_timestamp
from fakedocker.engine.containers.attachments import Attachment, Wanted
from fakedocker.engine.containers.containers import Container
from fakedocker.engine.containers.messages import Messages
from fakedocker.engine.watch import Callback, Watch
from fakedocker.runtime import Runtime
from fakedocker.wire import multiplexed

#: Names of keys that detach (moby/term, ascii.go): single characters, and ctrl- with one of these.
_CONTROLLED: Final = {f"ctrl-{chr(96 + code)}": code for code in range(1, 27)} | {
    "ctrl-@": 0,
    "ctrl-[": 27,
    "ctrl-\\": 28,
    "ctrl-]": 29,
    "ctrl-^": 30,
    "ctrl-_": 31,
}


def read_keys(text: str) -> bytes | None:
    """Return the bytes of keys such as `ctrl-p,ctrl-q` or `a,b`; None when they are no keys."""
    codes = bytearray()
    for key in text.split(","):
        if key in _CONTROLLED:
            codes.append(_CONTROLLED[key])
        elif len(key) == 1:
            codes += key.encode()
        else:
            return None
    return bytes(codes)


class Shown:
    """Chunks of streams as a client gets them: in frames, or bare for a terminal."""

    def __init__(self, *, framed: bool) -> None:
        self._framed = framed

    def __call__(self, channel: multiplexed.Channel, data: bytes) -> bytes:
        return multiplexed.encode(channel, data) if self._framed else data


def attach(
    runtime: Runtime,
    attachment: Attachment,
    *,
    tty: bool,
    last_words: bytes = b"",
    also: Mapping[str, str] | None = None,
) -> Response:
    """Hand a connection over to an attached client, in the way it asked for.

    `last_words` come behind everything, `also` are headers of the answer.
    """
    show = Shown(framed=not tty)
    last = show("stdout", last_words) if last_words else b""
    session = AttachSession(runtime, attachment, show=show, last_words=last)
    kind = stream_type(tty=tty)
    if request.headers.get("Upgrade"):
        head = f"HTTP/1.1 101 UPGRADED\r\nContent-Type: {kind}\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n"
    else:
        kind = answers.RAW_STREAM
        head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in (also or {}).items())
    return answers.hijack(session, f"{head}\r\n".encode(), kind)


def refused(text: str, status: int) -> Response:
    """Return the answer to a client that may not attach: text, told as the stream would have been."""
    response = answers.text(f"{text}\r\n", status)
    response.headers["Content-Type"] = answers.RAW_STREAM
    return response


def stream_type(*, tty: bool) -> str:
    """Return the type of a stream: bare, or in frames since there is a name for that."""
    kind: str = aged("stream", {"Content-Type": answers.RAW_STREAM if tty else answers.MULTIPLEXED_STREAM})[
        "Content-Type"
    ]
    return kind


class LogSource:
    """A container's log as a source of the server."""

    def __init__(
        self, runtime: Runtime, container: Container, messages: Messages, *, follow: bool, times: bool, details: bool
    ) -> None:
        self._runtime = runtime
        self._container = container
        self._messages = messages
        self._follow = follow
        self._times, self._details = times, details
        self._show = Shown(framed=not container.tty)
        self._rest = b""
        self._subscriptions: list[Callback] = []

    def read(self, size: int) -> bytes | None:
        with self._runtime.engine():
            parts, length = [self._rest], len(self._rest)
            while length < size and (message := self._messages.next()) is not None:
                line = message.line
                if self._details:
                    line = b" " + line
                if self._times:
                    line = f"{fixed_timestamp(message.time)} ".encode() + line
                parts.append(self._show(message.channel, line))
                length += len(parts[-1])
            over = not self._follow or self._messages.over or not self._container.running
        shown = b"".join(parts)
        self._rest = shown[size:]
        return None if over and not shown else shown[:size]

    def watch(self, wake: Callable[[], None]) -> None:
        with self._runtime.engine():
            container = self._container
            self._subscriptions += [container.log.watch.subscribe(wake), container.changed.subscribe(wake)]

    def close(self) -> None:
        with self._runtime.engine():
            for cancel in self._subscriptions:
                cancel()
            self._subscriptions.clear()


class Pieces(Protocol):
    """Something that has the next piece of an answer, when there is one."""

    def __call__(self) -> bytes | None:
        """Return what is new (b"": nothing yet), None at the end."""
        ...


class PieceSource:
    """An answer that comes piece by piece, whenever one of the watches says so."""

    def __init__(self, runtime: Runtime, pieces: Pieces, *watches: Watch, done: Callback = lambda: None) -> None:
        self._runtime = runtime
        self._pieces = pieces
        self._watches = watches
        self._done = done
        self._rest = b""
        self._over = False
        self._subscriptions: list[Callback] = []

    def read(self, size: int) -> bytes | None:
        if not self._rest and not self._over:
            with self._runtime.engine():
                piece = self._pieces()
            self._over = piece is None
            self._rest = piece or b""
        if self._over and not self._rest:
            return None
        shown, self._rest = self._rest[:size], self._rest[size:]
        return shown

    def watch(self, wake: Callable[[], None]) -> None:
        with self._runtime.engine():
            self._subscriptions += [watch.subscribe(wake) for watch in self._watches]

    def close(self) -> None:
        with self._runtime.engine():
            for cancel in self._subscriptions:
                cancel()
            self._subscriptions.clear()
            self._done()


def wanted(flag: Callable[[str], bool], keys: bytes) -> Wanted:
    """Return what a client that attaches asks for."""
    return Wanted(
        logs=flag("logs"),
        stream=flag("stream"),
        stdin=flag("stdin"),
        stdout=flag("stdout"),
        stderr=flag("stderr"),
        patient=True,
        detach_keys=keys,
    )
