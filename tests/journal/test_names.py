"""Names: which id is which name."""

from __future__ import annotations

import pytest

from fakedocker.journal import names
from fakedocker.journal.names import Names

ID, OTHER = "ab" * 32, "ac" * 32


@pytest.mark.parametrize("said", ["web", "/web", ID, ID[:12], ID[:5]])
def test_an_object_is_found_by_its_name_and_its_id(said: str) -> None:
    known = Names()
    known.learn("container", ID, "web")
    known.learn("container", OTHER, "db")
    found = known.find("container", said)
    assert found is not None
    assert (found.name, found.id) == ("web", ID)


def test_kinds_are_kept_apart() -> None:
    known = Names()
    known.learn("network", ID, "web")
    assert known.find("container", "web") is None


def test_a_new_name_takes_the_place_of_the_old_one() -> None:
    known = Names()
    known.learn("container", ID, "web", created=True)
    known.learn("container", ID, "web2")
    assert known.find("container", "web") is None
    found = known.find("container", "web2")
    assert found is not None
    assert found.created


def test_a_name_is_of_the_one_that_has_it_now() -> None:
    known = Names()
    known.learn("container", ID, "web")
    known.learn("container", OTHER, "web")
    found = known.find("container", "web")
    assert found is not None
    assert found.id == OTHER


def test_the_oldest_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(names, "MOST_KNOWN", 2)
    known = Names()
    for number in range(5):
        known.learn("container", str(number) * 64, f"c{number}")
    assert [one.name for one in known] == ["c3", "c4"]
    assert known.find("container", "c0") is None
    assert len(known._by_word) == 4
