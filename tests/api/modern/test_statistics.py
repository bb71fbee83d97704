"""Readings of what a container uses: they hang together, and they move."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from modern.conftest import Dock


def test_a_single_reading_compares_with_one_a_second_before(dock: Dock) -> None:
    dock.run("sleep", "1000")
    client = dock.client()
    client.ask("GET", "/containers/box/stats?stream=0")
    client.head()
    assert client.quiet()
    dock.daemon.advance(1)
    reading = json.loads(client.chunk())
    assert reading["cpu_stats"]["system_cpu_usage"] > reading["precpu_stats"]["system_cpu_usage"]
    assert reading["cpu_stats"]["cpu_usage"]["total_usage"] > reading["precpu_stats"]["cpu_usage"]["total_usage"]
    assert client.chunk() == b""


def test_a_stream_of_readings_goes_on_until_the_container_is_gone(dock: Dock) -> None:
    dock.run("sleep", "1000")
    client = dock.client()
    client.ask("GET", "/containers/box/stats")
    client.head()
    times = [json.loads(client.chunk())["read"]]
    for _ in range(2):
        dock.daemon.advance(1)
        times.append(json.loads(client.chunk())["read"])
    assert times == sorted(set(times))
    dock.ask("DELETE", "/containers/box?force=1")
    assert client.chunk() == b""


def test_the_limit_is_the_containers_own(dock: Dock) -> None:
    dock.run("sh", "-c", "sleep 1000 & sleep 999", HostConfig={"Memory": 64 << 20})
    reading = dock.get("/containers/box/stats?stream=0&one-shot=1").json
    assert reading["memory_stats"]["limit"] == 64 << 20
    assert reading["pids_stats"]["current"] == 2


def test_what_does_not_run_uses_nothing(dock: Dock) -> None:
    dock.create("true")
    reading = dock.get("/containers/box/stats?stream=0").json
    assert reading["memory_stats"] == {}
    assert reading["cpu_stats"]["cpu_usage"]["total_usage"] == 0
