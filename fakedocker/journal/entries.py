"""One call: what was asked, of what, and what became of it. A value that can travel as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from fnmatch import fnmatchcase
from typing import Any, Self

#: What the routers of all dialects say of a path that they do not have.
NOT_ROUTED = "page not found"


@dataclass(frozen=True, slots=True)
class Entry:
    """A request and its answer.

    `operation`: as the API's documents call it, "" if it has none. `object`: the name or id in the path, as the client
    wrote it. `path`: without the query. `version`: of the API, "" if nobody knows. `query`: all values of each
    parameter. `body`: a JSON value, a form as a mapping, or text; None if there is none, or if it is too large or an
    archive, of which only `body_type` and `body_size` (bytes) are told. `status`: None before the head of the answer.
    `reason`: what the daemon said was wrong. `started`: unix seconds of the daemon's clock. `duration`: its seconds,
    None as long as the answer has not ended. `connection`: the client's address. `name`, `id`: what the object is
    called and its whole id, as far as it is known. `without_effect`: what was said and nothing followed from:
    `query NAME`, `body PATH`. `change`: grows with whatever changes in the journal.
    """

    number: int
    operation: str = ""
    object: str = ""
    method: str = ""
    path: str = ""
    version: str = ""
    query: Mapping[str, Sequence[str]] = field(default_factory=dict)
    body: Any = None
    body_type: str = ""
    body_size: int = 0
    status: int | None = None
    reason: str = ""
    started: float = 0.0
    duration: float | None = None
    connection: str = ""
    name: str = ""
    id: str = ""
    without_effect: Sequence[str] = ()
    change: int = 0

    @property
    def answered(self) -> bool:
        """Whether the head of the answer was there."""
        return self.status is not None

    @property
    def unmatched(self) -> bool:
        """Whether the API has nothing like it, or this daemon does not do it."""
        if self.status is None:
            return self.duration is not None and not self.operation
        not_routed = self.status == 404 and self.reason.endswith(NOT_ROUTED)
        return self.status == 501 or not_routed or (self.status >= 400 and not self.operation)

    def is_called(self, name: str) -> bool:
        """Tell whether a name or an id, whole or its beginning, is that of the object."""
        return any(_fits(name, known) for known in (self.object, self.name) if known) or bool(
            self.id and (self.id == name or (len(name) >= SHORTEST_ID and _bare(self.id).startswith(_bare(name))))
        )

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        told = {name: getattr(self, name) for name in _NAMES}
        return told | {"without_effect": [*self.without_effect]}

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Self:
        """Return what `to_json` told; what this version does not know is left out. Raises TypeError."""
        return cls(**{name: value for name, value in told.items() if name in _NAMES})


_NAMES = tuple(one.name for one in fields(Entry))
#: Digits of an id that are taken for one.
SHORTEST_ID = 4


def _bare(identity: str) -> str:
    return identity.removeprefix("sha256:")


def _fits(pattern: str, name: str) -> bool:
    """Tell whether a pattern fits a name, or an image's without what can be left out of it."""
    bare, pattern = name.removeprefix("/"), pattern.removeprefix("/")
    short = bare.removeprefix("docker.io/").removeprefix("library/")
    return any(fnmatchcase(one, pattern) for one in (bare, short, short.removesuffix(":latest")))
