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


@pytest.mark.parametrize("source", ["", ".[", "{a:}", '"x', '"\\(1"', "if 1", ". as x | 1", "1 +", "a b"])
def test_what_is_no_filter_is_refused(source: str) -> None:
    with pytest.raises(Fault):
        parse(source)
