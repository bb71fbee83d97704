"""The inventions of a session by number."""

from __future__ import annotations

import json
from typing import Any

import pytest
from exchanges import exchange, ndjson

from fakedocker.cassettes.model import Exchange, Json, Request, Response, Text
from fakedocker.cassettes.references import References, looks_invented, without_lengths

WEB = "a1" * 32
DB = "b2" * 32
NET = "c3" * 32
IMAGE = "d4" * 32


def known(*exchanges: Exchange) -> References:
    return References.of(exchanges)


def create(identity: str = WEB, **more: Any) -> Exchange:
    return exchange(1, "POST", "/v1.41/containers/create", {"Image": "busybox"}, {"Id": identity}, status=201, **more)


def about(references: References, value: Any, path: str = "/v1.41/containers/json") -> Any:
    """Return an answer with references, after it was learned."""
    response = Response(200, body=Json(value))
    references.learn_response(response, Request("GET", path))
    abstract = references.abstract_response(response)
    assert references.concrete_response(abstract) == response
    assert isinstance(abstract.body, Json)
    return abstract.body.value


def path(references: References, text: str) -> str:
    return references.abstract_request(Request("GET", text)).path


def test_containers_are_numbered_as_they_are_created() -> None:
    references = known(create(WEB), create(DB))
    assert path(references, f"/v1.41/containers/{WEB}/json") == "/v1.41/containers/{container:1}/json"
    assert path(references, f"/containers/{DB}/start") == "/containers/{container:2}/start"


@pytest.mark.parametrize(
    ("digits", "reference"), [(12, "{container:1[:12]}"), (20, "{container:1[:20]}"), (5, "{container:1[:5]}")]
)
def test_the_beginning_of_an_id_is_the_id(digits: int, reference: str) -> None:
    references = known(create(WEB), create(DB))
    assert path(references, f"/containers/{WEB[:digits]}/json") == f"/containers/{reference}/json"
    assert without_lengths(reference) == "{container:1}"
    assert references.concrete(reference) == WEB[:digits]


def test_the_beginning_of_two_ids_is_neither() -> None:
    references = known(create("abcd" + "0" * 60), create("abcd" + "1" * 60))
    assert path(references, "/containers/abcd/json") == "/containers/abcd/json"


def test_ids_are_found_in_texts_and_keys_and_not_within_words() -> None:
    references = known(create(WEB))
    assert about(references, {WEB: f"Error: No such container: {WEB[:12]}", "x": f"x{WEB}"}) == {
        "{container:1}": "Error: No such container: {container:1[:12]}",
        "x": f"x{WEB}",
    }


@pytest.mark.parametrize(
    ("method", "where", "answer", "text", "reference"),
    [
        ("POST", "/containers/create", {"Id": WEB}, WEB, "{container:1}"),
        ("POST", "/v1.41/containers/web/exec", {"Id": WEB}, WEB, "{exec:1}"),
        ("POST", "/networks/create", {"Id": WEB, "Warning": ""}, WEB, "{network:1}"),
        ("POST", "/volumes/create", {"Name": WEB, "Driver": "local"}, WEB, "{id:1}"),
        ("POST", "/commit", {"Id": f"sha256:{WEB}"}, f"sha256:{WEB}", "sha256:{image:1}"),
        ("POST", "/services/create", {"ID": "6tsz4cgpsx9jm6rzt9odvfnlq"}, "6tsz4cgpsx9jm6rzt9odvfnlq", "{service:1}"),
        ("GET", "/containers/x/json", {"NetworkSettings": {"SandboxID": WEB}}, WEB, "{sandbox:1}"),
        ("GET", "/containers/x/json", {"Networks": {"bridge": {"EndpointID": WEB}}}, WEB, "{endpoint:1}"),
    ],
)
def test_where_an_id_stands_says_whose_it_is(method: str, where: str, answer: Any, text: str, reference: str) -> None:
    references = known(exchange(1, method, where, answer=answer))
    assert references.abstract(text) == reference
    assert references.concrete(reference) == text


def test_an_image_that_was_built_is_an_invention_and_its_steps_are() -> None:
    lines = [
        {"stream": "Step 1/2 : FROM busybox\n"},
        {"stream": " ---> 0123456789ab\n"},
        {"stream": f" ---> Running in {WEB[:12]}\n"},
        {"aux": {"ID": f"sha256:{IMAGE}"}},
        {"stream": f"Successfully built {IMAGE[:12]}\n"},
    ]
    references = known(exchange(1, "POST", "/v1.41/build", answer=ndjson(*lines)))
    assert references.abstract(f"sha256:{IMAGE}") == "sha256:{image:2}"
    assert references.abstract(IMAGE[:12]) == "{image:2[:12]}"
    assert references.abstract(f"Running in {WEB[:12]}") == "Running in {container:1}"
    assert references.abstract("0123456789ab") == "{image:1}"


