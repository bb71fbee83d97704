"""The layer: what it leaves alone, and how it shapes answers of every form."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from wire_client import WireClient

from fakedocker import FakeDocker
from fakedocker.faults import Answer, Body, Call, Fault, Shape, fault


@fault("test-shout")
@dataclass(frozen=True)
class Shout(Fault):
    """A kind as a user writes one: everything in capitals."""

    def shape(self, body: Body, call: Call) -> Body:
        return Loud(body, call)


class Loud(Shape):
    def read(self, size: int) -> bytes | None:
        data = self.body.read(size)
        return data.upper() if data else data


@fault("test-tea")
@dataclass(frozen=True)
class Tea(Fault):
    """A kind that answers."""

    pot: str = "small"

    def answer(self, call: Call) -> Answer | None:
        return Answer(418, f"{self.pot} {call.request.operation} {call.request.object}".encode(), "text/plain")


def test_nothing_is_touched_that_no_rule_selects(daemon: FakeDocker, client: WireClient, web: str) -> None:
    before = client.get("/v1.41/containers/web/json").without_date
    daemon.faults.add("close", on="ContainerInspect", name="other")
    daemon.faults.add("close", on="ImageInspect")
    daemon.faults.add("close", on="ContainerInspect", label="tier=back")
    daemon.faults.add("close", on="ContainerInspect", image="postgres")
    daemon.faults.add("close", on="ContainerInspect", api_version="<1.24")
    assert client.get("/v1.41/containers/web/json").without_date == before
    assert [(one.calls, one.hits) for one in daemon.faults] == [(0, 0)] * 5


@pytest.mark.parametrize("named", ["web", "id", "short"])
@pytest.mark.parametrize("keys", [{"name": "web"}, {"label": "tier"}, {"image": "base"}])
def test_an_object_is_meant_however_the_client_names_it(
    daemon: FakeDocker, client: WireClient, web: str, named: str, keys: dict[str, str]
) -> None:
    daemon.faults.add("error", status=500, on="ContainerInspect", **keys)
    path = {"web": "web", "id": web, "short": web[:12]}[named]
    assert client.get(f"/v1.41/containers/{path}/json").status == 500


def test_what_the_api_does_not_have_is_struck_by_nothing(daemon: FakeDocker, client: WireClient) -> None:
    daemon.faults.add("close")
    assert client.get("/v1.41/nothing").status == 404


def test_a_body_that_was_looked_at_reaches_the_daemon(daemon: FakeDocker, client: WireClient) -> None:
    daemon.faults.add("close", on="ContainerCreate", image="postgres")
    created = client.post("/v1.41/containers/create?name=new", json={"Image": "base", "Cmd": ["true"]})
    assert created.status == 201
    assert daemon.engine.container("new").config.command == ("true",)


def test_a_container_can_be_selected_before_it_is_there(daemon: FakeDocker, client: WireClient) -> None:
    daemon.faults.add("error", error="no-space", on="ContainerCreate", label="tier=db")
    body = {"Image": "base", "Cmd": ["true"], "Labels": {"tier": "db"}}
    assert client.post("/v1.41/containers/create", json=body).status == 500
    assert daemon.engine.containers() == []


def test_a_kind_of_the_users_answers(daemon: FakeDocker, client: WireClient) -> None:
    daemon.faults.add("test-tea", pot="big", on="ContainerTop")
    reply = client.get("/v1.41/containers/none/top")
    assert (reply.status, reply.reason, reply.text) == (418, "I'm a Teapot", "big ContainerTop none")


def test_answers_of_every_form_are_shaped(
    daemon: FakeDocker, connect: Callable[[], WireClient], client: WireClient, web: str
) -> None:
    daemon.faults.add("test-shout")
    assert client.get("/v1.41/_ping").text == "OK", "whole"
    assert b"HELLO" in client.get("/v1.41/containers/web/logs?stdout=1").body, "in parts"
    follower = connect()
    follower.ask("GET", "/v1.41/containers/web/logs?stdout=1&follow=1")
    assert follower.head().status == 200
    assert b"HELLO" in follower.chunk(), "followed"
    created = client.post(
        "/v1.41/containers/web/exec", json={"Cmd": ["cat"], "AttachStdin": True, "AttachStdout": True}
    )
    identity = created.json["ID"].lower()  # which was shaped as well
    taken = connect()
    taken.ask(
        "POST",
        f"/v1.41/exec/{identity}/start",
        json={"Detach": False, "Tty": False},
        headers={"Connection": "Upgrade", "Upgrade": "tcp"},
    )
    reply = taken.head()
    assert reply.status == 101, taken.exactly(int(reply.fields["content-length"]))
    taken.send(b"typed\n")
    taken.meanwhile = lambda: daemon.advance(0.1)
    assert taken.exactly(14)[8:] == b"TYPED\n", "taken over, and the input goes through"


def test_a_head_has_no_body_to_be_shaped(daemon: FakeDocker, client: WireClient) -> None:
    daemon.faults.add("cut", on="SystemPingHead")
    daemon.faults.add("cut", on="ContainerRename")
    assert client.request("HEAD", "/v1.41/_ping").status == 200
    daemon.engine.create("base", "true", name="old")
    assert client.post("/v1.41/containers/old/rename?name=new").status == 204
    assert client.get("/v1.41/_ping").status == 200, "the connection is still good"


def test_two_shapes_come_one_around_the_other(daemon: FakeDocker, client: WireClient) -> None:
    daemon.faults.add("cut", bytes=1, on="SystemPing")
    daemon.faults.add("test-shout", on="SystemPing")
    client.ask("GET", "/v1.41/_ping")
    assert client.head().status == 200
    assert client.rest() == b"O"


@pytest.mark.parametrize("how", [{}, {"head": True}], ids=["before the head", "behind the head"])
def test_a_client_that_leaves_while_it_hangs_leaves_no_thread(
    daemon: FakeDocker, connect: Callable[[], WireClient], how: dict[str, bool]
) -> None:
    fault = daemon.faults.add("hang", on="SystemPing", **how)
    others = set(filter(_is_at_work, threading.enumerate()))
    clients = [connect() for _ in range(5)]
    for one in clients:
        one.ask("GET", "/v1.41/_ping")
    _until(lambda: fault.hits == 5)
    for one in clients:
        one.close()
    _until(lambda: not fault.struck())
    _until(lambda: set(filter(_is_at_work, threading.enumerate())) <= others)


def _is_at_work(thread: threading.Thread) -> bool:
    return thread.name == "fakedocker-worker" and getattr(thread, "job", None) is not None


def _until(condition: Callable[[], bool]) -> None:
    import gc

    deadline = time.monotonic() + 10
    while not condition():
        gc.collect()
        assert time.monotonic() < deadline
        time.sleep(0.005)
