"""The vocabulary of cassettes, and that the docs explain all of it."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields
from typing import get_args

import pytest
from exchanges import PAGE

from fakedocker.cassettes.model import FORMAT, Channel, Direction, Empty, End, Exchange, Request, Response, StreamKind


@pytest.mark.parametrize("word", [*get_args(End), *get_args(StreamKind), *get_args(Channel), *get_args(Direction)])
def test_every_word_of_the_format_is_explained(word: str) -> None:
    assert f"`{word}`" in PAGE.read_text()


@pytest.mark.parametrize("member", [one.name for kind in (Exchange, Request, Response) for one in fields(kind)])
def test_every_member_of_an_exchange_is_explained(member: str) -> None:
    assert f"`{member}`" in PAGE.read_text()


def test_the_docs_are_about_this_format() -> None:
    assert f"| `format` | `{FORMAT}`" in PAGE.read_text()


def test_an_exchange_is_a_value() -> None:
    one = Exchange(1, 1, 0, 0, Request("GET", "/"), Response(200, body=Empty()))
    assert one == Exchange(1, 1, 0, 0, Request("GET", "/"), Response(200))
    with pytest.raises(FrozenInstanceError):
        one.id = 2  # type: ignore[misc]  # that is what is tested
