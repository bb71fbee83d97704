"""Where document and daemon differ: every difference that is known, under both contracts, in the document's order."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import fields
from typing import Any

import pytest
from wire_client import WireClient

from fakedocker import FakeDocker
from fakedocker.api.antique.contract import TERMS, Terms

JSON, TEXT, RAW = "application/json", "text/plain; charset=utf-8", "application/vnd.docker.raw-stream"
BASE = "b750fe79269d2ec9a3c593ef05b4332b1d1a02a62b4accb2c21d589ff2f5f2dc"

both = pytest.mark.parametrize("contract", ["documented", "observed"])


def differs(documented: Any, observed: Any) -> pytest.MarkDecorator:
    """Run a test under both contracts, each with what it expects."""
    return pytest.mark.parametrize(("contract", "expected"), [("documented", documented), ("observed", observed)])


@pytest.fixture
def clock() -> str:
    return "manual"


@pytest.fixture
def container(daemon: FakeDocker) -> str:
    return daemon.engine.create("base", "true").id


@pytest.fixture
def image(daemon: FakeDocker) -> Callable[..., str]:
    """Make a child of base with a name: its id."""

    def make(name: str = "") -> str:
        container = daemon.engine.create("base", "true")
        daemon.engine.write_file(container, "/x", "x")
        image = daemon.engine.commit(container, name)
        daemon.engine.remove(container)
        return image.id

    return make


# -- containers ------------------------------------------------------------------------------------------


@differs(12, 64)
def test_ids_in_lists(client: WireClient, container: str, expected: int) -> None:
    assert client.get("/containers/json?all=1").json[0]["Id"] == container[:expected]
    assert {one["Id"] for one in client.get("/images/json").json} == {BASE[:expected]}


@both
def test_ports_are_in_the_list_though_the_document_has_none(client: WireClient, container: str) -> None:
    assert client.get("/containers/json?all=1").json[0]["Ports"] == ""


@both
def test_what_never_ran_shows_exit_0(client: WireClient, container: str) -> None:
    assert client.get("/containers/json?all=1").json[0]["Status"] == "Exit 0"


@pytest.mark.parametrize("parameter", ["since", "before"])
@differs({12: True, 64: True, 10: True, 5: True}, {12: True, 64: False, 10: False, 5: False})
def test_places_in_the_list(client: WireClient, daemon: FakeDocker, parameter: str, expected: dict[int, bool]) -> None:
    older, place, newer = (daemon.engine.create("base", "true").id for _ in range(3))
    found, nothing = ({"since": ([newer], [newer, place, older]), "before": ([older], [])})[parameter]
    for length, met in expected.items():
        reply = client.get(f"/containers/json?{parameter}={place[:length]}")
        assert reply.status == 200
        wanted = found if met else nothing
        assert [one["Id"][:12] for one in reply.json] == [one[:12] for one in wanted], length
    unknown = client.get(f"/containers/json?{parameter}=nosuch")
    assert (unknown.status, len(unknown.json)) == (200, 3 if parameter == "since" else 0)


@differs({"Warnings": []}, {})
def test_the_answer_to_create(client: WireClient, expected: dict[str, Any]) -> None:
    answer = client.post("/containers/create", json={"Image": "base", "Cmd": ["date"]}).json
    assert re.fullmatch("[0-9a-f]{12}", answer.pop("Id"))
    assert answer == expected


@differs(JSON, TEXT)
def test_the_type_of_the_answer_to_create(client: WireClient, expected: str) -> None:
    reply = client.post("/containers/create", json={"Image": "base", "Cmd": ["date"]})
    assert (reply.status, reply.type) == (201, expected)


@both
@pytest.mark.parametrize("config", [{"AttachStdin": True, "AttachStdout": True}, {"VolumesFrom": "nosuch"}])
def test_create_is_never_406_and_never_misses_a_container(client: WireClient, config: dict[str, Any]) -> None:
    assert client.post("/containers/create", json={"Image": "base", "Cmd": ["date"], **config}).status == 201


@differs(("Id", "IpAddress", "IpPrefixLen"), ("ID", "IPAddress", "IPPrefixLen"))
def test_the_names_in_an_inspection(client: WireClient, container: str, expected: tuple[str, str, str]) -> None:
    for version in ("/v1.0", "/v1.1", ""):
        shown = client.get(f"{version}/containers/{container}/json").json
        assert [next(iter(shown)), *list(shown["NetworkSettings"])[:2]] == list(expected)
        assert shown[expected[0]] == container


@both
def test_cpu_shares_are_in_a_config_though_the_document_has_none(client: WireClient, container: str) -> None:
    assert client.get(f"/containers/{container}/json").json["Config"]["CpuShares"] == 0


@both
def test_no_change_is_null(client: WireClient, container: str) -> None:
    assert client.get(f"/containers/{container}/changes").text == "null"


@differs(200, 204)
def test_the_status_of_start(client: WireClient, container: str, expected: int) -> None:
    reply = client.post(f"/containers/{container}/start")
    assert (reply.status, reply.type, reply.body) == (expected, None, b"")


@both
def test_an_attachment_to_what_does_not_run_is_200_with_a_line(client: WireClient, container: str) -> None:
    reply = client.post(f"/containers/{container}/attach?stream=1&stdout=1")
    assert (reply.line, reply.type) == ("HTTP/1.1 200 OK", RAW)
    assert reply.body == b"Error: Impossible to attach to a stopped container, start it first\n"


@both
def test_reasons_are_those_of_http(client: WireClient, container: str) -> None:
    created = client.post("/containers/create", json={"Image": "base", "Cmd": ["date"]})
    assert (created.reason, client.post(f"/containers/{container}/kill").reason) == ("Created", "No Content")


# -- images --------------------------------------------------------------------------------------------


@both
def test_a_nameless_image_has_no_name_in_the_list(client: WireClient, image: Callable[..., str]) -> None:
    identity = image()
    (entry,) = (one for one in client.get("/images/json").json if identity.startswith(one["Id"]))
    assert list(entry) == ["Id", "Created"]


@both
@pytest.mark.parametrize("path", ["/images", "/images/", "/images/xml"])
def test_a_list_of_images_has_no_default_format(client: WireClient, path: str) -> None:
    assert (client.get(path).status, client.get(path).text) == (404, "404 page not found\n")


@differs("base", "base:latest\\nbase:ubuntu-12.10\\nbase:ubuntu-quantal")
def test_labels_in_the_graph(client: WireClient, expected: str) -> None:
    reply = client.get("/images/viz")
    assert reply.type == TEXT
    assert f'[label="{BASE[:12]}\\n{expected}",shape=box' in reply.text


@differs(RAW, TEXT)
def test_the_type_of_streams_of_api_1_0(client: WireClient, daemon: FakeDocker, expected: str) -> None:
    assert client.post("/v1.0/images/create?fromImage=busybox").type == expected
    assert client.post("/v1.0/images/base/push").type == expected


@both
def test_the_type_of_an_insert_of_api_1_0(client: WireClient) -> None:
    assert client.post("/v1.0/images/base/insert?path=/f&url=http://example.com/hello.txt").type == TEXT


@both
def test_only_attach_takes_a_connection_over(client: WireClient) -> None:
    for version in ("/v1.0", "/v1.1"):
        for path in ("/images/create?fromImage=busybox", "/images/base/push"):
            assert client.post(version + path).fields["transfer-encoding"] == "chunked"
    assert client.get("/version").status == 200


@both
def test_objects_of_a_stream_have_nothing_between_them(client: WireClient) -> None:
    text = client.post("/v1.1/images/create?fromImage=busybox").text
    assert text.startswith(
        '{"status":"Pulling repository busybox from https://index.docker.io/v1"}{"status":"Pulling image '
    )
    assert re.search(r'\{"status":"Downloading","progress":"[0-9]+/[0-9]+ \(100%\)"\}\{\}', text)


@both
def test_an_insert_into_what_is_not_there_is_500(client: WireClient) -> None:
    reply = client.post("/images/nosuch/insert?path=/f&url=http://example.com/hello.txt")
    assert (reply.status, reply.text) == (500, "Image does not exist: nosuch\n")


@differs(["CreatedBy"], [])
def test_history_of_what_nothing_made(client: WireClient, expected: list[str]) -> None:
    last = client.get("/images/base/history").json[-1]
    assert list(last) == ["Id", "Created", *expected]
    assert last.get("CreatedBy", "") == ""


@differs((404, "No such image: nosuch\n"), (500, "Image does not exist: nosuch\n"))
def test_an_unknown_image_in_history_and_tag(client: WireClient, expected: tuple[int, str]) -> None:
    for reply in (client.get("/images/nosuch/history"), client.post("/images/nosuch/tag?repo=x")):
        assert (reply.status, reply.type, reply.text) == (expected[0], TEXT, expected[1])


@differs(
    (404, TEXT, "No such image: nosuch\n"),
    (
        200,
        JSON,
        '{"status":"The push refers to a repository [nosuch] (len: 0)"}{"error":"No such id: nosuch"}',
    ),
)
def test_an_unknown_image_in_push(client: WireClient, expected: tuple[int, str, str]) -> None:
    reply = client.post("/v1.1/images/nosuch/push")
    assert (reply.status, reply.type, reply.text) == expected


@differs(200, 201)
def test_the_status_of_tag(client: WireClient, expected: int) -> None:
    reply = client.post("/images/base/tag?repo=mine&force=0")
    assert (reply.status, reply.type, reply.body) == (expected, None, b"")


@differs(409, 201)
def test_a_tag_that_is_taken(client: WireClient, daemon: FakeDocker, image: Callable[..., str], expected: int) -> None:
    other = image("taken")
    reply = client.post("/images/base/tag?repo=taken")
    assert reply.status == expected
    assert daemon.engine.tags()["taken:latest"] == (other if expected == 409 else BASE)
    if expected == 409:
        assert reply.text.startswith("Conflict")
    assert client.post("/images/base/tag?repo=taken&force=1").status < 300
    assert daemon.engine.tags()["taken:latest"] == BASE
    assert client.post("/images/base/tag?repo=taken").status < 300  # it names this image already


@both
def test_removing_an_image_tells_what_was_done_in_1_1_and_nothing_in_1_0(
    client: WireClient, image: Callable[..., str]
) -> None:
    one, other = image("one"), image("other")
    new = client.delete("/v1.1/images/one")
    assert (new.status, new.type, new.json) == (200, JSON, [{"Untagged": one[:12]}, {"Deleted": one[:12]}])
    old = client.delete("/v1.0/images/other")
    assert (old.status, old.type, old.body) == (204, None, b"")
    assert client.get(f"/images/{other}/json").status == 404


@both
def test_force_is_not_read_when_an_image_is_removed(client: WireClient, image: Callable[..., str]) -> None:
    identity = image("one")
    assert client.delete(f"/v1.1/images/{identity}?force=1").status == 409
    assert client.delete("/v1.1/images/one?force=x").status == 200


@both
def test_a_search_that_finds_nothing_is_null(client: WireClient) -> None:
    assert client.get("/images/search?term=nobody-has-this").text == "null"


# -- the daemon ------------------------------------------------------------------------------------------


@both
@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({}, b"FROM base\n"),
        (
            {"Content-Type": "multipart/form-data; boundary=X"},
            b'--X\r\nContent-Disposition: form-data; name="Dockerfile"; filename="Dockerfile"\r\n\r\n'
            b"FROM base\n\r\n--X--\r\n",
        ),
    ],
    ids=["documented", "observed"],
)
def test_a_build_comes_as_the_document_says_or_as_the_daemon_wanted_it(
    client: WireClient, headers: dict[str, str], body: bytes
) -> None:
    reply = client.post("/build", body, headers=headers)
    assert reply.text == f"FROM base ()\n===> {BASE}\nBuild successful.\n===> {BASE}\n"


@differs(["username", "email"], ["username", "password", "email"])
def test_the_members_of_the_login(client: WireClient, expected: list[str]) -> None:
    shown = client.get("/auth").json
    assert list(shown) == expected
    assert shown.get("password", "") == ""


@differs((None, b""), (JSON, b'{"Status":"Login Succeeded\\n"}'))
def test_the_answer_to_a_login(client: WireClient, expected: tuple[str | None, bytes]) -> None:
    reply = client.post("/auth", json={"username": "hannibal", "password": "xxxx", "email": "hannibal@a-team.com"})
    assert (reply.status, reply.type, reply.body) == (200, *expected)


@pytest.fixture
def poor_world(tmp_path) -> str:
    path = tmp_path / "poor.yaml"
    path.write_text("host: {memory_limit: true, swap_limit: false}\n")
    return str(path)


@differs({"MemoryLimit": True, "SwapLimit": False}, {"MemoryLimit": True})
def test_limits_that_the_host_lacks(poor_world: str, contract: Any, expected: dict[str, bool]) -> None:
    with FakeDocker(poor_world, contract=contract, profile="0.4") as daemon, WireClient(daemon.url) as client:
        info = client.get("/info").json
    assert {name: info[name] for name in info if name.endswith("Limit")} == expected


@differs(RAW, TEXT)
def test_the_type_of_the_answer_to_commit(client: WireClient, daemon: FakeDocker, expected: str) -> None:
    container = daemon.engine.run("base", "true")
    reply = client.post(f"/commit?container={container.id}&m=message&repo=myrepo")
    assert (reply.status, reply.type) == (201, expected)
    assert re.fullmatch('{"Id":"[0-9a-f]{12}"}', reply.text)


@both
@pytest.mark.parametrize("how", ["m", "comment"])
def test_a_commit_takes_its_message_and_config_either_way(client: WireClient, daemon: FakeDocker, how: str) -> None:
    container = daemon.engine.run("base", "true")
    if how == "m":
        client.post(f"/commit?container={container.id}&repo=new&m=why&run=%7B%22Cmd%22:%5B%22top%22%5D%7D")
    else:
        client.post(f"/commit?container={container.id}&repo=new&comment=why", json={"Cmd": ["top"]})
    shown = client.get("/images/new/json").json
    assert (shown["comment"], shown["config"]["Cmd"]) == ("why", ["top"])


# -- the table ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("member", [field.name for field in fields(Terms)])
def test_every_term_is_there_because_the_contracts_differ_in_it(member: str) -> None:
    assert getattr(TERMS["documented"], member) != getattr(TERMS["observed"], member)
