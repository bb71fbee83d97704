"""Configurations: what an image lends a container, and which steps of a build are the same."""

from __future__ import annotations

from typing import Any

import pytest

from fakedocker.engine.containers.config import COMPARED_FIELDS, Config

LENT: dict[str, Any] = {
    "hostname": "image",
    "user": "daemon",
    "memory": 1000,
    "memory_swap": -1,
    "cpu_shares": 5,
    "port_specs": ("80",),
    "tty": True,
    "open_stdin": True,
    "stdin_once": True,
    "env": ("A=1",),
    "cmd": ("ls",),
    "dns": ("8.8.8.8",),
}
OWN: dict[str, Any] = {
    "attach_stdin": True,
    "attach_stdout": True,
    "attach_stderr": True,
    "image": "base",
    "volumes": {"/data": {}},
    "volumes_from": "abc",
}


@pytest.mark.parametrize("name", LENT)
def test_an_image_fills_what_was_left_zero(name: str) -> None:
    assert getattr(Config().over(Config(**LENT)), name) == LENT[name]


@pytest.mark.parametrize("name", OWN)
def test_an_image_does_not_lend_what_is_a_containers_own(name: str) -> None:
    assert getattr(Config().over(Config(**OWN)), name) == getattr(Config(), name)


def test_what_was_asked_for_stays_and_lists_are_taken_as_a_whole() -> None:
    asked = Config(hostname="mine", env=("B=2",), cmd=("ps",), memory=5)
    merged = asked.over(Config(**LENT))
    assert (merged.hostname, merged.env, merged.cmd, merged.memory) == ("mine", ("B=2",), ("ps",), 5)


def test_an_empty_list_is_filled_too() -> None:
    assert Config(cmd=(), env=()).over(Config(**LENT)).cmd == ("ls",)


def test_without_an_image_configuration_nothing_changes() -> None:
    config = Config(cmd=("ps",))
    assert config.over(None) == config


def test_the_same_step_is_the_same() -> None:
    assert Config(cmd=("ls",), env=("A=1",)).same_step(Config(cmd=("ls",), env=("A=1",)))


@pytest.mark.parametrize("name", COMPARED_FIELDS)
def test_a_step_differs_by_what_matters(name: str) -> None:
    value = {"attach_stdout": True, "attach_stderr": True, **LENT}[name]
    assert not Config(**{name: value}).same_step(Config())


def test_a_step_does_not_differ_by_what_does_not_matter() -> None:
    assert Config(hostname="a", image="x", volumes={"/data": {}}).same_step(Config(hostname="b", image="y"))
    assert Config(env=()).same_step(Config(env=None))


def test_a_step_that_reads_is_never_the_same() -> None:
    assert not Config(open_stdin=True).same_step(Config(open_stdin=True))
