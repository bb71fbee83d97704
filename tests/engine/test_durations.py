"""Lengths of time as Go writes them."""

from __future__ import annotations

import pytest

from fakedocker.engine.durations import spelled


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0s"),
        (1, "1s"),
        (1.5, "1.5s"),
        (90, "1m30s"),
        (3600, "1h0m0s"),
        (0.5, "500ms"),
        (0.0015, "1.5ms"),
        (0.0000025, "2.5µs"),
        (86400.25, "24h0m0.25s"),
    ],
)
def test_a_duration_is_written_as_in_go(seconds: float, text: str) -> None:
    assert spelled(seconds) == text
