"""Nothing of docker-py is left out."""

from __future__ import annotations

from clients.docker_py.calls import mentioned, public


def test_every_public_method_is_called_in_a_test() -> None:
    assert set(public()) - mentioned() == set()


def test_nothing_is_said_to_be_called_that_there_is_not() -> None:
    assert mentioned() - set(public()) == set()
