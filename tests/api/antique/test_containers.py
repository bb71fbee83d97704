"""Containers over the wire: from create to remove, lists, inspection, what changed, export."""

from __future__ import annotations

import io
import re
import tarfile
from collections.abc import Callable

import pytest
from wire_client import Reply, WireClient

from fakedocker import FakeDocker

TEXT = "text/plain; charset=utf-8"
BASE = "b750fe79269d2ec9a3c593ef05b4332b1d1a02a62b4accb2c21d589ff2f5f2dc"
#: A process that ignores nothing it is asked, but does not end either: it says so.
STUBBORN = ("sh", "-c", "trap 'echo asked' TERM; sleep 1000 & while true; do wait; done")


@pytest.fixture
def clock() -> str:
    return "manual"


def error(reply: Reply, status: int, text: str) -> bool:
    """Check that an answer is an error with this text."""
    assert (reply.status, reply.type, reply.text) == (status, TEXT, text + "\n")
    return True


def create(client: WireClient, *cmd: str, **config: object) -> str:
    reply = client.post("/containers/create", json={"Image": "base", "Cmd": list(cmd), **config})
    assert reply.status == 201, reply.text
    return str(reply.json["Id"])


def inspect(client: WireClient, name: str) -> dict:
    return client.get(f"/containers/{name}/json").json


# -- create -----------------------------------------------------------------------------------


def test_create_answers_with_the_short_id(client: WireClient, daemon: FakeDocker) -> None:
    identity = create(client, "date")
    assert re.fullmatch("[0-9a-f]{12}", identity)
    assert daemon.engine.container(identity).config.cmd == ("date",)


def test_a_container_keeps_the_whole_config(client: WireClient) -> None:
    given = {
        "Hostname": "h",
        "User": "daemon",
        "Memory": 33554432,
        "MemorySwap": -1,
        "CpuShares": 5,
        "AttachStdin": True,
        "AttachStdout": True,
        "AttachStderr": True,
        "PortSpecs": ["80", ":81"],
        "Tty": True,
        "OpenStdin": True,
        "StdinOnce": True,
        "Env": ["A=b"],
        "Cmd": ["a", "b c"],
        "Dns": ["8.8.8.8"],
        "Image": "base:ubuntu-12.10",
        "Volumes": {"/data": {}},
        "VolumesFrom": "x",
    }
    identity = client.post("/containers/create", json=given).json["Id"]
    shown = inspect(client, identity)
    assert shown["Config"] == given
    assert list(shown["Config"]) == list(given)
    assert (shown["Path"], shown["Args"], shown["Image"]) == ("a", ["b c"], BASE)
    assert shown["ResolvConfPath"].endswith(f"{shown['Id']}/resolv.conf")


def test_what_was_not_given_is_null_and_what_was_given_empty_stays_empty(client: WireClient) -> None:
    left = inspect(client, create(client, "true"))["Config"]
    given = inspect(client, create(client, "true", Env=[], Dns=[], PortSpecs=[], Volumes={}))["Config"]
    assert [left[name] for name in ("Env", "Dns", "PortSpecs", "Volumes")] == [None] * 4
    assert [given[name] for name in ("Env", "Dns", "PortSpecs", "Volumes")] == [[], [], [], {}]


def test_the_hostname_is_the_short_id_unless_given(client: WireClient) -> None:
    identity = create(client, "true")
    assert inspect(client, identity)["Config"]["Hostname"] == identity


@pytest.mark.parametrize(
    ("body", "status", "text"),
    [
        ({"Cmd": ["true"], "Image": "nosuch"}, 404, "No such image: nosuch"),
        ({"Cmd": ["true"], "Image": ""}, 404, "No such image: "),
        ({"Cmd": ["true"]}, 404, "No such image: "),
        ({}, 404, "No such image: "),
        ({"Image": "nosuch"}, 404, "No such image: nosuch"),
        ({"Image": "base:nosuch", "Cmd": ["true"]}, 404, "No such image: base:nosuch"),
        ({"Image": "base:", "Cmd": ["true"]}, 404, "No such image: base:"),
        ({"Image": "base"}, 500, "No command specified"),
        ({"Image": "base", "Cmd": []}, 500, "No command specified"),
    ],
)
def test_create_refuses(client: WireClient, daemon: FakeDocker, body: object, status: int, text: str) -> None:
    assert error(client.post("/containers/create", json=body), status, text)
    assert daemon.engine.containers() == []


