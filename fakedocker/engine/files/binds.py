"""Trees from the host in a container: kept in memory under the path by which the host would know them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fakedocker.engine.files.files import Files


@dataclass(frozen=True, slots=True)
class Bind:
    """One tree of the host and where a container sees it. `source`: the host's path; `target`: the container's."""

    source: str
    target: str
    read_only: bool = False


class HostTrees:
    """What containers see of the host: a tree in memory for every path, empty at first.

    `read` gives the tree of a directory that really is to be read, and None for all others; such a tree is read only.
    Nothing is ever written to the host.
    """

    def __init__(self, empty: Callable[[], Files], read: Callable[[str], Files | None] = lambda path: None) -> None:
        self._empty = empty
        self._read = read
        self._trees: dict[str, Files] = {}

    def tree(self, source: str) -> Files:
        """Return the tree at a path of the host. Raises OSError if it should be read and cannot be."""
        if source not in self._trees:
            found = self._read(source)
            self._trees[source] = self._empty() if found is None else found
        return self._trees[source]

    def put(self, source: str, tree: Files) -> None:
        """Have a tree at a path of the host from now on."""
        self._trees[source] = tree

    def written(self) -> list[tuple[str, Files]]:
        """Return the paths of which there is a tree in memory, with their trees."""
        return [(source, tree) for source, tree in self._trees.items() if not tree.read_only]
