"""What may stand where a tabulator is typed."""

from __future__ import annotations

import pytest

from fakedocker.programs.shell.completion import Completion, complete

COMMANDS = ("alias", "unalias", "echo")


@pytest.fixture
def found(container):
    """Complete a text in a directory with files in it."""
    container.files.mkdir("/work/dir")
    for name in ("alpha", "alpine", "two words", ".hidden", "dir/inner"):
        container.files.write(f"/work/{name}", b"")
    container.files.write("/bin/albatross", b"", mode=0o755)
    container.files.write("/bin/alone", b"", mode=0o644)
    container.files.write("/etc/passwd", b"root:x:0:0::/root:/bin/sh\nrolf:x:1:1::/work/dir:/bin/sh\n")
    container.start("sleep", "9")
    process = container.first
    return lambda before: complete(process, "/nosuch:/bin", COMMANDS, before)


@pytest.mark.parametrize(
    ("before", "names"),
    [
        (b"al", [b"albatross", b"alias"]),
        (b"cat al", [b"alpha", b"alpine"]),
        (b"ls; al", [b"albatross", b"alias"]),
        (b"x=$(unal", [b"unalias"]),
        (b"true && unal", [b"unalias"]),
        (b"cat <al", [b"alpha", b"alpine"]),
        (b"cat --file=al", [b"alpha", b"alpine"]),
        (b"cat dir/", [b"inner"]),
        (b"cat 'two w", [b"two words"]),
        (b"cat two\\ ", [b"two words"]),
        (b"cat .", [b"../", b"./", b".hidden"]),
        (b"cat ~r", [b"rolf/", b"root/"]),
        (b"cat ~rolf/", [b"inner"]),
        (b"cd ", [b"dir/"]),
        (b"./al", [b"alpha", b"alpine"]),
    ],
)
def test_names_fit_the_place(found, before: bytes, names: list[bytes]) -> None:
    completion = found(before)
    assert completion is not None
    assert list(completion.names) == names


@pytest.mark.parametrize("before", [b"nosuch", b"cat nosuch", b"cat nosuch/", b"cd al", b"cat ~nobody", b"if una"])
def test_nothing_fits(found, before: bytes) -> None:
    assert found(before) is None


def test_dots_are_offered_only_to_who_begins_with_one(found) -> None:
    assert b"./" not in found(b"cat ").names


@pytest.mark.parametrize(
    ("typed", "names", "rest"),
    [
        (b"al", (b"alpha", b"alpine"), b"p"),
        (b"al", (b"alpha",), b"pha "),
        (b"d", (b"dir/",), b"ir/"),
        (b"tw", (b"two words",), b"o\\ words "),
        (b"", (b"a$b", b"a$c"), b"a\\$"),
        (b"x", (b"xa", b"xb"), b""),
    ],
)
def test_what_is_common_is_inserted(typed: bytes, names: tuple[bytes, ...], rest: bytes) -> None:
    assert Completion(typed, names).rest == rest


def test_names_stand_in_columns() -> None:
    names = tuple(sorted(f"name{number}".encode() for number in range(5)))
    assert Completion(b"", names).table(20) == b"name0  name3\nname1  name4\nname2\n"
    assert Completion(b"", names).table(3) == b"name0\nname1\nname2\nname3\nname4\n"
