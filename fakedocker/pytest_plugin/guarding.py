"""Keeps tests from the real daemon, if that is asked for: each of a test's three phases runs behind the guard."""

from __future__ import annotations

from collections.abc import Generator

import pytest

from fakedocker.guard import Guard
from fakedocker.guard.places import Places
from fakedocker.pytest_plugin.settings import RUN, words_of

_HINT = "tests are kept from it (fakedocker_block_real); @pytest.mark.fakedocker_allow_real excepts one"

_PLACES = pytest.StashKey[Places]()
_GUARD = pytest.StashKey[Guard]()


def guarded(item: pytest.Item) -> Generator[None]:
    """Run a phase of a test. Raises RealDockerError for what was opened in it, even if the test does not mind."""
    __tracebackhide__ = True
    if not is_blocked(item):
        yield
        return
    guard = item.stash.get(_GUARD, None)
    if guard is None:
        guard = item.stash[_GUARD] = Guard(_places(item.config), _HINT)
    with guard:
        yield


def is_blocked(item: pytest.Item) -> bool:
    """Tell whether a test is to be kept from the real daemon."""
    run, words = item.config.stash[RUN], words_of(item)
    if words.get("allow_real") or item.get_closest_marker("fakedocker_allow_real"):
        return False
    return bool({**run.weak, **words, **run.strong}.get("block_real"))


def attempts_of(item: pytest.Item) -> list[str]:
    """Return what a test has tried to open and was not told of yet."""
    guard = item.stash.get(_GUARD, None)
    return list(dict.fromkeys(map(str, guard.take()))) if guard is not None else []


def _places(config: pytest.Config) -> Places:
    if _PLACES not in config.stash:
        config.stash[_PLACES] = Places.of(config.stash[RUN].environment)
    return config.stash[_PLACES]
