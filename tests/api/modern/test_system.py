"""The daemon itself: ping, version, info, disk usage, login."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from modern.conftest import Dock


def test_a_ping_is_answered_and_never_kept(dock: Dock) -> None:
    reply = dock.get("/_ping")
    assert (reply.text, reply.type) == ("OK", "text/plain; charset=utf-8")
    assert reply.fields["cache-control"] == "no-cache, no-store, must-revalidate"
    assert reply.fields["pragma"] == "no-cache"


@pytest.mark.parametrize(("profile", "builder"), [("20.10", None), ("26", "2")])
def test_a_ping_tells_which_builder_there_is(
    new_dock: Callable[[str], Dock], profile: str, builder: str | None
) -> None:
    fields = new_dock(profile).get("/_ping").fields
    assert fields.get("builder-version") == builder


@pytest.mark.parametrize(
    ("profile", "expected"),
    [
        ("20.10", ("20.10.24+dfsg1", "1.41", "1.12", "go1.19.8")),
        ("26", ("26.1.5+dfsg1", "1.45", "1.24", "go1.24.4")),
    ],
)
def test_a_daemon_says_which_it_is(new_dock: Callable[[str], Dock], profile: str, expected: tuple[str, ...]) -> None:
    told = new_dock(profile).get("/version").json
    members = ("Version", "ApiVersion", "MinAPIVersion", "GoVersion")
    assert tuple(told[name] for name in members) == expected
    engine = told["Components"][0]
    assert (engine["Name"], engine["Version"]) == ("Engine", expected[0])
    assert tuple(engine["Details"][name] for name in members[1:]) == expected[1:]


def test_containers_are_counted_by_what_they_do(dock: Dock) -> None:
    def counted() -> tuple[int, ...]:
        info = dock.get("/info").json
        return tuple(info[f"Containers{what}"] for what in ("", "Running", "Paused", "Stopped"))

    assert counted() == (0, 0, 0, 0)
    dock.run("sleep", "1000", name="one")
    dock.run("sleep", "1000", name="two")
    dock.create("true", name="three")
    dock.post("/containers/two/pause")
    assert counted() == (3, 1, 1, 1)
    dock.post("/containers/two/unpause")
    dock.post("/containers/one/kill")
    dock.daemon.advance(1)
    assert counted() == (3, 1, 0, 2)


def test_info_tells_the_time_of_the_daemon_and_who_listens(dock: Dock) -> None:
    before = dock.now()
    dock.daemon.advance(90)
    assert dock.now() == pytest.approx(before + 90)
    assert dock.get("/info").json["NEventsListener"] == 0
    client = dock.client()
    client.ask("GET", "/events")
    client.head()
    assert dock.get("/info").json["NEventsListener"] == 1


def used(dock: Dock, query: str = "") -> dict[str, Any]:
    found: dict[str, Any] = dock.get(f"/system/df{query}").json
    return found


def test_disk_usage_tells_who_uses_what(dock: Dock) -> None:
    dock.post("/volumes/create", {"Name": "data"})
    dock.run("sh", "-c", "echo 12345 > /file; sleep 1000", HostConfig={"Binds": ["data:/data"]})
    found = used(dock)
    assert [one["Containers"] for one in found["Images"]] == [1]
    assert found["LayersSize"] == found["Images"][0]["Size"]
    assert [one["SizeRw"] for one in found["Containers"]] == [6]
    assert [(one["Name"], one["UsageData"]["RefCount"]) for one in found["Volumes"]] == [("data", 1)]
    assert found["BuildCache"] == []


def test_a_layer_is_counted_once_however_many_images_have_it(dock: Dock) -> None:
    dock.run("sh", "-c", "echo 12345 > /file; sleep 1000")
    before = used(dock)["LayersSize"]
    dock.post("/commit?container=box&repo=mine")
    assert used(dock)["LayersSize"] == before + 6


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", {"Images", "Containers", "Volumes", "BuildCache"}),
        ("?type=image", {"Images"}),
        ("?type=container&type=volume", {"Containers", "Volumes"}),
        ("?type=build-cache", {"BuildCache"}),
    ],
)
def test_disk_usage_can_be_asked_for_some_kinds(dock: Dock, query: str, shown: set[str]) -> None:
    found = used(dock, query)
    kinds = ("Images", "Containers", "Volumes", "BuildCache")
    assert {kind for kind in kinds if found.get(kind) is not None} == shown


def test_a_kind_that_there_is_not_is_refused_by_those_who_know_kinds(new_dock: Callable[[str], Dock]) -> None:
    reply = new_dock("26").get("/system/df?type=x")
    assert (reply.status, reply.json) == (400, {"message": "unknown object type: x"})
    assert new_dock("20.10").get("/system/df?type=x").status == 200


def test_a_login_that_is_wrong_is_unauthorized(dock: Dock) -> None:
    reply = dock.post("/auth", {"username": "nobody", "password": "secret"})
    assert reply.status == 401
    assert "secret" not in reply.text
