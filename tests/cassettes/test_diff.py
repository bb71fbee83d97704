"""What two answers differ in."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from exchanges import ndjson, values
from hypothesis import given

from fakedocker.cassettes.correspondence import Correspondence
from fakedocker.cassettes.diff import compare, differences, report
from fakedocker.cassettes.model import Bytes, Empty, File, Frame, Json, Request, Response, Stream, Text
from fakedocker.cassettes.references import References

JSON = (("Content-Type", "application/json"), ("Api-Version", "1.41"))


def differing(recorded: Response, live: Response, **more: Any) -> list[str]:
    return [str(one) for one in compare(recorded, live, **more)]


@given(values)
def test_an_answer_does_not_differ_from_itself(value: Any) -> None:
    assert compare(Response(200, "OK", JSON, Json(value)), Response(200, "OK", JSON, Json(value))) == []


@pytest.mark.parametrize(
    ("recorded", "live", "where"),
    [
        ({"a": 1}, {"a": 2}, ["x.a: recorded 1, now 2"]),
        ({"a": [1, 2]}, {"a": [1]}, ["x.a.1: recorded 2, now nothing"]),
        ({"a": 1}, {"a": "1"}, ["x.a: recorded 1, now '1'"]),
        ({"a": 1}, {"a": True}, ["x.a: recorded 1, now True"]),
        ({"a": 1}, {"a": 1.0}, ["x.a: recorded 1, now 1.0"]),
        ({"a": {}}, {"a": []}, ["x.a: recorded {}, now []"]),
        ({"a": None}, {}, []),
        ({}, {"a": ""}, ["x.a: recorded nothing, now ''"]),
        ({"a": {"b": [{"c": 1}]}}, {"a": {"b": [{"c": 2}]}}, ["x.a.b.0.c: recorded 1, now 2"]),
    ],
)
def test_values_are_compared_field_by_field(recorded: Any, live: Any, where: list[str]) -> None:
    assert [str(one) for one in differences(recorded, live, "x")] == where


def test_status_headers_and_body_are_compared() -> None:
    recorded = Response(201, "Created", JSON, Json({"Id": "x", "Warnings": []}))
    live = Response(
        400, "Bad Request", (("content-type", "text/plain"), ("API-Version", "1.41")), Json({"message": "no"})
    )
    assert differing(recorded, live) == [
        "status: recorded 201, now 400",
        "headers.content-type: recorded 'application/json', now 'text/plain'",
        "body.Id: recorded 'x', now nothing",
        "body.Warnings: recorded [], now nothing",
        "body.message: recorded nothing, now 'no'",
    ]


def test_how_it_was_sent_is_no_difference() -> None:
    recorded = Response(200, "OK", (("Date", "Mon, 01 Jan 2026"), ("Transfer-Encoding", "chunked")), Text("x"))
    assert compare(recorded, Response(200, "", (("Content-Length", "1"),), Text("x"))) == []


@pytest.mark.parametrize(
    ("recorded", "live", "where"),
    [
        (Text("a"), Text("b"), ["body: recorded 'a', now 'b'"]),
        (Empty(), Text("b"), ["body: recorded nothing, now 'b'"]),
        (Bytes(b"\0"), Bytes(b"\0\0"), ["body: recorded '1 bytes', now '2 bytes'"]),
        (File("sha256:a", 1), File("sha256:b", 1), ["body: recorded 'sha256:a', now 'sha256:b'"]),
        (ndjson({"status": "a"}), ndjson({"status": "b"}), ["body.0.status: recorded 'a', now 'b'"]),
        (Json([]), ndjson({}), ["body: recorded [], now 'a stream (lines) of 1 frames'"]),
    ],
)
def test_bodies_of_all_kinds_are_compared(recorded: Any, live: Any, where: list[str]) -> None:
    assert differing(Response(200, body=recorded), Response(200, body=live)) == where


def test_how_output_was_cut_and_when_it_came_is_no_difference() -> None:
    whole = Stream(
        "multiplexed", (Frame(0, Text("one\ntwo\n"), channel="stdout"), Frame(0, Text("e"), channel="stderr"))
    )
    cut = Stream(
        "multiplexed",
        (
            Frame(1, Text("one\n"), channel="stdout"),
            Frame(2, Text("e"), channel="stderr"),
            Frame(3, Text("two\n"), channel="stdout"),
        ),
    )
    assert compare(Response(200, body=whole), Response(200, body=cut)) == []


def test_output_is_compared_by_channel() -> None:
    one = Stream("multiplexed", (Frame(0, Text("x"), channel="stdout"),))
    other = Stream("multiplexed", (Frame(0, Text("x"), channel="stderr"),))
    assert differing(Response(200, body=one), Response(200, body=other)) == [
        "body.stdout: recorded 'x', now ''",
        "body.stderr: recorded '', now 'x'",
    ]


def test_places_can_be_left_out() -> None:
    recorded, live = (Response(200, body=Json([{"Size": size, "Id": size}])) for size in (1, 2))
    assert differing(recorded, live, ignore=["body.*.Size"]) == ["body.0.Id: recorded 1, now 2"]


def test_the_times_in_an_archive_are_no_difference() -> None:
    def archive(name: str, mtime: str, content: bytes) -> Response:
        stat = base64.b64encode(json.dumps({"name": name, "size": 5, "mtime": mtime}).encode()).decode()
        headers = (("Content-Type", "application/x-tar"), ("X-Docker-Container-Path-Stat", stat))
        return Response(200, "OK", headers, Bytes(content))

    one = archive("motd", "2026-11-25T00:00:00Z", b"\0one")
    assert differing(one, archive("motd", "2027-01-01T00:00:00Z", b"\0other")) == []
    assert differing(one, archive("issue", "2026-11-25T00:00:00Z", b"\0one")) == [
        "headers.x-docker-container-path-stat.name: recorded 'motd', now 'issue'"
    ]


def container(identity: str, created: str, pid: int, port: str, status: str = "running") -> Response:
    value = {
        "Id": identity,
        "Created": created,
        "State": {"Pid": pid, "Status": status},
        "Ports": {"80/tcp": [{"HostPort": port}]},
        "Config": {"Hostname": identity[:12]},
    }
    return Response(200, body=Json(value))


def test_what_a_session_invents_is_no_difference_and_the_rest_is() -> None:
    asked = Request("GET", "/v1.41/containers/web/json")
    recorded = container("a1" * 32, "2026-11-25T00:00:00Z", 4711, "49153")
    live = container("e5" * 32, "2027-01-01T12:00:00.5Z", 815, "50000", "exited")
    references = References()
    references.learn_response(recorded, asked)
    correspondence = Correspondence(references)
    correspondence.pair_answers(recorded, live)
    translated = correspondence.recorded_response(live)
    references.learn_response(translated, asked)
    assert differing(recorded, translated, references=references) == [
        "body.State.Status: recorded 'running', now 'exited'"
    ]


def test_another_container_is_a_difference() -> None:
    asked = Request("GET", "/v1.41/containers/json")
    references = References()
    recorded, live = (Response(200, body=Json([{"Id": identity}])) for identity in ("a1" * 32, "e5" * 32))
    references.learn_response(recorded, asked)
    references.learn_response(live, asked)
    assert differing(recorded, live, references=references) == [
        "body.0.Id: recorded '{container:1}', now '{container:2}'"
    ]


def test_a_long_value_is_shown_by_its_beginning() -> None:
    [line] = report(differences("x" * 1000, "y", "body")).splitlines()
    assert len(line) < 300
    assert "…" in line
