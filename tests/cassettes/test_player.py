"""Playing a cassette."""

from __future__ import annotations

from typing import Any

import pytest
from exchanges import exchange

from fakedocker.cassettes.model import Cassette, Exchange, Header, Json, Request
from fakedocker.cassettes.player import (
    DECISIONS,
    Exhausted,
    Miss,
    Mode,
    NotRecorded,
    OutOfOrder,
    Player,
    decide,
)
from fakedocker.cassettes.redaction import Redactor

WEB = "a1" * 32


def player(*exchanges: Exchange, **more: Any) -> Player:
    return Player(Cassette(Header(), exchanges), **more)


def inspect(number: int, status: str, **more: Any) -> Exchange:
    return exchange(number, "GET", f"/v1.41/containers/{WEB}/json", answer={"Status": status}, **more)


def asked(path: str, method: str = "GET", body: Any = None, query: Any = (), headers: Any = ()) -> Request:
    return Request(method, path, tuple(query), tuple(headers), Json(body))


def played(found: Exchange | Miss) -> Any:
    assert isinstance(found, Exchange)
    assert found.response is not None
    assert isinstance(found.response.body, Json)
    return found.response.body.value


SESSION = [
    exchange(1, "POST", "/v1.41/containers/create", {"Image": "busybox"}, {"Id": WEB}, query=[("name", "run-1111aa")]),
    inspect(2, "created"),
    exchange(3, "POST", f"/v1.41/containers/{WEB}/start", status=204),
    inspect(4, "running"),
    inspect(5, "exited"),
]


def test_identical_requests_get_their_answers_in_the_order_of_the_recording() -> None:
    session = player(*SESSION)
    states = [played(session.next(asked(f"/v1.41/containers/{WEB}/json")))["Status"] for _ in range(3)]
    assert states == ["created", "running", "exited"]


def test_requests_may_come_in_another_order_than_they_were_recorded() -> None:
    session = player(*SESSION)
    assert isinstance(session.next(asked(f"/v1.41/containers/{WEB}/start", "POST")), Exchange)
    assert played(session.next(asked(f"/v1.41/containers/{WEB}/json"))) == {"Status": "created"}


def test_a_short_id_is_the_same_request() -> None:
    session = player(*SESSION)
    assert played(session.next(asked(f"/v1.41/containers/{WEB[:12]}/json"))) == {"Status": "created"}
    assert played(session.next(asked(f"/containers/{WEB[:6]}/json"))) == {"Status": "running"}


def test_what_has_not_been_played_is_listed() -> None:
    session = player(*SESSION)
    session.next(asked(f"/v1.41/containers/{WEB}/json"))
    assert [one.id for one in session.unused] == [1, 3, 4, 5]


def test_a_request_that_was_not_recorded_is_explained_by_the_nearest() -> None:
    miss = player(*SESSION).next(
        asked("/v1.41/containers/create", "POST", {"Image": "alpine"}, [("name", "run-1111aa")])
    )
    assert isinstance(miss, NotRecorded)
    assert str(miss).splitlines()[:4] == [
        "POST /v1.41/containers/create: no such request is in the cassette.",
        "  The nearest that are:",
        "  1: POST /v1.41/containers/create",
        "    body.Image: recorded 'busybox', now 'alpine'",
    ]


def test_an_empty_cassette_says_so() -> None:
    assert str(player().next(asked("/_ping"))) == "GET /_ping: no such request is in the cassette, which is empty."


def test_a_request_that_came_more_often_than_it_was_recorded_is_exhausted() -> None:
    session = player(*SESSION)
    for _ in range(3):
        session.next(asked(f"/v1.41/containers/{WEB}/json"))
    miss = session.next(asked(f"/v1.41/containers/{WEB}/json"))
    assert isinstance(miss, Exhausted)
    assert str(miss).endswith("it was recorded 3 times, and that has been played.")


def test_a_client_that_polls_can_have_the_last_answer_again() -> None:
    session = player(*SESSION, repeat=True)
    states = [played(session.next(asked(f"/v1.41/containers/{WEB}/json")))["Status"] for _ in range(5)]
    assert states == ["created", "running", "exited", "exited", "exited"]


def test_the_order_of_the_session_can_be_asked_for() -> None:
    session = player(*SESSION, order="session")
    miss = session.next(asked(f"/v1.41/containers/{WEB}/start", "POST"))
    assert isinstance(miss, OutOfOrder)
    assert str(miss) == (
        f"POST /v1.41/containers/{WEB}/start: it is not its turn: exchange 1, POST /v1.41/containers/create, "
        "comes before exchange 3."
    )
    for one in SESSION:
        assert isinstance(session.next(one.request), Exchange)


def test_what_ran_at_the_same_time_may_come_in_any_order() -> None:
    slow = exchange(1, "POST", "/containers/x/wait", answer={"StatusCode": 0}, start=0.0, duration=9.0)
    quick = exchange(2, "POST", "/containers/x/start", start=1.0, duration=0.1)
    session = player(slow, quick, order="session")
    assert isinstance(session.next(asked("/containers/x/start", "POST")), Exchange)
    assert isinstance(session.next(asked("/containers/x/wait", "POST")), Exchange)


def test_of_what_ran_at_the_same_time_each_connection_gets_its_own() -> None:
    first = exchange(1, "GET", "/a", connection=1, start=0.0)
    other = exchange(2, "GET", "/b", connection=2, start=0.1)
    one = exchange(3, "GET", "/events", answer={"of": 1}, connection=1, start=1.0, duration=5.0)
    two = exchange(4, "GET", "/events", answer={"of": 2}, connection=2, start=1.5, duration=5.0)
    session = player(first, other, one, two)
    session.next(asked("/a"), connection=70)
    session.next(asked("/b"), connection=80)
    assert played(session.next(asked("/events"), connection=80)) == {"of": 2}
    assert played(session.next(asked("/events"), connection=70)) == {"of": 1}


