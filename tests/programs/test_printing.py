"""Programs that print their words; the rest is compared with busybox."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize("form", ["%99999999d", "%.99999999f", "%*d"])
def test_a_width_without_measure_is_refused(container, form: str) -> None:
    assert container.run("printf", form, "9999999999", "1").code == 1


def test_numbers_that_never_end_leave_others_their_turn(container) -> None:
    container.start("sh", "-c", "seq 1000000000 > /dev/null & sleep 0.01; echo here")
    container.advance(0.02)
    assert container.output == "here\n"


def test_echo_prints_bytes_as_they_are(container) -> None:
    result = container.run("echo", "\udcff")
    assert result.out.encode("utf-8", "surrogateescape") == b"\xff\n"