def test_create_checks_nothing_that_start_checks(client: WireClient) -> None:
    create(client, "nosuch", User="nobody-knows", PortSpecs=["x:y:z"], VolumesFrom="nosuch")


def test_an_image_lends_its_config(client: WireClient) -> None:
    source = create(client, "true")
    client.post(f"/containers/{source}/start")
    run = {"Cmd": ["echo", "lent"], "Env": ["A=1"], "Tty": True, "AttachStdin": True, "Volumes": {"/v": {}}}
    image = client.post(f"/commit?container={source}", json=run).json["Id"]
    lent = inspect(client, client.post("/containers/create", json={"Image": image}).json["Id"])["Config"]
    assert (lent["Cmd"], lent["Env"], lent["Tty"]) == (["echo", "lent"], ["A=1"], True)
    assert (lent["AttachStdin"], lent["Volumes"]) == (False, None)
    own = {"Image": image, "Cmd": ["own"], "Env": ["B=2"]}
    own_config = inspect(client, client.post("/containers/create", json=own).json["Id"])["Config"]
    assert (own_config["Cmd"], own_config["Env"]) == (["own"], ["B=2"])


# -- the ways to name one ------------------------------------------------------------------------


def test_an_unambiguous_beginning_of_the_id_names_a_container(client: WireClient, daemon: FakeDocker) -> None:
    one = daemon.engine.create("base", "true").id
    other = daemon.engine.create("base", "true").id
    first = next(place for place in range(64) if one[place] != other[place])
    for name in (one, one[:12], one[: first + 1]):
        assert inspect(client, name)["Id"] == one
    bad = [one.upper() if one.upper() != one else "X", one + "0", "nosuch", one[1:]]
    if first:
        bad.append(one[:first])
    for name in bad:
        assert error(client.get(f"/containers/{name}/json"), 404, f"No such container: {name}")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/containers/nosuch/json"),
        ("GET", "/containers/nosuch/changes"),
        ("GET", "/containers/nosuch/export"),
        ("POST", "/containers/nosuch/start"),
        ("POST", "/containers/nosuch/stop"),
        ("POST", "/containers/nosuch/restart"),
        ("POST", "/containers/nosuch/kill"),
        ("POST", "/containers/nosuch/wait"),
        ("POST", "/containers/nosuch/resize?h=1&w=1"),
        ("POST", "/containers/nosuch/attach"),
        ("DELETE", "/containers/nosuch"),
        ("POST", "/commit?container=nosuch"),
    ],
)
def test_a_container_that_is_not_there_is_404_everywhere(client: WireClient, method: str, path: str) -> None:
    assert error(client.request(method, path), 404, "No such container: nosuch")


# -- lists ---------------------------------------------------------------------------------------------


@pytest.fixture
def five(client: WireClient, daemon: FakeDocker) -> list[str]:
    """Five containers, oldest first; the first and the fourth run."""
    found = []
    for number in range(5):
        container = daemon.engine.create("base", "sleep", "1000")
        if number in (0, 3):
            daemon.engine.start(container)
        found.append(container.id[:12])
        daemon.advance(1)
    return found


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("", [3, 0]),
        ("all=0", [3, 0]),
        ("all=1", [4, 3, 2, 1, 0]),
        ("all=True", [4, 3, 2, 1, 0]),
        ("limit=2", [4, 3]),
        ("limit=2&all=1", [4, 3]),
        ("limit=9", [4, 3, 2, 1, 0]),
        ("limit=0", []),
        ("limit=0&all=1", []),
        ("limit=-1", [3, 0]),
        ("limit=-5", [4, 3, 2, 1, 0]),
        ("limit=x", [3, 0]),
        ("limit=", [3, 0]),
        ("since={1}", [4, 3, 2]),
        ("before={3}", [2, 1, 0]),
        ("before={0}", []),
        ("since={4}", []),
        ("since={0}&before={4}", [3, 2, 1]),
        ("since={0}&before={4}&limit=2", [3, 2]),
        ("before={4}&limit=1", [3]),
        ("since=000000000000", [4, 3, 2, 1, 0]),
        ("before=000000000000", []),
        ("since=&before=", [3, 0]),
        ("size=1&trunc_cmd=0", [3, 0]),
    ],
)
@pytest.mark.parametrize("path", ["/containers/json", "/containers/ps"])
def test_a_list_is_filtered(client: WireClient, five: list[str], path: str, query: str, numbers: list[int]) -> None:
    reply = client.get(f"{path}?{query.format(*five)}")
    assert (reply.status, reply.type) == (200, "application/json")
    assert [five.index(one["Id"]) for one in reply.json] == numbers


