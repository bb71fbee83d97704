"""What is listed of the differences between the recorded sessions and the fake, and why they are there.

`kept.yaml` is what was found last (`verdict.py`), for each session and endpoint: how often it was asked, how often the
answer was equal and in which places it was not. `reasons.yaml` is written by people: each place has a reason there. ::

    - where: [body.KernelVersion]          # patterns; `[]` is any item of a list
      endpoints: [GET /version]
      sessions: [run]                      # all if it is left out
      of: machine
      why: ...

`of` says whose fault it is: the `machine`'s (and its image's), which every daemon has others; of `chance`; of the
`recording`, which does not hold what would have to be asked; or the `fake`'s. `exchanges` are those in which chance
decides ("events 15"): they count as different whether they are or not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml

HERE = Path(__file__).parent
KEPT, REASONS = HERE / "kept.yaml", HERE / "reasons.yaml"

Found = dict[str, dict[str, Any]]
"""Endpoint -> how often it was `asked`, how many answers were `equal`, and the `different` ones by their places."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why answers may differ in some places."""

    where: tuple[str, ...]
    of: Literal["machine", "chance", "recording", "fake"]
    why: str
    endpoints: frozenset[str]
    sessions: frozenset[str]  #: of none: of all
    exchanges: frozenset[str]

    def explains(self, session: str, endpoint: str, place: str) -> bool:
        """Tell whether it is the reason for a place in a session's answers of an endpoint."""
        if endpoint not in self.endpoints or (self.sessions and session not in self.sessions):
            return False
        return any(fnmatchcase(place, pattern.replace("[", "[[]")) for pattern in self.where)


@cache
def reasons() -> list[Reason]:
    """Return the reasons that people have found."""
    return [
        Reason(
            tuple(one["where"]),
            one["of"],
            one["why"],
            frozenset(one["endpoints"]),
            frozenset(one.get("sessions", ())),
            frozenset(one.get("exchanges", ())),
        )
        for one in yaml.safe_load(REASONS.read_text())
    ]


@cache
def kept() -> dict[str, Found]:
    """Return what was found last, by the session."""
    found: dict[str, Found] = yaml.safe_load(KEPT.read_text())
    return found


def differences() -> Iterator[tuple[str, str, str]]:
    """Yield (session, endpoint, place)."""
    for session, found in kept().items():
        for endpoint, answers in found.items():
            for one in answers.get("different", ()):
                for place in one["places"]:
                    yield session, endpoint, place


def reason(session: str, endpoint: str, place: str) -> Reason | None:
    """Return why answers differ in a place, None if nobody knows."""
    return next((one for one in reasons() if one.explains(session, endpoint, place)), None)
