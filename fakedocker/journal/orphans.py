"""What a test has made and left: containers, networks and volumes that clients created and nobody removed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Self

from fakedocker.journal.names import SHORT, Known
from fakedocker.journal.table import cell


@dataclass(frozen=True, slots=True)
class Orphans:
    """The names of what was left; false if there is nothing."""

    containers: Sequence[str] = ()
    networks: Sequence[str] = ()
    volumes: Sequence[str] = ()

    @classmethod
    def of(cls, created: Iterable[Known], name_now: Callable[[str, str], str | None]) -> Self:
        """Return what is left of what was created; `name_now` tells the name of a kind's id, None if it is gone."""
        left: dict[str, list[str]] = {"container": [], "network": [], "volume": []}
        for known in created:
            if known.kind in left and (name := name_now(known.kind, known.id)) is not None:
                left[known.kind].append(name or known.name or known.id[:SHORT])
        return cls(tuple(left["container"]), tuple(left["network"]), tuple(left["volume"]))

    def __bool__(self) -> bool:
        return bool(self.containers or self.networks or self.volumes)

    def __str__(self) -> str:
        kinds = (("containers", self.containers), ("networks", self.networks), ("volumes", self.volumes))
        return "; ".join(f"{kind} {', '.join(map(cell, names))}" for kind, names in kinds if names) or "nothing"

    def to_json(self) -> dict[str, Any]:
        """Return them as JSON has them."""
        return {"containers": [*self.containers], "networks": [*self.networks], "volumes": [*self.volumes]}
