"""Variables: what programs see of them, and what functions give back."""

from __future__ import annotations

import pytest

from fakedocker.programs.shell.variables import ReadOnlyFault, Variables


def test_only_exported_variables_reach_programs() -> None:
    variables = Variables({"A": "1"})
    variables.set("B", "2")
    variables.export("C")
    assert variables.environment() == {"A": "1"}
    variables.set("C", "3")
    variables.set("A", "4")
    assert variables.environment() == {"A": "4", "C": "3"}


def test_a_local_variable_gives_way_to_the_old_one() -> None:
    variables = Variables({"A": "outside"})
    variables.enter()
    variables.make_local("A")
    variables.make_local("B")
    variables.set("A", "inside")
    variables.set("B", "new")
    variables.leave()
    assert (variables.get("A"), variables.get("B")) == ("outside", None)


def test_a_read_only_variable_refuses_every_change() -> None:
    variables = Variables({})
    variables.set("A", "1")
    variables.protect("A")
    with pytest.raises(ReadOnlyFault):
        variables.set("A", "2")
    with pytest.raises(ReadOnlyFault):
        variables.unset("A")
    assert variables.get("A") == "1"


def test_a_copy_goes_its_own_way() -> None:
    variables = Variables({"A": "1"})
    copy = variables.copy()
    copy.set("A", "2")
    assert variables.get("A") == "1"
