"""The bodies of requests to the control API."""

from __future__ import annotations

import io

import pytest

from fakedocker.control import CannotDo
from fakedocker.control.bodies import media_type, read


@pytest.mark.parametrize(
    ("said", "kind"),
    [("Application/JSON; charset=utf-8", "application/json"), (" text/plain ", "text/plain"), ("", "")],
)
def test_parameters_and_case_of_a_type_do_not_matter(said: str, kind: str) -> None:
    assert media_type({"CONTENT_TYPE": said}) == kind
    assert media_type({}) == ""


def test_a_body_may_be_as_large_as_it_may_be_and_no_larger() -> None:
    assert read({"wsgi.input": io.BytesIO(b"x" * 100_000)}, 100_000, "form") == b"x" * 100_000
    body = io.BytesIO(b"x" * 100_000)
    with pytest.raises(CannotDo, match="the form is too large") as refused:
        read({"wsgi.input": body}, 70_000, "form")
    assert refused.value.status == 413
    assert body.tell() == 70_001  # what is too much is left where it is
