"""Who a client says it is."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from flask import Flask

from fakedocker.api.modern.credentials import given_login, given_logins, login_for_push
from fakedocker.engine.accounts import Login
from fakedocker.engine.errors import InvalidParameter
from fakedocker.engine.images.distribution import NOBODY

HANNIBAL = Login("hannibal", "x+/=?x")


def encoded(value: Any, *, padded: bool = True) -> str:
    text = base64.urlsafe_b64encode(json.dumps(value).encode()).decode()
    return text if padded else text.rstrip("=")


@pytest.mark.parametrize(
    ("header", "login"),
    [
        ("", NOBODY),
        ("!", NOBODY),
        (encoded({}), NOBODY),
        (encoded(5), NOBODY),
        (encoded({"username": 5, "password": "x"}), NOBODY),
        (encoded({"username": "hannibal", "password": "x+/=?x"}), HANNIBAL),
        (encoded({"username": "hannibal", "password": "x+/=?x"}, padded=False), HANNIBAL),
        (encoded({"auth": base64.b64encode(b"hannibal:x+/=?x").decode()}), HANNIBAL),
        (encoded({"auth": "!"}), NOBODY),
    ],
)
def test_a_header_says_who_asks(header: str, login: Login) -> None:
    with Flask(__name__).test_request_context(headers={"X-Registry-Auth": header}):
        assert given_login() == login
        assert login_for_push() == login


def test_long_ago_the_body_said_who_pushes() -> None:
    body = json.dumps({"username": "hannibal", "password": "x+/=?x"})
    with Flask(__name__).test_request_context(method="POST", data=body):
        assert login_for_push() == HANNIBAL
    with Flask(__name__).test_request_context(method="POST"), pytest.raises(InvalidParameter, match="X-Registry-Auth"):
        login_for_push()


def test_a_build_knows_a_login_for_each_registry() -> None:
    login = {"username": "hannibal", "password": "x+/=?x"}
    header = encoded({"https://index.docker.io/v1/": login, "http://localhost:5000/v2/": login, "reg.example": {}})
    with Flask(__name__).test_request_context(headers={"X-Registry-Config": header}):
        assert given_logins() == {"docker.io": HANNIBAL, "localhost:5000": HANNIBAL, "reg.example": NOBODY}
    with Flask(__name__).test_request_context(headers={"X-Registry-Config": "!"}):
        assert given_logins() == {}
