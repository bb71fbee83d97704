"""The graph of images and the names in it."""

from __future__ import annotations

import time

import pytest

from fakedocker.engine.containers.config import Config
from fakedocker.engine.errors import Conflict, InvalidParameter, NotFound
from fakedocker.engine.files.layers import Layer
from fakedocker.engine.images.images import IdIndex, Image, Images, Removal, Repositories

LAYER = Layer().freeze()


def identity(beginning: str) -> str:
    return beginning.ljust(64, "0")


def add(images: Images, beginning: str, parent: str = "", *names: str, config: Config = Config()) -> str:
    """Add an image; return its id."""
    image = Image(identity(beginning), 0.0, LAYER, identity(parent) if parent else "", container_config=config)
    images.add(image)
    for name in names:
        repository, _, tag = name.partition(":")
        images.repositories.set(repository, tag, image.id)
    return image.id


@pytest.fixture
def images() -> Images:
    return Images()


def remove(images: Images, name: str) -> list[str]:
    """Remove as DELETE /images does; return what was done as "untagged a", "deleted a"."""

    def told(removal: Removal) -> str:
        kind = "untagged" if removal.untagged else "deleted"
        return f"{kind} {(removal.untagged or removal.deleted).rstrip('0')}"

    return [told(removal) for removal in images.remove(name)]


# -- finding ----------------------------------------------------------------------


def test_an_index_finds_an_id_by_any_beginning_that_is_the_only_one() -> None:
    index = IdIndex()
    for one in ("abc", "abd", "b"):
        index.add(one)
    assert [index.find(one) for one in ("abc", "ab", "b", "c", "", "abcd", "B")] == [
        "abc",
        None,
        "b",
        None,
        None,
        None,
        None,
    ]
    index.remove("abd")
    index.remove("nosuch")
    assert index.find("a") == "abc"


def test_an_image_is_found_by_id_beginning_and_name(images: Images) -> None:
    a = add(images, "a1", "", "base", "base:two", "foo/bar")
    for name in (a, "a1", "a", "base", "base:latest", "base:two", "foo/bar", "foo/bar:latest"):
        assert images.find(name).id == a


@pytest.mark.parametrize(
    "name", ["", "nosuch", "base:", "base:nosuch", "A1", "host:5000/x", "a1:latest", "a1" + "0" * 63, ":", ":latest"]
)
def test_what_means_no_image_is_not_found(images: Images, name: str) -> None:
    add(images, "a1", "", "base")
    with pytest.raises(NotFound) as error:
        images.find(name)
    assert str(error.value) == f"No such image: {name}"


def test_an_ambiguous_beginning_is_not_found(images: Images) -> None:
    add(images, "a1")
    add(images, "a2")
    with pytest.raises(NotFound):
        images.find("a")


def test_an_id_comes_before_a_name(images: Images) -> None:
    b = add(images, "b1")
    add(images, "c1", "", "b")
    assert images.find("b").id == b


def test_a_name_that_points_to_a_deleted_image_is_not_found(images: Images) -> None:
    images.delete(add(images, "a1", "", "base"))
    with pytest.raises(NotFound, match="No such image: base"):
        images.find("base")
    assert images.repositories.get("base") == identity("a1")


def test_an_image_that_is_there_already_stays(images: Images) -> None:
    a = add(images, "a1")
    images.add(Image(a, 5.0, LAYER))
    assert len(images) == 1
    assert images.get(a).created == 0.0


# -- names ------------------------------------------------------------------------


def test_a_name_without_a_tag_is_latest() -> None:
    names = Repositories()
    names.set("base", "", "x")
    assert names.get("base", "latest") == names.get("base") == "x"


def test_a_tag_is_moved_unless_that_is_refused() -> None:
    names = Repositories()
    names.set("base", "", "a" * 64)
    with pytest.raises(Conflict, match=r"Conflict, tag base:latest is already set to aaaaaaaaaaaa$"):
        names.set("base", "", "b" * 64, force=False)
    names.set("base", "", "a" * 64, force=False)
    names.set("base", "", "b" * 64)
    assert names.names("a" * 64) == []
    assert names.names("b" * 64) == ["base:latest"]


@pytest.mark.parametrize(
    ("repository", "tag", "text"),
    [
        ("", "x", "Repository name can't be empty"),
        ("a:b", "", "Illegal repository name: a:b"),
        ("a", "x/y", "Illegal tag name: x/y"),
        ("a", "x:y", "Illegal tag name: x:y"),
    ],
)
def test_a_bad_name_is_refused_and_nothing_is_named(repository: str, tag: str, text: str) -> None:
    names = Repositories()
    with pytest.raises(InvalidParameter) as error:
        names.set(repository, tag, "x")
    assert str(error.value) == text
    assert list(names) == []


