"""Images over the wire: lists, names, history, tags, removal, getCache. (Streams stand in test_progress.)"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from wire_client import Reply, WireClient

from fakedocker import FakeDocker
from fakedocker.engine.ids import short

TEXT = "text/plain; charset=utf-8"
BASE = "b750fe79269d2ec9a3c593ef05b4332b1d1a02a62b4accb2c21d589ff2f5f2dc"
PARENT = "27cf784147099545".ljust(64, "0")


@pytest.fixture
def clock() -> str:
    return "manual"


@pytest.fixture
def grow(daemon: FakeDocker) -> Callable[..., str]:
    """Make a child of an image, and name it: its id."""

    def grow(parent: str = BASE, *names: str) -> str:
        container = daemon.engine.create(parent, "true")
        daemon.engine.write_file(container, "/grown", "x")
        image = daemon.engine.commit(container)
        daemon.engine.remove(container)
        for name in names:
            daemon.engine.tag(image.id, *name.split(":"))
        daemon.advance(1)
        return image.id

    return grow


def error(reply: Reply, status: int, text: str) -> bool:
    """Check that an answer is an error with this text."""
    assert (reply.status, reply.type, reply.text) == (status, TEXT, text + "\n")
    return True


def listed(client: WireClient, query: str = "") -> list[tuple[str | None, str | None, str]]:
    reply = client.get(f"/images/json{query}")
    assert (reply.status, reply.type) == (200, "application/json")
    return sorted(
        ((one.get("Repository"), one.get("Tag"), one["Id"]) for one in reply.json),
        key=lambda one: (one[0] or "", one[1] or ""),
    )


# -- lists --------------------------------------------------------------------------------------------

NAMES = [("base", tag, BASE[:12]) for tag in ("latest", "ubuntu-12.10", "ubuntu-quantal")]


def test_every_name_is_listed(client: WireClient) -> None:
    assert listed(client) == NAMES
    assert listed(client, "?all=0") == NAMES
    first = client.get("/images/json").json[0]
    assert list(first) == ["Repository", "Tag", "Id", "Created"]
    assert first["Created"] == 1364102658


def test_what_is_nameless_is_listed_unless_it_is_a_parent(client: WireClient, grow: Callable[..., str]) -> None:
    middle = grow()
    leaf = grow(middle)
    assert listed(client) == [(None, None, short(leaf)), *NAMES]
    everything = listed(client, "?all=1")
    assert {one[2] for one in everything} == {short(one) for one in (middle, leaf, PARENT, BASE)}
    nameless = next(one for one in client.get("/images/json").json if one["Id"] == short(leaf))
    assert list(nameless) == ["Id", "Created"]


@pytest.mark.parametrize(
    ("name", "found"),
    [("base", True), ("bas", False), ("base:latest", False), ("b*", False), ("nosuch", False), ("", True)],
)
def test_a_filter_is_the_name_of_a_repository(
    client: WireClient, grow: Callable[..., str], name: str, found: bool
) -> None:
    grow(BASE, "other:1")
    nameless = short(grow())
    expected = [one for one in NAMES if found]
    if name == "":
        expected = listed(client)
        assert nameless in {one[2] for one in expected}
    assert listed(client, f"?filter={name}") == expected
    assert client.get("/images/json?all=1&filter=nosuch").text == "[]"


def test_a_bad_flag_is_refused(client: WireClient) -> None:
    assert error(client.get("/images/json?all=x"), 400, "Bad parameter")


@pytest.mark.parametrize("world", ["empty"])
def test_without_images_lists_are_empty(client: WireClient) -> None:
    assert client.get("/images/json").text == "[]"
    viz = client.get("/images/viz")
    assert (viz.status, viz.type, viz.body, viz.fields["content-length"]) == (200, None, b"", "0")


def test_a_graph_with_a_missing_parent_ends_with_an_error(client: WireClient, daemon: FakeDocker) -> None:
    parent = daemon.engine.image("base").parent
    client.delete(f"/v1.0/images/{parent}")
    reply = client.get("/images/viz")
    assert (reply.status, reply.type) == (200, TEXT)
    assert reply.text == f"digraph docker {{\nError while getting parent image: No such id: {parent}\n"


def test_the_graph_shows_parents_and_labels(client: WireClient, grow: Callable[..., str]) -> None:
    daughter = grow(BASE, "t:1", "t:2", "u")
    lines = client.get("/images/viz").text.splitlines()
    assert lines[0] == "digraph docker {"
    assert lines[-2:] == [" base [style=invisible]", "}"]
    style = 'shape=box,fillcolor="paleturquoise",style="filled,rounded"];'
    arrows = {
        PARENT: f' base -> "{PARENT[:12]}" [style=invis]',
        BASE: f' "{PARENT[:12]}" -> "{BASE[:12]}"',
        daughter: f' "{BASE[:12]}" -> "{short(daughter)}"',
    }
    assert lines[1:4] == [arrows[one] for one in sorted(arrows)]
    labels = [
        f' "{BASE[:12]}" [label="{BASE[:12]}\\nbase",{style}',
        f' "{short(daughter)}" [label="{short(daughter)}\\nt\\nu",{style}',
    ]
    assert sorted(lines[4:-2]) == sorted(labels)


# -- the ways to name one ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["base", "base:latest", "base:ubuntu-12.10", BASE, BASE[:12], "b7"])
def test_an_image_is_found_by_name_or_by_the_beginning_of_its_id(client: WireClient, name: str) -> None:
    assert client.get(f"/images/{name}/json").json["id"] == BASE


@pytest.mark.parametrize(
    "name",
    [
        "nosuch",
        "base:",
        "base:nosuch",
        f"{BASE[:12]}:latest",
        BASE.upper(),
        BASE + "0",
        "host:5000/x",
        "Base",
        "base/latest",
    ],
)
def test_an_image_that_is_not_there_is_404(client: WireClient, name: str) -> None:
    assert error(client.get(f"/images/{name}/json"), 404, f"No such image: {name}")
    assert error(client.delete(f"/images/{name}"), 404, f"No such image: {name}")


def test_a_short_name_may_be_taken_for_an_id(client: WireClient, grow: Callable[..., str]) -> None:
    daughter = grow(BASE, "b")
    found = client.get("/images/b/json").json["id"]
    assert found == (BASE if not daughter.startswith("b") else daughter)


def test_an_ambiguous_beginning_names_nothing(client: WireClient, grow: Callable[..., str]) -> None:
    seen: dict[str, int] = {PARENT[0]: 1, BASE[0]: 1}
    for _ in range(17):
        digit = grow()[0]
        seen[digit] = seen.get(digit, 0) + 1
    digit = next(one for one, times in seen.items() if times > 1)
    assert error(client.get(f"/images/{digit}/json"), 404, f"No such image: {digit}")


# -- inspection and history ---------------------------------------------------------------------------------


def test_a_committed_image_shows_where_it_comes_from(client: WireClient, daemon: FakeDocker) -> None:
    container = daemon.engine.run("base", "true")
    daemon.advance(1)
    query = f"container={container.id}&comment=because&author=me"
    image = client.post(f"/commit?{query}", json={"Cmd": ["top"]}).json["Id"]
    shown = client.get(f"/images/{image}/json").json
    assert list(shown) == [
        "id",
        "parent",
        "comment",
        "created",
        "container",
        "container_config",
        "docker_version",
        "author",
        "config",
        "architecture",
    ]
    assert (shown["parent"], shown["comment"], shown["author"]) == (BASE, "because", "me")
    assert (shown["container"], shown["created"]) == (container.id, "2013-06-12T13:00:01Z")
    assert (shown["container_config"]["Cmd"], shown["config"]["Cmd"]) == (["true"], ["top"])
    assert (len(shown["container_config"]), len(shown["config"])) == (18, 18)
    assert (shown["docker_version"], shown["architecture"]) == ("0.4.0", "x86_64")


def test_an_imported_image_shows_little(client: WireClient) -> None:
    image = client.post("/images/create?fromSrc=-").json["status"]
    shown = client.get(f"/images/{image}/json").json
    assert list(shown) == ["id", "comment", "created", "container_config", "docker_version", "architecture"]
    assert shown["comment"] == "Imported from -"


def test_history_goes_back_to_the_first(client: WireClient, grow: Callable[..., str]) -> None:
    middle = grow()
    leaf = grow(middle, "leaf")
    for name in ("leaf", leaf, short(leaf)):
        entries = client.get(f"/images/{name}/history").json
        assert [one["Id"] for one in entries] == [short(one) for one in (leaf, middle, BASE, PARENT)]
    assert [one["CreatedBy"] for one in entries] == ["true", "true", "/bin/bash", ""]
    assert list(entries[0]) == ["Id", "Created", "CreatedBy"]


def test_history_ends_where_a_parent_is_gone(client: WireClient, grow: Callable[..., str]) -> None:
    middle = grow()
    leaf = grow(middle)
    client.delete(f"/v1.0/images/{middle}")
    assert [one["Id"] for one in client.get(f"/images/{leaf}/history").json] == [short(leaf)]


# -- search ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("world", ["index-2013"])
def test_a_search_shows_name_and_description(client: WireClient) -> None:
    reply = client.get("/images/search?term=sshd")
    assert (reply.status, reply.type) == (200, "application/json")
    assert [list(one) for one in reply.json] == [["Name", "Description"]] * 2
    assert reply.json[0] == {"Name": "cespare/sshd", "Description": ""}
    assert reply.json[1]["Description"].endswith("to see truncation")


@pytest.mark.parametrize("world", ["index-2013"])
@pytest.mark.parametrize(
    ("query", "status", "text"),
    [
        ("?term=nothing", 200, "null"),
        ("?term=boom", 500, "Unexepected status code 500\n"),
        ("?term=no%20such", 200, "null"),
    ],
)
def test_a_search_may_find_nothing_or_fail(client: WireClient, query: str, status: int, text: str) -> None:
    reply = client.get(f"/images/search{query}")
    assert (reply.status, reply.text) == (status, text)


@pytest.mark.parametrize("world", ["index-2013"])
def test_a_search_without_term_asks_the_index_all_the_same(client: WireClient) -> None:
    assert len(client.get("/images/search").json) == 2


# -- tag --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("repo=mine", "mine:latest"),
        ("repo=mine&tag=", "mine:latest"),
        ("repo=mine&tag=v1", "mine:v1"),
        ("repo=Mine_%2B&tag=V.1-x", "Mine_+:V.1-x"),
        ("repo=me/mine&tag=v1", "me/mine:v1"),
    ],
)
def test_an_image_gets_one_more_name(client: WireClient, daemon: FakeDocker, query: str, name: str) -> None:
    reply = client.post(f"/images/base/tag?{query}")
    assert (reply.status, reply.type, reply.body) == (200, None, b"")
    assert daemon.engine.tags()[name] == BASE


@pytest.mark.parametrize(
    ("path", "status", "text"),
    [
        ("nosuch/tag?repo=&force=x", 400, "Bad parameter"),
        ("nosuch/tag?repo=", 404, "No such image: nosuch"),
        ("base/tag", 500, "Repository name can't be empty"),
        ("base/tag?repo=", 500, "Repository name can't be empty"),
        ("base/tag?repo=a:b", 500, "Illegal repository name: a:b"),
        ("base/tag?repo=a&tag=x/y", 500, "Illegal tag name: x/y"),
        ("base/tag?repo=a&tag=x:y", 500, "Illegal tag name: x:y"),
    ],
)
def test_tag_refuses_in_this_order(client: WireClient, daemon: FakeDocker, path: str, status: int, text: str) -> None:
    before = daemon.engine.tags()
    assert error(client.post(f"/images/{path}"), status, text)
    assert daemon.engine.tags() == before


def test_a_tag_may_come_as_a_form(client: WireClient, daemon: FakeDocker) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert client.post("/images/base/tag?repo=query", "repo=form&tag=v1", headers=form).status == 200
    assert "form:v1" in daemon.engine.tags()


# -- delete -----------------------------------------------------------------------------------------------

Done = list[dict[str, str]]


def removed(client: WireClient, name: str) -> Done:
    reply = client.delete(f"/v1.1/images/{name}")
    assert (reply.status, reply.type) == (200, "application/json")
    done: Done = reply.json
    return done


def untagged(identity: str) -> dict[str, str]:
    return {"Untagged": short(identity)}


def deleted(identity: str) -> dict[str, str]:
    return {"Deleted": short(identity)}


def test_one_of_several_names_is_only_untagged(
    client: WireClient, grow: Callable[..., str], daemon: FakeDocker
) -> None:
    image = grow(BASE, "one", "one:2", "two")
    assert removed(client, "one:2") == [untagged(image)]
    assert removed(client, "one:latest") == [untagged(image)]
    assert removed(client, "two") == [untagged(image), deleted(image)]
    assert client.get(f"/images/{image}/json").status == 404


def test_a_bare_name_takes_the_whole_repository(
    client: WireClient, grow: Callable[..., str], daemon: FakeDocker
) -> None:
    latest, other = grow(BASE, "one"), grow(BASE, "one:old")
    assert removed(client, "one") == [untagged(latest), deleted(latest)]
    assert not any(name.startswith("one:") for name in daemon.engine.tags())
    assert daemon.engine.image(other).id == other


def test_a_repository_without_latest_cannot_be_removed_by_its_bare_name(
    client: WireClient, grow: Callable[..., str]
) -> None:
    grow(BASE, "one:old")
    assert error(client.delete("/v1.1/images/one"), 404, "No such image: one")


def test_untagged_parents_go_as_well_up_to_a_name(client: WireClient, grow: Callable[..., str]) -> None:
    first = grow()
    second = grow(first)
    leaf = grow(second, "leaf")
    assert removed(client, "leaf") == [untagged(leaf), deleted(leaf), deleted(second), deleted(first)]
    assert client.get("/images/base/json").status == 200


def test_untagged_children_go_first(client: WireClient, grow: Callable[..., str]) -> None:
    image = grow(BASE, "one")
    child = grow(image)
    grandchild = grow(child)
    assert removed(client, "one") == [untagged(image), deleted(grandchild), deleted(child), deleted(image)]


def test_all_untagged_children_go(client: WireClient, grow: Callable[..., str], daemon: FakeDocker) -> None:
    image = grow(BASE, "one")
    children = {grow(image) for _ in range(3)}
    done = removed(client, "one")
    assert done[0] == untagged(image)
    assert done[-1] == deleted(image)
    assert {one["Deleted"] for one in done[1:-1]} == {short(one) for one in children}


def test_a_name_further_down_keeps_what_it_needs(client: WireClient, grow: Callable[..., str]) -> None:
    image = grow(BASE, "one")
    kept = grow(image, "kept")
    gone = grow(image)
    assert removed(client, "one") == [untagged(image), deleted(gone)]
    assert [one["Id"] for one in client.get("/images/kept/history").json][:2] == [short(kept), short(image)]


def test_by_its_id_a_named_image_is_not_removed(client: WireClient, grow: Callable[..., str]) -> None:
    image = grow(BASE, "one")
    for name in (image, short(image)):
        assert error(client.delete(f"/v1.1/images/{name}"), 409, f"Conflict, {name} wasn't deleted")
    assert client.get("/images/one/json").status == 200


def test_by_its_id_a_parent_of_something_named_is_not_removed(client: WireClient, grow: Callable[..., str]) -> None:
    middle = grow()
    grow(middle, "leaf")
    assert error(client.delete(f"/v1.1/images/{middle}"), 409, f"Conflict, {middle} wasn't deleted")


def test_by_its_id_a_nameless_image_is_removed(client: WireClient, grow: Callable[..., str]) -> None:
    image = grow()
    assert removed(client, short(image)) == [deleted(image)]


def test_force_is_taken_and_changes_nothing(client: WireClient, grow: Callable[..., str]) -> None:
    image = grow(BASE, "one")
    assert client.delete(f"/v1.1/images/{image}?force=1").status == 409
    assert client.delete("/v1.1/images/one?force=nonsense").status == 200


def test_an_image_in_use_is_removed_and_its_container_stays(client: WireClient, grow: Callable[..., str]) -> None:
    image = grow(BASE, "one")
    container = client.post("/containers/create", json={"Image": "one", "Cmd": ["true"]}).json["Id"]
    removed(client, "one")
    assert client.get("/containers/json?all=1").json[0]["Image"] == short(image)
    text = f"Error starting container {container}: No such id: {image}"
    assert error(client.post(f"/containers/{container}/start"), 500, text)


def test_api_1_0_takes_exactly_the_image_and_leaves_its_names(client: WireClient, grow: Callable[..., str]) -> None:
    image = grow(BASE, "one")
    child = grow(image, "child")
    reply = client.delete("/v1.0/images/one")
    assert (reply.line, reply.type, reply.body) == ("HTTP/1.1 204 No Content", None, b"")
    assert client.get("/images/one/json").status == 404
    assert client.get("/images/child/json").json["id"] == child
    assert "one" not in {one[0] for one in listed(client)}


# -- getCache ------------------------------------------------------------------------------------------


def ask_cache(client: WireClient, parent: str, **config: Any) -> Reply:
    return client.post("/images/getCache", json={"Id": parent, **config})


def test_the_cache_finds_what_the_same_step_made(client: WireClient, daemon: FakeDocker) -> None:
    container = daemon.engine.run("base", "touch", "/x", env=("A=1",))
    daemon.advance(1)
    image = daemon.engine.commit(container)
    hit = ask_cache(client, BASE, Cmd=["touch", "/x"], Env=["A=1"], Hostname="other", Image="whatever")
    assert (hit.status, hit.type, hit.json) == (200, "application/json", {"Id": image.id})
    for parent, config in [
        (BASE, {"Cmd": ["touch", "/y"], "Env": ["A=1"]}),
        (BASE, {"Cmd": ["touch", "/x"]}),
        (BASE, {"Cmd": ["touch", "/x"], "Env": ["A=1"], "OpenStdin": True}),
        (BASE, {"Cmd": ["touch", "/x"], "Env": ["A=1"], "User": "daemon"}),
        (BASE[:12], {"Cmd": ["touch", "/x"], "Env": ["A=1"]}),
        ("nosuch", {"Cmd": ["touch", "/x"], "Env": ["A=1"]}),
    ]:
        miss = ask_cache(client, parent, **config)
        assert (miss.status, miss.type, miss.body) == (404, None, b""), (parent, config)


# -- commit -----------------------------------------------------------------------------------------------


def test_what_never_ran_cannot_be_committed(client: WireClient, daemon: FakeDocker) -> None:
    container = daemon.engine.create("base", "true")
    reply = client.post(f"/commit?container={container.id}")
    assert (reply.status, reply.type) == (500, TEXT)
    assert "tar" in reply.text


@pytest.mark.parametrize("query", ["m=why", "comment=why"])
def test_a_commit_keeps_its_message(client: WireClient, daemon: FakeDocker, query: str) -> None:
    container = daemon.engine.run("base", "true")
    image = client.post(f"/commit?container={container.id}&repo=a&tag=b&{query}").json["Id"]
    assert re.fullmatch("[0-9a-f]{12}", image)
    assert daemon.engine.image("a:b").comment == "why"
    assert short(daemon.engine.image("a:b").id) == image


@pytest.mark.parametrize("body", [b"", b"nonsense", b"[]", b'{"Cmd": 1}'])
def test_a_commit_takes_its_config_from_the_query_if_the_body_has_none(
    client: WireClient, daemon: FakeDocker, body: bytes
) -> None:
    container = daemon.engine.run("base", "true")
    run = "%7B%22Cmd%22:%5B%22cat%22,%22/world%22%5D,%22PortSpecs%22:%5B%2222%22%5D%7D"
    image = client.post(f"/commit?container={container.id}&run={run}", body).json["Id"]
    config = daemon.engine.image(image).config
    assert config is not None
    assert (config.cmd, config.port_specs) == (("cat", "/world"), ("22",))


def test_a_commit_without_any_config_lends_nothing(client: WireClient, daemon: FakeDocker) -> None:
    container = daemon.engine.run("base", "true")
    image = client.post(f"/commit?container={container.id}&run=nonsense", "nonsense").json["Id"]
    assert client.get(f"/images/{image}/json").json["config"]["Cmd"] is None


def test_a_commit_with_a_bad_name_fails_but_the_image_is_there(client: WireClient, daemon: FakeDocker) -> None:
    container = daemon.engine.run("base", "true")
    before = len(daemon.engine.images())
    assert error(client.post(f"/commit?container={container.id}&repo=a:b"), 500, "Illegal repository name: a:b")
    assert len(daemon.engine.images()) == before + 1


def test_a_commit_holds_what_the_container_changed(client: WireClient, daemon: FakeDocker) -> None:
    container = daemon.engine.run("base", "sh", "-c", "echo mine > /mine; rm /etc/passwd; sleep 100")
    daemon.advance(1)
    client.post(f"/commit?container={container.id}&repo=mine")
    again = daemon.engine.run("mine", "sh", "-c", "cat /mine; test -e /etc/passwd || echo gone")
    daemon.advance(1)
    assert daemon.engine.logs(again) == b"mine\ngone\n"
