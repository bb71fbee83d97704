"""Bodies of today's API: which types they may claim, what may be missing, what is no JSON.

What daemons 20.10 and 26 were heard to say.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from modern.conftest import Dock

JSON = "application/json"
GOOD = '{"Image": "busybox", "Cmd": ["true"]}'
CREATE, UPDATE, EXEC, COMMIT = "/containers/create", "/containers/box/update", "/containers/box/exec", "/commit"
NEITHER = "json: cannot unmarshal"


@pytest.fixture(params=["20.10", "26"])
def version(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def dock(new_dock: Callable[[str], Dock], version: str) -> Dock:
    """One of the daemons that were asked, with a container `box`."""
    dock = new_dock(version)
    dock.create("true")
    return dock


def post(dock: Dock, path: str, body: str, content_type: str | None = JSON) -> tuple[int, str]:
    """Return the status of an answer, and what it says."""
    headers = {} if content_type is None else {"Content-Type": content_type}
    query = "?container=box" if path == COMMIT else ""
    reply = dock.client().post(path + query, body, headers=headers)
    return reply.status, reply.json.get("message", "") if reply.body else ""


def told(version: str, old: tuple[int, str], new: tuple[int, str]) -> tuple[int, str]:
    return old if version == "20.10" else new


# -- types -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("content_type", [JSON, "APPLICATION/JSON", "application/json; charset=utf-8"])
def test_a_body_says_that_it_is_json(dock: Dock, content_type: str) -> None:
    assert post(dock, CREATE, GOOD, content_type) == (201, "")


@pytest.mark.parametrize("path", [CREATE, UPDATE, EXEC, COMMIT, "/networks/create", "/volumes/create"])
@pytest.mark.parametrize("content_type", ["text/plain", "application/jsonlines"])
def test_a_body_of_another_type_is_refused(dock: Dock, version: str, path: str, content_type: str) -> None:
    old = f"Content-Type specified ({content_type}) must be 'application/json'"
    new = f"unsupported Content-Type header ({content_type}): must be 'application/json'"
    assert post(dock, path, "{}", content_type) == told(version, (400, old), (400, new))


@pytest.mark.parametrize("path", [CREATE, UPDATE, EXEC, COMMIT, "/networks/create", "/volumes/create"])
def test_a_body_without_a_type_is_refused(dock: Dock, version: str, path: str) -> None:
    old = "Content-Type specified () must be 'application/json'"
    new = "malformed Content-Type header (): mime: no media type"
    assert post(dock, path, "{}", None) == told(version, (400, old), (400, new))


# -- nothing, and more than enough -------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/networks/create", UPDATE, EXEC])
@pytest.mark.parametrize("content_type", [JSON, None])
def test_a_body_that_is_missing_says_nothing_since_24(
    dock: Dock, version: str, path: str, content_type: str | None
) -> None:
    old = (500, "EOF") if path == UPDATE else (400, "got EOF while reading request body")
    if path == UPDATE:
        new = (200, "")
    elif path == EXEC:
        new = (400, "No exec command specified")
    else:
        new = (400, "invalid name: ")
    assert post(dock, path, "", content_type) == told(version, old, new)


def test_a_volume_needs_no_body_since_24(dock: Dock, version: str) -> None:
    expected = told(version, (400, "got EOF while reading request body"), (201, ""))
    assert post(dock, "/volumes/create", "", None) == expected


def test_a_container_always_needs_a_body(dock: Dock, version: str) -> None:
    status, text = post(dock, CREATE, "")
    assert (status, text) == told(version, (500, "EOF"), (400, "invalid JSON: got EOF while reading request body"))


@pytest.mark.parametrize("rest", ["x", "{}", " ,", "\n1"])
def test_nothing_may_follow_a_body_since_24(dock: Dock, version: str, rest: str) -> None:
    assert post(dock, CREATE, GOOD + rest) == told(version, (201, ""), (400, "unexpected content after JSON"))


def test_white_space_may_follow_a_body(dock: Dock) -> None:
    assert post(dock, CREATE, f"\n {GOOD} \r\n\t") == (201, "")


# -- what is wrong with it ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("{", "unexpected EOF"),
        ('{"Image":"b', "unexpected EOF"),
        ("x", "invalid character 'x' looking for beginning of value"),
        ("{'Image'}", "invalid character '\\'' looking for beginning of object key string"),
    ],
)
@pytest.mark.parametrize("path", [CREATE, UPDATE, COMMIT, EXEC])
def test_what_is_no_json_is_refused_in_the_words_of_go(
    dock: Dock, version: str, path: str, body: str, text: str
) -> None:
    once = 400 if path == EXEC else 500
    assert post(dock, path, body) == told(version, (once, text), (400, f"invalid JSON: {text}"))


@pytest.mark.parametrize(
    ("path", "body", "text", "once"),
    [
        (CREATE, "[]", "array into Go value of type runconfig.ContainerConfigWrapper", 500),
        (CREATE, "1", "number into Go value of type runconfig.ContainerConfigWrapper", 500),
        (COMMIT, "[]", "array into Go value of type runconfig.ContainerConfigWrapper", 500),
        (UPDATE, "[]", "array into Go value of type container.UpdateConfig", 500),
        (EXEC, "[]", "array into Go value of type types.ExecConfig", 400),
        (EXEC, '{"Cmd": 1}', "number into Go struct field ExecConfig.Cmd of type []string", 400),
        (EXEC, '{"Cmd": "ls"}', "string into Go struct field ExecConfig.Cmd of type []string", 400),
        (EXEC, '{"Detach": 1}', "number into Go struct field ExecConfig.Detach of type bool", 400),
        ("/networks/create", "[]", "array into Go value of type types.NetworkCreateRequest", 400),
        (
            "/networks/create",
            '{"Name": 1}',
            "number into Go struct field NetworkCreateRequest.Name of type string",
            400,
        ),
        ("/networks/bridge/connect", "[]", "array into Go value of type types.NetworkConnect", 400),
        ("/exec/x/start", "[]", "array into Go value of type types.ExecStartCheck", 400),
    ],
)
def test_a_value_of_the_wrong_type_is_refused_in_the_words_of_go(
    dock: Dock, version: str, path: str, body: str, text: str, once: int
) -> None:
    assert post(dock, path, body) == told(
        version, (once, f"{NEITHER} {text}"), (400, f"invalid JSON: {NEITHER} {text}")
    )


def test_null_says_nothing(dock: Dock) -> None:
    assert post(dock, UPDATE, "null") == (200, "")
    status, text = post(dock, CREATE, "null")
    assert (status, text.lower()) == (400, "config cannot be empty in order to create a container")


@pytest.mark.parametrize("content_type", ["text/plain", JSON, None])
@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("", "EOF"),
        ("{", "unexpected EOF"),
        ("[]", "json: cannot unmarshal array into Go value of type registry.AuthConfig"),
        ('{"username": 1}', "json: cannot unmarshal number into Go struct field AuthConfig.username of type string"),
    ],
)
def test_a_login_may_claim_any_type_and_what_is_wrong_with_it_is_a_failure(
    new_dock: Callable[[str], Dock], content_type: str | None, body: str, text: str
) -> None:
    assert post(new_dock("26"), "/auth", body, content_type) == (500, text)


@pytest.mark.parametrize(
    "body",
    [
        '{"Image": "busybox", "Cmd": ["\\ud800"]}',
        '{"Image":"busybox","Cmd":["' + "x" * 100_000 + '"]}',
        '{"IMAGE":"busybox","cmd":"true","Nonsense":{"a":[' + "1," * 1000 + "2]}}",
    ],
)
def test_a_body_is_read_leniently(dock: Dock, body: str) -> None:
    assert post(dock, CREATE, body) == (201, "")


@pytest.mark.parametrize("body", ["[" * 100_000, '{"Image":' * 50_000, '{"HostConfig":{"Memory":' + "9" * 6000 + "}}"])
def test_a_body_made_to_hurt_is_an_error_like_any_other(dock: Dock, body: str) -> None:
    assert post(dock, CREATE, body)[0] in (400, 500)
    assert dock.get("/_ping").text == "OK"


def test_a_body_that_does_not_end_is_refused(dock: Dock) -> None:
    assert post(dock, CREATE, " " * (11 << 20)) == (400, "http: request body too large")