@pytest.mark.parametrize("value", ["x", "2", "yes"])
def test_a_list_with_a_bad_flag_is_refused(client: WireClient, value: str) -> None:
    assert error(client.get(f"/containers/json?all={value}"), 400, "Bad parameter")


def test_an_empty_list_is_a_list(client: WireClient) -> None:
    reply = client.get("/containers/json?all=1")
    assert reply.text == "[]"


def test_an_entry_shows_its_members_in_order(client: WireClient, daemon: FakeDocker) -> None:
    create(client, "echo", "a b", "c")
    (entry,) = client.get("/containers/json?all=1").json
    assert list(entry) == ["Id", "Image", "Command", "Created", "Status", "Ports"]
    assert (entry["Image"], entry["Command"], entry["Status"], entry["Ports"]) == (
        "base:latest",
        "echo a b c",
        "Exit 0",
        "",
    )
    assert entry["Created"] == int(daemon.engine.containers()[0].created)


def test_a_command_without_arguments_ends_with_a_blank(client: WireClient) -> None:
    create(client, "true")
    assert client.get("/containers/json?all=1").json[0]["Command"] == "true "


def test_an_image_shows_by_the_first_of_its_present_names(client: WireClient) -> None:
    create(client, "true", Image="base:ubuntu-quantal")

    def shown() -> str:
        return str(client.get("/containers/json?all=1").json[0]["Image"])

    assert shown() == "base:latest"
    client.post("/images/base/tag?repo=a")
    assert shown() == "a:latest"
    for name in ("a", "base"):
        client.delete(f"/v1.1/images/{name}")
    assert shown() == BASE[:12]


def test_ports_show_sorted_as_text(client: WireClient) -> None:
    identity = create(client, "sleep", "1000", PortSpecs=["80", "443", ":22"])
    client.post(f"/containers/{identity}/start")
    reply = client.get("/containers/json")
    assert reply.json[0]["Ports"] == "22->22, 49153->80, 49154->443"
    assert "22-\\u003e22" in reply.text


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "Up Less than a second"),
        (0.9, "Up Less than a second"),
        (1, "Up 1 seconds"),
        (59, "Up 59 seconds"),
        (60, "Up About a minute"),
        (119, "Up About a minute"),
        (120, "Up 2 minutes"),
        (3599, "Up 59 minutes"),
        (3600, "Up About an hour"),
        (7200, "Up 2 hours"),
        (47 * 3600, "Up 47 hours"),
        (48 * 3600, "Up 2 days"),
        (13.9 * 86400, "Up 13 days"),
        (14 * 86400, "Up 2 weeks"),
        (89 * 86400, "Up 12 weeks"),
        (90 * 86400, "Up 3 months"),
        (729 * 86400, "Up 24 months"),
        (730 * 86400, "Up 2 years"),
    ],
)
def test_a_running_container_says_for_how_long(
    client: WireClient, daemon: FakeDocker, seconds: float, words: str
) -> None:
    daemon.engine.run("base", "sleep", "100000000")
    daemon.advance(seconds)
    assert client.get("/containers/json").json[0]["Status"] == words


@pytest.mark.parametrize(
    ("command", "status"),
    [
        (("true",), "Exit 0"),
        (("sh", "-c", "exit 42"), "Exit 42"),
        (("nosuch",), "Exit 127"),
        (("sh", "-c", "kill -9 $$; exit 7"), "Exit 7"),  # the first process is safe from itself
    ],
)
def test_a_stopped_container_shows_its_exit_code(
    client: WireClient, daemon: FakeDocker, command: tuple[str, ...], status: str
) -> None:
    daemon.engine.run("base", *command)
    daemon.advance(1)
    assert client.get("/containers/json?all=1").json[0]["Status"] == status


