"""The journal: what a tester asks, and what a failure tells."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from fakedocker.journal import Entry, Journal, Ledger, Wanted
from fakedocker.operations import UnknownOperation


class Kept:
    """A supply of entries that are there already."""

    def __init__(self, *entries: Entry) -> None:
        self._entries = list(entries)

    def entries(self, after: int = 0, timeout: float | None = None) -> list[Entry]:
        return [entry for entry in self._entries if entry.change > after]

    def clear(self) -> None:
        self._entries.clear()


def entry(number: int, operation: str, name: str = "", status: int | None = 204, **more: Any) -> Entry:
    return Entry(number, operation, name, "POST", "/x", status=status, duration=0.0, change=number, **more)


@pytest.fixture
def journal() -> Journal:
    return Journal(
        Kept(
            entry(1, "ContainerCreate", "web", 201, body={"Image": "base"}),
            entry(2, "ContainerStart", "web"),
            entry(3, "ContainerStart", "db", 404, reason="No such container: db"),
            entry(4, "ContainerStop", "web", query={"t": ["5"]}),
            entry(5, "", "", 404, reason="page not found"),
        )
    )


def test_calls_are_selected_and_counted(journal: Journal) -> None:
    assert [one.number for one in journal.calls("ContainerStart")] == [2, 3]
    assert [one.number for one in journal.calls(name="web")] == [1, 2, 4]
    assert journal.count("ContainerStart", status=204) == 1
    assert (len(journal), journal.count(), journal.last) == (5, 5, [*journal][-1])


def test_an_unknown_operation_is_refused_with_the_nearest(journal: Journal) -> None:
    for ask in (journal.calls, journal.count, journal.assert_called, journal.assert_not_called, journal.wait_for):
        with pytest.raises(UnknownOperation, match="ContainerStart"):
            ask("ContainerStrat")


def test_an_unknown_selector_is_refused(journal: Journal) -> None:
    with pytest.raises(TypeError, match="nmae"):
        journal.assert_called("ContainerStart", nmae="web")


def test_what_was_called_is_returned(journal: Journal) -> None:
    assert journal.assert_called("ContainerStop", name="web", query={"t": 5}, times=1, status=204).number == 4
    assert journal.assert_called("ContainerStart").number == 3
    assert journal.assert_called("ContainerStop", after=journal.assert_called("ContainerCreate")).number == 4


def test_a_failure_tells_the_nearest_calls_field_by_field(journal: Journal) -> None:
    with pytest.raises(AssertionError) as failure:
        journal.assert_called("ContainerStart", name="db", status=204)
    told = str(failure.value).splitlines()
    assert told[:5] == [
        "ContainerStart(name='db', status=204) was not called",
        "nearest: 3 ContainerStart db -> 404  No such container: db",
        "    status: 404 (No such container: db), not 204",
        "nearest: 2 ContainerStart web -> 204",
        "    name: 'web', not 'db'",
    ]
    assert told[5] == "calls:"
    assert len(told) == 12


def test_a_failure_tells_what_else_was_done_to_the_same_object(journal: Journal) -> None:
    with pytest.raises(AssertionError, match="nearest: 4 ContainerStop web -> 204"):
        journal.assert_called("ContainerKill", name="web")


def test_a_failure_tells_that_there_was_nothing_like_it(journal: Journal) -> None:
    with pytest.raises(AssertionError, match="there was no ImageBuild"):
        journal.assert_called("ImageBuild")
    with pytest.raises(AssertionError, match="nothing was called"):
        Journal(Kept()).assert_called("ImageBuild")


def test_a_failure_tells_how_often(journal: Journal) -> None:
    with pytest.raises(AssertionError, match=r"ContainerStop\(name='web'\) was called once, not 2 times"):
        journal.assert_called("ContainerStop", name="web", times=2)
    with pytest.raises(AssertionError, match="should have been 3 times"):
        journal.assert_called("ContainerKill", times=3)
    with pytest.raises(ValueError, match="assert_not_called"):
        journal.assert_called("ContainerKill", times=0)


def test_what_was_not_called_was_not_called(journal: Journal) -> None:
    journal.assert_not_called("ContainerKill")
    journal.assert_not_called("ContainerStart", name="web", status=range(400, 600))
    with pytest.raises(AssertionError, match=r"(?s)ContainerStart was called 2 times:.*No such container"):
        journal.assert_not_called("ContainerStart")


def test_calls_that_came_in_order_are_found_with_others_between(journal: Journal) -> None:
    found = journal.assert_in_order(
        ["ContainerCreate", ("ContainerStart", {"name": "db"}), Wanted("ContainerStop", name="web")]
    )
    assert [one.number for one in found] == [1, 3, 4]


def test_calls_that_came_in_another_order_are_told(journal: Journal) -> None:
    with pytest.raises(AssertionError) as failure:
        journal.assert_in_order(["ContainerStart", ("ContainerCreate", {"name": "web"})])
    told = str(failure.value)
    assert told.startswith("ContainerCreate(name='web'), the second of 2, was not called behind call 2 ContainerStart")
    assert "it was called before:" in told


def test_unmatched_calls_are_those_that_the_api_has_not(journal: Journal) -> None:
    assert [one.number for one in journal.unmatched()] == [5]


def test_a_failure_is_bounded() -> None:
    many = Journal(Kept(*(entry(number, "SystemInfo", query={"x": ["y" * 999] * 99}) for number in range(1, 5001))))
    with pytest.raises(AssertionError) as failure:
        many.assert_called("SystemPing")
    assert len(str(failure.value)) < 10_000
    assert len(str(many)) < 30_000


def test_an_empty_journal_is_true_all_the_same() -> None:
    journal = Journal(Kept())
    assert journal
    assert str(journal) == "no calls"
    assert journal.last is None


# -- waiting ---------------------------------------------------------------------------


def test_what_has_been_called_need_not_be_waited_for(journal: Journal) -> None:
    assert journal.wait_for("ContainerStart", name="db").number == 3


def test_who_waits_gets_the_call_when_it_is_answered() -> None:
    ledger = Ledger()
    journal = Journal(ledger)
    record = ledger.begin({"operation": "ContainerStart", "object": "web"})
    assert journal.wait_for("ContainerStart", answered=False, timeout=0).number == 1
    found: list[Entry] = []
    waiting = threading.Thread(target=lambda: found.append(journal.wait_for("ContainerStart", name="web")))
    waiting.start()
    ledger.begin({"operation": "SystemInfo"})
    assert not found
    ledger.add(record, {"status": 204})
    waiting.join(5)
    assert [one.status for one in found] == [204]


def test_who_waits_in_vain_is_told_what_came_instead(journal: Journal) -> None:
    with pytest.raises(AssertionError, match=r"(?s)not called within 0.01 s.*nearest: 4 ContainerStop web"):
        journal.wait_for("ContainerKill", name="web", timeout=0.01)


def test_who_waits_outlives_a_journal_that_is_cleared() -> None:
    ledger = Ledger()
    journal = Journal(ledger)
    ledger.begin({"operation": "SystemInfo"})
    found: list[Entry] = []
    waiting = threading.Thread(target=lambda: found.append(journal.wait_for("ContainerStart")))
    waiting.start()
    journal.clear()
    ledger.add(ledger.begin({"operation": "ContainerStart"}), {"status": 204})
    waiting.join(5)
    assert found
