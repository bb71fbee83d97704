"""What a tester asks about the calls: which there were, whether one was made, when the next one comes.

A `Journal` has no state of its own: it asks its supply, which is the ledger of a daemon in this process or whatever
brings entries from one elsewhere.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from fakedocker.journal.entries import Entry
from fakedocker.journal.table import cell, line, table
from fakedocker.journal.wanted import Status, Wanted

#: Calls that the table, and a failure, shows.
LONGEST_TABLE, LONGEST_FAILURE = 100, 20
#: Calls that a failure shows as the nearest ones, and their differences.
NEAREST, MOST_DIFFERENCES = 3, 10

Call = str | Wanted | tuple[str, Mapping[str, Any]]


class Supply(Protocol):
    """Where entries come from."""

    def entries(self, after: int = 0, timeout: float | None = None) -> list[Entry]:
        """Return the calls that have changed after a change (`Entry.change`), oldest first.

        If there are none: wait for one up to `timeout` seconds; None, do not. May return earlier with nothing.
        """

    def clear(self) -> None:
        """Forget the calls."""


class Journal:
    """The calls of a daemon, oldest first.

    What selects calls (`name`, `status`, `query`, `body` …) is told at `fakedocker.journal.Wanted`. An operation that
    the API does not have is an UnknownOperation, which names the nearest.
    """

    def __init__(self, supply: Supply) -> None:
        self._supply = supply

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._supply.entries())

    def __len__(self) -> int:
        return len(self._supply.entries())

    def __bool__(self) -> bool:
        return True  # a journal without calls is one all the same

    def __str__(self) -> str:
        return table(self._supply.entries(), LONGEST_TABLE)

    @property
    def last(self) -> Entry | None:
        """The call that came last, None if there was none."""
        entries = self._supply.entries()
        return entries[-1] if entries else None

    def calls(self, operation: str | None = None, **selectors: Any) -> list[Entry]:
        """Return the calls that are meant."""
        wanted = Wanted(operation, **selectors)
        return [entry for entry in self if wanted.fits(entry)]

    def count(self, operation: str | None = None, **selectors: Any) -> int:
        """Return how many calls are meant."""
        return len(self.calls(operation, **selectors))

    def entries(self, after: int = 0, timeout: float | None = None) -> list[Entry]:
        """Return the calls that have changed after a change, waiting for one if there are none; see `Supply`."""
        return self._supply.entries(after, timeout)

    def unmatched(self) -> list[Entry]:
        """Return the calls that the API does not have, or that this daemon does not answer."""
        return [entry for entry in self if entry.unmatched]

    def clear(self) -> None:
        """Forget the calls so far."""
        self._supply.clear()

    # -- what has to be ------------------------------------------------------------------

    def assert_called(
        self,
        operation: str | None = None,
        *,
        times: int | None = None,
        status: Status | None = None,
        **selectors: Any,
    ) -> Entry:
        """Return the last such call. Raises AssertionError if there is none, or there are not as many as `times`."""
        wanted = Wanted(operation, status=status, **selectors)
        entries = [*self]
        found = [entry for entry in entries if wanted.fits(entry)]
        if times == 0:
            raise ValueError("times=0 leaves nothing to return: assert_not_called says that there was no call")
        if found and (times is None or times == len(found)):
            last: Entry = found[-1]
            return last
        if found:
            said = [
                f"{wanted} was called {_times(len(found))}, not {_times(times or 0)}:",
                table(found, LONGEST_FAILURE),
            ]
            raise AssertionError("\n".join(said))
        often = "" if times in (None, 1) else f", and should have been {_times(times or 0)}"
        raise AssertionError(f"{wanted} was not called{often}\n{instead(entries, wanted)}")

    def assert_not_called(self, operation: str | None = None, **selectors: Any) -> None:
        """Raise AssertionError if there was such a call."""
        wanted = Wanted(operation, **selectors)
        found = [entry for entry in self if wanted.fits(entry)]
        if found:
            raise AssertionError(f"{wanted} was called {_times(len(found))}:\n{table(found, LONGEST_FAILURE)}")

    def assert_in_order(self, calls: Sequence[Call]) -> list[Entry]:
        """Return calls that came one after the other, whatever was between them. Raises AssertionError.

        A call is an operation, or an operation and what selects: `("ContainerStart", {"name": "web"})`.
        """
        steps = [_wanted(call) for call in calls]
        entries = [*self]
        found: list[Entry] = []
        for number, step in enumerate(steps, 1):
            rest = [entry for entry in entries if not found or entry.number > found[-1].number]
            fitting = next((entry for entry in rest if step.fits(entry)), None)
            if fitting is None:
                behind = f"behind call {line(found[-1])}" if found else "at all"
                why = f"{step}, the {_ordinal(number)} of {len(steps)}, was not called {behind}"
                earlier = [entry for entry in entries if step.fits(entry)]
                if earlier:
                    why += "\nit was called before:\n" + table(earlier, LONGEST_FAILURE)
                raise AssertionError(f"{why}\n{instead(rest, step)}")
            found.append(fitting)
        return found

    def wait_for(
        self,
        operation: str | None = None,
        *,
        timeout: float = 5.0,
        answered: bool | None = True,
        **selectors: Any,
    ) -> Entry:
        """Return the first such call, as soon as it has been answered; one that was made already counts, too.

        `timeout`: seconds of the wall clock. `answered`: False, as soon as it has come and while it has no answer;
        None, either. Raises AssertionError, which tells what came instead.
        """
        wanted = Wanted(operation, answered=answered, **selectors)
        deadline = time.monotonic() + timeout
        entries, seen = self._supply.entries(), 0
        while True:
            found = next((entry for entry in entries if wanted.fits(entry)), None)
            if found is not None:
                return found
            left = deadline - time.monotonic()
            if left <= 0:
                break
            seen = max([seen, *(entry.change for entry in entries)])
            entries = self._supply.entries(seen, left)
        raise AssertionError(f"{wanted} was not called within {timeout:g} s\n{instead([*self], wanted)}")


def instead(entries: Sequence[Entry], wanted: Wanted) -> str:
    """Return what was called instead of what is wanted: the nearest calls with what differs, and the last ones."""
    told: list[str] = []
    for entry in _nearest(entries, wanted):
        told.append(f"nearest: {line(entry)}")
        told += [f"    {cell(one, 200)}" for one in wanted.differences(entry)[:MOST_DIFFERENCES]]
    if not told and wanted.operation is not None and entries:
        told.append(f"there was no {wanted.operation}")
    told.append(f"calls:\n{table(entries, LONGEST_FAILURE)}" if entries else "nothing was called")
    return "\n".join(told)


def _nearest(entries: Sequence[Entry], wanted: Wanted) -> list[Entry]:
    """Return the calls that differ least: of the same operation, or, if there is no such, of the same object."""
    same = [entry for entry in entries if wanted.operation in (None, entry.operation)]
    if not same and wanted.name is not None:
        same = [entry for entry in entries if entry.is_called(wanted.name)]
    return sorted(same, key=lambda entry: (len(wanted.differences(entry)), -entry.number))[:NEAREST]


def _wanted(call: Call) -> Wanted:
    if isinstance(call, Wanted):
        return call
    return Wanted(call) if isinstance(call, str) else Wanted(call[0], **call[1])


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"


def _ordinal(number: int) -> str:
    return {1: "first", 2: "second", 3: "third"}.get(number, f"{number}th")
