"""Where a subcommand listens that leads to a real daemon: for its owner alone, unless told otherwise.

Whoever reaches it has the rights of the daemon behind it.
"""

from __future__ import annotations

import contextlib
import tempfile

from fakedocker.server import parse_address

from .terminal import is_private


def private_socket(stack: contextlib.ExitStack) -> str:
    """Return an address in a fresh folder that only its owner can enter; both are gone with the stack."""
    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="fakedocker-"))
    return f"unix://{folder}/docker.sock"


def private_address(host: str, allow_remote: bool) -> str:
    """Return an address as it is written in full. Raises ValueError if others can reach it, and that is not allowed."""
    address = parse_address(host)
    if not allow_remote and not is_private(address):
        raise ValueError(
            f"{address} can be reached from other machines, and whoever reaches it has the rights of the real daemon; "
            "say --allow-remote if that is meant"
        )
    return str(address)
