"""What containers see of the host."""

from __future__ import annotations

import pytest

from fakedocker.engine.files.binds import HostTrees
from fakedocker.engine.files.files import Files
from fakedocker.engine.files.layers import Layer


def empty() -> Files:
    return Files([], Layer(), lambda: 0.0)


def test_a_path_of_the_host_is_empty_at_first_and_the_same_for_everybody() -> None:
    trees = HostTrees(empty)
    tree = trees.tree("/srv")
    assert tree.listdir("/") == []
    tree.write("/note", b"hello")
    assert trees.tree("/srv") is tree
    assert trees.tree("/other").listdir("/") == []


def test_a_directory_that_really_is_to_be_read_is_read_once() -> None:
    asked: list[str] = []
    real = empty()

    def read(path: str) -> Files | None:
        asked.append(path)
        return real if path == "/real" else None

    trees = HostTrees(empty, read)
    assert trees.tree("/real") is trees.tree("/real") is real
    assert trees.tree("/invented") is not real
    assert asked == ["/real", "/invented"]


def test_what_cannot_be_read_now_may_be_later() -> None:
    real = empty()
    answers = iter([PermissionError("/real"), real])

    def read(path: str) -> Files:
        answer = next(answers)
        if isinstance(answer, OSError):
            raise answer
        return answer

    trees = HostTrees(empty, read)
    with pytest.raises(PermissionError):
        trees.tree("/real")
    assert trees.tree("/real") is real
