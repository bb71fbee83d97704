"""How much, and how long, the server puts up with: the one place for its numbers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on what one client may cost; the defaults are those of a daemon that nobody has tuned.

    Sizes are in bytes, times in seconds.
    """

    head_bytes: int = (1 << 20) + 4096
    """A request head above this is answered 431 (Go's default: 1 MiB and 4 KiB of slop)."""

    head_seconds: float = 60.0
    """A head that has begun must be complete by then."""

    stall_seconds: float = 300.0
    """A response is dropped when the client takes no byte of it for this long."""

    drain_bytes: int = 256 << 10
    """An unread request body up to this size is read and thrown away to keep the connection."""

    linger_seconds: float = 2.0
    """How long a closing connection still reads, so that a reset does not destroy the answer on its way."""

    hijack_gap_seconds: float = 0.01
    """How long the first byte of a hijacked stream waits behind its head.

    docker-py reads the head through a buffer which it then drops, with every byte that came along with the
    head. Over a unix socket the kernel tells when the client has taken the head, and the wait ends there.
    """

    idle_thread_seconds: float = 5.0
    """A worker thread without work ends after this."""
