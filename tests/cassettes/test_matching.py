"""Whether a request is the one that was recorded, and which comes nearest."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import pytest
from exchanges import exchange
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from fakedocker.cassettes.bodies import data_of
from fakedocker.cassettes.matching import DEFAULT, MATCHERS, matches, mismatches, nearest, request_key
from fakedocker.cassettes.model import Body, Bytes, Empty, File, Json, Request, Text

CREATE = Request("POST", "/v1.41/containers/create", (("name", "web"),), body=Json({"Image": "busybox", "Tty": False}))
TAR = (("Content-Type", "application/x-tar"),)


def differing(recorded: Request, live: Request, *matchers: str) -> list[str]:
    found = mismatches(recorded, live, matchers or DEFAULT)
    return [str(one) for differences in found.values() for one in differences]


def test_a_request_is_itself() -> None:
    assert matches(CREATE, CREATE, tuple(MATCHERS))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"method": "GET"}, "method: recorded 'POST', now 'GET'"),
        ({"path": "/v1.41/containers/json"}, "path: recorded '/containers/create', now '/containers/json'"),
        ({"query": (("name", "db"),)}, "query.name: recorded 'web', now 'db'"),
        ({"query": ()}, "query.name: recorded 'web', now nothing"),
        ({"body": Json({"Image": "alpine", "Tty": False})}, "body.Image: recorded 'busybox', now 'alpine'"),
        ({"body": Json({"Image": "busybox", "Tty": 0})}, "body.Tty: recorded False, now 0"),
        ({"body": Json({"Image": "busybox", "Tty": False, "Cmd": ["ls"]})}, "body.Cmd: recorded nothing, now ['ls']"),
        ({"body": Text("x")}, "body: recorded {'Image': 'busybox', 'Tty': False}, now 'x'"),
    ],
)
def test_what_differs_is_said_field_by_field(change: Any, reason: str) -> None:
    assert differing(CREATE, replace(CREATE, **change)) == [reason]


def test_the_version_counts_only_if_it_is_asked_for() -> None:
    live = replace(CREATE, path="/v1.43/containers/create")
    assert matches(CREATE, live)
    assert differing(CREATE, live, "version") == ["version: recorded '1.41', now '1.43'"]
    assert matches(CREATE, replace(CREATE, path="/containers/create"))


def test_the_order_of_parameters_does_not_count_and_their_number_does() -> None:
    one = Request("GET", "/x", (("a", "1"), ("b", "2"), ("a", "3")))
    assert matches(one, replace(one, query=(("b", "2"), ("a", "1"), ("a", "3"))))
    assert differing(one, replace(one, query=(("b", "2"), ("a", "1")))) == ["query.a: recorded ['1', '3'], now '1'"]


def test_json_in_parameters_is_compared_by_value() -> None:
    one = Request("GET", "/x", (("filters", '{"a":["b"],"c":["d"]}'),))
    assert matches(one, replace(one, query=(("filters", '{"c": ["d"], "a": ["b"]}'),)))
    assert differing(one, replace(one, query=(("filters", '{"c":["d"],"a":["x"]}'),))) == [
        "query.filters.a.0: recorded 'b', now 'x'"
    ]


def test_of_which_day_a_moment_is_does_not_count() -> None:
    one = Request("GET", "/events", (("since", "1764028800"), ("until", "1764028900.5")))
    assert matches(one, replace(one, query=(("since", "2027-01-01T00:00:00Z"), ("until", "1"))))
    assert not matches(one, replace(one, query=(("since", "1764028800"),)))


@pytest.mark.parametrize("body", [Empty(), Json(None), Json({})])
def test_nothing_may_be_said_in_several_ways(body: Any) -> None:
    assert matches(Request("POST", "/x"), Request("POST", "/x", body=body))


def test_archives_differ_only_if_it_is_asked_for() -> None:
    one, other = (Request("POST", "/build", (), TAR, Bytes(data)) for data in (b"\0one", b"\0another"))
    assert matches(one, other)
    assert differing(one, other, "exact body") == ["body: recorded '4 bytes', now '8 bytes'"]


def test_a_body_is_an_archive_where_one_is_asked_for() -> None:
    one, other = (
        Request("PUT", "/v1.41/containers/web/archive", body=File("sha256:" + digit * 64, 1)) for digit in "01"
    )
    assert matches(one, other)
    assert not matches(replace(one, path="/x"), replace(other, path="/x"))


def test_a_body_in_a_file_is_the_one_with_the_same_digest() -> None:
    body = Json({"Data": "x" * 100})
    data = data_of(body)
    apart = Request("POST", "/x", body=File(f"sha256:{hashlib.sha256(data).hexdigest()}", len(data)))
    assert matches(apart, Request("POST", "/x", body=body))
    assert not matches(apart, Request("POST", "/x", body=Json({"Data": "y"})))


def test_the_nearest_is_the_one_with_the_fewest_that_fails() -> None:
    recorded = [
        exchange(1, "GET", "/v1.41/info"),
        exchange(2, "POST", "/v1.41/containers/create", {"Image": "alpine"}, query=[("name", "web")]),
        exchange(3, "POST", "/v1.41/containers/creation", {"Image": "alpine"}),
        exchange(4, "POST", "/v1.41/containers/create", {"Image": "alpine"}, query=[("name", "db")]),
    ]
    found = nearest(CREATE, [(one, one.request) for one in recorded])
    assert [miss.exchange.id for miss in found] == [2, 4, 3]
    assert str(found[0]) == (
        "2: POST /v1.41/containers/create\n"
        "    body.Image: recorded 'alpine', now 'busybox'\n"
        "    body.Tty: recorded nothing, now False"
    )


def test_a_set_of_aliases_has_no_order() -> None:
    def connect(*aliases: str) -> Request:
        return Request("POST", "/networks/net/connect", body=Json({"EndpointConfig": {"Aliases": [*aliases]}}))

    assert matches(connect("db", "3f4e8a1c9d2b"), connect("3f4e8a1c9d2b", "db"))
    assert not matches(connect("db", "3f4e8a1c9d2b"), connect("db"))


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(0, 1)
    | st.sampled_from([0.0, 1.0, "a", "{time:1}", "{time:2}", "{image:1}"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["a", "Aliases"]), inner, max_size=2),
    max_leaves=4,
)
requests = st.builds(
    Request,
    st.just("POST"),
    st.sampled_from(["/x", "/v1.41/x"]),
    st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from(["1", "{}", "[1]"])), max_size=2).map(tuple),
    st.just(()),
    st.dictionaries(st.sampled_from("ab"), values, min_size=1, max_size=2).map(Json) | st.just(Empty()),
)


@settings(max_examples=1000, deadline=None)
@given(requests, requests)
def test_requests_have_the_same_key_if_and_only_if_they_match(one: Request, other: Request) -> None:
    assume(_says_something(one.body) and _says_something(other.body))
    assert (request_key(one) == request_key(other)) == matches(one, other)


def _says_something(body: Body) -> bool:
    """Tell whether a body is not an object of nulls alone, of which it does not matter whether it is none at all."""
    return not isinstance(body, Json) or any(value is not None for value in body.value.values())
