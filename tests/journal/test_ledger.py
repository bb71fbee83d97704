"""The ledger: bounded, and waking whoever waits."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from fakedocker.journal import Ledger
from fakedocker.journal.ledger import MOST_BYTES


def call(ledger: Ledger, **said: Any) -> Any:
    return ledger.begin({"operation": "ContainerList", "method": "GET", "path": "/containers/json", **said})


def test_calls_are_numbered_and_told_in_order() -> None:
    ledger = Ledger()
    first, second = call(ledger), call(ledger)
    ledger.add(second, {"status": 200})
    ledger.add(first, {"status": 500})
    assert [(entry.number, entry.status) for entry in ledger.entries()] == [(1, 500), (2, 200)]


def test_only_what_has_changed_is_told_again() -> None:
    ledger = Ledger()
    first = call(ledger)
    call(ledger)
    seen = max(entry.change for entry in ledger.entries())
    assert ledger.entries(seen) == []
    ledger.add(first, {"status": 200})
    assert [entry.number for entry in ledger.entries(seen)] == [1]


def test_what_is_longest_unchanged_is_forgotten() -> None:
    ledger = Ledger(limit=3)
    records = [call(ledger) for _ in range(3)]
    ledger.add(records[0], {"status": 200})
    call(ledger)
    assert [entry.number for entry in ledger.entries()] == [1, 3, 4]
    ledger.add(records[1], {"status": 200})
    assert [entry.number for entry in ledger.entries()] == [1, 3, 4]


def test_five_thousand_calls_take_no_more_room_than_the_limit() -> None:
    ledger = Ledger(limit=100)
    for _ in range(5000):
        ledger.add(call(ledger), {"status": 200})
    assert len(ledger) == 100
    assert ledger.entries()[-1].number == 5000


def test_large_calls_are_forgotten_earlier() -> None:
    ledger = Ledger()
    for _ in range(1000):
        ledger.add(call(ledger), {"body": "x", "body_size": 65536})
    assert 200 < len(ledger) <= MOST_BYTES / 65536
    assert ledger.entries()[-1].number == 1000
    ledger.clear()
    ledger.add(call(ledger), {"body": "x", "body_size": 2 * MOST_BYTES})
    assert len(ledger) == 1


def test_who_waits_is_woken_by_the_next_call() -> None:
    ledger = Ledger()
    found: list[Any] = []
    waiting = threading.Thread(target=lambda: found.extend(ledger.entries(0, 5)))
    waiting.start()
    call(ledger)
    waiting.join(5)
    assert [entry.number for entry in found] == [1]


def test_who_waits_in_vain_gets_nothing_in_time() -> None:
    ledger = Ledger()
    call(ledger)
    ledger.clear()
    before = time.monotonic()
    assert ledger.entries(1, 0.02) == []
    assert 0.01 < time.monotonic() - before < 2


def test_a_watcher_is_called_at_every_change_until_it_has_enough() -> None:
    ledger = Ledger()
    calls: list[int] = []
    cancel = ledger.subscribe(lambda: calls.append(len(ledger.entries())))  # no lock is held: it may read
    record = call(ledger)
    ledger.add(record, {"status": 200})
    cancel()
    call(ledger)
    assert calls == [1, 1]


def test_what_was_under_way_is_not_written_any_further_once_it_was_cleared() -> None:
    ledger = Ledger()
    record = call(ledger)
    ledger.clear()
    ledger.add(record, {"status": 200})
    assert ledger.entries() == []


def test_complaints_are_told_once_and_each_but_once() -> None:
    ledger = Ledger()
    for _ in range(3):
        ledger.add(call(ledger), {"without_effect": ("query size",)})
    assert ledger.complaints() == ["ContainerList: query size"]
    assert ledger.complaints() == []


def test_clearing_keeps_the_names_and_beginning_anew_does_not() -> None:
    ledger = Ledger()
    ledger.learn("container", "ab" * 32, "web", created=True)
    ledger.clear()
    assert [known.name for known in ledger.created()] == ["web"]
    ledger.begin_anew()
    assert ledger.created() == []
    assert ledger.known("container", "web") is None


def test_many_threads_may_write() -> None:
    ledger = Ledger()

    def write() -> None:
        for _ in range(200):
            ledger.add(call(ledger), {"status": 200})

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [entry.number for entry in ledger.entries()] == [*range(1, 801)]
    assert len({entry.change for entry in ledger.entries()}) == 800


def test_a_journal_that_keeps_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="keeps none"):
        Ledger(limit=0)
