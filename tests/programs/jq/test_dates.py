"""Times as numbers, parts and texts."""

from __future__ import annotations

import pytest

from fakedocker.programs.jq.dates import broken_down, formatted, from_iso, parsed, seconds, to_iso
from fakedocker.programs.jq.values import JqError

MOMENT = 1425599621.0
PARTS = [2015.0, 2.0, 5.0, 23.0, 53.0, 41.0, 4.0, 63.0]


def test_seconds_are_broken_down_and_put_together() -> None:
    assert broken_down(MOMENT) == PARTS
    assert seconds(PARTS) == MOMENT
    assert broken_down(0.5)[5] == 0.5


def test_a_text_is_read_and_written() -> None:
    assert to_iso(MOMENT) == "2015-03-05T23:53:41Z"
    assert from_iso("2015-03-05T23:53:41Z") == MOMENT
    assert formatted(PARTS, "%A, %B %d, %Y") == "Thursday, March 05, 2015"
    assert parsed("10:20", "%H:%M")[3:5] == [10.0, 20.0]


@pytest.mark.parametrize(
    "call",
    [
        lambda: broken_down("x"),
        lambda: seconds([1.0]),
        lambda: formatted("x", "%Y"),
        lambda: formatted(1.0, 2.0),
        lambda: parsed("x", "%Y"),
        lambda: parsed(1.0, "%Y"),
        lambda: from_iso("x"),
        lambda: to_iso("x"),
        lambda: broken_down(1e300),
        lambda: seconds([9e9] * 6),
    ],
)
def test_what_is_no_time_is_an_error(call) -> None:
    with pytest.raises(JqError):
        call()