# -- the life of one -----------------------------------------------------------------------------------


def test_a_container_is_created_run_and_over(client: WireClient, daemon: FakeDocker) -> None:
    identity = create(client, "sleep", "5", PortSpecs=["80"], Volumes={"/data": {}})
    fresh = inspect(client, identity)
    assert fresh["State"] == {
        "Running": False,
        "Pid": 0,
        "ExitCode": 0,
        "StartedAt": "0001-01-01T00:00:00Z",
        "Ghost": False,
    }
    nowhere = {"IpAddress": "", "IpPrefixLen": 0, "Gateway": "", "Bridge": "", "PortMapping": None}
    assert (fresh["NetworkSettings"], fresh["Volumes"]) == (nowhere, None)

    reply = client.post(f"/containers/{identity}/start")
    assert (reply.status, reply.body) == (200, b"")
    running = inspect(client, identity)
    assert (running["State"]["Running"], running["State"]["ExitCode"]) == (True, 0)
    assert running["State"]["Pid"] > 0
    assert running["State"]["StartedAt"] == "2013-06-12T13:00:00Z"
    assert running["NetworkSettings"] == {
        "IpAddress": "172.16.42.2",
        "IpPrefixLen": 24,
        "Gateway": "172.16.42.1",
        "Bridge": "docker0",
        "PortMapping": {"80": "49153"},
    }
    assert re.fullmatch("[0-9a-f]{64}", running["Volumes"]["/data"])

    daemon.advance(6)
    over = inspect(client, identity)
    assert over["State"] == {**fresh["State"], "StartedAt": running["State"]["StartedAt"]}
    assert (over["NetworkSettings"], over["Volumes"]) == (nowhere, running["Volumes"])


def test_inspection_shows_its_members_in_order(client: WireClient) -> None:
    shown = inspect(client, create(client, "true"))
    assert list(shown) == [
        "Id",
        "Created",
        "Path",
        "Args",
        "Config",
        "State",
        "Image",
        "NetworkSettings",
        "SysInitPath",
        "ResolvConfPath",
        "Volumes",
    ]
    assert list(shown["State"]) == ["Running", "Pid", "ExitCode", "StartedAt", "Ghost"]
    assert (shown["Args"], shown["ResolvConfPath"]) == ([], "/etc/resolv.conf")


def test_times_have_as_many_digits_as_they_need(client: WireClient, daemon: FakeDocker) -> None:
    daemon.advance(0.25)
    assert inspect(client, create(client, "true"))["Created"] == "2013-06-12T13:00:00.25Z"


def test_a_container_that_runs_cannot_be_started(client: WireClient, daemon: FakeDocker) -> None:
    container = daemon.engine.run("base", "sleep", "1000")
    short = container.id[:12]
    text = f"Error starting container {short}: The container {container.id} is already running."
    assert error(client.post(f"/containers/{short}/start"), 500, text)


def test_a_stopped_container_starts_again_where_it_was(client: WireClient, daemon: FakeDocker) -> None:
    identity = create(client, "sh", "-c", "echo x >> /f; cat /f; exit 3")
    for _ in range(2):
        assert client.post(f"/containers/{identity}/start").status == 200
        daemon.advance(1)
    assert daemon.engine.logs(identity) == b"x\nx\nx\n"
    state = inspect(client, identity)["State"]
    assert (state["ExitCode"], state["StartedAt"]) == (3, "2013-06-12T13:00:01Z")


@pytest.mark.parametrize("body", [b"nonsense", b'{"Binds":["/a:/b"]}'])
def test_start_does_not_look_at_its_body(client: WireClient, body: bytes) -> None:
    identity = create(client, "true")
    assert client.post(f"/containers/{identity}/start", body, headers={"Content-Type": "plain/text"}).status == 200


