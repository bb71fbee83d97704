"""Where ids come from: 64 hexadecimal digits, from a source of bytes that is handed in."""

from __future__ import annotations

from collections.abc import Callable

SHORT = 12


def short(identity: str) -> str:
    """Return the 12 digits by which people know an id."""
    return identity[:SHORT]


class Ids:
    """Makes ids out of the bytes of a (seeded) random source."""

    def __init__(self, random_bytes: Callable[[int], bytes]) -> None:
        self.random_bytes = random_bytes

    def new(self) -> str:
        """Return an id of 64 hexadecimal digits.

        The first twelve digits are never all decimal: a short id must not look like a number
        (moby pkg/stringid.GenerateRandomID).
        """
        while True:
            identity = self.random_bytes(32).hex()
            if not identity[:SHORT].isdigit():
                return identity
