"""Names and what they mean where."""

from __future__ import annotations

from fakedocker.programs.jq.parser import Node, parse
from fakedocker.programs.jq.scope import Closure, Scope


def test_a_definition_is_seen_by_itself_and_by_what_is_behind_it() -> None:
    outer = Scope({"x": 1.0}, {})
    inner = outer.with_definition(parse("def f: 1; f"))
    closure = inner.functions["f", 0]
    assert ("f", 0) not in outer.functions
    assert inner.within(closure, {}, {}).functions["f", 0] is closure


def test_an_argument_is_a_filter_of_the_place_where_it_was_written() -> None:
    scope = Scope({"x": 1.0}, {}).with_definition(parse("def f(g): g; f(.)"))
    argument = Closure(Node("identity"), scope.with_variables({"x": 2.0}))
    body = scope.within(scope.functions["f", 1], {"g": argument}, {"y": 3.0})
    assert (body.variables, body.functions["g", 0]) == ({"x": 1.0, "y": 3.0}, argument)


def test_a_variable_hides_one_of_the_same_name() -> None:
    assert Scope({"x": 1.0}, {}).with_variables({"x": 2.0}).variables == {"x": 2.0}