def test_any_other_characters_are_fine() -> None:
    names = Repositories()
    names.set("Größe/ÄÖ", "A b", "x")
    assert names.names("x") == ["Größe/ÄÖ:A b"]


def test_names_are_sorted_and_the_first_one_is_shown(images: Images) -> None:
    a = add(images, "a1", "", "b", "a:z", "a:b", "Z")
    assert images.repositories.names(a) == ["Z:latest", "a:b", "a:z", "b:latest"]
    assert images.display_name(a) == "Z:latest"
    assert images.display_name(identity("b1")) == identity("b1")[:12]


def test_removing_a_repository_takes_all_its_tags_and_leaves_no_trace() -> None:
    names = Repositories()
    names.set("base", "", "x")
    names.set("base", "two", "y")
    names.set("other", "", "x")
    assert names.remove("base")
    assert list(names) == [("other", "latest", "x")]
    assert (names.names("x"), names.names("y")) == (["other:latest"], [])
    assert not names.remove("base")


def test_removing_the_last_tag_removes_the_repository() -> None:
    names = Repositories()
    names.set("base", "one", "x")
    assert not names.remove("base", "two")
    assert names.remove("base", "one")
    assert list(names) == []
    assert names.tags("base") == {}


# -- the graph --------------------------------------------------------------------


def test_the_history_is_newest_first(images: Images) -> None:
    for beginning, parent in (("a", ""), ("b", "a"), ("c", "b")):
        add(images, beginning, parent)
    assert [one.id[0] for one in images.history(images.find("c"))] == ["c", "b", "a"]


def test_a_missing_parent_makes_the_history_shorter(images: Images) -> None:
    for beginning, parent in (("a", ""), ("b", "a"), ("c", "b")):
        add(images, beginning, parent)
    images.delete(identity("b"))
    assert [one.id[0] for one in images.history(images.find("c"))] == ["c"]
    assert len(images.layers(images.find("c"))) == 1


def test_heads_are_nobodys_parent(images: Images) -> None:
    for beginning, parent in (("a", ""), ("b", "a"), ("c", "a")):
        add(images, beginning, parent)
    assert [one.id[0] for one in images.heads()] == ["b", "c"]
    images.delete(identity("b"))
    images.delete(identity("c"))
    assert [one.id[0] for one in images.heads()] == ["a"]


def test_a_cached_step_is_the_newest_child_of_the_same_configuration(images: Images) -> None:
    add(images, "a")
    for beginning, command in (("b", "ls"), ("c", "ls"), ("d", "ps")):
        add(images, beginning, "a", config=Config(cmd=(command,)))
    found = images.cached(identity("a"), Config(cmd=("ls",)))
    assert found is not None
    assert found.id == identity("c")
    assert images.cached(identity("a"), Config(cmd=("df",))) is None
    assert images.cached("a", Config(cmd=("ls",))) is None


def test_deleting_takes_exactly_one_image(images: Images) -> None:
    for beginning, parent in (("a", ""), ("b", "a")):
        add(images, beginning, parent, beginning * 3)
    images.delete(identity("a"))
    assert [one.id[0] for one in images] == ["b"]
    with pytest.raises(NotFound, match=f"No such id: {identity('a')}"):
        images.delete(identity("a"))


# -- removing, as DELETE /images does ---------------------------------------------


def test_the_only_name_takes_the_image_with_it(images: Images) -> None:
    add(images, "a", "", "base")
    assert remove(images, "base") == ["untagged a", "deleted a"]
    assert len(images) == 0
    assert list(images.repositories) == []


def test_one_of_two_names_takes_only_itself(images: Images) -> None:
    add(images, "a", "", "base:one", "base:two")
    assert remove(images, "base:one") == ["untagged a"]
    assert images.repositories.names(identity("a")) == ["base:two"]


def test_a_repository_goes_with_all_its_tags_but_other_images_of_it_stay(images: Images) -> None:
    add(images, "a", "", "base")
    add(images, "b", "", "base:two")
    assert remove(images, "base") == ["untagged a", "deleted a"]
    assert [one.id[0] for one in images] == ["b"]
    assert list(images.repositories) == []


def test_a_repository_without_latest_cannot_be_removed_by_its_name(images: Images) -> None:
    add(images, "a", "", "base:two")
    with pytest.raises(NotFound, match="No such image: base"):
        images.remove("base")


def test_an_unknown_image_is_not_found(images: Images) -> None:
    with pytest.raises(NotFound, match="No such image: nosuch"):
        images.remove("nosuch")


