"""Parameters that more than one resource has."""

from __future__ import annotations

import pytest
from flask import Flask

from fakedocker.api.modern.questions import filters, json_parameter, texts
from fakedocker.engine.errors import InvalidParameter


def test_filters_are_read_in_the_new_form_and_the_old() -> None:
    for text in ('{"label": ["a", "b"]}', '{"label": {"a": true, "b": true}}'):
        with Flask(__name__).test_request_context(query_string={"filters": text}):
            assert filters().values("label") == ["a", "b"]
    with Flask(__name__).test_request_context():
        assert len(filters()) == 0


@pytest.mark.parametrize("text", ["x", "5", "[]", '{"a": 5}', '{"a": {"b": 5}}', "{" * 100_000])
def test_filters_that_make_no_sense_are_refused(text: str) -> None:
    with (
        Flask(__name__).test_request_context("/", environ_overrides={"QUERY_STRING": f"filters={text}"}),
        pytest.raises(InvalidParameter, match="invalid filter"),
    ):
        filters()


def test_a_parameter_can_be_there_several_times() -> None:
    with Flask(__name__).test_request_context("/?t=a&t=b%3A1&x=c"):
        assert texts("t") == ["a", "b:1"]
        assert texts("nothing") == []


def test_a_parameter_can_be_json() -> None:
    with Flask(__name__).test_request_context(query_string={"a": '{"b": 1}', "c": "x"}):
        assert json_parameter("a") == {"b": 1}
        assert json_parameter("nothing") is None
        with pytest.raises(ValueError, match="invalid character 'x' looking for beginning of value"):
            json_parameter("c")
