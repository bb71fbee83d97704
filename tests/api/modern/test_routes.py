"""What holds for every route of today's API: versions, HEAD, the headers that tell about the daemon."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from modern.conftest import Dock

TELLING = ("api-version", "docker-experimental", "ostype", "server")


@pytest.mark.parametrize(
    ("profile", "newest", "server"),
    [("20.10", "1.41", "Docker/20.10.24+dfsg1 (linux)"), ("26", "1.45", "Docker/26.1.5+dfsg1 (linux)")],
)
@pytest.mark.parametrize("path", ["/_ping", "/info", "/containers/nosuch/json", "/v1.24/version"])
def test_every_answer_tells_about_the_daemon(
    new_dock: Callable[[str], Dock], profile: str, newest: str, server: str, path: str
) -> None:
    fields = new_dock(profile).get(path).fields
    assert [fields[name] for name in TELLING] == [newest, "false", "linux", server]


def test_only_what_there_is_tells_about_the_daemon(dock: Dock) -> None:
    assert not {*TELLING} & dock.get("/nosuch").fields.keys()


@pytest.mark.parametrize(
    ("profile", "asked", "status"),
    [
        *(("20.10", asked, 200) for asked in ("1.12", "1.24", "1.41")),
        *(("20.10", asked, 400) for asked in ("1.5", "1.11", "1.42")),
        *(("26", asked, 200) for asked in ("1.24", "1.45")),
        *(("26", asked, 400) for asked in ("1.23", "1.46", "2.0")),
    ],
)
def test_only_versions_that_the_daemon_knows_are_served(
    new_dock: Callable[[str], Dock], profile: str, asked: str, status: int
) -> None:
    assert new_dock(profile).get(f"/v{asked}/version").status == status


def test_a_version_that_is_not_served_is_refused_with_the_way_out(new_dock: Callable[[str], Dock]) -> None:
    dock = new_dock("26")
    assert dock.get("/v1.23/info").json["message"] == (
        "client version 1.23 is too old. Minimum supported API version is 1.24, "
        "please upgrade your client to a newer version"
    )
    assert dock.get("/v1.99/info").json["message"] == (
        "client version 1.99 is too new. Maximum supported API version is 1.45"
    )


def test_whoever_is_refused_for_his_version_is_told_about_the_daemon_nevertheless(
    new_dock: Callable[[str], Dock],
) -> None:
    fields = new_dock("26").get("/v1.99/_ping").fields
    assert [fields.get(name) for name in TELLING] == ["1.45", None, "linux", "Docker/26.1.5+dfsg1 (linux)"]


@pytest.mark.parametrize("path", ["/info", "/version", "/containers/json", "/events", "/nosuch"])
def test_head_is_a_method_like_any_other_that_there_is_not(dock: Dock, path: str) -> None:
    assert dock.ask("HEAD", path).status == 404


def test_a_ping_knows_head(dock: Dock) -> None:
    head, body = dock.ask("HEAD", "/_ping"), dock.get("/_ping")
    assert (head.status, head.body) == (200, b"")
    assert {name: head.fields[name] for name in TELLING} == {name: body.fields[name] for name in TELLING}


def test_a_verb_that_has_nothing_to_say_says_nothing(dock: Dock) -> None:
    dock.create("sleep", "100")
    reply = dock.post("/containers/box/start")
    assert (reply.status, reply.body, reply.type) == (204, b"", None)
    assert "content-length" not in reply.fields
