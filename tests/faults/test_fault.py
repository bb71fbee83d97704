"""Kinds of faults: how they are read, what is refused, how one of the user's is added."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from fakedocker.faults import Fault, FaultError, fault
from fakedocker.faults.fault import kind_of, kinds, make


def test_the_kinds_are_known_by_name() -> None:
    # Other tests, and examples, add theirs.
    own = tuple(name for name in kinds() if kind_of(name).__module__.startswith("fakedocker."))
    assert own == (
        *("close", "cut", "error", "hang", "latency", "malformed-chunk", "reset", "restart"),
        *("stream-error", "trickle", "truncated-tar"),
    )


@pytest.mark.parametrize(
    ("name", "given", "key", "reason"),
    [
        ("latncy", {}, "kind", "there is no fault 'latncy' (did you mean 'latency'?); there are "),
        (7, {}, "kind", "must be the name of a kind of fault, not 7"),
        ("latency", {}, "seconds", "the fault latency needs it"),
        ("latency", {"secnds": 1}, "secnds", "the fault latency has no such key (did you mean 'seconds'?)"),
        ("latency", {"seconds": "2"}, "seconds", "must be a number, not '2'"),
        ("latency", {"seconds": True}, "seconds", "must be a number, not True"),
        ("latency", {"seconds": float("nan")}, "seconds", "must be a number, not nan"),
        ("latency", {"seconds": -1}, "seconds", "must be at least 0, not -1"),
        ("trickle", {"rate": 0}, "rate", "must be at least 0.001, not 0"),
        ("cut", {"bytes": 1.5}, "bytes", "must be a whole number, not 1.5"),
        ("cut", {"frame": 1}, "frame", "must be true or false, not 1"),
        ("error", {}, "error", "say which, or give a status or a message"),
        ("error", {"error": "nospace"}, "error", "there is none called 'nospace' (did you mean 'no-space'?)"),
        ("error", {"status": 200}, "status", "must be between 400 and 599, not 200"),
        ("restart", {"state": "keep"}, "state", "must be kept or lost, not 'keep' (did you mean 'kept'?)"),
    ],
)
def test_what_is_wrong_is_told_with_its_key_and_the_nearest(
    name: Any, given: dict[str, Any], key: str, reason: str
) -> None:
    with pytest.raises(FaultError) as caught:
        make(kind_of(name), given)
    assert caught.value.key == key
    assert caught.value.reason.startswith(reason)


def test_a_fault_is_written_as_it_is_read() -> None:
    written = {"kind": "cut", "bytes": 3, "reset": True}
    assert make(kind_of("cut"), {"bytes": 3, "reset": True, "frame": False}).to_json() == written


def test_a_field_that_would_select_is_refused() -> None:
    @dataclass(frozen=True)
    class Named(Fault):
        name: str = ""

    with pytest.raises(TypeError, match="cannot be called 'name'"):
        fault("named")(Named)
