"""Records, read and divided."""

from __future__ import annotations

import pytest

from fakedocker.programs.awk.records import MOST_FIELDS, Record
from fakedocker.programs.awk.syntax import Fault
from fakedocker.programs.awk.values import Input


@pytest.mark.parametrize(
    ("separator", "text", "records"),
    [
        ("\\n", "a\nb\n", ["a", "b"]),
        ("\\n", "a\n\nb", ["a", "", "b"]),
        (";", "a;b;c", ["a", "b", "c"]),
        ("", "\n\na\nb\n\n\nc\n", ["a\nb", "c"]),
        ("[0-9]+", "a1b22c", ["a", "b", "c"]),
        ("END", "oneENDtwo\n", ["one", "two"]),
    ],
)
def test_a_separator_ends_a_record(container, separator: str, text: str, records: list[str]) -> None:
    program = 'BEGIN { ORS = "|" } { print }'
    assert container.run("awk", "-v", f"RS={separator}", program, stdin=text).out.split("|")[:-1] == records


def test_a_pattern_does_not_end_where_the_input_only_pauses(container) -> None:
    container.start("awk", "-v", "RS=[0-9]+", "{ print }")
    container.type("a1")
    assert container.output == ""
    container.type("2b")
    container.end_input()
    assert container.output == "a\nb\n"


def test_paragraphs_are_divided_at_newlines_too(container) -> None:
    result = container.run("awk", "-F:", "-vRS=", "{ print NF, $3 }", stdin="a:b\nc:d\n\ne\n")
    assert result.out == "4 c\n1 \n"


def _record(text: str, separator: str = " ") -> Record:
    record = Record()
    record.separator = separator
    record.set(Input(text))
    return record


def test_fields_are_made_of_the_record_when_they_are_asked_for() -> None:
    record = _record("a b c")
    assert (record.count, record.get(2), record.get(9), record.get(0)) == (3, "b", "", "a b c")


def test_a_record_keeps_the_separator_it_was_read_with() -> None:
    record = _record("a:b", ":")
    record.separator = ","
    assert record.count == 2


def test_a_changed_field_means_another_record() -> None:
    record = _record("a b c")
    record.put(5, "e")
    assert (record.count, record.get(0)) == (5, None)
    record.joint = "-"
    assert record.whole([str(field) for field in record.fields]) == "a-b-c--e"


def test_fields_beyond_the_count_are_gone() -> None:
    record = _record("a b c")
    record.count = 1
    assert (record.fields, record.get(3)) == (["a"], "")


@pytest.mark.parametrize(("count", "message"), [(-1, "negative field"), (MOST_FIELDS + 1, "out of memory")])
def test_the_count_has_bounds(count: int, message: str) -> None:
    with pytest.raises(Fault, match=message):
        _record("a").count = count
