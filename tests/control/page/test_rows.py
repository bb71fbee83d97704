"""The words of the page."""

from __future__ import annotations

from typing import Any

import pytest

from fakedocker import FakeDocker
from fakedocker.control.page import rows

CALL: dict[str, Any] = {
    "number": 7,
    "method": "POST",
    "path": "/v1.40/containers/create",
    "operation": "ContainerCreate",
    "status": 201,
    "reason": "",
    "started": 3661.5,
    "duration": 0.25,
}


def test_a_container_is_told_with_its_exit_code_ports_and_time() -> None:
    with FakeDocker(clock="manual") as daemon:
        daemon.engine.run("base", "sh", "-c", "exit 3", name="web")
        daemon.advance(1)
        [row] = rows.look(daemon.state())["containers"]
    assert (row["name"], row["status"], row["ports"], row["health"]) == ("web", "exited (3)", "-", "-")
    assert row["since"] == "2013-06-12 13:00:00 UTC"


def test_a_fault_is_told_with_its_counts() -> None:
    with FakeDocker() as daemon:
        daemon.faults.add("latency", seconds=2, on="ContainerStart")
        [row] = rows.look(daemon.state())["faults"]
    assert (row["id"], row["calls"], row["hits"]) == ("1", "0", "0")
    assert "latency" in row["rule"]
    assert "ContainerStart" in row["rule"]


def test_a_call_is_told_with_its_time_and_answer() -> None:
    assert rows.call(CALL) == {
        "key": 7,
        "time": "01:01:01",
        "call": "POST /v1.40/containers/create",
        "operation": "ContainerCreate",
        "status": "201",
        "took": "0.250 s",
        "reason": "",
    }


def test_a_call_without_an_answer_has_neither_status_nor_duration() -> None:
    row = rows.call({**CALL, "status": None, "duration": None})
    assert (row["status"], row["took"]) == ("…", "…")


def test_an_event_is_told_with_the_name_or_a_short_id() -> None:
    one = {"type": "image", "action": "pull", "actor": "sha256:" + "ab" * 32, "attributes": {}, "time": 0, "number": 1}
    assert rows.event(one)["actor"] == "abababababab"
    assert rows.event({**one, "attributes": {"name": "web"}})["actor"] == "web"


def test_a_long_text_is_cut() -> None:
    assert len(rows.call({**CALL, "path": "/" + "x" * 100_000})["call"]) < 400


@pytest.mark.parametrize("moment", [1e300, -1e300, float("inf"), float("nan")])
def test_a_clock_beyond_all_calendars_is_told_all_the_same(moment: float) -> None:
    assert rows.moment(moment).endswith("UTC")
