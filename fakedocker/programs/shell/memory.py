"""What a shell holds beside its variables, counted in bytes: functions, aliases, words.

The figures are rough; what matters is that nothing of it grows without being counted (see `Process.allocate`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, MutableMapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Final, TypeVar

Held = TypeVar("Held")

#: What a word, and a part of a command, take beside their text.
WORD, PART = 60, 150
#: What an entry in a table takes beside its name.
ENTRY: Final = 100


def size_of_words(words: Sequence[str]) -> int:
    """Return what a row of words takes."""
    return sum(map(len, words)) + WORD * len(words)


def size_of_tree(node: object) -> int:
    """Return what a part of the syntax tree takes, or a text."""
    size = 0
    pending = [node]
    while pending:
        part = pending.pop()
        if isinstance(part, str):
            size += WORD + len(part)
        elif isinstance(part, tuple | list):
            size += WORD
            pending += part
        elif is_dataclass(part):
            size += PART
            pending += [getattr(part, field.name) for field in fields(part)]
    return size


class Counted(MutableMapping[str, Held]):
    """A table of names whose entries count: `allocate` is told how many bytes more they take (see `Variables`)."""

    def __init__(self, allocate: Callable[[int], None], entries: Counted[Held] | None = None) -> None:
        self._allocate = allocate
        self._entries: dict[str, Held] = dict(entries._entries) if entries is not None else {}
        self._sizes: dict[str, int] = dict(entries._sizes) if entries is not None else {}
        allocate(sum(self._sizes.values()))

    def __setitem__(self, name: str, value: Held) -> None:
        if self._entries.get(name) is value:
            return  # a definition that is met again and again is not measured each time
        size = ENTRY + len(name) + size_of_tree(value)
        self._allocate(size - self._sizes.get(name, 0))
        self._entries[name], self._sizes[name] = value, size

    def __delitem__(self, name: str) -> None:
        del self._entries[name]
        self._allocate(-self._sizes.pop(name))

    def __getitem__(self, name: str) -> Held:
        return self._entries[name]

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)
