"""What is in the recording, what is at the daemon, and what may be asked of whom."""

from __future__ import annotations

from typing import Any

import pytest
from exchanges import exchange

from fakedocker.cassettes.model import Json, Request
from fakedocker.cassettes.references import References
from fakedocker.cassettes.whereabouts import Whereabouts

ID = "ab" * 32
MADE = exchange(
    3, "POST", "/v1.41/containers/create", {"Image": "busybox"}, {"Id": ID}, status=201, query=[("name", "db")]
)
BUILT = exchange(4, "POST", "/v1.41/build", query=[("t", "team/app:1")])


@pytest.fixture
def whereabouts() -> Whereabouts:
    """Those of a session in which a container and an image were played."""
    whereabouts = Whereabouts([MADE, BUILT], References.of([MADE, BUILT]))
    for one in (MADE, BUILT):
        whereabouts.played(one.request, one)
    return whereabouts


def post(path: str, body: Any = None, **query: str) -> Request:
    return Request("POST", path, tuple(query.items()), (), Json(body))


@pytest.mark.parametrize(
    ("request_", "thing"),
    [
        (Request("GET", f"/v1.41/containers/{ID}/top"), "container abababababab"),
        (Request("GET", f"/v1.41/containers/{ID[:12]}/top"), "container abababababab"),
        (Request("GET", f"/containers/{ID[:5]}/top"), "container abababababab"),
        (post("/v1.41/networks/n/connect", {"Container": ID}), "container abababababab"),
        (post("/v1.41/commit", None, container=ID[:12]), "container abababababab"),
        (Request("GET", "/v1.41/events", (("filters", f'{{"container":["{ID}"]}}'),)), "container abababababab"),
        (Request("GET", "/v1.41/containers/db/top"), "'db'"),
        (Request("GET", "/v1.41/images/team%2Fapp/json"), "'team/app'"),
        (Request("GET", "/v1.41/images/team/app:1/json"), "'team/app'"),
        (post("/containers/create", {"Image": "team/app:1"}), "'team/app'"),
        (post("/containers/create", {"Image": "busybox", "HostConfig": {"Links": ["db:store"]}}), "'db'"),
        (post("/containers/create", {"Image": "busybox", "HostConfig": {"NetworkMode": "container:db"}}), "'db'"),
    ],
)
def test_what_was_made_in_the_recording_is_no_question_for_a_daemon(
    whereabouts: Whereabouts, request_: Request, thing: str
) -> None:
    stranded = whereabouts.stranded(request_, request_)
    assert stranded is not None
    assert stranded.thing == thing
    assert stranded.maker in (MADE, BUILT)
    assert f"{thing} is in the recording only, where exchange" in str(stranded)


@pytest.mark.parametrize(
    "request_",
    [
        Request("GET", "/v1.41/containers/json"),
        Request("GET", "/v1.41/containers/mydb/json"),
        Request("GET", "/v1.41/containers/db-2/json"),
        Request("GET", f"/v1.41/containers/{'cd' * 32}/json"),
        Request("GET", "/v1.41/images/busybox/json"),
        post("/containers/create", {"Image": "busybox", "Cmd": ["db"], "Env": ["HOST=db"]}),
    ],
)
def test_what_was_there_all_along_may_be_asked(whereabouts: Whereabouts, request_: Request) -> None:
    assert whereabouts.stranded(request_, request_) is None
    assert not whereabouts.is_at_daemon(request_)


@pytest.mark.parametrize(
    ("making", "asking"),
    [
        (post("/containers/create", {"Image": "x"}, name="web"), Request("DELETE", "/containers/web")),
        (post("/containers/old/rename", None, name="web"), Request("GET", "/containers/web/json")),
        (post("/volumes/create", {"Name": "data"}), post("/containers/create", {"HostConfig": {"Binds": ["data:/d"]}})),
        (post("/networks/create", {"Name": "net"}), post("/networks/net/connect", {"Container": "x"})),
        (post("/commit", None, container="x", repo="mine"), post("/containers/create", {"Image": "mine:latest"})),
        (post("/images/busybox/tag", None, repo="mine"), Request("DELETE", "/images/mine")),
        (post("/build", None, t="mine:2"), Request("GET", "/images/mine:2/history")),
    ],
)
def test_what_was_made_at_the_daemon_is_asked_there(making: Request, asking: Request) -> None:
    whereabouts = Whereabouts([], References.of([]))
    assert not whereabouts.is_at_daemon(asking)
    whereabouts.went_on(making, 409)
    assert not whereabouts.is_at_daemon(asking)
    whereabouts.went_on(making, 201)
    assert whereabouts.is_at_daemon(asking)
    assert whereabouts.stranded(asking, asking) is None


def test_a_thing_is_where_it_was_made_last(whereabouts: Whereabouts) -> None:
    asking = Request("GET", "/containers/db/json")
    whereabouts.went_on(MADE.request, 201)
    assert whereabouts.is_at_daemon(asking)
    whereabouts.played(MADE.request, MADE)
    assert not whereabouts.is_at_daemon(asking)
    assert whereabouts.stranded(asking, asking) is not None


def test_a_pulled_image_is_at_every_daemon(whereabouts: Whereabouts) -> None:
    whereabouts.went_on(post("/images/create", None, fromImage="busybox", tag="1"), 200)
    asking = Request("GET", "/images/busybox/json")
    assert not whereabouts.is_at_daemon(asking)
    assert whereabouts.stranded(asking, asking) is None
