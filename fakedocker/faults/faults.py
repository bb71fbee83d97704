"""The faults that are in force at a daemon: a list of rules, in order, that anybody may change at any time."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping
from random import Random
from types import TracebackType
from typing import Any, Self
from weakref import WeakSet

from fakedocker.faults.calls import Call, Request
from fakedocker.faults.fault import KIND, Fault, FaultError
from fakedocker.faults.rules import Rule

#: Rules that may be in force at a time.
MOST_RULES = 1000


class ActiveRule:
    """A rule in force; as a context manager, until the end of the block.

    `id`: its number at this daemon. `calls`: how many requests it fitted, `hits`: at how many of them it struck.
    """

    def __init__(self, faults: Faults, number: int, rule: Rule) -> None:
        self.id = number
        self.rule = rule
        self.calls = 0
        self.hits = 0
        self._faults = faults
        self._struck: WeakSet[Call] = WeakSet()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.remove()

    def __repr__(self) -> str:
        return f"<fault {self.id}: {self.rule.to_json()}, {self.hits} of {self.calls} calls>"

    def remove(self) -> None:
        """Put the rule out of force; who hangs by it goes on. A second time does nothing."""
        self._faults.remove(self)

    def release(self) -> None:
        """Let those go on who hang by this rule."""
        self._faults.release(self)

    def to_json(self) -> dict[str, Any]:
        """Return the rule with its number and its counts."""
        return {"id": self.id, "calls": self.calls, "hits": self.hits, **self.rule.to_json()}

    # What follows is for `Faults`, which holds its lock.

    def strike(self, request: Request, random: Random) -> Call | None:
        """Count a call that fits; return it if the rule strikes."""
        self.calls += 1
        if not self.rule.strikes(self.calls, random):
            return None
        self.hits += 1
        call = Call(request, random)
        self._struck.add(call)
        return call

    def struck(self) -> list[Call]:
        """Return the calls that it has struck and that are not over."""
        return list(self._struck)


#: What can be put into force: a kind by its name, a fault, a rule, or a rule as it is written.
Ruling = str | Fault | Rule | Mapping[str, Any]


class Faults:
    """The rules in force, in order; the first that strikes and answers is the only one that answers.

    Iterating gives them with their counts. `seed`: makes what has a probability, and jitter, the same every time.
    """

    def __init__(self, rules: Iterable[Ruling] = (), *, seed: int | str | None = None) -> None:
        self._lock = threading.Lock()
        self._seed = seed
        self._random = Random(seed)
        self._next = 1
        self._active: tuple[ActiveRule, ...] = ()  # replaced, never changed: whoever iterates has one of them
        for rule in rules:
            self.add(rule)

    def __len__(self) -> int:
        return len(self._active)

    def __iter__(self) -> Iterator[ActiveRule]:
        return iter(self._active)

    def __getitem__(self, number: int) -> ActiveRule:
        """Return a rule in force by its number. Raises KeyError."""
        for active in self._active:
            if active.id == number:
                return active
        raise KeyError(number)

    def add(self, fault: Ruling, /, **keys: Any) -> ActiveRule:
        """Put a rule into force, behind the others.

        A fault by its kind (`add("latency", seconds=2, on="ContainerStart")`), as an object (then `keys` are those of
        the selector), a rule, or a mapping as in YAML and JSON. Raises FaultError.
        """
        rule = ruled(fault, keys)
        with self._lock:
            if len(self._active) >= MOST_RULES:
                raise FaultError("", f"there are {MOST_RULES} faults already")
            active = ActiveRule(self, self._next, rule)
            self._next += 1
            self._active = (*self._active, active)
        return active

    def remove(self, active: ActiveRule | int) -> None:
        """Put a rule out of force; who hangs by it goes on. One that is not in force is no error."""
        with self._lock:
            gone = [one for one in self._active if one is active or one.id == active]
            self._active = tuple(one for one in self._active if one not in gone)
        for one in gone:
            self.release(one)

    def clear(self) -> None:
        """Put all rules out of force; whoever hangs goes on."""
        with self._lock:
            gone, self._active = self._active, ()
        for one in gone:
            self.release(one)

    def release(self, active: ActiveRule | int | None = None) -> None:
        """Let those go on who hang, by one rule or by any."""
        with self._lock:
            calls = [call for one in self._those(active) for call in one.struck()]
        for call in calls:
            call.release()

    def _those(self, active: ActiveRule | int | None) -> Iterable[ActiveRule]:
        if isinstance(active, ActiveRule):
            return (active,)
        return [one for one in self._active if active is None or one.id == active]

    def reset(self, rules: Iterable[Ruling] = ()) -> None:
        """Begin anew with other rules: counts and chance as well; whoever waits by a fault is cut off."""
        self.end_all()
        with self._lock:
            self._active = ()
            self._random = Random(self._seed)
            self._next = 1
        for rule in rules:
            self.add(rule)

    def end_all(self) -> None:
        """Cut off whoever waits by a fault: the daemon goes."""
        with self._lock:
            calls = [call for one in self._active for call in one.struck()]
        for call in calls:
            call.end()

    def to_json(self) -> list[dict[str, Any]]:
        """Return all rules with their numbers and counts."""
        return [active.to_json() for active in self._active]

    def struck_by(self, request: Request) -> list[tuple[Fault, Call]]:
        """Return the faults that strike at a request, in order: of those that answer only the first."""
        fitting = [active for active in self._active if active.rule.fits(request)]
        found: list[tuple[Fault, Call]] = []
        with self._lock:
            answered = False
            for active in fitting:
                fault = active.rule.fault
                if fault.answers() and answered:
                    continue
                call = active.strike(request, self._random)
                if call is not None:
                    answered = answered or fault.answers()
                    found.append((fault, call))
        return found


def ruled(fault: Ruling, keys: Mapping[str, Any]) -> Rule:
    """Return the rule that is meant. Raises FaultError."""
    if isinstance(fault, Rule):
        if keys:
            raise TypeError("a rule says already when it strikes")
        return fault
    if isinstance(fault, Fault):
        return Rule.of(fault, keys)
    if isinstance(fault, str):
        return Rule.read({KIND: fault, **keys})
    return Rule.read({**fault, **keys} if isinstance(fault, Mapping) else fault)
