"""Published ports that really listen: between sockets of the host and the simulated network.

Rules of the room: it listens on the loopback interface only, unless the user says otherwise, and connects to nothing
but what the user has named; no client of a port ever reaches the host by it. One thread for all ports of a daemon, and
none before the first port is published; it takes the runtime's lock for a moment and never waits with it.
"""

from __future__ import annotations

from fakedocker.publishing.publishing import Publishing

__all__ = ["Publishing"]
