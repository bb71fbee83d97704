"""Which calls are meant: each selector, and how a difference is told."""

from __future__ import annotations

from typing import Any
from unittest.mock import ANY

import pytest

from fakedocker.journal import Entry, Wanted
from fakedocker.operations import UnknownOperation

CREATE = Entry(
    3,
    "ContainerCreate",
    method="POST",
    path="/v1.51/containers/create",
    version="1.51",
    query={"name": ["web"], "v": ["1"], "filters": ['{"label":["a"]}'], "t": ["a", "b"]},
    body={"Image": "base", "HostConfig": {"Memory": 7, "Binds": ["a:b"]}},
    status=201,
    name="web",
)


@pytest.mark.parametrize(
    "selectors",
    [
        {},
        {"name": "w*"},
        {"status": 201},
        {"status": range(200, 300)},
        {"status": (200, 201)},
        {"query": {"name": "web"}},
        {"query": {"v": True}},
        {"query": {"v": 1}},
        {"query": {"filters": {"label": ["a"]}}},
        {"query": {"t": "b"}},
        {"query": {"t": ["a", "b"]}},
        {"query": {"platform": None}},
        {"body": {"Image": "base"}},
        {"body": {"HostConfig": {"Binds": ["a:b"]}}},
        {"body": {"HostConfig": {"Memory": ANY}}},
        {"body": {"Volumes": None}},
        {"method": "POST"},
        {"path": "/v1.51/containers/create"},
        {"version": "1.51"},
        {"answered": True},
        {"after": Entry(2), "before": Entry(4)},
    ],
)
def test_a_call_fits(selectors: dict[str, Any]) -> None:
    assert Wanted("ContainerCreate", **selectors).differences(CREATE) == []
    assert Wanted("ContainerCreate", **selectors).fits(CREATE)


@pytest.mark.parametrize(
    ("selectors", "difference"),
    [
        ({"name": "db"}, "name: 'web', not 'db'"),
        ({"status": 204}, "status: 201, not 204"),
        ({"query": {"name": "db"}}, "query name: 'web', not 'db'"),
        ({"query": {"v": False}}, "query v: '1', not False"),
        ({"query": {"x": 1}}, "query x: missing, not 1"),
        ({"query": {"name": None}}, "query name: 'web', and should be missing"),
        ({"query": {"filters": {"label": ["b"]}}}, "query filters.label: ['a'], not ['b']"),
        ({"body": {"HostConfig": {"Memory": 8}}}, "body.HostConfig.Memory: 7, not 8"),
        ({"body": {"Cmd": ["true"]}}, "body.Cmd: missing, not ['true']"),
        ({"body": {"Image": {"a": 1}}}, "body.Image: 'base', not {'a': 1}"),
        ({"version": "1.24"}, "version: '1.51', not '1.24'"),
        ({"answered": False}, "answered"),
        ({"after": CREATE}, "came before call 3 or is the same"),
        ({"before": Entry(1)}, "came after call 1 or is the same"),
    ],
)
def test_a_difference_is_told_by_field(selectors: dict[str, Any], difference: str) -> None:
    assert Wanted(**selectors).differences(CREATE) == [difference]
    assert not Wanted(**selectors).fits(CREATE)


def test_why_a_call_failed_is_part_of_the_difference() -> None:
    failed = Entry(1, "ContainerStart", status=404, reason="No such container: web")
    assert Wanted(status=204).differences(failed) == ["status: 404 (No such container: web), not 204"]


def test_an_operation_that_is_not_there_is_refused_with_the_nearest() -> None:
    with pytest.raises(UnknownOperation, match=r"did you mean .*ContainerStart"):
        Wanted("ContainerSart")


def test_it_says_what_is_meant() -> None:
    assert str(Wanted("ContainerStart", name="web", status=range(200, 300), after=Entry(4))) == (
        "ContainerStart(name='web', status=range(200, 300), after=call 4)"
    )
    assert str(Wanted()) == "any call"
