"""Times and durations as API 1.0 and 1.1 show them. (The views themselves are tested over the wire.)"""

from __future__ import annotations

import pytest

from fakedocker.api.antique import views

DAY = 86400


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (0, "0001-01-01T00:00:00Z"),
        (1371042000, "2013-06-12T13:00:00Z"),
        (1371042000.5, "2013-06-12T13:00:00.5Z"),
        (1371042000.000001, "2013-06-12T13:00:00.000001Z"),
        (1371042000.25, "2013-06-12T13:00:00.25Z"),
    ],
)
def test_a_time_has_as_many_digits_as_it_needs(moment: float, text: str) -> None:
    assert views.timestamp(moment) == text


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-1, "Less than a second"),
        (0.99, "Less than a second"),
        (1, "1 seconds"),
        (59.99, "59 seconds"),
        (60, "About a minute"),
        (120, "2 minutes"),
        (3600, "About an hour"),
        (7200, "2 hours"),
        (2 * DAY - 1, "47 hours"),
        (2 * DAY, "2 days"),
        (14 * DAY, "2 weeks"),
        (90 * DAY, "3 months"),
        (730 * DAY, "2 years"),
    ],
)
def test_a_duration_is_told_in_words(seconds: float, words: str) -> None:
    assert views.duration(seconds) == words
