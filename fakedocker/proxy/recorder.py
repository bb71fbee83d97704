"""The recorder: a client connects to it, it connects to the daemon, and what passes is recorded.

One connection to the daemon for each of a client's; where it leads was settled before the first client came, and
nothing a request says (a Host, an absolute URL) changes it.
"""

from __future__ import annotations

import itertools
import json
import socket
import threading
import time
from collections.abc import Callable

from .listener import Listener
from .messages import Data, End, Head, MessageReader, UnreadableError
from .observer import Observer
from .passage import Passage
from .tape import Tape
from .upstream import UnreachableError, Upstream

PATIENCE = 5.0  # seconds that close waits for connections to end
GREETING_PATIENCE = 10.0

_FACTS = {"version": "Version", "api_version": "ApiVersion", "os": "Os", "arch": "Arch"}


class Recorder:
    """Carries and records; the listener is its own from now on.

    `on_trouble` gets a line about each client that could not be connected to the daemon.
    """

    def __init__(self, upstream: Upstream, listener: Listener, tape: Tape, on_trouble: Callable[[str], None]) -> None:
        self._upstream = upstream
        self._on_trouble = on_trouble
        self._listener = listener
        self._observer = Observer(tape, tape.next_id, tape.elapsed)
        self._acceptor = threading.Thread(
            target=self._listener.serve, args=(self._welcome,), name="acceptor", daemon=True
        )
        self._numbers = itertools.count(tape.next_connection)
        self._lock = threading.Lock()
        self._closing = False
        self._passages: dict[int, Passage] = {}
        self._threads: set[threading.Thread] = set()

    def start(self) -> None:
        """Serve from now on."""
        self._observer.start()
        self._acceptor.start()

    def close(self) -> None:
        """Cut all connections, and return when everything that passed has been kept."""
        self._listener.stop()
        self._acceptor.join()
        self._listener.close()
        with self._lock:
            self._closing = True
            passages, threads = list(self._passages.values()), list(self._threads)
        for passage in passages:
            passage.cut()
        deadline = time.monotonic() + PATIENCE
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        self._observer.finish()

    def _welcome(self, client: socket.socket) -> None:
        number = next(self._numbers)
        thread = threading.Thread(target=self._serve, args=(number, client), name=f"passage {number}", daemon=True)
        with self._lock:
            self._threads.add(thread)
        try:
            thread.start()
        except RuntimeError as error:  # there are too many already
            client.close()
            self._on_trouble(f"cannot take in another client: {error}")

    def _serve(self, number: int, client: socket.socket) -> None:
        try:
            daemon = self._upstream.connect()
        except UnreachableError as error:
            client.close()
            self._on_trouble(str(error))
        else:
            passage = Passage(number, client, daemon, self._observer)
            with self._lock:
                self._passages[number] = passage
                if self._closing:
                    passage.cut()
            passage.run()
        with self._lock:
            self._passages.pop(number, None)
            self._threads.discard(threading.current_thread())


def ask_who_is_there(upstream: Upstream) -> dict[str, str]:
    """Return what the daemon says of itself, as far as it says it: version, api_version, os, arch.

    Raises UnreachableError, also when nothing there answers.
    """
    line = upstream.connect()
    try:
        line.settimeout(GREETING_PATIENCE)
        line.sendall(b"GET /version HTTP/1.1\r\nHost: docker\r\nConnection: close\r\n\r\n")
        said = _answer(line.recv)
    except (OSError, UnreadableError) as error:
        raise UnreachableError(f"cannot reach {upstream}: {error}") from None
    finally:
        line.close()
    if said is None:
        raise UnreachableError(f"cannot reach {upstream}: the connection was closed")
    try:
        version = json.loads(said)
        return {name: str(version[member]) for name, member in _FACTS.items() if member in version}
    except (ValueError, TypeError):
        return {}


def _answer(receive: Callable[[int], bytes]) -> bytes | None:
    """Read an answer's body; None if there is no answer."""
    reader = MessageReader(lambda head: -2 if head.length is None else head.length)
    body, answered = bytearray(), False
    while len(body) < 1 << 20 and (data := receive(65536)):
        for event in reader.feed(data):
            match event:
                case Head():
                    answered = bool(event.status)
                case Data(data=part):
                    body += part
                case End():
                    return bytes(body)
    return bytes(body) if answered else None
