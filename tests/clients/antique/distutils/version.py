"""Versions in the order of their numbers, as docker-py 0.3 compares those of the API."""

from __future__ import annotations

from functools import total_ordering


@total_ordering
class StrictVersion:
    """A version such as 1.10, which comes after 1.9. Raises ValueError for what is none."""

    def __init__(self, text: str) -> None:
        self.version = tuple(int(part) for part in text.split("."))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, StrictVersion) and self.version == other.version

    def __lt__(self, other: StrictVersion) -> bool:
        return self.version < other.version

    def __hash__(self) -> int:
        return hash(self.version)