def test_a_step_of_a_build_and_its_image_are_one() -> None:
    references = known(exchange(1, "POST", "/build", answer=ndjson({"stream": f" ---> {IMAGE[:12]}\n"})))
    answer = [{"Id": f"sha256:{IMAGE}", "CreatedBy": "/bin/sh"}, {"Id": "<missing>"}]
    assert about(references, answer, "/images/web/history") == [
        {"Id": "sha256:{image:1}", "CreatedBy": "/bin/sh"},
        {"Id": "<missing>"},
    ]
    assert references.abstract(IMAGE[:12]) == "{image:1[:12]}"


def test_an_id_is_found_at_the_end_of_a_sentence_and_in_the_name_of_a_file() -> None:
    references = known(create(WEB))
    assert references.abstract(f"a running container {WEB}. Stop it") == "a running container {container:1}. Stop it"
    assert references.abstract(f"/var/{WEB}/{WEB}-json.log") == "/var/{container:1}/{container:1}-json.log"


def test_an_image_that_was_pulled_is_the_same_everywhere() -> None:
    digest = f"sha256:{IMAGE}"
    references = known(exchange(1, "GET", "/images/busybox/json", answer={"Id": digest, "RepoDigests": [digest]}))
    assert references.abstract(digest) == digest


def test_a_name_that_the_daemon_made_up_is_an_invention() -> None:
    references = known(create())
    assert about(references, [{"Id": WEB, "Names": ["/brave_hopper", "/web/db"], "Image": "busybox"}]) == [
        {"Id": "{container:1}", "Names": ["/{name:1}", "/web/db"], "Image": "busybox"}
    ]
    assert path(references, "/containers/brave_hopper/json") == "/containers/{name:1}/json"


def test_a_name_that_a_client_chose_is_none_even_if_it_looks_so() -> None:
    references = known(create(query=[("name", "my_app")]))
    assert about(references, {"Id": WEB, "Name": "/my_app"}, "/containers/x/json") == {
        "Id": "{container:1}",
        "Name": "/my_app",
    }


def test_a_name_that_a_client_made_up_is_an_invention() -> None:
    references = known(create(query=[("name", "pytest-3f9a8c2d")]))
    assert path(references, "/containers/pytest-3f9a8c2d/json") == "/containers/{name:1}/json"
    assert references.abstract("repo/pytest-3f9a8c2d:latest") == "repo/{name:1}:latest"


def test_times_are_numbered_and_no_time_stays() -> None:
    references = known()
    assert about(
        references,
        {
            "Created": "2026-11-25T00:00:00.123456789Z",
            "State": {"StartedAt": "2026-11-25T00:00:01+01:00", "FinishedAt": "0001-01-01T00:00:00Z"},
        },
    ) == {"Created": "{time:1}", "State": {"StartedAt": "{time:2}", "FinishedAt": "0001-01-01T00:00:00Z"}}
    assert about(references, [{"Created": 1764028800, "Size": 1764028800}]) == [
        {"Created": "{time:3:int}", "Size": 1764028800}
    ]


def test_ports_that_the_kernel_chose_are_inventions_and_others_are_not() -> None:
    references = known()
    ports = {"80/tcp": [{"HostIp": "0.0.0.0", "HostPort": "49153"}], "81/tcp": [{"HostPort": "8080"}]}
    assert about(references, {"Ports": ports}) == {
        "Ports": {"80/tcp": [{"HostIp": "0.0.0.0", "HostPort": "{port:1}"}], "81/tcp": [{"HostPort": "8080"}]}
    }
    assert about(references, [{"Ports": [{"PublicPort": 49153, "PrivatePort": 49153}]}]) == [
        {"Ports": [{"PublicPort": "{port:1:int}", "PrivatePort": 49153}]}
    ]


def test_addresses_and_process_ids_are_inventions() -> None:
    references = known()
    assert about(references, {"State": {"Pid": 4711}, "IPAddress": "172.17.0.2", "Bridge": "", "ExitCode": 4711}) == {
        "State": {"Pid": "{pid:1:int}"},
        "IPAddress": "{address:1}",
        "Bridge": "",
        "ExitCode": 4711,
    }
    assert about(references, {"State": {"Pid": 0}, "IPAddress": ""}) == {"State": {"Pid": 0}, "IPAddress": ""}