@pytest.mark.parametrize(
    ("config", "text"),
    [
        ({"VolumesFrom": "nosuch"}, "Container {id} not found. Impossible to mount its volumes"),
        ({"PortSpecs": [":80", ":80"]}, "Port already in use: 80"),
    ],
)
def test_start_tells_what_it_tried(client: WireClient, config: dict, text: str) -> None:
    identity = create(client, "true", **config)
    whole = inspect(client, identity)["Id"]
    reply = client.post(f"/containers/{identity}/start")
    assert error(reply, 500, f"Error starting container {identity}: {text.format(id=whole)}")
    assert inspect(client, identity)["State"]["Running"] is False


@pytest.mark.parametrize("spec", ["x", "80:x", "65536", ":-1", "1:2:3", ""])
def test_a_port_that_is_none_fails_at_the_start(client: WireClient, spec: str) -> None:
    identity = create(client, "true", PortSpecs=[spec])
    reply = client.post(f"/containers/{identity}/start")
    assert (reply.status, reply.type) == (500, TEXT)
    assert reply.text.startswith(f"Error starting container {identity}: ")


def test_start_fails_when_the_image_is_gone(client: WireClient) -> None:
    identity = create(client, "true")
    client.delete("/v1.0/images/base")
    assert error(
        client.post(f"/containers/{identity}/start"), 500, f"Error starting container {identity}: No such id: {BASE}"
    )


@pytest.mark.parametrize(
    ("config", "code", "log"),
    [
        ({"Cmd": ["nosuch", "x"]}, 127, b"2013/06/12 13:00:00 Unable to locate nosuch\n"),
        (
            {"User": "nobody-knows"},
            1,
            b"2013/06/12 13:00:00 Unable to find user nobody-knows: user: unknown user nobody-knows\n",
        ),
    ],
)
def test_a_program_or_user_that_is_missing_shows_after_the_start(
    client: WireClient, daemon: FakeDocker, config: dict, code: int, log: bytes
) -> None:
    identity = create(client, "true", **config)
    assert client.post(f"/containers/{identity}/start").status == 200
    daemon.advance(1)
    assert inspect(client, identity)["State"]["ExitCode"] == code
    assert daemon.engine.logs(identity, "stderr") == log


@pytest.mark.parametrize("verb", ["stop", "kill"])
def test_what_does_not_run_can_be_stopped_without_effect(client: WireClient, daemon: FakeDocker, verb: str) -> None:
    identity = create(client, "sh", "-c", "exit 4")
    assert client.post(f"/containers/{identity}/{verb}").line == "HTTP/1.1 204 No Content"
    client.post(f"/containers/{identity}/start")
    daemon.advance(1)
    assert client.post(f"/containers/{identity}/{verb}").status == 204
    assert inspect(client, identity)["State"]["ExitCode"] == 4


@pytest.mark.parametrize(
    ("query", "grace"), [("", 10), ("?t=5", 5), ("?t=60", 60), ("?t=-1", 10), ("?t=x", 10), ("?t=", 10), ("?t=1.5", 10)]
)
@pytest.mark.parametrize("verb", ["stop", "restart"])
def test_a_process_has_its_time_before_it_is_killed(
    client: WireClient,
    connect: Callable[[], WireClient],
    daemon: FakeDocker,
    verb: str,
    query: str,
    grace: int,
) -> None:
    container = daemon.engine.run("base", *STUBBORN)
    daemon.advance(1)
    watcher = connect()
    watcher.ask("POST", f"/containers/{container.id}/attach?stream=1&stdout=1")
    watcher.head()
    client.ask("POST", f"/containers/{container.id}/{verb}{query}")
    watcher.until(b"asked\n")
    daemon.advance(grace - 0.01)
    assert client.quiet(0.02)
    daemon.advance(0.02)
    assert client.reply().status == 204
    if verb == "stop":
        assert (container.running, container.exit_code) == (False, 137)
    else:
        assert container.running


def test_without_grace_a_process_is_killed_at_once(client: WireClient, daemon: FakeDocker) -> None:
    container = daemon.engine.run("base", *STUBBORN)
    daemon.advance(1)
    assert client.post(f"/containers/{container.id}/stop?t=0").status == 204
    assert container.exit_code == 137


