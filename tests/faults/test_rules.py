"""Rules: which requests they fit, at which calls they strike, how they are written."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from fakedocker.faults import FaultError, Rule
from fakedocker.faults.calls import Request


def request(operation: str = "ContainerStart", name: str = "web", version: tuple[int, int] = (1, 41)) -> Request:
    return Request(operation, name, version, {"PATH_INFO": f"/containers/{name}/start"})


def rule(**keys: Any) -> Rule:
    return Rule.read({"kind": "close", **keys})


def hits(of: Rule, calls: int = 10, seed: int = 1) -> list[int]:
    random = Random(seed)
    return [number for number in range(1, calls + 1) if of.strikes(number, random)]


@pytest.mark.parametrize(
    ("keys", "fits"),
    [
        ({}, True),
        ({"on": "*"}, True),
        ({"on": "ContainerStart"}, True),
        ({"on": ["ImageList", "ContainerStart"]}, True),
        ({"on": "Container*"}, True),
        ({"on": "Image*"}, False),
        ({"name": "web"}, True),
        ({"name": "w*"}, True),
        ({"name": "we"}, False),
        ({"api_version": "1.41"}, True),
        ({"api_version": "1.40"}, False),
        ({"api_version": ">= 1.24"}, True),
        ({"api_version": "<1.41"}, False),
        ({"api_version": "<=v1.41"}, True),
    ],
)
def test_a_rule_fits_what_it_selects(keys: dict[str, Any], fits: bool) -> None:
    assert rule(**keys).fits(request()) is fits


@pytest.mark.parametrize(
    ("keys", "struck"),
    [
        ({}, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
        ({"nth": 3}, [3]),
        ({"first": 2}, [1, 2]),
        ({"every": 4}, [4, 8]),
        ({"after": 8}, [9, 10]),
        ({"after": 3, "first": 2}, [4, 5]),
        ({"after": 3, "nth": 2}, [5]),
        ({"first": 4, "every": 2}, [2, 4]),
        ({"probability": 0}, []),
    ],
)
def test_a_rule_strikes_at_the_calls_it_names(keys: dict[str, Any], struck: list[int]) -> None:
    assert hits(rule(**keys)) == struck


def test_chance_is_the_same_with_the_same_seed() -> None:
    sometimes = rule(probability=0.3)
    assert hits(sometimes, 1000) == hits(sometimes, 1000)
    assert hits(sometimes, 1000) != hits(sometimes, 1000, seed=2)
    assert 250 < len(hits(sometimes, 1000)) < 350


@pytest.mark.parametrize(
    ("written", "key", "reason"),
    [
        ({"on": "ContainerStrat"}, "on", "the Docker API has no operation 'ContainerStrat'; did you mean Container"),
        ({"on": "Contaner*"}, "on", "no operation of the Docker API is like 'Contaner*'"),
        ({"on": []}, "on", "must be the name of an operation, or a list of them, not []"),
        ({"on": 3}, "on", "must be the name of an operation, or a list of them, not 3"),
        ({"nth": 0}, "nth", "must be at least 1, not 0"),
        ({"nth": "2"}, "nth", "must be a whole number, not '2'"),
        ({"first": True}, "first", "must be a whole number, not True"),
        ({"after": -1}, "after", "must be at least 0, not -1"),
        ({"probability": 1.5}, "probability", "must be between 0 and 1, not 1.5"),
        ({"probability": float("nan")}, "probability", "must be between 0 and 1, not nan"),
        ({"api_version": "new"}, "api_version", "must be like 1.41 or >=1.41, not 'new'"),
        ({"name": 3}, "name", "must be text, not 3"),
        ({"nam": "web"}, "nam", "the fault close has no such key (did you mean 'name'?)"),
    ],
)
def test_what_is_wrong_is_told_with_its_key(written: dict[str, Any], key: str, reason: str) -> None:
    with pytest.raises(FaultError) as caught:
        rule(**written)
    assert caught.value.key == key
    assert caught.value.reason.startswith(reason)


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ({}, "'kind' is missing: say which kind of fault it is"),
        ({"knd": "close"}, "knd: 'kind' is missing: say which kind of fault it is"),
        ([], "a fault must be a mapping, not []"),
    ],
)
def test_what_is_no_rule_is_refused(written: Any, told: str) -> None:
    with pytest.raises(FaultError) as caught:
        Rule.read(written)
    assert str(caught.value) == told


def test_a_rule_is_written_as_it_is_read() -> None:
    written = {"kind": "latency", "seconds": 2.0, "on": "ContainerStart", "name": "web", "nth": 2, "probability": 0.5}
    assert Rule.read(written).to_json() == written
    assert Rule.read({"kind": "close"}).to_json() == {"kind": "close"}
    assert rule(on=["ImageList", "ImagePush"]).to_json()["on"] == ["ImageList", "ImagePush"]
