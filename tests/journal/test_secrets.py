"""Secrets: what is learned from one request is hidden in its answer."""

from __future__ import annotations

import base64
import json

from fakedocker.cassettes.model import Json, Request
from fakedocker.journal.secrets import Secrets


def test_a_password_in_a_header_is_hidden_in_what_the_daemon_says() -> None:
    secrets = Secrets()
    header = base64.urlsafe_b64encode(json.dumps({"username": "u", "password": "hunter2hunter2"}).encode()).decode()
    request = Request("POST", "/v1.51/images/create", (), (("x-registry-auth", header),))
    secrets.hidden(request)
    assert secrets.hidden_in("wrong password hunter2hunter2", request) == "wrong password {secret:password}"


def test_what_was_forgotten_is_a_word_like_any_other() -> None:
    secrets = Secrets()
    request = Request("POST", "/auth", body=Json({"password": "hunter2hunter2"}))
    assert secrets.hidden(request).body == Json({"password": "{secret:password}"})
    secrets.forget()
    assert secrets.hidden_in("hunter2hunter2", Request("GET", "/info")) == "hunter2hunter2"
