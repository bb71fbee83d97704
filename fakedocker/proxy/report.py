"""What came of a cassette that was asked again: for each exchange, for each endpoint, and altogether."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from fakedocker.cassettes.diff import Difference
from fakedocker.cassettes.model import Exchange, Request

_VERSION = re.compile(r"\A/v[0-9.]+(?=/)")

Verdict = Literal["equal", "different", "not reached"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one exchange. `reason`: why it was not reached."""

    exchange: Exchange
    differences: Sequence[Difference] = ()
    reason: str = ""

    @property
    def verdict(self) -> Verdict:
        if self.reason:
            return "not reached"
        return "different" if self.differences else "equal"


@dataclass(frozen=True, slots=True)
class Report:
    """What came of a cassette, in the order in which its exchanges began."""

    outcomes: Sequence[Outcome]

    def count(self, verdict: Verdict) -> int:
        return sum(outcome.verdict == verdict for outcome in self.outcomes)

    @property
    def is_same(self) -> bool:
        return self.count("equal") == len(self.outcomes)

    def operations(self) -> dict[str, dict[Verdict, int]]:
        """Return how often what came of each operation, by its name."""
        found: dict[str, dict[Verdict, int]] = {}
        for outcome in self.outcomes:
            counts = found.setdefault(
                operation(outcome.exchange.request), {"equal": 0, "different": 0, "not reached": 0}
            )
            counts[outcome.verdict] += 1
        return dict(sorted(found.items(), key=lambda one: one[0].split(" ", 1)[::-1]))


#: Collections whose members have names, and what stands there that is none.
_COLLECTIONS: Final = {
    "containers": frozenset({"json", "create", "prune", "ps"}),
    "images": frozenset({"json", "create", "load", "get", "search", "prune", "viz"}),
    "networks": frozenset({"create", "prune"}),
    "volumes": frozenset({"create", "prune"}),
    "exec": frozenset[str](),
    "plugins": frozenset({"pull", "create", "privileges"}),
    "services": frozenset({"create"}),
    "secrets": frozenset({"create"}),
    "configs": frozenset({"create"}),
    "nodes": frozenset[str](),
    "tasks": frozenset[str](),
    "distribution": frozenset[str](),
}
#: Collections of which the names may have slashes.
_WITH_SLASHES: Final = frozenset({"images", "plugins", "distribution"})
_OF_AN_IMAGE: Final = frozenset(
    {"json", "history", "push", "tag", "get", "insert", "enable", "disable", "upgrade", "set"}
)


def operation(request: Request) -> str:
    """Return which endpoint a request is for: the method and the path, `{name}` in the place of what is a name."""
    collection, *rest = _VERSION.sub("", request.path).strip("/").split("/")
    words = [collection, *rest]
    fixed = _COLLECTIONS.get(collection)
    if fixed is not None and rest and not (len(rest) == 1 and rest[0] in fixed):
        if collection in _WITH_SLASHES:
            ends = rest[-1:] if len(rest) > 1 and rest[-1] in _OF_AN_IMAGE else []
        else:
            ends = rest[1:]
        words = [collection, "{name}", *ends]
    return f"{request.method} /{'/'.join(words)}"
