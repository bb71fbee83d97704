"""Which invention of a recorded session is which of a live one."""

from __future__ import annotations

from typing import Any

import pytest
from exchanges import exchange

from fakedocker.cassettes.correspondence import Correspondence, are_alike
from fakedocker.cassettes.model import Json, Request, Response
from fakedocker.cassettes.references import References

THEN, NOW = "a1" * 32, "e5" * 32
RECORDED = [
    exchange(1, "POST", "/containers/create", {}, {"Id": THEN}, query=[("name", "run-1111aa")]),
    exchange(2, "GET", f"/containers/{THEN}/json", answer={"Id": THEN, "Name": "/run-1111aa"}),
]


@pytest.fixture
def correspondence() -> Correspondence:
    return Correspondence(References.of(RECORDED))


def answer(value: Any) -> Response:
    return Response(200, body=Json(value))


def test_ids_correspond_that_stand_in_the_same_place(correspondence: Correspondence) -> None:
    correspondence.pair_answers(answer({"Id": THEN, "Warnings": None}), answer({"Id": NOW, "Warnings": None}))
    assert correspondence.live_request(Request("POST", f"/containers/{THEN}/start")).path == f"/containers/{NOW}/start"
    assert correspondence.live_request(Request("GET", f"/containers/{THEN[:12]}/json")).path == (
        f"/containers/{NOW[:12]}/json"
    )
    assert correspondence.recorded_response(answer({"message": f"no {NOW[:12]}", NOW: 1})) == answer(
        {"message": f"no {THEN[:12]}", THEN: 1}
    )


def test_ids_are_translated_in_sentences_and_in_the_names_of_files(correspondence: Correspondence) -> None:
    correspondence.pair_answers(answer({"Id": THEN}), answer({"Id": NOW}))
    assert correspondence.recorded_response(
        answer([f"a container {NOW}. Stop", f"{NOW}/{NOW}-json.log", NOW[:20]])
    ) == (answer([f"a container {THEN}. Stop", f"{THEN}/{THEN}-json.log", THEN[:20]]))


def test_what_corresponds_to_something_keeps_it(correspondence: Correspondence) -> None:
    correspondence.pair_answers(answer({"Id": THEN}), answer({"Id": NOW}))
    correspondence.pair_answers(answer({"Id": THEN}), answer({"Id": "f6" * 32}))
    assert correspondence.live_request(Request("GET", f"/x/{THEN}")).path == f"/x/{NOW}"


def test_what_is_no_invention_does_not_correspond(correspondence: Correspondence) -> None:
    correspondence.pair_answers(answer({"Image": "busybox"}), answer({"Image": "alpine"}))
    assert correspondence.live_request(Request("GET", "/images/busybox/json")).path == "/images/busybox/json"


def test_ids_that_are_keys_correspond_if_they_are_all_that_differs(correspondence: Correspondence) -> None:
    correspondence.pair_answers(answer({"Containers": {THEN: {}}}), answer({"Containers": {NOW: {}}}))
    assert correspondence.live_request(Request("GET", f"/x/{THEN}")).path == f"/x/{NOW}"


def test_a_clients_own_name_is_proposed_if_it_looks_alike(correspondence: Correspondence) -> None:
    live = Request("POST", "/containers/create", (("name", "run-2222bb"),), body=Json({}))
    pairs = correspondence.proposed(RECORDED[0].request, live)
    assert pairs == {"run-1111aa": "run-2222bb"}
    assert correspondence.recorded_request(live, pairs) == RECORDED[0].request
    assert correspondence.recorded_request(live) == live
    correspondence.bind(pairs)
    assert correspondence.recorded_request(live) == RECORDED[0].request
    assert correspondence.live_response(answer({"Name": "/run-1111aa"})) == answer({"Name": "/run-2222bb"})


def test_a_name_that_corresponds_already_is_not_proposed_again(correspondence: Correspondence) -> None:
    correspondence.bind({"run-1111aa": "run-2222bb"})
    live = Request("POST", "/containers/create", (("name", "run-3333cc"),))
    assert correspondence.proposed(RECORDED[0].request, live) == {}


def test_names_in_bodies_are_proposed_and_images_are_not(correspondence: Correspondence) -> None:
    recorded = Request("POST", "/x", body=Json({"Labels": {"session": "run-1111aa"}, "Image": "app:1234"}))
    live = Request("POST", "/x", body=Json({"Labels": {"session": "run-4444dd"}, "Image": "app:5678"}))
    assert correspondence.proposed(recorded, live) == {"run-1111aa": "run-4444dd"}


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("test-3f9a8c", "test-11bb22", True),
        ("a_1700000000_b", "a_1800000000_b", True),
        ("x-9b2f1c3a-aaaa-4abc-8def-0123456789ab", "x-0c2f1c3a-1111-4abc-8def-abcdefabcdef", True),
        ("test-3f9a8c", "prod-3f9a8d", False),
        ("web", "db", False),
        ("web", "test-3f9a8c", False),
        ("test-3f9a8c", "test-3f9a8c-1234", False),
    ],
)
def test_names_are_alike_if_only_their_random_parts_differ(one: str, other: str, alike: bool) -> None:
    assert are_alike(one, other) is alike


def test_ids_below_keys_correspond_when_the_keys_do() -> None:
    """Members stand in the order of their keys, which are random."""
    other, endpoint = "b2" * 32, "c3" * 32
    recorded = {THEN: {"EndpointID": endpoint}, other: {"EndpointID": "d4" * 32}}
    references = References.of([*RECORDED, exchange(3, "GET", "/networks/x", answer={"Containers": recorded})])
    correspondence = Correspondence(references)
    correspondence.pair_answers(answer({"Id": THEN}), answer({"Id": NOW}))
    live = {"0f" * 32: {"EndpointID": "0e" * 32}, NOW: {"EndpointID": "0d" * 32}}
    correspondence.pair_answers(answer({"Containers": recorded}), answer({"Containers": live}))
    assert correspondence.recorded_response(answer({"EndpointID": "0d" * 32})) == answer({"EndpointID": endpoint})


def test_something_else_in_the_place_of_a_clients_name_is_not_the_name(correspondence: Correspondence) -> None:
    correspondence.pair_answers(
        answer({"message": "no such thing: run-1111aa"}), answer({"message": "get it from: v2"})
    )
    assert correspondence.live_request(Request("GET", "/containers/run-1111aa/json")).path == (
        "/containers/run-1111aa/json"
    )
