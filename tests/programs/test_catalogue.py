"""Which program runs for a file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fakedocker.programs.catalogue import Catalogue


def greeting(process: Any) -> Iterator[Any]:
    yield from process.write(1, f"hello from {process.argv[0]}\n")
    return 5


def test_a_link_to_busybox_is_what_its_name_says(container) -> None:
    assert container.run("/bin/echo", "hi").out == "hi\n"
    assert container.run("busybox", "echo", "hi").out == "hi\n"


def test_busybox_does_not_know_every_name(container) -> None:
    container.files.symlink("/bin/busybox", "/bin/strange")
    assert container.run("strange").err == "strange: applet not found\n"
    assert container.run("busybox", "nosuch").code == 127


def test_a_link_to_another_name_is_that_program(container) -> None:
    container.files.symlink("/bin/echo", "/bin/say")
    container.files.write("/bin/cat2", b"\0")
    container.files.unlink("/bin/echo")
    container.files.write("/bin/echo", b"\x7fELF\0", mode=0o755)
    assert container.run("say", "hi").out == "hi\n"


def test_a_registered_program_stands_in_for_any_file(container) -> None:
    container.files.write("/bin/python", b"\x7fELF\0", mode=0o755)
    container.catalogue.register("python", greeting)
    result = container.sh("python -c 'anything'; echo $?")
    assert result.out == "hello from python\n5\n"


def test_a_registered_path_leaves_other_files_of_the_name(container) -> None:
    for path in ("/work/tool", "/bin/tool"):
        container.files.write(path, b"#!/bin/sh\necho script\n", mode=0o755)
    container.catalogue.register("/work/tool", greeting)
    assert container.sh("./tool; tool").out == "hello from ./tool\nscript\n"


def test_catalogues_do_not_share_what_is_registered() -> None:
    one = Catalogue()
    copy = one.copy()
    copy.register("python", greeting)
    assert "python" in copy.names
    assert "python" not in one.names
    assert "python" not in Catalogue().names


def test_a_script_runs_under_its_interpreter_with_one_argument(container) -> None:
    container.files.write("/work/f", b"#! /bin/echo -n  a b \nignored\n", mode=0o755)
    assert container.run("./f", "x").out == "-n  a b ./f x\n"


def test_a_script_named_like_a_program_is_the_script(container) -> None:
    container.files.write("/work/test", b"#!/bin/sh\necho mine\n", mode=0o755)
    assert container.run("./test").out == "mine\n"


def test_env_finds_the_interpreter(container) -> None:
    container.files.mkdir("/usr/bin", parents=True)
    container.files.symlink("/bin/busybox", "/usr/bin/env")
    container.files.write("/work/f", b"#!/usr/bin/env sh\necho $1\n", mode=0o755)
    assert container.run("./f", "x").out == "x\n"


def test_a_text_without_an_interpreter_is_for_the_shell(container) -> None:
    container.files.write("/work/f", b"echo $0 $1\n", mode=0o755)
    assert container.run("env", "./f", "x").out.endswith("f x\n")


def test_a_missing_interpreter_is_not_found(container) -> None:
    container.files.write("/work/f", b"#!/nosuch\n", mode=0o755)
    assert container.sh("./f; echo $?").out == "127\n"


def test_scripts_that_interpret_each_other_come_to_an_end(container) -> None:
    container.files.write("/work/a", b"#!/work/b\n", mode=0o755)
    container.files.write("/work/b", b"#!/work/a\n", mode=0o755)
    assert container.sh("./a; echo $?").out == "126\n"


def test_an_unknown_program_says_that_it_is_not_simulated(container) -> None:
    container.files.write("/bin/postgres", b"\x7fELF\0", mode=0o755)
    result = container.run("postgres", "-D", "/data")
    assert (result.code, result.err) == (127, "postgres: fakedocker does not simulate this program\n")
