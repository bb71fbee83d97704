"""Worlds made of recorded sessions: the shipped ones at every moment, and what cannot be."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from fakedocker import FakeDocker
from fakedocker.cassettes.model import Cassette, Exchange, Header, Json
from fakedocker.cassettes.model import Request as Asked
from fakedocker.cassettes.model import Response as Answered
from fakedocker.cassettes.store import load as load_cassette
from fakedocker.fixtures import Fixture, load
from fakedocker.seeding import SeedError, seeded, world

FOLDER = Path(__file__).parents[1] / "cassettes"
COMPOSE = FOLDER / "compose-2-26.yaml"
#: The exchange of `COMPOSE` behind which both its containers run and have been inspected.
UP = 41
ID = "ab" * 32
BASE = Fixture("nothing")


def told(*answers: tuple[str, str, Any], query: tuple[tuple[str, str], ...] = (), body: Any = None) -> Cassette:
    """Return a session of which nothing matters but questions and answers: (method, path, answer)."""
    exchanges = []
    for number, (method, path, answer) in enumerate(answers, 1):
        asked = Asked(method, path, query if "create" in path else (), body=Json(body or {}))
        exchanges.append(Exchange(number, 1, float(number), 0.1, asked, Answered(200, body=Json(answer))))
    return Cassette(Header(recorded_at="2026-11-25T02:41:36Z"), exchanges)


def listed(**more: Any) -> tuple[str, str, Any]:
    """Return the question for all containers, and an answer with one."""
    one = {"Id": ID, "Names": ["/web"], "Image": "nginx", "Command": "nginx -g 'daemon off;'", "State": "running"}
    return "GET", "/v1.45/containers/json", [{**one, **more}]


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.yaml")), ids=lambda path: str(path.stem))
def test_every_moment_of_the_shipped_sessions_is_a_world_that_starts(path: Path) -> None:
    cassette, base, last = load_cassette(path).cassette, load("default"), None
    for exchange in cassette.exchanges:
        fixture = world(cassette, base, until=exchange.id)
        if fixture == last:
            continue
        last = fixture
        daemon = FakeDocker(fixture, clock="manual")
        daemon.check()
        daemon.close()


def test_what_the_recorded_daemon_said_of_its_containers_is_said_again() -> None:
    recorded = {
        exchange.response.body.value["Id"]: exchange.response.body.value
        for exchange in load_cassette(COMPOSE).cassette.exchanges
        if exchange.id <= UP
        and exchange.request.path.startswith("/v1.45/containers/")
        and exchange.request.path.endswith("/json")
        and exchange.response is not None
        and isinstance(exchange.response.body, Json)
        and isinstance(exchange.response.body.value, dict)
    }
    assert len(recorded) == 2
    with FakeDocker(seeded(COMPOSE, load("default"), until=UP), profile="26") as daemon:
        for identity, before in recorded.items():
            now = json.load(urlopen(f"{daemon.http_url}/v1.45/containers/{identity}/json"))
            for member in ("Id", "Name", "Path", "Args", "Image", "Config", "HostConfig"):
                assert now[member] == before[member], member
            assert now["Created"][:23] == before["Created"][:23]  # moments are kept to the microsecond
            assert now["State"]["Status"] == before["State"]["Status"]
            assert list(now["NetworkSettings"]["Networks"]) == list(before["NetworkSettings"]["Networks"])
        [network] = json.load(urlopen(f"{daemon.http_url}/v1.45/networks?filters=%7B%22type%22:%5B%22custom%22%5D%7D"))
        assert network["Name"] == "shop3f9a8c21_default"
        assert [volume.name for volume in daemon.engine.volumes()] == ["shop3f9a8c21_data"]


def test_the_engine_carries_on_from_there() -> None:
    with FakeDocker(seeded(COMPOSE, load("default"), until=UP)) as daemon:
        urlopen(Request(f"{daemon.http_url}/containers/shop3f9a8c21-web-1/kill", method="POST"))
        daemon.engine.wait("shop3f9a8c21-web-1")
        urlopen(Request(f"{daemon.http_url}/containers/shop3f9a8c21-web-1", method="DELETE"))
        assert [one.name for one in daemon.engine.containers()] == ["shop3f9a8c21-db-1"]


def test_a_daemon_begins_and_is_reset_to_where_a_session_ended() -> None:
    with FakeDocker(seed_from=FOLDER / "run.yaml") as daemon:
        assert list(daemon.engine.tags()) == ["busybox:latest"]
        daemon.engine.run("busybox", "true", name="mine")
        daemon.reset()
        assert daemon.engine.containers() == []
        assert list(daemon.engine.tags()) == ["busybox:latest"]


def test_what_is_no_program_here_waits_for_its_end() -> None:
    with FakeDocker(world(told(listed()), BASE), clock="manual") as daemon:
        daemon.advance(1)
        web = daemon.engine.container("web")
        assert (web.id, web.state.value, web.path, web.args) == (ID, "running", "nginx", ("-g", "daemon off;"))
        daemon.engine.stop(web)
        assert web.exit_code == 0


def test_verbs_count_that_came_after_the_last_look() -> None:
    session = told(
        listed(), ("POST", f"/v1.45/containers/{ID[:12]}/kill", None), ("POST", "/v1.45/networks/create", {"Id": "ff"}),
        body={"Name": "back"},
    )  # fmt: skip
    with FakeDocker(world(session, BASE)) as daemon:
        assert (daemon.engine.container("web").state.value, daemon.engine.container("web").exit_code) == ("exited", 137)
        assert "back" in [network.name for network in daemon.engine.networks()]
    session = told(listed(), ("DELETE", "/containers/web", None))
    assert world(session, BASE).residents == ()


def test_a_refusal_changes_nothing() -> None:
    session = told(listed(), ("DELETE", "/containers/web", {"message": "it runs"}))
    refused = session.exchanges[1]
    exchanges = [session.exchanges[0], Exchange(2, 1, 2.0, 0.1, refused.request, Answered(409))]
    assert len(world(Cassette(session.header, exchanges), BASE).residents) == 1


@pytest.mark.parametrize(
    "answer",
    [
        ("GET", "/v1.45/containers/json", [{"Id": "../../etc"}]),
        ("GET", "/v1.45/containers/json", "what?"),
        ("GET", "/v1.45/containers/web/json", {"Id": ID, "Name": "/web"}),
        ("GET", "/v1.45/containers/web/json", {"Id": ID, "Name": "/web", "State": {}, "Config": {"Cmd": 5}}),
        ("GET", "/v1.45/images/json", [{"Id": "x", "RepoTags": 3}]),
        ("GET", "/v1.45/networks", [{"IPAM": {}}]),
        ("GET", "/v1.45/networks/x", {"Name": "x", "IPAM": {"Config": [3]}}),
        ("GET", "/v1.45/volumes", []),
        ("GET", "/v1.45/volumes/x", None),
        listed(Command="'", State=3),
    ],
    ids=lambda answer: json.dumps(answer[2])[:30],
)
def test_an_answer_that_no_daemon_gives_is_an_error_of_one_line(answer: tuple[str, str, Any]) -> None:
    with pytest.raises(SeedError) as error:
        world(told(answer), BASE)
    assert "\n" not in str(error.value)


def test_an_error_names_the_cassette_and_the_exchange(tmp_path: Path) -> None:
    text = COMPOSE.read_text().replace('Name: "/shop', 'Nome: "/shop').replace("Name: /shop", "Nome: /shop")
    broken = tmp_path / "broken.yaml"
    broken.write_text(text)
    with pytest.raises(SeedError, match=r"broken\.yaml: exchange \d+: "):
        seeded(broken, BASE)
