"""Containers in today's API: starts that fail, waiting, restarts, logs, and what is shown of them.

What real daemons answer to one request after the other stands in `tests/conformance/engine_api`; here is what takes
time, or several clients.
"""

from __future__ import annotations

import io
import json
import tarfile
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from modern.conftest import Dock

LOGS = "/containers/box/logs?stdout=1&stderr=1"


def lines(data: bytes) -> list[str]:
    """Return the lines of frames, whatever their channel."""
    found = b""
    while data:
        size = int.from_bytes(data[4:8])
        found, data = found + data[8 : 8 + size], data[8 + size :]
    return found.decode().splitlines()


# -- starts that fail ---------------------------------------------------------------------------------


def test_who_attached_before_a_start_that_fails_is_let_go(dock: Dock) -> None:
    dock.create("nosuch")
    client = dock.take_over("/containers/box/attach?stream=1&stdout=1&stderr=1")
    assert client.quiet()
    assert dock.post("/containers/box/start").status == 400
    assert client.rest() == b""


def test_a_start_that_fails_leaves_its_reason(dock: Dock) -> None:
    dock.create("/etc/passwd")
    dock.post("/containers/box/start")
    state = dock.inspect()["State"]
    assert (state["Status"], state["ExitCode"]) == ("created", 126)
    assert "permission denied" in state["Error"]


def test_a_container_to_be_removed_is_removed_when_its_start_fails(dock: Dock) -> None:
    identity = dock.create("nosuch", HostConfig={"AutoRemove": True})
    client = dock.client()
    client.ask("POST", f"/containers/{identity}/wait?condition=removed")
    client.head()
    dock.post(f"/containers/{identity}/start")
    assert json.loads(client.chunk()) == {"StatusCode": 127}
    assert dock.get(f"/containers/{identity}/json").status == 404


# -- waiting -----------------------------------------------------------------------------------------


def test_waiting_for_the_next_end_does_not_mean_the_last_one(dock: Dock) -> None:
    dock.run("sh", "-c", "exit 3")
    client = dock.client()
    client.ask("POST", "/containers/box/wait?condition=next-exit")
    client.head()
    assert client.quiet()
    dock.post("/containers/box/start")
    dock.daemon.advance(0.1)
    assert json.loads(client.chunk()) == {"StatusCode": 3}


def test_waiting_for_one_that_does_not_run_is_over_at_once(dock: Dock) -> None:
    dock.create("true")
    assert dock.post("/containers/box/wait").json == {"StatusCode": 0}


def test_waiting_for_a_removal_lasts_until_then(dock: Dock) -> None:
    dock.run("sleep", "5", HostConfig={"AutoRemove": True})
    client = dock.client()
    client.ask("POST", "/containers/box/wait?condition=removed")
    client.head()
    dock.daemon.advance(4)
    assert client.quiet()
    dock.daemon.advance(2)
    assert json.loads(client.chunk()) == {"StatusCode": 0}


def test_nobody_can_wait_for_anything_else(dock: Dock) -> None:
    dock.create("true")
    assert dock.post("/containers/box/wait?condition=nosuch").status == 400


# -- restarts ----------------------------------------------------------------------------------------


def test_a_container_that_fails_is_started_again_and_each_time_later(dock: Dock) -> None:
    dock.run("sh", "-c", "echo begun; exit 4", HostConfig={"RestartPolicy": {"Name": "on-failure"}})
    counts = []
    for _ in range(4):
        counts.append(dock.inspect()["RestartCount"])
        dock.daemon.advance(0.4)
    assert counts == sorted(counts)
    assert counts[-1] <= 4  # after 0.1, 0.2, 0.4, 0.8 seconds
    dock.daemon.advance(10)
    assert dock.inspect()["RestartCount"] > counts[-1]


def test_restarts_end_when_there_were_enough(dock: Dock) -> None:
    policy = {"Name": "on-failure", "MaximumRetryCount": 2}
    dock.run("sh", "-c", "echo begun; exit 4", HostConfig={"RestartPolicy": policy})
    dock.daemon.advance(60)
    assert dock.inspect()["RestartCount"] == 2
    assert lines(dock.get(LOGS).body) == ["begun"] * 3


