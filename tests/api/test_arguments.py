"""Parameters and bodies, as a view gets them."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask

from fakedocker.api import arguments
from fakedocker.api.arguments import BadParameter, BrokenBody, Parameters, body, spooled_body
from fakedocker.engine.errors import Failure

app = Flask(__name__)
FORM = "application/x-www-form-urlencoded"


@contextmanager
def asked(
    query: str = "", form: str | None = None, content_type: str = FORM, method: str = "POST"
) -> Iterator[Parameters]:
    sent = {} if form is None else {"data": form, "content_type": content_type}
    with app.test_request_context("/", query_string=query, method=method, **sent):
        yield Parameters()


@pytest.mark.parametrize("value", ["1", "true", "True", "TRUE", "tRuE"])
def test_a_flag_is_on(value: str) -> None:
    with asked(f"all={value}") as parameters:
        assert parameters.flag("all") is True


@pytest.mark.parametrize(
    "query", ["", "all", "all=", "all=0", "all=false", "all=False", "all=FALSE", "ALL=1", "alll=1"]
)
def test_a_flag_is_off(query: str) -> None:
    with asked(query) as parameters:
        assert parameters.flag("all") is False


@pytest.mark.parametrize("value", ["t", "f", "yes", "on", "2", "-1", "01", "+1", "%201", "truee", "%E2%84%A1"])
def test_a_flag_that_makes_no_sense_is_refused(value: str) -> None:
    with asked(f"all={value}") as parameters, pytest.raises(BadParameter, match=r"^Bad parameter$"):
        parameters.flag("all")


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("7", 7),
        ("0", 0),
        ("007", 7),
        ("%2B7", 7),
        ("-1", -1),
        ("", None),
        ("x", None),
        ("1.5", None),
        ("1e3", None),
        ("0x10", None),
        ("%201", None),
        ("1_000", None),
        ("\u0661", None),  # a digit, but not one of ours
        ("9" * 5000, None),
    ],
)
def test_a_number_is_what_can_be_read_as_one(value: str, number: int | None) -> None:
    with asked(f"limit={value}") as parameters:
        assert parameters.number("limit") == number


def test_a_number_that_is_needed_is_missed() -> None:
    with asked("h=&w=3") as parameters:
        assert parameters.needed_number("w") == 3
        for name in ("h", "x"):
            with pytest.raises(Failure, match="invalid syntax"):
                parameters.needed_number(name)


def test_of_a_repeated_parameter_the_first_value_counts() -> None:
    with asked("a=1&a=2") as parameters:
        assert parameters.text("a") == "1"


def test_a_form_in_the_body_comes_before_the_query() -> None:
    with asked("a=query&b=query", form="a=form&c=form") as parameters:
        assert [parameters.text(name) for name in "abc"] == ["form", "query", "form"]


@pytest.mark.parametrize("content_type", ["text/plain", "application/json", "plain/text", "nonsense", ""])
def test_a_body_that_is_no_form_is_left_alone(content_type: str) -> None:
    with asked("b=query", form="a=form", content_type=content_type) as parameters:
        assert parameters.text("a") == ""
        assert body() == b"a=form"


def test_only_a_post_has_a_form() -> None:
    with asked("", form="a=form", method="DELETE") as parameters:
        assert parameters.text("a") == ""


def test_a_form_may_name_its_charset() -> None:
    with asked(form="a=1", content_type=f"{FORM}; charset=utf-8") as parameters:
        assert parameters.text("a") == "1"


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("a=x+y", "x y"),
        ("a=x%2By", "x+y"),
        ("a=%C3%BC", "ü"),
        ("a=%FF", "\ufffd"),
        ("a=1=2", "1=2"),
        ("&&a=1&", "1"),
        ("%61=1", "1"),
    ],
)
def test_escapes_are_undone(query: str, text: str) -> None:
    with asked(query) as parameters:
        assert parameters.text("a") == text


@pytest.mark.parametrize(
    ("query", "shown"), [("a=%zz", "%zz"), ("a=%", "%"), ("a=%4", "%4"), ("%g=1", "%g"), ("b=1&a=%a", "%a")]
)
def test_a_malformed_escape_is_told(query: str, shown: str) -> None:
    with pytest.raises(Failure) as caught, asked(query):
        pass
    assert str(caught.value) == f'invalid URL escape "{shown}"'


def test_a_parameter_that_is_missing_has_its_default() -> None:
    with asked("") as parameters:
        assert (parameters.text("a"), parameters.text("a", "b")) == ("", "b")


# -- bodies ---------------------------------------------------------------------------


def test_a_body_that_is_longer_than_needed_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arguments, "LONGEST_BODY", 10)
    with app.test_request_context("/", method="POST", data=b"x" * 10):
        assert body() == b"x" * 10
    with app.test_request_context("/", method="POST", data=b"x" * 11), pytest.raises(BrokenBody):
        body()


def test_a_large_body_is_kept_whole() -> None:
    data = bytes(range(256)) * 2000
    with app.test_request_context("/", method="POST", data=data):
        content = spooled_body()
    assert content.size == len(data)
    assert content.read(255, 3) == b"\xff\x00\x01"


@pytest.mark.parametrize("error", [ValueError("malformed chunk"), ConnectionResetError("reset")])
def test_a_body_that_breaks_off_is_told(error: Exception) -> None:
    class Broken(io.RawIOBase):
        def readable(self) -> bool:
            return True

        def readinto(self, buffer: object) -> int:
            raise error

    environ = {"wsgi.input": Broken(), "wsgi.input_terminated": True}
    with app.test_request_context("/", method="POST", environ_overrides=environ), pytest.raises(BrokenBody):
        body()
