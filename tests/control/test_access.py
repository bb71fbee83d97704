"""Who may control a daemon."""

from __future__ import annotations

import pytest

from fakedocker.control.access import TOKEN, refusal


@pytest.mark.parametrize(
    "environ",
    [
        {"REMOTE_ADDR": "@"},
        {"REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "127.0.0.1:4243"},
        {"REMOTE_ADDR": "::1", "HTTP_HOST": "[::1]:4243"},
        {"REMOTE_ADDR": "::ffff:127.0.0.1", "HTTP_HOST": "localhost"},
        {"REMOTE_ADDR": "10.0.0.9", "HTTP_HOST": "ci", TOKEN: "s3cret", "HTTP_X_FAKEDOCKER_TOKEN": "s3cret"},
        {"REMOTE_ADDR": "10.0.0.9", "HTTP_HOST": "ci", TOKEN: "s3cret", "HTTP_AUTHORIZATION": "Bearer s3cret"},
    ],
)
def test_this_machine_and_who_knows_the_token_may(environ: dict[str, str]) -> None:
    assert refusal(environ) == ""


@pytest.mark.parametrize(
    "environ",
    [
        {"REMOTE_ADDR": "10.0.0.9", "HTTP_HOST": "127.0.0.1"},
        {"REMOTE_ADDR": "", "HTTP_HOST": "localhost"},
        {"REMOTE_ADDR": "10.0.0.9", TOKEN: "", "HTTP_X_FAKEDOCKER_TOKEN": ""},
        {"REMOTE_ADDR": "10.0.0.9", TOKEN: "s3cret", "HTTP_X_FAKEDOCKER_TOKEN": "s3cre\xe9"},
        {"REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "rebound.example"},
        {"REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "[::1"},
        {"REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": ""},
        {"REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "localhost", "HTTP_ORIGIN": "http://localhost:1"},
        {"REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "localhost", "HTTP_SEC_FETCH_SITE": "same-site"},
    ],
)
def test_nobody_else_may(environ: dict[str, str]) -> None:
    assert refusal(environ)
