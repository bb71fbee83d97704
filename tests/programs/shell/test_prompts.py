"""Prompts with escapes."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("prompt", "shown"),
    [
        ("\\w \\$ ", "/etc # "),
        ("\\W> ", "etc> "),
        ("\\u@\\H:\\w\\$ ", "root@box:/etc# "),
        ("\\h ", "box "),
        ("\\[\\e[1m\\]x\\[\\e[0m\\] ", "\x1b[1mx\x1b[0m "),
        ("\\101\\x ", "Ax "),
        ("$PWD $(echo sub) `echo too` ", "/etc sub too "),
        ("a\\nb ", "a\r\nb "),
        ("$ ", "$ "),
        ("\\t ", "13:00 "),
    ],
)
def test_an_escape_stands_for_something(container, prompt: str, shown: str) -> None:
    container.start("sh", tty=True, cwd="/etc", env={"PS1": prompt})
    assert container.output == shown + "\x1b[6n"


def test_a_directory_is_no_command(container) -> None:
    container.files.mkdir("/work/$(echo no)")
    container.start("sh", tty=True, cwd="/work/$(echo no)", env={"PS1": "\\w "})
    assert container.output == "/work/$(echo no) \x1b[6n"


def test_the_home_is_a_tilde(container) -> None:
    container.start("sh", tty=True, cwd="/work", env={"HOME": "/work", "PS1": "\\w "})
    assert container.output == "~ \x1b[6n"
