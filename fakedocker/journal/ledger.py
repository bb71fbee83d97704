"""Where calls are written down: bounded, for many threads, waking whoever waits for the next one."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Any

from fakedocker.journal.entries import Entry
from fakedocker.journal.names import Known, Names
from fakedocker.journal.secrets import Secrets
from fakedocker.journal.table import cell

#: Different complaints about what had no effect that are kept until somebody asks for them.
MOST_COMPLAINTS = 1000
#: Bytes of paths, queries, bodies and reasons, as clients sent them, that all calls together may hold.
MOST_BYTES = 16 << 20


class Record:
    """A call that is being written: what is known of it so far."""

    __slots__ = ("_entry", "said", "weight")

    def __init__(self, said: dict[str, Any]) -> None:
        self.said = said
        self.weight = weight_of(said)
        self._entry: Entry | None = None

    def add(self, said: dict[str, Any]) -> None:
        """Write more of it down."""
        self.said.update(said)
        self.weight += weight_of(said)
        self._entry = None

    def entry(self) -> Entry:
        """Return what is known of it now."""
        if self._entry is None:
            self._entry = Entry(**self.said)
        return self._entry


def weight_of(said: dict[str, Any]) -> int:
    """Return about how many bytes a client's words are that are kept."""
    query = said.get("query")
    weight = sum(len(name) + sum(map(len, values)) for name, values in query.items()) if query else 0
    weight += len(said.get("path", "")) + len(said.get("reason", "")) + sum(map(len, said.get("without_effect", ())))
    return weight + (said.get("body_size", 0) if said.get("body") is not None else 0)


class Ledger:
    """The calls of a daemon, the last `limit` of them, and fewer if they are large.

    `now` is the daemon's time in unix seconds. Reading needs nobody's lock but its own, and what it calls
    back is called without one.
    """

    def __init__(self, limit: int = 10_000, *, now: Callable[[], float] = time.time) -> None:
        if limit < 1:
            raise ValueError(f"a journal of {limit} calls keeps none")
        self.limit = limit
        self.now = now
        self.secrets = Secrets()
        self._names = Names()
        self._changed = threading.Condition(threading.Lock())
        #: In the order of their last changes, by their numbers.
        self._records: OrderedDict[int, Record] = OrderedDict()
        self._weight = 0
        self._number = 0
        self._change = 0
        self._watchers: tuple[Callable[[], None], ...] = ()
        self._complaints: dict[str, None] = {}

    def __len__(self) -> int:
        return len(self._records)

    # -- writing -----------------------------------------------------------------------

    def begin(self, said: dict[str, Any]) -> Record:
        """Write down that a call has come; what is longest unchanged is forgotten for it."""
        record = Record(said)
        with self._changed:
            self._number += 1
            said["number"] = self._number
            self._weight += record.weight
            self._note(record)
        self._wake()
        return record

    def add(self, record: Record, said: dict[str, Any]) -> None:
        """Write more of a call down; one that was forgotten meanwhile stays so."""
        complaints = said.get("without_effect")
        with self._changed:
            if self._records.get(record.said["number"]) is not record:
                return
            self._weight -= record.weight
            record.add(said)
            self._weight += record.weight
            self._note(record)
            if complaints:
                self._complain(record, complaints)
        self._wake()

    def _note(self, record: Record) -> None:
        self._change += 1
        record.said["change"] = self._change
        number = record.said["number"]
        self._records[number] = record
        self._records.move_to_end(number)
        while len(self._records) > self.limit or (self._weight > MOST_BYTES and len(self._records) > 1):
            self._weight -= self._records.popitem(last=False)[1].weight
        self._changed.notify_all()

    def _complain(self, record: Record, complaints: Iterable[str]) -> None:
        said = record.said
        call = said["operation"] or f"{said['method']} {said['path']}"
        for complaint in complaints:
            if len(self._complaints) < MOST_COMPLAINTS:
                self._complaints[f"{cell(call)}: {cell(complaint)}"] = None

    def _wake(self) -> None:
        for wake in self._watchers:
            wake()

    # -- reading -----------------------------------------------------------------------

    def entries(self, after: int = 0, timeout: float | None = None) -> list[Entry]:
        """Return the calls that have changed after a change, in the order in which they came.

        `timeout`: how many seconds to wait if there are none; None, not at all.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        with self._changed:
            while not (found := self._since(after)) and deadline is not None:
                left = deadline - time.monotonic()
                if left <= 0:
                    break
                self._changed.wait(min(left, threading.TIMEOUT_MAX))
        return sorted(found, key=lambda entry: entry.number)

    def _since(self, change: int) -> list[Entry]:
        found = []
        for record in reversed(self._records.values()):
            if record.said["change"] <= change:
                break
            found.append(record.entry())
        return found

    def subscribe(self, wake: Callable[[], None]) -> Callable[[], None]:
        """Call this after every change, in the thread that made it; return what ends that."""
        with self._changed:
            self._watchers = (*self._watchers, wake)

        def cancel() -> None:
            with self._changed:
                self._watchers = tuple(one for one in self._watchers if one is not wake)

        return cancel

    def complaints(self) -> list[str]:
        """Return what had no effect since this was asked last: `ContainerCreate: body HostConfig.CapAdd`."""
        with self._changed:
            told, self._complaints = [*self._complaints], {}
        return told

    # -- names -------------------------------------------------------------------------

    def learn(self, kind: str, identity: str, name: str, *, created: bool = False) -> None:
        """Remember what an object is called, and whether a client has created it."""
        with self._changed:
            self._names.learn(kind, identity, name, created=created)

    def known(self, kind: str, said: str) -> Known | None:
        """Return the object that is called so."""
        with self._changed:
            return self._names.find(kind, said)

    def created(self) -> list[Known]:
        """Return what clients have created, oldest first, whether it is still there or not."""
        with self._changed:
            return [known for known in self._names if known.created]

    # -- forgetting --------------------------------------------------------------------

    def clear(self) -> None:
        """Forget the calls; what is under way is not written any further."""
        with self._changed:
            self._records.clear()
            self._weight = 0
            self._change += 1
            self._changed.notify_all()
        self._wake()

    def begin_anew(self) -> None:
        """Forget everything: the daemon has another world now."""
        self.clear()
        with self._changed:
            self._names.clear()
            self._complaints.clear()
        self.secrets.forget()
