"""How an application breaks a connection off: without an answer, or in the middle of one.

It calls `fakedocker.abort` of its environ, which raises; whoever is at work for the connection - the thread of a
request, or the reactor that asks a source for bytes - closes it then, and nothing is reported.
"""

from __future__ import annotations

import contextlib
import socket
import struct
from typing import NoReturn

#: To linger for no time at all: closing throws away what was not sent, and sends a reset.
_AT_ONCE = struct.pack("ii", 1, 0)


class BrokenOff(Exception):
    """The application ends the connection; not an error.

    `reset`: with a reset instead of an end (a unix socket has none: there it is an end). `last`: bytes that are sent
    before, as they are, if the head of the answer is out.
    """

    def __init__(self, *, reset: bool = False, last: bytes = b"") -> None:
        super().__init__("the connection is broken off")
        self.reset = reset
        self.last = last


def abort(*, reset: bool = False, last: bytes = b"") -> NoReturn:
    """`fakedocker.abort`: break the connection off. Raises BrokenOff."""
    raise BrokenOff(reset=reset, last=last)


def prepare_reset(sock: socket.socket) -> None:
    """Have a TCP connection end with a reset when it is closed."""
    if sock.family != socket.AF_UNIX:
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
