"""Programs about time, on a clock that a test moves."""

from __future__ import annotations

import pytest

from fakedocker.programs.clocks import FOREVER, formatted, seconds
from fakedocker.programs.command import Misuse


def test_sleep_lasts_as_long_as_it_says(container) -> None:
    container.start("sleep", "1m", "30")
    container.advance(89.9)
    assert container.code is None
    container.advance(0.1)
    assert container.code == 0


def test_nobody_waits_for_the_end_of_an_endless_sleep(container) -> None:
    container.start("sleep", "infinity")
    assert container.clock.next_due() is None


@pytest.mark.parametrize(("word", "value"), [("1", 1), (".5", 0.5), ("2m", 120), ("1h", 3600), ("inf", FOREVER)])
def test_durations_have_units(word: str, value: float) -> None:
    assert seconds(word) == value


@pytest.mark.parametrize("word", ["", "-1", "1x", "m", "1.5.5", "٣"])
def test_what_is_no_duration_is_refused(word: str) -> None:
    with pytest.raises(Misuse, match="invalid number"):
        seconds(word)


def test_date_tells_the_time_of_the_container(container) -> None:
    container.advance(3600)
    assert container.run("date").out == "Wed Jun 12 14:00:00 UTC 2013\n"
    assert container.run("date", "+%s").out == "1371045600\n"


def test_date_does_not_set_the_clock(container) -> None:
    assert container.run("date", "061213002013").code == 1


@pytest.mark.parametrize(
    ("form", "text"),
    [("%I:%M %p", "12:00 AM"), ("%j %u %w", "001 4 4"), ("%q %%", "%q %"), ("%D %R", "01/01/70 00:00"), ("%y", "70")],
)
def test_a_time_is_formatted_in_utc(form: str, text: str) -> None:
    assert formatted(0, form) == text


def test_uptime_counts_from_the_first_process(container) -> None:
    container.start("sh", "-c", "sleep 7200; uptime")
    container.advance(7200)
    assert "up  2:00," in container.output
