"""What is written in jq itself."""

from __future__ import annotations

import pytest

from fakedocker.programs.jq.filters import DEFINED, _check
from fakedocker.programs.jq.library import definitions


@pytest.mark.parametrize("key", definitions(), ids=lambda key: f"{key[0]}/{key[1]}")
def test_a_definition_uses_only_what_is_defined(key: tuple[str, int]) -> None:
    closure = definitions()[key]
    own = {(name.lstrip("$"), 0) for name in closure.parameters}
    values = frozenset(name[1:] for name in closure.parameters if name.startswith("$"))
    _check(closure.body, values, frozenset({*definitions(), *own}))


def test_nothing_is_defined_twice() -> None:
    assert not definitions().keys() & DEFINED