def test_a_process_that_minds_the_signal_ends_as_it_likes(
    client: WireClient, daemon: FakeDocker, answer_in_time: Callable[[WireClient], Reply]
) -> None:
    container = daemon.engine.run("base", "sh", "-c", "trap 'exit 5' TERM; sleep 1000 & wait")
    daemon.advance(1)
    client.ask("POST", f"/containers/{container.id}/stop")
    assert answer_in_time(client).status == 204
    assert container.exit_code == 5


def test_restart_starts_what_never_ran(client: WireClient, daemon: FakeDocker) -> None:
    identity = create(client, "sleep", "1000")
    assert client.post(f"/containers/{identity}/restart").status == 204
    assert inspect(client, identity)["State"]["Running"] is True


def test_restart_tells_what_it_tried(client: WireClient) -> None:
    identity = create(client, "true", PortSpecs=[":80", ":80"])
    reply = client.post(f"/containers/{identity}/restart")
    assert error(reply, 500, f"Error restarting container {identity}: Port already in use: 80")


def test_kill_ends_a_process_at_once(client: WireClient, daemon: FakeDocker) -> None:
    container = daemon.engine.run("base", *STUBBORN)
    daemon.advance(1)
    assert client.post(f"/containers/{container.id}/kill").status == 204
    state = inspect(client, container.id)["State"]
    assert (state["Running"], state["ExitCode"], state["Pid"]) == (False, 137, 0)
    assert client.get("/containers/json?all=1").json[0]["Status"] == "Exit 137"


# -- wait -------------------------------------------------------------------------------------------


def test_to_wait_for_what_does_not_run_is_over_at_once(client: WireClient, daemon: FakeDocker) -> None:
    identity = create(client, "sh", "-c", "exit 6")
    reply = client.post(f"/containers/{identity}/wait")
    assert (reply.status, reply.type, reply.text) == (200, "application/json", '{"StatusCode":0}')
    client.post(f"/containers/{identity}/start")
    daemon.advance(1)
    assert client.post(f"/containers/{identity}/wait").text == '{"StatusCode":6}'


def test_to_wait_says_nothing_before_the_end(client: WireClient, daemon: FakeDocker) -> None:
    container = daemon.engine.run("base", "sh", "-c", "sleep 100; exit 6")
    client.ask("POST", f"/containers/{container.id}/wait")
    assert client.quiet()
    daemon.advance(99)
    assert client.quiet(0.01)
    daemon.advance(2)
    assert client.reply().json == {"StatusCode": 6}
    assert client.get("/version").status == 200  # and the connection goes on


# -- resize -------------------------------------------------------------------------------------------


def test_a_terminal_can_be_resized(client: WireClient, daemon: FakeDocker) -> None:
    container = daemon.engine.run("base", "sleep", "1000", tty=True, open_stdin=True)
    reply = client.post(f"/containers/{container.id}/resize?h=41&w=121")
    assert (reply.status, reply.type, reply.body) == (200, None, b"")
    assert container.terminal is not None
    assert (container.terminal.rows, container.terminal.columns) == (41, 121)


def test_what_has_no_terminal_cannot_be_resized(client: WireClient) -> None:
    identity = create(client, "true")
    assert error(client.post(f"/containers/{identity}/resize?h=1&w=1"), 500, "ptyMaster does not have Fd() method")


@pytest.mark.parametrize("query", ["", "?h=1", "?w=1", "?h=x&w=1", "?h=1&w="])
def test_both_sizes_are_needed_before_the_container_is_looked_for(client: WireClient, query: str) -> None:
    reply = client.post(f"/containers/nosuch/resize{query}")
    assert (reply.status, reply.type) == (500, TEXT)
    assert "invalid syntax" in reply.text


# -- files ----------------------------------------------------------------------------------------------


def test_changes_are_listed_parents_first(client: WireClient, daemon: FakeDocker) -> None:
    container = daemon.engine.run("base", "sh", "-c", "mkdir /a; echo x > /a/b; rm /etc/passwd; echo y > /new")
    daemon.advance(1)
    reply = client.get(f"/containers/{container.id}/changes")
    assert (reply.status, reply.type) == (200, "application/json")
    assert reply.json == [
        {"Path": "/a", "Kind": 1},
        {"Path": "/a/b", "Kind": 1},
        {"Path": "/etc", "Kind": 0},
        {"Path": "/etc/passwd", "Kind": 2},
        {"Path": "/new", "Kind": 1},
    ]


