"""Which id is which name: learned from what clients create, so that either finds the calls about it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

#: Objects whose names are remembered; the oldest are forgotten.
MOST_KNOWN = 10_000
#: Digits of an id that clients show.
SHORT = 12
_ID = re.compile(r"(?:sha256:)?[0-9a-f]{4,64}")


@dataclass(frozen=True, slots=True)
class Known:
    """An object: its kind (container, network …), its whole id, its name, and whether a client has created it."""

    kind: str
    id: str
    name: str
    created: bool = False


class Names:
    """What is known of objects. For one thread at a time."""

    def __init__(self) -> None:
        self._by_id: dict[tuple[str, str], Known] = {}
        self._by_word: dict[tuple[str, str], Known] = {}

    def __iter__(self) -> Iterator[Known]:
        return iter([*self._by_id.values()])

    def learn(self, kind: str, identity: str, name: str, *, created: bool = False) -> Known:
        """Remember an object; its latest name counts."""
        before = self._by_id.get((kind, identity))
        if before is not None:
            self._forget(before)
        known = Known(kind, identity, name, created or (before is not None and before.created))
        self._by_id[kind, identity] = known
        for word in {identity[:SHORT], name} - {""}:
            self._by_word[kind, word] = known
        if len(self._by_id) > MOST_KNOWN:
            self._forget(next(iter(self._by_id.values())))
        return known

    def find(self, kind: str, said: str) -> Known | None:
        """Return what is called so, by its name, its id, or the beginning of that."""
        bare = said.removeprefix("/")
        found = self._by_id.get((kind, bare)) or self._by_word.get((kind, bare))
        if found is not None or not looks_like_id(bare):
            return found
        return next((one for one in self._by_id.values() if one.kind == kind and one.id.startswith(bare)), None)

    def clear(self) -> None:
        """Forget everything."""
        self._by_id.clear()
        self._by_word.clear()

    def _forget(self, known: Known) -> None:
        del self._by_id[known.kind, known.id]
        for word in (known.id[:SHORT], known.name):
            if self._by_word.get((known.kind, word)) is known:
                del self._by_word[known.kind, word]


def looks_like_id(said: str) -> bool:
    """Tell whether this may be an id, or its beginning."""
    return _ID.fullmatch(said) is not None
