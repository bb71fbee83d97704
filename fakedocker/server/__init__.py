"""The HTTP server: listeners, HTTP/1.1, followed and hijacked streams.

The room knows nothing of Docker and nothing of Flask: it speaks WSGI, plus five optional hooks in the
environ that no WSGI server offers and a Docker daemon needs.

`fakedocker.follow`    the answer comes from a `Source`, without a thread, however long it stays quiet
`fakedocker.hijack`    the connection is taken over by a `Session` and carries raw bytes both ways
`fakedocker.on_close`  tell me when the client goes away during this answer
`fakedocker.send_head` send the head now, although nothing of the body is there yet
`fakedocker.abort`     break the connection off: it raises, in a view or while a source is read

A view that finds them absent runs under another WSGI server (or a test client) and answers as usual.

The rules of the room:

* One reactor thread owns every socket on which nothing happens; a worker thread owns a connection only while
  the application is at work on one of its requests.
* Only the reactor closes sockets while the server runs: an event never reaches the successor of a socket.
* The reactor holds no lock of its own while it calls a source or a session.
"""

from __future__ import annotations

from .address import Address, parse_address
from .limits import Limits
from .server import Server
from .streams import Session, Source

__all__ = ["Server", "Source", "Session", "Address", "parse_address", "Limits"]
