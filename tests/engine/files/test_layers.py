"""Layers and what a stack of them looks like from above."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from fakedocker.engine.files.content import Content
from fakedocker.engine.files.layers import Inode, Kind, Layer, Stack


def directory(mode: int = 0o755) -> Inode:
    return Inode(Kind.DIRECTORY, mode)


def file(text: str = "") -> Inode:
    return Inode(Kind.FILE, content=Content.of(text.encode()))


def layer(**entries: Inode | None) -> Layer:
    """Entries by path with "_" for "/"; None is a whiteout."""
    result = Layer()
    for name, inode in entries.items():
        path = "/" + name.replace("_", "/")
        if inode is None:
            result.whiteout(path)
        else:
            result.put(path, inode)
    return result


def names(stack: Stack, path: str) -> list[str]:
    entry = stack.at(path)
    assert entry is not None
    return entry.names()


def test_an_upper_layer_adds_to_a_directory_of_a_lower_one() -> None:
    stack = Stack([layer(etc=directory(), etc_passwd=file()).freeze()], layer(etc=directory(), etc_group=file()))
    assert names(stack, "/etc") == ["group", "passwd"]


def test_a_whiteout_hides_what_is_below_it_only() -> None:
    bottom = layer(etc=directory(), etc_passwd=file("old"))
    middle = layer(etc=directory(), etc_passwd=None)
    top = layer(etc=directory(), etc_passwd=file("new"))
    assert names(Stack([bottom, middle], Layer()), "/etc") == []
    found = Stack([bottom, middle, top], Layer()).at("/etc/passwd")
    assert found is not None
    assert found.inode.content.read() == b"new"


def test_a_directory_over_a_whiteout_does_not_show_the_removed_content() -> None:
    bottom = layer(d=directory(), d_old=file())
    middle = layer(d=None)
    top = layer(d=directory(), d_new=file())
    assert names(Stack([bottom, middle, top], Layer()), "/d") == ["new"]


def test_a_file_ends_what_a_directory_shows_from_below() -> None:
    stack = Stack([layer(d=directory(), d_old=file()), layer(d=file())], layer(d=directory(), d_new=file()))
    assert names(stack, "/d") == ["new"]


def test_an_opaque_directory_hides_lower_content() -> None:
    top = layer(d=directory(), d_new=file())
    top.make_opaque("/d")
    assert names(Stack([layer(d=directory(), d_old=file())], top), "/d") == ["new"]


def test_names_are_listed_in_the_order_of_their_bytes() -> None:
    content = Layer()
    for name in ("b", "\udcff", "é", "B", "😀"):
        content.put("/" + name, file())
    assert names(Stack([content], Layer()), "/") == ["B", "b", "é", "😀", "\udcff"]


def test_copying_up_takes_the_metadata_of_the_directories_on_the_way_and_shares_the_content() -> None:
    below = layer(etc=directory(0o700), etc_passwd=file("root")).freeze()
    stack = Stack([below], Layer())
    own = stack.own("/etc/passwd")
    own.mode = 0o600
    original = below.find("/etc/passwd")
    etc = stack.top.find("/etc")
    assert original is not None
    assert etc is not None
    assert (original.mode, etc.mode) == (0o644, 0o700)
    assert own.content is original.content


def test_erasing_leaves_a_whiteout_only_where_something_is_below() -> None:
    stack = Stack([layer(a=file()).freeze()], layer(b=file()))
    stack.erase("/a")
    stack.erase("/b")
    assert (stack.top.hides("/a"), stack.top.hides("/b")) == (True, False)
    assert names(stack, "/") == []


def test_a_moved_directory_brings_what_all_layers_have_in_it() -> None:
    below = layer(d=directory(), d_low=file("low"), d_gone=file(), x=directory()).freeze()
    stack = Stack([below], layer(d=directory(), d_high=file("high"), d_gone=None))
    stack.move("/d", "/x/e")
    assert names(stack, "/x/e") == ["high", "low"]
    assert stack.at("/d") is None
    assert below.find("/d/low") is not None


def test_a_frozen_layer_refuses_to_change() -> None:
    frozen = layer(a=file()).freeze()
    changes: list[Callable[[], object]] = [
        lambda: frozen.put("/b", file()),
        lambda: frozen.remove("/a"),
        lambda: frozen.whiteout("/a"),
        lambda: frozen.make_opaque("/"),
    ]
    for change in changes:
        with pytest.raises(ValueError, match="frozen"):
            change()


def test_an_entry_needs_its_directory_in_the_layer() -> None:
    with pytest.raises(ValueError, match="no directory /etc"):
        Layer().put("/etc/passwd", file())


def test_removing_a_directory_forgets_all_below_it() -> None:
    content = layer(d=directory(), d_e=directory(), d_e_f=file("x"))
    content.make_opaque("/d/e")
    content.remove("/d")
    content.put("/d", directory())
    content.put("/d/e", directory())
    assert list(content.entries("/d/e")) == []
    assert not content.is_opaque("/d/e")
    assert content.size == 0


def test_the_size_counts_a_file_with_two_names_once() -> None:
    shared = file("four")
    content = layer(a=shared, b=shared, c=file("seven.."))
    assert content.size == 11
    assert content.freeze().size == 11


def test_a_copy_keeps_hard_links_together_and_apart_from_the_original() -> None:
    shared = file("old")
    original = layer(a=shared, b=shared)
    copy = original.copy()
    shared.draft().write(0, b"new")
    first, second = copy.find("/a"), copy.find("/b")
    assert first is not None
    assert first is second
    assert first is not shared
    assert (first.links, first.content.read()) == (2, b"old")


def test_links_count_the_names() -> None:
    shared = file()
    content = layer(a=shared, b=shared)
    assert shared.links == 2
    content.remove("/a")
    content.put("/b", file())
    assert shared.links == 0


def test_a_layer_is_walked_parents_first_with_its_whiteouts() -> None:
    content = layer(b=directory(), b_z=None, b_a=file(), a=file(), **{"b-": file()})
    walked = [(path, inode is None) for path, inode in content.walk()]
    assert walked == [("/a", False), ("/b", False), ("/b/a", False), ("/b/z", True), ("/b-", False)]
