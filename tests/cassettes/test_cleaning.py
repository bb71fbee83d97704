"""Secrets in a session that was recorded already."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from exchanges import exchange

from fakedocker.cassettes.cleaning import Cleaning
from fakedocker.cassettes.model import Bytes, File, Header, Json, Response, Text
from fakedocker.cassettes.store import Loaded, Writer, load

LOGIN = exchange(2, "POST", "/v1.41/auth", {"username": "me", "password": "hunter22"}, {"Status": "Login Succeeded"})


def recorded(path: Path, *bodies: Text | Bytes | Json) -> Loaded:
    with Writer(path, Header()) as writer:
        for number, body in enumerate(bodies, 3):
            one = exchange(number, "GET", "/logs", answer=body.value if isinstance(body, Json) else body)
            writer.append(one)
        writer.append(LOGIN)
    return load(path)


def test_what_was_printed_before_it_was_known_is_hidden_too() -> None:
    early = exchange(1, "GET", "/v1.41/containers/a/logs", answer=Text("the password is hunter22\n"))
    cleaning = Cleaning()
    first, second = cleaning.exchanges([early, LOGIN])
    assert first.response is not None
    assert first.response.body == Text("the password is {secret:password}\n")
    assert second.request.body == Json({"username": "me", "password": "{secret:password}"})


def test_each_secret_is_counted_once() -> None:
    cleaning = Cleaning()
    list(cleaning.exchanges([LOGIN]))
    assert cleaning.counts == {"password": 1}


def test_what_the_user_names_is_hidden() -> None:
    cleaning = Cleaning(["/tickets-[0-9]+/"])
    [one] = cleaning.exchanges([exchange(1, "GET", "/x", answer=Text("see tickets-123"))])
    assert one.response is not None
    assert one.response.body == Text("see {secret:rule-1}")


def test_a_large_body_that_can_be_read_is_gone_over_like_any_other(tmp_path: Path) -> None:
    loaded = recorded(tmp_path / "s.yaml", Json({"Env": ["API_TOKEN=0123456789abc"], "Fill": "x" * 70_000}))
    assert loaded.files.names()
    clean = next(Cleaning().exchanges(loaded.cassette.exchanges, loaded.files))
    assert clean.response is not None
    assert clean.response.body == Json({"Env": ["API_TOKEN={secret:API_TOKEN}"], "Fill": "x" * 70_000})


def test_a_file_that_can_be_read_is_opened_for_it(tmp_path: Path) -> None:
    loaded = recorded(tmp_path / "s.yaml", Text("API_TOKEN=0123456789abc" + " x" * 40_000))
    [name] = loaded.files.names()
    file = File(name.replace("-", ":"), (loaded.files.folder / name).stat().st_size, "text/plain")
    apart = replace(loaded.cassette.exchanges[0], response=Response(200, body=file))
    [clean] = Cleaning().exchanges([apart], loaded.files)
    assert clean.response is not None
    assert clean.response.body == Text("API_TOKEN={secret:API_TOKEN}" + " x" * 40_000)


def test_a_body_in_a_file_without_secrets_stays_one(tmp_path: Path) -> None:
    loaded = recorded(tmp_path / "s.yaml", Bytes(b"\xff" * 70_000), Bytes(b"\xfe" * 70_000))
    cleaned = list(Cleaning().exchanges(loaded.cassette.exchanges, loaded.files))
    for one, before in zip(cleaned[:2], loaded.cassette.exchanges, strict=False):
        assert isinstance(one.response, Response)
        assert isinstance(before.response, Response)
        assert one.response.body == before.response.body