def test_no_change_is_null(client: WireClient) -> None:
    assert client.get(f"/containers/{create(client, 'true')}/changes").text == "null"


def test_changes_of_what_has_no_image_any_more_are_404(client: WireClient) -> None:
    identity = create(client, "true")
    client.delete("/v1.0/images/base")
    assert error(client.get(f"/containers/{identity}/changes"), 404, f"No such id: {BASE}")


@pytest.mark.parametrize("state", ["created", "running", "exited"])
def test_export_is_a_tar_of_everything(client: WireClient, daemon: FakeDocker, state: str) -> None:
    container = daemon.engine.create("base", "sh", "-c", "echo x > /new; sleep 10")
    if state != "created":
        daemon.engine.start(container)
        daemon.advance(1 if state == "running" else 20)
    reply = client.get(f"/containers/{container.id}/export")
    assert (reply.status, reply.type) == (200, "application/octet-stream")
    assert reply.fields["transfer-encoding"] == "chunked"
    with tarfile.open(fileobj=io.BytesIO(reply.body), mode="r:") as tar:
        names = tar.getnames()
        assert names[0] == "."
        assert all(name == "." or name.startswith("./") for name in names)
        assert {"./etc/passwd", "./bin/sh"} <= set(names)
        assert ("./new" in names) == (state != "created")
        assert b"root:x:0:0" in tar.extractfile("./etc/passwd").read()  # type: ignore[union-attr]


# -- remove -----------------------------------------------------------------------------------------------


def test_a_container_is_removed(client: WireClient, daemon: FakeDocker) -> None:
    identity = create(client, "true")
    assert client.delete(f"/containers/{identity}").status == 204
    assert error(client.get(f"/containers/{identity}/json"), 404, f"No such container: {identity}")


def test_a_running_container_is_given_three_seconds_and_removed(
    client: WireClient, connect: Callable[[], WireClient], daemon: FakeDocker
) -> None:
    container = daemon.engine.run("base", *STUBBORN)
    daemon.advance(1)
    watcher = connect()
    watcher.ask("POST", f"/containers/{container.id}/attach?stream=1&stdout=1")
    watcher.head()
    client.ask("DELETE", f"/containers/{container.id}")
    watcher.until(b"asked\n")
    daemon.advance(2.99)
    assert client.quiet(0.02)
    daemon.advance(0.02)
    assert client.reply().status == 204
    assert daemon.engine.containers() == []
    assert watcher.rest() == b""


def test_a_bad_flag_is_refused_before_the_container_is_looked_for(client: WireClient) -> None:
    assert error(client.delete("/containers/nosuch?v=x"), 400, "Bad parameter")


def test_volumes_go_only_if_asked_and_nobody_uses_them(client: WireClient, daemon: FakeDocker) -> None:
    first = create(client, "sh", "-c", "echo kept > /data/f", Volumes={"/data": {}})
    client.post(f"/containers/{first}/start")
    daemon.advance(1)
    second = create(client, "cat", "/data/f", VolumesFrom=first)
    client.post(f"/containers/{second}/start")
    daemon.advance(1)
    assert daemon.engine.logs(second) == b"kept\n"
    assert client.delete(f"/containers/{first}?v=1").status == 204  # silently kept: the second uses them
    client.post(f"/containers/{second}/start")
    daemon.advance(1)
    assert daemon.engine.logs(second) == b"kept\nkept\n"


def test_a_container_removed_twice_at_once_is_gone_for_both(
    client: WireClient, connect: Callable[[], WireClient], daemon: FakeDocker, answer_in_time: Callable
) -> None:
    container = daemon.engine.run("base", *STUBBORN)
    daemon.advance(1)
    other = connect()
    for one in (client, other):
        one.ask("DELETE", f"/containers/{container.id}")
    assert [answer_in_time(client).status, other.reply().status] in ([204, 204], [204, 404], [404, 204])
    assert daemon.engine.containers() == []
