"""The language in which lists are filtered."""

from __future__ import annotations

import pytest

from fakedocker.engine import errors
from fakedocker.engine.filters import Filters

LABELS = {"a": "b", "empty": ""}


def test_what_is_not_filtered_passes() -> None:
    filters = Filters.read(None)
    assert filters.exact("name", "x")
    assert filters.fuzzy("name", "x")
    assert filters.match("name", "x")
    assert filters.labels("label", LABELS)
    assert filters.flag("dangling") is None


def test_one_of_several_values_is_enough() -> None:
    filters = Filters.read({"status": ["running", "paused"]})
    assert filters.exact("status", "paused")
    assert not filters.exact("status", "exited")


def test_the_old_form_says_the_same() -> None:
    old, new = Filters.read({"label": {"a=b": True}}), Filters.of(label=["a=b"])
    assert old.values("label") == new.values("label") == ["a=b"]
    assert old.labels("label", LABELS)


def test_a_value_that_the_old_form_sets_to_false_fits_nothing() -> None:
    assert not Filters.read({"status": {"running": False}}).exact("status", "running")


def test_a_name_may_be_a_pattern() -> None:
    filters = Filters.of(name=["^web-[0-9]$"])
    assert filters.match("name", "web-1")
    assert not filters.match("name", "a-web-1")


def test_a_pattern_that_is_none_fits_only_itself() -> None:
    filters = Filters.of(name=["["])
    assert filters.match("name", "[")
    assert not filters.match("name", "a[b")


def test_the_beginning_is_enough_for_what_is_fuzzy() -> None:
    assert Filters.of(id=["abc"]).fuzzy("id", "abcdef")
    assert not Filters.of(id=["bcd"]).fuzzy("id", "abcdef")


@pytest.mark.parametrize(
    ("wanted", "fits"),
    [(["a"], True), (["a=b"], True), (["a=c"], False), (["a", "empty="], True), (["a", "c"], False), (["empty"], True)],
)
def test_all_labels_have_to_fit(wanted: list[str], fits: bool) -> None:
    assert Filters.of(label=wanted).labels("label", LABELS) is fits
    assert Filters.of(**{"label!": wanted}).labels_unlike(LABELS) is not fits


def test_a_key_that_nobody_knows_is_refused() -> None:
    with pytest.raises(errors.InvalidParameter, match=r"^invalid filter 'color'$") as refusal:
        Filters.of(color=["red"]).refuse_others(("name",))
    assert str(refusal.value.for_daemon((1, 41))) == "Invalid filter 'color'"


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ([], "json: cannot unmarshal array into Go value of type map[string]map[string]bool"),
        ({"name": "x"}, "json: cannot unmarshal string into Go value of type map[string]bool"),
        ({"name": {"x": 1}}, "json: cannot unmarshal number into Go value of type bool"),
        ({"name": [1]}, "json: cannot unmarshal array into Go value of type map[string]bool"),
    ],
)
def test_what_is_neither_form_is_refused_in_the_words_of_go(value: object, problem: str) -> None:
    with pytest.raises(ValueError) as refusal:  # noqa: PT011  # the whole text is compared
        Filters.read(value)
    assert str(refusal.value) == problem


@pytest.mark.parametrize(("values", "said"), [(["1"], True), (["true"], True), (["0"], False), (["false"], False)])
def test_a_truth_is_read(values: list[str], said: bool) -> None:
    assert Filters.of(dangling=values).flag("dangling") is said


@pytest.mark.parametrize("values", [[], ["yes"], ["1", "0"]])
def test_what_is_no_truth_is_refused(values: list[str]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # it carries the values
        Filters.of(dangling=values).flag("dangling")


def test_until_is_a_moment() -> None:
    assert Filters.of(until=["10m"]).until(1000) == 400
    assert Filters().until(1000) is None


@pytest.mark.parametrize(
    ("values", "text"),
    [(["x"], 'failed to parse value as time or duration: "x"'), (["1h", "2h"], "more than one until filter specified")],
)
def test_what_is_no_moment_is_refused(values: list[str], text: str) -> None:
    with pytest.raises(errors.InvalidParameter) as refusal:
        Filters.of(until=values).until(1000)
    assert str(refusal.value) == text
    assert isinstance(refusal.value.for_daemon((1, 41)), errors.Failure)