def test_a_whole_answer_comes_back_from_its_references() -> None:
    references = known(create())
    answer = {
        "Id": WEB,
        "Name": "/brave_hopper",
        "Created": "2026-11-25T00:00:00Z",
        "State": {"Pid": 4711},
        "Ports": [{"PublicPort": 49153}],
        "Config": {"Hostname": WEB[:12], "Env": None, "Tty": False},
    }
    about(references, answer)  # concrete(abstract(x)) == x is checked there


def test_texts_and_streams_are_gone_through_as_well() -> None:
    references = known(create())
    assert references.abstract_response(Response(200, body=Text(f"id {WEB[:12]}"))).body == Text(
        "id {container:1[:12]}"
    )
    assert references.abstract_response(Response(200, body=ndjson({"id": WEB}))).body == ndjson({"id": "{container:1}"})


def test_json_in_a_query_is_gone_through() -> None:
    references = known(create())
    request = Request("GET", "/events", (("filters", f'{{"container":["{WEB}"]}}'),))
    assert references.abstract_request(request).query == (("filters", '{"container":["{container:1}"]}'),)
    assert references.concrete_request(references.abstract_request(request)) == request


@pytest.mark.parametrize(
    "name",
    ["pytest-3f9a8c2d", "test_1700000000", "9b2f1c3a-1111-4abc-8def-0123456789ab", "run-20261125", "tmpab12cd34x"],
)
def test_a_name_looks_invented(name: str) -> None:
    assert looks_invented(name)


@pytest.mark.parametrize("name", ["web", "web1", "postgres", "python3.12", "busybox", "my_app", "deadbeef", "v2", ""])
def test_a_name_looks_chosen(name: str) -> None:
    assert not looks_invented(name)


@pytest.mark.parametrize("spaces", [(",", ":"), (", ", ": ")])
def test_json_in_a_query_comes_back_with_its_spaces(spaces: tuple[str, str]) -> None:
    """Python writes them, Go does not."""
    filters = json.dumps({"label": [f"of={WEB}", "project=shop-3f9a8c21"]}, separators=spaces)
    request = Request("GET", "/containers/json", (("filters", filters),))
    references = known(create(), Exchange(2, 1, 0, 0, request, None))
    abstract = references.abstract_request(request)
    assert json.loads(abstract.query[0][1]) == {"label": ["of={container:1}", "project={name:1}"]}
    assert references.concrete_request(abstract) == request


def test_processes_of_a_container_have_other_ids_and_times_in_every_session() -> None:
    titles = ["UID", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD"]
    row = ["root", "3659", "3638", "1", "02:41", "?", "00:00:00", "sleep 1"]
    references = References()
    assert about(references, {"Processes": [row], "Titles": titles}, "/containers/web/top") == {
        "Processes": [
            ["root", "{pid:1}", "{pid:2}", "{moment:1}", "{moment:2}", "?", "{moment:3}", "sleep 1"],
        ],
        "Titles": titles,
    }
    assert about(references, {"Error": "exit 1"}) == {"Error": "exit 1"}


@pytest.mark.parametrize(
    "table", [{"Titles": ["PID"], "Processes": [["1", "2"], 3, []]}, {"Titles": [], "Processes": [1]}]
)
def test_a_broken_table_of_processes_stays_what_it_is(table: dict[str, Any]) -> None:
    assert References().abstract_response(Response(200, body=Json(table))).body == Json(table)


@pytest.mark.parametrize(
    ("status", "shown"),
    [
        ("Up Less than a second", "Up {moment:1}"),
        ("Up About an hour (Paused)", "Up {moment:1} (Paused)"),
        ("Exited (3) 2 weeks ago", "Exited (3) {moment:1} ago"),
        ("Created", "Created"),
    ],
)
def test_for_how_long_a_container_has_been_so_is_of_the_moment(status: str, shown: str) -> None:
    assert about(References(), [{"Status": status}]) == [{"Status": shown}]


def test_an_address_is_the_daemons_if_nobody_asked_for_it() -> None:
    references = References()
    config = {"Subnet": "172.22.0.0/16", "Gateway": "172.22.0.1"}
    assert about(references, {"IPAM": {"Config": [config]}}, "/networks/x") == {
        "IPAM": {"Config": [{"Subnet": "{address:1}", "Gateway": "{address:2}"}]}
    }
    asked = {"Name": "x", "IPAM": {"Config": [{"Subnet": "10.9.0.0/24"}]}}
    references.learn_request(Request("POST", "/networks/create", body=Json(asked)))
    assert about(references, {"Subnet": "10.9.0.0/24"}, "/networks/x") == {"Subnet": "10.9.0.0/24"}