def test_by_its_id_a_named_image_is_not_removed(images: Images) -> None:
    add(images, "a1", "", "base")
    with pytest.raises(Conflict, match="Conflict, a1 wasn't deleted"):
        images.remove("a1")
    assert len(images) == 1


def test_by_its_id_an_unnamed_image_is_removed_without_untagging(images: Images) -> None:
    add(images, "a1")
    assert remove(images, "a1") == ["deleted a1"]


def test_unnamed_children_go_first_deepest_first(images: Images) -> None:
    for beginning, parent in (("a", ""), ("b", "a"), ("c", "b"), ("d", "a")):
        add(images, beginning, parent)
    done = remove(images, "a")
    assert sorted(done) == ["deleted a", "deleted b", "deleted c", "deleted d"]
    assert done.index("deleted c") < done.index("deleted b") < done.index("deleted a")
    assert done[-1] == "deleted a"


def test_all_of_several_unnamed_children_go(images: Images) -> None:
    add(images, "a")
    for beginning in "bcd":
        add(images, beginning, "a")
    assert len(remove(images, "a")) == 4
    assert len(images) == 0


def test_unnamed_parents_go_afterwards(images: Images) -> None:
    for beginning, parent in (("a", ""), ("b", "a"), ("c", "b")):
        add(images, beginning, parent)
    images.repositories.set("top", "", identity("c"))
    assert remove(images, "top") == ["untagged c", "deleted c", "deleted b", "deleted a"]


def test_a_named_parent_stops_the_way_up(images: Images) -> None:
    add(images, "a", "", "base")
    add(images, "b", "a")
    add(images, "c", "b", "top")
    assert remove(images, "top") == ["untagged c", "deleted c", "deleted b"]
    assert [one.id[0] for one in images] == ["a"]


def test_other_unnamed_descendants_of_an_unnamed_parent_go_as_well(images: Images) -> None:
    for beginning, parent in (("a", ""), ("b", "a"), ("c", "a"), ("d", "c")):
        add(images, beginning, parent)
    images.repositories.set("top", "", identity("b"))
    assert remove(images, "top") == ["untagged b", "deleted b", "deleted d", "deleted c", "deleted a"]


def test_a_named_relative_stops_its_direction_and_what_was_done_is_told(images: Images) -> None:
    for beginning, parent in (("a", ""), ("b", "a"), ("c", "a"), ("d", "a")):
        add(images, beginning, parent)
    images.repositories.set("top", "", identity("b"))
    images.repositories.set("kept", "", identity("c"))
    assert remove(images, "top") == ["untagged b", "deleted b", "deleted d"]
    assert [one.id[0] for one in images] == ["a", "c"]


def test_an_unnamed_parent_of_a_named_child_cannot_be_removed(images: Images) -> None:
    add(images, "a")
    add(images, "b", "a", "kept")
    with pytest.raises(Conflict, match="Conflict, a wasn't deleted"):
        images.remove("a")
    assert len(images) == 2


def test_a_name_whose_image_has_a_named_child_takes_only_itself(images: Images) -> None:
    add(images, "a", "", "base")
    add(images, "b", "a", "kept")
    assert remove(images, "base") == ["untagged a"]
    assert len(images) == 2


def test_a_missing_parent_is_an_error_after_the_image_is_gone(images: Images) -> None:
    add(images, "a")
    add(images, "b", "a", "top")
    images.delete(identity("a"))
    with pytest.raises(NotFound, match=f"No such id: {identity('a')}"):
        images.remove("top")
    assert len(images) == 0


# -- many -------------------------------------------------------------------------


def test_a_chain_of_thousands_is_removed_among_thousands_of_names(images: Images) -> None:
    for number in range(2000):
        images.repositories.set(f"name{number}", "", identity("f"))
    for number in range(5000):
        add(images, f"{number:08d}", f"{number - 1:08d}" if number else "")
    images.repositories.set("top", "", identity("00004999"))
    start = time.process_time()
    assert len(images.remove("top")) == 5001
    assert len(images) == 0
    assert time.process_time() - start < 2


def test_thousands_of_children_are_removed_in_reasonable_time(images: Images) -> None:
    add(images, "a")
    for number in range(5000):
        add(images, f"b{number:08d}", "a")
    start = time.process_time()
    assert len(images.remove("a")) == 5001
    assert time.process_time() - start < 2


def test_nothing_is_kept_of_what_was_removed(images: Images) -> None:
    for number in range(100):
        add(images, "a")
        add(images, f"b{number}", "a", "top")
        images.remove("top")
    assert not images._children
    assert not images.repositories._names
