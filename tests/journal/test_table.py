"""The table: for a person, and safe to show whatever a client has sent."""

from __future__ import annotations

from fakedocker.journal import Entry
from fakedocker.journal.table import WIDEST, cell, line, table


def test_a_call_is_a_line_with_what_became_of_it() -> None:
    entries = [
        Entry(1, "ContainerCreate", status=201, duration=0.002, name="web", query={"name": ["web"]}),
        Entry(2, "ContainerLogs", "web", status=200, query={"follow": ["1"]}),
        Entry(3, "ContainerWait", "web"),
        Entry(4, "", method="GET", path="/nothing", status=404, duration=0.0, reason="page not found"),
        Entry(5, "ImagePull", status=None, duration=0.5),
    ]
    assert table(entries, 10).splitlines() == [
        "   call             of   status     took     said",
        "1  ContainerCreate  web  201        0.002 s  ?name=web",
        "2  ContainerLogs    web  200 …               ?follow=1",
        "3  ContainerWait    web  in flight",
        "4  GET /nothing          404        0.000 s  page not found",
        "5  ImagePull             no answer  0.500 s",
    ]


def test_only_the_last_calls_are_shown() -> None:
    told = table([Entry(number, "SystemInfo") for number in range(1, 5001)], 3)
    assert told.splitlines()[1] == "… 4,997 earlier"
    assert len(told.splitlines()) == 5


def test_no_calls_are_told_as_such() -> None:
    assert table([], 3) == "no calls"


def test_a_client_cannot_draw_in_it() -> None:
    shown = line(Entry(1, "ContainerStart", "\x1b[31mred\nContainerKill\u202e", status=204, duration=0))
    assert shown == "1 ContainerStart %1B[31mred\\nContainerKill%E2%80%AE -> 204"
    assert len(cell("x" * 1_000_000)) == WIDEST
