"""jq: its bounds, and how it reads its words."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    "program",
    [
        "[range(1e9)]",
        "range(1e9)|empty",
        'reduce range(40) as $i ("x"; .+.)',
        "reduce range(40) as $i ([1]; .+.)",
        '"a" * 1e9',
        ".[1e12] = 1",
        "until(false;.)",
        "reduce range(100000) as $i (null; [.])",
    ],
)
def test_what_has_no_end_is_ended(container, program: str) -> None:
    result = container.run("jq", "-n", program)
    assert result.code == 5
    assert result.err.startswith("jq: error")


@pytest.mark.parametrize("program", ["(" * 5000, "[" * 5000, ".a" * 5000, "1" + "+1" * 5000, "if " * 3000])
def test_a_filter_that_is_too_deep_or_long_is_refused(container, program: str) -> None:
    assert container.run("jq", "-n", program).code == 3


def test_deep_json_is_a_mistake_not_a_crash(container) -> None:
    result = container.run("jq", ".", stdin="[" * 100_000)
    assert (result.code, result.out) == (4, "")
    assert result.err.startswith("parse error: ")


def test_values_before_a_mistake_are_answered(container) -> None:
    result = container.run("jq", "-c", ".", stdin='{"a":1} [2] {')
    assert (result.code, result.out) == (4, '{"a":1}\n[2]\n')


def test_what_is_not_simulated_is_not_defined(container) -> None:
    result = container.run("jq", "limit(1; repeat(1))", stdin="1")
    assert result.code == 3
    assert "repeat/1 is not defined" in result.err


def test_a_catastrophic_pattern_takes_no_longer_than_others(container) -> None:
    assert container.run("jq", 'test("^(a+)+$")', stdin='"' + "a" * 40 + 'c"').out == "false\n"


def test_a_filter_may_come_from_a_file(container) -> None:
    container.files.write("/work/f.jq", b"# the name\n.name\n")
    assert container.run("jq", "-rf", "f.jq", stdin='{"name":"x"}').code == 2  # -f stands alone
    assert container.run("jq", "-r", "-f", "f.jq", stdin='{"name":"x"}').out == "x\n"
