"""Following the daemon's events: their order, their filters, the past and the end."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    from modern.conftest import Dock


def past(dock: Dock, **filters: list[str]) -> list[dict[str, Any]]:
    """Return the events that are kept."""
    query = f"?since=0&until={dock.now():.9f}&filters={quote(json.dumps(filters))}"
    return events(dock, query)


def events(dock: Dock, query: str) -> list[dict[str, Any]]:
    """Return what comes of following for a while that is over."""
    return [json.loads(line) for line in dock.get(f"/events{query}").text.splitlines()]


def actions(told: list[dict[str, Any]]) -> list[str]:
    return [f"{event['Type']} {event['Action']}" for event in told]


def test_a_life_is_told_in_its_order(dock: Dock) -> None:
    dock.run("sh", "-c", "exit 6")
    dock.ask("DELETE", "/containers/box")
    told = past(dock, type=["container"])
    assert actions(told) == ["container create", "container start", "container die", "container destroy"]
    assert told[2]["Actor"]["Attributes"]["exitCode"] == "6"


def test_a_commit_is_an_event_of_its_container(dock: Dock) -> None:
    dock.create("true")
    image = dock.post("/commit?container=box&repo=mine&tag=one&comment=why").json["Id"]
    (event,) = past(dock, event=["commit"])
    about = event["Actor"]["Attributes"]
    assert (about["comment"], about["imageID"], about["imageRef"]) == ("why", image, "mine:one")


def test_a_filter_by_label_lets_only_those_pass(dock: Dock) -> None:
    dock.create("true", name="one", Labels={"day": "1"})
    dock.create("true", name="two")
    found = past(dock, label=["day=1"], type=["container"])
    assert [event["Actor"]["Attributes"]["name"] for event in found] == ["one"]


def test_followers_hear_of_it_when_it_happens(dock: Dock) -> None:
    client = dock.client()
    client.ask("GET", "/events?filters=" + quote(json.dumps({"type": ["volume"]})))
    client.head()
    assert client.quiet()
    dock.post("/volumes/create", {"Name": "data"})
    assert json.loads(client.chunk())["Actor"]["ID"] == "data"


def test_following_ends_when_it_is_late_enough(dock: Dock) -> None:
    client = dock.client()
    client.ask("GET", f"/events?until={dock.now() + 10}")
    client.head()
    assert client.quiet()
    dock.daemon.advance(20)
    assert client.chunk() == b""


def test_who_says_when_to_begin_or_to_end_hears_of_the_past(dock: Dock) -> None:
    dock.post("/volumes/create", {"Name": "data"})
    for query in (f"since=0&until={dock.now()}", f"until={dock.now()}", "until=0"):
        assert actions(events(dock, f"?{query}")) == ["volume create"]
    assert events(dock, f"?since={dock.now() + 1}&until={dock.now()}") == []


def test_a_filter_by_name_lets_whatever_is_called_so_pass(dock: Dock) -> None:
    dock.create("true")
    dock.post("/commit?container=box&repo=mine&tag=one")
    dock.post("/images/mine:one/tag?repo=box&tag=two")
    assert actions(past(dock, container=["box"])) == ["container create", "container commit", "image tag"]
    assert actions(past(dock, container=["box"], type=["container"])) == ["container create", "container commit"]
