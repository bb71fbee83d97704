"""Scenarios: what is asked of a daemon, step by step, and what real ones answered.

`steps/*.yaml` are written by people: name of a scenario -> its steps, each `METHOD /path: body` and options. Recordings
are made by `record.py`, one folder for each real daemon, and read in a review. ::

    a network is found by its name:
      - POST /networks/create: {Name: one, Labels: {a: b}}
        keep: {one: Id}                       # {one} stands for its id in later steps, and in all recorded answers
      - GET /networks/{one:12}:               # its first twelve digits
      - GET /networks:
        query: {filters: {name: [one]}}       # what is no text is sent as JSON
        loose: {"[].IPAM": why this may differ}

Options of a step:

`query`, `headers` are sent. `text`: the body, if it is not JSON; `tar`: path -> text, the body as a tar.
`stdin`: the connection is taken over (`Upgrade: tcp`), this text is sent, and its end.
`keep`: name -> where in the answer (`Id`, `[0].Name`); what stands there is `{name}` from now on.
`loose`: where an answer may differ -> why. A place is members and `[]` or `*` for all items or members; `status`,
`body`, `headers.Docker-Experimental` may differ, too.
`only`: members of the answer that count, if not all do. `show`: headers that count. `unordered`: lists (their places,
"" is the answer itself) whose order means nothing. `own`: lists of which only items count that mention something of
this scenario. `stream`: true for an answer of several JSON values, however many come. `wait`: seconds before the step.

`{start}` and `{now}` are the times at which the scenario began and the step is asked, in unix seconds.

A scenario may also be a mapping: `steps`, `daemons` (those that are asked, all by default), `differs` (what we do
otherwise, and why: the fake is expected to fail), `alone` (true: it shows what others do with the daemon, too, so that
the real one can be asked only while nobody else uses it), `finally` (paths to DELETE afterwards; containers, networks,
volumes, and images of commits are removed anyway). Names in a scenario should be like no other's: several may be asked
at the same time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
STEPS, RECORDINGS = HERE / "steps", HERE / "recordings"
#: Safe, and in C where there is one: there is much to read.
FASTEST = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS")


@dataclass(frozen=True, slots=True)
class Daemon:
    """A real daemon: `name` is its folder of recordings and our profile of it, `version` the newest API it speaks."""

    name: str
    version: str


DAEMONS = (Daemon("20.10", "1.41"), Daemon("26", "1.45"))


@dataclass(frozen=True, slots=True)
class Step:
    """One request, and what of its answer counts."""

    method: str
    path: str
    body: Any = None
    query: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    text: str | None = None
    tar: Mapping[str, str] | None = None
    stdin: str | None = None
    keep: Mapping[str, str] = field(default_factory=dict)
    loose: Mapping[str, str] = field(default_factory=dict)
    only: Sequence[str] = ()
    show: Sequence[str] = ()
    unordered: Sequence[str] = ()
    own: Sequence[str] = ()
    stream: bool = False
    wait: float = 0.0


@dataclass(frozen=True, slots=True)
class Scenario:
    """Named steps. `group`: the file they stand in."""

    group: str
    name: str
    steps: tuple[Step, ...]
    daemons: tuple[Daemon, ...] = DAEMONS
    differs: str = ""
    alone: bool = False
    afterwards: tuple[str, ...] = ()

    def recording(self, daemon: Daemon) -> list[Any] | None:
        """Return what the real daemon answered, None if nobody has asked it yet."""
        found: list[Any] | None = recordings(self.group, daemon).get(self.name)
        return found

    @property
    def takes_pools(self) -> bool:
        """Whether networks are made whose addresses the daemon chooses, by what it chose before."""
        return any(step.path == "/networks/create" and "Subnet" not in str(step.body) for step in self.steps)


def scenarios() -> Iterator[Scenario]:
    """Read all scenarios. Raises ValueError where one is not written as it should be."""
    for path in sorted(STEPS.glob("*.yaml")):
        for name, told in FASTEST(path.read_text()).get_single_data().items():
            try:
                yield _scenario(path.stem, name, told if isinstance(told, dict) else {"steps": told})
            except (TypeError, ValueError) as error:
                raise ValueError(f"{path.name}: {name}: {error}") from error


def _scenario(group: str, name: str, told: dict[str, Any]) -> Scenario:
    asked = told.pop("daemons", [daemon.name for daemon in DAEMONS])
    return Scenario(
        group,
        name,
        steps=tuple(_step(step) for step in told.pop("steps")),
        daemons=tuple(daemon for daemon in DAEMONS if daemon.name in asked),
        afterwards=tuple(told.pop("finally", ())),
        **told,
    )


def _step(told: dict[str, Any]) -> Step:
    (request, body), *options = told.items()
    method, _, path = request.partition(" ")
    if method not in METHODS or not path.startswith("/"):
        raise ValueError(f"a step begins with a request, not with {request!r}")
    return Step(method, path, body, **dict(options))


@cache
def recordings(group: str, daemon: Daemon) -> Mapping[str, Any]:
    """Read the recordings of one file of steps."""
    path = recordings_path(group, daemon)
    found: Mapping[str, Any] = FASTEST(path.read_text()).get_single_data() if path.exists() else {}
    return found or {}


def recordings_path(group: str, daemon: Daemon) -> Path:
    return RECORDINGS / daemon.name / f"{group}.yaml"
