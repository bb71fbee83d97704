"""jq: what it answers, its bounds, and that it lets others have their turn."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from fakedocker.engine.processes.effects import Pause
from fakedocker.programs.jq.filters import Filter
from fakedocker.programs.jq.parser import parse

DOCUMENT = '{"a":1,"b":[1,2,{"c":"x"}],"d":null,"s":"héllo wörld","t":true,"n":-3.5,"o":{"k":"v","z":[]}}'
ANSWERS = yaml.safe_load((Path(__file__).parent / "answers.yaml").read_text("utf-8"))


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: f"{answer.get('jq', '-c')} {answer['filter']}")
def test_a_filter_answers_as_the_real_one(container, answer: dict[str, str]) -> None:
    result = container.run("jq", *answer.get("jq", "-c").split(), answer["filter"], stdin=DOCUMENT, seconds=60)
    assert (result.code, result.out) == (answer.get("code", 0), answer.get("out", ""))
    if "err" in answer:
        assert result.err == answer["err"]


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


@pytest.mark.parametrize("program", ["nosuch", "map(.;.)", "$nosuch", "(def f: g; f)", "break $x", ". as [$a] | $b"])
def test_what_is_not_defined_is_refused_before_anything_runs(container, program: str) -> None:
    result = container.run("jq", f"1, {program}", stdin="1")
    assert (result.code, result.out) == (3, "")
    assert "is not defined at <top-level>, line 1:" in result.err


def test_a_definition_may_call_itself_often(container) -> None:
    assert container.run("jq", "-n", "def f: if . < 1000 then . + 1 | f else . end; 0 | f").out == "1000\n"


def test_a_definition_that_calls_itself_for_ever_ends(container) -> None:
    result = container.run("jq", "-n", "def f: f | .; f", seconds=600)
    assert (result.code, result.err) == (5, "jq: error: cannot allocate memory\n")


@pytest.mark.parametrize(
    "source",
    [
        "range(100000) | empty",
        "reduce range(30000) as $i (0; . + $i)",
        "[range(50000)] | sort | length",
        "[limit(20000; repeat(1))] | length",
        "last(range(50000))",
        "until(. > 20000; . + 1)",
        "[range(20000)] | map(. + 1) | add",
    ],
)
def test_a_long_filter_lets_others_have_their_turn(source: str) -> None:
    def nothing(value: object):
        yield from ()

    pauses = sum(isinstance(effect, Pause) for effect in Filter(parse(source), {}, {}).run(0.0, nothing))
    assert pauses > 50


def test_a_catastrophic_pattern_takes_no_longer_than_others(container) -> None:
    assert container.run("jq", 'test("^(a+)+$")', stdin='"' + "a" * 40 + 'c"').out == "false\n"


def test_a_filter_may_come_from_a_file(container) -> None:
    container.files.write("/work/f.jq", b"# the name\n.name\n")
    assert container.run("jq", "-r", "-f", "f.jq", stdin='{"name":"x"}').out == "x\n"
