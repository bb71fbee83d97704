"""Entries: what is said of a call, and how it travels."""

from __future__ import annotations

import dataclasses
import json

import pytest

from fakedocker.journal import Entry

ID = "9e511e279c8b04709bb81a7f207d887f0b70774f94abda46bbc717e2d17db143"


def test_an_entry_comes_back_from_json_as_it_was() -> None:
    entry = Entry(
        7,
        "ContainerStart",
        "web",
        "POST",
        "/v1.51/containers/web/start",
        query={"t": ["1"]},
        body={"a": [1, None]},
        status=204,
        started=1.5,
        duration=0.25,
        without_effect=("query t",),
    )
    back = Entry.from_json(json.loads(json.dumps(entry.to_json())))
    assert dataclasses.asdict(back) | {"without_effect": ("query t",)} == dataclasses.asdict(entry)


def test_what_a_newer_daemon_tells_is_left_out() -> None:
    assert Entry.from_json({"number": 1, "colour": "blue"}) == Entry(1)


@pytest.mark.parametrize("name", ["web", "/web", "we*", ID, ID[:12], ID[:4]])
def test_an_object_is_found_by_any_of_its_names(name: str) -> None:
    assert Entry(1, object=ID[:12], name="web", id=ID).is_called(name)


@pytest.mark.parametrize("name", ["webb", "w", ID[:3], "f" * 12, ""])
def test_an_object_is_not_found_by_others(name: str) -> None:
    assert not Entry(1, object="web", name="web", id=ID).is_called(name)


@pytest.mark.parametrize("name", ["busybox", "busybox:latest", "docker.io/library/busybox:latest"])
def test_an_image_is_found_without_what_can_be_left_out(name: str) -> None:
    assert Entry(1, name="docker.io/library/busybox:latest").is_called(name)


@pytest.mark.parametrize(
    ("entry", "unmatched"),
    [
        (Entry(1, "ContainerInspect", status=404, reason="No such container: web"), False),
        (Entry(1, "ContainerInspect", status=404, reason="page not found"), True),
        (Entry(1, "CheckpointCreate", status=501, reason="not built"), True),
        (Entry(1, "", status=405), True),
        (Entry(1, "", status=200), False),
        (Entry(1, "", status=None), False),
        (Entry(1, "", status=None, duration=1.0), True),
        (Entry(1, "ContainerArchiveInfo", status=404), False),
    ],
)
def test_what_the_api_does_not_have_is_unmatched(entry: Entry, unmatched: bool) -> None:
    assert entry.unmatched is unmatched