def test_what_was_stopped_is_not_started_again(dock: Dock) -> None:
    dock.run("sleep", "1000", HostConfig={"RestartPolicy": {"Name": "always"}})
    dock.post("/containers/box/kill")
    dock.daemon.advance(60)
    assert dock.inspect()["State"]["Status"] == "exited"


def test_a_restarting_container_can_be_stopped(dock: Dock) -> None:
    dock.run("false", HostConfig={"RestartPolicy": {"Name": "always"}})
    dock.daemon.advance(30)
    while dock.inspect()["State"]["Status"] != "restarting":
        dock.daemon.advance(0.05)
    assert dock.post("/containers/box/stop").status == 204
    dock.daemon.advance(120)
    assert dock.inspect()["State"]["Status"] == "exited"


# -- logs --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["one", "two", "three"]),
        ("&tail=2", ["two", "three"]),
        ("&tail=0", []),
        ("&tail=all", ["one", "two", "three"]),
        ("&tail=-1", ["one", "two", "three"]),
        ("&since={middle}", ["two", "three"]),
        ("&until={middle}", ["one"]),
        ("&since={middle}&tail=1", ["three"]),
    ],
)
def test_logs_are_cut_as_asked(dock: Dock, query: str, expected: list[str]) -> None:
    dock.run("sh", "-c", "echo one; sleep 10; echo two; sleep 10; echo three")
    middle = dock.now() + 5
    dock.daemon.advance(30)
    assert lines(dock.get(LOGS + query.format(middle=middle)).body) == expected


def test_whoever_follows_a_log_sees_it_grow_and_end(dock: Dock) -> None:
    dock.run("sh", "-c", "echo one; sleep 10; echo two")
    client = dock.client()
    client.ask("GET", f"{LOGS}&follow=1")
    client.head()
    assert lines(client.chunk()) == ["one"]
    assert client.quiet()
    dock.daemon.advance(11)
    assert lines(client.chunk()) == ["two"]
    assert client.chunk() == b""


def test_a_log_without_a_channel_is_refused(dock: Dock) -> None:
    dock.create("true")
    assert dock.get("/containers/box/logs").status == 400


# -- the rest of their life ----------------------------------------------------------------------------


def test_nobody_in_a_paused_container_goes_on(dock: Dock) -> None:
    dock.run("sh", "-c", "sleep 5; echo late")
    dock.post("/containers/box/pause")
    dock.daemon.advance(60)
    assert lines(dock.get(LOGS).body) == []
    dock.post("/containers/box/unpause")
    dock.daemon.advance(6)
    assert lines(dock.get(LOGS).body) == ["late"]


def test_the_directory_a_command_begins_in_is_made(dock: Dock) -> None:
    dock.run("pwd", WorkingDir="/new/place")
    assert lines(dock.get(LOGS).body) == ["/new/place"]
    assert {"Path": "/new/place", "Kind": 1} in dock.get("/containers/box/changes").json


def test_a_file_is_no_place_to_begin_in(dock: Dock) -> None:
    body = {"Image": "busybox", "Cmd": ["true"], "WorkingDir": "/etc/passwd"}
    reply = dock.post("/containers/create?name=box", body)
    assert reply.json["message"] == "Cannot mkdir: /etc/passwd is not a directory"
    assert dock.get("/containers/box/json").status == 404


def test_a_read_only_root_cannot_be_written_but_what_is_mounted_there_can(dock: Dock) -> None:
    script = "echo x > /file || echo refused; echo x > /run/file && echo written"
    dock.run("sh", "-c", script, HostConfig={"ReadonlyRootfs": True, "Tmpfs": {"/run": ""}})
    said = lines(dock.get(LOGS).body)
    assert "refused" in said
    assert "written" in said


def test_a_variable_without_a_value_is_not_there(dock: Dock) -> None:
    dock.run("/bin/env", Env=["PATH", "KEPT=yes", "GONE"])
    said = lines(dock.get(LOGS).body)
    assert "KEPT=yes" in said
    assert not [line for line in said if line.startswith(("GONE", "PATH"))]


def test_without_a_path_only_paths_are_found(dock: Dock) -> None:
    dock.create("env", Env=["PATH"])
    assert "executable file not found in $PATH" in dock.post("/containers/box/start").json["message"]


