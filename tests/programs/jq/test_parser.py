"""How filters are read."""

from __future__ import annotations

import pytest

from fakedocker.programs.jq.parser import Fault, Node, parse


def test_pipes_bind_least_and_products_most() -> None:
    node = parse(". | 1, 2 + 3 * 4")
    assert (node.kind, node.parts[0]) == ("pipe", Node("identity"))
    comma = node.parts[1]
    assert comma.value == ","
    assert comma.parts[1].value == "+"
    assert comma.parts[1].parts[1].value == "*"


def test_sums_group_to_the_left_and_alternatives_to_the_right() -> None:
    assert parse("1 - 2 - 3").parts[0].value == "-"
    assert parse("1 // 2 // 3").parts[1].value == "//"


@pytest.mark.parametrize(
    "source",
    [
        ".[",
        "{a:}",
        '"x',
        '"\\(1"',
        "if 1",
        ". as x | 1",
        "1 +",
        "a b",
        "if 1 then 2",
        "def f: 1",
        "def f 1; f",
        ". as [] | 1",
        "label x | 1",
    ],
)
def test_what_is_no_filter_is_refused(source: str) -> None:
    with pytest.raises(Fault):
        parse(source)


def test_nothing_is_the_identity() -> None:
    assert parse("") == Node("identity")


def test_a_definition_holds_for_what_is_behind_it() -> None:
    node = parse("def f(g; $x): g; f(.; 1)")
    assert (node.kind, node.value) == ("def", ("f", ("g", "$x")))
    assert [part.kind for part in node.parts] == ["call", "call"]


def test_a_value_is_taken_apart_by_several_patterns() -> None:
    node = parse('. as [$a, {b: $c, $d, ("e"): $f}] ?// $g | .')
    assert (node.kind, [pattern.kind for pattern in node.value]) == ("bind", ["array", "variable"])


def test_halves_of_a_character_belong_together() -> None:
    assert parse('"\\ud83d\\ude00"') == Node("literal", "\N{GRINNING FACE}")