def test_a_client_may_make_up_another_name_and_finds_it_in_the_answers() -> None:
    session = player(
        *SESSION[:1],
        exchange(2, "GET", "/v1.41/containers/run-1111aa/json", answer={"Name": "/run-1111aa", "Id": WEB}),
    )
    live = asked("/v1.41/containers/create", "POST", {"Image": "busybox"}, [("name", "run-9999ff")])
    assert played(session.next(live)) == {"Id": WEB}
    assert played(session.next(asked("/v1.41/containers/run-9999ff/json"))) == {"Name": "/run-9999ff", "Id": WEB}


def test_two_names_that_were_made_up_are_kept_apart() -> None:
    recorded = [
        exchange(n, "POST", "/containers/create", {}, {"Id": f"{n}"}, query=[("name", f"run-{n}111aa")]) for n in (1, 2)
    ]
    logs = [exchange(n + 2, "GET", f"/containers/run-{n}111aa/json", answer={"of": n}) for n in (1, 2)]
    session = player(*recorded, *logs)
    for name in ("run-7777cc", "run-8888dd"):
        session.next(asked("/containers/create", "POST", {}, [("name", name)]))
    assert played(session.next(asked("/containers/run-8888dd/json"))) == {"of": 2}
    assert played(session.next(asked("/containers/run-7777cc/json"))) == {"of": 1}


def test_a_name_that_was_chosen_is_another_request() -> None:
    session = player(exchange(1, "POST", "/containers/create", {}, {"Id": WEB}, query=[("name", "web")]))
    assert isinstance(session.next(asked("/containers/create", "POST", {}, [("name", "db")])), NotRecorded)


def test_another_password_is_the_same_request_and_is_found_in_the_answer() -> None:
    recorder = Redactor()
    recorded = recorder.exchange(
        exchange(
            1,
            "POST",
            "/containers/create",
            {"Env": ["DB_PASSWORD=recorded-secret"]},
            {"Env": ["DB_PASSWORD=recorded-secret"]},
        )
    )
    found = player(recorded).next(asked("/containers/create", "POST", {"Env": ["DB_PASSWORD=another-secret"]}))
    assert played(found) == {"Env": ["DB_PASSWORD=another-secret"]}


def test_a_miss_shows_no_secret() -> None:
    miss = player(*SESSION).next(asked("/containers/create", "POST", {"Env": ["DB_PASSWORD=another-secret"]}))
    assert "another-secret" not in str(miss)
    assert "{secret:DB_PASSWORD}" in str(miss)


def test_an_exchange_without_an_answer_is_played_as_such() -> None:
    silent = Exchange(1, 1, 0, 1, Request("GET", "/x"), None, "reset")
    assert player(silent).next(Request("GET", "/x")) == silent


def test_a_matcher_that_is_not_there_is_refused() -> None:
    with pytest.raises(ValueError, match="there is no matcher host; there are method, path"):
        player(matchers=("method", "host"))


@pytest.mark.parametrize(
    ("mode", "recorded", "new", "without"),
    [
        ("none", "play", "refuse", "refuse"),
        ("once", "play", "refuse", "record"),
        ("new_episodes", "play", "record", "record"),
        ("all", "record", "record", "record"),
    ],
)
def test_a_mode_says_what_is_recorded(mode: str, recorded: str, new: str, without: str) -> None:
    assert decide(Mode(mode), has_cassette=True, is_recorded=True) == recorded
    assert decide(Mode(mode), has_cassette=True, is_recorded=False) == new
    assert decide(Mode(mode), has_cassette=False, is_recorded=False) == without


def test_every_mode_is_decided() -> None:
    assert set(DECISIONS) == set(Mode)


@pytest.mark.parametrize("filters", ['{"label":["project=%s"]}', '{"label":{"project=%s":true}}'])
def test_a_name_that_is_first_heard_in_a_filter_or_in_a_path_may_be_another(filters: str) -> None:
    """As docker-compose does it: it looks whether its network and its containers are there before it makes them."""

    def listing(project: str) -> list[tuple[str, str]]:
        return [("filters", filters % project)]

    session = player(
        exchange(1, "GET", "/v1.41/containers/json", query=listing("shop3f9a8c21"), answer=[]),
        exchange(2, "GET", "/v1.41/networks/shop3f9a8c21_default", status=404, answer={"message": "no shop3f9a8c21"}),
    )
    assert played(session.next(asked("/v1.41/containers/json", query=listing("shopb07c55d1")))) == []
    assert played(session.next(asked("/v1.41/networks/shopb07c55d1_default"))) == {"message": "no shopb07c55d1"}


def test_an_id_in_a_path_is_no_name_that_may_be_another() -> None:
    session = player(*SESSION)
    assert isinstance(session.next(asked(f"/v1.41/containers/{'b2' * 32}/json")), NotRecorded)


def test_requests_of_json_are_found_without_comparing_them_with_every_other(monkeypatch: pytest.MonkeyPatch) -> None:
    session = [exchange(number, "POST", "/containers/create", {"Cmd": [number % 5]}) for number in range(1, 51)]
    player = Player(Cassette(Header(), session))
    monkeypatch.setattr("fakedocker.cassettes.player.matches", lambda *_: pytest.fail("they were compared"))
    for one in session:
        found = player.next(one.request)
        assert isinstance(found, Exchange)
        assert found.id == one.id
    assert player.unused == []
    assert isinstance(player.next(session[0].request), Exhausted)
