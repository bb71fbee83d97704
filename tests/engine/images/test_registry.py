"""The world outside."""

from __future__ import annotations

from fakedocker.engine.files.layers import Layer
from fakedocker.engine.images.images import Image
from fakedocker.engine.images.registry import Registry, Repository, SearchResult


def image(identity: str, parent: str = "", comment: str = "") -> Image:
    return Image(identity, 0.0, Layer(), parent, comment)


def test_a_search_finds_names_that_contain_the_term() -> None:
    registry = Registry(catalogue=[SearchResult("base"), SearchResult("jane/base", "hers"), SearchResult("other")])
    assert registry.search("base") == [SearchResult("base"), SearchResult("jane/base", "hers")]
    assert registry.search("nosuch") == []
    assert registry.search("") == registry.catalogue


def test_a_term_can_have_its_own_answer_or_failure() -> None:
    registry = Registry(
        searches={"special": [SearchResult("x")], "broken": 503}, catalogue=[SearchResult("special offer")]
    )
    assert registry.search("special") == [SearchResult("x")]
    assert registry.search("broken") == 503


def test_a_chain_goes_from_the_newest_to_where_the_registry_knows_no_more() -> None:
    registry = Registry(images={one: image(one, parent) for one, parent in (("c", "b"), ("b", "a"))})
    assert [image.id for image in registry.chain("c")] == ["c", "b"]
    assert list(registry.chain("nosuch")) == []


def test_a_push_makes_or_extends_a_repository() -> None:
    registry = Registry(repositories={"base": Repository("base", {"one": "x"}, private=True)})
    registry.push("base", "two", [image("b", "a"), image("a")])
    registry.push("new", "latest", [image("a")])
    assert registry.repositories["base"] == Repository("base", {"one": "x", "two": "b"}, private=True)
    assert registry.repositories["new"].tags == {"latest": "a"}
    assert set(registry.images) == {"a", "b"}


def test_a_push_does_not_change_what_the_registry_has() -> None:
    registry = Registry(images={"a": image("a", comment="first")})
    registry.push("base", "latest", [image("a", comment="second")])
    assert registry.images["a"].comment == "first"
