"""Names of containers: which are allowed, and those that the daemon thinks of."""

from __future__ import annotations

import random
from collections.abc import Container

import pytest

from fakedocker.engine.containers import names
from fakedocker.engine.errors import InvalidParameter


class Everything(Container[str]):
    """A collection that has every name up to a length."""

    def __init__(self, longest: int) -> None:
        self.longest = longest

    def __contains__(self, name: object) -> bool:
        return len(str(name)) <= self.longest


def zeros(size: int) -> bytes:
    return bytes(size)


@pytest.mark.parametrize("name", ["ab", "web-1", "0.0", "a_", "A.b", "a" * 300])
def test_a_name_is_kept_as_it_is_and_without_the_slash_before_it(name: str) -> None:
    assert names.check(name) == name
    assert names.check(f"/{name}") == name


@pytest.mark.parametrize("name", ["", "/", "a", "/a", "_ab", "-ab", ".ab", "//ab", "a b", "a/b", "ab\n", "äb", "ab²"])
def test_what_is_no_name_is_refused_in_the_words_of_the_daemon(name: str) -> None:
    with pytest.raises(InvalidParameter) as caught:
        names.check(name)
    assert str(caught.value) == f"Invalid container name ({name}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed"


def test_a_name_that_was_thought_of_is_a_mood_and_a_person() -> None:
    mood, person = names.generate(random.Random(7).randbytes, ()).split("_")
    assert mood in names.MOODS
    assert person in names.PEOPLE


def test_every_name_that_could_be_thought_of_is_allowed() -> None:
    assert all(names.check(f"{word}_{word}") for word in {*names.MOODS, *names.PEOPLE})


def test_chance_decides_and_the_same_chance_the_same() -> None:
    def ten(seed: int) -> list[str]:
        chance = random.Random(seed)
        return [names.generate(chance.randbytes, ()) for _ in range(10)]

    assert ten(1) == ten(1) != ten(2)
    assert len(set(ten(1))) > 5


def test_a_name_that_is_taken_gets_a_number() -> None:
    name = names.generate(zeros, ())
    assert names.generate(zeros, (name,)) == f"{name}0"


def test_numbers_become_longer_until_there_is_a_free_one() -> None:
    usual = max(len(mood) for mood in names.MOODS) + max(len(person) for person in names.PEOPLE)
    found = names.generate(random.Random(3).randbytes, Everything(usual + 3))
    assert len(found) > usual + 3
    assert names.check(found) == found