def test_limits_that_are_none_are_shown_as_none(dock: Dock) -> None:
    dock.create("true", HostConfig={"PidsLimit": 0, "MemorySwappiness": -1})
    host = dock.inspect()["HostConfig"]
    assert (host["PidsLimit"], host["MemorySwappiness"]) == (None, None)


def test_who_shares_a_network_shares_the_host_name(dock: Dock) -> None:
    dock.run("sleep", "1000", name="owner", Hostname="shared")
    dock.run("hostname", HostConfig={"NetworkMode": "container:owner"})
    assert lines(dock.get(LOGS).body) == ["shared"]


def test_an_export_has_the_names_of_files_without_a_dot(dock: Dock) -> None:
    dock.create("true")
    with tarfile.open(fileobj=io.BytesIO(dock.get("/containers/box/export").body)) as archive:
        names = archive.getnames()
    assert "etc/passwd" in names
    assert not [name for name in names if name in ("", ".") or name.startswith("./")]


def test_leaving_by_keys_leaves_the_container_running(dock: Dock) -> None:
    dock.run("cat", Tty=True, OpenStdin=True)
    client = dock.take_over("/containers/box/attach?stream=1&stdin=1&stdout=1&detachKeys=ctrl-a,b")
    client.send(b"typed\n\x01b")
    assert client.rest().startswith(b"typed\r\n")
    assert dock.inspect()["State"]["Running"]


def test_the_end_of_input_ends_a_container_that_takes_it_once(dock: Dock) -> None:
    dock.create("cat", OpenStdin=True, StdinOnce=True)
    client = dock.take_over("/containers/box/attach?stream=1&stdin=1&stdout=1")
    client.send(b"early\n")
    dock.post("/containers/box/start")
    dock.daemon.advance(0.1)
    client.half_close()
    assert lines(client.rest()) == ["early"]
    dock.daemon.advance(0.1)
    assert dock.inspect()["State"]["Status"] == "exited"


# -- what of a configuration has an effect ------------------------------------------------------------


def test_whoever_waits_for_a_container_that_is_started_again_waits_for_one_end_only(dock: Dock) -> None:
    dock.run("sh", "-c", "sleep 1; exit 3", HostConfig={"RestartPolicy": {"Name": "always"}})
    client = dock.client()
    client.ask("POST", "/containers/box/wait")
    client.head()
    dock.daemon.advance(1)
    assert b'"StatusCode":3' in client.chunk()
    assert dock.inspect()["RestartCount"] == 1


def test_a_short_command_has_written_when_its_start_is_answered(dock: Dock) -> None:
    identity = dock.create("echo", "at once")
    dock.post(f"/containers/{identity}/start")
    assert b"at once" in dock.get("/containers/box/logs?stdout=1").body


def test_links_are_in_the_environment_and_have_to_run(dock: Dock) -> None:
    dock.run("sleep", "1000", name="other", Env=["A=1"], ExposedPorts={"80/tcp": {}})
    dock.run("env", HostConfig={"Links": ["other:db"]})
    told = dock.get("/containers/box/logs?stdout=1").text
    assert "DB_PORT=tcp://172.17.0.2:80" in told
    assert "DB_NAME=/box/db" in told
    assert "DB_ENV_A=1" in told

    dock.post("/containers/other/kill")
    identity = dock.create("env", name="late", HostConfig={"Links": ["other:db"]})
    reply = dock.post(f"/containers/{identity}/start")
    assert reply.status == 500
    assert reply.json["message"] == "Cannot link to a non running container: /other AS /late/db"


def test_a_command_is_in_more_groups(dock: Dock) -> None:
    dock.run("id", "-G", HostConfig={"GroupAdd": ["1000"]})
    assert dock.get("/containers/box/logs?stdout=1").body.endswith(b"0 1000\n")


def test_options_of_a_log_are_kept_and_a_log_that_is_not_kept_cannot_be_read(dock: Dock) -> None:
    dock.run("echo", "x", HostConfig={"LogConfig": {"Config": {"max-file": "3"}}})
    assert dock.inspect()["HostConfig"]["LogConfig"] == {"Type": "json-file", "Config": {"max-file": "3"}}

    dock.run("echo", "x", name="silent", HostConfig={"LogConfig": {"Type": "none"}})
    reply = dock.get("/containers/silent/logs?stdout=1")
    assert (reply.status, reply.json["message"]) == (501, "configured logging driver does not support reading")
